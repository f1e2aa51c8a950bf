package orderdesk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

type bench struct {
	*testing.T
	*shoptest.Shop
	desk *orderdesk.Desk
}

func each(t *testing.T, o orderdesk.Options, fn func(b bench)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		fn(bench{t, shoptest.New(t, d), open(t, d, o)})
	})
}

func open(t *testing.T, d *db.DB, o orderdesk.Options) *orderdesk.Desk {
	t.Helper()
	k := orderdesk.New(d, o)
	t.Cleanup(func() {
		if err := k.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return k
}

func request(buyer id.User, key string, lines ...order.Line) orderdesk.Request {
	return orderdesk.Request{Order: order.Order{Buyer: buyer, Province: shoptest.Province(), City: "C", AddressEnc: "sealed", NoReturnOK: true,
		IdemKey: key, IdemHash: fmt.Sprint(lines), Lines: lines}}
}

func (b bench) place(r orderdesk.Request) (order.Order, error) { return b.desk.Place(b.Context(), r) }

func (b bench) wantKey(err error, key string) {
	b.Helper()
	if !fault.HasKey(err, key) {
		b.Errorf("%v, want %s", err, key)
	}
}

func (b bench) count(query string, args ...any) (n int64) {
	b.Helper()
	if err := b.DB.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

func TestPlaceWritesTheWholeOrder(t *testing.T) {
	var mu sync.Mutex
	var changed []id.Product
	each(t, orderdesk.Options{Changed: func(ps []id.Product) {
		mu.Lock()
		defer mu.Unlock()
		changed = append(changed, ps...)
	}}, func(b bench) {
		berries := b.Product(2990)
		nuts := b.Product(5000, func(p *catalog.Product) { p.Category, p.ReturnRule, p.Name = "nut", "seven_day", "Nuts" })
		soon := b.Lot(berries, b.Farm, 2, func(n *lot.New) { n.BestBefore = n.BestBefore.Add(-3) })
		late := b.Lot(berries, b.Works, 10)
		b.Lot(nuts, b.Farm, 10, func(n *lot.New) { n.Pay = 4000 })
		item := b.Item(berries, 2500)
		o, err := b.place(request("li", "key-0001", order.Line{Item: item, Units: 3, Price: 2500}, order.Line{Product: nuts, Units: 1, Price: 5000}))
		if err != nil {
			b.Fatal(err)
		}
		if o.State != order.Unpaid || o.Goods != 12500 || o.Total != o.Goods+o.Freight || o.Freight <= 0 || o.Show != b.Show || !id.ValidOrderNo(o.No) ||
			o.Expires.Sub(o.Placed) != orderdesk.DefaultUnpaidFor || o.Lines[0].Product != berries || o.Lines[1].Name != "Nuts" {
			b.Errorf("%+v", o)
		}
		stored, err := order.ByID(b.Context(), b.DB, o.ID)
		if err != nil || fmt.Sprintf("%+v", stored) != fmt.Sprintf("%+v", o) {
			b.Errorf("stored %+v, %v\nanswered %+v", stored, err, o)
		}
		shares, err := order.Shares(b.Context(), b.DB, o.ID)
		if err != nil || len(shares) != 3 {
			b.Fatal(shares, err)
		}
		for _, s := range shares {
			want := order.Share{Reservation: s.Reservation, Order: o.ID, Line: o.Lines[0].ID, Lot: soon, Producer: b.Farm, Local: true, Settlement: "resale", Units: 2, Goods: 5000, Owed: 5000}
			switch {
			case s.Lot == late:
				want.Lot, want.Producer, want.Local, want.Units, want.Goods, want.CommissionBP, want.Commission, want.Owed = late, b.Works, false, 1, 2500, 1000, 250, 2250
			case s.Line == o.Lines[1].ID:
				want.Line, want.Lot, want.Units, want.Goods, want.Owed, want.Margin = s.Line, s.Lot, 1, 5000, 4000, 1000
			}
			if s != want {
				b.Errorf("share %+v\nwant  %+v", s, want)
			}
		}
		ls, _ := lot.ByID(b.Context(), b.DB, soon, late)
		if ls[soon].Reserved != 2*shoptest.Base || ls[late].Reserved != shoptest.Base {
			b.Error(ls)
		}
		if n := b.count(`SELECT sold FROM show_item WHERE id = $1`, item); n != 3 {
			b.Errorf("sold %d", n)
		}
		if f, err := ledger.Balance(b.Context(), b.DB, "producer/local/"+string(b.Farm)+"/pending"); err != nil || f != -9000 {
			b.Errorf("the farm is to be owed %s, %v", -f, err)
		}
		if f, _ := ledger.Balance(b.Context(), b.DB, "buyers/receivable"); f != o.Total {
			b.Errorf("receivable %s, want %s", f, o.Total)
		}
		if n := b.count(`SELECT count(*) FROM audit_event WHERE action = 'order.place' AND object_id = $1 AND actor_id = 'li'`, o.ID); n != 1 {
			b.Errorf("%d audit rows", n)
		}
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(changed, berries) || !slices.Contains(changed, nuts) {
			b.Error("nobody was told of", berries, nuts)
		}
	})
}

func TestRefusals(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 3)
		off := b.Product(1000, func(p *catalog.Product) { p.State = "off" })
		b.Lot(off, b.Farm, 3)
		item := b.Item(p, 900)
		coming := b.Item(p, 900, func(i *show.Item) { i.State = show.Coming })
		few := b.Item(p, 900, func(i *show.Item) { i.Released = 1 })
		one := func(l order.Line) orderdesk.Request { return request("li", id.New[string](), l) }
		noTick := one(order.Line{Product: p, Units: 1, Price: 1000})
		noTick.Order.NoReturnOK = false
		nowhere := one(order.Line{Product: p, Units: 1, Price: 1000})
		nowhere.Order.Province = "Atlantis"
		otherShow := one(order.Line{Item: item, Units: 1, Price: 900})
		otherShow.Order.Show = "other"
		for name, c := range map[string]struct {
			r    orderdesk.Request
			key  string
			kind fault.Kind
		}{
			"price went up":     {one(order.Line{Item: item, Units: 1, Price: 800}), "order.price_changed", fault.Conflict},
			"price of the page": {one(order.Line{Item: item, Units: 1, Price: 1000}), "order.price_changed", fault.Conflict},
			"no price":          {one(order.Line{Item: item, Units: 1}), "order.price_changed", fault.Conflict},
			"not on sale yet":   {one(order.Line{Item: coming, Units: 1, Price: 900}), "order.item_off", fault.Conflict},
			"product off":       {one(order.Line{Product: off, Units: 1, Price: 1000}), "order.product_off", fault.Conflict},
			"no such item":      {one(order.Line{Item: "none", Units: 1, Price: 900}), "order.line_bad", fault.Invalid},
			"no such product":   {one(order.Line{Product: "none", Units: 1, Price: 900}), "order.line_bad", fault.Invalid},
			"item of another":   {one(order.Line{Item: item, Product: off, Units: 1, Price: 900}), "order.line_bad", fault.Invalid},
			"negative units":    {one(order.Line{Item: item, Units: -1, Price: 900}), "order.line_bad", fault.Invalid},
			"too many":          {one(order.Line{Item: item, Units: 4, Price: 900}), "order.few_left", fault.Conflict},
			"over the release":  {one(order.Line{Item: few, Units: 2, Price: 900}), "order.few_left", fault.Conflict},
			"two lines too many": {request("li", "key-2lines", order.Line{Item: item, Units: 2, Price: 900}, order.Line{Product: p, Units: 2, Price: 1000}),
				"order.few_left", fault.Conflict},
			"no tick":        {noTick, "order.no_return_tick", fault.Invalid},
			"no delivery":    {nowhere, "shipping.province", fault.Invalid},
			"another show's": {otherShow, "order.other_show", fault.Invalid},
		} {
			if _, err := b.place(c.r); !fault.HasKey(err, c.key) || !fault.Is(err, c.kind) {
				b.Errorf("%s: %v, want %s", name, err, c.key)
			}
		}
		if n := b.count(`SELECT count(*) FROM sale_order`) + b.count(`SELECT count(*) FROM lot_reservation`) + b.count(`SELECT CAST(sum(reserved) AS BIGINT) FROM lot`); n != 0 {
			b.Errorf("a refusal left %d marks", n)
		}
		b.Move(show.Ended)
		_, err := b.place(one(order.Line{Item: item, Units: 1, Price: 900}))
		b.wantKey(err, "order.not_live")
		if _, err = b.place(one(order.Line{Product: p, Units: 3, Price: 1000})); err != nil {
			b.Error("all that is left, on its own page:", err)
		}
		_, err = b.place(one(order.Line{Product: p, Units: 1, Price: 1000}))
		b.wantKey(err, "order.sold_out")
	})
}

