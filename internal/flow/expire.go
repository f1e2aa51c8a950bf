package flow

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// expireBatch is how many orders are closed in one transaction: few enough
// that the order desk never waits long behind it.
const expireBatch = 100

// ExpireOrders closes unpaid orders whose time is over and tells how many.
// Each batch is one transaction with its stock and postings; a payment that
// comes at the same moment either finds the order unpaid or is late. An order
// that can't be closed is logged and keeps no other from closing.
func (f *Flow) ExpireOrders(ctx context.Context) (int, error) {
	who := actor.System("expiry")
	total := 0
	var failed []error
	stuck := map[id.Order]bool{}
	for ctx.Err() == nil {
		ids, err := order.ExpiredIDs(ctx, f.DB, f.DB.Clock.Now(), expireBatch+len(stuck))
		if err != nil {
			return total, errors.Join(append(failed, err)...)
		}
		due := ids[:0]
		for _, o := range ids {
			if !stuck[o] {
				due = append(due, o)
			}
		}
		if len(due) == 0 {
			break
		}
		n, err := f.expire(ctx, who, due)
		if err != nil {
			for _, o := range due { // one by one, to find the one that fails
				one, err := f.expire(ctx, who, []id.Order{o})
				if n += one; err != nil {
					stuck[o] = true
					failed = append(failed, err)
					f.Log.ErrorContext(ctx, "order can't be expired", "order", o, "err", err)
				}
			}
		}
		total += n
	}
	return total, errors.Join(failed...)
}

func (f *Flow) expire(ctx context.Context, who actor.Actor, due []id.Order) (int, error) {
	var closed []order.Order
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		closed, err = closeUnpaid(ctx, tx, who, due, order.Expired)
		return err
	})
	if err != nil {
		return 0, err
	}
	if len(closed) > 0 {
		f.StockChanged(ctx, productsOf(closed...)...)
	}
	return len(closed), nil
}
