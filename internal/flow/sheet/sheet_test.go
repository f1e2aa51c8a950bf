package sheet_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/sheet"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
)

var start = time.Date(2026, 9, 11, 19, 30, 0, 0, clock.Shanghai)

// TestTheSheetCountsTheRecords plays a small evening by a fake clock and
// compares every figure with what was done.
func TestTheSheetCountsTheRecords(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		ctx, clk := t.Context(), d.Clock.(*clock.Fake)
		s := shoptest.New(t, d)
		f := &flow.Flow{DB: d, Vault: s.Vault, Log: slog.New(slog.DiscardHandler), Desk: orderdesk.New(d, orderdesk.Options{}), UnpaidFor: time.Hour, TransferFor: 24 * time.Hour}
		defer f.Desk.Close(ctx)
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		farm, works := s.Product(2000), s.Product(1000)
		s.Lot(farm, s.Farm, 20)
		s.Lot(works, s.Works, 20)
		a, b := s.Item(farm, 2000), s.Item(works, 1000)
		desk := s.Person(actor.Operator)
		fin := s.Person(actor.Finance)
		fan, addr := s.Buyer()
		other, addr2 := s.Buyer()

		seen := func(online int64, who ...string) {
			in := map[string]int64{}
			for _, w := range who {
				in[w] = 0
			}
			s.Do(func(tx *db.Tx) error {
				if err := show.Sample(ctx, tx, s.Show, online); err != nil {
					return err
				}
				return show.Visit(ctx, tx, s.Show, in)
			})
		}
		seen(2, "x", "y")
		ok(f.PinItem(ctx, desk, s.Show, a))
		clk.Add(10 * time.Second)
		seen(3, "x", "y", "z")
		clk.Add(10 * time.Second)
		seen(1, "x", "y")
		f.Clicked(s.Show, a, "x")
		f.Clicked(s.Show, a, "x")
		f.Clicked(s.Show, b, "y")
		f.Clicked("", a, "y")
		ok(f.WriteClicks(ctx))
		buy := func(who actor.Actor, addr id.Address, it id.Item, units int64, price int64, pay bool) {
			t.Helper()
			o, err := f.PlaceOrder(ctx, who, flow.PlaceIn{Key: id.New[string](), Show: s.Show, Address: addr, NoReturnOK: true, Lines: []flow.PlaceLine{{Item: it, Units: units, Price: money.Fen(price)}}})
			ok(err)
			if pay {
				_, err = f.ConfirmOffline(ctx, fin, o.ID, o.Total, "t")
				ok(err)
			}
		}
		buy(fan, addr, a, 2, 2000, true)
		clk.Add(5 * time.Minute)
		ok(f.PinItem(ctx, desk, s.Show, b))
		clk.Add(time.Minute)
		buy(other, addr2, b, 1, 1000, true)
		buy(other, addr2, a, 1, 2000, false)
		seen(1, "x") // away for more than a look: the gap does not count
		clk.Add(10 * time.Second)
		seen(1, "x")
		_, err := f.Say(ctx, fan, s.Show, "how long do they keep?")
		ok(err)
		sh, err := show.ByID(ctx, d, s.Show)
		ok(err)
		_ = sh
		if _, err := sheet.Keep(ctx, d); err != nil {
			t.Fatal(err)
		}
		if k, err := sheet.Kept(ctx, d, s.Show); k != nil || err != nil {
			t.Errorf("kept while it runs: %v, %v", k, err)
		}
		s.Move(show.Ended)
		f.Clicked(s.Show, a, "late")
		ok(f.WriteClicks(ctx))

		x, err := sheet.Make(ctx, d, s.Show)
		ok(err)
		got := fmt.Sprint(x.Length, " ", x.Peak, x.Entered, " ", x.Watched, " ", x.Comments, x.Writers, x.Clicks, x.Clickers, " ", x.Orders, x.Paid, x.Buyers, " ", x.GMV, x.Net(), x.GPM, " ", x.Farmers, x.Local, x.LocalBP())
		if want := "6m30s 3 3 17s 1 1 3 2 3 2 2 50.00 50.00 16666.66 1 40.00 8000"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if len(x.Top) != 2 || x.Top[0].Units != 2 || x.Top[0].Goods != 4000 || x.Top[1].No != 2 {
			t.Errorf("top %+v", x.Top)
		}
		if len(x.Pins) != 2 || x.Pins[0].For != 5*time.Minute+20*time.Second || x.Pins[0].Orders != 1 || x.Pins[1].Orders != 1 {
			t.Errorf("pins %+v", x.Pins)
		}
		var orders int64
		for _, m := range x.Minutes {
			orders += m.Orders
		}
		if orders != 3 || len(x.Minutes) < 7 || x.Minutes[0].Peak != 3 {
			t.Errorf("minutes %+v", x.Minutes)
		}
		for range 2 {
			if _, err := sheet.Keep(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		k, err := sheet.Kept(ctx, d, s.Show)
		if err != nil || k == nil || k.GMV != x.GMV || k.Made.Sub(k.Ended) > 5*time.Minute {
			t.Errorf("kept %+v, %v", k, err)
		}
		fans := s.Person(actor.Host)
		s.Do(func(tx *db.Tx) error { return account.Follow(ctx, tx, fan, fans.User, true) })
		if n, err := account.FollowedBetween(ctx, d, fans.User, clk.Now().Add(-time.Second), clk.Now().Add(time.Second)); n != 1 || err != nil {
			t.Errorf("followers %d, %v", n, err)
		}
		if n, err := account.FollowedBetween(ctx, d, fans.User, clk.Now().Add(time.Second), clk.Now().Add(time.Hour)); n != 0 || err != nil {
			t.Errorf("followers of another time %d, %v", n, err)
		}
	})
}

