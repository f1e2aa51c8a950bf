package tlog

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/tlog/entry"
)

// ID of a leaf: made in the order of time.
type ID string

// Leaf is what a caller fixes.
type Leaf struct {
	Kind   string    // 'order.paid': lower case, dots
	Ref    string    // unique and idempotent; not public
	Day    clock.Day // 0: the transaction's
	Public any       // an object, shown to all: no person, no order number, no gift's amount; entry.Sums for money
	// Opening is committed to with a random salt: ids, dates and amounts, no
	// name, phone or address. nil: nothing is hidden. For a transaction of the
	// ledger it is a Txn.
	Opening any
}

// Txn is the opening of a transaction of the ledger; fsck holds it against the
// ledger's rows.
type Txn struct {
	Ref   string    `json:"ref"`
	Kind  string    `json:"kind"`
	AtUs  int64     `json:"at_us"`
	Day   clock.Day `json:"day"`
	Memo  string    `json:"memo,omitempty"`
	Lines []Line    `json:"lines"`
	// Fen are the sums by class, where the entry hides them: totals add them up.
	Fen map[string]int64 `json:"fen,omitempty"`
}

// Line is a posting of a Txn, in order.
type Line struct {
	Path string `json:"path"`
	Fen  int64  `json:"fen"`
}

// TxnRef is the ref of the leaf of a ledger transaction.
func TxnRef(ref string) string { return "txn/" + ref }

const maxRef = 220

// Fix writes leaves in the caller's transaction. A ref that stands already is
// left as it is, so that telling again changes nothing. Errors are mistakes of
// the caller (entry.ErrForm), never a person's.
func Fix(ctx context.Context, tx *db.Tx, leaves ...Leaf) error {
	rows := make([][]any, 0, len(leaves))
	for _, l := range leaves {
		if l.Ref == "" || len(l.Ref) > maxRef {
			return fmt.Errorf("tlog: %w: ref %q", entry.ErrForm, l.Ref)
		}
		if l.Day == 0 {
			l.Day = clock.DayOf(tx.Now)
		}
		var opening, salt string
		var err error
		if l.Opening != nil {
			if opening, err = entry.Text(l.Opening); err != nil {
				return fmt.Errorf("tlog: %s: %w", l.Ref, err)
			}
			salt = entry.NewSalt()
		}
		body, err := entry.Make(l.Kind, l.Day, l.Public, opening, salt)
		if err != nil {
			return fmt.Errorf("tlog: %s: %w", l.Ref, err)
		}
		rows = append(rows, []any{id.New[ID](), l.Ref, l.Kind, body, opening, salt, tx.NowUs()})
	}
	if _, err := tx.InsertNew(ctx, "log_leaf", []string{"id", "ref", "kind", "body", "opening", "salt", "at_us"}, "ref", rows); err != nil {
		return fmt.Errorf("tlog: fix: %w", err)
	}
	return nil
}

// Row is a leaf as it is kept.
type Row struct {
	ID      ID
	Ref     string
	Kind    string
	Body    string
	Opening string // "" for none
	Salt    string
	At      time.Time
	Seq     int64 // -1 while it waits
}

const columns = `id, ref, kind, body, opening, salt, at_us, coalesce(seq, -1)`

func scan(r *db.Rows, l *Row) error {
	var us int64
	err := r.Scan(&l.ID, &l.Ref, &l.Kind, &l.Body, &l.Opening, &l.Salt, &us, &l.Seq)
	l.At = clock.FromUs(us)
	return err
}

// ByRef lists the leaves whose refs start with a prefix ("txn/order/<id>/"), in
// the order they were fixed; at most 100.
func ByRef(ctx context.Context, q db.Querier, prefix string) ([]Row, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM log_leaf WHERE ref >= $1 AND ref < $2 ORDER BY id LIMIT 100`, prefix, prefix+"~")
	return db.Collect(rows, err, scan)
}

// ByID reads one leaf; db.ErrNoRows if there is none.
func ByID(ctx context.Context, q db.Querier, leaf ID) (Row, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM log_leaf WHERE id = $1`, leaf)
	list, err := db.Collect(rows, err, scan)
	if err == nil && len(list) == 0 {
		err = db.ErrNoRows
	}
	if err != nil {
		return Row{}, err
	}
	return list[0], nil
}

// Path is the secret address of a leaf's receipt page, for a code on paper:
// who has it sees the opening. It comes from the salt, so nobody who lacks the
// one can guess the other; "" for a leaf that hides nothing.
func (l Row) Path() string {
	if l.Salt == "" {
		return ""
	}
	return "/proof/" + string(l.ID) + "/" + l.secret()
}

func (l Row) secret() string {
	h := sha256.Sum256([]byte("lindu receipt v1\n" + l.Salt))
	return hex.EncodeToString(h[:16])
}

// Knows tells whether secret is that of the leaf's address.
func (l Row) Knows(secret string) bool {
	return l.Salt != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(l.secret())) == 1
}
