package waitlist

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// State of an entry.
type State string

// States.
const (
	Waiting State = "waiting"
	Told    State = "told"
	Left    State = "left"
)

// Limits.
const (
	MaxUnits = 99
	MaxOpen  = 20    // items a person waits for
	MaxLine  = 20000 // people in line for an item
	// HeadStart is how long who was told goes first.
	HeadStart = 3 * time.Minute
	nextBatch = 100 // told at once
	smsBatch  = 50
	smsTries  = 3
	smsWithin = 10 * time.Minute // later the text is no news
)

// Entry is a person's place in line.
type Entry struct {
	ID    id.Wait
	Item  id.Item
	Show  id.Show
	User  id.User
	Units int64
	SMS   bool
	State State
	At    time.Time
	Told  time.Time
}

// Join puts a person in line for an item, or changes how many they want; flow
// looks whether it is sold out. Faults: sign in, fault.number at units,
// wait.many, wait.full.
func Join(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, it id.Item, units int64, sms bool) (Entry, error) {
	if !who.SignedIn() {
		return Entry{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	if units < 1 || units > MaxUnits {
		return Entry{}, fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", MaxUnits).At("units")
	}
	was, err := Of(ctx, tx, it, who.User)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return Entry{}, err
	}
	if was.State != Waiting {
		if err := room(ctx, tx, it, who.User); err != nil {
			return Entry{}, err
		}
	}
	// A place in line is kept only by who still stands in it.
	if _, err := tx.Exec(ctx, `
		INSERT INTO wait_entry (id, item_id, show_id, user_id, units, sms, state, at_us) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7)
		ON CONFLICT (item_id, user_id) DO UPDATE SET units = excluded.units, sms = excluded.sms,
			at_us = CASE WHEN wait_entry.state = 'waiting' THEN wait_entry.at_us ELSE excluded.at_us END,
			state = 'waiting', told_us = 0, sms_us = 0, sms_tries = 0`,
		id.New[id.Wait](), it, s, who.User, units, sms, tx.NowUs()); err != nil {
		return Entry{}, err
	}
	e, err := Of(ctx, tx, it, who.User)
	if err != nil {
		return Entry{}, err
	}
	return e, audit.Write(ctx, tx, who, "wait.join", "item", it, map[string]any{"units": units})
}

// room refuses whom there is no room for.
func room(ctx context.Context, q db.Querier, it id.Item, u id.User) error {
	var mine, line int64
	if err := q.QueryRow(ctx, `SELECT count(*) FROM wait_entry WHERE user_id = $1 AND state = 'waiting'`, u).Scan(&mine); err != nil {
		return err
	}
	if err := q.QueryRow(ctx, `SELECT count(*) FROM wait_entry WHERE item_id = $1 AND state = 'waiting'`, it).Scan(&line); err != nil {
		return err
	}
	switch {
	case mine >= MaxOpen:
		return fault.New(fault.Conflict, "wait.many", "Max", MaxOpen)
	case line >= MaxLine:
		return fault.New(fault.Conflict, "wait.full")
	}
	return nil
}

// Leave takes a person out of the line; again changes nothing.
func Leave(ctx context.Context, tx *db.Tx, who actor.Actor, it id.Item) error {
	if !who.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	n, err := tx.Exec(ctx, `UPDATE wait_entry SET state = 'left' WHERE item_id = $1 AND user_id = $2 AND state <> 'left'`, it, who.User)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "wait.leave", "item", it, map[string]any{})
}

// Next tells the first in line of an item of which stock units are there, and
// gives who was told. Who was told in the last HeadStart counts against the
// stock; the first in line is told whenever anything is left for them.
func Next(ctx context.Context, tx *db.Tx, it id.Item, stock int64) ([]Entry, error) {
	if stock <= 0 {
		return nil, nil
	}
	var promised int64
	if err := tx.QueryRow(ctx, `SELECT CAST(coalesce(sum(units), 0) AS BIGINT) FROM wait_entry WHERE item_id = $1 AND state = 'told' AND told_us > $2`,
		it, clock.Us(tx.Now.Add(-HeadStart))).Scan(&promised); err != nil {
		return nil, err
	}
	line, err := list(ctx, tx, `item_id = $1 AND state = 'waiting' ORDER BY at_us, id LIMIT $2`, it, nextBatch)
	if err != nil {
		return nil, err
	}
	left := stock - promised
	var told []Entry
	for _, e := range line {
		if left <= 0 {
			break
		}
		n, err := tx.Exec(ctx, `UPDATE wait_entry SET state = 'told', told_us = $2 WHERE id = $1 AND state = 'waiting'`, e.ID, tx.NowUs())
		if err != nil {
			return nil, err
		}
		if n == 1 { // another server may have been faster
			e.State, e.Told = Told, clock.FromUs(tx.NowUs())
			told = append(told, e)
		}
		left -= e.Units
	}
	return told, nil
}

