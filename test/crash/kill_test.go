package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/client"
)

// Size of the sale that is killed.
const (
	killCrowd   = 48
	mostPause   = 20 * time.Millisecond
	killsInTest = 20                    // a database, of `make test`; LINDU_TEST_CYCLES asks for more
	mostAcks    = 120                   // waited for between two kills
	room        = 360                   // units of each life: more are sold while the kill falls
	atTheEnd    = 300                   // units of the life after the last kill or fault
	plenty      = 1_000_000             // units while faults fall
	easy        = 60 * time.Millisecond // pace of a crowd that faults fall on
)

// TestKill kills the centre again and again while a crowd buys, until it is
// sold out. Buyers whose answer did not come ask again with the same key.
func TestKill(t *testing.T) {
	kills := cycles(t, killsInTest)
	onEach(t, func(t *testing.T, c *centre) {
		// One more than the crowd: the deaf one.
		s := prepare(c, killCrowd+1, int64(kills*room+atTheEnd))
		s.start()
		var restarts []time.Duration
		r := s.sell(0, func(r *run) {
			for n := range kills {
				restarts = append(restarts, r.cycle(n))
			}
		})
		missing, oversold := r.soldOut()
		if r.replayed < kills {
			t.Errorf("%d orders given again by their key, want one a kill at least", r.replayed)
		}
		slices.Sort(restarts)
		t.Logf("cycles %d, acknowledged %d, retried %d, replayed %d, missing %d, oversold %d, restart p50 %d ms p99 %d ms",
			kills, len(r.told), r.retried, r.replayed, missing, oversold, quantile(restarts, 0.50), quantile(restarts, 0.99))
	})
}

// cycles is how often a fault falls: so often in `make test`, or as
// LINDU_TEST_CYCLES says.
func cycles(t *testing.T, inTest int) int {
	t.Helper()
	v := os.Getenv("LINDU_TEST_CYCLES")
	if v == "" {
		return inTest
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		t.Fatalf("LINDU_TEST_CYCLES=%q is no number of cycles", v)
	}
	return n
}

// sell lets the crowd buy (all but the first buyer, who is a test's own) while
// faults fall, and waits until it is sold out. pace is what a buyer waits at
// most between two orders.
func (s *sale) sell(pace time.Duration, faults func(r *run)) *run {
	s.t.Helper()
	r := &run{sale: s, pace: pace, told: map[string]ack{}, hc: crowdClient(len(s.buyers))}
	s.t.Cleanup(r.hc.CloseIdleConnections)
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Duration(cycles(s.t, killsInTest))*soon)
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel() // before the wait, should the test give up
	for _, b := range s.buyers[1:] {
		wg.Go(func() { r.buy(ctx, b) })
	}
	faults(r)
	wg.Wait() // until it is sold out
	return r
}

// lastCall leaves so many units on sale, beside the running centre.
func (r *run) lastCall(units int) {
	r.t.Helper()
	d := r.beside()
	defer d.Close()
	item := r.want.Lines[0].Item
	if _, err := d.Exec(r.t.Context(), `UPDATE show_item SET released = sold + $2 WHERE id = $1`, item, int64(units)); err != nil {
		r.t.Fatal(err)
	}
	if err := d.QueryRow(r.t.Context(), `SELECT released FROM show_item WHERE id = $1`, item).Scan(&r.stock); err != nil {
		r.t.Fatal(err)
	}
}

// soldOut stops the centre and holds that everything was sold once, to whom it
// was said to be.
func (r *run) soldOut() (missing int, oversold int64) {
	r.t.Helper()
	r.askToStop()
	r.waitStopped()
	orders, reserved := r.books()
	missing, oversold, extra := r.hold(r.told, orders)
	if len(extra) > 0 {
		r.t.Errorf("%d orders that no buyer was told of, the first: %+v", len(extra), extra[0])
	}
	if int64(len(r.told)) != r.stock || reserved != r.stock {
		r.t.Errorf("%d acknowledged, %d units out of the lots; sold out means %d", len(r.told), reserved, r.stock)
	}
	r.fsck()
	return missing, oversold
}

// enough waits for so many more orders.
func (r *run) enough(more int) {
	r.t.Helper()
	select {
	case <-r.reach(r.acknowledged() + more):
	case <-time.After(soon):
		r.t.Fatalf("waited %v for %d orders", soon, more)
	}
}

