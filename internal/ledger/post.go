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

// Post writes transactions with multi-row statements, in tx. It tells for each
// whether it was written; one whose Ref stands already is left as it is.
// Errors: ErrTxn, ErrPath, ErrUnbalanced, ErrKind, ErrLimit.
func Post(ctx context.Context, tx *db.Tx, txns ...Txn) ([]bool, error) {
	for _, t := range txns {
		if err := t.Check(); err != nil {
			return nil, err
		}
	}
	ids, wrote, err := insertTxns(ctx, tx, txns)
	if err != nil {
		return nil, err
	}
	var lines []Line
	var rows [][]any
	for i, t := range txns {
		if !wrote[i] {
			continue
		}
		for seq, l := range t.Lines {
			rows = append(rows, []any{ids[i], seq, l.Path, int64(l.Fen)})
		}
		lines = append(lines, t.Lines...)
	}
	if len(rows) > 0 {
		if err := moveBalances(ctx, tx, lines); err != nil {
			return nil, err
		}
		if err := tx.Insert(ctx, "ledger_posting", []string{"txn_id", "seq", "path", "fen"}, rows); err != nil {
			return nil, fmt.Errorf("ledger: postings: %w", err)
		}
	}
	return wrote, standAsTold(ctx, tx, txns, wrote)
}

// standAsTold compares the transactions that stood already with what was told
// now: a ref that comes with other lines is a mistake, and not a repeat.
func standAsTold(ctx context.Context, tx *db.Tx, txns []Txn, wrote []bool) error {
	for i, t := range txns {
		if wrote[i] {
			continue
		}
		var kind string
		rows, err := tx.Query(ctx, `
			SELECT t.kind, p.path, p.fen FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id WHERE t.ref = $1 ORDER BY p.seq`, t.Ref)
		stands, err := db.Collect(rows, err, func(r *db.Rows, l *Line) error { return r.Scan(&kind, &l.Path, &l.Fen) })
		if err != nil {
			return fmt.Errorf("ledger: %s: %w", t.Ref, err)
		}
		if kind != t.Kind || !sameLines(stands, t.Lines) {
			return fmt.Errorf("%w: %s stands with other lines", ErrRef, t.Ref)
		}
	}
	return nil
}

// sameLines compares paths and amounts, in order or not.
func sameLines(a, b []Line) bool {
	if len(a) != len(b) {
		return false
	}
	left := map[Line]int{}
	for i := range a {
		left[Line{Path: a[i].Path, Fen: a[i].Fen}]++
		left[Line{Path: b[i].Path, Fen: b[i].Fen}]--
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return true
}

func insertTxns(ctx context.Context, tx *db.Tx, txns []Txn) ([]id.Txn, []bool, error) {
	ids := make([]id.Txn, len(txns))
	rows := make([][]any, len(txns))
	for i, t := range txns {
		ids[i] = id.New[id.Txn]()
		rows[i] = []any{ids[i], t.Ref, t.Kind, tx.NowUs(), int64(clock.DayOf(tx.Now)), t.Memo}
	}
	wrote, err := tx.InsertNew(ctx, "ledger_txn", []string{"id", "ref", "kind", "at_us", "day", "memo"}, "ref", rows)
	if err != nil {
		return nil, nil, fmt.Errorf("ledger: transactions: %w", err)
	}
	return ids, wrote, nil
}

// moveBalances adds up the lines of each account and moves its balance, in the
// order of the paths.
func moveBalances(ctx context.Context, tx *db.Tx, lines []Line) error {
	sums := map[string]Line{}
	for _, l := range lines {
		s, ok := sums[l.Path]
		if ok && s.Kind != l.Kind {
			return fmt.Errorf("%w: %s is used as %s and as %s", ErrKind, l.Path, s.Kind, l.Kind)
		}
		sums[l.Path] = Line{l.Path, l.Kind, s.Fen + l.Fen}
	}
	accounts := make([]Line, 0, len(sums))
	for _, s := range sums {
		accounts = append(accounts, s)
	}
	slices.SortFunc(accounts, func(a, b Line) int { return cmp.Compare(a.Path, b.Path) })
	rows, err := upsert(ctx, tx, accounts)
	if db.IsCheck(err) {
		return fmt.Errorf("%w: %w", ErrLimit, err)
	}
	if err != nil {
		return fmt.Errorf("ledger: balances: %w", err)
	}
	for _, r := range rows {
		if want := sums[r.Path].Kind; r.Kind != want {
			return fmt.Errorf("%w: %s is %s, not %s", ErrKind, r.Path, r.Kind, want)
		}
	}
	return nil
}

const (
	upsertHead = `INSERT INTO ledger_account (path, kind, balance_fen, opened_us) `
	upsertTail = ` ON CONFLICT (path) DO UPDATE SET balance_fen = ledger_account.balance_fen + excluded.balance_fen RETURNING path, kind`
)

// upsert opens or moves the accounts and gives them back with the kind they
// really have. PostgreSQL locks the rows in the order they come in.
func upsert(ctx context.Context, tx *db.Tx, accounts []Line) ([]Line, error) {
	scan := func(r *db.Rows, l *Line) error { return r.Scan(&l.Path, &l.Kind) }
	rows := make([][]any, len(accounts))
	for i, a := range accounts {
		rows[i] = []any{a.Path, a.Kind, int64(a.Fen), tx.NowUs()}
	}
	if tx.Dialect == db.Postgres {
		from, args, err := db.Unnest(rows, 1)
		if err != nil {
			return nil, err
		}
		res, err := tx.Query(ctx, upsertHead+"SELECT * FROM "+from+upsertTail, args...)
		return db.Collect(res, err, scan)
	}
	var out []Line
	for _, r := range rows {
		res, err := tx.Query(ctx, upsertHead+"VALUES ($1, $2, $3, $4)"+upsertTail, r...)
		one, err := db.Collect(res, err, scan)
		if err != nil {
			return nil, err
		}
		out = append(out, one...)
	}
	return out, nil
}

// Limit sets the least and the greatest balance an account may have; nil for
// none. It opens the account when it is not open. ErrLimit if the balance is
// past the limit already.
func Limit(ctx context.Context, tx *db.Tx, path string, kind Kind, least, greatest *money.Fen) error {
	if !validPath(path) || !validKind(kind) {
		return fmt.Errorf("%w: %q of kind %q", ErrPath, path, kind)
	}
	rows, err := upsert(ctx, tx, []Line{{path, kind, 0}})
	if err != nil {
		return err
	}
	if rows[0].Kind != kind {
		return fmt.Errorf("%w: %s is %s, not %s", ErrKind, path, rows[0].Kind, kind)
	}
	_, err = tx.Exec(ctx, `UPDATE ledger_account SET min_fen = $2, max_fen = $3 WHERE path = $1`, path, (*int64)(least), (*int64)(greatest))
	if db.IsCheck(err) {
		return fmt.Errorf("%w: %w", ErrLimit, err)
	}
	return err
}
