package gift

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// States of a case.
const (
	Open    = "open"
	Granted = "granted"
	Refused = "refused"
)

// ContactColumn is what a guardian's phone is sealed for.
const ContactColumn = "gift_case.contact"

// Case is a guardian's claim that a child gave.
type Case struct {
	ID         string
	No         string
	User       id.User
	Body       string
	ContactEnc string // guardian's phone, sealed
	From, To   clock.Day
	State      string
	Answer     string
	Fen        money.Fen // given back
	At         time.Time
	DoneAt     time.Time
	DoneBy     id.User
}

// OpenCase writes a claim about the gifts of the account that is signed in,
// given from one day to another. One at a time. Fault gift.case_open.
func OpenCase(ctx context.Context, tx *db.Tx, who actor.Actor, c Case) (Case, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return Case{}, err
	}
	c.Body = strings.TrimSpace(c.Body)
	var body, days *fault.Error
	switch n := utf8.RuneCountInString(c.Body); {
	case n < 5:
		body = fault.New(fault.Invalid, "fault.required").At("body")
	case n > 1000:
		body = fault.New(fault.Invalid, "fault.too_long", "Max", 1000).At("body")
	}
	if c.From == 0 || c.To < c.From {
		days = fault.New(fault.Invalid, "gift.days").At("from")
	}
	if err := fault.Join(body, days); err != nil {
		return Case{}, err
	}
	c.ID, c.No, c.User, c.State, c.At = id.New[string](), id.OrderNo(clock.DayOf(tx.Now)), who.User, Open, tx.Now
	n, err := tx.Exec(ctx, `
		INSERT INTO gift_case (id, no, user_id, body, contact_enc, from_day, to_day, state, at_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8) ON CONFLICT DO NOTHING`,
		c.ID, c.No, c.User, c.Body, c.ContactEnc, int64(c.From), int64(c.To), tx.NowUs())
	switch {
	case err != nil:
		return Case{}, err
	case n == 0:
		return Case{}, fault.New(fault.Conflict, "gift.case_open")
	}
	return c, audit.Write(ctx, tx, who, "gift.case", "gift_case", c.ID, map[string]any{})
}

// DecideCase writes what service decided and what was given back; false if it
// was decided before.
func DecideCase(ctx context.Context, tx *db.Tx, who actor.Actor, c, state, answer string, fen money.Fen) (bool, error) {
	if err := who.Need(actor.Service); err != nil {
		return false, err
	}
	answer = strings.TrimSpace(answer)
	switch n := utf8.RuneCountInString(answer); {
	case n == 0:
		return false, fault.New(fault.Invalid, "fault.required").At("answer")
	case n > 1000:
		return false, fault.New(fault.Invalid, "fault.too_long", "Max", 1000).At("answer")
	}
	n, err := tx.Exec(ctx, `UPDATE gift_case SET state = $2, answer = $3, fen = $4, done_us = $5, done_by = $6 WHERE id = $1 AND state = 'open'`,
		c, state, answer, fen, tx.NowUs(), who.User)
	if err != nil || n == 0 {
		return false, err
	}
	return true, audit.Write(ctx, tx, who, "gift.case_"+state, "gift_case", c, map[string]any{"fen": fen})
}

const caseColumns = `id, no, user_id, body, contact_enc, from_day, to_day, state, answer, fen, at_us, done_us, done_by`

func scanCase(r interface{ Scan(...any) error }, c *Case) error {
	var at, done int64
	err := r.Scan(&c.ID, &c.No, &c.User, &c.Body, &c.ContactEnc, &c.From, &c.To, &c.State, &c.Answer, &c.Fen, &at, &done, &c.DoneBy)
	c.At, c.DoneAt = clock.FromUs(at), clock.FromUs(done)
	return err
}

// CaseByID reads a case; fault NotFound.
func CaseByID(ctx context.Context, q db.Querier, c string) (Case, error) {
	var out Case
	err := scanCase(q.QueryRow(ctx, `SELECT `+caseColumns+` FROM gift_case WHERE id = $1`, c), &out)
	if errors.Is(err, db.ErrNoRows) {
		return Case{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return out, err
}

// Cases lists cases, open ones first, then the newest; of one person if u is
// not empty; at most 200.
func Cases(ctx context.Context, q db.Querier, u id.User) ([]Case, error) {
	rows, err := q.Query(ctx, `SELECT `+caseColumns+` FROM gift_case WHERE $1 = '' OR user_id = $1 ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, id DESC LIMIT 200`, u)
	return db.Collect(rows, err, func(r *db.Rows, c *Case) error { return scanCase(r, c) })
}

// PageSize is how many gifts Between gives at most.
const PageSize = 500

// Between lists the gifts of a person that are paid, given from one day to
// another, in the order they were given, from after one ("" for the first page).
func Between(ctx context.Context, q db.Querier, u id.User, from, to clock.Day, after id.Gift) ([]Gift, error) {
	return list(q.Query(ctx, `SELECT `+columns+` FROM gift WHERE user_id = $1 AND day BETWEEN $2 AND $3 AND state = 'paid' AND id > $4 ORDER BY id LIMIT $5`,
		u, int64(from), int64(to), after, PageSize))
}

// CountBetween counts the gifts that Between pages through, and what they come
// to.
func CountBetween(ctx context.Context, q db.Querier, u id.User, from, to clock.Day) (n int64, fen money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), CAST(coalesce(sum(fen), 0) AS BIGINT) FROM gift WHERE user_id = $1 AND day BETWEEN $2 AND $3 AND state = 'paid'`,
		u, int64(from), int64(to)).Scan(&n, &fen)
	return n, fen, err
}

// CloseUnpaid closes the gifts of a person that wait for their payment and tells
// which; money that comes for one later goes back by itself.
func CloseUnpaid(ctx context.Context, tx *db.Tx, u id.User) ([]id.Gift, error) {
	rows, err := tx.Query(ctx, `UPDATE gift SET state = 'closed', done_us = $2 WHERE user_id = $1 AND state = 'unpaid' RETURNING id`, u, tx.NowUs())
	return db.Collect(rows, err, func(r *db.Rows, g *id.Gift) error { return r.Scan(g) })
}
