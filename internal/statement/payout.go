package statement

import (
	"context"
	"fmt"
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

// States of a batch and of a payout; see doc.go.
const (
	Draft    = "draft"
	Released = "released"
	Dropped  = "dropped"
	Waiting  = "waiting"
	PaidOut  = "paid"
	Reversed = "reversed"
)

// MaxBatch bounds a batch: the bank's programs take files of this size.
const MaxBatch = 500

// Batch of payouts.
type Batch struct {
	ID         id.Batch
	No         string
	State      string
	Note       string
	MadeBy     string
	Made       time.Time
	ReleasedBy string
	Released   time.Time
	Count      int64
	Open       int64 // payouts that wait
	Sum        money.Fen
	Tax        money.Fen
}

// Transfer is what leaves the bank for the whole batch.
func (b Batch) Transfer() money.Fen { return b.Sum - b.Tax }

// Payout is one payee's money of a batch.
type Payout struct {
	ID        id.Payout
	Batch     id.Batch
	Statement id.Statement
	No        string // of the statement
	Payee     Payee
	Name      string
	Local     bool
	Account   id.Account
	Amount    money.Fen // of it Tax is withheld
	Tax       money.Fen
	State     string
	BankRef   string
	PaidAt    time.Time
	BackAt    time.Time
	BackWhy   string
}

// Transfer is what leaves the bank.
func (p Payout) Transfer() money.Fen { return p.Amount - p.Tax }

// Lacking is an approved statement that can't be paid yet.
type Lacking struct {
	Statement
	Waits bool // an account waits for its confirmation
}

// Payable lists approved statements that are in no batch: with an account, and
// without one.
func Payable(ctx context.Context, q db.Querier) (ready []Statement, lacking []Lacking, err error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM statement
		WHERE state = 'approved' AND NOT EXISTS (SELECT 1 FROM payout p WHERE p.statement_id = statement.id AND p.state IN ('waiting','paid'))
		ORDER BY to_day, id LIMIT $1`, MaxBatch)
	list, err := db.Collect(rows, err, scan)
	for _, s := range list {
		counts, waits, err := Accounts(ctx, q, s.Payee)
		if err != nil {
			return nil, nil, err
		}
		if counts == nil {
			lacking = append(lacking, Lacking{s, waits != nil})
		} else {
			ready = append(ready, s)
		}
	}
	return ready, lacking, err
}

// MakeBatch gathers statements of Payable (finance). Faults:
// statement.nothing_payable.
func MakeBatch(ctx context.Context, tx *db.Tx, who actor.Actor, note string, ready []Statement) (id.Batch, error) {
	if err := who.Need(actor.Finance); err != nil {
		return "", err
	}
	if len(ready) == 0 {
		return "", fault.New(fault.Conflict, "statement.nothing_payable")
	}
	bid := id.New[id.Batch]()
	no := fmt.Sprintf("%08d-P%s", int(clock.DayOf(tx.Now)), strings.ToUpper(string(bid[len(bid)-4:])))
	if _, err := tx.Exec(ctx, `INSERT INTO payout_batch (id, no, state, note, made_by, made_us) VALUES ($1, $2, 'draft', $3, $4, $5)`,
		bid, no, note, signer(who), tx.NowUs()); err != nil {
		return "", err
	}
	rows := make([][]any, 0, len(ready))
	for _, s := range ready {
		a, _, err := Accounts(ctx, tx, s.Payee)
		if err != nil {
			return "", err
		}
		rows = append(rows, []any{id.New[string](), string(bid), string(s.ID), string(a.ID), int64(s.Pay), int64(s.Tax), Waiting})
	}
	// The unique index refuses what another batch took at the same moment.
	if err := tx.Insert(ctx, "payout", []string{"id", "batch_id", "statement_id", "account_id", "amount_fen", "tax_fen", "state"}, rows); err != nil {
		if db.IsUnique(err) {
			return "", fault.New(fault.Conflict, "statement.nothing_payable")
		}
		return "", err
	}
	return bid, audit.Write(ctx, tx, who, "payout.batch", "payout_batch", bid, map[string]any{"no": no, "n": len(rows)})
}

// Release lets a batch go to the bank; another person than who made it
// (finance, admin). Releasing again changes nothing. Faults:
// statement.two_people, statement.moved_on.
func Release(ctx context.Context, tx *db.Tx, who actor.Actor, b id.Batch) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE payout_batch SET state = 'released', released_by = $2, released_us = $3 WHERE id = $1 AND state = 'draft' AND made_by <> $2`, b, signer(who), tx.NowUs())
	if err != nil {
		return err
	}
	if n == 1 {
		return audit.Write(ctx, tx, who, "payout.release", "payout_batch", b, map[string]any{})
	}
	x, err := BatchByID(ctx, tx, b)
	switch {
	case err != nil:
		return err
	case x.State == Draft:
		return fault.New(fault.Denied, "statement.two_people")
	case x.State == Dropped:
		return fault.New(fault.Conflict, "statement.moved_on")
	}
	return nil
}

