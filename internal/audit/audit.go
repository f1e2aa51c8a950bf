// Package audit writes down who did what to what, in the transaction that does
// it. Rows are append-only (a trigger refuses change) and hold no personal data.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Event is one row of the trail.
type Event struct {
	ID         id.Event
	At         time.Time
	Actor      id.User
	ActorName  string
	Via        string
	Action     string // "lot.receive"
	ObjectKind string // "lot"
	ObjectID   string
	Detail     string // JSON
}

// Write adds a row. detail is marshalled to JSON and must hold no personal data.
func Write[ID ~string](ctx context.Context, tx *db.Tx, who actor.Actor, action, objectKind string, objectID ID, detail any) error {
	b, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("audit: %s: %w", action, err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO audit_event (id, at_us, actor_id, actor_name, via, action, object_kind, object_id, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id.New[id.Event](), tx.NowUs(), who.User, who.Name, who.Via, action, objectKind, string(objectID), string(b))
	return err
}

// Filter narrows a listing; empty fields don't.
type Filter struct {
	ObjectKind, ObjectID string
	Actor                id.User
	Before               id.Event // page on: rows older than this one
	Limit                int      // at most 200, 50 if 0
}

// List gives rows, the newest first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Event, error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.Before == "" {
		f.Before = "~" // after every hex digit
	}
	rows, err := q.Query(ctx, f.text(), f.ObjectKind, f.ObjectID, f.Actor, f.Before, f.Limit)
	return db.Collect(rows, err, func(r *db.Rows, e *Event) error {
		var us int64
		err := r.Scan(&e.ID, &us, &e.Actor, &e.ActorName, &e.Via, &e.Action, &e.ObjectKind, &e.ObjectID, &e.Detail)
		e.At = clock.FromUs(us)
		return err
	})
}

const eventColumns = `SELECT id, at_us, actor_id, actor_name, via, action, object_kind, object_id, detail FROM audit_event
	WHERE id < $4 AND ($1 = '' OR object_kind = $1) AND ($2 = '' OR object_id = $2) AND ($3 = '' OR actor_id = $3)`

// text is the query of a filter. A crowd's orders are kept out of the index by
// person, which would cost each of them a page of its own: they are found by
// their object, and of one person by reading through.
func (f Filter) text() string {
	const newest = ` ORDER BY id DESC LIMIT $5`
	switch {
	case f.ObjectKind != "" && f.ObjectID != "":
		return eventColumns + ` AND object_kind = $1 AND object_id = $2` + newest
	case f.Actor != "":
		return `SELECT * FROM (SELECT * FROM (` + eventColumns + ` AND actor_id = $3 AND action <> 'order.place'` + newest + `) a
			UNION ALL SELECT * FROM (` + eventColumns + ` AND actor_id = $3 AND action = 'order.place'` + newest + `) b) x` + newest
	}
	return eventColumns + newest
}
