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
	// MaxCopies is how many people may say the same within RepeatGap, if it is
	// as long as CopyRunes; "666" may be said by everybody.
	MaxCopies = 2
	CopyRunes = 8
	// MaxTail bounds what Tail and the other lists read.
	MaxTail = 100
	// MaxHold bounds the wait for moderators, in seconds.
	MaxHold = 300
	// MaxHeld bounds what waits for moderators in a room; more is refused.
	MaxHeld = 500
	// MaxMute bounds a mute: a year. MaxBan bounds a ban: three.
	MaxMute = 365 * 24 * time.Hour
	MaxBan  = 3 * 365 * 24 * time.Hour
	// MaxReason bounds a reason, MaxAppeal an appeal and its answer, in characters.
	MaxReason = 200
	MaxAppeal = 500
)

// Badges of those who speak for the centre.
const (
	HostBadge  = "host"
	StaffBadge = "staff"
)

// HoldAll holds every message until somebody releases it.
const HoldAll = -1

// State of a message; a shown one may be hidden beside that.
type State string

// States of a message.
const (
	Shown   State = "shown"
	Held    State = "held"
	Refused State = "refused"
)

// Message is one line of a room's chat. Body is plain text, escaped on every screen.
type Message struct {
	ID     id.Message
	Show   id.Show
	User   id.User
	Name   string
	Badge  string // "", host, staff
	Body   string
	At     time.Time // when it was written
	State  State
	Since  time.Time // when everybody could see it; zero before
	Due    time.Time // a held one is shown by itself then; zero: not by itself
	Hidden bool
	Reason string // why it is hidden or refused
	Reply  *Quote // what it answers
}

// Quote is what an answer answers, as far as it can be seen.
type Quote struct {
	ID         id.Message
	Name, Body string // "" when it was hidden since
}

// Rules are what moderators set of a room, slow mode apart (the show's).
type Rules struct {
	Hold   int // seconds a message waits for them; 0: not at all; HoldAll
	Pinned id.Message
}

// Kind of a sanction.
type Kind string

// Kinds of sanctions: a mute holds in one room (or, with no room, in all), a
// ban in every room.
const (
	Mute Kind = "mute"
	Ban  Kind = "ban"
)

// Sanction says who may not write, where, why and until when.
type Sanction struct {
	ID       id.Sanction
	Kind     Kind
	Show     id.Show // "" for every room
	User     id.User
	Message  id.Message // what it was about, "" if nothing said
	Reason   string
	Until    time.Time
	By       id.User
	At       time.Time
	Lifted   time.Time // zero: not
	LiftedBy id.User
}

// Binds tells whether it holds at a time.
func (s Sanction) Binds(now time.Time) bool { return s.Lifted.IsZero() && s.Until.After(now) }

// Objects of an appeal.
const (
	OfSanction = "sanction"
	OfMessage  = "message"
)

// States of an appeal.
const (
	Open    = "open"
	Granted = "granted"
	Denied  = "refused"
)

// Appeal is somebody's wish for a second look.
type Appeal struct {
	ID      id.Appeal
	User    id.User
	Kind    string // sanction or message
	Object  string
	Against id.User // who did what is appealed
	Body    string
	State   string // open, granted, refused
	Answer  string
	At      time.Time
	Done    time.Time
	DoneBy  id.User
}
