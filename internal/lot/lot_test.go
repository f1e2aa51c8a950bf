package lot_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
)

var (
	selector = actor.Actor{User: "sel", Name: "Selector", Roles: []actor.Role{actor.Selector}}
	packer   = actor.Actor{User: "pack", Name: "Packer", Roles: []actor.Role{actor.Packer}}
	noon     = time.Date(2026, 11, 22, 12, 0, 0, 0, clock.Shanghai)
)

func each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(noon) }, fn)
}

func onSale(t testing.TB, d *db.DB, qty int64, bestBefore clock.Day) id.Lot {
	t.Helper()
	ctx := context.Background()
	var l lot.Lot
	err := d.Update(ctx, func(tx *db.Tx) (err error) {
		if l, err = lot.Create(ctx, tx, selector, lot.New{Product: "p", Producer: "f", Grade: "A", Harvest: 20261101, BestBefore: bestBefore, Qty: qty}); err != nil {
			return err
		}
		for _, s := range []lot.State{lot.Graded, lot.OnSale} {
			if err := lot.SetState(ctx, tx, selector, l.ID, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l.ID
}

func read(t testing.TB, d *db.DB, l id.Lot) lot.Lot {
	t.Helper()
	m, err := lot.ByID(context.Background(), d, l, "none")
	if err != nil || len(m) != 1 {
		t.Fatal(m, err)
	}
	return m[l]
}

func TestLotFromHarvestToShelf(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b := onSale(t, d, 3000, 20261130), onSale(t, d, 500, 0)
		la := read(t, d, a)
		if la.No != "20261122-001" || read(t, d, b).No != "20261122-002" || la.State != lot.OnSale || la.Available() != 3000 || !la.Created.Equal(noon) {
			t.Errorf("%+v", la)
		}
		onSale(t, d, 9000, 20261121) // past its day: never offered
		stock, err := lot.OnSaleStock(ctx, d, "p", "q")
		if err != nil || len(stock) != 1 || len(stock["p"]) != 2 || stock["p"][0].Lot != a || stock["p"][1].Lot != b {
			t.Errorf("%+v, %v", stock, err)
		}
		ms, err := lot.Movements(ctx, d, a)
		if err != nil || len(ms) != 1 || ms[0].Qty != 3000 || ms[0].Kind != lot.Receive || ms[0].Actor != "sel" {
			t.Errorf("%+v, %v", ms, err)
		}
		ls, err := lot.List(ctx, d, lot.Filter{State: lot.OnSale, Producer: "f", Limit: 2})
		if err != nil || len(ls) != 2 || ls[1].ID != b {
			t.Errorf("%+v, %v", ls, err)
		}
		ev, err := audit.List(ctx, d, audit.Filter{ObjectKind: "lot", ObjectID: string(a)})
		if err != nil || len(ev) != 4 {
			t.Errorf("audit: %v, %v", ev, err)
		}
	})
}

func TestLotRefusals(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l := onSale(t, d, 1000, 0)
		up := func(fn func(tx *db.Tx) error) error { return d.Update(ctx, fn) }
		move := func(who actor.Actor, kind lot.MoveKind, qty int64, why string) error {
			return up(func(tx *db.Tx) error { return lot.Move(ctx, tx, who, l, kind, qty, why) })
		}
		state := func(to lot.State) error {
			return up(func(tx *db.Tx) error { return lot.SetState(ctx, tx, selector, l, to) })
		}
		if err := up(func(tx *db.Tx) error {
			return lot.Reserve(ctx, tx, []lot.Reservation{{ID: "r1", Lot: l, Order: "o", Line: "n", Units: 1, Qty: 600}})
		}); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
			key  string
		}{
			"buyer moves stock":     {move(packer, lot.Count, 1, "x"), fault.Denied, "fault.denied"},
			"anonymous":             {move(actor.Actor{}, lot.Count, 1, "x"), fault.Unauthenticated, "fault.sign_in"},
			"ship by hand":          {move(selector, lot.Ship, -1, "x"), fault.Invalid, "fault.choice"},
			"receive nothing":       {move(selector, lot.Receive, 0, ""), fault.Invalid, "fault.number"},
			"receive too much":      {move(selector, lot.Receive, lot.MaxQty, ""), fault.Invalid, "fault.number"},
			"shrink upwards":        {move(selector, lot.Shrink, 5, "wet"), fault.Invalid, "lot.qty_minus"},
			"count without reason":  {move(selector, lot.Count, 5, " "), fault.Invalid, "fault.required"},
			"count nothing":         {move(selector, lot.Count, 0, "x"), fault.Invalid, "lot.qty_zero"},
			"shrink what is sold":   {move(selector, lot.Shrink, -401, "wet"), fault.Conflict, "lot.reserved"},
			"close what is sold":    {state(lot.Closed), fault.Conflict, "lot.reserved"},
			"back to received":      {state(lot.Received), fault.Conflict, "lot.wrong_state"},
			"unknown state":         {state("gone"), fault.Conflict, "lot.wrong_state"},
			"no such lot":           {up(func(tx *db.Tx) error { return lot.SetState(ctx, tx, selector, "none", lot.Graded) }), fault.NotFound, "fault.not_found"},
			"new lot of nothing":    {lot.New{}.Check(), fault.Invalid, "fault.required"},
			"expires before it was": {lot.New{Product: "p", Producer: "f", Grade: "A", Harvest: 20261101, BestBefore: 20261031}.Check(), fault.Invalid, "lot.best_before_early"},
			"negative quantity":     {lot.New{Product: "p", Producer: "f", Grade: "A", Harvest: 20261101, Qty: -1}.Check(), fault.Invalid, "fault.number"},
		} {
			if f := fault.Of(c.err); f == nil || f.Kind != c.kind || f.Key != c.key {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		if x := read(t, d, l); x.OnHand != 1000 || x.Reserved != 600 || x.State != lot.OnSale {
			t.Errorf("a refused change left its mark: %+v", x)
		}
	})
}

func TestReserveReleaseShip(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		l := onSale(t, d, 1000, 0)
		do := func(fn func(tx *db.Tx) error) error { return d.Update(ctx, fn) }
		reserve := func(o id.Order, qty int64) error {
			return do(func(tx *db.Tx) error {
				return lot.Reserve(ctx, tx, []lot.Reservation{{ID: string(o) + "r", Lot: l, Order: o, Line: "n", Units: qty, Qty: qty}})
			})
		}
		if err := errors.Join(reserve("a", 400), reserve("b", 300), reserve("c", 300)); err != nil {
			t.Fatal(err)
		}
		if err := reserve("d", 1); !errors.Is(err, lot.ErrShort) {
			t.Errorf("oversold: %v", err)
		}
		if rs, _ := lot.Reservations(ctx, d, "d"); len(rs) != 0 {
			t.Error("a refused reservation stands")
		}
		for range 2 { // releasing and shipping twice changes nothing
			if err := do(func(tx *db.Tx) error { return lot.Release(ctx, tx, "a", "c") }); err != nil {
				t.Fatal(err)
			}
			if err := do(func(tx *db.Tx) error { return lot.ShipOrder(ctx, tx, packer, "b", "") }); err != nil {
				t.Fatal(err)
			}
		}
		if x := read(t, d, l); x.OnHand != 700 || x.Reserved != 0 {
			t.Errorf("%+v", x)
		}
		ms, err := lot.Movements(ctx, d, l)
		if err != nil || len(ms) != 2 || ms[1].Qty != -300 || ms[1].Ref != "b" {
			t.Errorf("%+v, %v", ms, err)
		}
		rs, err := lot.Reservations(ctx, d, "b")
		if err != nil || len(rs) != 1 || rs[0].State != lot.Shipped {
			t.Errorf("%+v, %v", rs, err)
		}
		if err := do(func(tx *db.Tx) error { return lot.ShipOrder(ctx, tx, selector, "b", "") }); !fault.Is(err, fault.Denied) {
			t.Error(err)
		}
		if err := do(func(tx *db.Tx) error { return lot.SetState(ctx, tx, selector, l, lot.Graded) }); err != nil {
			t.Fatal(err)
		}
		if err := reserve("e", 1); !errors.Is(err, lot.ErrShort) {
			t.Errorf("taken from a lot off sale: %v", err)
		}
	})
}

