package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// RefundOrder refunds a paid order whole before it is shipped (service, or its
// buyer through CancelOrder): the order is closed, its goods go back on sale,
// the books take the sale back and owe the buyer the money, and a refund is
// written to be sent; all in one transaction. reason is payment.Cancelled or
// payment.AfterSale. Refunding again changes nothing. Faults: NotFound,
// payment.not_paid, payment.shipped.
func (f *Flow) RefundOrder(ctx context.Context, who actor.Actor, o id.Order, reason string) (order.Order, error) {
	if reason != payment.Cancelled && reason != payment.AfterSale {
		return order.Order{}, fault.New(fault.Invalid, "fault.choice").At("reason")
	}
	x, err := order.ByID(ctx, f.DB, o)
	if err != nil {
		return order.Order{}, err
	}
	if who.SignedIn() && x.Buyer == who.User {
		err = nil // one's own
	} else if err = who.Need(actor.Service); fault.Is(err, fault.Denied) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return order.Order{}, err
	}
	var closed []order.Order
	if err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		closed, err = f.refundPaid(ctx, tx, who, o, reason)
		return err
	}); err != nil {
		return order.Order{}, err
	}
	if len(closed) > 0 {
		f.StockChanged(ctx, productsOf(closed...)...)
	}
	return f.reread(ctx, o, nil)
}

// refundPaid refunds a paid order in tx; nothing when it was refunded before.
func (f *Flow) refundPaid(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order, reason string) ([]order.Order, error) {
	p, ok, err := payment.PaidOf(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	if ok { // its row is locked before the order's, as everywhere
		if _, _, err := payment.Lock(ctx, tx, p.Gateway, p.ID); err != nil {
			return nil, err
		}
	}
	moved, err := order.Move(ctx, tx, o, order.Paid, order.Closed, order.Refunded)
	if err != nil {
		return nil, err
	}
	orders, sales, err := readSales(ctx, tx, []id.Order{o})
	if err != nil {
		return nil, err
	}
	if !moved {
		return nil, whyNotRefunded(orders[0])
	}
	if err := giveBack(ctx, tx, orders); err != nil {
		return nil, err
	}
	if err := promise.OrderRefunded(ctx, tx, sales[0]); err != nil {
		return nil, err
	}
	r, err := payment.AddRefund(ctx, tx, p, orders[0].Total, reason)
	if err != nil {
		return nil, err
	}
	if err := audit.Write(ctx, tx, who, "order.refund", "order", o, map[string]any{"refund": r.ID, "fen": r.Amount, "reason": reason}); err != nil {
		return nil, err
	}
	return orders, f.Jobs.Kick(ctx, tx, SweepRefunds)
}

func whyNotRefunded(x order.Order) error {
	switch {
	case x.State == order.Closed && x.CloseReason == order.Refunded:
		return nil
	case x.State == order.Unpaid || x.State == order.Closed:
		return fault.New(fault.Conflict, "payment.not_paid")
	}
	return fault.New(fault.Conflict, "payment.shipped")
}