func TestKeyGivesTheFirstOrder(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 2)
		line := order.Line{Product: p, Units: 2, Price: 1000}
		first, err := b.place(request("li", "key-0001", line))
		if err != nil {
			b.Fatal(err)
		}
		// Also from another desk, as after a restart, and when all is sold.
		for _, k := range []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})} {
			again, err := k.Place(b.Context(), request("li", "key-0001", line))
			if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", first) {
				b.Errorf("again: %+v, %v", again, err)
			}
			line2 := line
			line2.Units = 1
			if _, err = k.Place(b.Context(), request("li", "key-0001", line2)); !fault.HasKey(err, "order.key_reused") || !fault.Is(err, fault.Conflict) {
				b.Errorf("another body: %v", err)
			}
			_, err = k.Place(b.Context(), request("wang", "key-0001", line))
			b.wantKey(err, "order.sold_out") // the key is another person's own
		}
	})
}

func TestSameKeyInParallelMakesOneOrder(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 50)
		desks := []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})} // two processes
		var mu sync.Mutex
		got := map[id.Order]int{}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				o, err := desks[i%2].Place(context.Background(), request("li", "key-same", order.Line{Product: p, Units: 1, Price: 1000}))
				if err != nil {
					b.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[o.ID]++
			})
		}
		wg.Wait()
		if n := b.count(`SELECT count(*) FROM sale_order`); len(got) != 1 || n != 1 {
			b.Errorf("%d orders, answers %v", n, got)
		}
	})
}

