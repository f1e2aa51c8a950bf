package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// CancelOrder closes a buyer's own unpaid order and gives the stock back; a
// paid one that was not shipped is refunded whole. Cancelling again changes
// nothing. Fault order.cannot_cancel once it is shipped; NotFound for another
// person's order.
func (f *Flow) CancelOrder(ctx context.Context, who actor.Actor, o id.Order) (order.Order, error) {
	if !who.SignedIn() {
		return order.Order{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	// A payment or the clock may move the order between reading and closing:
	// then it is read again, and decided by what it has become.
	for range 3 {
		x, err := order.ByID(ctx, f.DB, o)
		if err != nil {
			return order.Order{}, err
		}
		if x.Buyer != who.User {
			return order.Order{}, fault.New(fault.NotFound, "fault.not_found")
		}
		switch x.State {
		case order.Closed:
			return x, nil
		case order.Paid:
			return f.RefundOrder(ctx, who, o, order.Cancelled)
		case order.Unpaid:
			if done, err := f.cancelUnpaid(ctx, who, o); err != nil || done {
				return f.reread(ctx, o, err)
			}
		default:
			return order.Order{}, fault.New(fault.Conflict, "order.cannot_cancel", "State", "@ui.order_"+string(x.State))
		}
	}
	return order.Order{}, fault.New(fault.Conflict, "fault.changed")
}

func (f *Flow) cancelUnpaid(ctx context.Context, who actor.Actor, o id.Order) (bool, error) {
	var closed []order.Order
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		closed, err = closeUnpaid(ctx, tx, who, []id.Order{o}, order.Cancelled)
		return err
	})
	if err != nil || len(closed) == 0 {
		return false, err
	}
	f.StockChanged(ctx, productsOf(closed...)...)
	return true, nil
}

func (f *Flow) reread(ctx context.Context, o id.Order, err error) (order.Order, error) {
	if err != nil {
		return order.Order{}, err
	}
	return order.ByID(ctx, f.DB, o)
}
