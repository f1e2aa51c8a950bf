package crash

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lindu.example/lindu/client"
)

// Size of the sale that is stopped.
const (
	stopCrowd   = 32
	stopsInTest = 3
	stopAcks    = 200 // before the centre is asked to stop
)

// TestGracefulStop asks the centre to stop while a crowd buys, several times.
// Whatever it took in gets a whole answer. Beside that there is only what it
// did not take in: a refused connection, or one that ended before the first
// byte of an answer.
func TestGracefulStop(t *testing.T) {
	onEach(t, func(t *testing.T, c *centre) {
		s := prepare(c, stopCrowd+1, 1_000_000)
		y := &tally{told: map[string]ack{}, silent: map[string]silence{}}
		for n := range stopsInTest {
			c.start()
			s.stopUnderLoad(y, n)
			orders, _ := s.books()
			s.checkSilent(y, orders)
			c.fsck()
		}
		c.start()
		s.askAgain(y)
		c.askToStop()
		c.waitStopped()
		orders, _ := s.books()
		missing, _, extra := s.hold(y.told, orders)
		if len(extra) > 0 {
			t.Errorf("%d orders that no buyer was told of, the first: %+v", len(extra), extra[0])
		}
		c.fsck()
		t.Logf("stops %d, acknowledged %d, told to come later %d, refused connections %d, ended before an answer %d (orders made of them %d), missing %d",
			stopsInTest, len(y.told), y.later, y.refused, len(y.silent), y.lost, missing)
	})
}

// tally is what came of the crowd's requests.
type tally struct {
	mu      sync.Mutex
	told    map[string]ack     // answered 201
	silent  map[string]silence // keys whose connection ended before an answer
	later   int                // whole answers that said: come again
	refused int                // nobody listened any more
	lost    int                // of silent, those that had made an order
}

// silence is a request without an answer.
type silence struct {
	buyer buyer
	// kept: the connection had served a request before. The standard library's
	// server closes idle connections when it stops, and one where a request
	// has just come in may look idle to it: the order may be made and its
	// answer lost, and the buyer learns of it by asking again with the key. A
	// connection of its own is never closed with a request on it.
	kept bool
}

// stopUnderLoad lets the crowd buy, asks the centre to stop and waits until it
// has. Half of the crowd keeps its connection, half makes one for each order.
// One request is half sent when the stop begins.
func (s *sale) stopUnderLoad(y *tally, n int) {
	s.t.Helper()
	keep := crowdClient(stopCrowd)
	fresh := &http.Client{Timeout: soon, Transport: &http.Transport{DisableKeepAlives: true}}
	defer keep.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*soon)
	var asked atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	from := y.acknowledged()
	for _, b := range s.buyers[1:] {
		hc := keep
		if b.no%2 == 0 {
			hc = fresh
		}
		wg.Go(func() {
			for i := 0; s.try(ctx, y, hc, b, fmt.Sprintf("stop-%d-%03d-%06d", n, b.no, i), &asked); i++ { // until the centre is gone
			}
		})
	}
	waitFor(s.t, "orders", func() bool { return y.acknowledged() >= from+stopAcks })
	slow := s.beginSlowly(s.buyers[0], fmt.Sprintf("slow-%06d", n))
	pause(20 * time.Millisecond) // so that the stop falls anywhere in a group's life
	asked.Store(true)
	s.askToStop()
	waitFor(s.t, "connections to be refused", s.refuses)
	slow.finish(s, y)
	s.waitStopped()
	wg.Wait()
}

// refuses tells whether nobody listens at the centre's address.
func (s *sale) refuses() bool {
	base, _ := s.address()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// try sends one order once, and tells whether the buyer goes on.
func (s *sale) try(ctx context.Context, y *tally, hc *http.Client, b buyer, key string, asked *atomic.Bool) bool {
	var answering, kept atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              func(i httptrace.GotConnInfo) { kept.Store(i.Reused) },
		GotFirstResponseByte: func() { answering.Store(true) },
	})
	req := s.request(b, key).WithContext(ctx)
	req.GetBody = nil // a try is one try: the transport must not hide a cut one
	status, body, err := send(hc, req)
	stopping := asked.Load()
	y.mu.Lock()
	defer y.mu.Unlock()
	switch {
	case err == nil:
		if err := y.answered(b, key, status, body); err != nil {
			s.t.Errorf("key %s: %v", key, err)
		}
		return true
	case answering.Load():
		s.t.Errorf("key %s: half an answer: %v", key, err)
	case !stopping:
		s.t.Errorf("key %s: no answer while the centre serves: %v", key, err)
	case errors.Is(err, syscall.ECONNREFUSED):
		y.refused++
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		s.t.Errorf("key %s: neither answered nor refused: %v", key, err)
	default:
		y.silent[key] = silence{b, kept.Load()}
		return true // until it is refused
	}
	return false
}

