package lot_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
)

func TestAllocateFirstExpiredFirst(t *testing.T) {
	stocks := []lot.Stock{
		{Lot: "keeps", Available: 5000, BasePerUnit: 1000},
		{Lot: "late", Available: 2999, BestBefore: 20261201, Harvest: 20261101, BasePerUnit: 1000},
		{Lot: "soon-b", Available: 1500, BestBefore: 20261125, Harvest: 20261102, BasePerUnit: 1000},
		{Lot: "soon-a", Available: 1000, BestBefore: 20261125, Harvest: 20261101, BasePerUnit: 1000},
	}
	takes, ok := lot.Allocate(stocks, 5)
	if got := fmt.Sprint(takes, ok); got != "[{soon-a 1 1000} {soon-b 1 1000} {late 2 2000} {keeps 1 1000}] true" {
		t.Error(got)
	}
	if stocks[0].Available != 4000 || stocks[1].Available != 999 || stocks[2].Available != 500 || stocks[3].Available != 0 {
		t.Error(stocks)
	}
	if takes, ok := lot.Allocate(stocks, 5); ok || takes != nil || stocks[0].Available != 4000 {
		t.Error("half a unit of two lots made a whole one:", takes, stocks)
	}
	for _, n := range []int64{0, -1} {
		if _, ok := lot.Allocate(stocks, n); ok {
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
			BasePerUnit: per,
		}
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

func TestAllocateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := drawStocks(t)
		units := rapid.Int64Range(-1, 40).Draw(t, "units")
		after := slices.Clone(before)
		takes, ok := lot.Allocate(after, units)
		possible := lot.Units(before)
		if ok != (units > 0 && units <= possible) {
			t.Fatalf("ok = %v for %d units of %d", ok, units, possible)
		}
		if !ok {
			if len(takes) > 0 || !slices.Equal(before, after) {
				t.Fatal("something was taken though there was not enough")
			}
			return
		}
		var sum int64
		taken := map[id.Lot]lot.Take{}
		for _, k := range takes {
			if _, twice := taken[k.Lot]; twice || k.Units <= 0 {
				t.Fatalf("takes %v", takes)
			}
			taken[k.Lot] = k
			sum += k.Units
		}
		if sum != units {
			t.Fatalf("took %d units of %d wanted", sum, units)
		}
		for i, s := range before {
			k := taken[s.Lot]
			if k.Qty != k.Units*s.BasePerUnit {
				t.Fatalf("not whole units: %+v", k)
			}
			if after[i].Available != s.Available-k.Qty {
				t.Fatalf("%s: %d left of %d after %d", s.Lot, after[i].Available, s.Available, k.Qty)
			}
			if k.Qty > max(s.Available, 0) {
				t.Fatalf("%s gives %d of %d", s.Lot, k.Qty, s.Available)
			}
			for _, later := range before { // nothing is taken from a later lot while an earlier one has a whole unit
				if expiresBefore(s, later) && taken[later.Lot].Units > 0 && after[i].Available >= s.BasePerUnit {
					t.Fatalf("%s was passed over for %s", s.Lot, later.Lot)
				}
			}
		}
		shuffled := rapid.Permutation(before).Draw(t, "shuffled")
		if again, ok := lot.Allocate(shuffled, units); !ok || !slices.Equal(again, takes) {
			t.Fatalf("another order of the same lots gives %v, not %v", again, takes)
		}
	})
}

// TestLinesNeverPassTheTotal allocates line after line from the same stocks.
func TestLinesNeverPassTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stocks := drawStocks(t)
		total := lot.Units(stocks)
		var given int64
		for _, n := range rapid.SliceOfN(rapid.Int64Range(1, 9), 1, 12).Draw(t, "lines") {
			takes, ok := lot.Allocate(stocks, n)
			for _, k := range takes {
				given += k.Units
			}
			if ok != (len(takes) > 0) {
				t.Fatal("ok and takes differ")
			}
			if !ok && lot.Units(stocks) >= n {
				t.Fatal("refused though there was enough")
			}
		}
		if given > total || given+lot.Units(stocks) != total {
			t.Fatalf("given %d, left %d of %d", given, lot.Units(stocks), total)
		}
	})
}

func BenchmarkAllocate(b *testing.B) {
	stocks := []lot.Stock{{Lot: "a", Available: 1 << 60, BestBefore: 20261123, BasePerUnit: 1000}, {Lot: "b", Available: 1 << 40, BasePerUnit: 1000}}
	for b.Loop() {
		lot.Allocate(stocks, 2)
	}
}