// TestNoMomentCountsTwice notes a visitor at random from several nodes: what
// was watched is never more than the time that passed, and never less than the
// gaps that count.
func TestNoMomentCountsTwice(t *testing.T) {
	t.Parallel()
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		ctx, clk := t.Context(), d.Clock.(*clock.Fake)
		s := shoptest.New(t, d)
		n := 0
		rapid.Check(t, func(rt *rapid.T) {
			n++
			who := fmt.Sprint("v", n)
			before, _, err := show.Watched(ctx, d, s.Show)
			if err != nil {
				rt.Fatal(err)
			}
			var want time.Duration
			for i, gap := range rapid.SliceOfN(rapid.IntRange(0, 60), 1, 12).Draw(rt, "gaps") {
				if i > 0 {
					clk.Add(time.Duration(gap) * time.Second)
					if gap := time.Duration(gap) * time.Second; gap <= show.WatchGap {
						want += gap
					}
				}
				for range rapid.IntRange(1, 3).Draw(rt, "nodes") {
					s.Do(func(tx *db.Tx) error { return show.Visit(ctx, tx, s.Show, map[string]int64{who: 1}) })
				}
			}
			after, _, err := show.Watched(ctx, d, s.Show)
			if err != nil || after-before != want {
				rt.Fatalf("watched %s, want %s, %v", after-before, want, err)
			}
		})
	})
}

// TestThePictureIsWellFormed draws random evenings.
func TestThePictureIsWellFormed(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := sheet.Sheet{Started: start}
		for i := range rapid.IntRange(0, 300).Draw(rt, "minutes") {
			x.Minutes = append(x.Minutes, sheet.Minute{At: start.Add(time.Duration(i) * time.Minute), Peak: rapid.Int64Range(0, 5000).Draw(rt, "peak"), Orders: rapid.Int64Range(0, 90).Draw(rt, "orders")})
			x.Length = time.Duration(i+1) * time.Minute
		}
		for range rapid.IntRange(0, 9).Draw(rt, "pins") {
			x.Pins = append(x.Pins, sheet.Pin{At: start.Add(time.Duration(rapid.IntRange(-10, 400).Draw(rt, "at")) * time.Minute), No: 3, Name: `<b>"&'`})
		}
		for _, width := range []int{sheet.Narrow, sheet.Wide} {
			svg := x.Picture(sheet.Words{Title: `"T" & <x>`, Orders: "o"}, width, func(at time.Time) string { return "/replay/x?at=" + fmt.Sprint(at.UnixMilli()) })
			if len(x.Minutes) == 0 {
				if svg != "" {
					rt.Fatal("a picture of nothing")
				}
				continue
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") || strings.Contains(svg, "<b>") {
				rt.Fatalf("%s", svg)
			}
			dec := xml.NewDecoder(strings.NewReader(svg))
			for {
				if _, err := dec.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					rt.Fatalf("%v in %s", err, svg)
				}
			}
		}
	})
}
