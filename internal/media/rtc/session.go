package rtc

import (
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// role says what a session is counted as.
type role int

const (
	publisher role = iota
	viewer
	staff
)

// session is one peer connection, counted in from before it exists until it is
// closed.
type session struct {
	srv    *Server
	id     string
	role   role
	stream string
	remote string
	pc     *webrtc.PeerConnection

	connected chan struct{} // closed when media can flow
	done      chan struct{} // closed when it must end

	once sync.Once
	open sync.Once
	why  error  // set before done is closed
	peer string // where the media goes, once connected; guarded by srv.mu
}

// enter counts a session in, or says why not.
func (s *Server) enter(r role, o Offer) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.full(r, o); err != nil {
		return nil, err
	}
	switch c := &s.count; r {
	case publisher:
		c.publishers++
	case viewer:
		c.viewers++
		c.perShow[o.Stream]++
	case staff:
		c.staff++
	}
	s.count.perIP[o.Remote]++
	x := &session{srv: s, id: id.New[string](), role: r, stream: o.Stream, remote: o.Remote,
		connected: make(chan struct{}), done: make(chan struct{})}
	s.sessions[x.id] = x
	return x, nil
}

// full says which limit is reached. The caller holds mu.
func (s *Server) full(r role, o Offer) error {
	c := &s.count
	switch {
	case s.closed:
		return fault.New(fault.Unavailable, "media.stopping")
	case c.perIP[o.Remote] >= s.MaxPerIP:
		return fault.New(fault.TooMany, "rtc.full_address", "Max", s.MaxPerIP).After(30 * time.Second)
	case r == publisher && c.publishers >= s.MaxPublishers:
		return fault.New(fault.Unavailable, "media.full", "Max", s.MaxPublishers).After(30 * time.Second)
	case r == viewer && (c.viewers >= s.MaxViewers || c.perShow[o.Stream] >= s.MaxPerShow):
		return fault.New(fault.Unavailable, "rtc.full_viewers").After(time.Minute)
	case r == staff && c.staff >= s.MaxStaff:
		return fault.New(fault.Unavailable, "rtc.full_viewers").After(30 * time.Second)
	}
	return nil
}

// leave takes the session out of the counts and closes what it has.
func (x *session) leave() {
	x.end(nil)
	if x.pc != nil {
		_ = x.pc.Close() // closing twice or half-way is no error to anybody
	}
	s := x.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[x.id] != x {
		return
	}
	delete(s.sessions, x.id)
	c := &s.count
	switch x.role {
	case publisher:
		c.publishers--
	case viewer:
		c.viewers--
		less(c.perShow, x.stream)
	case staff:
		c.staff--
	}
	less(c.perIP, x.remote)
}

func less(m map[string]int, k string) {
	if m[k]--; m[k] <= 0 {
		delete(m, k)
	}
}

// end lets the session's goroutine go, from any goroutine and without waiting;
// false if it was ended before. Nil is the peer's own wish.
func (x *session) end(why error) (first bool) {
	x.once.Do(func() {
		x.why, first = why, true
		close(x.done)
	})
	return first
}

// follow makes the connection's states those of the session.
func (x *session) follow() {
	x.pc.OnConnectionStateChange(func(st webrtc.PeerConnectionState) {
		switch st {
		case webrtc.PeerConnectionStateConnected:
			x.open.Do(func() {
				x.note()
				close(x.connected)
			})
		case webrtc.PeerConnectionStateFailed, webrtc.PeerConnectionStateClosed:
			x.end(nil)
		}
	})
}

// note keeps where the media goes.
func (x *session) note() {
	for _, t := range x.pc.GetTransceivers() {
		if s := t.Sender(); s != nil && s.Transport() != nil {
			pair, err := s.Transport().ICETransport().GetSelectedCandidatePair()
			if err != nil || pair == nil {
				continue
			}
			x.srv.mu.Lock()
			x.peer = net.JoinHostPort(pair.Remote.Address, strconv.Itoa(int(pair.Remote.Port)))
			x.srv.mu.Unlock()
			return
		}
	}
}

// tooSlow ends the session behind a TCP connection that takes nothing any more.
func (s *Server) tooSlow(peer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.sessions {
		if x.peer == peer {
			x.end(fault.New(fault.Unavailable, "rtc.slow"))
		}
	}
}

// waitConnected waits until media can flow; false means that it never will.
func (x *session) waitConnected() bool {
	t := time.NewTimer(x.srv.connect)
	defer t.Stop()
	select {
	case <-x.connected:
		return true
	case <-x.done:
		return false
	case <-t.C:
		x.end(fault.New(fault.Unavailable, "rtc.no_connection"))
		return false
	}
}

// send gives the peer a packet of control.
func (x *session) send(p rtcp.Packet) {
	_ = x.pc.WriteRTCP([]rtcp.Packet{p}) // a connection that is gone is noticed elsewhere
}

// Leave ends a session at its owner's wish; false if there is none of that id,
// or it has ended and only its goroutine doesn't know yet.
func (s *Server) Leave(session string) bool {
	s.mu.Lock()
	x := s.sessions[session]
	s.mu.Unlock()
	return x != nil && x.end(nil)
}
