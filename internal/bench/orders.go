package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"time"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
)

// Sets is the configuration of the servers, as key=value.
type Sets []string

// Orders is `lindu bench orders`: buyers place orders of one hot product
// through the JSON API as fast as they are answered.
type Orders struct {
	JSON    bool          `name:"json" help:"Print one line of JSON."`
	DB      string        `name:"db" help:"postgres://… instead of SQLite; its tables are made there and stay." placeholder:"DSN"`
	Buyers  int           `help:"Buyers at once." default:"256"`
	Seconds time.Duration `name:"for" help:"How long each part runs." default:"5s"`
	Orders  int64         `help:"Let the desk take so many orders instead, and tell how its pace changes." placeholder:"N"`
	Stock   int64         `help:"Units there are." default:"10000000"`
	Few     int64         `help:"Units of the product that sells out." default:"64"`
	Servers int           `help:"Server processes on the one database (PostgreSQL)." default:"1"`
	Parts   []string      `help:"Parts to run." default:"noop,one_tx,desk,sellout"`
	Profile string        `help:"Write a CPU profile of each part's server into this folder." placeholder:"DIR"`
}

// OrdersResult is what it prints. Rates are per second, times milliseconds.
type OrdersResult struct {
	DB             string    `json:"db"`
	Buyers         int       `json:"buyers"`
	NoopPerS       float64   `json:"noop_per_s"`   // handler that reads and answers JSON
	OneTxPerS      float64   `json:"one_tx_per_s"` // whole orders, one a transaction
	DeskPerS       float64   `json:"desk_per_s"`   // whole orders, durable
	RatioNoop      float64   `json:"ratio_noop"`
	RatioOneTx     float64   `json:"ratio_one_tx"`
	P50            float64   `json:"p50_ms"`
	P99            float64   `json:"p99_ms"`
	CPUPerOrder    float64   `json:"cpu_us_per_order"` // of the desk's server processes
	Accepted       int64     `json:"accepted"`         // in all parts
	RefusedFull    int64     `json:"refused_full"`
	RefusedSoldOut int64     `json:"refused_soldout"`
	Oversold       int64     `json:"oversold"`
	Fsck           string    `json:"fsck"`
	Failed         int64     `json:"failed"`
	Servers        int       `json:"servers"`
	SoldOutPerS    float64   `json:"soldout_per_s"`         // answers a second around a lot that sells out
	Tenths         []float64 `json:"tenths,omitempty"`      // the desk's orders a second, by tenth of its orders
	Slowdown       float64   `json:"slowdown,omitempty"`    // first tenth by last tenth
	WALMax         float64   `json:"wal_max_mb,omitempty"`  // SQLite's log at its largest
	Bytes          float64   `json:"bytes_order,omitempty"` // of SQLite's file
	Problem        string    `json:"problem,omitempty"`
	NoopCPU        float64   `json:"noop_cpu_us,omitempty"` // a request of the noop server
	OneTxP99       float64   `json:"one_tx_p99_ms,omitempty"`
}

// Run measures and prints.
func (o *Orders) Run(ctx context.Context, sets Sets) error {
	dir, err := os.MkdirTemp("", "lindu-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.Servers > 1 && o.DB == "" {
		return errors.New("bench: several servers need PostgreSQL (--db)")
	}
	r := run{Orders: *o, dir: dir, sets: append([]string{"http=127.0.0.1:0", "rtmp=", "rtc.udp=", "rtc.tcp=", "data=" + dir, "db=" + o.DB}, sets...)}
	if err := r.prepare(ctx); err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		fn   func(context.Context) error
	}{{"noop", r.noop}, {"one_tx", r.oneTx}, {"desk", r.desk}, {"sellout", r.sellout}, {"noop", r.noop}} {
		for _, want := range o.Parts {
			if want != p.name {
				continue
			}
			if err := p.fn(ctx); err != nil {
				return fmt.Errorf("bench: %s: %w", p.name, err)
			}
		}
	}
	if err := r.check(ctx); err != nil {
		return err
	}
	if err := r.print(); err != nil {
		return err
	}
	if r.res.Oversold > 0 || r.res.Fsck != "clean" {
		return errors.New("bench: the records do not agree")
	}
	return nil
}

