package flow

import (
	"context"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// bookHeld books money that nobody may apply by machine: it stands on an
// account of its own until finance has settled it.
func bookHeld(ctx context.Context, tx *db.Tx, gateway string, c id.Callback, n payment.Notice, reason string) error {
	if n.Amount > 0 {
		if err := promise.Quarantined(ctx, tx, c, n.Amount, gateway); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, actor.System(gateway), "payment.quarantine", "payment", n.Payment, map[string]any{"callback": c, "reason": reason, "fen": n.Amount})
}

// ProposeQuarantine says what became of money in quarantine (finance): sent
// back at the provider, or never there. Where one person keeps the whole till
// (SinglePerson) it is settled at once, else another signs.
func (f *Flow) ProposeQuarantine(ctx context.Context, who actor.Actor, c id.Callback, how, note string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		if err := payment.ProposeQuarantine(ctx, tx, who, c, how, strings.TrimSpace(note)); err != nil || !f.SinglePerson {
			return err
		}
		return f.signQuarantine(ctx, tx, who, c)
	})
}

// SignQuarantine settles what another of finance has proposed: the money leaves
// the account that held it. Faults: payment.settled, payment.unproposed,
// payment.two_people.
func (f *Flow) SignQuarantine(ctx context.Context, who actor.Actor, c id.Callback) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return f.signQuarantine(ctx, tx, who, c) })
}

func (f *Flow) signQuarantine(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Callback) error {
	x, err := payment.SignQuarantine(ctx, tx, who, c, f.SinglePerson)
	if err != nil || !x.Held {
		return err
	}
	return promise.QuarantineReturned(ctx, tx, c, x.Amount, x.Gateway)
}
