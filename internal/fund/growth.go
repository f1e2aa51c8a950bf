package fund

import (
	"context"
	"errors"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Transfer of profit into the growth fund.
type Transfer struct {
	ID        string
	Fen       money.Fen
	Note      string // of which period
	State     string
	DraftedBy id.User
	Drafted   time.Time
	SignedBy  id.User
	Signed    time.Time
}

// DraftTransfer proposes that profit goes into the growth fund (finance).
func DraftTransfer(ctx context.Context, tx *db.Tx, who actor.Actor, fen money.Fen, note string) (Transfer, error) {
	if err := who.Need(actor.Finance); err != nil {
		return Transfer{}, err
	}
	note = strings.TrimSpace(note)
	var amount *fault.Error
	if fen <= 0 || fen > money.MaxFen {
		amount = fault.New(fault.Invalid, "fault.amount").At("fen")
	}
	if err := fault.Join(amount, text("note", note, 100)); err != nil {
		return Transfer{}, err
	}
	t := Transfer{ID: id.New[string](), Fen: fen, Note: note, State: Draft, DraftedBy: signer(who), Drafted: tx.Now}
	if _, err := tx.Exec(ctx, `INSERT INTO growth_transfer (id, fen, note, state, drafted_by, drafted_us) VALUES ($1, $2, $3, 'draft', $4, $5)`,
		t.ID, fen, note, t.DraftedBy, tx.NowUs()); err != nil {
		return Transfer{}, err
	}
	return t, audit.Write(ctx, tx, who, "fund.transfer_draft", "growth_transfer", t.ID, map[string]any{"fen": fen})
}

// SignTransfer is the second signature (finance, admin); false if it was signed
// before. The caller books it in the same transaction. Fault fund.two_signers,
// fund.cancelled.
func SignTransfer(ctx context.Context, tx *db.Tx, who actor.Actor, t string) (Transfer, bool, error) {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return Transfer{}, false, err
	}
	x, err := transfer(ctx, tx, t)
	switch {
	case err != nil:
		return x, false, err
	case x.State == Done:
		return x, false, nil
	case x.State == Cancelled:
		return x, false, fault.New(fault.Conflict, "fund.cancelled")
	case x.DraftedBy == signer(who):
		return x, false, fault.New(fault.Denied, "fund.two_signers")
	}
	n, err := tx.Exec(ctx, `UPDATE growth_transfer SET state = 'done', signed_by = $2, signed_us = $3 WHERE id = $1 AND state = 'draft'`, t, signer(who), tx.NowUs())
	if err != nil || n == 0 {
		return x, false, err
	}
	return x, true, audit.Write(ctx, tx, who, "fund.transfer_sign", "growth_transfer", t, map[string]any{"fen": x.Fen})
}

// CancelTransfer takes a draft back (finance, admin).
func CancelTransfer(ctx context.Context, tx *db.Tx, who actor.Actor, t string) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE growth_transfer SET state = 'cancelled' WHERE id = $1 AND state = 'draft'`, t)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "fund.final")
	}
	return audit.Write(ctx, tx, who, "fund.transfer_cancel", "growth_transfer", t, map[string]any{})
}

const transferColumns = `id, fen, note, state, drafted_by, drafted_us, signed_by, signed_us`

func scanTransfer(r interface{ Scan(...any) error }, t *Transfer) error {
	var drafted, signed int64
	err := r.Scan(&t.ID, &t.Fen, &t.Note, &t.State, &t.DraftedBy, &drafted, &t.SignedBy, &signed)
	t.Drafted, t.Signed = clock.FromUs(drafted), clock.FromUs(signed)
	return err
}

func transfer(ctx context.Context, q db.Querier, t string) (Transfer, error) {
	var out Transfer
	err := scanTransfer(q.QueryRow(ctx, `SELECT `+transferColumns+` FROM growth_transfer WHERE id = $1`, t), &out)
	if errors.Is(err, db.ErrNoRows) {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	return out, err
}

// Transfers lists them, the newest first; at most 200.
func Transfers(ctx context.Context, q db.Querier) ([]Transfer, error) {
	rows, err := q.Query(ctx, `SELECT `+transferColumns+` FROM growth_transfer ORDER BY id DESC LIMIT 200`)
	return db.Collect(rows, err, func(r *db.Rows, t *Transfer) error { return scanTransfer(r, t) })
}
