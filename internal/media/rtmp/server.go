package rtmp

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// Defaults of the server.
const (
	defaultListen   = ":1935" // registered for RTMP
	defaultApp      = "live"
	defaultTimeout  = 10 * time.Second
	defaultMaxConns = 128
	// A centre's rooms stand behind one address, so this is not small.
	defaultMaxPerIP = 24

	closeWait = 3 * time.Second // publishers get this long to read why
)

// Server listens for publishers. Set the fields, then Start.
type Server struct {
	Listen   string // host:port, default ":1935"; port 0 picks a free one
	App      string // first part of the path, default "live"
	Hub      *media.Hub
	Log      *slog.Logger           // default slog.Default
	Words    func(err error) string // what a publisher reads; default both languages
	Timeout  time.Duration          // for the handshake, and then for each message; default 10 s
	MaxConns int                    // default 128
	MaxPerIP int                    // for one IPv4 address or IPv6 /64, default 24

	ln     net.Listener
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	conns map[*conn]struct{}
	perIP map[netip.Prefix]int

	accepted, limited, garbage, refused atomic.Uint64
}

// Stats counts connections since Start.
type Stats struct {
	Open     int    // now
	Accepted uint64 // taken from the network
	Limited  uint64 // closed at once, over a limit
	Garbage  uint64 // spoke no RTMP, or too slowly
	Refused  uint64 // told why they must go
}

// Start listens; the error is the listener's.
func (s *Server) Start() error {
	if s.Hub == nil {
		return errors.New("rtmp: Server needs Hub")
	}
	s.defaults()
	ln, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return err
	}
	s.ln = ln
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.conns, s.perIP = map[*conn]struct{}{}, map[netip.Prefix]int{}
	s.wg.Go(s.accept)
	return nil
}

func (s *Server) defaults() {
	if s.Listen == "" {
		s.Listen = defaultListen
	}
	if s.App == "" {
		s.App = defaultApp
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Words == nil {
		s.Words = bothLanguages
	}
	if s.Timeout <= 0 {
		s.Timeout = defaultTimeout
	}
	if s.MaxConns <= 0 {
		s.MaxConns = defaultMaxConns
	}
	if s.MaxPerIP <= 0 {
		s.MaxPerIP = defaultMaxPerIP
	}
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// URL is what a publisher on this machine fills in, without the key.
func (s *Server) URL() string {
	host, port, _ := net.SplitHostPort(s.ln.Addr().String()) // our own listener's address always splits
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "rtmp://" + net.JoinHostPort(host, port) + "/" + s.App
}

// Stats counts connections.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	open := len(s.conns)
	s.mu.Unlock()
	return Stats{Open: open, Accepted: s.accepted.Load(), Limited: s.limited.Load(),
		Garbage: s.garbage.Load(), Refused: s.refused.Load()}
}

// Close stops listening, tells every publisher that the system restarts, and
// waits for all connections; those that do not leave in 3 s are cut. Without
// Start it does nothing.
func (s *Server) Close() {
	if s.ln == nil {
		return
	}
	s.cancel()
	s.ln.Close()
	reason := fault.New(fault.Unavailable, "media.stopping")
	s.each(func(c *conn) { c.kick(reason) })
	cut := time.AfterFunc(closeWait, func() { s.each(func(c *conn) { c.Close() }) })
	defer cut.Stop()
	s.wg.Wait()
}

func (s *Server) each(fn func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		fn(c)
	}
}

// accept takes connections until Close.
func (s *Server) accept() {
	wait := 5 * time.Millisecond
	for {
		nc, err := s.ln.Accept()
		if err != nil {
			if s.ctx.Err() != nil {
				return
			}
			// Out of file descriptors, say: wait instead of spinning.
			s.Log.Error("rtmp: accept", "err", err)
			select {
			case <-time.After(wait):
			case <-s.ctx.Done():
				return
			}
			wait = min(2*wait, time.Second)
			continue
		}
		wait = 5 * time.Millisecond
		s.accepted.Add(1)
		c := newConn(s, nc)
		if !s.enter(c) {
			s.limited.Add(1)
			nc.Close()
			continue
		}
		s.wg.Go(func() {
			defer s.leave(c)
			c.serve()
		})
	}
}

// enter counts the connection in, unless a limit is reached.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil || len(s.conns) >= s.MaxConns || s.perIP[c.from] >= s.MaxPerIP {
		return false
	}
	s.conns[c] = struct{}{}
	s.perIP[c.from]++
	return true
}

func (s *Server) leave(c *conn) {
	c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.perIP[c.from]--; s.perIP[c.from] == 0 {
		delete(s.perIP, c.from)
	}
}
