package orderdesk_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

// ask asks a desk for one unit and gives the fault's key, "" for an order.
func (b bench) ask(k *orderdesk.Desk, buyer id.User, key string, l order.Line) string {
	b.Helper()
	_, err := k.Place(b.Context(), request(buyer, key, l))
	if err == nil {
		return ""
	}
	return fault.Of(err).Key
}

// emptied waits until a desk answers of the empty shelf without its writer.
func (b bench) emptied(k *orderdesk.Desk, l order.Line) {
	b.Helper()
	n := 0
	b.waitFor("the shelf is known to be empty", func() bool {
		n++
		before := k.Stats()
		if got := b.ask(k, id.User(fmt.Sprint("late", n)), fmt.Sprint("late-key-", n), l); got != "order.sold_out" {
			b.Fatalf("%q", got)
		}
		now := k.Stats()
		return now.Empty == before.Empty+1 && now.Taken == before.Taken
	})
}

// more brings units into a lot.
func (b bench) more(l id.Lot, units int64) {
	b.Helper()
	if err := b.DB.Update(b.Context(), func(tx *db.Tx) error {
		return lot.Move(b.Context(), tx, actor.System("test"), l, lot.Receive, units*shoptest.Base, "")
	}); err != nil {
		b.Fatal(err)
	}
}

// TestSoldOutAsksNoDatabase: once a shelf is empty the crowd around it is
// answered from memory, until stock comes back here, at once, or by another
// server, within a second. Who may be asking again is always let through.
func TestSoldOutAsksNoDatabase(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		l := b.Lot(p, b.Farm, 1)
		line := order.Line{Product: p, Units: 1, Price: 1000}
		first, err := b.place(request("li", "key-0001", line))
		if err != nil {
			b.Fatal(err)
		}
		b.emptied(b.desk, line)
		// The buyer of the last unit lost the answer and asks again.
		if again, err := b.place(request("li", "key-0001", line)); err != nil || again.ID != first.ID || !again.Again {
			b.Errorf("%+v, %v", again, err)
		}
		two := line
		two.Units = 2
		if got := b.ask(b.desk, "li", "key-0001", two); got != "order.key_reused" {
			b.Errorf("another body: %q", got)
		}
		// Also after a restart, when the new desk has seen nothing but the shelf.
		next := open(b.T, b.DB, orderdesk.Options{})
		b.emptied(next, line)
		if again, err := next.Place(b.Context(), request("li", "key-0001", line)); err != nil || again.ID != first.ID {
			b.Errorf("after a restart: %+v, %v", again, err)
		}
		// Stock comes back here: at once, and sold out again after it.
		b.emptied(b.desk, line)
		b.more(l, 1)
		b.desk.Restocked(p)
		if got := b.ask(b.desk, "wang", "key-0002", line); got != "" {
			b.Errorf("after stock came back: %q", got)
		}
		b.emptied(b.desk, line)
		// Another server gives stock back: this one is told nothing.
		b.more(l, 1)
		n := 0
		b.waitFor("stock given back elsewhere", func() bool {
			n++
			return b.ask(b.desk, id.User(fmt.Sprint("chen", n)), fmt.Sprint("key-3", n), line) == ""
		})
		b.fsck()
	})
}

// TestAnItemSoldOutIsNoProductSoldOut: what is released of an item is gone, the
// product's own page still sells; more of the item opens it again.
func TestAnItemSoldOutIsNoProductSoldOut(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 10)
		item := b.Item(p, 900)
		b.SetItem(item, func(it *show.Item) { it.Released = 1 })
		line := order.Line{Item: item, Units: 1, Price: 900}
		if got := b.ask(b.desk, "li", "key-0001", line); got != "" {
			b.Fatal(got)
		}
		b.emptied(b.desk, line)
		if got := b.ask(b.desk, "wang", "key-0002", order.Line{Product: p, Units: 1, Price: 1000}); got != "" {
			b.Errorf("the product itself: %q", got)
		}
		b.SetItem(item, func(it *show.Item) { it.Released = 2 })
		b.desk.Reopened(item)
		if got := b.ask(b.desk, "chen", "key-0003", line); got != "" {
			b.Errorf("one more: %q", got)
		}
		b.fsck()
	})
}

