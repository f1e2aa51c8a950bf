package flow

import (
	"context"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// StartPayment opens a payment of the buyer's own unpaid order, or gives the
// open one, and the address to pay at. Faults: NotFound for another person's
// order, payment.order_paid, payment.order_closed, payment.order_expired,
// payment.unknown_gateway, payment.cannot_split, payment.gateway_down (try again: the same payment
// is used).
func (f *Flow) StartPayment(ctx context.Context, who actor.Actor, o id.Order, gateway string) (payment.Payment, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return payment.Payment{}, err
	}
	g := f.Gateways[gateway]
	if g == nil {
		return payment.Payment{}, fault.New(fault.Invalid, "payment.unknown_gateway").At("gateway")
	}
	p, x, err := f.openOrGet(ctx, who, o, gateway)
	if err == nil && (f.overdue(p) || misfit(ctx, g, p)) {
		// Nobody can pay it any more, and it must make room for a new one: the
		// order was given more time (ChooseTransfer) and the payment was not, or
		// the buyer went on with another device.
		if _, err := f.closePayment(ctx, g, p); err != nil {
			return payment.Payment{}, err
		}
		p, x, err = f.openOrGet(ctx, who, o, gateway)
	}
	if err != nil || p.PayURL != "" {
		return p, err
	}
	// Outside the transaction: the provider may be slow. A crash here leaves an
	// open payment without an address; the next try asks the provider again.
	if p.PayURL, err = g.Pay(ctx, p, subject(x), f.BaseURL+"/pay/return/"+string(x.ID), x.Expires); err != nil {
		return payment.Payment{}, err
	}
	return p, f.DB.Update(ctx, func(tx *db.Tx) error { return payment.SetPayURL(ctx, tx, p.ID, p.PayURL) })
}

func (f *Flow) overdue(p payment.Payment) bool {
	return !p.Expires.IsZero() && !f.DB.Clock.Now().Before(p.Expires)
}

// openOrGet gives the open payment of an order that its buyer may pay now.
func (f *Flow) openOrGet(ctx context.Context, who actor.Actor, o id.Order, gateway string) (p payment.Payment, x order.Order, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if x, err = f.payable(ctx, tx, who, o); err != nil {
			return err
		}
		if err = f.mayPayBy(ctx, tx, o, gateway); err != nil {
			return err
		}
		p, err = openPayment(ctx, tx, who, x, gateway)
		return err
	})
	return p, x, err
}

// payable reads an order that its buyer may pay now.
func (f *Flow) payable(ctx context.Context, q db.Querier, who actor.Actor, o id.Order) (order.Order, error) {
	x, err := order.ByID(ctx, q, o)
	switch {
	case err != nil:
		return x, err
	case x.Buyer != who.User:
		return x, fault.New(fault.NotFound, "fault.not_found")
	case x.State == order.Closed:
		return x, fault.New(fault.Gone, "payment.order_closed")
	case x.State != order.Unpaid:
		return x, fault.New(fault.Conflict, "payment.order_paid")
	case !db.Now(q).Before(x.Expires):
		return x, fault.New(fault.Gone, "payment.order_expired")
	}
	return x, nil
}

// openPayment gives the order's open payment at the gateway, a new one if
// there is none.
func openPayment(ctx context.Context, tx *db.Tx, who actor.Actor, x order.Order, gateway string) (payment.Payment, error) {
	p, ok, err := payment.OpenOf(ctx, tx, x.ID, gateway)
	if err != nil || ok {
		return p, err
	}
	p = payment.Payment{ID: id.New[id.Payment](), Order: x.ID, Gateway: gateway, Amount: x.Total, State: payment.StateOpen, Created: tx.Now, Expires: x.Expires}
	err = payment.Open(ctx, tx, p)
	if fault.HasKey(err, "payment.open") { // the buyer's other tab was faster
		p, _, err = payment.OpenOf(ctx, tx, x.ID, gateway)
		return p, err
	} else if err != nil {
		return p, err
	}
	return p, audit.Write(ctx, tx, who, "payment.open", "order", x.ID, map[string]any{"payment": p.ID, "gateway": gateway, "fen": p.Amount})
}

// subject is what the provider shows the buyer: goods and order number, which
// need no language.
func subject(x order.Order) string {
	const most = 60 // characters; providers take about 127 bytes
	s := ""
	if len(x.Lines) > 0 {
		s = x.Lines[0].Name
		if utf8.RuneCountInString(s) > 30 {
			s = string([]rune(s)[:30])
		}
		s += " · "
	}
	if s += x.No; utf8.RuneCountInString(s) > most {
		return x.No
	}
	return s
}

// Sweeps of this part that a transaction may kick; app gives them a period.
const (
	SweepQueries = "payments.query"
	SweepRefunds = "payments.refund"
)

// gatewayTimeout bounds one call of a sweep to a provider.
const gatewayTimeout = 10 * time.Second
