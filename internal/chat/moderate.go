package chat

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
)

// Hide takes a message out of sight (moderator, operator); it stays in the
// records. Hiding it again changes nothing.
func Hide(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message) (Message, error) {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return Message{}, err
	}
	out, err := scan(tx.QueryRow(ctx, `
		UPDATE chat_message SET hidden_us = $2, hidden_by = $3 WHERE id = $1 AND hidden_us = 0 RETURNING `+columns, m, tx.NowUs(), who.User))
	if errors.Is(err, db.ErrNoRows) {
		return ByID(ctx, tx, m)
	} else if err != nil {
		return Message{}, err
	}
	return out, audit.Write(ctx, tx, who, "chat.hide", "message", m, map[string]any{"show": out.Show, "user": out.User})
}

// Mute silences a person in a room, or everywhere (show ""), for d; 0 lifts it
// (moderator, operator). Faults: fault.number over MaxMute, fault.too_long.
func Mute(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, u id.User, d time.Duration, reason string) error {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case u == "":
		return fault.New(fault.Invalid, "fault.required").At("user")
	case d < 0 || d > MaxMute:
		return fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", int64(MaxMute/time.Minute)).At("minutes")
	case utf8.RuneCountInString(reason) > MaxReason:
		return fault.New(fault.Invalid, "fault.too_long", "Max", MaxReason).At("reason")
	}
	// A lifted mute keeps its row: who silenced whom, and why, stays known.
	_, err := tx.Exec(ctx, `
		INSERT INTO chat_mute (show_id, user_id, until_us, reason, actor_id, at_us) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (show_id, user_id) DO UPDATE SET until_us = excluded.until_us, reason = excluded.reason, actor_id = excluded.actor_id, at_us = excluded.at_us`,
		s, u, clock.Us(tx.Now.Add(d)), reason, who.User, tx.NowUs())
	if err != nil {
		return err
	}
	// The reason is free text and may name somebody: it stays out of the trail.
	return audit.Write(ctx, tx, who, "chat.mute", "user", u, map[string]any{"show": s, "minutes": int64(d / time.Minute)})
}

// Mutes lists who is silent in a room now, mutes for all rooms included; the
// newest first, at most 200.
func Mutes(ctx context.Context, q db.Querier, s id.Show, now time.Time) ([]MuteRow, error) {
	rows, err := q.Query(ctx, `
		SELECT show_id, user_id, until_us, reason FROM chat_mute WHERE show_id IN ('', $1) AND until_us > $2
		ORDER BY at_us DESC, user_id LIMIT 200`, s, clock.Us(now))
	return db.Collect(rows, err, func(r *db.Rows, m *MuteRow) error {
		var until int64
		err := r.Scan(&m.Show, &m.User, &until, &m.Reason)
		m.Until = clock.FromUs(until)
		return err
	})
}
