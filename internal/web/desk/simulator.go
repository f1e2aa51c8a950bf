package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// simField is a figure of the plan: a number of people's, kept as fen, basis
// points or a count.
type simField struct {
	name, key, unit string
	to              *int64
	count           bool // a whole number; else two decimals (yuan, per cent)
	most            int64
	typed           string // what can't be read, shown again
}

// simFields are the plan's figures in three groups.
func simFields(p *breakeven.Plan, localBP *int64) [3][]simField {
	fen := func(f *money.Fen) *int64 { return (*int64)(f) }
	return [3][]simField{
		{{"shows", "breakeven.shows", "", &p.Shows, true, 100, ""}, {"orders", "breakeven.orders_show", "", &p.Orders, true, 1000, ""}, {"basket", "breakeven.basket", "¥", fen(&p.Basket), false, 300_00, ""},
			{"outside", "breakeven.outside", "%", &p.OutsideBP, false, 100_00, ""}, {"commission", "breakeven.commission_rate", "%", &p.CommissionBP, false, 50_00, ""},
			{"resale", "breakeven.resale", "%", &p.ResaleBP, false, 100_00, ""}, {"margin", "breakeven.margin_rate", "%", &p.MarginBP, false, 50_00, ""},
			{"local_fee", "breakeven.local_fee", "%", localBP, false, 20_00, ""}},
		{{"freight_in", "breakeven.in_freight", "¥", fen(&p.FreightIn), false, 30_00, ""}, {"freight_out", "breakeven.out_freight", "¥", fen(&p.FreightOut), false, 30_00, ""}, {"packing", "breakeven.packing", "¥", fen(&p.Packing), false, 20_00, ""},
			{"fee", "breakeven.fee_rate", "%", &p.FeeBP, false, 3_00, ""}, {"claims", "breakeven.claims_rate", "%", &p.ClaimsBP, false, 10_00, ""}},
		{{"host_pay", "breakeven.host_show", "¥", fen(&p.HostPay), false, 1000_00, ""}, {"wages", "breakeven.wages", "¥", fen(&p.Wages), false, 50_000_00, ""}, {"classes", "breakeven.classes", "¥", fen(&p.Classes), false, 20_000_00, ""},
			{"other", "breakeven.other", "¥", fen(&p.Other), false, 20_000_00, ""}, {"service", "breakeven.service", "¥", fen(&p.Service), false, 50_000_00, ""}},
	}
}

// text is the figure as it stands in its field.
func (f simField) text() string {
	switch {
	case f.typed != "":
		return f.typed
	case f.count:
		return n64(*f.to)
	}
	return money.Fen(*f.to).Short()
}

func (f simField) step() string {
	if f.count {
		return "1"
	}
	return "0.01"
}

func (f simField) limit() string {
	if f.count {
		return n64(f.most)
	}
	return money.Fen(f.most).Short()
}

// read takes the figure from a query; what is missing keeps its default.
func (f *simField) read(q url.Values) *fault.Error {
	s := strings.TrimSpace(q.Get(f.name))
	if s == "" {
		return nil
	}
	v, err := money.Parse(s)
	if err != nil || f.count && strings.Contains(s, ".") {
		f.typed = s
		return fault.New(fault.Invalid, "fault.amount").At(f.name)
	}
	if *f.to = int64(v); f.count {
		*f.to = int64(v) / 100
	}
	return nil
}

// usual is a plan to begin with: a small centre's month.
var usual = breakeven.Plan{Shows: 20, Orders: 60, Basket: 42_00, OutsideBP: 3000, CommissionBP: 1200, ResaleBP: 1000, MarginBP: 1500, FreightIn: 4_00, FreightOut: 3_80,
	Packing: 80, FeeBP: 60, ClaimsBP: 60, HostPay: 60_00, Wages: 300_00, Classes: 200_00}

type simView struct {
	page.Base
	Groups  [3][]simField
	Plan    breakeven.Plan
	Out     breakeven.Outcome
	Point   int64
	Pays    bool // there is such a point
	Refused string
	Errors  map[string]string
	Chart   chart
}

// simulator reckons a plan. A commission on local goods is no part of it: what
// the ledger's guard says to such a sale is shown instead.
func (h *screens) simulator(w http.ResponseWriter, r *http.Request) error {
	v := simView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("breakeven.plan_title")), Plan: usual}
	v.Styles, v.Scripts = []string{"desk/desk.css", "desk/settle.css"}, []string{"desk/simulator.js"}
	if r.URL.Query().Get("real") != "" {
		last := clock.DayOf(h.DB.Clock.Now())
		m, err := h.Flow.ReadMonth(r.Context(), v.Actor, (last - last%100 + 1).Add(-1))
		if err != nil {
			return err
		}
		v.Plan = real(m)
	}
	var localBP int64
	var bad []*fault.Error
	v.Groups = simFields(&v.Plan, &localBP)
	for _, g := range v.Groups {
		for i := range g {
			if e := g[i].read(r.URL.Query()); e != nil {
				bad = append(bad, e)
			}
		}
	}
	plan := v.Plan
	if err := plan.Check(); err != nil {
		bad = append(bad, fault.Of(err).All()...)
	}
	if len(bad) > 0 {
		plan = usual // what was typed stays in the form
		v.Errors = map[string]string{}
		for _, f := range bad {
			v.Errors[f.Field] = v.P.Err(f)
		}
	}
	if localBP > 0 {
		v.Refused = h.Refusal(r.Context(), v.Base, localSale(max(plan.Basket, 100), localBP))
	}
	v.Out = breakeven.Simulate(plan)
	v.Point, v.Pays = breakeven.BreakEven(plan)
	v.Chart = chartOf(plan, v.Point, v.Pays)
	return h.Render(w, r, simScreen(v))
}

