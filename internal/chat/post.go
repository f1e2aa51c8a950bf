package chat

import (
	"context"
	"errors"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Post writes a message. badge says for whom the person speaks, slow is the
// room's slow mode. Faults: those of Clean; without a badge also chat.muted,
// chat.slow and chat.repeat, the last two TooMany with RetryAfter. There is no
// audit row: the message is the record.
func Post(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, badge, body string, slow time.Duration) (Message, error) {
	if !who.SignedIn() {
		return Message{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	body, err := Clean(body)
	if err != nil {
		return Message{}, err
	}
	if badge == "" {
		if err := mayWrite(ctx, tx, who.User, s, body, max(slow, MinGap)); err != nil {
			return Message{}, err
		}
	}
	m := Message{ID: id.New[id.Message](), Show: s, User: who.User, Name: who.Name, Badge: badge, Body: body, At: clock.FromUs(tx.NowUs())}
	_, err = tx.Exec(ctx, `INSERT INTO chat_message (id, show_id, user_id, name, badge, body, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		m.ID, s, m.User, m.Name, m.Badge, m.Body, tx.NowUs())
	return m, err
}

func mayWrite(ctx context.Context, tx *db.Tx, u id.User, s id.Show, body string, gap time.Duration) error {
	var until int64
	err := tx.QueryRow(ctx, `SELECT CAST(coalesce(max(until_us), 0) AS BIGINT) FROM chat_mute WHERE user_id = $1 AND show_id IN ('', $2)`, u, s).Scan(&until)
	if err != nil {
		return err
	}
	if end := clock.FromUs(until); end.After(tx.Now) {
		left := end.Sub(tx.Now)
		return fault.New(fault.Denied, "chat.muted", "Minutes", int64((left+time.Minute-1)/time.Minute)).After(left)
	}
	if err := takeTurn(ctx, tx, u, s, gap); err != nil {
		return err
	}
	return noRepeat(ctx, tx, u, s, body)
}

// takeTurn moves the person's "last wrote" to now if the gap is over. The row
// makes a second message of the same moment wait and then fail. A clock that
// was set back must silence nobody, so a time in the future counts as none.
func takeTurn(ctx context.Context, tx *db.Tx, u id.User, s id.Show, gap time.Duration) error {
	n, err := tx.Exec(ctx, `
		INSERT INTO chat_pace (show_id, user_id, last_us) VALUES ($1, $2, $3)
		ON CONFLICT (show_id, user_id) DO UPDATE SET last_us = excluded.last_us
		WHERE chat_pace.last_us <= $4 OR chat_pace.last_us > excluded.last_us`,
		s, u, tx.NowUs(), clock.Us(tx.Now.Add(-gap)))
	if err != nil || n == 1 {
		return err
	}
	var last int64
	if err := tx.QueryRow(ctx, `SELECT last_us FROM chat_pace WHERE show_id = $1 AND user_id = $2`, s, u).Scan(&last); err != nil {
		return err
	}
	left := clock.FromUs(last).Add(gap).Sub(tx.Now)
	return fault.New(fault.TooMany, "chat.slow", "Seconds", max(1, int64((left+time.Second-1)/time.Second))).After(left)
}

// noRepeat compares with what the person wrote within RepeatGap: by the pace,
// 15 rows at most.
func noRepeat(ctx context.Context, tx *db.Tx, u id.User, s id.Show, body string) error {
	type past struct {
		body string
		at   int64
	}
	rows, err := tx.Query(ctx, `SELECT body, at_us FROM chat_message WHERE show_id = $1 AND user_id = $2 AND at_us > $3 AND at_us <= $4 ORDER BY at_us DESC LIMIT 50`,
		s, u, clock.Us(tx.Now.Add(-RepeatGap)), tx.NowUs())
	recent, err := db.Collect(rows, err, func(r *db.Rows, p *past) error { return r.Scan(&p.body, &p.at) })
	if err != nil {
		return err
	}
	for _, p := range recent {
		if p.body == body || gist(p.body) != "" && gist(p.body) == gist(body) {
			left := clock.FromUs(p.at).Add(RepeatGap).Sub(tx.Now)
			return fault.New(fault.TooMany, "chat.repeat").After(left)
		}
	}
	return nil
}

// ByID reads a message, hidden or not; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, m id.Message) (Message, error) {
	out, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM chat_message WHERE id = $1`, m))
	if errors.Is(err, db.ErrNoRows) {
		return Message{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return out, err
}
