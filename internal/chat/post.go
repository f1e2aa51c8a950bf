package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// New is a message to post.
type New struct {
	Show  id.Show
	Badge string // for whom the person speaks; with one, no limit binds
	Body  string
	// Same is the body in a form in which look-alikes are one (review's); "":
	// the body without signs and case.
	Same  string
	Slow  time.Duration // the room's slow mode
	Reply id.Message    // what it answers; staff and host only
}

// Post writes a message. Faults: those of Clean; without a badge also
// chat.muted, chat.banned, chat.slow, chat.repeat, chat.copies and
// chat.full, the last four TooMany. Where the room holds messages back the
// State is Held. There is no audit row: the message is the record.
func Post(ctx context.Context, tx *db.Tx, who actor.Actor, n New) (Message, error) {
	if !who.SignedIn() {
		return Message{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	body, err := Clean(n.Body)
	if err != nil {
		return Message{}, err
	}
	m := Message{ID: id.New[id.Message](), Show: n.Show, User: who.User, Name: who.Name, Badge: n.Badge, Body: body, At: clock.FromUs(tx.NowUs()), State: Shown}
	same := n.same(body)
	if n.Badge == "" {
		if err := mayWrite(ctx, tx, who.User, n, same); err != nil {
			return Message{}, err
		}
		if err := hold(ctx, tx, &m); err != nil {
			return Message{}, err
		}
	} else if n.Reply != "" {
		if m.Reply, err = quoteOf(ctx, tx, n.Show, n.Reply); err != nil {
			return Message{}, err
		}
	}
	var due, since int64
	if m.State == Shown {
		m.Since, since = m.At, tx.NowUs()
	}
	if !m.Due.IsZero() {
		due = clock.Us(m.Due)
	}
	var reply id.Message
	if m.Reply != nil {
		reply = m.Reply.ID
	}
	_, err = tx.Exec(ctx, `INSERT INTO chat_message (id, show_id, user_id, name, badge, body, at_us, state, shown_us, due_us, reply_id, gist)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		m.ID, m.Show, m.User, m.Name, m.Badge, m.Body, tx.NowUs(), string(m.State), since, due, reply, digest(same))
	return m, err
}

// same is the form in which two messages are compared; never empty.
func (n New) same(body string) string {
	if n.Same != "" {
		return n.Same
	}
	if g := gist(body); g != "" {
		return g
	}
	return body // signs and pictures only
}

// digest is what the records keep of it: short, whatever was said.
func digest(same string) string {
	h := sha256.Sum256([]byte(same))
	return hex.EncodeToString(h[:8])
}

// quoteOf reads what is answered: a message of the room that can be seen.
func quoteOf(ctx context.Context, q db.Querier, s id.Show, m id.Message) (*Quote, error) {
	x, err := ByID(ctx, q, m)
	if err != nil {
		return nil, err
	}
	if x.Show != s || x.Hidden || x.State != Shown {
		return nil, fault.New(fault.NotFound, "chat.gone")
	}
	return &Quote{ID: x.ID, Name: x.Name, Body: x.Body}, nil
}

func mayWrite(ctx context.Context, tx *db.Tx, u id.User, n New, same string) error {
	if err := silenced(ctx, tx, u, n.Show); err != nil {
		return err
	}
	if err := takeTurn(ctx, tx, u, n.Show, max(n.Slow, MinGap)); err != nil {
		return err
	}
	if err := noRepeat(ctx, tx, u, n.Show, same); err != nil {
		return err
	}
	return noCrowd(ctx, tx, u, n.Show, same)
}

// silenced refuses whom a mute or a ban binds, with its reason and end.
func silenced(ctx context.Context, q db.Querier, u id.User, s id.Show) error {
	x, ok, err := Silence(ctx, q, u, s)
	if err != nil || !ok {
		return err
	}
	left := x.Until.Sub(db.Now(q))
	if x.Kind == Ban {
		return fault.New(fault.Denied, "chat.banned", "Days", int64((left+24*time.Hour-1)/(24*time.Hour)), "Reason", ReasonWords(x.Reason)).After(left)
	}
	return fault.New(fault.Denied, "chat.muted", "Minutes", int64((left+time.Minute-1)/time.Minute), "Reason", ReasonWords(x.Reason)).After(left)
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

// noRepeat refuses what the person said within RepeatGap, shown or not.
func noRepeat(ctx context.Context, tx *db.Tx, u id.User, s id.Show, same string) error {
	var last int64
	err := tx.QueryRow(ctx, `SELECT CAST(coalesce(max(at_us), 0) AS BIGINT) FROM chat_message WHERE show_id = $1 AND gist = $2 AND user_id = $3 AND at_us > $4 AND at_us <= $5`,
		s, digest(same), u, clock.Us(tx.Now.Add(-RepeatGap)), tx.NowUs()).Scan(&last)
	if err != nil || last == 0 {
		return err
	}
	return fault.New(fault.TooMany, "chat.repeat").After(clock.FromUs(last).Add(RepeatGap).Sub(tx.Now))
}

// noCrowd drops what enough others have just said. On PostgreSQL two who say it
// in the same instant may both pass; one line more harms nobody.
func noCrowd(ctx context.Context, tx *db.Tx, u id.User, s id.Show, same string) error {
	if utf8.RuneCountInString(same) < CopyRunes {
		return nil
	}
	var n int64
	err := tx.QueryRow(ctx, `SELECT count(DISTINCT user_id) FROM chat_message
		WHERE show_id = $1 AND gist = $2 AND at_us > $3 AND at_us <= $4 AND badge = '' AND user_id <> $5`,
		s, digest(same), clock.Us(tx.Now.Add(-RepeatGap)), tx.NowUs(), u).Scan(&n)
	if err != nil || n < MaxCopies {
		return err
	}
	return fault.New(fault.TooMany, "chat.copies").After(RepeatGap)
}

// ByID reads a message, hidden or not; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, m id.Message) (Message, error) {
	out, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM chat_message m `+quoted+` WHERE m.id = $1`, m))
	if errors.Is(err, db.ErrNoRows) {
		return Message{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return out, err
}
