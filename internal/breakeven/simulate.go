package breakeven

import (
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/money"
)

// Plan is a month as it might be. Rates are basis points.
type Plan struct {
	Shows        int64     // a month
	Orders       int64     // a show
	Basket       money.Fen // goods of an order
	OutsideBP    int64     // part of the goods that comes from outside sellers
	CommissionBP int64     // they pay
	ResaleBP     int64     // part of the local goods that the centre buys and sells
	MarginBP     int64     // of what it buys and sells, of the sale price
	FreightIn    money.Fen // an order, paid by its buyer
	FreightOut   money.Fen // an order, to the carrier
	Packing      money.Fen // an order
	FeeBP        int64     // of the payment provider
	ClaimsBP     int64     // of the goods, borne by the centre
	HostPay      money.Fen // a show
	Wages        money.Fen // a month
	Classes      money.Fen // a month
	Other        money.Fen // a month
	Service      money.Fen // income, a month
}

// Limits of a plan.
const (
	MaxShows  = 1_000
	MaxOrders = 100_000
)

// Check tells what can't be, one fault a field.
func (p Plan) Check() error {
	var bad []*fault.Error
	for _, f := range []struct {
		name     string
		n        int64
		min, max int64
	}{
		{"shows", p.Shows, 0, MaxShows}, {"orders", p.Orders, 0, MaxOrders}, {"outside", p.OutsideBP, 0, 10000}, {"commission", p.CommissionBP, 0, 5000},
		{"resale", p.ResaleBP, 0, 10000}, {"margin", p.MarginBP, 0, 9000}, {"fee", p.FeeBP, 0, 1000}, {"claims", p.ClaimsBP, 0, 5000},
	} {
		if f.n < f.min || f.n > f.max {
			bad = append(bad, fault.New(fault.Invalid, "fault.number", "Min", f.min, "Max", f.max).At(f.name))
		}
	}
	for name, f := range map[string]money.Fen{"basket": p.Basket, "freight_in": p.FreightIn, "freight_out": p.FreightOut, "packing": p.Packing,
		"host_pay": p.HostPay, "wages": p.Wages, "classes": p.Classes, "other": p.Other, "service": p.Service} {
		if f < 0 || f > 100_000_000 { // a million yuan
			bad = append(bad, fault.New(fault.Invalid, "fault.amount").At(name))
		}
	}
	return fault.Join(bad...)
}

// Outcome of a plan for a month.
type Outcome struct {
	Income Income
	Costs  Costs
	Goods  money.Fen
	Local  money.Fen // goods of local producers, all theirs but the margin of what the centre bought
	// PerOrder is what an order leaves after its own costs; PerShow what a show
	// leaves after its host's pay; Fixed what the month costs whatever is sold.
	PerOrder, PerShow, Fixed money.Fen
}

// Result is income less costs.
func (o Outcome) Result() money.Fen { return o.Income.Sum() - o.Costs.Sum() }

// Simulate reckons a month. Amounts are rounded half up to the fen for the
// month as a whole.
func Simulate(p Plan) Outcome {
	n := p.Shows * p.Orders
	times := func(f money.Fen, k int64) money.Fen { return f * money.Fen(k) } // within Plan.Check far from an overflow
	o := Outcome{Goods: times(p.Basket, n)}
	outside := o.Goods.Share(p.OutsideBP)
	o.Local = o.Goods - outside
	o.Income = Income{Commission: outside.Share(p.CommissionBP), Margin: o.Local.Share(p.ResaleBP).Share(p.MarginBP),
		Freight: times(p.FreightIn, n), Service: p.Service}
	o.Costs = Costs{HostPay: times(p.HostPay, p.Shows), Freight: times(p.FreightOut, n), Packing: times(p.Packing, n), Claims: o.Goods.Share(p.ClaimsBP),
		ProviderFee: (o.Goods + o.Income.Freight).Share(p.FeeBP), Wages: p.Wages, Classes: p.Classes, Other: p.Other}
	own := o.Income.Sum() - p.Service - (o.Costs.Freight + o.Costs.Packing + o.Costs.Claims + o.Costs.ProviderFee)
	if n > 0 {
		o.PerOrder = own / money.Fen(n)
	}
	if p.Shows > 0 {
		o.PerShow = (own - o.Costs.HostPay) / money.Fen(p.Shows)
	}
	o.Fixed = p.Wages + p.Classes + p.Other - p.Service
	return o
}

// Point is an outcome along the curve.
type Point struct {
	Orders       int64 // a show
	Income, Cost money.Fen
}

// Curve gives points of income and costs over orders a show up to most, for
// the chart.
func Curve(p Plan, most int64, points int) []Point {
	out := make([]Point, 0, points+1)
	for i := range points + 1 {
		p.Orders = most * int64(i) / int64(points)
		o := Simulate(p)
		out = append(out, Point{p.Orders, o.Income.Sum(), o.Costs.Sum()})
	}
	return out
}

// BreakEven is the least number of orders a show with which the month does not
// lose; false if there is none up to MaxOrders. Income and costs grow in a
// straight line with orders, up to rounding, so it is found by halving.
func BreakEven(p Plan) (int64, bool) {
	pays := func(n int64) bool { p.Orders = n; return Simulate(p).Result() >= 0 }
	if pays(0) {
		return 0, true
	}
	lo, hi := int64(0), int64(MaxOrders)
	if !pays(hi) {
		return 0, false
	}
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; pays(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, true
}
