package orderdesk_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

var system = actor.System("test")

// timed is a bench whose clock stands until it is moved.
func timed(t *testing.T, fn func(b bench, now *clock.Fake)) {
	start := time.Date(2026, 11, 22, 20, 0, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		b := bench{t, shoptest.New(t, d), open(t, d, orderdesk.Options{Group: 16})}
		fn(b, d.Clock.(*clock.Fake))
		b.fsck()
	})
}

// crowd sends n requests at once, split over two desks as over two processes,
// and counts the answers by fault; "" is an order.
func (b bench) crowd(n int, make func(i int) orderdesk.Request) map[string]int {
	b.Helper()
	desks := []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{Group: 16})}
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			r := make(i)
			for {
				_, err := desks[i%2].Place(context.Background(), r)
				if fault.Is(err, fault.TooMany) {
					continue // a busy desk says when to come again
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got[""]++
				} else {
					got[fault.Of(err).Key]++
				}
				return
			}
		})
	}
	wg.Wait()
	return got
}

func TestFlashTotalHoldsUnderACrowd(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 300)
		item := b.Item(p, 900)
		f := b.Flash(item, 500, 40)
		now.Add(11 * time.Second)
		got := b.crowd(160, func(i int) orderdesk.Request {
			return request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Item: item, Units: 1, Price: 500})
		})
		// The last unit ends it: who is late learns the normal price.
		if got[""] != 40 || got["order.price_changed"] != 120 {
			b.Errorf("%v", got)
		}
		if n := b.count(`SELECT sold FROM show_flash WHERE id = $1`, f.ID); n != 40 {
			b.Errorf("sold %d of 40", n)
		}
		if n := b.count(`SELECT count(*) FROM order_line WHERE flash_id = $1 AND price_fen = 500`, f.ID); n != 40 {
			b.Errorf("%d lines at the flash price", n)
		}
	})
}

func TestFlashLimitAPersonHoldsUnderACrowd(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 300)
		item := b.Item(p, 900)
		b.Flash(item, 500, 100, func(n *show.NewFlash) { n.PerPerson = 2 })
		now.Add(11 * time.Second)
		got := b.crowd(60, func(i int) orderdesk.Request {
			return request(id.User(fmt.Sprint("u", i%5)), fmt.Sprint("key-", i), order.Line{Item: item, Units: 1, Price: 500})
		})
		if got[""] != 10 || got["order.per_person"] != 50 {
			b.Errorf("%v", got)
		}
		_, err := b.place(request("wang", "key-two-lines", order.Line{Item: item, Units: 2, Price: 500}, order.Line{Item: item, Units: 1, Price: 500}))
		b.wantKey(err, "order.per_person")
	})
}

func TestFlashRunsByItsTimes(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 300)
		item := b.Item(p, 900)
		b.Flash(item, 500, 10, func(n *show.NewFlash) { n.At = now.Now().Add(time.Minute) })
		n := 0
		at := func(price int64) error {
			n++
			_, err := b.place(request(id.User(fmt.Sprint("u", n)), fmt.Sprint("key-", n), order.Line{Item: item, Units: 1, Price: money.Fen(price)}))
			return err
		}
		for _, c := range []struct {
			wait  time.Duration
			price int64
		}{{0, 900}, {59 * time.Second, 900}, {time.Second, 500}, {2*time.Minute - time.Second, 500}, {time.Second, 900}} {
			now.Add(c.wait)
			if err := at(c.price); err != nil {
				b.Errorf("at %s for %d: %v", now.Now().Format(time.TimeOnly), c.price, err)
			}
			err := at(1400 - c.price)
			b.wantKey(err, "order.price_changed")
			if fault.Of(err).Args["Now"] != money.Fen(c.price).Short() {
				b.Errorf("told %v, want %d", fault.Of(err).Args, c.price)
			}
		}
	})
}