// Open lists those of the items that somebody waits for; without items, of all; at most 500.
func Open(ctx context.Context, q db.Querier, items ...id.Item) ([]id.Item, error) {
	where, args := ``, []any(nil)
	if len(items) > 0 {
		where, args = ` AND item_id IN (`+db.In(1, len(items))+`)`, db.Args(items)
	}
	rows, err := q.Query(ctx, `SELECT DISTINCT item_id FROM wait_entry WHERE state = 'waiting'`+where+` ORDER BY item_id LIMIT 500`, args...)
	return db.Collect(rows, err, func(r *db.Rows, it *id.Item) error { return r.Scan(it) })
}

// Demand is how many people wait for an item, and for how much.
type Demand struct {
	People int64 `json:"people"`
	Units  int64 `json:"units"`
}

// DemandOf counts a show's lines by item; an item nobody waits for is left out.
func DemandOf(ctx context.Context, q db.Querier, s id.Show) (map[id.Item]Demand, error) {
	type row struct {
		it id.Item
		Demand
	}
	rows, err := q.Query(ctx, `SELECT item_id, count(*), CAST(sum(units) AS BIGINT) FROM wait_entry WHERE show_id = $1 AND state = 'waiting' GROUP BY item_id ORDER BY item_id`, s)
	found, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.it, &x.People, &x.Units) })
	out := make(map[id.Item]Demand, len(found))
	for _, x := range found {
		out[x.it] = x.Demand
	}
	return out, err
}

// Of reads a person's entry; fault NotFound.
func Of(ctx context.Context, q db.Querier, it id.Item, u id.User) (Entry, error) {
	out, err := list(ctx, q, `item_id = $1 AND user_id = $2`, it, u)
	if err == nil && len(out) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return append(out, Entry{})[0], err
}

// Mine lists what a person waits for, or was told of, in a show.
func Mine(ctx context.Context, q db.Querier, s id.Show, u id.User) ([]Entry, error) {
	return list(ctx, q, `user_id = $1 AND show_id = $2 AND state <> 'left' ORDER BY id`, u, s)
}

// DueTexts takes the texts that are to be sent now: each is given to one
// sender, and again after a failure (TextFailed), three times.
func DueTexts(ctx context.Context, tx *db.Tx) ([]Entry, error) {
	due, err := list(ctx, tx, `state = 'told' AND sms AND sms_us = 0 AND told_us > $1 ORDER BY told_us, id LIMIT $2`, clock.Us(tx.Now.Add(-smsWithin)), smsBatch)
	if err != nil {
		return nil, err
	}
	out := due[:0]
	for _, e := range due {
		n, err := tx.Exec(ctx, `UPDATE wait_entry SET sms_us = $2, sms_tries = sms_tries + 1 WHERE id = $1 AND sms_us = 0`, e.ID, tx.NowUs())
		if err != nil {
			return nil, err
		} else if n == 1 {
			out = append(out, e)
		}
	}
	return out, nil
}

// TextFailed lets a text be tried again, unless it was tried often enough.
func TextFailed(ctx context.Context, tx *db.Tx, e id.Wait) error {
	_, err := tx.Exec(ctx, `UPDATE wait_entry SET sms_us = 0 WHERE id = $1 AND sms_tries < $2`, e, smsTries)
	return err
}

func list(ctx context.Context, q db.Querier, where string, args ...any) ([]Entry, error) {
	rows, err := q.Query(ctx, `SELECT id, item_id, show_id, user_id, units, sms, state, at_us, told_us FROM wait_entry WHERE `+where, args...)
	out, err := db.Collect(rows, err, func(r *db.Rows, e *Entry) error {
		var at, told int64
		err := r.Scan(&e.ID, &e.Item, &e.Show, &e.User, &e.Units, &e.SMS, &e.State, &at, &told)
		e.At, e.Told = clock.FromUs(at), clock.FromUs(told)
		return err
	})
	return out, err
}
