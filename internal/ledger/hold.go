package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Ends of a hold.
const (
	Settled = "settled"
	Voided  = "voided"
)

// Hold writes the first phase of a transaction: its amounts are pending on
// their accounts, count against the limits and are no balance yet. It tells
// whether it was written; one that stands already (open or ended) is left as
// it is. Errors: those of Post, and ErrRef if other lines stand by the ref.
func Hold(ctx context.Context, tx *db.Tx, t Txn) (bool, error) {
	if err := t.Check(); err != nil {
		return false, err
	}
	h := id.New[id.Txn]()
	wrote, err := tx.InsertNew(ctx, "ledger_hold", []string{"id", "ref", "kind", "at_us", "day", "memo"}, "ref",
		[][]any{{h, t.Ref, t.Kind, tx.NowUs(), int64(clock.DayOf(tx.Now)), t.Memo}})
	if err != nil {
		return false, fmt.Errorf("ledger: hold: %w", err)
	}
	if !wrote[0] {
		held, err := readHold(ctx, tx, t.Ref)
		if err == nil && !held.is(t) {
			err = fmt.Errorf("%w: %s is held with other lines", ErrRef, t.Ref)
		}
		return false, err
	}
	if err := moveHeld(ctx, tx, t.Lines, 1); err != nil {
		return false, err
	}
	rows := make([][]any, len(t.Lines))
	for i, l := range t.Lines {
		rows[i] = []any{h, i, l.Path, int64(l.Fen)}
	}
	return true, tx.Insert(ctx, "ledger_hold_line", []string{"hold_id", "seq", "path", "fen"}, rows)
}

// Settle writes the second phase: what was held by t's ref is posted. It tells
// whether it was posted now; settling again changes nothing. Errors: those of
// Post; ErrRef if other lines are held; ErrNoHold if nothing is, or it was
// voided.
func Settle(ctx context.Context, tx *db.Tx, t Txn) (bool, error) {
	if _, err := Release(ctx, tx, t); err != nil {
		return false, err
	}
	wrote, err := Post(ctx, tx, t)
	return err == nil && wrote[0], err
}

// Release is Settle without the posting, which the caller makes in the same
// transaction. Errors: ErrRef, ErrNoHold.
func Release(ctx context.Context, tx *db.Tx, t Txn) (bool, error) {
	held, err := readHold(ctx, tx, t.Ref)
	switch {
	case err != nil:
		return false, err
	case held.id == "" || held.end == Voided:
		return false, fmt.Errorf("%w: %s", ErrNoHold, t.Ref)
	case !held.is(t):
		return false, fmt.Errorf("%w: %s is held with other lines", ErrRef, t.Ref)
	}
	return end(ctx, tx, held, Settled)
}

// Void ends a hold with nothing posted. It tells whether it ended now. Errors:
// ErrNoHold if nothing is held by the ref, or it was settled.
func Void(ctx context.Context, tx *db.Tx, ref string) (bool, error) {
	held, err := readHold(ctx, tx, ref)
	switch {
	case err != nil:
		return false, err
	case held.id == "" || held.end == Settled:
		return false, fmt.Errorf("%w: %s", ErrNoHold, ref)
	}
	return end(ctx, tx, held, Voided)
}

// Holding tells how a hold stands: "" if there is none, "open", Settled or
// Voided.
func Holding(ctx context.Context, q db.Querier, ref string) (string, error) {
	held, err := readHold(ctx, q, ref)
	if err != nil || held.id == "" {
		return "", err
	}
	return cmp.Or(held.end, "open"), nil
}

// held is a hold as it stands.
type held struct {
	id    id.Txn
	kind  string
	end   string // "" while it is open
	lines []Line
}

func (h held) is(t Txn) bool { return h.kind == t.Kind && sameLines(h.lines, t.Lines) }

func readHold(ctx context.Context, q db.Querier, ref string) (held, error) {
	var h held
	rows, err := q.Query(ctx, `
		SELECT h.id, h.kind, coalesce(e.how, ''), l.path, l.fen FROM ledger_hold h
		JOIN ledger_hold_line l ON l.hold_id = h.id LEFT JOIN ledger_hold_end e ON e.hold_id = h.id
		WHERE h.ref = $1 ORDER BY l.seq`, ref)
	lines, err := db.Collect(rows, err, func(r *db.Rows, l *Line) error { return r.Scan(&h.id, &h.kind, &h.end, &l.Path, &l.Fen) })
	h.lines = lines
	return h, err
}

// end ends an open hold and gives its pending amounts back.
func end(ctx context.Context, tx *db.Tx, h held, how string) (bool, error) {
	wrote, err := tx.InsertNew(ctx, "ledger_hold_end", []string{"hold_id", "how", "at_us"}, "hold_id", [][]any{{h.id, how, tx.NowUs()}})
	if err != nil || !wrote[0] { // ended before: of two at once the second waits for the first
		if err == nil {
			err = endedAs(ctx, tx, h, how)
		}
		return false, err
	}
	return true, moveHeld(ctx, tx, h.lines, -1)
}

func endedAs(ctx context.Context, q db.Querier, h held, how string) error {
	var was string
	err := q.QueryRow(ctx, `SELECT how FROM ledger_hold_end WHERE hold_id = $1`, h.id).Scan(&was)
	if err == nil && was != how {
		err = fmt.Errorf("%w: it was %s", ErrNoHold, was)
	}
	return err
}

// moveHeld adds to (sign 1) or takes from the pending amounts of the accounts,
// in the order of the paths.
func moveHeld(ctx context.Context, tx *db.Tx, lines []Line, sign money.Fen) error {
	lines = slices.Clone(lines)
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.Path, b.Path) })
	for _, l := range lines {
		if sign > 0 {
			got, err := upsert(ctx, tx, []Line{{l.Path, l.Kind, 0}})
			if err != nil {
				return fmt.Errorf("ledger: accounts: %w", err)
			}
			if got[0].Kind != l.Kind {
				return fmt.Errorf("%w: %s is %s, not %s", ErrKind, l.Path, got[0].Kind, l.Kind)
			}
		}
		_, err := tx.Exec(ctx, `UPDATE ledger_account SET held_debit_fen = held_debit_fen + $2, held_credit_fen = held_credit_fen + $3 WHERE path = $1`,
			l.Path, int64(sign*max(l.Fen, 0)), int64(sign*max(-l.Fen, 0)))
		if db.IsCheck(err) {
			return fmt.Errorf("%w: %w", ErrLimit, err)
		}
		if err != nil {
			return fmt.Errorf("ledger: pending: %w", err)
		}
	}
	return nil
}
