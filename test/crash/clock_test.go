package crash

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
)

// ordersOfAJump are placed between two jumps.
const ordersOfAJump = 60

// TestClockJumps has the centre's clock jump an hour ahead, an hour back, and
// five seconds back again and again, while a crowd buys. What was to expire
// expires once and gives its goods back once; nobody is signed out; ids and
// order numbers are unique; and after each jump orders go on.
//
// The clock is the product's own (package clock); the binary is built with a
// tag that lets a file move it. Ids are made from the machine's clock and are
// not moved.
func TestClockJumps(t *testing.T) {
	program := buildMoved(t)
	onEach(t, func(t *testing.T, c *centre) {
		file := filepath.Join(t.TempDir(), "offset")
		jump := func(to time.Duration) {
			if err := os.WriteFile(file+".new", []byte(to.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(file+".new", file); err != nil {
				t.Fatal(err)
			}
		}
		jump(0)
		c.binary, c.env = program, []string{"LINDU_TEST_CLOCK=" + file}
		s := prepare(c, killCrowd, 100_000)
		s.start()
		j := &jumper{sale: s, hc: crowdClient(killCrowd), told: map[string]bool{}}
		defer j.hc.CloseIdleConnections()
		d := c.beside()
		first := j.place()
		jump(time.Hour)
		j.place()
		waitFor(t, "what was to expire to do so", func() bool { return j.closed(d, first) == len(first) })
		for _, to := range []time.Duration{0, -5 * time.Second, 0, -5 * time.Second, -time.Hour, 0} {
			jump(to)
			j.place()
			c.fsck()
		}
		second := j.place()
		jump(2 * time.Hour)
		waitFor(t, "the others to expire", func() bool { return j.closed(d, second) == len(second) })
		jump(0)
		last := j.place()
		if n := j.closed(d, last); n != 0 {
			t.Errorf("%d new orders are closed", n)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		c.askToStop()
		c.waitStopped()
		j.check()
		c.fsck()
	})
}

// jumper is a crowd whose orders expire.
type jumper struct {
	*sale
	hc *http.Client
	n  int

	mu   sync.Mutex
	told map[string]bool
}

// place has everybody place orders, and see that they are signed in.
func (j *jumper) place() []string {
	j.t.Helper()
	var ids []string
	var wg sync.WaitGroup
	j.n++
	for i, b := range j.buyers {
		wg.Go(func() {
			me := j.client(b, j.hc)
			for k := range max(1, ordersOfAJump/len(j.buyers)) {
				o, err := me.PlaceOrder(j.t.Context(), fmt.Sprintf("jump-%03d-%03d-%03d", j.n, i, k), j.wish(b))
				if err != nil {
					j.t.Errorf("after jump %d: %v", j.n, err)
					return
				}
				j.mu.Lock()
				if j.told[o.ID] {
					j.t.Errorf("order %s was given twice", o.ID)
				}
				j.told[o.ID] = true
				ids = append(ids, o.ID)
				j.mu.Unlock()
			}
			if _, err := me.Me(j.t.Context()); err != nil {
				j.t.Errorf("after jump %d a buyer is signed out: %v", j.n, err)
			}
		})
	}
	wg.Wait()
	return ids
}

// closed counts those of the orders that are closed.
func (j *jumper) closed(d *db.DB, ids []string) int {
	j.t.Helper()
	var n int
	if err := d.QueryRow(context.Background(), `SELECT count(*) FROM sale_order WHERE state = 'closed' AND id IN (`+db.In(1, len(ids))+`)`, db.Args(ids)...).Scan(&n); err != nil {
		j.t.Fatal(err)
	}
	return n
}

// check holds that each order that is closed was expired once.
func (j *jumper) check() {
	j.t.Helper()
	d, _ := j.open()
	defer d.Close()
	count := func(q string) (n int) {
		if err := d.QueryRow(context.Background(), q).Scan(&n); err != nil {
			j.t.Fatal(err)
		}
		return n
	}
	orders, closed := count(`SELECT count(*) FROM sale_order`), count(`SELECT count(*) FROM sale_order WHERE state = 'closed'`)
	if orders != len(j.told) || count(`SELECT count(DISTINCT no) FROM sale_order`) != orders {
		j.t.Errorf("%d orders, %d acknowledged", orders, len(j.told))
	}
	if n := count(`SELECT count(*) FROM audit_event WHERE action = 'order.expired'`); n != closed {
		j.t.Errorf("%d orders are closed, %d expiries are on record", closed, n)
	}
	if n := count(`SELECT count(DISTINCT object_id) FROM audit_event WHERE action = 'order.expired'`); n != closed {
		j.t.Errorf("%d orders are closed, %d have expired", closed, n)
	}
	if n := count(`SELECT count(*) FROM lot_reservation WHERE state = 'released'`); n != closed {
		j.t.Errorf("%d orders are closed, %d reservations released", closed, n)
	}
	j.t.Logf("jumps %d, acknowledged %d, expired %d, each once", j.n, len(j.told), closed)
}

// beside opens the database of a running centre.
func (c *centre) beside() *db.DB {
	c.t.Helper()
	dsn := c.dsn
	if dsn == "" {
		dsn = filepath.Join(c.dir, "lindu.db")
	}
	d, err := db.Open(context.Background(), dsn, db.Options{MaxConns: 2})
	if err != nil {
		c.t.Fatal(err)
	}
	return d
}

// buildMoved makes the binary whose clock and payment providers a test may move,
// once.
func buildMoved(t *testing.T) string {
	t.Helper()
	return moved.build(t, "-tags", "jumpclock,playedpay")
}
