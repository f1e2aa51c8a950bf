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

// Balances are the accounts whose paths begin with a prefix ("producer/local/").
func Balances(ctx context.Context, q db.Querier, prefix string) (map[string]money.Fen, error) {
	rows, err := q.Query(ctx, `SELECT path, balance_fen FROM ledger_account WHERE path >= $1 AND path < $2 ORDER BY path`, prefix, prefix+"~")
	return sums(rows, err)
}

// Paths lists the accounts whose paths begin with a prefix; at most 500.
func Paths(ctx context.Context, q db.Querier, prefix string) ([]string, error) {
	rows, err := q.Query(ctx, `SELECT path FROM ledger_account WHERE path >= $1 AND path < $2 ORDER BY path LIMIT 500`, prefix, prefix+"~")
	return db.Collect(rows, err, func(r *db.Rows, p *string) error { return r.Scan(p) })
}

// Account is one as it stands.
type Account struct {
	Path       string
	Kind       Kind
	Balance    money.Fen
	HeldDebit  money.Fen // pending
	HeldCredit money.Fen
	Least      *money.Fen // nil: no limit
	Greatest   *money.Fen
}

// Read reads an account; false if it was never opened.
func Read(ctx context.Context, q db.Querier, path string) (Account, bool, error) {
	a := Account{Path: path}
	var least, greatest *int64
	err := q.QueryRow(ctx, `SELECT kind, balance_fen, held_debit_fen, held_credit_fen, min_fen, max_fen FROM ledger_account WHERE path = $1`, path).
		Scan(&a.Kind, &a.Balance, &a.HeldDebit, &a.HeldCredit, &least, &greatest)
	if errors.Is(err, db.ErrNoRows) {
		return a, false, nil
	}
	a.Least, a.Greatest = (*money.Fen)(least), (*money.Fen)(greatest)
	return a, err == nil, err
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