// TestRestockBeatsALateRefusal: a group that saw the empty shelf must not close
// it again after stock came back.
func TestRestockBeatsALateRefusal(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		l := b.Lot(p, b.Farm, 1)
		line := order.Line{Product: p, Units: 1, Price: 1000}
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[string]int{}
		for i := range 300 {
			wg.Go(func() {
				key := b.ask(b.desk, id.User(fmt.Sprint("u", i)), fmt.Sprint("key-00", i), line)
				mu.Lock()
				defer mu.Unlock()
				got[key]++
			})
			if i%50 == 49 {
				b.more(l, 1)
				b.desk.Restocked(p)
			}
		}
		wg.Wait()
		for n := range 7 { // whatever is left is sold at once, not after the shelf's time
			if b.ask(b.desk, id.User(fmt.Sprint("v", n)), fmt.Sprint("key-v", n), line) != "" {
				break
			}
		}
		if n := b.count(`SELECT count(*) FROM sale_order`); n != 7 {
			b.Errorf("%d orders of 7 units; answers %v", n, got)
		}
		b.fsck()
	})
}

// TestSameKeySameRefusal: what was decided once stays, also when the reason is
// gone, also for another desk; what decides nothing is not remembered.
func TestSameKeySameRefusal(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		l := b.Lot(p, b.Farm, 2)
		many := order.Line{Product: p, Units: 3, Price: 1000}
		_, err := b.place(request("li", "key-0001", many))
		first := fault.Of(err)
		if first.Key != "order.few_left" || errors.Is(err, orderdesk.ErrAgain) {
			b.Fatal(err)
		}
		b.more(l, 5)
		b.desk.Restocked(p)
		for _, k := range []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})} {
			_, err := k.Place(b.Context(), request("li", "key-0001", many))
			again := fault.Of(err)
			if !errors.Is(err, orderdesk.ErrAgain) || again.Kind != first.Kind || again.Key != first.Key || again.Field != first.Field || fmt.Sprint(again.Args) != fmt.Sprint(first.Args) {
				b.Errorf("again: %v %v, first %v %v", again, again.Args, first, first.Args)
			}
			one := many
			one.Units = 1
			if got := b.ask(k, "li", "key-0001", one); got != "order.key_reused" {
				b.Errorf("another body: %q", got)
			}
		}
		// A request that is wrong in itself decides nothing: mended, its key is free.
		bad := request("li", "key-0002", order.Line{Product: p, Units: 1, Price: 1000})
		bad.Order.NoReturnOK = false
		bad.Order.Lines[0].Product = "nothing"
		if _, err := b.place(bad); !fault.Is(err, fault.Invalid) {
			b.Error(err)
		}
		if got := b.ask(b.desk, "li", "key-0002", order.Line{Product: p, Units: 1, Price: 1000}); got != "" {
			b.Errorf("mended: %q", got)
		}
		// Two of one key at once: one answer.
		var wg sync.WaitGroup
		var mu sync.Mutex
		answers := map[string]int{}
		other := open(b.T, b.DB, orderdesk.Options{})
		for i := range 20 {
			wg.Go(func() {
				got := b.ask([]*orderdesk.Desk{b.desk, other}[i%2], "li", "key-0003", order.Line{Product: p, Units: 99, Price: 1000})
				mu.Lock()
				defer mu.Unlock()
				answers[got]++
			})
		}
		wg.Wait()
		if answers["order.few_left"] != 20 {
			b.Error(answers)
		}
		b.fsck()
	})
}

// TestRefusalsAreForgottenAfterADay, and not before.
func TestRefusalsAreForgottenAfterADay(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 2)
		long := strings.Repeat("k", 255)
		line := order.Line{Product: p, Units: 1, Price: 999}
		if got := b.ask(b.desk, "li", long, line); got != "order.price_changed" {
			b.Fatal(got)
		}
		prune := func() (n int64) {
			if err := b.DB.Update(b.Context(), func(tx *db.Tx) (err error) {
				n, err = order.PruneRefusals(b.Context(), tx)
				return err
			}); err != nil {
				b.Fatal(err)
			}
			return n
		}
		age := func(d time.Duration) {
			if _, err := b.DB.Exec(b.Context(), `UPDATE order_refusal SET at_us = $1`, time.Now().Add(-d).UnixMicro()); err != nil {
				b.Fatal(err)
			}
		}
		age(order.KeepKeys - time.Minute)
		if n := prune(); n != 0 || b.ask(b.desk, "li", long, line) != "order.price_changed" {
			b.Errorf("%d forgotten within a day", n)
		}
		age(order.KeepKeys + time.Minute)
		if n := prune(); n != 1 || b.count(`SELECT count(*) FROM order_refusal`) != 0 {
			b.Errorf("%d forgotten after a day", n)
		}
	})
}
