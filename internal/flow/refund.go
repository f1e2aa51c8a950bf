package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// RefundOrder refunds a paid order whole before it is shipped (service, or its
// buyer through CancelOrder): the order is closed, its goods go back on sale,
// the books take back what is left of the sale and owe the buyer the money, and
// a refund is written to be sent; all in one transaction. reason is
// payment.Cancelled or payment.AfterSale. Refunding again changes nothing.
// Faults: NotFound, payment.not_paid, payment.shipped (also when one of several
// parcels has left).
func (f *Flow) RefundOrder(ctx context.Context, who actor.Actor, o id.Order, reason string) (order.Order, error) {
	if reason != payment.Cancelled && reason != payment.AfterSale {
		return order.Order{}, fault.New(fault.Invalid, "fault.choice").At("reason")
	}
	x, err := order.ByID(ctx, f.DB, o)
	if err != nil {
		return order.Order{}, err
	}
	if err := buyerOr(who, x, actor.Service); err != nil {
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

// buyerOr lets the order's buyer and a role through; for all others there is
// no such order.
func buyerOr(who actor.Actor, x order.Order, role actor.Role) error {
	if who.SignedIn() && x.Buyer == who.User {
		return nil
	}
	err := who.Need(role)
	if fault.Is(err, fault.Denied) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return err
}

// refundPaid refunds a paid order in tx; nothing when it was refunded before.
func (f *Flow) refundPaid(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order, reason string) ([]order.Order, error) {
	t, err := f.holdTrade(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	if t.order.State != order.Paid {
		return nil, whyNotRefunded(t.order)
	}
	if t.partShipped() {
		return nil, fault.New(fault.Conflict, "payment.shipped")
	}
	_, err = f.takeBack(ctx, tx, who, t, back{takes: aftersale.All(t.shares), bearer: aftersale.ByProducer, why: reason, reason: reason, unshipped: true})
	return []order.Order{t.order}, err
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
