package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/prometheus/client_golang/prometheus"
)

// Tick is how long a room collects events for one frame.
const Tick = 200 * time.Millisecond

// Kinds of events the hub itself sends, or treats in a way of its own.
const (
	// KindLost tells a page that events are gone: reload the truth.
	KindLost  = "lost"
	kindCount = "count" // only the newest of a tick matters
)

// expendable kinds may be dropped from a full tick, the first kind first.
var expendable = []string{"like", kindCount, "chat"}

// Limits; doc.go says what happens when they are reached.
const (
	defaultConns      = 20_000 // at about 20 KB each
	defaultPerVisitor = 10     // tabs and devices of one person

	maxEvents  = 2000
	maxBytes   = 256 << 10
	maxMessage = 4 << 10
	maxRooms   = 8 // the desk watches six shows by one socket
	maxName    = 64
	maxQueue   = 1 << 20

	historySize = 150 // 30 s of a room that never rests
	historyTTL  = 2 * time.Minute
	maxRecover  = 100 // publications; beyond, reloading is cheaper

	writeTimeout = 5 * time.Second
	pingEvery    = 20 * time.Second
	pongWithin   = 8 * time.Second
	staleAfter   = 10 * time.Second // a socket that never says who it is
)

// Options of New. Zero values mean the defaults above.
type Options struct {
	Log *slog.Logger
	// Redis ("redis://[user:password@]host:port/db") spreads rooms over several
	// nodes; "" keeps them in memory.
	Redis string
	// CanJoin says whether a visitor may listen to a room ("show:<id>"); nil
	// lets everyone in. A fault is told as "permission denied", any other error
	// as something to try again.
	CanJoin func(ctx context.Context, visitor, room string) error
	// MaxConns bounds the sockets of the process; 0: a default.
	MaxConns int
	// MaxPerVisitor bounds the sockets of one visitor; 0: a default.
	MaxPerVisitor int
	// Origins of pages that may open a socket beside our own host's:
	// "https://shop.example".
	Origins []string
	// Metrics takes the counters; nil: they are counted for nobody.
	Metrics interface {
		prometheus.Registerer
		prometheus.Gatherer
	}

	queue int           // 0: maxQueue; tests make it small
	write time.Duration // 0: writeTimeout
	size  int           // 0: historySize
}

// Hub holds the rooms of the process.
type Hub struct {
	log    *slog.Logger
	opt    Options
	node   *centrifuge.Node
	socket http.Handler
	doors  doors
	shared *presence // nil when rooms are in memory

	mu     sync.Mutex
	rooms  map[string]*room
	closed bool

	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once
}

// New starts a hub.
func New(o Options) (*Hub, error) {
	o.fill()
	h := &Hub{log: o.Log, opt: o, rooms: map[string]*room{}, stop: make(chan struct{})}
	h.doors = doors{most: o.MaxConns, each: o.MaxPerVisitor, open: map[string]int{}}
	node, err := centrifuge.New(h.config())
	if err != nil {
		return nil, fmt.Errorf("realtime: %w", err)
	}
	h.node = node
	if o.Redis != "" {
		if err := h.share(o.Redis); err != nil {
			return nil, err
		}
	}
	node.OnConnecting(h.connecting)
	node.OnConnect(h.connected)
	node.OnCommandRead(h.command)
	if err := node.Run(); err != nil {
		return nil, fmt.Errorf("realtime: start: %w", err)
	}
	h.socket = centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
		CheckOrigin:        func(*http.Request) bool { return true }, // Handler checks before it counts
		MessageSizeLimit:   maxMessage,
		WriteTimeout:       o.write,
		UseWriteBufferPool: true,
		PingPongConfig:     centrifuge.PingPongConfig{PingInterval: pingEvery, PongTimeout: pongWithin},
	})
	h.stopped.Go(h.run)
	return h, nil
}

func (o *Options) fill() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxConns <= 0 {
		o.MaxConns = defaultConns
	}
	if o.MaxPerVisitor <= 0 {
		o.MaxPerVisitor = defaultPerVisitor
	}
	if o.queue == 0 {
		o.queue = maxQueue
	}
	if o.write == 0 {
		o.write = writeTimeout
	}
	if o.size == 0 {
		o.size = historySize
	}
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry() // centrifuge's default is one for the whole process
	}
}

func (h *Hub) config() centrifuge.Config {
	c := centrifuge.Config{
		LogLevel:                    centrifuge.LogLevelWarn,
		LogHandler:                  h.note,
		ClientQueueMaxSize:          h.opt.queue,
		ClientChannelLimit:          maxRooms,
		ChannelMaxLength:            maxName,
		ClientStaleCloseDelay:       staleAfter,
		RecoveryMaxPublicationLimit: maxRecover,
		UseSingleFlight:             true, // a restart of a proxy brings everyone back at once
		HistoryMetaTTL:              24 * time.Hour,
		Metrics:                     centrifuge.MetricsConfig{RegistererGatherer: h.opt.Metrics},
	}
	if h.opt.Redis != "" {
		sharedConfig(&c)
	}
	return c
}

// note passes centrifuge's own warnings on. Its fields hold client and room
// ids, no personal data.
func (h *Hub) note(e centrifuge.LogEntry) {
	args := make([]any, 0, 2*len(e.Fields))
	for k, v := range e.Fields {
		args = append(args, k, v)
	}
	if e.Error != nil {
		args = append(args, "err", e.Error)
	}
	h.log.Log(context.Background(), slog.LevelWarn, "realtime: "+e.Message, args...)
}

// Publish puts an event into the room's next tick. It never blocks; doc.go
// says what a full tick drops. After Close it does nothing.
func (h *Hub) Publish(roomName, kind string, data any) {
	b, err := json.Marshal(data)
	if err != nil {
		h.log.Error("realtime: an event can't be written", "kind", kind, "err", err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	if !h.room(roomName).put(event{kind, b}) {
		h.log.Warn("realtime: a tick overflowed, pages reload", "room", roomName, "kind", kind)
	}
}

// room finds a room or opens it; the caller holds mu.
func (h *Hub) room(name string) *room {
	r := h.rooms[name]
	if r == nil {
		r = &room{visitors: map[string]int{}}
		h.rooms[name] = r
	}
	return r
}

// Close sends what is collected and ends all sockets, telling clients to come
// back.
func (h *Hub) Close(ctx context.Context) error {
	var err error
	h.once.Do(func() {
		h.mu.Lock()
		h.closed = true
		h.mu.Unlock()
		close(h.stop)
		h.stopped.Wait()
		err = h.node.Shutdown(ctx)
		if errors.Is(err, context.Canceled) && ctx.Err() == nil {
			err = nil
		}
	})
	return err
}
