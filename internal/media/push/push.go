package push

import (
	"context"
	"crypto/x509"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/media"
)

// State of a link; doc.go draws the moves.
type State string

const (
	Off        State = "off"        // not asked for
	Idle       State = "idle"       // no picture to send
	Connecting State = "connecting" // on its way
	Sending    State = "sending"    // the target takes it
	Waiting    State = "waiting"    // failed, tries again
	Refused    State = "refused"    // the target, or we, said no
)

// Status is how a link does.
type Status struct {
	State State
	Since time.Time
	Why   string    // message key of what went wrong, "" if nothing
	Said  string    // what the target said, for people; never the key
	Next  time.Time // when it tries again, in waiting and refused
	Tries int       // that failed since it last sent
	Lost  int       // times pictures were left out because the target was slow
	Bytes uint64    // sent since the link began
	Rate  float64   // bits a second over the last seconds
}

// Defaults.
const (
	defaultTimeout  = 10 * time.Second
	defaultFirst    = time.Second      // pause after a failure, doubled each time
	defaultLongest  = time.Minute      // and never longer than this
	defaultHopeless = 5 * time.Minute  // where only a person can mend it
	defaultSteady   = 30 * time.Second // sent for so long: the next failure is a first one
	defaultAway     = 20 * time.Second // a target keeps its connection so long without picture

	// MaxLinks is the most links of a process: one machine's uplink is full before.
	MaxLinks = 64
)

// Target is where a stream is to be sent. ID names it for Status.
type Target struct {
	ID string
	Address
}

// Pusher sends streams of a hub on. Set the fields, Start, and tell it with Set
// what is to be sent where.
type Pusher struct {
	Hub          *media.Hub
	Clock        clock.Clock    // default clock.System
	Log          *slog.Logger   // default slog.Default
	AllowPrivate bool           // also to private networks: closed sites and tests
	FFmpeg       string         // program that makes AAC of Opus; "" for none
	Timeout      time.Duration  // to connect, and for each write; default 10 s
	RootCAs      *x509.CertPool // default the system's

	first, longest, hopeless, steady, away time.Duration // fixed, but for tests

	ctx    context.Context
	cancel context.CancelFunc
	stop   func()
	wg     sync.WaitGroup

	mu    sync.Mutex
	links map[place]*link
}

// place is a link's: a stream may go to several targets, and a target may be
// used by several streams (of which it will refuse all but one).
type place struct{ stream, target string }

// Start begins; links come with Set.
func (p *Pusher) Start() {
	if p.Clock == nil {
		p.Clock = clock.System{}
	}
	if p.Log == nil {
		p.Log = slog.Default()
	}
	for v, d := range map[*time.Duration]time.Duration{&p.Timeout: defaultTimeout, &p.first: defaultFirst, &p.longest: defaultLongest,
		&p.hopeless: defaultHopeless, &p.steady: defaultSteady, &p.away: defaultAway} {
		if *v <= 0 {
			*v = d
		}
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.links = map[place]*link{}
	p.stop = p.Hub.Watch(p.changed)
}

// Close ends every link and waits. Without Start it does nothing.
func (p *Pusher) Close() {
	if p.cancel == nil {
		return
	}
	p.stop()
	p.cancel()
	p.wg.Wait()
}

// Set says all that is to be sent, by stream. Links that are not in it end;
// those whose address changed begin anew; the others go on. Beyond MaxLinks
// nothing is begun. It never waits.
func (p *Pusher) Set(want map[string][]Target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx == nil || p.ctx.Err() != nil {
		return
	}
	keep := map[place]bool{}
	for stream, targets := range want {
		for _, t := range targets {
			at := place{stream, t.ID}
			old := p.links[at]
			if old != nil && old.target == t {
				keep[at] = true
				continue
			}
			if old != nil {
				old.cancel()
				delete(p.links, at)
			}
			if len(p.links) >= MaxLinks {
				p.Log.Error("push: too many links", "stream", stream, "target", t.ID)
				continue
			}
			keep[at] = true
			p.links[at] = p.begin(stream, t)
		}
	}
	for at, l := range p.links {
		if !keep[at] {
			l.cancel()
			delete(p.links, at)
		}
	}
}

func (p *Pusher) begin(stream string, t Target) *link {
	ctx, cancel := context.WithCancel(p.ctx)
	l := &link{p: p, stream: stream, target: t, cancel: cancel, wake: make(chan struct{}, 1),
		status: Status{State: Idle, Since: p.Clock.Now()}}
	p.wg.Go(func() { l.run(ctx) })
	return l
}

// Status is how the link of a stream to a target does; Off where there is none.
func (p *Pusher) Status(stream, target string) Status {
	p.mu.Lock()
	l := p.links[place{stream, target}]
	p.mu.Unlock()
	if l == nil {
		return Status{State: Off}
	}
	return l.now()
}

// Retry lets a link that waits try again at once.
func (p *Pusher) Retry(stream, target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.links[place{stream, target}]; l != nil {
		l.poke()
	}
}

// Counts of links by state, for the metrics.
func (p *Pusher) Counts() map[State]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[State]int{}
	for _, l := range p.links {
		out[l.now().State]++
	}
	return out
}

// changed wakes the links of a stream whose picture came.
func (p *Pusher) changed(stream string, s media.State) {
	if s != media.Live {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, l := range p.links {
		if at.stream == stream && l.now().State == Idle {
			l.poke()
		}
	}
}

// pause is how long to wait after a number of failures in a row: doubled each
// time, and spread, so that the links of a centre do not come back all at once.
func (p *Pusher) pause(tries int) time.Duration {
	d := p.longest
	if tries < 16 {
		d = min(d, p.first<<max(0, tries-1))
	}
	return d/2 + rand.N(d/2+1)
}
