package ledger

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
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

// Errors of Post and Open. They are mistakes of the caller, never a person's.
var (
	ErrUnbalanced = errors.New("ledger: lines do not add up to zero")
	ErrTxn        = errors.New("ledger: not a transaction")
	ErrPath       = errors.New("ledger: not an account path")
	ErrKind       = errors.New("ledger: account is of another kind")
	ErrLimit      = errors.New("ledger: account limit passed")
	ErrRef        = errors.New("ledger: the ref stands with something else")
	ErrNoHold     = errors.New("ledger: nothing is held by the ref")
)

// Line moves Fen into an account (positive: debit) or out of it (negative:
// credit). Kind is used when the account is not open yet, and must be the
// account's kind when it is.
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

// Limits of a transaction's texts, and of the lines it may have.
const (
	MaxPath  = 200
	MaxRef   = 200
	MaxMemo  = 500
	MaxLines = 1000
)

// Check tells whether the transaction may be posted as far as the ledger
// knows: refs, paths, kinds and the sum. Post checks too.
func (t Txn) Check() error {
	if t.Ref == "" || len(t.Ref) > MaxRef || t.Kind == "" || len(t.Memo) > MaxMemo || len(t.Lines) < 2 || len(t.Lines) > MaxLines {
		return fmt.Errorf("%w: ref %q, kind %q, %d lines", ErrTxn, t.Ref, t.Kind, len(t.Lines))
	}
	var debit, credit money.Fen
	for _, l := range t.Lines {
		if !validPath(l.Path) {
			return fmt.Errorf("%w: %q in %s", ErrPath, l.Path, t.Ref)
		}
		if !validKind(l.Kind) {
			return fmt.Errorf("%w: %s has kind %q in %s", ErrKind, l.Path, l.Kind, t.Ref)
		}
		switch {
		case l.Fen == 0 || l.Fen > maxLine || l.Fen < -maxLine:
			return fmt.Errorf("%w: a line of %d fen in %s", ErrTxn, int64(l.Fen), t.Ref)
		case l.Fen > 0:
			debit += l.Fen
		default:
			credit -= l.Fen
		}
	}
	if debit != credit {
		return fmt.Errorf("%w: %s has %s debit and %s credit", ErrUnbalanced, t.Ref, debit, credit)
	}
	return nil
}

// maxLine keeps the sum of MaxLines lines far from overflow.
const maxLine = 1000 * money.MaxFen

func validKind(k Kind) bool {
	switch k {
	case Asset, Liability, Income, Expense, Equity:
		return true
	}
	return false
}

// validPath holds paths to "a/b-c/0d": lower-case letters, digits and hyphens
// in parts that are not empty, so that a prefix is never ambiguous and no
// path can look like another.
func validPath(p string) bool {
	if p == "" || len(p) > MaxPath {
		return false
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
