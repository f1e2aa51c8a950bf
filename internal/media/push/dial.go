package push

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media/wire"
)

// Limits of an address and a key.
const (
	MaxAddress = 300
	MaxKey     = 500
)

// Address is where to send, as platforms give it: a server and a stream key.
type Address struct {
	Server string // rtmp(s)://host[:port]/app
	Key    string
}

// Parse takes what a person pasted: the server with the key in a field of its
// own, or all in one. Faults (Invalid): send.bad_address, send.no_key.
func Parse(server, key string) (Address, error) {
	server, key = strings.TrimSpace(server), strings.TrimSpace(key)
	u, err := url.Parse(server)
	switch {
	case err != nil, len(server) > MaxAddress, u.Scheme != "rtmp" && u.Scheme != "rtmps", u.Hostname() == "", u.Opaque != "":
		return Address{}, fault.New(fault.Invalid, "send.bad_address").At("server")
	case u.User != nil || u.Fragment != "":
		return Address{}, fault.New(fault.Invalid, "send.bad_address").At("server")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r == 0x7f }) || len(key) > MaxKey:
		return Address{}, fault.New(fault.Invalid, "send.bad_key").At("key")
	}
	path := strings.Trim(u.EscapedPath(), "/")
	if key == "" { // all in one: the key is what follows the last slash
		app, last, ok := cutLast(path)
		if !ok {
			return Address{}, fault.New(fault.Invalid, "send.no_key").At("key")
		}
		if path, key = app, last; u.RawQuery != "" {
			key += "?" + u.RawQuery
			u.RawQuery = ""
		}
	}
	if path == "" || u.RawQuery != "" || strings.ContainsAny(path, "?#") {
		return Address{}, fault.New(fault.Invalid, "send.bad_address").At("server")
	}
	return Address{Server: u.Scheme + "://" + strings.ToLower(u.Host) + "/" + path, Key: key}, nil
}

func cutLast(path string) (before, after string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 1 || i == len(path)-1 {
		return "", "", false
	}
	return path[:i], path[i+1:], true
}

// url is the address with its port, without the key.
func (a Address) url() (*url.URL, error) {
	u, err := url.Parse(a.Server)
	if err != nil {
		return nil, errors.New("push: the address can't be read") // without its text
	}
	if u.Port() == "" {
		port := "1935"
		if u.Scheme == "rtmps" {
			port = "443"
		}
		u.Host = net.JoinHostPort(u.Hostname(), port)
	}
	return u, nil
}

// ErrPrivate is under the refusal of an address that is not public.
var ErrPrivate = errors.New("push: not a public address")

// special networks beside what net/netip names (RFC 6890, RFC 4291, RFC 6052).
var special = func() (out []netip.Prefix) {
	for _, s := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10", "::/96"} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}()

// Public tells whether an address is one of the public internet.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range special {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// control is asked by the dialer before each connection, with the address that
// the name was resolved to.
func control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !Public(ap.Addr()) {
		return ErrPrivate
	}
	return nil
}

// conn is the network side of a link: what comes in goes through the guard, what
// goes out has a deadline.
type conn struct {
	net.Conn
	guard   *wire.Guard
	timeout time.Duration
	sent    func(int)
}

func (c *conn) Read(b []byte) (int, error) { return c.guard.Read(b) }

func (c *conn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	c.sent(n)
	return n, err
}

// dial connects and asks to publish.
func (p *Pusher) dial(ctx context.Context, a Address, sent func(int)) (*session, error) {
	u, err := a.url()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	nc, err := p.connect(ctx, u)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	s, err := open(&conn{Conn: nc, guard: wire.NewGuard(nc), timeout: p.Timeout, sent: sent}, u, a.Key)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		nc.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err() // and not that the connection was closed, by us
		}
		return nil, err
	}
	return s, nil
}

// connect makes the connection, encrypted for rtmps.
func (p *Pusher) connect(ctx context.Context, u *url.URL) (net.Conn, error) {
	d := &net.Dialer{}
	if !p.AllowPrivate {
		d.ControlContext = control
	}
	nc, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil || u.Scheme != "rtmps" {
		return nc, err
	}
	tc := tls.Client(nc, &tls.Config{ServerName: u.Hostname(), RootCAs: p.RootCAs, MinVersion: tls.VersionTLS12})
	if err := tc.HandshakeContext(ctx); err != nil {
		nc.Close()
		return nil, &tlsError{err}
	}
	return tc, nil
}

// tlsError keeps a failed handshake apart from a failed connection.
type tlsError struct{ err error }

func (e *tlsError) Error() string { return "push: TLS: " + e.err.Error() }
func (e *tlsError) Unwrap() error { return e.err }
