package pricing

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

// Kind of what a request would change.
type Kind string

// Kinds.
const (
	Price Kind = "price" // of an item
	Flash Kind = "flash" // a flash sale of it
)

// State of a request.
type State string

// States.
const (
	Waiting  State = "waiting"
	Approved State = "approved"
	Refused  State = "refused"
	Expired  State = "expired" // computed
)

// Limits.
const (
	// Within is how long a request waits for a signer: a show is short.
	Within    = 30 * time.Minute
	MaxReason = 200 // characters
	maxKey    = 255
	maxListed = 100
)

// Request of a price outside the bounds.
type Request struct {
	ID      id.PriceRequest
	Show    id.Show
	Item    id.Item
	Kind    Kind
	Old     money.Fen
	New     money.Fen
	Floor   money.Fen // in force when it was asked
	Ceiling money.Fen
	Reason  string
	Detail  string // JSON, the flow's
	stored  State
	Asked   time.Time
	AskedBy id.User
	Expires time.Time
	Decided time.Time
	By      id.User
	Note    string
}

// State at a time.
func (r Request) State(now time.Time) State {
	if r.stored == Waiting && !now.Before(r.Expires) {
		return Expired
	}
	return r.stored
}

// Ask writes a request (operator).
// The same key again gives the first. Faults: one a field, pricing.waiting when
// one of the item waits already, pricing.key_used.
func Ask(ctx context.Context, tx *db.Tx, who actor.Actor, key string, r Request) (Request, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Request{}, err
	}
	r.Reason = strings.TrimSpace(r.Reason)
	var k, why *fault.Error
	if key == "" || len(key) > maxKey {
		k = fault.New(fault.Invalid, "fault.required").At("key")
	}
	switch n := utf8.RuneCountInString(r.Reason); {
	case n == 0:
		why = fault.New(fault.Invalid, "fault.required").At("reason")
	case n > MaxReason:
		why = fault.New(fault.Invalid, "fault.too_long", "Max", MaxReason).At("reason")
	}
	if err := fault.Join(k, why); err != nil {
		return Request{}, err
	}
	was, err := one(ctx, tx, `idem_key = $1`, key)
	switch {
	case err == nil && (was.Item != r.Item || was.New != r.New || was.Kind != r.Kind):
		return Request{}, fault.New(fault.Conflict, "pricing.key_used")
	case err == nil || !fault.Is(err, fault.NotFound):
		return was, err
	}
	if _, err := one(ctx, tx, `item_id = $1 AND kind = $2 AND state = 'waiting' AND expires_us > $3`, r.Item, r.Kind, tx.NowUs()); err == nil {
		return Request{}, fault.New(fault.Conflict, "pricing.waiting")
	} else if !fault.Is(err, fault.NotFound) {
		return Request{}, err
	}
	r.ID, r.stored, r.AskedBy, r.Asked = id.New[id.PriceRequest](), Waiting, who.User, clock.FromUs(tx.NowUs())
	r.Expires = r.Asked.Add(Within)
	if _, err := tx.Exec(ctx, `
		INSERT INTO price_request (id, show_id, item_id, kind, old_fen, new_fen, floor_fen, ceiling_fen, reason, detail, state, asked_by, asked_us, expires_us, idem_key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', $11, $12, $13, $14)`,
		r.ID, r.Show, r.Item, r.Kind, r.Old, r.New, r.Floor, r.Ceiling, r.Reason, r.Detail, who.User, tx.NowUs(), clock.Us(r.Expires), key); err != nil {
		return Request{}, err
	}
	return r, audit.Write(ctx, tx, who, "pricing.ask", "item", r.Item, map[string]any{"request": r.ID, "kind": r.Kind, "old_fen": r.Old, "new_fen": r.New,
		"floor_fen": r.Floor, "ceiling_fen": r.Ceiling, "reason": r.Reason})
}

// Decide signs or refuses a request; another operator or an admin does. The
// same word again changes nothing. Faults: pricing.two_signers,
// pricing.over when it has expired or was decided otherwise.
func Decide(ctx context.Context, tx *db.Tx, who actor.Actor, r id.PriceRequest, yes bool, note string) (x Request, fresh bool, err error) {
	if err := who.Need(actor.Operator, actor.Admin); err != nil {
		return x, false, err
	}
	if note = strings.TrimSpace(note); utf8.RuneCountInString(note) > MaxReason {
		return x, false, fault.New(fault.Invalid, "fault.too_long", "Max", MaxReason).At("note")
	}
	if _, err := tx.Exec(ctx, `UPDATE price_request SET state = state WHERE id = $1`, r); err != nil { // who comes second waits
		return x, false, err
	}
	if x, err = ByID(ctx, tx, r); err != nil {
		return x, false, err
	}
	to := Refused
	if yes {
		to = Approved
	}
	switch {
	case x.AskedBy == who.User:
		return x, false, fault.New(fault.Denied, "pricing.two_signers")
	case x.stored == to:
		return x, false, nil
	case x.State(tx.Now) != Waiting:
		return x, false, fault.New(fault.Conflict, "pricing.over")
	}
	if _, err := tx.Exec(ctx, `UPDATE price_request SET state = $2, decided_by = $3, decided_us = $4, note = $5 WHERE id = $1`, r, to, who.User, tx.NowUs(), note); err != nil {
		return x, false, err
	}
	x.stored, x.By, x.Decided, x.Note = to, who.User, clock.FromUs(tx.NowUs()), note
	return x, true, audit.Write(ctx, tx, who, "pricing."+string(to), "item", x.Item, map[string]any{"request": r, "kind": x.Kind, "new_fen": x.New, "asked_by": x.AskedBy, "note": note})
}

const columns = `id, show_id, item_id, kind, old_fen, new_fen, floor_fen, ceiling_fen, reason, detail, state, asked_by, asked_us, expires_us, decided_by, decided_us, note`

func scan(row interface{ Scan(...any) error }, r *Request) error {
	var asked, expires, decided int64
	err := row.Scan(&r.ID, &r.Show, &r.Item, &r.Kind, &r.Old, &r.New, &r.Floor, &r.Ceiling, &r.Reason, &r.Detail, &r.stored, &r.AskedBy, &asked, &expires, &r.By, &decided, &r.Note)
	r.Asked, r.Expires, r.Decided = clock.FromUs(asked), clock.FromUs(expires), clock.FromUs(decided)
	return err
}

func one(ctx context.Context, q db.Querier, where string, args ...any) (Request, error) {
	var r Request
	err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM price_request WHERE `+where+` ORDER BY id DESC LIMIT 1`, args...), &r)
	if errors.Is(err, db.ErrNoRows) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return r, err
}

// ByID reads a request; fault NotFound.
func ByID(ctx context.Context, q db.Querier, r id.PriceRequest) (Request, error) {
	return one(ctx, q, `id = $1`, r)
}

// Of lists a show's requests, the newest first, at most 100.
func Of(ctx context.Context, q db.Querier, s id.Show) ([]Request, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM price_request WHERE show_id = $1 ORDER BY id DESC LIMIT $2`, s, maxListed)
	return db.Collect(rows, err, func(r *db.Rows, x *Request) error { return scan(r, x) })
}

// Open lists what waits for a signer in all shows, the oldest first, at most
// 100: what the desk of many rooms shows.
func Open(ctx context.Context, q db.Querier) ([]Request, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM price_request WHERE state = 'waiting' AND expires_us > $1 ORDER BY expires_us, id LIMIT $2`, clock.Us(db.Now(q)), maxListed)
	return db.Collect(rows, err, func(r *db.Rows, x *Request) error { return scan(r, x) })
}
