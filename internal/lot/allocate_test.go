package lot_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
)

func TestAllocateFirstExpiredFirst(t *testing.T) {
	stocks := []lot.Stock{
		{Lot: "keeps", Available: 5000, BasePerUnit: 1000},
		{Lot: "late", Available: 2999, BestBefore: 20261201, Harvest: 20261101, BasePerUnit: 1000},
		{Lot: "soon-b", Available: 1500, BestBefore: 20261125, Harvest: 20261102, BasePerUnit: 1000},
		{Lot: "soon-a", Available: 1000, BestBefore: 20261125, Harvest: 20261101, BasePerUnit: 1000},
	}
	takes, ok := lot.Allocate(stocks, lot.Ask{Units: 5})
	if got := fmt.Sprint(takes, ok); got != "[{soon-a  1 1000} {soon-b  1 1000} {late  2 2000} {keeps  1 1000}] true" {
		t.Error(got)
	}
	if stocks[0].Available != 4000 || stocks[1].Available != 999 || stocks[2].Available != 500 || stocks[3].Available != 0 {
		t.Error(stocks)
	}
	if takes, ok := lot.Allocate(stocks, lot.Ask{Units: 5}); ok || takes != nil || stocks[0].Available != 4000 {
		t.Error("half a unit of two lots made a whole one:", takes, stocks)
	}
	for _, n := range []int64{0, -1} {
		if _, ok := lot.Allocate(stocks, lot.Ask{Units: n}); ok {
			t.Errorf("%d units were given", n)
		}
	}
}

func drawStocks(t *rapid.T) []lot.Stock {
	n := rapid.IntRange(0, 8).Draw(t, "lots")
	per := rapid.SampledFrom([]int64{1, 3, 500, 1000}).Draw(t, "base a unit")
	out := make([]lot.Stock, n)
	for i := range out {
		out[i] = lot.Stock{
			Lot:         id.Lot(fmt.Sprintf("lot%02d", i)),
			Available:   rapid.Int64Range(-2, 12_000).Draw(t, "available"),
			BestBefore:  clock.Day(rapid.SampledFrom([]int{0, 20261123, 20261124, 20270101}).Draw(t, "best before")),
			Harvest:     clock.Day(rapid.SampledFrom([]int{20261001, 20261101}).Draw(t, "harvest")),
			Floor:       money.Fen(rapid.SampledFrom([]int{0, 0, 0, 900, 1100}).Draw(t, "floor")),
			BasePerUnit: per,
		}
		for k := range rapid.IntRange(0, 3).Draw(t, "slices") {
			sl := lot.Slice{ID: id.Allotment(fmt.Sprintf("lot%02d-%d", i, k)), Rest: rapid.Int64Range(0, 5_000).Draw(t, "rest"), Capped: rapid.IntRange(0, 5).Draw(t, "capped") == 0}
			if rapid.Bool().Draw(t, "for a show") {
				sl.Show = id.Show(rapid.SampledFrom([]string{"show1", "show2"}).Draw(t, "show"))
			} else {
				sl.Host = id.User(rapid.SampledFrom([]string{"host1", "host2"}).Draw(t, "host"))
			}
			out[i].Slices = append(out[i].Slices, sl)
		}
	}
	return out
}

func drawAsk(t *rapid.T) lot.Ask {
	a := lot.Ask{Units: rapid.Int64Range(-1, 40).Draw(t, "units"), Price: money.Fen(rapid.SampledFrom([]int{0, 800, 1000, 2000}).Draw(t, "price"))}
	if rapid.Bool().Draw(t, "in a show") {
		a.Show, a.Host = id.Show(rapid.SampledFrom([]string{"show1", "show2", "show3"}).Draw(t, "in")), id.User(rapid.SampledFrom([]string{"host1", "host3"}).Draw(t, "by"))
	}
	return a
}

func copyOf(stocks []lot.Stock) []lot.Stock {
	out := slices.Clone(stocks)
	for i := range out {
		out[i].Slices = slices.Clone(out[i].Slices)
	}
	return out
}

// expiresBefore is the order of doc.go, written once more and plainly.
func expiresBefore(a, b lot.Stock) bool {
	if a.BestBefore != b.BestBefore {
		return a.BestBefore != 0 && (b.BestBefore == 0 || a.BestBefore < b.BestBefore)
	}
	if a.Harvest != b.Harvest {
		return a.Harvest < b.Harvest
	}
	return a.Lot < b.Lot
}

