package media

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
)

// Auth says which stream a key may publish to. What it refuses with is what the
// publisher reads: a fault.Error in the words of its key; any other error says
// only that something went wrong. It is asked once a connection; a key that is
// revoked later needs Hub.Kick.
type Auth interface {
	Authorize(ctx context.Context, key string) (streamID string, err error)
}

// Defaults of the hub.
const (
	defaultAwayAfter  = 2 * time.Second
	defaultMaxStreams = 64 // one machine's network is full long before

	watchEvery = 250 * time.Millisecond
	keepEnded  = 2 * time.Minute // how long an ended stream is still known
	keepIdle   = time.Minute     // a stream that never showed a picture and lost its publisher
	keepAway   = 6 * time.Hour   // a show nobody ended: its memory is given back
)

// Hub brings publishers and sinks together. Set the fields, then Start.
// Its methods may be called from any goroutine, except Close from a Watch
// callback.
type Hub struct {
	Auth       Auth
	Clock      clock.Clock   // default clock.System
	Log        *slog.Logger  // default slog.Default
	AwayAfter  time.Duration // silence that makes a live stream away; default 2 s
	MaxStreams int           // streams that have not ended; default 64

	once  sync.Once
	start time.Time // zero of mono; not a fact, only a stopwatch
	stop  chan struct{}
	wg    sync.WaitGroup

	// Lock order: mu, stream.mu, watchMu, then a queue's or watcher's own.
	mu      sync.Mutex
	closed  bool
	streams map[string]*stream
	taps    []func(streamID string)

	watchMu  sync.Mutex
	watchers []*watcher // never changed in place
}

func (h *Hub) init() {
	h.once.Do(func() {
		if h.Clock == nil {
			h.Clock = clock.System{}
		}
		if h.Log == nil {
			h.Log = slog.Default()
		}
		if h.AwayAfter <= 0 {
			h.AwayAfter = defaultAwayAfter
		}
		if h.MaxStreams <= 0 {
			h.MaxStreams = defaultMaxStreams
		}
		h.start = time.Now()
		h.stop = make(chan struct{})
		h.streams = map[string]*stream{}
	})
}

// mono is a stopwatch that no change of the machine's clock can move.
func (h *Hub) mono() time.Duration { return time.Since(h.start) }

// Start begins to watch the streams.
func (h *Hub) Start() error {
	if h.Auth == nil {
		return errors.New("media: Hub needs Auth")
	}
	h.init()
	h.wg.Go(func() {
		t := time.NewTicker(watchEvery)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				h.watch()
			case <-h.stop:
				return
			}
		}
	})
	return nil
}

// Close sends every publisher away, ends every sink with io.EOF and waits for
// the hub's goroutines. Streams do not become ended: a restart is no end.
func (h *Hub) Close() {
	h.init()
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return
	}
	h.closed = true
	all := h.list()
	h.mu.Unlock()
	for _, st := range all {
		st.kick(nil, fault.New(fault.Unavailable, "media.stopping"))
		st.finishSubs(io.EOF)
	}
	close(h.stop)
	h.watchMu.Lock()
	for _, w := range h.watchers {
		w.close()
	}
	h.watchMu.Unlock()
	h.wg.Wait()
}

// Tap registers fn to be called, on the publisher's goroutine, for every
// stream that gets its first publisher, before its first unit is delivered: the
// place to Subscribe. Call it before Start.
func (h *Hub) Tap(fn func(streamID string)) {
	h.init()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.taps = append(h.taps, fn)
}

// Publish asks Auth and makes the caller the publisher of the key's stream.
// Faults: what Auth says; media.busy (Conflict) while another one delivers;
// media.full (TooMany) at MaxStreams; media.stopping (Unavailable).
func (h *Hub) Publish(ctx context.Context, key string, src Source) (*Publisher, error) {
	h.init()
	id, err := h.Auth.Authorize(ctx, key)
	if err != nil {
		return nil, err
	}
	if src.May == nil {
		src.May = func(ctx context.Context) error {
			_, err := h.Auth.Authorize(ctx, key)
			return err
		}
	}
	return h.PublishTo(id, src)
}

// PublishTo is Publish for a caller that has made sure itself that src may
// publish the stream.
func (h *Hub) PublishTo(id string, src Source) (*Publisher, error) {
	h.init()
	for {
		st, taps, err := h.open(id)
		if err != nil {
			return nil, err
		}
		for _, tap := range taps {
			tap(id)
		}
		p, err := st.attach(src)
		if !errors.Is(err, errForgotten) {
			return p, err
		}
	}
}

