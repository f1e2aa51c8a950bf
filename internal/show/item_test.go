package show_test

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

func TestNumbersMoveOnlyInADraft(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		a, c, d := b.item(s, 1), b.item(s, 2), b.item(s, 3)
		order := []id.Item{d.ID, a.ID, c.ID}
		b.must(func(tx *db.Tx) error { return show.ReorderItems(b.ctx, tx, b.operator, s, order) })
		if got, want := b.numbers(s), map[id.Item]int{d.ID: 1, a.ID: 2, c.ID: 3}; !maps.Equal(got, want) {
			b.Fatalf("got %v, want %v", got, want)
		}
		wantKey(b.T, b.do(func(tx *db.Tx) error { return show.ReorderItems(b.ctx, tx, b.operator, s, order[:2]) }), "show.order_incomplete")
		wantKey(b.T, b.do(func(tx *db.Tx) error {
			return show.ReorderItems(b.ctx, tx, b.operator, s, []id.Item{d.ID, d.ID, c.ID})
		}), "show.order_incomplete")
		b.must(func(tx *db.Tx) error { return show.RemoveItem(b.ctx, tx, b.operator, d.ID) })
		if got, want := b.numbers(s), map[id.Item]int{a.ID: 1, c.ID: 2}; !maps.Equal(got, want) {
			b.Fatalf("after removal: got %v, want %v", got, want)
		}
		b.moves(s, show.Announced)
		wantKey(b.T, b.do(func(tx *db.Tx) error { return show.ReorderItems(b.ctx, tx, b.operator, s, []id.Item{c.ID, a.ID}) }), "show.numbers_fixed")
		b.must(func(tx *db.Tx) error { return show.RemoveItem(b.ctx, tx, b.operator, a.ID) })
		e := b.item(s, 5)
		if got, want := b.numbers(s), map[id.Item]int{a.ID: 1, c.ID: 2, e.ID: 3}; !maps.Equal(got, want) {
			b.Fatalf("announced: got %v, want %v", got, want)
		}
		items, _ := show.ItemsByID(b.ctx, b.d, a.ID, "none")
		if len(items) != 1 || items[a.ID].State != show.Off {
			b.Errorf("removed item: %v", items)
		}
	})
}

func TestTwoAtTheDeskAddItems(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				err := b.do(func(tx *db.Tx) error {
					_, err := show.AddItem(b.ctx, tx, b.operator, s, show.Item{Product: "p", Price: 1})
					return err
				})
				if err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if got := slices.Sorted(maps.Values(b.numbers(s))); !slices.Equal(got, []int{1, 2, 3, 4, 5, 6, 7, 8}) {
			b.Errorf("numbers %v", got)
		}
	})
}

