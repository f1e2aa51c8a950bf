package ledger

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/money"
)

// Balance is the sum of an account's postings; 0 if it was never opened.
func Balance(ctx context.Context, q db.Querier, path string) (money.Fen, error) {
	var f money.Fen
	err := q.QueryRow(ctx, `SELECT balance_fen FROM ledger_account WHERE path = $1`, path).Scan(&f)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return f, err
}

// Balances are the accounts at and under a prefix ("producer/local/").
func Balances(ctx context.Context, q db.Querier, prefix string) (map[string]money.Fen, error) {
	type account struct {
		path string
		fen  money.Fen
	}
	rows, err := q.Query(ctx, `
		SELECT path, balance_fen FROM ledger_account
		WHERE substr(path, 1, $2) = $1 ORDER BY path`, prefix, len(prefix))
	list, err := db.Collect(rows, err, func(r *db.Rows, a *account) error { return r.Scan(&a.path, &a.fen) })
	if err != nil {
		return nil, err
	}
	out := make(map[string]money.Fen, len(list))
	for _, a := range list {
		out[a.path] = a.fen
	}
	return out, nil
}

// Entries lists an account's postings, the newest first, at most limit (100 if
// it is 0, never more than 1000).
func Entries(ctx context.Context, q db.Querier, path string, limit int) ([]Entry, error) {
	if limit <= 0 {
		limit = 100
	}
	rows, err := q.Query(ctx, `
		SELECT t.id, t.ref, t.kind, t.at_us, t.day, p.path, p.fen, t.memo
		FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
		WHERE p.path = $1 ORDER BY p.txn_id DESC, p.seq DESC LIMIT $2`, path, min(limit, 1000))
	return db.Collect(rows, err, scanEntry)
}

// Find reads the postings of the transactions whose refs start with a prefix
// ("order/<id>/"), in the order they were made; at most 1000.
func Find(ctx context.Context, q db.Querier, refPrefix string) ([]Entry, error) {
	rows, err := q.Query(ctx, `
		SELECT t.id, t.ref, t.kind, t.at_us, t.day, p.path, p.fen, t.memo
		FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
		WHERE t.ref >= $1 AND t.ref < $2 ORDER BY t.id, p.seq LIMIT 1000`, refPrefix, refPrefix+"~")
	return db.Collect(rows, err, scanEntry)
}

func scanEntry(r *db.Rows, e *Entry) error {
	var us int64
	err := r.Scan(&e.Txn, &e.Ref, &e.Kind, &us, &e.Day, &e.Path, &e.Fen, &e.Memo)
	e.At = clock.FromUs(us)
	return err
}

// Across adds up the postings on the accounts in of those transactions that
// also have a line on an account that starts with prefix.
func Across(ctx context.Context, q db.Querier, prefix string, in ...string) (money.Fen, error) {
	if len(in) == 0 {
		return 0, nil
	}
	var f money.Fen
	err := q.QueryRow(ctx, `
		SELECT CAST(coalesce(sum(p.fen), 0) AS BIGINT) FROM ledger_posting p
		WHERE p.path IN (`+db.In(3, len(in))+`)
		  AND EXISTS (SELECT 1 FROM ledger_posting o WHERE o.txn_id = p.txn_id AND substr(o.path, 1, $2) = $1)`,
		append([]any{prefix, len(prefix)}, db.Args(in)...)...).Scan(&f)
	return f, err
}