// run is one run of the command.
type run struct {
	Orders
	dir  string
	sets []string
	w    world
	res  OrdersResult
	much int64 // accepted of the product with all the stock
	few  int64 // of the one that sells out

	nothing    tally // of both halves of noop
	nothingCPU time.Duration
}

// prepare makes the tables and the world.
func (r *run) prepare(ctx context.Context) error {
	cfg, err := config.Load("", func() []string { return nil }, r.sets)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := a.Start(); err != nil {
		return errors.Join(err, a.Close())
	}
	r.res.DB, r.res.Buyers, r.res.Servers = string(a.DB.Dialect), r.Buyers, r.Servers
	if r.w, err = makeWorld(ctx, a, r.Buyers, r.Stock, r.Few); err == nil {
		_, err = fsck.Full(ctx, a.DB) // the day's check of everything is done before, not in between
	}
	return errors.Join(err, a.Close())
}

// part starts n servers, drives p against them, and stops them.
func (r *run) part(ctx context.Context, name string, n int, p plan, args ...string) (tally, time.Duration, error) {
	var servers []*child
	var cpu time.Duration
	stop := func() (err error) {
		for _, s := range servers {
			used, e := s.stop()
			cpu += used
			err = errors.Join(err, e)
		}
		servers = nil
		return err
	}
	defer stop() //nolint:errcheck // of servers that are left after an error
	for i := range n {
		of := args
		if r.Profile != "" {
			of = append(of[:len(of):len(of)], "--profile", filepath.Join(r.Profile, fmt.Sprintf("%s-%d.pprof", name, i)))
		}
		if i > 0 {
			of = append(of[:len(of):len(of)], "--second")
		}
		s, err := start(ctx, of...)
		if err != nil {
			return tally{}, 0, err
		}
		servers = append(servers, s)
		p.Addrs = append(p.Addrs, s.addr)
	}
	t, err := drive(ctx, p)
	if err != nil {
		return t, 0, err
	}
	r.res.Failed += t.Failed
	r.res.RefusedFull += t.Full
	r.res.RefusedSoldOut += t.SoldOut
	if t.Problem != "" {
		r.res.Problem = name + ": " + t.Problem
	}
	err = stop()
	return t, cpu, err
}

func (r *run) plan() plan {
	return plan{Path: "/api/v1/orders", Show: string(r.w.show), Item: string(r.w.much), Price: r.w.price, Buyers: r.w.buyers, For: r.Seconds}
}

// args are a server's. Its buyers order without end and never pay, so the limit
// of unpaid orders is off.
func (r *run) args(more ...string) []string {
	out := []string{"--set", "orders.max_unpaid=0"}
	for _, s := range append(r.sets[:len(r.sets):len(r.sets)], more...) {
		out = append(out, "--set", s)
	}
	return out
}

// noop is half before the other parts and half after them: the machine's pace
// drifts, and what all are held against should not be what it was a while ago.
func (r *run) noop(ctx context.Context) error {
	p := r.plan()
	p.For /= 2
	t, cpu, err := r.part(ctx, "noop", 1, p, "--noop")
	r.nothing.Accepted, r.nothing.Took, r.nothingCPU = r.nothing.Accepted+t.Accepted, r.nothing.Took+t.Took, r.nothingCPU+cpu
	r.res.NoopPerS, r.res.NoopCPU = round(r.nothing.perSecond(), 0), perOrder(r.nothingCPU, r.nothing.Accepted)
	return err
}

func (r *run) oneTx(ctx context.Context) error {
	// On PostgreSQL that is the classic way: every order its own transaction,
	// many connections, one hot row.
	t, _, err := r.part(ctx, "one_tx", r.Servers, r.plan(), r.args("orders.group=1", "orders.writers=16")...)
	r.res.OneTxPerS, r.res.OneTxP99 = round(t.perSecond(), 0), t.P99
	r.much += t.Accepted
	return err
}

func (r *run) desk(ctx context.Context) error {
	p := r.plan()
	p.Orders = r.Orders.Orders
	wal := r.watchWAL(ctx)
	t, cpu, err := r.part(ctx, "desk", r.Servers, p, r.args()...)
	r.res.WALMax = wal()
	r.res.DeskPerS, r.res.P50, r.res.P99, r.res.CPUPerOrder = round(t.perSecond(), 0), t.P50, t.P99, perOrder(cpu, t.Accepted)
	if p.Orders > 0 && len(t.Tenths) == 10 {
		r.res.Tenths, r.res.Slowdown = t.Tenths, round(t.Tenths[0]/t.Tenths[9], 2)
	}
	r.much += t.Accepted
	return err
}