// pot is a place to take from: what is open of a lot, or a slice of it.
type pot struct {
	lot   lot.Stock
	slice id.Allotment
	units int64
}

// pots are the places an ask may take from, in the order of doc.go, written
// once more and plainly.
func pots(stocks []lot.Stock, a lot.Ask) (out []pot) {
	byDate := slices.Clone(stocks)
	slices.SortFunc(byDate, func(x, y lot.Stock) int {
		if expiresBefore(x, y) {
			return -1
		}
		return 1
	})
	mine := func(s lot.Slice) bool {
		return a.Show != "" && s.Show == a.Show || a.Host != "" && s.Host == a.Host
	}
	capped := false
	for _, s := range byDate {
		for _, x := range s.Slices {
			if mine(x) {
				capped = capped || x.Capped
				if a.Price == 0 || s.Floor <= a.Price {
					out = append(out, pot{s, x.ID, max(0, x.Rest) / s.BasePerUnit})
				}
			}
		}
	}
	for _, s := range byDate {
		if !capped && (a.Price == 0 || s.Floor <= a.Price) {
			out = append(out, pot{s, "", max(0, s.Available) / s.BasePerUnit})
		}
	}
	return out
}

func TestAllocateTakesFromTheRightPlacesInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, a := drawStocks(t), drawAsk(t)
		after := copyOf(before)
		takes, ok := lot.Allocate(after, a)
		var want []lot.Take
		var possible int64
		left := a.Units
		for _, p := range pots(before, a) {
			possible += p.units
			if n := min(left, p.units); n > 0 {
				want = append(want, lot.Take{Lot: p.lot.Lot, Allotment: p.slice, Units: n, Qty: n * p.lot.BasePerUnit})
				left -= n
			}
		}
		if lot.Units(before, a) != possible {
			t.Fatalf("%d units can be had, want %d", lot.Units(before, a), possible)
		}
		if ok != (a.Units > 0 && left == 0) {
			t.Fatalf("ok = %v for %d units of %d", ok, a.Units, possible)
		}
		if !ok {
			if len(takes) > 0 || !reflect.DeepEqual(before, after) {
				t.Fatal("something was taken though there was not enough")
			}
			return
		}
		if !slices.Equal(takes, want) {
			t.Fatalf("took %v, want %v", takes, want)
		}
		if again, ok := lot.Allocate(rapid.Permutation(copyOf(before)).Draw(t, "shuffled"), a); !ok || !slices.Equal(again, takes) {
			t.Fatalf("another order of the same lots gives %v, not %v", again, takes)
		}
		lot.GiveBack(after, takes)
		if !reflect.DeepEqual(before, after) {
			t.Fatal("giving back does not undo taking")
		}
	})
}

// TestLinesNeverPassTheTotal allocates line after line, of several shows and of
// none, from the same stocks.
func TestLinesNeverPassTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stocks := drawStocks(t)
		was := copyOf(stocks)
		given := map[id.Lot]int64{}
		for range rapid.IntRange(1, 12).Draw(t, "lines") {
			a := drawAsk(t)
			can := lot.Units(stocks, a)
			takes, ok := lot.Allocate(stocks, a)
			for _, k := range takes {
				given[k.Lot] += k.Qty
			}
			if ok != (len(takes) > 0) || ok != (a.Units > 0 && a.Units <= can) {
				t.Fatalf("%v of %d units: %v", ok, can, takes)
			}
		}
		for i, s := range stocks {
			total, left := was[i].Available, s.Available
			for k := range s.Slices {
				total, left = total+was[i].Slices[k].Rest, left+s.Slices[k].Rest
				if s.Slices[k].Rest < 0 {
					t.Fatalf("slice %s gave more than it had", s.Slices[k].ID)
				}
			}
			if given[s.Lot]+left != total || s.Available < min(0, was[i].Available) {
				t.Fatalf("%s: given %d, left %d of %d", s.Lot, given[s.Lot], left, total)
			}
		}
	})
}

func BenchmarkAllocate(b *testing.B) {
	stocks := []lot.Stock{{Lot: "a", Available: 1 << 60, BestBefore: 20261123, BasePerUnit: 1000}, {Lot: "b", Available: 1 << 40, BasePerUnit: 1000}}
	for b.Loop() {
		lot.Allocate(stocks, lot.Ask{Units: 2})
	}
}