func quantile(sorted []time.Duration, q float64) int64 {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))].Milliseconds()
}

// run is what the crowd was told so far.
type run struct {
	*sale
	hc   *http.Client
	pace time.Duration

	mu       sync.Mutex
	told     map[string]ack // by key
	retried  int            // keys that were answered at a later try
	replayed int            // of them, orders that an earlier process had made
	refused  int            // answers that said: it can't be written now (503)
	goal     int            // of told
	reached  chan struct{}  // closed when told has come to goal; nil then
}

// buy places one order after the other until it is sold out.
func (r *run) buy(ctx context.Context, b buyer) {
	for n := 0; ; n++ {
		if sold := r.insist(ctx, b, keyOf(b, n)); !sold {
			return
		}
		pause(r.pace)
	}
}

// insist asks with one key until there is an answer. It tells whether the
// buyer got an order and may want another.
func (r *run) insist(ctx context.Context, b buyer, key string) bool {
	for try := 0; ctx.Err() == nil; try++ {
		o, err := r.client(b, r.hc).PlaceOrder(ctx, key, r.wish(b))
		var refusal *client.Error
		switch {
		case err == nil:
			r.note(b, key, o, try)
			return true
		case client.Code(err) == "order.sold_out":
			return false
		case errors.As(err, &refusal) && refusal.Status == http.StatusServiceUnavailable && refusal.RetryAfter > 0:
			r.mu.Lock()
			r.refused++
			r.mu.Unlock()
		case errors.As(err, &refusal) && refusal.Status != http.StatusTooManyRequests:
			r.t.Errorf("key %s: %v", key, err)
			return false
		}
		select { // no answer, or a busy one: the same key again
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
	r.t.Errorf("key %s was never answered", key)
	return false
}

func (r *run) note(b buyer, key string, o client.Order, try int) {
	_, since := r.address()
	r.mu.Lock()
	defer r.mu.Unlock()
	if first, again := r.told[key]; again && first.id != o.ID {
		r.t.Errorf("key %s: first told %s, then %s", key, first.id, o.ID)
	}
	if r.reached != nil && len(r.told)+1 >= r.goal {
		close(r.reached)
		r.reached = nil
	}
	r.told[key] = ack{id: o.ID, buyer: b.user, total: o.TotalFen}
	if try > 0 {
		r.retried++
		if o.Placed.Before(since) {
			r.replayed++
		}
	}
}

// reach tells at once when so many orders are acknowledged: a look every
// now and then comes too late for a kill on the heels of an answer.
func (r *run) reach(goal int) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := make(chan struct{})
	r.goal, r.reached = goal, c
	return c
}

func (r *run) acknowledged() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.told)
}

// refusals waits for so many more answers of 503.
func (r *run) refusals(more int) {
	r.t.Helper()
	count := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.refused
	}
	from := count()
	waitFor(r.t, "orders to be refused", func() bool { return count() >= from+more })
}

// cycle lets the crowd buy a while, kills the centre with requests under way,
// starts it again and tells how long that took.
func (r *run) cycle(n int) time.Duration {
	r.t.Helper()
	deaf, key := r.buyers[0], fmt.Sprintf("deaf-%06d", n)
	order, hangUp := r.deafOrder(deaf, key, r.hc)
	defer hangUp()
	r.enough(mostAcks/4 + rand.IntN(mostAcks*3/4))
	if n%2 == 1 { // half of the kills fall anywhere in a group's life,
		pause(mostPause)
	}
	r.kill()      // the others right after an answer: it must be in the books by then
	if n%3 == 0 { // and sometimes it dies again while it comes up
		r.launch()
		pause(60 * time.Millisecond)
		r.process.cmd.Process.Kill() //nolint:errcheck // it runs: it was just started
		<-r.process.gone
		r.noTrouble()
	}
	r.fsck() // also between two lives
	took := r.start()
	o, err := r.client(deaf, r.hc).PlaceOrder(r.t.Context(), key, r.wish(deaf))
	if err != nil || o.ID != order {
		r.t.Fatalf("key %s had made order %s before the kill, after it %q: %v", key, order, o.ID, err)
	}
	r.note(deaf, key, o, 1)
	return took
}

// pause is a random moment up to most: where a fault falls, not a wait for
// anything.
func pause(most time.Duration) { <-time.After(rand.N(most + 1)) }