func TestFlashOrderKeepsItsPriceAndWaitsShortly(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 300)
		item, other := b.Item(p, 900), b.Item(p, 950)
		b.Flash(item, 500, 10)
		now.Add(11 * time.Second)
		r := request("li", "key-flash", order.Line{Item: item, Units: 2, Price: 500}, order.Line{Item: other, Units: 1, Price: 950})
		r.UnpaidFor, r.FlashUnpaidFor = 15*time.Minute, 4*time.Minute
		o, err := b.place(r)
		if err != nil || o.Expires.Sub(o.Placed) != 4*time.Minute || o.Lines[0].Price != 500 || o.Lines[0].Flash == "" || o.Lines[1].Flash != "" {
			b.Fatalf("%+v, %v", o, err)
		}
		now.Add(5 * time.Minute)
		b.SetItem(item, func(i *show.Item) { i.Price = 700 })
		stored, err := order.ByID(b.Context(), b.DB, o.ID)
		if err != nil || fmt.Sprintf("%+v", stored) != fmt.Sprintf("%+v", o) {
			b.Errorf("the order changed: %+v, %v", stored, err)
		}
	})
}

func TestFlashCancelledBetweenReadingAndWriting(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 300)
		item := b.Item(p, 900)
		f := b.Flash(item, 500, 10)
		now.Add(11 * time.Second)
		b.Do(func(tx *db.Tx) error {
			_, err := show.CancelFlash(context.Background(), tx, system, f.ID)
			return err
		})
		_, err := b.place(request("li", "key-late", order.Line{Item: item, Units: 1, Price: 500}))
		b.wantKey(err, "order.price_changed")
		// What is written at the last moment is refused there, too.
		err = b.DB.Update(b.Context(), func(tx *db.Tx) error {
			return show.AddFlashSold(b.Context(), tx, map[id.Flash]int64{f.ID: 1})
		})
		if err == nil {
			b.Error("a cancelled flash sale sold a unit")
		}
	})
}

func TestAllotmentIsOnlyForItsShow(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		l := b.Lot(p, b.Farm, 10)
		item := b.Item(p, 900)
		a := b.Allot(l, 6)
		outside := func(units int64) error {
			_, err := b.place(request("wang", id.New[string](), order.Line{Product: p, Units: units, Price: 1000}))
			return err
		}
		b.wantKey(outside(5), "order.few_left") // 4 are open to all
		if err := outside(1); err != nil {
			b.Fatal(err)
		}
		o, err := b.place(request("li", "key-both", order.Line{Item: item, Units: 8, Price: 900})) // six of the slice, two of the open rest
		if err != nil {
			b.Fatal(err)
		}
		if n := b.count(`SELECT taken FROM lot_allotment WHERE id = $1`, a); n != 6*shoptest.Base {
			b.Errorf("%d taken", n)
		}
		if shares, err := order.Shares(b.Context(), b.DB, o.ID); err != nil || len(shares) != 2 {
			b.Errorf("%v, %v", shares, err)
		}
		if err := outside(1); err != nil {
			b.Error(err)
		}
		b.wantKey(outside(1), "order.sold_out")
	})
}

func TestCappedAllotmentIsAllItsShowSells(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		l := b.Lot(p, b.Farm, 10)
		b.Lot(p, b.Works, 10)
		item := b.Item(p, 900)
		b.Allot(l, 3, func(g *lot.Grant) { g.Capped = true })
		got := b.crowd(20, func(i int) orderdesk.Request {
			return request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Item: item, Units: 1, Price: 900})
		})
		if got[""] != 3 || got["order.sold_out"] != 17 {
			b.Errorf("%v", got)
		}
		// Its time over, the show sells from what is open to all, sweep or no sweep.
		now.Add(time.Hour)
		b.seenWithinASecond(func() error {
			_, err := b.place(request("li", id.New[string](), order.Line{Item: item, Units: 17, Price: 900}))
			return err
		})
	})
}

// seenWithinASecond asks until what the clock gave back is seen: an empty shelf
// is remembered for a second (shelf.go). Only a failure takes the whole time.
func (b bench) seenWithinASecond(ask func() error) {
	b.Helper()
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if err = ask(); err == nil || !fault.HasKey(err, "order.sold_out") {
			break
		}
	}
	if err != nil {
		b.Error(err)
	}
}

