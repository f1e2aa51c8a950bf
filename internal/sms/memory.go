package sms

import (
	"context"
	"slices"
	"sync"
	"time"

	"lindu.example/lindu/internal/clock"
)

// Message is a text that Memory keeps.
type Message struct {
	Phone string
	Text  string
	At    time.Time
}

// Memory keeps the last texts instead of sending them.
type Memory struct {
	clock clock.Clock
	keep  int

	mu   sync.Mutex
	msgs []Message // the oldest first
}

var _ Sender = (*Memory)(nil)

// NewMemory keeps the last keep texts, at least one.
func NewMemory(keep int, c clock.Clock) *Memory { return &Memory{clock: c, keep: max(1, keep)} }

// Send keeps the text; the oldest gives way.
func (m *Memory) Send(_ context.Context, phone, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.msgs) >= m.keep {
		m.msgs = slices.Delete(m.msgs, 0, len(m.msgs)-m.keep+1)
	}
	m.msgs = append(m.msgs, Message{phone, text, m.clock.Now()})
	return nil
}

// Last is the latest text to a phone, false if none is kept.
func (m *Memory) Last(phone string) (Message, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, msg := range slices.Backward(m.msgs) {
		if msg.Phone == phone {
			return msg, true
		}
	}
	return Message{}, false
}

// All lists the texts kept, the latest first.
func (m *Memory) All() []Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.Clone(m.msgs)
	slices.Reverse(out)
	return out
}
