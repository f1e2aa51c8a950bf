package breakeven_test

import (
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// worked is a month by hand: 20 shows of 50 orders of 40 yuan, 30 % outside at
// 12 %, a tenth of the local goods resold at 15 %.
var worked = breakeven.Plan{Shows: 20, Orders: 50, Basket: 40_00, OutsideBP: 3000, CommissionBP: 1200, ResaleBP: 1000, MarginBP: 1500,
	FreightIn: 5_00, FreightOut: 4_50, Packing: 1_00, FeeBP: 60, ClaimsBP: 50, HostPay: 30_00, Wages: 300_00, Classes: 100_00, Service: 200_00}

func TestWorkedMonth(t *testing.T) {
	o := breakeven.Simulate(worked)
	want := breakeven.Outcome{
		Goods: 40_000_00, Local: 28_000_00,
		Income:   breakeven.Income{Commission: 1_440_00, Margin: 420_00, Freight: 5_000_00, Service: 200_00},
		Costs:    breakeven.Costs{HostPay: 600_00, Freight: 4_500_00, Packing: 1_000_00, Claims: 200_00, ProviderFee: 270_00, Wages: 300_00, Classes: 100_00},
		PerOrder: 89, PerShow: 14_50, Fixed: 200_00}
	if o != want {
		t.Errorf("got  %+v\nwant %+v", o, want)
	}
	if o.Result() != 90_00 {
		t.Errorf("result %s", o.Result())
	}
	// An order leaves 0.89; 600 + 400 - 200 are to be earned by 20 shows: 45 orders each.
	if n, ok := breakeven.BreakEven(worked); n != 45 || !ok {
		t.Errorf("breaks even at %d (%v)", n, ok)
	}
	lost := worked
	lost.Packing = 9_00
	if n, ok := breakeven.BreakEven(lost); ok {
		t.Errorf("a loss on every order breaks even at %d", n)
	}
	if c := breakeven.Curve(worked, 100, 20); len(c) != 21 || c[0].Cost != 1_000_00 || c[20].Orders != 100 {
		t.Errorf("curve %v", c)
	}
}

func TestBreakEvenIsTheLeast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := worked
		p.Shows = rapid.Int64Range(1, 60).Draw(rt, "shows")
		p.Basket = money.Fen(rapid.Int64Range(1000, 20000).Draw(rt, "basket"))
		p.OutsideBP = rapid.Int64Range(0, 10000).Draw(rt, "outside")
		p.Wages = money.Fen(rapid.Int64Range(0, 5_000_000).Draw(rt, "wages"))
		n, ok := breakeven.BreakEven(p)
		if !ok {
			p.Orders = breakeven.MaxOrders
			if breakeven.Simulate(p).Result() >= 0 {
				rt.Fatal("it does break even")
			}
			return
		}
		if p.Orders = n; breakeven.Simulate(p).Result() < 0 {
			rt.Fatalf("%d orders lose", n)
		}
		if p.Orders = n - 1; n > 0 && breakeven.Simulate(p).Result() >= 0 {
			rt.Fatalf("%d orders are enough", n-1)
		}
	})
}

// TestSharedCostsAreAllParted: whatever is entered stands on the shows or on
// the month, to the fen.
func TestSharedCostsAreAllParted(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		shows := make([]breakeven.Show, rapid.IntRange(0, 5).Draw(rt, "shows"))
		for i := range shows {
			shows[i] = breakeven.Show{Show: id.Show(rune('a' + i)), Orders: rapid.Int64Range(0, 90).Draw(rt, "orders"), Paid: money.Fen(rapid.Int64Range(-50, 9000).Draw(rt, "paid"))}
		}
		var costs []breakeven.Cost
		var in, out money.Fen
		for range rapid.IntRange(0, 12).Draw(rt, "costs") {
			c := breakeven.Cost{Kind: rapid.SampledFrom(breakeven.Kinds).Draw(rt, "kind"), Fen: money.Fen(rapid.Int64Range(1, 100_000).Draw(rt, "fen")),
				Show: id.Show(rapid.SampledFrom([]string{"", "a", "b", "gone"}).Draw(rt, "show"))}
			if c.Kind == breakeven.Service {
				in += c.Fen
			} else {
				out += c.Fen
			}
			costs = append(costs, c)
		}
		fee := money.Fen(rapid.Int64Range(-10, 1000).Draw(rt, "fee"))
		rest, err := breakeven.Share(shows, costs, fee)
		if err != nil {
			rt.Fatal(err)
		}
		for _, s := range append(shows, rest) {
			in -= s.Income.Sum()
			out -= s.Costs.Sum()
			if s.Show != "" && s.Costs.Classes != 0 {
				rt.Fatal("a show pays for classes")
			}
		}
		if in != 0 || out != -fee {
			rt.Fatalf("%s income and %s costs are lost", in, out+fee)
		}
	})
}

func TestPlanOutOfReach(t *testing.T) {
	for _, p := range []breakeven.Plan{{Shows: -1}, {Orders: breakeven.MaxOrders + 1}, {CommissionBP: 5001}, {Basket: -1}, {Wages: 100_000_001}} {
		if p.Check() == nil {
			t.Errorf("%+v passed", p)
		}
	}
}
