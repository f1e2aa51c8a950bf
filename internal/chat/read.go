package chat

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

const columns = `id, show_id, user_id, name, badge, body, at_us, hidden_us`

func scan(r interface{ Scan(dest ...any) error }) (m Message, err error) {
	var at, hidden int64
	err = r.Scan(&m.ID, &m.Show, &m.User, &m.Name, &m.Badge, &m.Body, &at, &hidden)
	m.At, m.Hidden = clock.FromUs(at), hidden != 0
	return m, err
}

// Tail reads a room's last messages that are not hidden, the oldest first; at
// most MaxTail.
func Tail(ctx context.Context, q db.Querier, s id.Show, n int) ([]Message, error) {
	return tail(ctx, q, s, n, `AND hidden_us = 0`)
}

// TailAll is Tail with the hidden ones, for moderators.
func TailAll(ctx context.Context, q db.Querier, s id.Show, n int) ([]Message, error) {
	return tail(ctx, q, s, n, ``)
}

func tail(ctx context.Context, q db.Querier, s id.Show, n int, and string) ([]Message, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM chat_message WHERE show_id = $1 `+and+` ORDER BY id DESC LIMIT $2`,
		s, min(max(n, 0), MaxTail))
	out, err := db.Collect(rows, err, func(r *db.Rows, m *Message) (err error) {
		*m, err = scan(r)
		return err
	})
	slices.Reverse(out)
	return out, err
}

// Count counts a room's messages that can be seen.
func Count(ctx context.Context, q db.Querier, s id.Show) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM chat_message WHERE show_id = $1 AND hidden_us = 0`, s).Scan(&n)
	return n, err
}
