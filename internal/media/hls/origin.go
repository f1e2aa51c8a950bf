package hls

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/media"
)

// Defaults of the origin.
const (
	// Two hundred milliseconds of picture, and room for a frame rate that does
	// not divide it: 6 frames at 29.97 last 200.2 ms, 5 at 24 last 208.3.
	defaultPartTarget = 210 * time.Millisecond
	// OBS and phones send key frames every 2 to 4 s; EXTINF may round up to this.
	defaultTarget     = 4
	defaultSegmentMin = 950 * time.Millisecond // one second, less the jitter of RTMP's times
	// Longer than the 24 s that a delta update may leave out.
	defaultWindow     = 36 * time.Second
	defaultMaxBytes   = 64 << 20 // a stream: window and as much again at 7 Mbit/s
	defaultMaxWaiters = 20000
	defaultLinger     = 2 * time.Minute

	defaultWait     = 8 * time.Second  // hls.js gives up after 10
	defaultAwayWait = 2 * time.Second  // while the publisher is away; hls.js gives such requests 3.2 s
	defaultSlow     = 10 * time.Second // a client that takes longer for one piece is cut
)

// Origin makes and serves the playlists and media of every stream of a hub.
// Set the fields, Start before the hub, and mount it at Prefix.
type Origin struct {
	Hub    *media.Hub
	Clock  clock.Clock  // default clock.System
	Log    *slog.Logger // default slog.Default
	Prefix string       // where it is mounted, default "/live/"

	PartTarget time.Duration // PART-TARGET, default 210 ms; for streams that begin afterwards
	Window     time.Duration // media in the playlist, default 36 s
	MaxBytes   int           // media kept of one stream, default 64 MiB
	MaxWaiters int           // requests that wait at once, default 20,000; then 503
	Linger     time.Duration // how long an ended stream is served, default 2 min

	// Export, if set, is given every init section and finished segment, for a
	// recording. It is called on the stream's own goroutine and must be quick:
	// when it is not, the hub drops this sink for being slow.
	Export func(Exported)

	wait, awayWait, slow time.Duration // fixed, but for tests

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	streams map[string]*shelf
	refused sync.Map // streams that were cut off, by id

	waiting   atomic.Int64
	requests  atomic.Uint64
	sentBytes atomic.Uint64
}

// Stats counts requests since Start.
type Stats struct {
	Streams  int
	Waiting  int64 // requests that wait now
	Requests uint64
	Bytes    uint64 // of the answers begun
}

// Start taps the hub; streams that are published from now on are served.
func (o *Origin) Start() error {
	if o.Hub == nil {
		return errors.New("hls: Origin needs Hub")
	}
	o.defaults()
	o.ctx, o.cancel = context.WithCancel(context.Background())
	o.streams = map[string]*shelf{}
	o.Hub.Tap(o.open)
	return nil
}

func (o *Origin) defaults() {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Prefix == "" {
		o.Prefix = "/live/"
	}
	setDefault(&o.PartTarget, defaultPartTarget)
	setDefault(&o.Window, defaultWindow)
	setDefault(&o.MaxBytes, defaultMaxBytes)
	setDefault(&o.MaxWaiters, defaultMaxWaiters)
	setDefault(&o.Linger, defaultLinger)
	setDefault(&o.wait, defaultWait)
	setDefault(&o.awayWait, defaultAwayWait)
	setDefault(&o.slow, defaultSlow)
}

func setDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

func (o *Origin) config() config {
	return config{partTarget: o.PartTarget, segmentMin: defaultSegmentMin, target: defaultTarget,
		segmentMax: defaultTarget*time.Second + 450*time.Millisecond, // still rounds to target
		window:     o.Window, maxBytes: o.MaxBytes, export: o.Export}
}

// Close lets all waiting requests go and waits for the streams' goroutines.
// Without Start it does nothing.
func (o *Origin) Close() {
	if o.cancel == nil {
		return
	}
	o.cancel()
	o.wg.Wait()
}

// Stats counts requests.
func (o *Origin) Stats() Stats {
	o.mu.Lock()
	n := len(o.streams)
	o.mu.Unlock()
	return Stats{Streams: n, Waiting: o.waiting.Load(), Requests: o.requests.Load(), Bytes: o.sentBytes.Load()}
}

// open begins to serve a stream; it is the hub's tap. A stream that ended and
// begins anew gets new names and numbers.
func (o *Origin) open(id string) {
	sub, err := o.Hub.Subscribe(id, "hls")
	if err != nil {
		return // ended in the same moment
	}
	m := newMuxer(o.config(), id, o.Clock.Now(), o.Log)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() != nil {
		sub.Close()
		return
	}
	o.streams[id] = m.shelf
	o.wg.Go(func() { o.follow(id, sub, m) })
}

// follow is the life of one stream.
func (o *Origin) follow(id string, sub *media.Subscription, m *muxer) {
	defer func() {
		m.shelf.setState(media.Ended) // nobody waits for what will not come
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.streams[id] == m.shelf {
			delete(o.streams, id)
		}
	}()
	for {
		it, err := sub.Next(o.ctx)
		if errors.Is(err, media.ErrSlow) {
			m.flush()
			if sub, err = o.Hub.Subscribe(id, "hls"); err != nil {
				return
			}
			continue
		}
		if err != nil {
			sub.Close()
			break
		}
		if it.Unit != nil {
			m.unit(it.Unit)
		} else {
			m.setState(it.State)
		}
	}
	if m.shelf.now.Load().state != media.Ended {
		return
	}
	if o.cut(id) {
		return
	}
	t := time.NewTimer(o.Linger) // late viewers see the end instead of an error
	defer t.Stop()
	select {
	case <-t.C:
	case <-o.ctx.Done():
	}
}

// Cut refuses a stream from now on: playlists, pieces, and requests that wait,
// as soon as its end in the hub wakes them. What an edge has cached lives on for
// a second (playlists); without playlists no player finds the pieces. Call it
// before Hub.End.
func (o *Origin) Cut(id string) {
	o.refused.Store(id, true)
}

func (o *Origin) cut(id string) bool {
	_, cut := o.refused.Load(id)
	return cut
}

func (o *Origin) find(id string) *shelf {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.streams[id]
}
