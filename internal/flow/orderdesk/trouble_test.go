package orderdesk_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

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

// jumpyClock panics when it is asked the time for the panicAt-th time.
type jumpyClock struct {
	clock.System
	asked, panicAt atomic.Int64
}

func (c *jumpyClock) Now() time.Time {
	if c.asked.Add(1) == c.panicAt.Load() {
		panic("the clock is broken")
	}
	return c.System.Now()
}

// breakAfter lets n more transactions begin and breaks the next.
func (c *jumpyClock) breakAfter(n int64) { c.panicAt.Store(c.asked.Load() + n + 1) }

// TestPanicInTheMiddleLosesNothing breaks transactions from within: the group
// once, and one order for good.
func TestPanicInTheMiddleLosesNothing(t *testing.T) {
	dbtest.EachAt(t, func() clock.Clock { return &jumpyClock{} }, func(t *testing.T, d *db.DB) {
		var told atomic.Int64
		b := bench{t, shoptest.New(t, d), open(t, d, orderdesk.Options{Changed: func([]id.Product) { told.Add(1); panic("the listener is broken") }})}
		p := b.Product(1000)
		b.Lot(p, b.Farm, 10)
		line := order.Line{Product: p, Units: 1, Price: 1000}
		if _, err := b.place(request("a", "key-0001", line)); err != nil {
			b.Error("a listener's panic reached the buyer:", err)
		}
		b.waitFor("the listener is told", func() bool { return told.Load() == 1 })
		d.Clock.(*jumpyClock).breakAfter(0)
		_, err := b.place(request("b", "key-0002", line))
		b.wantKey(err, "order.unavailable")
		if again, err := b.place(request("b", "key-0002", line)); err != nil || again.ID == "" {
			b.Error("the desk did not live on:", err)
		}
		if n := b.count(`SELECT count(*) FROM sale_order`); n != 2 {
			b.Errorf("%d orders", n)
		}
		if s := b.desk.Stats(); s.Placed != 2 || s.Failed != 1 || s.Taken != 3 {
			b.Errorf("%+v", s)
		}
		b.fsck()
	})
}

// TestPanicOfAGroupIsTriedOneByOne: the group's transaction panics, the single
// ones after it pass.
func TestPanicOfAGroupIsTriedOneByOne(t *testing.T) {
	dbtest.EachAt(t, func() clock.Clock { return &jumpyClock{} }, func(t *testing.T, d *db.DB) {
		b := bench{t, shoptest.New(t, d), open(t, d, orderdesk.Options{})}
		p := b.Product(1000)
		b.Lot(p, b.Farm, 10)
		release := b.hold()
		errs := make(chan error, 6)
		place := func(i int) {
			_, err := b.place(request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-000", i), order.Line{Product: p, Units: 1, Price: 1000}))
			errs <- err
		}
		d.Clock.(*jumpyClock).breakAfter(1)
		go place(0)
		b.waitFor("the writer took one", func() bool { return b.desk.Stats().Taken == 1 })
		for i := range 5 {
			go place(1 + i)
		}
		b.waitFor("five are waiting", func() bool { return b.desk.Stats().Waiting == 5 })
		release()
		for range 6 {
			if err := <-errs; err != nil {
				b.Error(err)
			}
		}
		if s := b.desk.Stats(); s.Groups != 1+1+5 {
			b.Errorf("%d transactions, want one, the broken one, and five single ones", s.Groups)
		}
		b.fsck()
	})
}
