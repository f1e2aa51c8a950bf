package ledger

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Kind of an account says which way it grows: assets and expenses by debit
// (positive), liabilities, income and equity by credit (negative).
type Kind string

const (
	Asset     Kind = "asset"
	Liability Kind = "liability"
	Income    Kind = "income"
	Expense   Kind = "expense"
	Equity    Kind = "equity"
)

// Line moves Fen into an account (positive: debit) or out of it (negative:
// credit). Kind is used when the account is not open yet.
type Line struct {
	Path string
	Kind Kind
	Fen  money.Fen
}

// Txn is a balanced transaction. Ref makes it idempotent.
type Txn struct {
	Ref   string // 'order/<id>/paid'
	Kind  string // 'order.paid'
	Memo  string
	Lines []Line
}

// Entry is one posting as read back.
type Entry struct {
	Txn  id.Txn
	Ref  string
	Kind string
	At   time.Time
	Day  clock.Day
	Path string
	Fen  money.Fen
	Memo string
}

// Post writes transactions with multi-row statements, in tx. It tells for each
// whether it was written; one whose Ref stands already is left as it is.
// Unbalanced lines give ErrUnbalanced, a broken account limit ErrLimit.
func Post(ctx context.Context, tx *db.Tx, txns ...Txn) ([]bool, error) { panic("not built yet") }

// Balance is the sum of an account's postings; 0 if it was never opened.
func Balance(ctx context.Context, q db.Querier, path string) (money.Fen, error) {
	panic("not built yet")
}

// Balances are the accounts at and under a prefix ("producer/local/").
func Balances(ctx context.Context, q db.Querier, prefix string) (map[string]money.Fen, error) {
	panic("not built yet")
}

// Entries lists an account's postings, the newest first, at most limit.
func Entries(ctx context.Context, q db.Querier, path string, limit int) ([]Entry, error) {
	panic("not built yet")
}
