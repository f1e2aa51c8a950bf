package fsck_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/shipping"
)

func (w *world) exec(sql string) {
	w.Helper()
	if n, err := w.DB.Exec(w.Context(), w.named(sql)); err != nil || n == 0 {
		w.Fatalf("%s: %d rows, %v", sql, n, err)
	}
}

func (w *world) recent() fsck.Report {
	w.Helper()
	rep, err := fsck.RecentOf(w.Context(), w.DB, 1_000_000)
	w.must(err)
	return rep
}

func rowsOf(rep fsck.Report, check string) int64 {
	for _, c := range rep.Checks {
		if c.Name == check {
			return c.Rows
		}
	}
	return -1
}

// TestRecentLooksOnlyAtWhatChanged: an old sin is the full run's to find.
func TestRecentLooksOnlyAtWhatChanged(t *testing.T) {
	each(t, func(w *world) {
		first := w.recent()
		if !first.Clean() || rowsOf(first, "fsck.books") != int64(len(w.orders)) || rowsOf(first, "fsck.sold") != 2 || rowsOf(first, "fsck.stock") != 3 {
			w.Errorf("the first run: %+v", first)
		}
		later, err := fsck.Since(w.Context(), w.DB, time.Now().Add(time.Second))
		w.must(err)
		for _, check := range []string{"fsck.books", "fsck.sold", "fsck.stock", "fsck.balanced"} {
			if n := rowsOf(later, check); n != 0 {
				w.Errorf("nothing changed, %s looked at %d", check, n)
			}
		}
	})
}

// TestAFindingStaysUntilItIsMended, also when nothing touches the order any
// more, and one of the full run is looked at again every minute.
func TestAFindingStaysUntilItIsMended(t *testing.T) {
	each(t, func(w *world) {
		w.unguard()
		w.recent()
		w.exec(`UPDATE fsck_mark SET upto = 'f'`) // everything is old now
		w.exec(`UPDATE sale_order SET close_reason = 'cancelled' WHERE id = '$refunded'`)
		if rep, err := fsck.Since(w.Context(), w.DB, time.Now().Add(time.Second)); err != nil || !rep.Clean() {
			w.Errorf("what is old is left alone: %+v, %v", rep, err)
		}
		rep, err := fsck.Run(w.Context(), w.DB)
		w.must(err)
		w.Do(func(tx *db.Tx) error { return fsck.Save(w.Context(), tx, rep) })
		n := rep.Findings()
		for range 2 {
			w.DB.Clock.(*clock.Fake).Add(time.Minute)
			if rep := w.recent(); !found(rep, "fsck.times") || rowsOf(rep, "fsck.times") == 0 {
				w.Errorf("not looked at again: %+v", rep)
			}
			s, err := fsck.Stand(w.Context(), w.DB)
			w.must(err)
			if s.Findings() != n {
				w.Errorf("%d findings stand, %d were found", s.Findings(), n)
			}
		}
		w.exec(`UPDATE sale_order SET close_reason = 'refunded' WHERE id = '$refunded'`)
		w.DB.Clock.(*clock.Fake).Add(time.Minute)
		if rep := w.recent(); !rep.Clean() {
			w.Errorf("mended: %+v", rep)
		}
		if s, err := fsck.Stand(w.Context(), w.DB); err != nil || s.Findings() != 0 || s.FullAt.IsZero() || !s.RecentAt.After(s.FullAt) {
			w.Errorf("mended: %+v, %v", s, err)
		}
	})
}

// TestRecentCatchesUpInParts: more changes than one run takes are looked at by
// the next ones, and none is left out.
func TestRecentCatchesUpInParts(t *testing.T) {
	each(t, func(w *world) {
		w.unguard()
		w.exec(`UPDATE order_share SET owed_fen = owed_fen - 1 WHERE order_id = '$unpaid'`) // the last one
		var last time.Time
		for n := 1; ; n++ {
			rep, err := fsck.RecentOf(w.Context(), w.DB, 20)
			w.must(err)
			if rep.UpTo.Before(last) {
				w.Fatalf("run %d went back from %v to %v", n, last, rep.UpTo)
			}
			if found(rep, "fsck.shares") {
				if n < 3 {
					w.Errorf("found by run %d: nothing came in parts", n)
				}
				return
			}
			if last = rep.UpTo; n > 50 {
				w.Fatalf("run %d: still at %v", n, last)
			}
		}
	})
}

