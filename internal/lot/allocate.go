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
	Available   int64 // base units that nobody holds: neither reserved nor allotted
	BestBefore  clock.Day
	Harvest     clock.Day
	BasePerUnit int64
	Pay         money.Fen // as in Lot
	Floor       money.Fen // as in Lot
	Slices      []Slice   // its open allotments
	// Due tells that Available counts allotments whose time is over but which
	// still stand open in the table: GiveBackDue comes before Reserve.
	Due bool
}

// Slice is what an open allotment has left.
type Slice struct {
	ID     id.Allotment
	Show   id.Show // one of the two
	Host   id.User
	Rest   int64 // base units
	Capped bool  // when it is used up, they sell no more of the product
}

// Ask is what an order line wants of its product's lots.
type Ask struct {
	Units int64
	Show  id.Show   // it is ordered in, with its host; both empty outside a show
	Host  id.User   //
	Price money.Fen // of a unit: no lot is given below its floor. 0: not looked at
}

// owns tells whether a slice is for the asking show.
func (a Ask) owns(s Slice) bool {
	return s.Show != "" && s.Show == a.Show || s.Host != "" && s.Host == a.Host
}

// capped tells whether the asking show is to sell from its slices only.
func (a Ask) capped(stocks []Stock) bool {
	for i := range stocks {
		for _, s := range stocks[i].Slices {
			if s.Capped && a.owns(s) {
				return true
			}
		}
	}
	return false
}

func (a Ask) pays(s *Stock) bool { return a.Price == 0 || a.Price >= s.Floor }

// Take is units of a lot given to a line.
type Take struct {
	Lot       id.Lot
	Allotment id.Allotment // from this slice; "" for what is open to all
	Units     int64
	Qty       int64
}

// Allocate fills an ask from the stocks: first what is allotted to its show,
// then, unless that is capped, what is open to all; in both first expired first
// (best before, then harvest day, then id; a lot that keeps comes last), whole
// sell units only, no lot below its floor. It is pure and changes what it takes
// from. ok is false, and nothing taken, when there is not enough.
func Allocate(stocks []Stock, a Ask) (takes []Take, ok bool) {
	if a.Units <= 0 || Units(stocks, a) < a.Units {
		return nil, false
	}
	left := a.Units
	from := func(s *Stock, rest *int64, slice id.Allotment) {
		if n := min(left, whole(*rest, s.BasePerUnit)); n > 0 {
			takes = append(takes, Take{s.Lot, slice, n, n * s.BasePerUnit})
			*rest -= n * s.BasePerUnit
			left -= n
		}
	}
	idx := order(stocks)
	for _, i := range idx {
		s := &stocks[i]
		for k := range s.Slices {
			if a.owns(s.Slices[k]) && a.pays(s) {
				from(s, &s.Slices[k].Rest, s.Slices[k].ID)
			}
		}
	}
	for _, i := range idx {
		if left == 0 || a.capped(stocks) {
			break
		}
		if s := &stocks[i]; a.pays(s) {
			from(s, &s.Available, "")
		}
	}
	return takes, true
}

// GiveBack undoes an Allocate.
func GiveBack(stocks []Stock, takes []Take) {
	for _, t := range takes {
		s := &stocks[slices.IndexFunc(stocks, func(s Stock) bool { return s.Lot == t.Lot })]
		if t.Allotment == "" {
			s.Available += t.Qty
			continue
		}
		k := slices.IndexFunc(s.Slices, func(x Slice) bool { return x.ID == t.Allotment })
		s.Slices[k].Rest += t.Qty
	}
}

// Units is how many whole sell units the stocks can give to an ask, whatever
// its own Units are.
func Units(stocks []Stock, a Ask) int64 {
	var n int64
	open := !a.capped(stocks)
	add := func(s *Stock, rest int64) {
		if n += whole(rest, s.BasePerUnit); n < 0 {
			n = 1<<63 - 1 // more than can be counted is enough
		}
	}
	for i := range stocks {
		s := &stocks[i]
		if !a.pays(s) {
			continue
		}
		for _, x := range s.Slices {
			if a.owns(x) {
				add(s, x.Rest)
			}
		}
		if open {
			add(s, s.Available)
		}
	}
	return n
}

func whole(qty, perUnit int64) int64 {
	if perUnit <= 0 || qty < perUnit {
		return 0
	}
	return qty / perUnit
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
