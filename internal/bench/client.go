package bench

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// plan is what the load client reads from its standard input.
type plan struct {
	Addrs  []string      `json:"addrs"` // host:port of the servers, taken in turn
	Path   string        `json:"path"`
	Show   string        `json:"show"`
	Item   string        `json:"item"`
	Price  int64         `json:"price"`
	Buyers []buyer       `json:"buyers"`
	For    time.Duration `json:"for"`    // how long
	Orders int64         `json:"orders"` // or until so many are accepted
	Once   bool          `json:"once"`   // who got an order leaves
}

// tally is what it answers with. Latencies are of accepted orders.
type tally struct {
	Took     float64   `json:"took_s"`
	Accepted int64     `json:"accepted"`
	Full     int64     `json:"full"`
	SoldOut  int64     `json:"sold_out"`
	Failed   int64     `json:"failed"`
	P50      float64   `json:"p50_ms"`
	P99      float64   `json:"p99_ms"`
	Tenths   []float64 `json:"tenths,omitempty"` // accepted a second in each tenth of the orders
	Problem  string    `json:"problem,omitempty"`
}

func (t tally) perSecond() float64   { return float64(t.Accepted) / t.Took }
func (t tally) answersPerS() float64 { return float64(t.Accepted+t.SoldOut) / t.Took }

// Load is the hidden command of the load client: raw sockets, kept alive, with
// requests made beforehand, because the client shares the machine's cores with
// what it measures.
type Load struct{}

// Run reads a plan, does it, and prints the tally.
func (Load) Run(ctx context.Context) error {
	var p plan
	if err := json.NewDecoder(os.Stdin).Decode(&p); err != nil {
		return err
	}
	t, err := p.run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(t)
}

// maxTook bounds a part that is bounded by orders.
const maxTook = 30 * time.Minute

type crowd struct {
	left  atomic.Int64 // orders still to be accepted, when the plan counts them
	count bool
	start time.Time
	mu    sync.Mutex
	all   tally
	ms    []sample
}

// sample is one accepted order, in microseconds since the start.
type sample struct{ at, took uint32 }

func (p plan) run(ctx context.Context) (tally, error) {
	if len(p.Addrs) == 0 || len(p.Buyers) == 0 {
		return tally{}, errors.New("bench: nobody to load")
	}
	d := p.For
	if p.Orders > 0 {
		d = maxTook
	}
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	c := &crowd{count: p.Orders > 0, start: time.Now()}
	c.left.Store(p.Orders)
	var wg sync.WaitGroup
	for i, b := range p.Buyers {
		wg.Go(func() { c.buy(ctx, p, p.Addrs[i%len(p.Addrs)], b) })
	}
	wg.Wait()
	return c.sum(), nil
}

func (c *crowd) sum() tally {
	t := c.all
	t.Took = time.Since(c.start).Seconds()
	if len(c.ms) == 0 {
		return t
	}
	slices.SortFunc(c.ms, func(a, b sample) int { return int(int64(a.at) - int64(b.at)) })
	last := uint32(0)
	for i := range 10 {
		part := c.ms[len(c.ms)*i/10 : len(c.ms)*(i+1)/10]
		if len(part) > 0 {
			end := part[len(part)-1].at
			t.Tenths = append(t.Tenths, round(float64(len(part))/(float64(max(end-last, 1))/1e6), 0))
			last = end
		}
	}
	took := make([]uint32, len(c.ms))
	for i, s := range c.ms {
		took[i] = s.took
	}
	slices.Sort(took)
	at := func(q float64) float64 {
		return round(float64(took[min(len(took)-1, int(q*float64(len(took))))])/1000, 2)
	}
	t.P50, t.P99 = at(0.50), at(0.99)
	return t
}

// buy is one buyer: an order after the other over one connection.
func (c *crowd) buy(ctx context.Context, p plan, addr string, b buyer) {
	var t tally
	var ms []sample
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all.Accepted += t.Accepted
		c.all.Full += t.Full
		c.all.SoldOut += t.SoldOut
		c.all.Failed += t.Failed
		if t.Problem != "" {
			c.all.Problem = t.Problem
		}
		c.ms = append(c.ms, ms...)
	}()
	conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		t.Failed, t.Problem = 1, err.Error()
		return
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now().Add(20 * time.Second)) }) //nolint:errcheck // a closed one is fine
	defer stop()
	req, key := request(p, addr, b)
	buf := make([]byte, 16<<10)
	for ctx.Err() == nil && (!c.count || c.left.Load() > 0) {
		newKey(key)
		start := time.Now()
		if _, err := conn.Write(req); err != nil {
			t.Failed, t.Problem = t.Failed+1, err.Error()
			return
		}
		status, body, err := answer(conn, buf)
		if err != nil {
			t.Failed, t.Problem = t.Failed+1, err.Error()
			return
		}
		took := time.Since(start)
		switch {
		case status == 201:
			t.Accepted++
			c.left.Add(-1)
			if p.Once {
				return
			}
			ms = append(ms, sample{uint32(time.Since(c.start).Microseconds()), uint32(took.Microseconds())})
		case status == 429:
			t.Full++
			time.Sleep(time.Duration(rand.Int64N(int64(20 * time.Millisecond)))) // it was told to wait
		case bytes.Contains(body, []byte("order.sold_out")):
			t.SoldOut++
		default:
			t.Failed++
			t.Problem = fmt.Sprintf("%d %.200s", status, body)
		}
	}
}

// request is a buyer's request and, inside it, the key to change each time.
func request(p plan, host string, b buyer) (req, key []byte) {
	body := fmt.Sprintf(`{"show":%q,"address":%q,"lines":[{"item":%q,"units":1,"price_fen":%d}]}`, p.Show, b.Address, p.Item, p.Price)
	none := "00000000000000000000000000000000"
	req = []byte("POST " + p.Path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + b.Token +
		"\r\nContent-Type: application/json\r\nIdempotency-Key: " + none + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	at := bytes.Index(req, []byte(none))
	return req, req[at : at+len(none)]
}

// newKey makes a key as a page makes it: the time in milliseconds, then chance.
func newKey(key []byte) {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], uint64(time.Now().UnixMilli())<<16|rand.Uint64N(1<<16))
	binary.BigEndian.PutUint64(b[8:], rand.Uint64())
	hex.Encode(key, b[:])
}

var (
	headEnd = []byte("\r\n\r\n")
	lengthH = []byte("\r\nContent-Length: ")
)

// answer reads one response of known length into buf.
func answer(conn net.Conn, buf []byte) (status int, body []byte, err error) {
	have, want := 0, -1
	for want < 0 || have < want {
		if have == len(buf) {
			return 0, nil, errors.New("bench: an answer too long for the load client")
		}
		n, err := conn.Read(buf[have:])
		if err != nil {
			return 0, nil, err
		}
		have += n
		if want >= 0 {
			continue
		}
		end := bytes.Index(buf[:have], headEnd)
		if end < 0 {
			continue
		}
		head := buf[:end+2]
		at := bytes.Index(head, lengthH)
		if at < 0 || len(head) < 12 {
			return 0, nil, fmt.Errorf("bench: an answer without a length: %w", io.ErrUnexpectedEOF)
		}
		length := head[at+len(lengthH):]
		l, err := strconv.Atoi(string(length[:bytes.IndexByte(length, '\r')]))
		if err != nil {
			return 0, nil, err
		}
		if status, err = strconv.Atoi(string(head[9:12])); err != nil {
			return 0, nil, err
		}
		body, want = buf[end+4:], end+4+l
	}
	return status, body[:want-(len(buf)-len(body))], nil
}
