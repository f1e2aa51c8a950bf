package chat

import (
	"time"

	"lindu.example/lindu/internal/id"
)

// Limits of the chat.
const (
	// MaxRunes bounds a message, in characters.
	MaxRunes = 200
	// MinGap lies between two messages of one person at least.
	MinGap = 2 * time.Second
	// RepeatGap is how long the same words are not taken again.
	RepeatGap = 30 * time.Second
	// MaxTail bounds what Tail reads.
	MaxTail = 100
	// MaxMute bounds a mute: a year.
	MaxMute = 365 * 24 * time.Hour
	// MaxReason bounds a mute's reason, in characters.
	MaxReason = 200
)

// Badges of those who speak for the centre.
const (
	HostBadge  = "host"
	StaffBadge = "staff"
)

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

// MuteRow is a person silenced in a room, or in all (Show "").
type MuteRow struct {
	Show   id.Show
	User   id.User
	Until  time.Time
	Reason string
}
