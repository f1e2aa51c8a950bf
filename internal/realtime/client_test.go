package realtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/websocket"
)

// wait bounds everything a test waits for; it only matters when a test fails.
const wait = 20 * time.Second

// server is a hub behind a real socket; ?v= names the visitor.
type server struct {
	*testing.T
	hub *Hub
	url string
}

func serve(t *testing.T, o Options) *server {
	t.Helper()
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ws := h.Handler()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws.ServeHTTP(w, r.WithContext(WithVisitor(r.Context(), r.URL.Query().Get("v"))))
	}))
	s.Listener = narrow{s.Listener}
	s.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Error(err)
		}
		s.Close()
	})
	return &server{t, h, s.URL}
}

// narrow gives sockets a small buffer, so that a reader who stops is noticed
// after kilobytes and not after the megabytes of a loopback.
type narrow struct{ net.Listener }

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err == nil {
		c.(*net.TCPConn).SetWriteBuffer(16 << 10)
	}
	return c, err
}

// eventually waits for a condition.
func (s *server) eventually(what string, ok func() bool) {
	s.Helper()
	for end := time.Now().Add(wait); !ok(); {
		if time.Now().After(end) {
			s.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

type reply struct {
	ID    int `json:"id"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Connect   *struct{ Client string } `json:"connect"`
	Subscribe *struct {
		Epoch         string `json:"epoch"`
		Offset        uint64 `json:"offset"`
		Recovered     bool   `json:"recovered"`
		WasRecovering bool   `json:"was_recovering"`
		Publications  []publication
	} `json:"subscribe"`
	Push *struct {
		Channel string       `json:"channel"`
		Pub     *publication `json:"pub"`
		Unsub   *struct {
			Code int `json:"code"`
		} `json:"unsubscribe"`
	} `json:"push"`
}

type publication struct {
	Offset uint64 `json:"offset"`
	Data   struct {
		E []struct {
			K string          `json:"k"`
			D json.RawMessage `json:"d"`
		} `json:"e"`
	} `json:"data"`
}

func (p publication) kinds() (out []string) {
	for _, e := range p.Data.E {
		out = append(out, e.K)
	}
	return out
}

// client speaks the protocol of centrifuge over a plain WebSocket.
type client struct {
	*testing.T
	ws     *websocket.Conn
	lines  chan reply
	closed chan int // the close code
	id     int
}

// dial opens a socket; raw != nil replaces the network connection.
func (s *server) dial(visitor, origin string, raw func(net.Conn) net.Conn) (*websocket.Conn, error) {
	u := "ws" + strings.TrimPrefix(s.url, "http") + "/?v=" + visitor
	cfg, err := websocket.NewConfig(u, origin)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		return nil, err
	}
	if raw != nil {
		conn = raw(conn)
	}
	conn.SetDeadline(time.Now().Add(10 * wait))
	return websocket.NewClient(cfg, conn)
}

func (s *server) connect(visitor string) *client {
	s.Helper()
	ws, err := s.dial(visitor, s.url, nil)
	if err != nil {
		s.Fatal(err)
	}
	c := &client{T: s.T, ws: ws, lines: make(chan reply, 4096), closed: make(chan int, 1)}
	s.Cleanup(func() { ws.Close() })
	go c.read()
	if r := c.ask(`"connect":{}`); r.Connect == nil {
		s.Fatalf("connect: %+v", r)
	}
	return c
}

// read takes frames apart: one holds several replies, a line each. The close
// code is read by hand, for x/net/websocket swallows it.
func (c *client) read() {
	for {
		f, err := c.ws.NewFrameReader()
		if err != nil {
			c.closed <- 0
			return
		}
		body, err := io.ReadAll(f)
		switch {
		case err != nil:
			c.closed <- 0
			return
		case f.PayloadType() == websocket.CloseFrame:
			code := 0
			if len(body) >= 2 {
				code = int(body[0])<<8 | int(body[1])
			}
			c.ws.Close() // or the server waits for our answer
			c.closed <- code
			return
		case f.PayloadType() != websocket.TextFrame:
			continue
		}
		dec := json.NewDecoder(bytes.NewReader(body))
		for {
			var r reply
			if err := dec.Decode(&r); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				c.Errorf("frame %.200q: %v", body, err)
				break
			}
			if r.ID == 0 && r.Push == nil { // a ping
				c.write(`{}`)
				continue
			}
			c.lines <- r
		}
	}
}

func (c *client) write(line string) {
	if _, err := c.ws.Write([]byte(line)); err != nil && !errors.Is(err, net.ErrClosed) {
		c.Logf("write: %v", err)
	}
}

// ask sends a command and waits for its reply; pushes before it are dropped.
func (c *client) ask(body string) reply {
	c.Helper()
	c.id++
	c.write(fmt.Sprintf(`{"id":%d,%s}`, c.id, body))
	end := time.After(wait)
	for {
		select {
		case r := <-c.lines:
			if r.ID == c.id {
				return r
			}
		case code := <-c.closed:
			c.Fatalf("closed with %d while waiting for %s", code, body)
		case <-end:
			c.Fatalf("no answer to %s", body)
		}
	}
}

func (c *client) subscribe(room string) reply {
	c.Helper()
	r := c.ask(fmt.Sprintf(`"subscribe":{"channel":%q}`, room))
	if r.Subscribe == nil {
		c.Fatalf("subscribe to %s: %+v", room, r.Error)
	}
	return r
}

func (c *client) recover(room, epoch string, offset uint64) reply {
	c.Helper()
	r := c.ask(fmt.Sprintf(`"subscribe":{"channel":%q,"recover":true,"epoch":%q,"offset":%d}`, room, epoch, offset))
	if r.Subscribe == nil {
		c.Fatalf("recover %s: %+v", room, r.Error)
	}
	return r
}

// next is the next publication.
func (c *client) next() publication {
	c.Helper()
	end := time.After(wait)
	for {
		select {
		case r := <-c.lines:
			if r.Push != nil && r.Push.Pub != nil {
				return *r.Push.Pub
			}
			continue
		default:
		}
		select {
		case r := <-c.lines:
			if r.Push != nil && r.Push.Pub != nil {
				return *r.Push.Pub
			}
		case code := <-c.closed:
			if len(c.lines) > 0 {
				c.closed <- code // what came before it comes first
				continue
			}
			c.Fatalf("closed with %d while waiting for a publication", code)
		case <-end:
			c.Fatal("no publication")
		}
	}
}

// until collects events until enough of a kind came, over as many frames as
// the ticks happened to be.
func (c *client) until(kind string, n int) (events []string, frames int) {
	c.Helper()
	for have := 0; have < n; frames++ {
		for _, e := range c.next().Data.E {
			events = append(events, e.K+string(e.D))
			if e.K == kind {
				have++
			}
		}
	}
	return events, frames
}

// unsubscribed waits for the server to end a subscription; from code 2500 on
// client libraries subscribe again by themselves.
func (c *client) unsubscribed() int {
	c.Helper()
	end := time.After(wait)
	for {
		select {
		case r := <-c.lines:
			if r.Push != nil && r.Push.Unsub != nil {
				return r.Push.Unsub.Code
			}
		case code := <-c.closed:
			c.Fatalf("closed with %d while waiting for the end of a subscription", code)
		case <-end:
			c.Fatal("still subscribed")
		}
	}
}

func (c *client) code() int {
	c.Helper()
	end := time.After(wait)
	for {
		select {
		case code := <-c.closed:
			return code
		case <-c.lines:
		case <-end:
			c.Fatal("not closed")
		}
	}
}
