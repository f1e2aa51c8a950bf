package rtc

import (
	"net"
	"net/netip"
	"sync"
)

const (
	// tcpSpare are connections beyond the sessions: a browser may open several and
	// then uses one.
	tcpSpare = 32
	// tcpBuffer waits for a viewer's TCP: about four seconds of picture. What does
	// not fit any more is dropped, and the viewer with it if that goes on.
	tcpBuffer = 512 << 10
)

// gate limits the TCP connections: every one costs memory before it has said
// who it is.
type gate struct {
	net.Listener
	most, each int

	mu    sync.Mutex
	open  int
	perIP map[netip.Addr]int
}

func newGate(ln net.Listener, most, each int) *gate {
	return &gate{Listener: ln, most: most, each: each, perIP: map[netip.Addr]int{}}
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
		return &gated{Conn: c, leave: sync.OnceFunc(func() { g.leave(ip) })}, nil
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
}

// Close implements net.Conn.
func (c *gated) Close() error {
	c.leave()
	return c.Conn.Close()
}
