package chat

import (
	"context"
	"slices"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

const (
	columns = `m.id, m.show_id, m.user_id, m.name, m.badge, m.body, m.at_us, m.state, m.shown_us, m.due_us, m.hidden_us, m.reason,
		m.reply_id, coalesce(q.name, ''), coalesce(q.body, '')`
	quoted = `LEFT JOIN chat_message q ON q.id = m.reply_id AND q.hidden_us = 0 AND q.state = 'shown'`
)

func scan(r interface{ Scan(dest ...any) error }) (m Message, err error) {
	var at, since, due, hidden int64
	var reply Quote
	err = r.Scan(&m.ID, &m.Show, &m.User, &m.Name, &m.Badge, &m.Body, &at, &m.State, &since, &due, &hidden, &m.Reason, &reply.ID, &reply.Name, &reply.Body)
	m.At, m.Hidden = clock.FromUs(at), hidden != 0
	if since > 0 {
		m.Since = clock.FromUs(since)
	}
	if due > 0 {
		m.Due = clock.FromUs(due)
	}
	if reply.ID != "" {
		m.Reply = &reply
	}
	return m, err
}

func collect(rows *db.Rows, err error) ([]Message, error) {
	return db.Collect(rows, err, func(r *db.Rows, m *Message) (err error) {
		*m, err = scan(r)
		return err
	})
}

// Tail reads a room's last messages that can be seen, the oldest first; at
// most MaxTail.
func Tail(ctx context.Context, q db.Querier, s id.Show, n int) ([]Message, error) {
	return tail(ctx, q, s, n, `AND m.hidden_us = 0`)
}

// TailAll is Tail with the hidden ones, for moderators.
func TailAll(ctx context.Context, q db.Querier, s id.Show, n int) ([]Message, error) {
	return tail(ctx, q, s, n, ``)
}

// HiddenTail is what moderators took out of sight.
func HiddenTail(ctx context.Context, q db.Querier, s id.Show, n int) ([]Message, error) {
	return tail(ctx, q, s, n, `AND m.hidden_us > 0`)
}

func tail(ctx context.Context, q db.Querier, s id.Show, n int, and string) ([]Message, error) {
	out, err := collect(q.Query(ctx, `SELECT `+columns+` FROM chat_message m `+quoted+` WHERE m.show_id = $1 AND m.state = 'shown' `+and+` ORDER BY m.shown_us DESC, m.id DESC LIMIT $2`,
		s, min(max(n, 0), MaxTail)))
	slices.Reverse(out)
	return out, err
}

// Between reads what could be seen first in [from, to), the oldest first; at
// most limit. It is the chat beside a replay.
func Between(ctx context.Context, q db.Querier, s id.Show, from, to time.Time, limit int) ([]Message, error) {
	return collect(q.Query(ctx, `SELECT `+columns+` FROM chat_message m `+quoted+` WHERE m.show_id = $1 AND m.state = 'shown' AND m.hidden_us = 0
		AND m.shown_us >= $2 AND m.shown_us < $3 ORDER BY m.shown_us, m.id LIMIT $4`, s, clock.Us(from), clock.Us(to), limit))
}

// Waiting lists a room's held messages, the oldest first; of one person if u is
// not "".
func Waiting(ctx context.Context, q db.Querier, s id.Show, u id.User) ([]Message, error) {
	return collect(q.Query(ctx, `SELECT `+columns+` FROM chat_message m `+quoted+` WHERE m.show_id = $1 AND m.state = 'held' AND ($2 = '' OR m.user_id = $2)
		ORDER BY m.at_us, m.id LIMIT $3`, s, u, MaxTail))
}

// Out lists what of a person's words is not seen, and why: hidden, refused, the
// newest first.
func Out(ctx context.Context, q db.Querier, u id.User) ([]Message, error) {
	return collect(q.Query(ctx, `SELECT `+columns+` FROM chat_message m `+quoted+` WHERE m.user_id = $1 AND (m.hidden_us > 0 OR m.state <> 'shown') AND m.state <> 'held'
		ORDER BY m.at_us DESC, m.id DESC LIMIT $2`, u, MaxTail))
}

// Count counts a room's messages that can be seen, and how many people wrote them.
func Count(ctx context.Context, q db.Querier, s id.Show) (n, people int64, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), count(DISTINCT user_id) FROM chat_message WHERE show_id = $1 AND hidden_us = 0 AND state = 'shown'`, s).Scan(&n, &people)
	return n, people, err
}