func (r *run) sellout(ctx context.Context) error {
	p := r.plan()
	p.Item, p.Once = string(r.w.few), true
	t, _, err := r.part(ctx, "sellout", r.Servers, p, r.args()...)
	r.res.SoldOutPerS = round(t.answersPerS(), 0)
	r.few += t.Accepted
	return err
}

// watchWAL looks at SQLite's log ten times a second; the function it gives
// ends that and tells the largest size seen, in MB.
func (r *run) watchWAL(ctx context.Context) func() float64 {
	ctx, cancel := context.WithCancel(ctx)
	found := make(chan int64, 1)
	go func() {
		var most int64
		for ctx.Err() == nil {
			if s, err := os.Stat(filepath.Join(r.dir, "lindu.db-wal")); err == nil {
				most = max(most, s.Size())
			}
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
		found <- most
	}()
	return func() float64 {
		cancel()
		return round(float64(<-found)/1e6, 1)
	}
}

// check recomputes the records.
func (r *run) check(ctx context.Context) error {
	cfg, err := config.Load("", func() []string { return nil }, r.sets)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, cfg.DSN(), db.Options{})
	if err != nil {
		return err
	}
	defer d.Close()
	rep, err := fsck.Run(ctx, d)
	if err != nil {
		return err
	}
	r.res.Fsck = "clean"
	if !rep.Clean() {
		r.res.Fsck = "findings"
		for _, c := range rep.Checks {
			for _, f := range c.Findings {
				fmt.Fprintln(os.Stderr, c.Name, f)
			}
		}
	}
	r.res.Accepted = r.much + r.few
	r.res.Oversold = max(0, r.much-r.Stock) + max(0, r.few-r.Few)
	if s, err := os.Stat(cfg.DSN()); err == nil && r.res.Accepted > 0 {
		r.res.Bytes = round(float64(s.Size())/float64(r.res.Accepted), 0)
	}
	r.res.RatioNoop = ratio(r.res.DeskPerS, r.res.NoopPerS, 3)
	r.res.RatioOneTx = ratio(r.res.DeskPerS, r.res.OneTxPerS, 2)
	return nil
}

func (r *run) print() error {
	if r.JSON {
		return json.NewEncoder(os.Stdout).Encode(r.res)
	}
	x := r.res
	fmt.Printf("%s, %d buyers, %d server(s)\n", x.DB, x.Buyers, x.Servers)
	fmt.Printf("a handler that does nothing %8.0f/s\none order a transaction     %8.0f/s\nthe desk                    %8.0f/s   %.3f of the first, %.1f times the second\n", x.NoopPerS, x.OneTxPerS, x.DeskPerS, x.RatioNoop, x.RatioOneTx)
	fmt.Printf("p50 %.1f ms, p99 %.1f ms, %.0f us of CPU an order\n", x.P50, x.P99, x.CPUPerOrder)
	fmt.Printf("accepted %d, queue full %d, sold out %d (%.0f answers/s), failed %d, oversold %d, fsck %s\n", x.Accepted, x.RefusedFull, x.RefusedSoldOut, x.SoldOutPerS, x.Failed, x.Oversold, x.Fsck)
	if x.Slowdown > 0 {
		fmt.Printf("first tenth %.0f/s, last tenth %.0f/s: %.2f times slower; log at most %.1f MB\n", x.Tenths[0], x.Tenths[9], x.Slowdown, x.WALMax)
	}
	return nil
}

// perOrder is CPU time an order, in microseconds.
func perOrder(cpu time.Duration, orders int64) float64 {
	return round(float64(cpu.Microseconds())/float64(max(orders, 1)), 1)
}

// ratio is 0 when what is compared with was not measured in this run.
func ratio(v, of float64, digits int) float64 {
	if of == 0 {
		return 0
	}
	return round(v/of, digits)
}

// round keeps the digits that mean something.
func round(v float64, digits int) float64 {
	p := math.Pow10(digits)
	return math.Round(v*p) / p
}
