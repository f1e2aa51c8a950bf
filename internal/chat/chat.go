package chat

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// MaxRunes bounds a message.
const MaxRunes = 200

// Message is one line of a room's chat. Body is plain text, escaped on every screen.
type Message struct {
	ID     id.Message
	Show   id.Show
	User   id.User
	Name   string
	Badge  string // "", host, staff
	Body   string
	At     time.Time
	Hidden bool
}

// Clean makes a body of raw input: control characters out, spaces folded;
// faults chat.empty, chat.long.
func Clean(raw string) (string, error) { panic("not built yet") }

// Post writes a message; faults chat.muted, chat.slow (TooMany with RetryAfter), chat.repeat.
// slow is the room's slow mode; staff and the host are never limited.
func Post(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, badge, body string, slow time.Duration) (Message, error) {
	panic("not built yet")
}

// Hide takes a message out of sight (moderator, operator); it stays in the records.
func Hide(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message) (Message, error) {
	panic("not built yet")
}

// Mute silences a person in a room, or everywhere (show ""), for d; 0 lifts it (moderator, operator).
func Mute(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, u id.User, d time.Duration, reason string) error {
	panic("not built yet")
}

// Tail reads a room's last messages that are not hidden, the oldest first; at most 100.
func Tail(ctx context.Context, q db.Querier, s id.Show, n int) ([]Message, error) {
	panic("not built yet")
}

// Count counts a room's messages.
func Count(ctx context.Context, q db.Querier, s id.Show) (int64, error) { panic("not built yet") }
