package lot

import (
	"cmp"
	"slices"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Stock is a lot as the allocation sees it.
type Stock struct {
	Lot         id.Lot
	Producer    id.Producer
	Available   int64 // base units
	BestBefore  clock.Day
	Harvest     clock.Day
	BasePerUnit int64
	Pay         money.Fen // as in Lot
}

// Take is units of a lot given to a line.
type Take struct {
	Lot   id.Lot
	Units int64
	Qty   int64
}

// Allocate fills units from the stocks, first expired first (best before, then
// harvest day, then id; a lot that keeps comes last), whole sell units only.
// It is pure and changes Available of the stocks it takes from. ok is false,
// and nothing taken, when there is not enough.
func Allocate(stocks []Stock, units int64) (takes []Take, ok bool) {
	if units <= 0 || Units(stocks) < units {
		return nil, false
	}
	for _, i := range order(stocks) {
		s := &stocks[i]
		n := min(units, s.units())
		if n == 0 {
			continue
		}
		takes = append(takes, Take{s.Lot, n, n * s.BasePerUnit})
		s.Available -= n * s.BasePerUnit
		if units -= n; units == 0 {
			break
		}
	}
	return takes, true
}

// Units is how many whole sell units the stocks can give.
func Units(stocks []Stock) int64 {
	var n int64
	for i := range stocks {
		if n += stocks[i].units(); n < 0 {
			return 1<<63 - 1 // more than can be counted is enough
		}
	}
	return n
}

func (s *Stock) units() int64 {
	if s.BasePerUnit <= 0 || s.Available < s.BasePerUnit {
		return 0
	}
	return s.Available / s.BasePerUnit
}

// order is the stocks' indexes, first expired first. Stocks read by
// OnSaleStock come sorted, which costs nothing here.
func order(stocks []Stock) []int {
	idx := make([]int, len(stocks))
	for i := range idx {
		idx[i] = i
	}
	slices.SortStableFunc(idx, func(a, b int) int { return before(stocks[a], stocks[b]) })
	return idx
}

func before(a, b Stock) int {
	return cmp.Or(
		cmp.Compare(uint32(a.BestBefore-1), uint32(b.BestBefore-1)), // 0 becomes the greatest: it keeps
		cmp.Compare(a.Harvest, b.Harvest),
		cmp.Compare(a.Lot, b.Lot))
}