// localSale is a sale of a local producer's goods with a commission taken.
func localSale(goods money.Fen, bp int64) promise.Sale {
	fee := max(goods.Share(min(bp, 10000)), 1)
	return promise.Sale{Order: "plan", Shares: []promise.Share{{Producer: "local", Local: true, Goods: goods, Commission: fee, Owed: goods - fee}}}
}

// real is a plan of a month's own figures.
func real(m flow.MonthOf) breakeven.Plan {
	p, a := usual, m.All
	n := int64(0)
	for _, s := range m.Shows {
		if s.Show != "" {
			n++
		}
	}
	if n == 0 || a.Orders == 0 || a.Paid <= 0 {
		return p
	}
	orders := money.Fen(a.Orders)
	goods := max(a.Paid-a.Income.Freight, 1)
	outside := max(goods-a.Local, 0)
	bp := func(part, of money.Fen) int64 { return int64(part) * 10000 / max(int64(of), 1) }
	p.Shows, p.Orders, p.Basket = n, max(a.Orders/n, 1), goods/orders
	p.OutsideBP, p.CommissionBP = min(bp(outside, goods), 10000), min(bp(a.Income.Commission, outside), 5000)
	p.ResaleBP, p.MarginBP = 10000, max(min(bp(a.Income.Margin, max(a.Local, 1)), 9000), 0)
	p.FreightIn, p.FreightOut, p.Packing = max(a.Income.Freight, 0)/orders, max(a.Costs.Freight, 0)/orders, max(a.Costs.Packing, 0)/orders // below zero when more was taken back than entered
	p.FeeBP, p.ClaimsBP = min(max(bp(a.Costs.ProviderFee, a.Paid), 0), 1000), min(bp(a.Costs.Claims, goods), 5000)
	p.HostPay, p.Wages, p.Classes = max(a.Costs.HostPay, 0)/money.Fen(n), max(a.Costs.Wages, 0), max(a.Costs.Classes, 0)
	p.Other, p.Service = max(a.Costs.Other+a.Costs.Materials+a.Costs.Gifts, 0), max(a.Income.Service, 0)
	return p
}

// chart is income and costs over orders a show, in the units of its drawing.
type chart struct {
	Income, Cost string // points of a line
	PointX       string // where they meet; "" if nowhere on it
	NowX         string
	X, Y         []mark
	Points       []breakeven.Point
}

// mark is a label of an axis.
type mark struct{ At, Label string }

// Measures of the drawing.
const (
	chartW, chartH                            = 640.0, 280.0
	chartLeft, chartRight, chartTop, chartLow = 64.0, 14.0, 14.0, 34.0
)

// step is the smallest round number of at least n: an axis is read by those.
func step(n int64) int64 {
	for ten := int64(1); ; ten *= 10 {
		for _, s := range []int64{ten, 2 * ten, 4 * ten, 5 * ten, 8 * ten} {
			if s >= n {
				return s
			}
		}
	}
}

func chartOf(p breakeven.Plan, point int64, pays bool) chart {
	most := max(2*p.Orders, 20)
	if pays {
		most = max(most, min(2*point, breakeven.MaxOrders))
	}
	most = min(5*step((most+4)/5), breakeven.MaxOrders)
	c := chart{Points: breakeven.Curve(p, most, 10)}
	top := money.Fen(1)
	for _, q := range c.Points {
		top = max(top, q.Income, q.Cost)
	}
	top = 4 * 100 * money.Fen(step((int64(top)+399)/400)) // four steps of whole yuan
	x := func(n int64) float64 { return chartLeft + (chartW-chartLeft-chartRight)*float64(n)/float64(most) }
	y := func(f money.Fen) float64 {
		return chartH - chartLow - (chartH-chartLow-chartTop)*float64(max(f, 0))/float64(top)
	}
	var in, out []string
	for _, q := range c.Points {
		in = append(in, fmt.Sprintf("%.1f,%.1f", x(q.Orders), y(q.Income)))
		out = append(out, fmt.Sprintf("%.1f,%.1f", x(q.Orders), y(q.Cost)))
	}
	c.Income, c.Cost = strings.Join(in, " "), strings.Join(out, " ")
	for i := range int64(6) {
		c.X = append(c.X, mark{fmt.Sprintf("%.1f", x(most*i/5)), n64(most * i / 5)})
	}
	for i := range money.Fen(5) {
		f := top * i / 4
		c.Y = append(c.Y, mark{fmt.Sprintf("%.1f", y(f)), strings.TrimSuffix(site.Exact(f), ".00")})
	}
	if pays && point <= most {
		c.PointX = fmt.Sprintf("%.1f", x(point))
	}
	c.NowX = fmt.Sprintf("%.1f", x(min(p.Orders, most)))
	return c
}
