package flow

import (
	"context"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// maxProof bounds what finance notes of a transfer, in characters.
const maxProof = 200

// ConfirmOffline books an offline transfer that finance has seen on the bank
// account. Another amount than the order's is refused (payment.offline_amount),
// and so is an order of one's own: who books money must not be who owes it.
// proof says what was seen, the bank's number of the transfer say.
func (f *Flow) ConfirmOffline(ctx context.Context, who actor.Actor, o id.Order, amount money.Fen, proof string) (order.Order, error) {
	if err := who.Need(actor.Finance); err != nil {
		return order.Order{}, err
	}
	proof = strings.TrimSpace(proof)
	if err := checkProof(proof); err != nil {
		return order.Order{}, err
	}
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		x, err := order.ByID(ctx, tx, o)
		if err != nil {
			return err
		}
		if err := transferFits(who, x, amount); err != nil {
			return err
		}
		paid, err := order.Move(ctx, tx, o, order.Unpaid, order.Paid, "")
		if err != nil {
			return err
		} else if !paid {
			return fault.New(fault.Conflict, "fault.changed")
		}
		p := payment.Payment{ID: id.New[id.Payment](), Order: o, Gateway: payment.Offline, Amount: amount, State: payment.StatePaid, Proof: proof, Created: tx.Now, PaidAt: tx.Now}
		if err := payment.Open(ctx, tx, p); err != nil {
			return err
		}
		return bookPaid(ctx, tx, who, p)
	})
	return f.reread(ctx, o, err)
}

func transferFits(who actor.Actor, x order.Order, amount money.Fen) error {
	switch {
	case who.SignedIn() && x.Buyer == who.User:
		return fault.New(fault.Denied, "payment.own_order")
	case x.State == order.Closed:
		return fault.New(fault.Gone, "payment.order_closed")
	case x.State != order.Unpaid:
		return fault.New(fault.Conflict, "payment.order_paid")
	case amount != x.Total:
		return fault.New(fault.Invalid, "payment.offline_amount", "Want", x.Total.String()).At("amount")
	}
	return nil
}

func checkProof(proof string) error {
	switch n := utf8.RuneCountInString(proof); {
	case n == 0:
		return fault.New(fault.Invalid, "fault.required").At("proof")
	case n > maxProof:
		return fault.New(fault.Invalid, "fault.too_long", "Max", maxProof).At("proof")
	}
	return nil
}
