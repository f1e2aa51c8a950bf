package chat

import (
	"context"
	"errors"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// RulesOf reads what moderators set of a room.
func RulesOf(ctx context.Context, q db.Querier, s id.Show) (r Rules, err error) {
	err = q.QueryRow(ctx, `SELECT hold_s, pinned_id FROM chat_room WHERE show_id = $1`, s).Scan(&r.Hold, &r.Pinned)
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return r, err
}

// hold makes a message wait if the room's rules say so.
func hold(ctx context.Context, tx *db.Tx, m *Message) error {
	r, err := RulesOf(ctx, tx, m.Show)
	if err != nil || r.Hold == 0 {
		return err
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM chat_message WHERE show_id = $1 AND state = 'held'`, m.Show).Scan(&n); err != nil {
		return err
	}
	if n >= MaxHeld {
		return fault.New(fault.TooMany, "chat.full").After(10 * time.Second)
	}
	m.State = Held
	if r.Hold > 0 {
		m.Due = tx.Now.Add(time.Duration(r.Hold) * time.Second)
	}
	return nil
}

// SetHold sets for how many seconds messages of a room wait for moderators
// (moderator, operator): 0 not at all, HoldAll until they are released. What
// waits already waits by the new rule from when it was written, and never
// overtakes what was written before it; with 0 it is due at once. Fault
// fault.number.
func SetHold(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, seconds int) error {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return err
	}
	if seconds < HoldAll || seconds > MaxHold {
		return fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", MaxHold).At("hold")
	}
	old, err := RulesOf(ctx, tx, s)
	if err != nil || old.Hold == seconds {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO chat_room (show_id, hold_s) VALUES ($1, $2) ON CONFLICT (show_id) DO UPDATE SET hold_s = excluded.hold_s`, s, seconds); err != nil {
		return err
	}
	due := int64(0) // HoldAll: nothing is due
	if seconds >= 0 {
		due = int64(time.Duration(seconds)*time.Second/time.Microsecond) + 1
	}
	if _, err := tx.Exec(ctx, `UPDATE chat_message SET due_us = CASE WHEN $2 = 0 THEN 0 ELSE at_us + $2 END WHERE show_id = $1 AND state = 'held'`, s, due); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "chat.hold", "show", s, map[string]any{"from": old.Hold, "to": seconds})
}

// ReleaseDue shows held messages of all rooms whose time has come, in the order
// they were written; at most limit. It is the clock's.
func ReleaseDue(ctx context.Context, tx *db.Tx, limit int) ([]Message, error) {
	ids, err := dueIDs(ctx, tx, limit)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var out []Message
	for _, m := range ids {
		n, err := tx.Exec(ctx, `UPDATE chat_message SET state = 'shown', shown_us = $2, due_us = 0, decided_us = $2 WHERE id = $1 AND state = 'held'`, m, tx.NowUs())
		if err != nil {
			return nil, err
		}
		if n == 0 { // another node, or a moderator, was faster
			continue
		}
		x, err := ByID(ctx, tx, m)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func dueIDs(ctx context.Context, tx *db.Tx, limit int) ([]id.Message, error) {
	rows, err := tx.Query(ctx, `SELECT id FROM chat_message WHERE state = 'held' AND due_us > 0 AND due_us <= $1 ORDER BY at_us, id LIMIT $2`, tx.NowUs(), limit)
	return db.Collect(rows, err, func(r *db.Rows, m *id.Message) error { return r.Scan(m) })
}

// Release shows a held message now (moderator, operator). One that is shown
// already stays as it is; fault chat.decided for one that was refused.
func Release(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message) (Message, error) {
	return decide(ctx, tx, who, m, Shown, "")
}

// Refuse keeps a held message from the room, with a reason its writer is told
// (moderator, operator). Fault chat.decided for one that is shown.
func Refuse(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message, reason string) (Message, error) {
	return decide(ctx, tx, who, m, Refused, reason)
}

func decide(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message, to State, reason string) (Message, error) {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return Message{}, err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return Message{}, err
	}
	since := int64(0)
	if to == Shown {
		since = tx.NowUs()
	}
	n, err := tx.Exec(ctx, `UPDATE chat_message SET state = $2, shown_us = $3, due_us = 0, decided_us = $4, decided_by = $5, reason = $6 WHERE id = $1 AND state = 'held'`,
		m, string(to), since, tx.NowUs(), who.User, reason)
	if err != nil {
		return Message{}, err
	}
	x, err := ByID(ctx, tx, m)
	switch {
	case err != nil:
		return Message{}, err
	case n == 0 && x.State != to:
		return Message{}, fault.New(fault.Conflict, "chat.decided")
	case n == 0:
		return x, nil
	}
	action := map[State]string{Shown: "chat.release", Refused: "chat.refuse"}[to]
	return x, audit.Write(ctx, tx, who, action, "message", m, map[string]any{"show": x.Show, "user": x.User})
}

// PinComment puts a message above the chat, or nothing ("") (moderator,
// operator). Fault chat.gone for one that can't be seen there.
func PinComment(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, m id.Message) error {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return err
	}
	if m != "" {
		if _, err := quoteOf(ctx, tx, s, m); err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO chat_room (show_id, pinned_id, pinned_by, pinned_us) VALUES ($1, $2, $3, $4)
		ON CONFLICT (show_id) DO UPDATE SET pinned_id = excluded.pinned_id, pinned_by = excluded.pinned_by, pinned_us = excluded.pinned_us
		WHERE chat_room.pinned_id <> excluded.pinned_id`, s, m, who.User, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "chat.pin", "show", s, map[string]any{"message": m})
}

// Pinned reads what stands above a room's chat; nil for nothing.
func Pinned(ctx context.Context, q db.Querier, s id.Show) (*Message, error) {
	m, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM chat_room r JOIN chat_message m ON m.id = r.pinned_id AND m.hidden_us = 0 `+quoted+` WHERE r.show_id = $1`, s))
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil //nolint:nilnil // nothing is pinned
	}
	return &m, err
}