func TestCrowdBuysExactlyWhatThereIs(t *testing.T) {
	for _, desks := range []int{1, 2} {
		t.Run(fmt.Sprint(desks, " desks"), func(t *testing.T) {
			each(t, orderdesk.Options{Group: 32}, func(b bench) {
				p := b.Product(1000)
				a, c := b.Lot(p, b.Farm, 60), b.Lot(p, b.Works, 40)
				item := b.Item(p, 900)
				ks := []*orderdesk.Desk{b.desk}
				for len(ks) < desks {
					ks = append(ks, open(b.T, b.DB, orderdesk.Options{Group: 32}))
				}
				var sold, refused atomic.Int64
				var wg sync.WaitGroup
				for i := range 300 {
					wg.Go(func() {
						r := request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Item: item, Units: 1, Price: 900})
						for { // a busy desk says when to come again
							_, err := ks[i%desks].Place(context.Background(), r)
							switch {
							case err == nil:
								sold.Add(1)
							case fault.Is(err, fault.TooMany):
								continue
							case fault.HasKey(err, "order.sold_out"):
								refused.Add(1)
							default:
								b.Error(err)
							}
							return
						}
					})
				}
				wg.Wait()
				if sold.Load() != 100 || refused.Load() != 200 {
					b.Errorf("sold %d, refused %d", sold.Load(), refused.Load())
				}
				ls, _ := lot.ByID(b.Context(), b.DB, a, c)
				if ls[a].Available() != 0 || ls[c].Available() != 0 || b.count(`SELECT count(*) FROM sale_order`) != 100 || b.count(`SELECT sold FROM show_item WHERE id = $1`, item) != 100 {
					b.Errorf("%+v", ls)
				}
			})
		})
	}
}

