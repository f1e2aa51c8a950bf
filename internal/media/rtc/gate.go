package rtc

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

const (
	// tcpSpare are connections beyond the sessions: a browser may open several and
	// then uses one.
	tcpSpare = 32
	// tcpBuffer is what the system may hold for a viewer: half a second of picture.
	// More would only make it late.
	tcpBuffer = 64 << 10
	// tcpStuck is how long one packet may wait for a viewer.
	tcpStuck = 3 * time.Second
)

// gate limits the TCP connections: every one costs memory before it has said
// who it is. A write waits for the viewer, which slows down who writes; when it
// waits too long, the connection is closed and slow is told.
type gate struct {
	net.Listener
	most, each int
	slow       func(peer string)

	mu    sync.Mutex
	open  int
	perIP map[netip.Addr]int
}

func newGate(ln net.Listener, most, each int, slow func(peer string)) *gate {
	return &gate{Listener: ln, most: most, each: each, slow: slow, perIP: map[netip.Addr]int{}}
}

// Accept implements net.Listener. A connection over a limit is closed at once.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		ip := household(c.RemoteAddr())
		if !g.enter(ip) {
			_ = c.Close()
			continue
		}
		if t, ok := c.(*net.TCPConn); ok {
			_ = t.SetWriteBuffer(tcpBuffer) // a wish; without it the picture is later
		}
		return &gated{Conn: c, leave: sync.OnceFunc(func() { g.leave(ip) }), slow: g.slow}, nil
	}
}

func (g *gate) enter(ip netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open >= g.most || g.perIP[ip] >= g.each {
		return false
	}
	g.open++
	g.perIP[ip]++
	return true
}

func (g *gate) leave(ip netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open--
	if g.perIP[ip]--; g.perIP[ip] == 0 {
		delete(g.perIP, ip)
	}
}

// household is whom a limit counts as one: an IPv4 address or an IPv6 /64.
func household(a net.Addr) netip.Addr {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	ip := ap.Addr().Unmap().WithZone("")
	if ip.Is4() {
		return ip
	}
	p, _ := ip.Prefix(64) // 64 fits IPv6
	return p.Addr()
}

type gated struct {
	net.Conn
	leave func()
	slow  func(peer string)
}

// Write implements net.Conn.
func (c *gated) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(tcpStuck)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.slow(c.RemoteAddr().String())
		_ = c.Close() // half a packet is out: nothing can follow it
	}
	return n, err
}

// Close implements net.Conn.
func (c *gated) Close() error {
	c.leave()
	return c.Conn.Close()
}