// TestSealsAndBalances: sums stay right across seals, and a posting that
// slipped in behind one (a clock put back) is no finding of the minute's run.
func TestSealsAndBalances(t *testing.T) {
	each(t, func(w *world) {
		w.must(fsck.SealBefore(w.Context(), w.DB, w.began.Add(time.Since(w.began)/2)))
		if rep := w.recent(); !rep.Clean() {
			w.Errorf("half sealed: %+v", rep)
		}
		w.must(fsck.SealAll(w.Context(), w.DB))
		rep, err := fsck.Run(w.Context(), w.DB)
		w.must(err)
		if !rep.Clean() || rowsOf(rep, "fsck.sealed") != 2 {
			w.Errorf("sealed: %+v", rep)
		}
		w.unguard()
		w.exec(`UPDATE ledger_posting SET txn_id = 'f' || txn_id WHERE txn_id = (SELECT max(id) FROM ledger_txn)`)
		w.exec(`UPDATE ledger_txn SET id = 'f' || id WHERE id = (SELECT max(id) FROM ledger_txn)`)
		w.exec(`UPDATE ledger_posting SET txn_id = '0' || txn_id WHERE txn_id LIKE 'f%'`) // now before every seal
		w.exec(`UPDATE ledger_txn SET id = '0' || id WHERE id LIKE 'f%'`)
		if rep := w.recent(); found(rep, "fsck.balances") {
			w.Errorf("slipped in: %+v", rep)
		}
		if rep, err = fsck.Run(w.Context(), w.DB); err != nil || !found(rep, "fsck.sealed") {
			w.Errorf("slipped in: %+v, %v", rep, err)
		}
		w.exec(`UPDATE ledger_account SET balance_fen = balance_fen + 1 WHERE path = 'freight/earned'`)
		if rep := w.recent(); !found(rep, "fsck.balances") {
			w.Errorf("a wrong balance: %+v", rep)
		}
	})
}

// TestRunningShopIsNoFinding checks again and again, full and by what changed,
// while orders come and go and the shop's clock runs through half an hour.
func TestRunningShopIsNoFinding(t *testing.T) {
	each(t, func(w *world) {
		p := w.Product(1000)
		w.Lot(p, w.Farm, 1000)
		staff := w.Person(actor.Finance, actor.Packer)
		var wg sync.WaitGroup
		var stop atomic.Bool
		for range 4 {
			who, at := w.Buyer()
			wg.Go(func() {
				for i := 0; !stop.Load() && i < 240; i++ {
					w.live1(who, at, staff, p, i)
				}
			})
		}
		for n := range 6 {
			for _, run := range []func(context.Context, *db.DB) (fsck.Report, error){
				func(ctx context.Context, d *db.DB) (fsck.Report, error) { return fsck.Run(ctx, d) },
				func(ctx context.Context, d *db.DB) (fsck.Report, error) { return fsck.Recent(ctx, d, 0) },
			} {
				rep, err := run(w.Context(), w.DB)
				if err != nil {
					w.Error(err)
				}
				for _, c := range rep.Checks {
					if len(c.Findings) > 0 {
						w.Errorf("%+v", c)
					}
				}
			}
			w.must(fsck.SealBefore(w.Context(), w.DB, time.Now().Add(-time.Second)))
			w.DB.Clock.(*clock.Fake).Add(5 * time.Minute)
			if n%3 == 2 {
				if _, err := w.f.ExpireOrders(w.Context()); err != nil {
					w.Error(err)
				}
			}
		}
		stop.Store(true)
		wg.Wait()
	})
}

// live1 is the life of one order.
func (w *world) live1(who actor.Actor, at id.Address, staff actor.Actor, p id.Product, i int) {
	ctx := context.Background()
	o, err := w.f.PlaceOrder(ctx, who, flow.PlaceIn{Key: id.New[string](), Address: at, NoReturnOK: true, Lines: []flow.PlaceLine{{Product: p, Units: 1, Price: 1000}}})
	if err == nil && i%3 == 0 {
		_, err = w.f.ConfirmOffline(ctx, staff, o.ID, o.Total, "bank")
	}
	switch {
	case err == nil && i%6 == 3:
		if _, err = w.f.ShipOrder(ctx, staff, o.ID, shipping.CarrierList()[0].Code, "SF"+string(o.ID[:12])); err == nil {
			_, err = w.f.ReceiveOrder(ctx, who, o.ID)
		}
	case err == nil && i%2 == 0:
		_, err = w.f.CancelOrder(ctx, who, o.ID)
	}
	if err != nil {
		w.Error(err)
	}
}

// TestOverdue: what nobody does in time is found once the server runs long
// enough to have done it.
func TestOverdue(t *testing.T) {
	each(t, func(w *world) {
		w.DB.Clock.(*clock.Fake).Add(3 * time.Hour) // the unpaid order expired, the refund was not sent
		for up, want := range map[time.Duration]bool{time.Minute: false, time.Hour: true} {
			rep, err := fsck.Recent(w.Context(), w.DB, up)
			w.must(err)
			if found(rep, "fsck.overdue") != want || rep.Clean() == want {
				w.Errorf("up %v: %+v", up, rep)
			}
		}
		if _, err := w.f.ExpireOrders(w.Context()); err != nil {
			w.Error(err)
		}
		rep, err := fsck.Recent(w.Context(), w.DB, time.Hour)
		w.must(err)
		if s, _ := fsck.Stand(w.Context(), w.DB); s.Findings() != rep.Findings() || !found(rep, "fsck.overdue") {
			w.Errorf("the late refund is still to be sent: %+v", rep)
		}
		w.exec(`UPDATE refund SET next_us = next_us + 7200000000000 WHERE state = 'pending'`)
		w.exec(`UPDATE payment SET query_us = query_us + 7200000000000 WHERE state = 'open'`)
		if rep, err := fsck.Recent(w.Context(), w.DB, time.Hour); err != nil || !rep.Clean() {
			w.Errorf("all is done: %+v, %v", rep, err)
		}
	})
}
