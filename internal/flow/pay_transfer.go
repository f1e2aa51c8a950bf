package flow

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// maxTransfers is how many orders of a person may wait for a bank transfer at
// once: each holds goods for a day that others could buy.
const maxTransfers = 3

// ChooseTransfer lets the buyer's own unpaid order wait for a bank transfer: a
// bank takes longer than a phone. Chosen again it changes nothing. Faults:
// payment.unknown_gateway where transfers are not taken, payment.transfers_many,
// payment.transfer_flash (others wait for these goods), and those of
// StartPayment.
func (f *Flow) ChooseTransfer(ctx context.Context, who actor.Actor, o id.Order) (order.Order, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return order.Order{}, err
	}
	if f.TransferFor <= 0 {
		return order.Order{}, fault.New(fault.Invalid, "payment.unknown_gateway").At("gateway")
	}
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		if err := orderdesk.LockBuyers(ctx, tx, []id.User{who.User}); err != nil { // or two at once pass the limit
			return err
		}
		x, err := f.payable(ctx, tx, who, o)
		if err != nil || f.waits(x) {
			return err
		}
		if err := f.mayPayBy(ctx, tx, o, payment.Offline); err != nil {
			return err
		}
		if slices.ContainsFunc(x.Lines, func(l order.Line) bool { return l.Flash != "" }) {
			return fault.New(fault.Conflict, "payment.transfer_flash").At("gateway")
		}
		open, err := order.List(ctx, tx, order.Filter{Buyer: who.User, State: order.Unpaid, Limit: 500})
		if err != nil {
			return err
		}
		n := 0
		for _, other := range open {
			if f.waits(other) {
				n++
			}
		}
		if n >= maxTransfers {
			return fault.New(fault.Conflict, "payment.transfers_many", "Max", maxTransfers).At("gateway")
		}
		if ok, err := order.Wait(ctx, tx, o, x.Placed.Add(f.TransferFor)); err != nil || !ok {
			return err
		}
		return audit.Write(ctx, tx, who, "order.transfer", "order", o, nil)
	})
	return f.reread(ctx, o, err)
}

// waits tells whether an order's buyer has chosen a transfer.
func (f *Flow) waits(o order.Order) bool { return !o.Expires.Before(o.Placed.Add(f.TransferFor)) }