func TestLimitAPersonHoldsAcrossOrdersAndDesks(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		item := b.Item(p, 900, func(i *show.Item) { i.PerPerson = 3 })
		line := order.Line{Item: item, Units: 1, Price: 900}
		_, err := b.place(request("li", "key-4", line, order.Line{Item: item, Units: 3, Price: 900}))
		b.wantKey(err, "order.per_person")
		desks := []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})}
		var wg sync.WaitGroup
		var bought atomic.Int64
		for i := range 12 {
			wg.Go(func() {
				_, err := desks[i%2].Place(context.Background(), request("li", fmt.Sprint("key-", 10+i), line))
				if err == nil {
					bought.Add(1)
				} else if !fault.HasKey(err, "order.per_person") {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if bought.Load() != 3 {
			b.Errorf("bought %d with a limit of 3", bought.Load())
		}
		if _, err := b.place(request("wang", "key-99", line)); err != nil {
			b.Error("another person:", err)
		}
		// A closed order does not count any more.
		b.Do(func(tx *db.Tx) error {
			_, err := tx.Exec(context.Background(), `UPDATE sale_order SET state = 'closed', close_reason = 'expired' WHERE buyer_id = 'li'`)
			return err
		})
		if _, err := b.place(request("li", "key-again", line)); err != nil {
			b.Error("after closing:", err)
		}
	})
}

func TestReleasedUnitsHoldAcrossDesks(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		item := b.Item(p, 900, func(i *show.Item) { i.Released = 7 })
		desks := []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})}
		var wg sync.WaitGroup
		var sold atomic.Int64
		for i := range 30 {
			wg.Go(func() {
				for {
					_, err := desks[i%2].Place(context.Background(), request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Item: item, Units: 1, Price: 900}))
					switch {
					case err == nil:
						sold.Add(1)
					case fault.Is(err, fault.TooMany):
						continue
					case !fault.HasKey(err, "order.sold_out"):
						b.Error(err)
					}
					return
				}
			})
		}
		wg.Wait()
		if sold.Load() != 7 {
			b.Errorf("sold %d of 7 released", sold.Load())
		}
	})
}

// hold keeps the database's writer busy until release is called, so that what
// is placed meanwhile waits in the queue and becomes one group.
func (b bench) hold() (release func()) {
	b.Helper()
	held, free := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- b.DB.Update(context.Background(), func(tx *db.Tx) error {
			defer func() { <-free }()
			defer close(held)
			if tx.Dialect == db.Postgres {
				_, err := tx.Exec(context.Background(), `LOCK TABLE lot IN ACCESS EXCLUSIVE MODE`)
				return err
			}
			return nil
		})
	}()
	<-held
	var once sync.Once
	release = func() {
		once.Do(func() {
			close(free)
			if err := <-done; err != nil {
				b.Error(err)
			}
		})
	}
	b.Cleanup(release) // before the desk is closed, also when the test fails
	return release
}

func (b bench) waitFor(what string, ok func() bool) {
	b.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("never: %s", what)
		}
	}
}

func TestPoisonedOrderFailsAlone(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		b.breakInserts("note = 'poison'")
		release := b.hold()
		first := make(chan error, 1)
		go func() {
			_, err := b.place(request("u", "key-first", order.Line{Product: p, Units: 1, Price: 1000}))
			first <- err
		}()
		b.waitFor("the writer took the first", func() bool { return b.desk.Stats().Taken == 1 })
		errs := make([]error, 10)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				r := request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Product: p, Units: 1, Price: 1000})
				if i == 4 {
					r.Order.Note = "poison"
				}
				_, errs[i] = b.place(r)
			})
		}
		b.waitFor("ten are waiting", func() bool { return b.desk.Stats().Waiting == 10 })
		release()
		wg.Wait()
		if err := <-first; err != nil {
			b.Error(err)
		}
		for i, err := range errs {
			if (err != nil) != (i == 4) {
				b.Errorf("order %d: %v", i, err)
			}
		}
		b.wantKey(errs[4], "order.unavailable")
		if n := b.count(`SELECT count(*) FROM sale_order`); n != 10 {
			b.Errorf("%d orders", n)
		}
	})
}

// breakInserts makes the database refuse orders by a condition on new rows.
func (b bench) breakInserts(cond string) {
	b.Helper()
	ctx := context.Background()
	if b.DB.Dialect == db.SQLite {
		b.exec(ctx, `CREATE TRIGGER broken BEFORE INSERT ON sale_order WHEN NEW.`+cond+` BEGIN SELECT RAISE(ABORT, 'broken'); END`)
		return
	}
	b.exec(ctx, `CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$`)
	b.exec(ctx, `CREATE TRIGGER broken BEFORE INSERT ON sale_order FOR EACH ROW WHEN (NEW.`+cond+`) EXECUTE FUNCTION broken()`)
}

func (b bench) exec(ctx context.Context, query string) {
	b.Helper()
	if _, err := b.DB.Exec(ctx, query); err != nil {
		b.Fatal(err)
	}
}

