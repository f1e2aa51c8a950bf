package media

import (
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"lindu.example/lindu/internal/fault"
)

// The pictures since the last key frame are kept for sinks that come late. A
// publisher with key frames minutes apart does not fill the memory: over a
// limit nothing is kept until the next one.
const (
	gopItems = 600
	gopBytes = 12 << 20
)

// errForgotten tells Publish that the stream was forgotten a moment ago.
var errForgotten = errors.New("media: stream is forgotten")

// stream is one show's picture: at most one publisher, any number of sinks.
type stream struct {
	hub *Hub
	id  string

	mu       sync.Mutex
	gone     bool // taken out of the hub
	state    State
	since    time.Time     // of the state
	sinceM   time.Duration // the same on the stopwatch
	pub      *Publisher
	sessions uint64
	moved    time.Duration // when the last unit that keeps the stream live came
	subs     []*Subscription
	gop      []*Unit
	gopSize  int
	last     Stats // counters and the last publisher's figures
}

func newStream(h *Hub, id string) *stream {
	return &stream{hub: h, id: id, state: Idle, since: h.Clock.Now(), sinceM: h.mono()}
}

func (st *stream) currentState() State {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.state
}

// attach makes src the publisher, in place of one that has fallen silent.
func (st *stream) attach(src Source) (*Publisher, error) {
	st.mu.Lock()
	if st.gone {
		st.mu.Unlock()
		return nil, errForgotten
	}
	if st.state == Ended {
		st.mu.Unlock()
		return nil, fault.New(fault.Gone, "media.ended")
	}
	now := st.hub.mono()
	old := st.pub
	if err := st.taken(src.Owner); err != nil {
		st.mu.Unlock()
		return nil, err
	}
	reason := fault.New(fault.Conflict, "media.replaced")
	if old != nil {
		st.detach(reason)
	}
	st.sessions++
	p := &Publisher{stream: st, src: src, session: st.sessions, begun: now, wrote: now, needKey: true}
	st.pub = p
	st.last.Source, st.last.Remote, st.last.Started = src.Kind, src.Remote, st.hub.Clock.Now()
	st.mu.Unlock()
	if old != nil {
		old.told(reason)
	}
	st.hub.Log.Info("media: publisher", "stream", st.id, "source", src.Kind, "session", p.session)
	return p, nil
}

// taken is media.busy while somebody else than owner delivers. The caller holds
// st.mu.
func (st *stream) taken(owner string) error {
	old := st.pub
	if old == nil || st.hub.mono()-old.wrote >= st.hub.AwayAfter || owner != "" && owner == old.src.Owner {
		return nil
	}
	return fault.New(fault.Conflict, "media.busy")
}

// detach takes the publisher off. The caller holds st.mu.
func (st *stream) detach(reason error) {
	p := st.pub
	if p == nil {
		return
	}
	p.reason = reason
	st.pub = nil
	st.gop, st.gopSize = nil, 0
	if st.state == Live {
		st.setState(Away)
	} else {
		st.sinceM = st.hub.mono() // an idle stream is kept from now on
	}
}

// kick takes the publisher off and tells it why; only if it is the one meant,
// when one is.
func (st *stream) kick(only *Publisher, reason error) {
	st.mu.Lock()
	p := st.pub
	if only != nil && p != only {
		st.mu.Unlock()
		return
	}
	st.detach(reason)
	st.mu.Unlock()
	if p != nil {
		p.told(reason)
	}
}

func (st *stream) end(reason error) {
	st.mu.Lock()
	p := st.pub
	st.detach(reason)
	if st.state != Ended {
		st.setState(Ended)
	}
	st.mu.Unlock()
	st.finishSubs(io.EOF)
	if p != nil {
		p.told(reason)
	}
}

// setState moves the stream and tells sinks and watchers. The caller holds
// st.mu, so all of them see the same order.
func (st *stream) setState(s State) {
	st.state, st.since, st.sinceM = s, st.hub.Clock.Now(), st.hub.mono()
	st.hub.announce(st.id, s)
	st.spread(Item{State: s})
	st.hub.Log.Info("media: state", "stream", st.id, "state", string(s))
}

// deliver hands a unit of p to the sinks. counts says whether it keeps the
// stream live.
func (st *stream) deliver(p *Publisher, u *Unit, counts bool) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.pub != p {
		return p.reason
	}
	if counts {
		st.moved = st.hub.mono()
		if st.state != Live {
			st.setState(Live)
		}
	}
	st.keep(u)
	st.spread(Item{Unit: u})
	st.last.Units++
	st.last.LastUnit = u.At
	return nil
}

// keep holds the units since the last key frame for late sinks.
func (st *stream) keep(u *Unit) {
	switch {
	case u.Video && u.Key, u.Format.Video == nil:
		st.gop, st.gopSize = append(st.gop[:0:0], u), u.size
	case len(st.gop) == 0:
	case len(st.gop) >= gopItems || st.gopSize+u.size > gopBytes:
		st.gop, st.gopSize = nil, 0
	default:
		st.gop, st.gopSize = append(st.gop, u), st.gopSize+u.size
	}
}

// spread offers an item to every sink and drops the slow ones.
func (st *stream) spread(it Item) {
	st.subs = slices.DeleteFunc(st.subs, func(s *Subscription) bool {
		if s.push(it) {
			return false
		}
		st.last.Slow++
		st.hub.Log.Warn("media: slow sink dropped", "stream", st.id, "sink", s.name)
		return true
	})
}

func (st *stream) subscribe(name string) (*Subscription, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.state == Ended || st.gone {
		return nil, fault.New(fault.NotFound, "media.no_stream")
	}
	s := newSubscription(name, st)
	s.push(Item{State: st.state})
	for _, u := range st.gop {
		s.push(Item{Unit: u})
	}
	st.subs = append(st.subs, s)
	return s, nil
}

func (st *stream) drop(s *Subscription) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.subs = slices.DeleteFunc(st.subs, func(o *Subscription) bool { return o == s })
}

func (st *stream) finishSubs(err error) {
	st.mu.Lock()
	subs := st.subs
	st.subs = nil
	st.mu.Unlock()
	for _, s := range subs {
		s.finish(err, false)
	}
}

// check is one look of the watch; true means the stream is to be forgotten.
// That is no end: whether a show is over is not the hub's to say, so sinks get
// io.EOF and no state. The caller holds hub.mu.
func (st *stream) check(now time.Duration) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.state == Live && now-st.moved >= st.hub.AwayAfter {
		st.gop, st.gopSize = nil, 0
		st.setState(Away)
	}
	if p := st.pub; p != nil && p.askKey(now, KeyEvery) {
		p.src.KeyFrame()
	}
	keep := map[State]time.Duration{Idle: keepIdle, Away: keepAway, Ended: keepEnded}
	limit, ok := keep[st.state]
	if !ok || st.pub != nil || now-st.sinceM < limit {
		return false
	}
	st.gone = true
	for _, s := range st.subs {
		s.finish(io.EOF, false)
	}
	st.subs = nil
	return true
}

func (st *stream) stats() Stats {
	st.mu.Lock()
	defer st.mu.Unlock()
	s := st.last
	s.StreamID, s.State, s.Since = st.id, st.state, st.since
	s.Sessions, s.Sinks = st.sessions, len(st.subs)
	if st.pub != nil {
		st.pub.fill(&s, st.hub.mono())
	}
	return s
}
