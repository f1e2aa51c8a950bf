package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Note is a row to be written by WriteAll.
type Note struct {
	Who        actor.Actor
	Action     string
	ObjectKind string
	ObjectID   string
	Detail     any // marshalled to JSON, without personal data
}

// WriteAll adds many rows with one multi-row statement: for groups of orders.
func WriteAll(ctx context.Context, tx *db.Tx, notes []Note) error {
	rows := make([][]any, len(notes))
	for i, n := range notes {
		b, err := json.Marshal(n.Detail)
		if err != nil {
			return fmt.Errorf("audit: %s: %w", n.Action, err)
		}
		rows[i] = []any{id.New[string](), tx.NowUs(), string(n.Who.User), n.Who.Name, n.Who.Via, n.Action, n.ObjectKind, n.ObjectID, string(b)}
	}
	return tx.Insert(ctx, "audit_event", []string{"id", "at_us", "actor_id", "actor_name", "via", "action", "object_kind", "object_id", "detail"}, rows)
}
