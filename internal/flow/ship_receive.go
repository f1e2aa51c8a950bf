package flow

import (
	"context"
	"errors"
	"slices"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// ReceiveOrder is the buyer's "it has arrived". Saying it again changes
// nothing. Faults: NotFound for another person's order, shipping.not_shipped.
func (f *Flow) ReceiveOrder(ctx context.Context, who actor.Actor, o id.Order) (order.Order, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return order.Order{}, err
	}
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		x, err := order.ByID(ctx, tx, o)
		switch {
		case err != nil:
			return err
		case x.Buyer != who.User:
			return fault.New(fault.NotFound, "fault.not_found")
		case x.State == order.Received || x.State == order.Done:
			return nil
		}
		moved, err := order.Move(ctx, tx, o, order.Shipped, order.Received, "")
		if err != nil {
			return err
		} else if !moved {
			return fault.New(fault.Conflict, "shipping.not_shipped")
		}
		return audit.Write(ctx, tx, who, "order.receive", "order", o, struct{}{})
	})
	return f.reread(ctx, o, err)
}

// advanceBatch is how many orders move in one transaction.
const advanceBatch = 100

// AdvanceOrders receives shipped orders and finishes received ones whose time
// has come, and tells how many moved.
func (f *Flow) AdvanceOrders(ctx context.Context) (int, error) {
	now := f.DB.Clock.Now()
	received, err := f.advance(ctx, order.Shipped, order.Received, now.Add(-f.ReceivedAfter))
	done, err2 := f.advance(ctx, order.Received, order.Done, now.Add(-f.DoneAfter))
	return received + done, errors.Join(err, err2, f.expireReturns(ctx))
}

// advance moves orders in batches. One that can't be moved is logged and keeps
// no other from moving.
func (f *Flow) advance(ctx context.Context, from, to order.State, before time.Time) (int, error) {
	total, waiting := 0, 0
	var failed []error
	stuck := map[id.Order]bool{}
	for ctx.Err() == nil {
		most := advanceBatch + waiting
		listed, err := order.ReachedBefore(ctx, f.DB, from, before, most)
		if err != nil {
			return total, errors.Join(append(failed, err)...)
		}
		due := slices.DeleteFunc(slices.Clone(listed), func(o id.Order) bool { return stuck[o] })
		if to == order.Done { // one with an open after-sale case is not done yet
			if due, err = f.withoutCase(ctx, due); err != nil {
				return total, errors.Join(append(failed, err)...)
			}
		}
		if waiting = len(listed) - len(due); len(due) == 0 {
			if len(listed) < most {
				break
			}
			continue
		}
		moved, err := f.moveOn(ctx, due, from, to)
		if err != nil {
			for _, o := range due { // one by one, to find the one that fails
				one, err := f.moveOn(ctx, []id.Order{o}, from, to)
				if moved += one; err != nil {
					stuck[o] = true
					failed = append(failed, err)
					f.Log.ErrorContext(ctx, "order can't be moved on", "order", o, "to", to, "err", err)
				}
			}
		}
		total += moved
	}
	return total, errors.Join(failed...)
}

// moveOn moves orders in one transaction and tells how many.
func (f *Flow) moveOn(ctx context.Context, due []id.Order, from, to order.State) (int, error) {
	var moved []id.Order
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if moved, err = order.MoveMany(ctx, tx, due, from, to, ""); err != nil {
			return err
		}
		if to == order.Done {
			if err := f.makeSplits(ctx, tx, moved); err != nil {
				return err
			}
		}
		notes := make([]audit.Note, len(moved))
		for i, o := range moved {
			notes[i] = audit.Note{Who: actor.System("clock"), Action: "order." + string(to), ObjectKind: "order", ObjectID: string(o), Detail: struct{}{}}
		}
		return audit.WriteAll(ctx, tx, notes)
	})
	if err != nil {
		return 0, err
	}
	return len(moved), nil
}
