package order_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, clock.Shanghai)

func each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(noon) }, fn)
}

func sample(buyer id.User, key string) order.Order {
	o := order.Order{
		ID: id.New[id.Order](), No: id.OrderNo(20261122), Buyer: buyer, Show: "show", State: order.Unpaid,
		Goods: 5970, Freight: 1000, Total: 6970, Province: "P", City: "C", AddressEnc: "sealed", Note: "ring twice", NoReturnOK: true,
		IdemKey: key, IdemHash: "hash", Placed: noon, Expires: noon.Add(15 * time.Minute),
	}
	for i := range 2 {
		units := int64(i + 1)
		o.Lines = append(o.Lines, order.Line{ID: id.New[id.Line](), Order: o.ID, Item: id.Item(fmt.Sprintf("item%d", i)), Product: "p", Name: "n", SellUnit: "box",
			NetG: 500, GrossG: 600, Units: units, Price: 1990, Goods: 1990 * money.Fen(units), ReturnRule: "fresh"})
	}
	return o
}

func sharesOf(o order.Order, producer id.Producer, local bool) []order.Share {
	var out []order.Share
	for _, l := range o.Lines {
		s := order.Share{Reservation: id.New[string](), Order: o.ID, Line: l.ID, Lot: "lot", Producer: producer, Local: local, Settlement: order.Resale, Units: l.Units, Goods: l.Goods, Owed: l.Goods}
		if !local {
			s.CommissionBP, s.Commission = 1000, l.Goods.Share(1000)
			s.Owed -= s.Commission
		}
		out = append(out, s)
	}
	return out
}

func insert(t testing.TB, d *db.DB, o order.Order, shares []order.Share) {
	t.Helper()
	if err := d.Update(context.Background(), func(tx *db.Tx) error {
		return order.Insert(context.Background(), tx, []order.Order{o}, shares)
	}); err != nil {
		t.Fatal(err)
	}
}

func TestInsertReadsBackTheSame(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		o := sample("li", "key-1")
		insert(t, d, o, sharesOf(o, "f1", true))
		got, err := order.ByID(ctx, d, o.ID)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", o) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, o)
		}
		if got, err = order.ByNo(ctx, d, o.No); err != nil || got.ID != o.ID {
			t.Error(got, err)
		}
		if _, err := order.ByID(ctx, d, "none"); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		mine := order.Key{Buyer: "li", Key: "key-1"}
		if got, _, err := order.ByKeys(ctx, d, []order.Key{mine, {Buyer: "wang", Key: "key-1"}}); err != nil || len(got) != 1 || got[mine].ID != o.ID || len(got[mine].Lines) != 2 {
			t.Error("by key:", got, err)
		}
		ss, err := order.Shares(ctx, d, o.ID)
		if err != nil || len(ss) != 2 || !ss[0].Local || ss[0].Owed+ss[1].Owed != 5970 {
			t.Error(ss, err)
		}
		again := sample("li", "key-1")
		err = d.Update(ctx, func(tx *db.Tx) error { return order.Insert(ctx, tx, []order.Order{again}, nil) })
		if !db.IsUnique(err) {
			t.Errorf("the same key again: %v", err)
		}
		cheat := sharesOf(o, "f1", true)[:1]
		cheat[0].Commission, cheat[0].Owed = 1, cheat[0].Owed-1
		if err := d.Update(ctx, func(tx *db.Tx) error { return order.Insert(ctx, tx, nil, cheat) }); !db.IsCheck(err) {
			t.Errorf("commission of a local producer: %v", err)
		}
	})
}

func TestByKeysOfAnyNumber(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var keys []order.Key
		want := map[order.Key]id.Order{}
		var refusals []order.Refusal
		no := map[order.Key]string{}
		for i := range 300 {
			k := order.Key{Buyer: id.User(fmt.Sprintf("u%d", i%7)), Key: fmt.Sprintf("key%d", i)}
			keys = append(keys, k)
			if i%50 == 0 {
				o := sample(k.Buyer, k.Key)
				insert(t, d, o, nil)
				want[k] = o.ID
			}
			if i%40 == 1 {
				no[k] = fmt.Sprint("why ", i)
				refusals = append(refusals, order.Refusal{Key: k, Hash: "hash", Fault: no[k]})
			}
		}
		if err := d.Update(ctx, func(tx *db.Tx) error { return order.InsertRefusals(ctx, tx, refusals) }); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, keys[1]) // one twice
		for _, n := range []int{0, 1, 2, 9, 65, 301} {
			got, refused, err := order.ByKeys(ctx, d, keys[:n])
			if err != nil {
				t.Fatal(err)
			}
			for i, k := range keys[:300] {
				if w := no[k]; i < n && refused[k].Fault != w || i >= n && refused[k].Fault != "" {
					t.Errorf("%d keys, %v: refused %q, want %q", n, k, refused[k].Fault, w)
				}
				if w := want[k]; i < n && got[k].ID != w || i >= n && got[k].ID != "" {
					t.Errorf("%d keys, %v: %q, want %q", n, k, got[k].ID, w)
				}
			}
		}
	})
}

