package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
)

// Defaults of a recorder.
const (
	defaultChunkFor   = time.Minute
	defaultChunkBytes = 16 << 20
	defaultSyncEvery  = 5 * time.Second
	defaultRetryAfter = 5 * time.Second
	defaultMinFree    = 1 << 30
	defaultAsk        = time.Second
)

// Recorder records the streams of a hub. Set the fields, Start before the hub.
type Recorder struct {
	Hub   *media.Hub
	Clock clock.Clock  // default clock.System
	Log   *slog.Logger // default slog.Default
	Dir   string       // the spool, made if it is not there

	// Want says as what a stream is to be recorded now, "" for not at all. It is
	// asked every second and must be quick. An error keeps what was said before.
	Want func(ctx context.Context, stream string) (kind string, err error)
	// Keep stores a chunk for good and notes it; file is all of it. Called again
	// until it gives no error, also after a restart, so the same chunk may come
	// twice.
	Keep func(ctx context.Context, c Chunk, file []byte) error
	// Alert, if set, is told that the recording of a stream stopped (why) and
	// that it goes on (nil).
	Alert func(stream string, why error)

	ChunkFor   time.Duration // default a minute
	ChunkBytes int64         // default 16 MiB
	SyncEvery  time.Duration // default 5 s
	RetryAfter time.Duration // default 5 s
	MinFree    int64         // bytes the disk keeps for others; default 1 GiB, negative: none

	// Space tells the free bytes and the size of the spool's disk, and write
	// writes to it; replaced by tests.
	Space func(dir string) (free, total int64, err error)
	write func(f *os.File, b []byte) (int, error)
	ask   time.Duration

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	wake   chan struct{}

	mu      sync.Mutex
	running map[string]bool
	status  Status
	broken  map[string]error // streams whose recording stands still
	units   atomic.Uint64    // written or cut so far
}

// Start closes what a crash left, begins to keep what waits, and taps the hub.
func (r *Recorder) Start() error {
	if r.Hub == nil || r.Dir == "" || r.Want == nil || r.Keep == nil {
		return errors.New("record: Recorder needs Hub, Dir, Want and Keep")
	}
	r.defaults()
	if err := os.MkdirAll(r.Dir, 0o700); err != nil {
		return fmt.Errorf("record: spool: %w", err)
	}
	if err := r.recover(); err != nil {
		return err
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.running, r.broken = map[string]bool{}, map[string]error{}
	r.wake = make(chan struct{}, 1)
	r.wg.Go(func() { r.keepAll(r.ctx) })
	r.Hub.Tap(r.tap)
	return nil
}

func (r *Recorder) defaults() {
	if r.Clock == nil {
		r.Clock = clock.System{}
	}
	if r.Log == nil {
		r.Log = slog.Default()
	}
	if r.Space == nil {
		r.Space = DiskSpace
	}
	if r.write == nil {
		r.write = func(f *os.File, b []byte) (int, error) { return f.Write(b) }
	}
	for _, d := range []struct {
		v   *time.Duration
		def time.Duration
	}{{&r.ChunkFor, defaultChunkFor}, {&r.SyncEvery, defaultSyncEvery}, {&r.RetryAfter, defaultRetryAfter}, {&r.ask, defaultAsk}} {
		if *d.v <= 0 {
			*d.v = d.def
		}
	}
	if r.ChunkBytes <= 0 {
		r.ChunkBytes = defaultChunkBytes
	}
	if r.MinFree == 0 {
		r.MinFree = defaultMinFree
	}
}

// Close ends every recording and waits. Close the hub before it, so that the
// last pictures are written. What is not kept yet waits for the next start.
// Without Start it does nothing.
func (r *Recorder) Close() {
	if r.cancel == nil {
		return
	}
	r.cancel()
	r.wg.Wait()
}

// tap follows a stream from its first publisher on.
func (r *Recorder) tap(stream string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[stream] || r.ctx.Err() != nil {
		return
	}
	// At once, so that nothing is missed while Want is asked.
	sub, err := r.Hub.Subscribe(stream, "record")
	if err != nil {
		return // ended in the same moment
	}
	r.running[stream] = true
	r.wg.Go(func() {
		defer func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			delete(r.running, stream)
		}()
		r.follow(stream, sub)
	})
}

// follow is a stream's life: recorded when it is wanted, as what it is wanted.
func (r *Recorder) follow(stream string, sub *media.Subscription) {
	kind := ""
	for {
		kind = r.wanted(stream, kind)
		if kind != "" {
			next, on := r.record(stream, kind, sub)
			if !on {
				return
			}
			kind, sub = next, nil
			continue
		}
		if sub != nil {
			sub.Close()
			sub = nil
		}
		select {
		case <-r.ctx.Done():
			return
		case <-time.After(r.ask):
		}
		if _, known := r.Hub.Stats(stream); !known || r.Hub.State(stream) == media.Ended {
			return
		}
	}
}

// wanted asks Want; an answer that does not come leaves things as they are.
func (r *Recorder) wanted(stream, now string) string {
	ctx, cancel := context.WithTimeout(r.ctx, 5*time.Second)
	defer cancel()
	kind, err := r.Want(ctx, stream)
	if err != nil {
		if r.ctx.Err() == nil {
			r.Log.Error("record: is it to be recorded?", "stream", stream, "err", err)
		}
		return now
	}
	return kind
}

// record writes a stream down until it is wanted as something else (next), or
// ends, or the recorder does (on is false). sub may be nil.
func (r *Recorder) record(stream, kind string, sub *media.Subscription) (next string, on bool) {
	if sub == nil {
		var err error
		if sub, err = r.Hub.Subscribe(stream, "record"); err != nil {
			return "", false // ended in the same moment
		}
	}
	w := &writer{r: r, stream: stream, kind: kind}
	cut := hls.NewCutter(stream, r.Log, w.piece)
	r.begins(1)
	defer r.begins(-1)
	defer w.close()
	defer cut.Flush()

	changed := make(chan string, 1)
	watch, stop := context.WithCancel(r.ctx)
	defer stop()
	r.wg.Go(func() { r.watch(watch, sub, stream, kind, changed) })
	for {
		// Not r.ctx: when the hub closes first, what it still holds is written.
		it, err := sub.Next(r.ctx)
		switch {
		case errors.Is(err, media.ErrSlow):
			r.Log.Warn("record: was too slow, a hole follows", "stream", stream)
			return kind, true
		case err != nil:
			select {
			case next := <-changed:
				return next, true
			default:
				return "", false
			}
		case it.Unit != nil:
			cut.Unit(it.Unit)
			r.units.Add(1)
		case it.State == media.Away, it.State == media.Ended:
			cut.Flush()
			w.finish() // minutes may pass until it goes on
		}
	}
}

// watch ends a subscription when the stream is wanted as something else.
func (r *Recorder) watch(ctx context.Context, sub *media.Subscription, stream, kind string, changed chan<- string) {
	t := time.NewTicker(r.ask)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if next := r.wanted(stream, kind); next != kind {
			changed <- next
			sub.Close()
			return
		}
	}
}