func TestFullQueueSaysWhenToComeAgain(t *testing.T) {
	each(t, orderdesk.Options{Queue: 2, Group: 1}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		release := b.hold()
		place := func(i int) error {
			_, err := b.place(request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Product: p, Units: 1, Price: 1000}))
			return err
		}
		errs := make(chan error, 3)
		go func() { errs <- place(0) }()
		b.waitFor("the writer took one", func() bool { return b.desk.Stats().Taken == 1 })
		for i := range 2 {
			go func() { errs <- place(1 + i) }()
		}
		b.waitFor("the queue is full", func() bool { s := b.desk.Stats(); return s.Waiting == s.Queue })
		err := place(9)
		if f := fault.Of(err); f == nil || f.Key != "order.busy" || f.Kind != fault.TooMany || f.RetryAfter != time.Second {
			b.Errorf("%v", err)
		}
		release()
		for range 3 {
			if err := <-errs; err != nil {
				b.Error(err)
			}
		}
	})
}

func TestWhoLeftTakesNoStock(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 1)
		release := b.hold()
		first := make(chan error, 1)
		go func() {
			_, err := b.place(request("u", "key-first", order.Line{Product: p, Units: 5, Price: 1000})) // refused: holds the writer only
			first <- err
		}()
		b.waitFor("the writer took the first", func() bool { return b.desk.Stats().Taken == 1 })
		ctx, cancel := context.WithCancel(b.Context())
		gone := make(chan error, 1)
		go func() {
			_, err := b.desk.Place(ctx, request("gone", "key-gone", order.Line{Product: p, Units: 1, Price: 1000}))
			gone <- err
		}()
		b.waitFor("the second waits", func() bool { return b.desk.Stats().Waiting == 1 })
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			b.Error(err)
		}
		release()
		b.wantKey(<-first, "order.few_left")
		if _, err := b.place(request("stays", "key-stays", order.Line{Product: p, Units: 1, Price: 1000})); err != nil {
			b.Error("the stock went to somebody who had left:", err)
		}
	})
}

func TestCloseFinishesWhatItTook(t *testing.T) {
	each(t, orderdesk.Options{Group: 4}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		release := b.hold()
		errs := make(chan error, 20)
		for i := range 20 {
			go func() {
				_, err := b.place(request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Product: p, Units: 1, Price: 1000}))
				errs <- err
			}()
		}
		b.waitFor("most are waiting", func() bool { return b.desk.Stats().Waiting >= 16 })
		closed := make(chan error, 1)
		go func() { closed <- b.desk.Close(context.Background()) }()
		left, cancel := context.WithCancel(b.Context())
		cancel() // nobody waits for the answer to these
		b.waitFor("the desk is closing", func() bool {
			_, err := b.desk.Place(left, request("late", "key-late", order.Line{Product: p, Units: 1, Price: 1000}))
			return fault.HasKey(err, "fault.stopping")
		})
		release()
		if err := <-closed; err != nil {
			b.Error(err)
		}
		placed := int64(0)
		for range 20 {
			if err := <-errs; err == nil {
				placed++
			} else if !fault.HasKey(err, "fault.stopping") {
				b.Error(err)
			}
		}
		if n := b.count(`SELECT count(*) FROM sale_order`); n != placed || placed < 16 {
			b.Errorf("%d acknowledged, %d stored", placed, n)
		}
	})
}

func TestQuoteIsWhatTheDeskTakes(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1990)
		b.Lot(p, b.Farm, 9)
		item := b.Item(p, 1750)
		lines := []order.Line{{Item: item, Units: 4, Price: 1750}, {Product: p, Units: 1, Price: 1990}}
		book, err := orderdesk.ReadBook(b.Context(), b.DB, lines)
		if err != nil {
			b.Fatal(err)
		}
		q, err := book.Quote(slices.Clone(lines), shoptest.Province())
		if err != nil || !q.NoReturn || !q.Deliver {
			b.Error(q, err)
		}
		o, err := b.place(request("li", "key-0001", lines...))
		if err != nil || q.Goods != o.Goods || q.Freight != o.Freight || q.Total != o.Total || q.Goods != money.Fen(4*1750+1990) {
			b.Errorf("quoted %+v, ordered %+v, %v", q, o, err)
		}
		if q, err = book.Quote(slices.Clone(lines), ""); err != nil || q.Freight != 0 || q.Total != q.Goods {
			b.Error("no address yet:", q, err)
		}
	})
}