// Drop gives a batch up that has not been paid from; its statements are payable
// again (finance).
func Drop(ctx context.Context, tx *db.Tx, who actor.Actor, b id.Batch) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE payout_batch SET state = 'dropped' WHERE id = $1 AND state IN ('draft','released')
		AND NOT EXISTS (SELECT 1 FROM payout WHERE batch_id = $1 AND state IN ('paid','reversed'))`, b)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "statement.moved_on")
	}
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE payout SET state = 'dropped' WHERE batch_id = $1 AND state = 'waiting'`, b)
	}
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "payout.drop", "payout_batch", b, map[string]any{})
}

// MarkPaid notes that the bank has paid, with its number (finance), and tells
// whether it did: false when it was noted before. The caller books it. Faults:
// statement.not_released, statement.moved_on.
func MarkPaid(ctx context.Context, tx *db.Tx, who actor.Actor, p id.Payout, bankRef string) (bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return false, err
	}
	bankRef, err := clean("ref", bankRef, maxText)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `
		UPDATE payout SET state = 'paid', bank_ref = $2, paid_by = $3, paid_us = $4
		WHERE id = $1 AND state = 'waiting' AND EXISTS (SELECT 1 FROM payout_batch b WHERE b.id = payout.batch_id AND b.state = 'released')`, p, bankRef, signer(who), tx.NowUs())
	if err != nil {
		return false, err
	}
	x, err := PayoutByID(ctx, tx, p)
	if err != nil || n == 0 {
		return false, notMarked(x, err)
	}
	if err := setPaid(ctx, tx, who, x.Statement, true, bankRef); err != nil {
		return false, err
	}
	return true, audit.Write(ctx, tx, who, "payout.paid", "payout", p, map[string]any{"fen": x.Amount, "tax": x.Tax})
}

func notMarked(x Payout, err error) error {
	switch {
	case err != nil || x.State == PaidOut:
		return err
	case x.State == Waiting:
		return fault.New(fault.Conflict, "statement.not_released")
	}
	return fault.New(fault.Conflict, "statement.moved_on")
}

// MarkReversed notes that the bank sent a payout back (finance): its statement
// is payable again. It tells whether it did. The caller books it. Faults:
// statement.moved_on.
func MarkReversed(ctx context.Context, tx *db.Tx, who actor.Actor, p id.Payout, why string) (bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return false, err
	}
	why, err := clean("why", why, 200)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE payout SET state = 'reversed', back_by = $2, back_us = $3, back_why = $4 WHERE id = $1 AND state = 'paid'`, p, signer(who), tx.NowUs(), why)
	if err != nil {
		return false, err
	}
	x, err := PayoutByID(ctx, tx, p)
	if err != nil || n == 0 {
		if err == nil && x.State != Reversed {
			err = fault.New(fault.Conflict, "statement.moved_on")
		}
		return false, err
	}
	if err := setPaid(ctx, tx, who, x.Statement, false, why); err != nil {
		return false, err
	}
	return true, audit.Write(ctx, tx, who, "payout.reversed", "payout", p, map[string]any{"fen": x.Amount, "tax": x.Tax})
}
