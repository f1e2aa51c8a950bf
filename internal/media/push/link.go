package push

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// link sends one stream to one target, again and again, until it is cancelled.
type link struct {
	p      *Pusher
	stream string
	target Target
	cancel context.CancelFunc
	wake   chan struct{} // holds one token: do not wait any longer

	mu     sync.Mutex
	status Status
	begun  time.Time // of sending, by the stopwatch
	mark   time.Time // of the rate
	marked uint64
}

// goodbye is how long a link may take to end.
const goodbye = 500 * time.Millisecond

// rateEvery is how often the rate of a link is taken.
const rateEvery = 2 * time.Second

func (l *link) now() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.status
	if s.State != Sending || time.Since(l.mark) > 3*rateEvery {
		s.Rate = 0
	}
	return s
}

func (l *link) set(s State, change func(*Status)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.State != s {
		l.status.State, l.status.Since = s, l.p.Clock.Now()
		l.p.Log.Info("push: state", "stream", l.stream, "target", l.target.ID, "state", string(s))
	}
	l.status.Next = time.Time{}
	if change != nil {
		change(&l.status)
	}
}

// count adds what was sent.
func (l *link) count(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Bytes += uint64(n)
	if since := time.Since(l.mark); since >= rateEvery {
		if l.marked > 0 && since < 3*rateEvery {
			l.status.Rate = float64(l.status.Bytes-l.marked) * 8 / since.Seconds()
		}
		l.mark, l.marked = time.Now(), l.status.Bytes
	}
}

func (l *link) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run tries until it is told to stop.
func (l *link) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := l.attempt(ctx)
		if ctx.Err() != nil {
			return
		}
		pause := time.Duration(0)
		if errors.Is(err, errAway) {
			l.set(Idle, func(s *Status) { s.Why, s.Said, s.Tries = "", "", 0 })
		} else {
			pause = l.failed(err)
		}
		l.rest(ctx, pause)
	}
}

// attempt is one connection; a fault in a parser of hostile bytes must cost one
// attempt only.
func (l *link) attempt(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			l.p.Log.Error("push: panic in a link", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("push: panic: %v", r)
		}
	}()
	return l.once(ctx)
}

// failed notes what went wrong and says how long to wait.
func (l *link) failed(err error) time.Duration {
	o := sort(err, l.target.Key)
	l.mu.Lock()
	if !l.begun.IsZero() && time.Since(l.begun) >= l.p.steady {
		l.status.Tries = 0
	}
	l.begun = time.Time{}
	tries := l.status.Tries + 1
	l.mu.Unlock()
	pause := l.p.pause(tries)
	if o.hopeless {
		pause = l.p.hopeless
	}
	state := Waiting
	if o.refused {
		state = Refused
	}
	next := l.p.Clock.Now().Add(pause)
	l.set(state, func(s *Status) { s.Why, s.Said, s.Next, s.Tries = o.why, o.said, next, tries })
	l.p.Log.Warn("push: failed", "stream", l.stream, "target", l.target.ID, "why", o.why, "tries", tries)
	return pause
}

// rest waits for the pause to pass (0: for ever), or to be woken.
func (l *link) rest(ctx context.Context, pause time.Duration) {
	var c <-chan time.Time
	if pause > 0 {
		t := time.NewTimer(pause)
		defer t.Stop()
		c = t.C
	}
	select {
	case <-c:
	case <-l.wake:
	case <-ctx.Done():
	}
}

// once waits for a picture, connects and sends until something ends.
func (l *link) once(ctx context.Context) error {
	f, err := l.picture(ctx)
	if err != nil {
		return err
	}
	if opus(f) && l.p.FFmpeg == "" {
		return errNoAAC
	}
	l.set(Connecting, nil)
	c, err := l.p.dial(ctx, l.target.Address, l.count)
	if err != nil {
		return err
	}
	defer c.Close()
	// Who is told to stop may say goodbye, and then is cut, also out of a write.
	defer context.AfterFunc(ctx, func() { time.AfterFunc(goodbye, c.Close) })()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		cancel(c.drain())
	}()
	// Closing ends the reading; a write under way ends by its own deadline.
	defer func() { c.Close(); <-gone }()
	l.mu.Lock()
	l.begun, l.mark, l.marked = time.Now(), time.Now(), l.status.Bytes
	l.mu.Unlock()
	err = l.feed(ctx, c)
	if why := context.Cause(ctx); why != nil && !errors.Is(why, context.Canceled) {
		return why // what the target said is worth more than that a write failed
	}
	if errors.Is(err, errAway) || ctx.Err() != nil {
		c.farewell()
	}
	return err
}

// picture waits for the stream's first key frame.
func (l *link) picture(ctx context.Context) (*media.Format, error) {
	sub, err := l.p.Hub.Subscribe(l.stream, "push")
	if err != nil {
		return nil, away(err)
	}
	defer func() { sub.Close() }()
	for {
		it, err := sub.Next(ctx)
		switch {
		case errors.Is(err, media.ErrSlow):
			if sub, err = l.p.Hub.Subscribe(l.stream, "push"); err != nil {
				return nil, away(err)
			}
		case err != nil:
			return nil, away(err)
		case it.Unit != nil && it.Unit.Video && it.Unit.Key:
			return it.Unit.Format, nil
		}
	}
}

// away takes a stream's end, or that it is not there, for no picture.
func away(err error) error {
	var f *fault.Error
	if errors.Is(err, io.EOF) || errors.As(err, &f) {
		return errAway
	}
	return err
}