func send(hc *http.Client, req *http.Request) (status int, body []byte, err error) {
	res, err := hc.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, body, err
}

// answered notes a whole answer; an error if nobody should get it.
func (y *tally) answered(b buyer, key string, status int, body []byte) error {
	switch status {
	case http.StatusCreated:
		var o client.Order
		if err := json.Unmarshal(body, &o); err != nil || o.ID == "" {
			return fmt.Errorf("an order that can't be read: %w\n%s", err, body)
		}
		y.told[key] = ack{id: o.ID, buyer: b.user, total: o.TotalFen}
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		var p client.Error
		if err := json.Unmarshal(body, &p); err != nil || p.Code == "" {
			return fmt.Errorf("a refusal that can't be read: %w\n%s", err, body)
		}
		y.later++
	default:
		return fmt.Errorf("%d %s", status, body)
	}
	return nil
}

func (y *tally) acknowledged() int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return len(y.told)
}

// slowly is an order on a slow line: the centre has begun to read its body.
type slowly struct {
	buyer buyer
	key   string
	conn  net.Conn
	read  *bufio.Reader
	rest  []byte
}

// beginSlowly sends the head of an order and half of its body. The answer "go
// on" to the head shows that the centre is at work on it.
func (s *sale) beginSlowly(b buyer, key string) *slowly {
	s.t.Helper()
	req := s.request(b, key)
	body, err := io.ReadAll(req.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	w := &slowly{buyer: b, key: key, conn: s.dial(), rest: body[len(body)/2:]}
	s.t.Cleanup(func() { w.conn.Close() })
	w.read = bufio.NewReader(w.conn)
	var head strings.Builder
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\nExpect: 100-continue\r\nContent-Length: %d\r\n", req.URL.Path, req.Host, len(body))
	if err := req.Header.Write(&head); err != nil {
		s.t.Fatal(err)
	}
	if _, err := io.WriteString(w.conn, head.String()+"\r\n"); err != nil {
		s.t.Fatal(err)
	}
	if res, err := http.ReadResponse(w.read, nil); err != nil || res.StatusCode != http.StatusContinue {
		s.t.Fatalf("the centre does not say go on: %+v, %v", res, err)
	}
	if _, err := w.conn.Write(body[:len(body)/2]); err != nil {
		s.t.Fatal(err)
	}
	return w
}

// finish sends the rest, while the centre stops, and wants the order.
func (w *slowly) finish(s *sale, y *tally) {
	s.t.Helper()
	if _, err := w.conn.Write(w.rest); err != nil {
		s.t.Fatalf("the stopping centre hung up on a request under way: %v", err)
	}
	res, err := http.ReadResponse(w.read, nil)
	if err != nil {
		s.t.Fatalf("no answer to a request under way when the centre was asked to stop: %v", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		s.t.Fatalf("a request under way when the centre was asked to stop got %d %s: %v", res.StatusCode, body, err)
	}
	y.mu.Lock()
	defer y.mu.Unlock()
	if err := y.answered(w.buyer, w.key, res.StatusCode, body); err != nil {
		s.t.Error(err)
	}
}

// checkSilent wants no order of a request that got no answer, but where the
// standard library can't help it.
func (s *sale) checkSilent(y *tally, orders []booked) {
	s.t.Helper()
	for _, o := range orders {
		if q, silent := y.silent[o.key]; silent && !q.kept {
			s.t.Errorf("order %s was made of a request that got no answer", o.id)
		}
	}
	y.lost = 0
	for _, o := range orders {
		if _, silent := y.silent[o.key]; silent {
			y.lost++
		}
	}
}

// askAgain repeats what got no answer, and some of what did: the same key
// gives the order there is.
func (s *sale) askAgain(y *tally) {
	s.t.Helper()
	hc := crowdClient(1)
	defer hc.CloseIdleConnections()
	byUser := map[string]buyer{}
	for _, b := range s.buyers {
		byUser[string(b.user)] = b
	}
	ask := func(b buyer, key string) client.Order {
		o, err := s.client(b, hc).PlaceOrder(s.t.Context(), key, s.wish(b))
		if err != nil {
			s.t.Errorf("key %s, asked again: %v", key, err)
		}
		return o
	}
	left := 100
	for key, a := range y.told {
		if o := ask(byUser[string(a.buyer)], key); o.ID != a.id {
			s.t.Errorf("key %s: first told %s, then %s", key, a.id, o.ID)
		}
		if left--; left == 0 {
			break
		}
	}
	for key, q := range y.silent {
		o := ask(q.buyer, key)
		y.told[key] = ack{id: o.ID, buyer: q.buyer.user, total: o.TotalFen}
	}
}