func TestListPagesAndFilters(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		var ids []id.Order
		for i := range 5 {
			o := sample(id.User(fmt.Sprintf("u%d", i%2)), fmt.Sprint("key", i))
			producer := id.Producer(fmt.Sprintf("f%d", i%2))
			insert(t, d, o, sharesOf(o, producer, i%2 == 0))
			ids = append([]id.Order{o.ID}, ids...)
		}
		list := func(f order.Filter) (out []id.Order) {
			os, err := order.List(ctx, d, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range os {
				if len(o.Lines) != 2 {
					t.Error("lines are missing")
				}
				out = append(out, o.ID)
			}
			return out
		}
		for _, c := range []struct {
			f    order.Filter
			want []id.Order
		}{
			{order.Filter{}, ids},
			{order.Filter{Limit: 2}, ids[:2]},
			{order.Filter{Limit: 2, Before: ids[1]}, ids[2:4]},
			{order.Filter{Buyer: "u1"}, []id.Order{ids[1], ids[3]}},
			{order.Filter{Producer: "f0", State: order.Unpaid, Show: "show"}, []id.Order{ids[0], ids[2], ids[4]}},
			{order.Filter{State: order.Paid}, nil},
			{order.Filter{Show: "other"}, nil},
		} {
			if got := list(c.f); !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v, want %v", c.f, got, c.want)
			}
		}
	})
}

func move(t testing.TB, d *db.DB, o id.Order, from, to order.State, why string) bool {
	t.Helper()
	var ok bool
	if err := d.Update(context.Background(), func(tx *db.Tx) (err error) {
		ok, err = order.Move(context.Background(), tx, o, from, to, why)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestFiguresAndTaken(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		for i := range 4 {
			o := sample(id.User(fmt.Sprintf("u%d", i/2)), fmt.Sprint("key", i))
			insert(t, d, o, sharesOf(o, id.Producer(fmt.Sprint("f", i)), i != 2))
			switch i {
			case 1, 2:
				move(t, d, o.ID, order.Unpaid, order.Paid, "")
			case 3:
				move(t, d, o.ID, order.Unpaid, order.Closed, order.Expired)
			}
		}
		f, err := order.Figures(ctx, d, "show")
		if err != nil || f != (order.ShowFigures{Orders: 3, PaidOrders: 2, Goods: 3 * 5970, PaidGoods: 2 * 5970, Buyers: 2, Farmers: 1}) {
			t.Errorf("%+v, %v", f, err)
		}
		taken, err := order.Taken(ctx, d, []id.User{"u0", "u1", "u2"}, []id.Item{"item1", "itemx"})
		if err != nil || taken["u0"]["item1"] != 4 || taken["u1"]["item1"] != 2 || len(taken) != 2 {
			t.Error(taken, err)
		}
		ids, err := order.ExpiredIDs(ctx, d, noon.Add(15*time.Minute), 10)
		if err != nil || len(ids) != 1 {
			t.Error(ids, err)
		}
		if ids, err = order.ExpiredIDs(ctx, d, noon.Add(14*time.Minute), 10); err != nil || len(ids) != 0 {
			t.Error(ids, err)
		}
	})
}

func TestOnlyWhatIsDueExpires(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		o := sample("u", "key-due")
		insert(t, d, o, sharesOf(o, "f", true))
		for _, c := range []struct {
			expires time.Time
			want    int
		}{{noon.Add(time.Minute), 0}, {noon, 1}, {noon, 0}} {
			err := d.Update(ctx, func(tx *db.Tx) error {
				tx.Now = noon
				if _, err := tx.Exec(ctx, `UPDATE sale_order SET expires_us = $2 WHERE id = $1`, o.ID, clock.Us(c.expires)); err != nil {
					return err
				}
				ids, err := order.Expire(ctx, tx, []id.Order{o.ID})
				if len(ids) != c.want {
					t.Errorf("due at %v: %d expired, want %d", c.expires, len(ids), c.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestStatesFollowTheTable drives an order at random and compares it with a
// model: the table of doc.go, written once more.
func TestStatesFollowTheTable(t *testing.T) {
	table := map[string]string{
		"unpaid paid": "", "unpaid closed": "expired cancelled", "paid shipped": "", "paid closed": "refunded", "shipped received": "", "received done": "",
	}
	each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			o := sample("li", fmt.Sprint("key", n))
			insert(t, d, o, nil)
			is := order.Unpaid
			rt.Repeat(map[string]func(*rapid.T){
				"move": func(rt *rapid.T) {
					from, to := rapid.SampledFrom(order.States).Draw(rt, "from"), rapid.SampledFrom(order.States).Draw(rt, "to")
					why := rapid.SampledFrom([]string{"", order.Expired, order.Cancelled, order.Refunded}).Draw(rt, "why")
					reasons, inTable := table[string(from)+" "+string(to)]
					legal := inTable && (reasons == "" && why == "" || why != "" && slices.Contains(strings.Fields(reasons), why))
					var moved bool
					err := d.Update(ctx, func(tx *db.Tx) (err error) {
						moved, err = order.Move(ctx, tx, o.ID, from, to, why)
						return err
					})
					if (err == nil) != legal {
						rt.Fatalf("%s -> %s (%s): %v", from, to, why, err)
					}
					if moved != (legal && from == is) {
						rt.Fatalf("%s -> %s while %s: moved %v", from, to, is, moved)
					}
					if moved {
						is = to
					}
				},
				"": func(rt *rapid.T) {
					got, err := order.ByID(ctx, d, o.ID)
					if err != nil || got.State != is || (is == order.Closed) != (got.CloseReason != "") || (is == order.Closed) != !got.ClosedAt.IsZero() {
						rt.Fatalf("%+v, %v; model %s", got, err, is)
					}
				},
			})
		})
	})
}

func TestOfTwoThatRaceOneWins(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		for i := range 10 {
			o := sample("li", fmt.Sprint("key", i))
			insert(t, d, o, nil)
			var wg sync.WaitGroup
			var paid, closed bool
			wg.Go(func() { paid = move(t, d, o.ID, order.Unpaid, order.Paid, "") })
			wg.Go(func() { closed = move(t, d, o.ID, order.Unpaid, order.Closed, order.Expired) })
			wg.Wait()
			if paid == closed {
				t.Errorf("paid %v, closed %v", paid, closed)
			}
		}
	})
}