// MayPublish tells beforehand whether PublishTo would refuse owner because
// somebody else delivers (media.busy) or the hub stops. Who asks before the
// connection stands must ask again after.
func (h *Hub) MayPublish(id, owner string) error {
	h.init()
	h.mu.Lock()
	closed, st := h.closed, h.streams[id]
	h.mu.Unlock()
	switch {
	case closed:
		return fault.New(fault.Unavailable, "media.stopping")
	case st == nil:
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.taken(owner)
}

// open finds the stream or makes it, and then gives the taps to call; a stream
// that ended is made anew, because Auth has just said that it may be published.
func (h *Hub) open(id string) (*stream, []func(string), error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil, fault.New(fault.Unavailable, "media.stopping")
	}
	st := h.streams[id]
	if st != nil && st.currentState() != Ended {
		return st, nil, nil
	}
	if st == nil && len(h.streams) >= h.MaxStreams && !h.makeRoom() {
		return nil, nil, fault.New(fault.TooMany, "media.full", "Max", h.MaxStreams)
	}
	st = newStream(h, id)
	h.streams[id] = st
	return st, slices.Clone(h.taps), nil
}

// makeRoom forgets one ended stream before its time. The caller holds h.mu.
func (h *Hub) makeRoom() bool {
	for id, st := range h.streams {
		if st.currentState() == Ended {
			delete(h.streams, id)
			return true
		}
	}
	return false
}

// Subscribe gives a sink its place at a stream, beginning at the newest key
// frame. Fault: media.no_stream (NotFound).
func (h *Hub) Subscribe(streamID, sink string) (*Subscription, error) {
	st := h.find(streamID)
	if st == nil {
		return nil, fault.New(fault.NotFound, "media.no_stream")
	}
	return st.subscribe(sink)
}

// AskKeyFrame asks the publisher of a stream for a key frame because a viewer
// can't go on without; at most one a second is asked for. It does nothing where
// the source can't be asked (Source.KeyFrame).
func (h *Hub) AskKeyFrame(streamID string) {
	st := h.find(streamID)
	if st == nil {
		return
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if p := st.pub; p != nil && p.askKey(h.mono(), keyAtMost) {
		p.src.KeyFrame()
	}
}

// Kick sends the publisher of a stream away, with a reason it sees: a revoked
// key, a stopped show. It does nothing when nobody publishes.
func (h *Hub) Kick(streamID string, reason error) {
	if st := h.find(streamID); st != nil {
		st.kick(nil, reason)
	}
}

// Recheck asks again for every publisher whether it may still publish, and sends
// away whom it may not: a key revoked in another process can't be told by Kick.
// It returns what kept it from asking; a publisher that could not be asked for
// stays.
func (h *Hub) Recheck(ctx context.Context) error {
	h.init()
	h.mu.Lock()
	all := h.list()
	h.mu.Unlock()
	var failed []error
	for _, st := range all {
		st.mu.Lock()
		p := st.pub
		st.mu.Unlock()
		if p == nil || p.src.May == nil {
			continue
		}
		switch err := p.src.May(ctx); {
		case err == nil:
		case fault.Is(err, fault.Denied) || fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound):
			st.kick(p, err)
		default:
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// End ends a stream: its publisher is sent away, its sinks get Ended. Commit
// the end where Auth looks before calling it, or an encoder that reconnects by
// itself starts the stream again.
func (h *Hub) End(streamID string) {
	if st := h.find(streamID); st != nil {
		st.end(fault.New(fault.Gone, "media.ended"))
	}
}

// State is the state of a stream; one that was never published is Idle.
func (h *Hub) State(streamID string) State {
	if st := h.find(streamID); st != nil {
		return st.currentState()
	}
	return Idle
}

// Stats is the health of one stream; false if the hub does not know it.
func (h *Hub) Stats(streamID string) (Stats, bool) {
	st := h.find(streamID)
	if st == nil {
		return Stats{StreamID: streamID, State: Idle}, false
	}
	return st.stats(), true
}

// All lists the health of every stream by id.
func (h *Hub) All() []Stats {
	h.init()
	h.mu.Lock()
	all := h.list()
	h.mu.Unlock()
	out := make([]Stats, 0, len(all))
	for _, st := range all {
		out = append(out, st.stats())
	}
	slices.SortFunc(out, func(a, b Stats) int { return strings.Compare(a.StreamID, b.StreamID) })
	return out
}

func (h *Hub) find(id string) *stream {
	h.init()
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.streams[id]
}

// list copies the streams. The caller holds h.mu.
func (h *Hub) list() []*stream {
	out := make([]*stream, 0, len(h.streams))
	for _, st := range h.streams {
		out = append(out, st)
	}
	return out
}

// watch is one round over the streams: who fell silent, who may be forgotten.
func (h *Hub) watch() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.mono()
	for id, st := range h.streams {
		if st.check(now) {
			delete(h.streams, id)
		}
	}
}
