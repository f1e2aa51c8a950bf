package review

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Limits of a complaint, in characters.
const (
	MaxBody   = 500
	MaxAnswer = 500
)

// States of a complaint.
const (
	StateOpen      = "open"
	StateUpheld    = "upheld"
	StateDismissed = "dismissed"
)

// ObjectKinds a complaint may be about, and ComplaintKinds it may be of.
var (
	ObjectKinds    = []string{"show", "message", "product", "order"}
	ComplaintKinds = []string{"false_claim", "fake_goods", "abuse", "minor", "illegal", "other"}
)

// Complaint against a show, a message, a product or an order.
type Complaint struct {
	ID         id.Report
	No         string
	ObjectKind string
	ObjectID   string
	User       id.User // "" for an anonymous visitor
	Kind       string  // false_claim, fake_goods, abuse, minor, illegal, other
	Body       string
	State      string // open, upheld, dismissed
	Answer     string
	At         time.Time
	Done       time.Time
}

// newNo makes a number to tell on the telephone: the day and six digits,
// "260301-482913".
func newNo(day clock.Day) string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // the system has no randomness: nothing may go on
	}
	return fmt.Sprintf("%06d-%06d", int(day)%1_000_000, n)
}

// noTries bounds the search for a free number: with 1,000 complaints on one day
// five misses in a row happen once in 10^15.
const noTries = 5

// Complain writes a complaint and gives its number; anyone may, at most 5 an
// hour a visitor (enforced at the edge). Faults a field: fault.choice,
// fault.required, fault.too_long.
func Complain(ctx context.Context, tx *db.Tx, who actor.Actor, c Complaint) (Complaint, error) {
	c.Body = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(c.Body, "\x00", ""), ""))
	if err := checkComplaint(c); err != nil {
		return Complaint{}, err
	}
	c.ID, c.User, c.State, c.Answer, c.At, c.Done = id.New[id.Report](), who.User, StateOpen, "", clock.FromUs(tx.NowUs()), time.Time{}
	for range noTries {
		c.No = newNo(clock.DayOf(tx.Now))
		n, err := tx.Exec(ctx, `
			INSERT INTO complaint (id, no, object_kind, object_id, user_id, kind, body, state, at_us)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8) ON CONFLICT (no) DO NOTHING`,
			c.ID, c.No, c.ObjectKind, c.ObjectID, c.User, c.Kind, c.Body, tx.NowUs())
		if err != nil {
			return Complaint{}, err
		}
		if n == 1 {
			return c, audit.Write(ctx, tx, who, "complaint.open", "complaint", c.ID,
				map[string]any{"no": c.No, "kind": c.Kind, "object_kind": c.ObjectKind, "object": c.ObjectID})
		}
	}
	return Complaint{}, fault.New(fault.Unavailable, "fault.busy").After(time.Second)
}

func checkComplaint(c Complaint) error {
	var f []*fault.Error
	if !slices.Contains(ObjectKinds, c.ObjectKind) {
		f = append(f, fault.New(fault.Invalid, "fault.choice").At("object_kind"))
	}
	if !id.Valid(c.ObjectID) {
		f = append(f, fault.New(fault.Invalid, "fault.choice").At("object_id"))
	}
	if !slices.Contains(ComplaintKinds, c.Kind) {
		f = append(f, fault.New(fault.Invalid, "fault.choice").At("kind"))
	}
	f = append(f, text("body", c.Body, MaxBody))
	return fault.Join(f...)
}

func text(field, s string, most int) *fault.Error {
	switch {
	case s == "":
		return fault.New(fault.Invalid, "fault.required").At(field)
	case utf8.RuneCountInString(s) > most:
		return fault.New(fault.Invalid, "fault.too_long", "Max", most).At(field)
	}
	return nil
}

// Answer settles a complaint (moderator, service). Faults: review.answered
// when it is settled already, one a field.
func Answer(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Report, upheld bool, answer string) error {
	if err := who.Need(actor.Moderator, actor.Service); err != nil {
		return err
	}
	answer = strings.TrimSpace(answer)
	if err := fault.Join(text("answer", answer, MaxAnswer)); err != nil {
		return err
	}
	to := StateDismissed
	if upheld {
		to = StateUpheld
	}
	n, err := tx.Exec(ctx, `UPDATE complaint SET state = $2, answer = $3, done_us = $4, done_by = $5 WHERE id = $1 AND state = 'open'`,
		c, to, answer, tx.NowUs(), who.User)
	if err != nil {
		return err
	}
	if n == 0 {
		if _, err := ByID(ctx, tx, c); err != nil {
			return err
		}
		return fault.New(fault.Conflict, "review.answered")
	}
	return audit.Write(ctx, tx, who, "complaint."+to, "complaint", c, map[string]any{})
}

const columns = `id, no, object_kind, object_id, user_id, kind, body, state, answer, at_us, done_us`

func scan(r interface{ Scan(dest ...any) error }) (c Complaint, err error) {
	var at, done int64
	err = r.Scan(&c.ID, &c.No, &c.ObjectKind, &c.ObjectID, &c.User, &c.Kind, &c.Body, &c.State, &c.Answer, &at, &done)
	c.At, c.Done = clock.FromUs(at), clock.FromUs(done)
	return c, err
}

func one(row db.Row) (Complaint, error) {
	c, err := scan(row)
	if errors.Is(err, db.ErrNoRows) {
		return Complaint{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return c, err
}

// ByID reads a complaint; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, c id.Report) (Complaint, error) {
	return one(q.QueryRow(ctx, `SELECT `+columns+` FROM complaint WHERE id = $1`, c))
}

// ByNo reads a complaint by the number its author was told.
func ByNo(ctx context.Context, q db.Querier, no string) (Complaint, error) {
	return one(q.QueryRow(ctx, `SELECT `+columns+` FROM complaint WHERE no = $1`, strings.TrimSpace(no)))
}

// Open reads complaints by state ("" for all), the newest first; at most 200.
func Open(ctx context.Context, q db.Querier, state string) ([]Complaint, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM complaint WHERE ($1 = '' OR state = $1) ORDER BY at_us DESC, id DESC LIMIT 200`, state)
	return db.Collect(rows, err, func(r *db.Rows, c *Complaint) (err error) {
		*c, err = scan(r)
		return err
	})
}

// About reads complaints about an object, the oldest first; at most 200.
func About(ctx context.Context, q db.Querier, kind, object string) ([]Complaint, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM complaint WHERE object_kind = $1 AND object_id = $2 ORDER BY at_us, id LIMIT 200`, kind, object)
	return db.Collect(rows, err, func(r *db.Rows, c *Complaint) (err error) {
		*c, err = scan(r)
		return err
	})
}
