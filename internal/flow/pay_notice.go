package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// ApplyNotice applies a verified notice, a callback or the answer to a query:
// order paid, or late and refunded, or quarantined; a repeated one changes
// nothing. All of it is one transaction, so a crash leaves all or nothing and
// the provider tells again.
func (f *Flow) ApplyNotice(ctx context.Context, gateway string, n payment.Notice) error {
	if !n.Paid {
		return nil
	}
	// The cheap way out for copies; the transaction decides for itself.
	if seen, err := payment.Seen(ctx, f.DB, gateway, n.EventID); err != nil || seen {
		return err
	}
	var given id.Gift
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		given = ""
		// The payment's row is locked first, by everybody who moves its order:
		// so notices of one payment come one after the other.
		p, known, err := payment.Lock(ctx, tx, gateway, n.Payment)
		if err != nil {
			return err
		}
		outcome, reason := payment.InQuarantine, ""
		switch {
		case !known:
			reason = payment.ReasonUnknown
		case n.Amount != p.Amount:
			reason = payment.ReasonAmount
		case p.State == payment.StatePaid && n.Ref != p.Ref:
			reason = payment.ReasonSecond
		case p.State == payment.StatePaid:
			outcome = payment.Repeated
		default:
			if outcome, err = f.takeMoney(ctx, tx, p, n); err != nil {
				return err
			}
			if p.Purpose == payment.ForGift && outcome == payment.Applied {
				given = id.Gift(p.Order)
			}
		}
		if reason != "" {
			waits, err := payment.Waits(ctx, tx, gateway, n)
			if err != nil {
				return err
			}
			if waits {
				outcome, reason = payment.Repeated, ""
			}
		}
		c, first, err := payment.Record(ctx, tx, gateway, n, outcome, reason)
		if err != nil || !first || outcome != payment.InQuarantine {
			return err
		}
		return bookHeld(ctx, tx, gateway, c, n, reason)
	})
	if err == nil && given != "" {
		f.tellGift(ctx, given)
	}
	return err
}

// takeMoney pays the order (or the gift) with a payment, or, when it is closed
// or was paid by another one, books the money as late and sends it back.
func (f *Flow) takeMoney(ctx context.Context, tx *db.Tx, p payment.Payment, n payment.Notice) (payment.Outcome, error) {
	inTime, err := paysFor(ctx, tx, p)
	if err != nil {
		return "", err
	}
	if _, err := payment.MarkPaid(ctx, tx, p.ID, n.Ref, !inTime); err != nil {
		return "", err
	}
	if !inTime {
		return payment.LateRefund, f.takeLate(ctx, tx, p)
	}
	if p.Purpose == payment.ForGift {
		return payment.Applied, bookGift(ctx, tx, p)
	}
	return payment.Applied, bookPaid(ctx, tx, actor.System(p.Gateway), p)
}

// paysFor moves what a payment pays to paid, and reports whether it waited.
func paysFor(ctx context.Context, tx *db.Tx, p payment.Payment) (bool, error) {
	if p.Purpose == payment.ForGift {
		return gift.Move(ctx, tx, id.Gift(p.Order), gift.Unpaid, gift.Paid)
	}
	return order.Move(ctx, tx, p.Order, order.Unpaid, order.Paid, "")
}

// bookPaid books a paid order.
func bookPaid(ctx context.Context, tx *db.Tx, who actor.Actor, p payment.Payment) error {
	_, sales, err := readSales(ctx, tx, []id.Order{p.Order})
	if err != nil {
		return err
	}
	for _, s := range sales {
		if err := promise.OrderPaid(ctx, tx, s, p.Gateway); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who, "order.pay", "order", p.Order, map[string]any{"payment": p.ID, "gateway": p.Gateway, "fen": p.Amount})
}

// takeLate books money that pays nothing, and its way back.
func (f *Flow) takeLate(ctx context.Context, tx *db.Tx, p payment.Payment) error {
	if err := promise.LatePaid(ctx, tx, p.Order, p.ID, p.Amount, p.Gateway); err != nil {
		return err
	}
	r, err := payment.AddRefund(ctx, tx, p, p.Amount, payment.Late)
	if err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, actor.System(p.Gateway), "payment.late", "order", p.Order, map[string]any{"payment": p.ID, "refund": r.ID, "fen": p.Amount}); err != nil {
		return err
	}
	return f.Jobs.Kick(ctx, tx, SweepRefunds)
}
