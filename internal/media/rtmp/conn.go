package rtmp

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/bluenviron/gortmplib"
	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/message"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/wire"
)

const (
	// A handshake is 3 KiB and the commands up to "publish" are about 1 KiB.
	strangerBytes = 64 << 10
	maxKeyLen     = 200
)

var errBudget = errors.New("rtmp: too many bytes before the key")

// conn is one publisher's connection: the network side (deadlines, budget,
// being kicked) and the conversation on it.
type conn struct {
	net.Conn
	srv  *Server
	from netip.Prefix

	budget int // bytes that may still be read before the key is accepted; -1 afterwards

	mu     sync.Mutex
	kicked error // why the connection must end
}

func newConn(s *Server, nc net.Conn) *conn {
	return &conn{Conn: nc, srv: s, from: origin(nc.RemoteAddr()), budget: strangerBytes}
}

// origin is the address a limit counts: a household has one IPv4 address or
// one IPv6 /64.
func origin(a net.Addr) netip.Prefix {
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Prefix{} // not TCP: all together
	}
	ip := ap.Addr().Unmap()
	bits := 64
	if ip.Is4() {
		bits = 32
	}
	p, _ := ip.WithZone("").Prefix(bits) // bits fit the address family
	return p
}

// Read takes from the network, within the stranger's budget.
func (c *conn) Read(b []byte) (int, error) {
	if c.budget == 0 {
		return 0, errBudget
	}
	if c.budget > 0 && len(b) > c.budget {
		b = b[:c.budget]
	}
	n, err := c.Conn.Read(b)
	if c.budget > 0 {
		c.budget -= n
	}
	return n, err
}

// Write never waits longer than the timeout: a publisher that does not read
// our acknowledgements is gone.
func (c *conn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.srv.Timeout)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

// arm gives the next reads d, unless the connection was kicked meanwhile.
func (c *conn) arm(d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kicked != nil {
		return c.kicked
	}
	return c.SetReadDeadline(time.Now().Add(d))
}

// kick ends the connection from any goroutine: the read under way fails, and
// the connection's own goroutine says why.
func (c *conn) kick(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kicked == nil {
		c.kicked = reason
	}
	// An error here means the connection is closed already.
	_ = c.SetReadDeadline(time.Unix(1, 0))
}

func (c *conn) kickReason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kicked
}

// serve is the whole life of the connection.
func (c *conn) serve() {
	defer func() {
		// A fault in a parser of hostile bytes must cost one connection only.
		if r := recover(); r != nil {
			c.srv.Log.Error("rtmp: panic in a connection", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	sc, err := c.greet()
	if err != nil {
		c.srv.garbage.Add(1)
		c.srv.Log.Debug("rtmp: no conversation", "err", err)
		return
	}
	if err := c.publish(sc); err != nil {
		c.refuse(sc, err)
	}
}

// greet does the handshake and reads commands up to "publish" or "play".
func (c *conn) greet() (*gortmplib.ServerConn, error) {
	if err := c.arm(c.srv.Timeout); err != nil {
		return nil, err
	}
	sc := &gortmplib.ServerConn{RW: struct {
		io.Reader
		io.Writer
	}{wire.NewGuard(c), c}}
	if err := sc.Initialize(); err != nil {
		return nil, err
	}
	return sc, sc.AcceptConn()
}

// publish checks the key and carries the pictures until the connection ends.
// It returns what the publisher should be told, nil if it left by itself.
func (c *conn) publish(sc *gortmplib.ServerConn) error {
	if !sc.Publish {
		return fault.New(fault.Invalid, "media.no_play")
	}
	key, err := streamKey(sc.URL, c.srv.App)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.srv.ctx, c.srv.Timeout)
	defer cancel()
	pub, err := c.srv.Hub.Publish(ctx, key, media.Source{Kind: "rtmp", Remote: c.from.Addr().String(), Kick: c.kick})
	if err != nil {
		return err
	}
	defer pub.Close()
	if err := sc.AcceptAction(); err != nil {
		return nil // gone before it began
	}
	c.budget = -1
	in := &ingest{pub: pub}
	for {
		if err := c.arm(c.srv.Timeout); err != nil {
			return err
		}
		msg, err := sc.Read()
		if err != nil {
			return c.ended(err)
		}
		if err := in.take(msg); err != nil {
			return err
		}
	}
}

// ended sorts the error of a read: kicked, silent, gone, or unreadable.
func (c *conn) ended(err error) error {
	if why := c.kickReason(); why != nil {
		return why
	}
	var ne net.Error
	switch {
	case errors.As(err, &ne) && ne.Timeout():
		return fault.New(fault.Invalid, "media.silent", "Seconds", int(c.srv.Timeout/time.Second))
	case errors.As(err, &ne), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return nil
	}
	return fault.New(fault.Invalid, "media.malformed").Because(err)
}

// refuse tells the publisher why and gives it time to read: closing at once
// would reset the connection and take the words away with it.
func (c *conn) refuse(sc *gortmplib.ServerConn, why error) {
	c.srv.refused.Add(1)
	c.srv.Log.Info("rtmp: refused", "err", why)
	err := sc.Write(&message.CommandAMF0{
		ChunkStreamID:   5,
		MessageStreamID: 0x1000000,
		Name:            "onStatus",
		Arguments: []any{nil, amf0.Object{
			{Key: "level", Value: "error"},
			{Key: "code", Value: "NetStream.Publish.Rejected"},
			{Key: "description", Value: c.srv.Words(why)},
		}},
	})
	if err != nil {
		return
	}
	if hc, ok := c.Conn.(interface{ CloseWrite() error }); ok && hc.CloseWrite() == nil {
		// What the publisher still sends is thrown away until it closes. Both
		// errors mean that it is gone.
		_ = c.SetReadDeadline(time.Now().Add(min(2*time.Second, c.srv.Timeout)))
		_, _ = io.Copy(io.Discard, io.LimitReader(c.Conn, 8<<20))
	}
}

// streamKey takes the key from rtmp://host/app/KEY. A query behind it belongs
// to the player of some apps and is ignored.
func streamKey(u *url.URL, app string) (string, error) {
	if u != nil {
		dir, key, ok := strings.Cut(strings.Trim(u.Path, "/"), "/")
		if ok && dir == app && key != "" && len(key) <= maxKeyLen && !strings.Contains(key, "/") {
			return key, nil
		}
	}
	return "", fault.New(fault.Invalid, "media.bad_address")
}