// TestCountersFollowTheRows runs random changes and compares the counters with
// the sums they stand for.
func TestCountersFollowTheRows(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		n := 0
		lots := []id.Lot{onSale(t, d, 5000, 0), onSale(t, d, 100, 20261201)}
		rapid.Check(t, func(rt *rapid.T) {
			l := rapid.SampledFrom(lots).Draw(rt, "lot")
			qty := rapid.Int64Range(1, 900).Draw(rt, "qty")
			o := id.Order(fmt.Sprint(rapid.IntRange(max(0, n-8), n).Draw(rt, "order")))
			err := d.Update(ctx, func(tx *db.Tx) error {
				switch rapid.SampledFrom([]string{"receive", "count", "reserve", "reserve", "release", "ship"}).Draw(rt, "do") {
				case "receive":
					return lot.Move(ctx, tx, selector, l, lot.Receive, qty, "")
				case "count":
					return lot.Move(ctx, tx, selector, l, lot.Count, -qty, "counted")
				case "reserve":
					n++
					return lot.Reserve(ctx, tx, []lot.Reservation{{ID: id.New[string](), Lot: l, Order: id.Order(fmt.Sprint(n)), Line: "n", Units: 1, Qty: qty}})
				case "release":
					return lot.Release(ctx, tx, o)
				}
				return lot.ShipOrder(ctx, tx, packer, o, "")
			})
			if err != nil && !errors.Is(err, lot.ErrShort) && !fault.Is(err, fault.Conflict) {
				rt.Fatal(err)
			}
			for _, l := range lots {
				var onHand, moved, reserved, held int64
				err := d.QueryRow(ctx, `SELECT on_hand, reserved,
					(SELECT CAST(coalesce(sum(qty), 0) AS BIGINT) FROM stock_movement WHERE lot_id = $1),
					(SELECT CAST(coalesce(sum(qty), 0) AS BIGINT) FROM lot_reservation WHERE lot_id = $1 AND state = 'held')
					FROM lot WHERE id = $1`, l).Scan(&onHand, &reserved, &moved, &held)
				if err != nil || onHand != moved || reserved != held || held > onHand {
					rt.Fatalf("on hand %d, moved %d, reserved %d, held %d, %v", onHand, moved, reserved, held, err)
				}
			}
		})
	})
}

func TestParallelReservationsNeverOversell(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		l := onSale(t, d, 10, 0)
		var wg sync.WaitGroup
		var mu sync.Mutex
		sold := 0
		for i := range 30 {
			wg.Go(func() {
				err := d.Update(ctx, func(tx *db.Tx) error {
					return lot.Reserve(ctx, tx, []lot.Reservation{{ID: fmt.Sprint(i), Lot: l, Order: id.Order(fmt.Sprint(i)), Line: "n", Units: 1, Qty: 1}})
				})
				if err != nil && !errors.Is(err, lot.ErrShort) {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					sold++
				}
			})
		}
		wg.Wait()
		if x := read(t, d, l); sold != 10 || x.Reserved != 10 {
			t.Errorf("sold %d, %+v", sold, x)
		}
	})
}