// A show, its allotment and people outside want one lot at once.
func TestAllotmentHoldsUnderACrowd(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		l := b.Lot(p, b.Farm, 60)
		item := b.Item(p, 900)
		b.Allot(l, 25, func(g *lot.Grant) { g.Capped = true })
		got := b.crowd(160, func(i int) orderdesk.Request {
			line := order.Line{Item: item, Units: 1, Price: 900}
			if i%4 < 2 {
				line = order.Line{Product: p, Units: 1, Price: 1000}
			}
			return request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), line)
		})
		if got[""] != 60 || got["order.sold_out"] != 100 {
			b.Errorf("%v", got)
		}
		if n := b.count(`SELECT CAST(sum(units) AS BIGINT) FROM order_line WHERE item_id <> ''`); n != 25 {
			b.Errorf("the show sold %d of its 25", n)
		}
	})
}

func TestOverdueAllotmentIsGivenBackByTheDeskItself(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		l := b.Lot(p, b.Farm, 10)
		a := b.Allot(l, 8)
		now.Add(time.Hour - time.Second)
		_, err := b.place(request("li", "key-early", order.Line{Product: p, Units: 3, Price: 1000}))
		b.wantKey(err, "order.few_left")
		now.Add(time.Second)
		if _, err := b.place(request("li", "key-late", order.Line{Product: p, Units: 10, Price: 1000})); err != nil {
			b.Fatal(err)
		}
		x, err := lot.AllotmentByID(b.Context(), b.DB, a)
		if err != nil || x.State != lot.AllotExpired {
			b.Errorf("%+v, %v", x, err)
		}
	})
}

func TestNoLotIsSoldBelowItsFloor(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		cheap := b.Lot(p, b.Farm, 3, func(n *lot.New) { n.Floor = 800 })
		item := b.Item(p, 900)
		dear := b.Lot(p, b.Works, 5, func(n *lot.New) { n.Floor = 950; n.BestBefore = n.BestBefore.Add(-2) }) // joins later, and would go first
		o, err := b.place(request("li", "key-1", order.Line{Item: item, Units: 2, Price: 900}))
		if err != nil {
			b.Fatal(err)
		}
		shares, err := order.Shares(b.Context(), b.DB, o.ID)
		if err != nil || len(shares) != 1 || shares[0].Lot != cheap {
			b.Errorf("%+v, %v", shares, err)
		}
		_, err = b.place(request("li", "key-2", order.Line{Item: item, Units: 2, Price: 900}))
		b.wantKey(err, "order.below_floor")
		_, err = b.place(request("li", "key-3", order.Line{Item: item, Units: 9, Price: 900}))
		b.wantKey(err, "order.few_left")
		if _, err = b.place(request("li", "key-4", order.Line{Product: p, Units: 6, Price: 1000})); err != nil {
			b.Error("at a fair price:", err)
		}
		if ls, _ := lot.ByID(b.Context(), b.DB, dear); ls[dear].Available() != 0 {
			b.Error(ls)
		}
	})
}

func TestUnpaidOrdersOfABuyerAreLimited(t *testing.T) {
	timed(t, func(b bench, now *clock.Fake) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		got := b.crowd(60, func(i int) orderdesk.Request {
			r := request(id.User(fmt.Sprint("u", i%4)), fmt.Sprint("key-", i), order.Line{Product: p, Units: 1, Price: 1000})
			r.MaxUnpaid = 3
			return r
		})
		if got[""] != 12 || got["order.unpaid_many"] != 48 {
			b.Errorf("%v", got)
		}
		// A key that made an order is answered with it, also now.
		var key string
		if err := b.DB.QueryRow(b.Context(), `SELECT idem_key FROM sale_order WHERE buyer_id = 'u0' ORDER BY id LIMIT 1`).Scan(&key); err != nil {
			b.Fatal(err)
		}
		r := request("u0", key, order.Line{Product: p, Units: 1, Price: 1000})
		r.MaxUnpaid = 3
		if _, err := b.place(r); err != nil {
			b.Error("the same key again:", err)
		}
	})
}
