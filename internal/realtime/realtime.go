package realtime

import (
	"context"
	"log/slog"
	"net/http"
)

// Options of New.
type Options struct {
	Log *slog.Logger
	// Redis spreads rooms over several nodes; "" keeps them in memory.
	Redis string
	// CanJoin says whether a visitor may listen to a room ("show:<id>").
	CanJoin func(ctx context.Context, visitor, room string) error
	// MaxConns bounds the sockets of the process; 0: a default.
	MaxConns int
}

// Hub holds the rooms of the process.
type Hub struct{ _ byte }

// New starts a hub.
func New(o Options) (*Hub, error) { panic("not built yet") }

// Handler is the WebSocket endpoint. The edge puts the visitor's name in the
// request's context by WithVisitor.
func (h *Hub) Handler() http.Handler { panic("not built yet") }

// WithVisitor names who opens a socket: a user id, or "a" and a random cookie.
func WithVisitor(ctx context.Context, visitor string) context.Context { panic("not built yet") }

// Publish puts an event into the room's next tick. It never blocks; a room
// whose tick is full drops the oldest likes and counts first, never a price.
func (h *Hub) Publish(room, kind string, data any) { panic("not built yet") }

// Online counts the different visitors in a room now.
func (h *Hub) Online(room string) int { panic("not built yet") }

// Visitors lists them, at most limit.
func (h *Hub) Visitors(room string, limit int) []string { panic("not built yet") }

// Close ends all sockets, telling clients to come back.
func (h *Hub) Close(ctx context.Context) error { panic("not built yet") }
