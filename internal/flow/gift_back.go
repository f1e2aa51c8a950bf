package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// OpenGiftCase takes a guardian's claim that a child gave with the account
// that is signed in; phone is where service can call. Faults: account.phone,
// those of gift.OpenCase.
func (f *Flow) OpenGiftCase(ctx context.Context, who actor.Actor, c gift.Case, phone string) (gift.Case, error) {
	if len(phone) < 6 || len(phone) > 30 {
		return gift.Case{}, fault.New(fault.Invalid, "gift.phone").At("phone")
	}
	var err error
	if c.ContactEnc, err = f.Vault.Seal(gift.ContactColumn, phone); err != nil {
		return gift.Case{}, err
	}
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		c, err = gift.OpenCase(ctx, tx, who, c)
		return err
	})
	return c, err
}

// GrantGiftCase gives a child's gifts of the days the case names back, closes
// those that still wait for their payment, and keeps the account from giving
// again (service); all in one transaction. It tells what was given back. Faults:
// gift.case_done, gift.none when there is neither a paid nor a waiting gift.
func (f *Flow) GrantGiftCase(ctx context.Context, who actor.Actor, caseID, answer string) (money.Fen, error) {
	var sum money.Fen
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		sum = 0
		c, err := gift.CaseByID(ctx, tx, caseID)
		if err != nil {
			return err
		}
		if err := gift.Bar(ctx, tx, who, c.User); err != nil { // first: its row holds back new gifts
			return err
		}
		// Before the paid ones are read: of a gift that is paid at this moment,
		// either its money finds it closed, or it is among the paid.
		waited, err := closeWaiting(ctx, tx, who, c.User)
		if err != nil {
			return err
		}
		n, fen, err := giftsBack(ctx, tx, who, c)
		if err != nil {
			return err
		}
		if n+waited == 0 {
			return fault.New(fault.Conflict, "gift.none")
		}
		sum = fen
		done, err := gift.DecideCase(ctx, tx, who, caseID, gift.Granted, answer, sum)
		if err != nil {
			return err
		}
		if !done {
			return fault.New(fault.Conflict, "gift.case_done")
		}
		return f.Jobs.Kick(ctx, tx, SweepRefunds)
	})
	return sum, err
}

// closeWaiting closes a person's gifts that wait for their payment and tells how
// many. Money that comes for one later is refunded as late.
func closeWaiting(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User) (int, error) {
	closed, err := gift.CloseUnpaid(ctx, tx, u)
	notes := make([]audit.Note, len(closed))
	for i, g := range closed {
		notes[i] = audit.Note{Who: who, Action: "gift.close", ObjectKind: "gift", ObjectID: string(g), Detail: map[string]any{}}
	}
	if err != nil || len(notes) == 0 {
		return 0, err
	}
	return len(closed), audit.WriteAll(ctx, tx, notes)
}

// giftsBack takes all paid gifts of a case back, page by page, and tells how many
// and what they come to.
func giftsBack(ctx context.Context, tx *db.Tx, who actor.Actor, c gift.Case) (n int, sum money.Fen, err error) {
	for after := id.Gift(""); ; {
		page, err := gift.Between(ctx, tx, c.User, c.From, c.To, after)
		if err != nil {
			return n, sum, err
		}
		for _, g := range page {
			if err := giftBack(ctx, tx, who, g); err != nil {
				return n, sum, err
			}
			n, sum, after = n+1, sum+g.Fen, g.ID
		}
		if len(page) < gift.PageSize {
			return n, sum, nil
		}
	}
}

// RefuseGiftCase closes a case without giving back (service).
func (f *Flow) RefuseGiftCase(ctx context.Context, who actor.Actor, id, answer string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		done, err := gift.DecideCase(ctx, tx, who, id, gift.Refused, answer, 0)
		if err == nil && !done {
			err = fault.New(fault.Conflict, "gift.case_done")
		}
		return err
	})
}

// giftBack takes one paid gift back. Out of the fund where it holds enough:
// then other gifts take over what this one paid for. Where the fund has spent
// it, the centre bears it and the gift stays given.
func giftBack(ctx context.Context, tx *db.Tx, who actor.Actor, g gift.Gift) error {
	p, ok, err := payment.PaidOf(ctx, tx, id.Order(g.ID))
	if err != nil || !ok {
		return err
	}
	if _, _, err := payment.Lock(ctx, tx, p.Gateway, p.ID); err != nil {
		return err
	}
	held, err := promise.CharityHolds(ctx, tx)
	if err != nil {
		return err
	}
	to, book := gift.Refunded, promise.GiftRefunded
	if held < g.Fen {
		to, book = gift.Covered, promise.GiftCovered
	}
	// Booked first: from here the fund's account is held.
	if err := book(ctx, tx, string(g.ID), g.Fen); err != nil {
		return err
	}
	if to == gift.Refunded {
		if err := gift.Free(ctx, tx, g.ID); err != nil {
			return err
		}
	}
	if moved, err := gift.Move(ctx, tx, g.ID, gift.Paid, to); err != nil || !moved {
		return err
	}
	r, err := payment.AddRefund(ctx, tx, p, g.Fen, payment.AfterSale)
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "gift.back", "gift", g.ID, map[string]any{"refund": r.ID, "how": to})
}