func TestSetItemChecksAndNeverUndercutsSales(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		it := b.item(s, 1000)
		b.must(func(tx *db.Tx) error { return show.AddSold(b.ctx, tx, map[id.Item]int64{it.ID: 7}) })
		set := func(change func(*show.Item)) (show.Item, error) {
			n := it
			change(&n)
			var got show.Item
			err := b.do(func(tx *db.Tx) (err error) { got, err = show.SetItem(b.ctx, tx, b.operator, n); return err })
			return got, err
		}
		for key, change := range map[string]func(*show.Item){
			"show.price":        func(i *show.Item) { i.Price = -1 },
			"show.was_low":      func(i *show.Item) { i.Was = i.Price },
			"fault.number":      func(i *show.Item) { i.PerPerson = -1 },
			"fault.choice":      func(i *show.Item) { i.State = "sold_out" },
			"show.released_low": func(i *show.Item) { i.Released = 6 },
			"fault.not_found":   func(i *show.Item) { i.ID = "none" },
		} {
			_, err := set(change)
			wantKey(b.T, err, key)
		}
		got, err := set(func(i *show.Item) { i.Price, i.Was, i.Released, i.Sold, i.No = 900, 1200, 7, 0, 9 })
		if err != nil || got.Price != 900 || got.Was != 1200 || got.Released != 7 || got.Sold != 7 || got.No != 1 {
			b.Errorf("%+v, %v", got, err)
		}
		wantKey(b.T, b.do(func(tx *db.Tx) error { return show.AddSold(b.ctx, tx, map[id.Item]int64{it.ID: 1}) }), "show.sold_out")
		b.must(func(tx *db.Tx) (err error) {
			got, err = show.ReleaseMore(b.ctx, tx, b.operator, "", it.ID, 3)
			return err
		})
		if left, ok := got.Left(); got.Released != 10 || left != 3 || !ok {
			b.Errorf("after +3: %+v", got)
		}
		b.must(func(tx *db.Tx) error { return show.AddSold(b.ctx, tx, map[id.Item]int64{it.ID: 3}) })
		if err := b.do(func(tx *db.Tx) error { return show.AddSold(b.ctx, tx, map[id.Item]int64{it.ID: -11}) }); err == nil {
			b.Error("gave back more than was sold")
		}
		if _, err := set(func(i *show.Item) { i.Released = show.AllThereIs }); err != nil {
			b.Fatal(err)
		}
		wantKey(b.T, b.do(func(tx *db.Tx) error { _, err := show.ReleaseMore(b.ctx, tx, b.operator, "", it.ID, 1); return err }), "show.all_released")
		wantKey(b.T, b.do(func(tx *db.Tx) error { _, err := show.ReleaseMore(b.ctx, tx, b.operator, "", it.ID, -1); return err }), "fault.number")
		if err := b.do(func(tx *db.Tx) error { _, err := show.SetItem(b.ctx, tx, b.host, it); return err }); !fault.Is(err, fault.Denied) {
			b.Errorf("a host changed a price: %v", err)
		}
	})
}

func TestPins(t *testing.T) {
	each(t, func(b bundle) {
		s, other := b.draft(), b.draft()
		it, foreign := b.item(s, 1), b.item(other, 1)
		pin := func(i id.Item) error {
			return b.do(func(tx *db.Tx) error { return show.PinItem(b.ctx, tx, b.host, s, i) })
		}
		wantKey(b.T, pin(it.ID), "show.not_live")
		b.moves(s, show.Announced, show.Live)
		wantKey(b.T, pin(foreign.ID), "fault.not_found")
		for range 2 {
			if err := pin(it.ID); err != nil {
				b.Fatal(err)
			}
		}
		it.State = show.Off
		b.must(func(tx *db.Tx) error { _, err := show.SetItem(b.ctx, tx, b.operator, it); return err })
		wantKey(b.T, pin(it.ID), "show.item_off")
		pins, err := show.Pins(b.ctx, b.d, s)
		if err != nil || len(pins) != 2 || pins[1].Item != "" {
			b.Errorf("pinned once and unpinned by taking it off: %v, %v", pins, err)
		}
		if err := b.do(func(tx *db.Tx) error { return show.PinItem(b.ctx, tx, b.other, s, "") }); !fault.HasKey(err, "show.not_yours") {
			b.Errorf("another host: %v", err)
		}
	})
}

func TestItemsOfProduct(t *testing.T) {
	each(t, func(b bundle) {
		s, draft := b.draft(), b.draft()
		it := b.item(s, 1)
		b.must(func(tx *db.Tx) error {
			_, err := show.AddItem(b.ctx, tx, b.operator, draft, show.Item{Product: it.Product, Price: 5})
			return err
		})
		b.moves(s, show.Announced)
		got, err := show.ItemsOfProduct(b.ctx, b.d, it.Product)
		if err != nil || len(got) != 1 || got[0].ID != it.ID {
			b.Errorf("%v, %v", got, err)
		}
		m, err := show.ItemsOfShows(b.ctx, b.d, s, draft, "none")
		if err != nil || len(m[s]) != 1 || len(m[draft]) != 1 {
			b.Errorf("%v, %v", m, err)
		}
	})
}
