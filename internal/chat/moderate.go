package chat

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Reasons are those that have words in every language; a reason may also be
// free text. No reason at all means the first.
var Reasons = []string{"rules", "ads", "abuse", "claim", "spam", "private"}

// ReasonWords is a reason as an argument of a message: the key of its words, or
// the free text.
func ReasonWords(reason string) string {
	if reason == "" {
		reason = Reasons[0]
	}
	if slices.Contains(Reasons, reason) {
		return "@chat.reason_" + reason
	}
	return reason
}

// reasonOf checks a reason.
func reasonOf(reason string) (string, error) {
	reason = strings.TrimLeft(strings.TrimSpace(reason), "@") // free text is no key
	if utf8.RuneCountInString(reason) > MaxReason {
		return "", fault.New(fault.Invalid, "fault.too_long", "Max", MaxReason).At("reason")
	}
	return reason, nil
}

// Hide takes a message out of sight (moderator, operator) and off the place
// above the chat; it stays in the records. Hiding it again changes nothing.
func Hide(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message, reason string) (Message, error) {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return Message{}, err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return Message{}, err
	}
	n, err := tx.Exec(ctx, `UPDATE chat_message SET hidden_us = $2, hidden_by = $3, reason = $4 WHERE id = $1 AND hidden_us = 0`, m, tx.NowUs(), who.User, reason)
	if err != nil {
		return Message{}, err
	}
	out, err := ByID(ctx, tx, m)
	if err != nil || n == 0 {
		return out, err
	}
	if _, err := tx.Exec(ctx, `UPDATE chat_room SET pinned_id = '' WHERE show_id = $1 AND pinned_id = $2`, out.Show, m); err != nil {
		return Message{}, err
	}
	return out, audit.Write(ctx, tx, who, "chat.hide", "message", m, map[string]any{"show": out.Show, "user": out.User})
}

// Unhide shows a hidden message again, at the place where it stood (moderator,
// operator).
func Unhide(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message) (Message, error) {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return Message{}, err
	}
	return unhide(ctx, tx, who, m)
}

func unhide(ctx context.Context, tx *db.Tx, who actor.Actor, m id.Message) (Message, error) {
	n, err := tx.Exec(ctx, `UPDATE chat_message SET hidden_us = 0, hidden_by = '', reason = '' WHERE id = $1 AND hidden_us > 0`, m)
	if err != nil {
		return Message{}, err
	}
	out, err := ByID(ctx, tx, m)
	if err != nil || n == 0 {
		return out, err
	}
	return out, audit.Write(ctx, tx, who, "chat.unhide", "message", m, map[string]any{"show": out.Show, "user": out.User})
}
