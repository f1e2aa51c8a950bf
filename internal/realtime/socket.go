package realtime

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
	"golang.org/x/time/rate"

	"lindu.example/lindu/internal/fault"
)

type visitorKey struct{}
type paceKey struct{}

// Commands of a client: connecting and a few subscriptions at once, then one a
// second. Pongs are not commands.
const (
	commandBurst = 20
	commandEvery = time.Second
)

// WithVisitor names who opens a socket: a user id, or "a" and a random cookie.
func WithVisitor(ctx context.Context, visitor string) context.Context {
	return context.WithValue(ctx, visitorKey{}, visitor)
}

func visitorOf(ctx context.Context) string {
	v, _ := ctx.Value(visitorKey{}).(string)
	return v
}

// Handler is the WebSocket endpoint. The edge puts the visitor's name in the
// request's context by WithVisitor; without one the answer is 403.
func (h *Hub) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitor := visitorOf(r.Context())
		if visitor == "" || !h.ourPage(r) {
			http.Error(w, http.StatusText(http.StatusForbidden), http.StatusForbidden)
			return
		}
		if status := h.doors.enter(visitor); status != 0 {
			w.Header().Set("Retry-After", "10")
			http.Error(w, http.StatusText(status), status)
			return
		}
		g := &guest{ResponseWriter: w, leave: sync.OnceFunc(func() { h.doors.exit(visitor) })}
		ctx := context.WithValue(r.Context(), paceKey{}, rate.NewLimiter(rate.Every(commandEvery), commandBurst))
		h.socket.ServeHTTP(g, r.WithContext(ctx))
		if !g.taken {
			g.leave() // no socket came of it
		}
	})
}

// ourPage tells whether a page of ours, or no page at all, asks.
func (h *Hub) ourPage(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(h.opt.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, r.Host)
}

// doors counts sockets from the first byte to the last, also those that never
// say who they are.
type doors struct {
	most, each int

	mu   sync.Mutex
	all  int
	open map[string]int // by visitor
}

// enter is 0, or the status of the refusal.
func (d *doors) enter(visitor string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.all >= d.most:
		return http.StatusServiceUnavailable
	case d.open[visitor] >= d.each:
		return http.StatusTooManyRequests
	}
	d.all++
	d.open[visitor]++
	return 0
}

func (d *doors) exit(visitor string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all--
	if d.open[visitor]--; d.open[visitor] <= 0 {
		delete(d.open, visitor)
	}
}

// guest is a response whose connection, once taken over, tells when it closes.
type guest struct {
	http.ResponseWriter
	leave func()
	taken bool
}

// Hijack hands the connection over to the WebSocket.
func (g *guest) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(g.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	g.taken = true
	return guestConn{c, g.leave}, rw, nil
}

type guestConn struct {
	net.Conn
	leave func()
}

// Close closes the connection and frees its place.
func (c guestConn) Close() error {
	c.leave()
	return c.Conn.Close()
}

func (h *Hub) connecting(ctx context.Context, _ centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
	return centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{UserID: visitorOf(ctx)}}, nil
}

func (h *Hub) connected(c *centrifuge.Client) {
	visitor := visitorOf(c.Context())
	c.OnSubscribe(func(e centrifuge.SubscribeEvent, answer centrifuge.SubscribeCallback) {
		if err := h.mayJoin(c.Context(), visitor, e.Channel); err != nil {
			answer(centrifuge.SubscribeReply{}, err)
			return
		}
		h.join(e.Channel, visitor) // before the answer: each one allowed is followed by one OnUnsubscribe
		answer(centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{
			EnableRecovery: true,
			EmitPresence:   h.shared != nil,
		}}, nil)
	})
	c.OnUnsubscribe(func(e centrifuge.UnsubscribeEvent) { h.leave(e.Channel, visitor) })
}

// joinWithin bounds the question whether somebody may join.
const joinWithin = 5 * time.Second

func (h *Hub) mayJoin(ctx context.Context, visitor, room string) error {
	if h.opt.CanJoin == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, joinWithin)
	defer cancel()
	err := h.opt.CanJoin(ctx, visitor, room)
	switch {
	case err == nil:
		return nil
	case fault.Of(err).Kind == fault.Internal, fault.Is(err, fault.Unavailable), fault.Is(err, fault.TooMany):
		h.log.Warn("realtime: can't tell who may join", "room", room, "err", err)
		return centrifuge.ErrorInternal // the client tries again
	}
	return centrifuge.ErrorPermissionDenied
}

// command keeps one client from filling our day with requests.
func (h *Hub) command(c *centrifuge.Client, e centrifuge.CommandReadEvent) error {
	if e.Command.Id == 0 { // a pong
		return nil
	}
	if l, ok := c.Context().Value(paceKey{}).(*rate.Limiter); ok && !l.Allow() {
		return centrifuge.DisconnectTooManyRequests
	}
	return nil
}
