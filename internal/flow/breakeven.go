package flow

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
)

// AddCost keeps and books a cost of the centre, or what it earned by a service
// (finance). The same key is booked once. Faults: promise.rent_is_given.
func (f *Flow) AddCost(ctx context.Context, who actor.Actor, c breakeven.Cost) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		c.ID = id.New[id.Cost]()
		if c.Kind == "rent" { // the promise says why, before the table's CHECK does
			if err := who.Need(actor.Finance); err != nil {
				return err
			}
			return promise.CostPaid(ctx, tx, string(c.ID), c.Kind, max(c.Fen, 1), c.Memo)
		}
		added, err := breakeven.Add(ctx, tx, who, c)
		switch {
		case err != nil || !added:
			return err
		case c.Kind == breakeven.Service:
			return promise.ServiceEarned(ctx, tx, string(c.ID), c.Fen, c.Memo)
		}
		return promise.CostPaid(ctx, tx, string(c.ID), c.Kind, c.Fen, c.Memo)
	})
}

// MonthOf is what a month brought and cost.
type MonthOf struct {
	From, To clock.Day
	Shows    []breakeven.Show // by result, the best first; "" is what was sold outside shows
	Rest     breakeven.Show   // what belongs to no show
	All      breakeven.Show   // all of it
	Costs    []breakeven.Cost // as entered
}

// ReadMonth reckons the month that a day is in (finance, overseer, admin).
// Money counts on the day it moved: a refund of last month's order is this
// month's.
func (f *Flow) ReadMonth(ctx context.Context, who actor.Actor, day clock.Day) (MonthOf, error) {
	if err := who.Need(actor.Finance, actor.Overseer, actor.Admin); err != nil {
		return MonthOf{}, err
	}
	return readMonth(ctx, f.DB, day)
}

// ReadYear reckons each month of the year up to the one a day is in; the sum
// is the year to date.
func (f *Flow) ReadYear(ctx context.Context, who actor.Actor, day clock.Day) ([]MonthOf, breakeven.Show, error) {
	var all breakeven.Show
	if err := who.Need(actor.Finance, actor.Overseer, actor.Admin); err != nil {
		return nil, all, err
	}
	var out []MonthOf
	for m := clock.Day(1); m <= day/100%100; m++ {
		x, err := readMonth(ctx, f.DB, day-day%10000+m*100+1)
		if err != nil {
			return nil, all, err
		}
		out = append(out, x)
		add(&all, x.All)
	}
	return out, all, nil
}

func readMonth(ctx context.Context, q db.Querier, day clock.Day) (MonthOf, error) {
	first := day - day%100 + 1
	m := MonthOf{From: first, To: clock.DayOf(first.Time().AddDate(0, 1, -1))}
	byShow, err := showMoney(ctx, q, m.From, m.To)
	if err != nil {
		return m, err
	}
	for _, s := range byShow {
		m.Shows = append(m.Shows, *s)
	}
	slices.SortFunc(m.Shows, func(a, b breakeven.Show) int { return cmpID(a.Show, b.Show) })
	if m.Costs, err = breakeven.Between(ctx, q, m.From, m.To); err != nil {
		return m, err
	}
	fees, err := promise.ProviderFees(ctx, q, m.From, m.To)
	if err != nil {
		return m, err
	}
	if m.Rest, err = breakeven.Share(m.Shows, m.Costs, fees); err != nil {
		return m, err
	}
	for _, s := range append(m.Shows[:len(m.Shows):len(m.Shows)], m.Rest) {
		add(&m.All, s)
	}
	slices.SortStableFunc(m.Shows, func(a, b breakeven.Show) int { return int(max(-1, min(1, b.Result()-a.Result()))) })
	return m, nameShows(ctx, q, m.Shows)
}

func cmpID(a, b id.Show) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func nameShows(ctx context.Context, q db.Querier, shows []breakeven.Show) error {
	for i, s := range shows {
		if s.Show == "" {
			continue
		}
		x, err := show.ByID(ctx, q, s.Show)
		if err != nil {
			return err
		}
		shows[i].Title = x.Title
	}
	return nil
}

func add(to *breakeven.Show, s breakeven.Show) {
	to.Orders += s.Orders
	to.Paid += s.Paid
	to.Local += s.Local
	to.Income.Commission += s.Income.Commission
	to.Income.Margin += s.Income.Margin
	to.Income.Freight += s.Income.Freight
	to.Income.Service += s.Income.Service
	to.Costs.HostPay += s.Costs.HostPay
	to.Costs.Freight += s.Costs.Freight
	to.Costs.Packing += s.Costs.Packing
	to.Costs.Claims += s.Costs.Claims
	to.Costs.Promotion += s.Costs.Promotion
	to.Costs.ProviderFee += s.Costs.ProviderFee
	to.Costs.Wages += s.Costs.Wages
	to.Costs.Classes += s.Costs.Classes
	to.Costs.Materials += s.Costs.Materials
	to.Costs.Other += s.Costs.Other
	to.Costs.Gifts += s.Costs.Gifts
}

// showReads add up by show what moved from $1 to before $2 (microseconds; days
// for hosts' pay): up to five figures each. They walk over tables of several
// modules, as fsck's do.
var showReads = []struct {
	text string
	days bool
	take func(s *breakeven.Show, f [5]int64)
}{
	{`SELECT show_id, count(*), sum(total_fen - discount_fen), sum(freight_fen), sum(discount_fen), 0 FROM sale_order WHERE paid_us >= $1 AND paid_us < $2`, false,
		func(s *breakeven.Show, f [5]int64) {
			s.Orders += f[0]
			s.Paid += money.Fen(f[1])
			s.Income.Freight += money.Fen(f[2])
			s.Costs.Promotion += money.Fen(f[3])
		}},
	{`SELECT o.show_id, sum(s.commission_fen), sum(s.margin_fen), sum(CASE WHEN s.local THEN s.goods_fen ELSE 0 END), 0, 0
		FROM order_share s JOIN sale_order o ON o.id = s.order_id WHERE o.paid_us >= $1 AND o.paid_us < $2`, false,
		func(s *breakeven.Show, f [5]int64) {
			s.Income.Commission += money.Fen(f[0])
			s.Income.Margin += money.Fen(f[1])
			s.Local += money.Fen(f[2])
		}},
	{`SELECT o.show_id, sum(s.commission_fen), sum(s.margin_fen), sum(CASE WHEN s.local THEN s.goods_fen ELSE 0 END), sum(s.goods_fen),
			sum(CASE WHEN s.bearer = 'centre' THEN s.goods_fen ELSE 0 END)
		FROM refund_share s JOIN sale_order o ON o.id = s.order_id WHERE s.at_us >= $1 AND s.at_us < $2`, false,
		func(s *breakeven.Show, f [5]int64) {
			s.Income.Commission -= money.Fen(f[0])
			s.Income.Margin -= money.Fen(f[1])
			s.Local -= money.Fen(f[2])
			s.Paid -= money.Fen(f[3])
			s.Costs.Claims += money.Fen(f[4])
		}},
	{`SELECT o.show_id, sum(p.freight_fen), sum(p.discount_fen), 0, 0, 0 FROM refund_part p JOIN sale_order o ON o.id = p.order_id WHERE p.at_us >= $1 AND p.at_us < $2`, false,
		func(s *breakeven.Show, f [5]int64) {
			s.Income.Freight -= money.Fen(f[0])
			s.Paid -= money.Fen(f[0] - f[1])
			s.Costs.Promotion -= money.Fen(f[1])
		}},
	{`SELECT show_id, sum(fen), 0, 0, 0, 0 FROM gift WHERE state = 'covered' AND done_us >= $1 AND done_us < $2`, false,
		func(s *breakeven.Show, f [5]int64) { s.Costs.Gifts += money.Fen(f[0]) }},
	{`SELECT show_id, sum(host_fen + agency_fen), 0, 0, 0, 0 FROM host_earning WHERE day >= $1 AND day <= $2`, true,
		func(s *breakeven.Show, f [5]int64) { s.Costs.HostPay += money.Fen(f[0]) }},
	{`SELECT e.show_id, sum(b.host_fen + b.agency_fen), 0, 0, 0, 0 FROM host_earning_back b JOIN host_earning e ON e.id = b.earning_id WHERE b.day >= $1 AND b.day <= $2`, true,
		func(s *breakeven.Show, f [5]int64) { s.Costs.HostPay -= money.Fen(f[0]) }},
}

func showMoney(ctx context.Context, q db.Querier, from, to clock.Day) (map[id.Show]*breakeven.Show, error) {
	out := map[id.Show]*breakeven.Show{}
	for _, read := range showReads {
		args := []any{clock.Us(from.Time()), clock.Us(to.Add(1).Time())}
		if read.days {
			args = []any{int64(from), int64(to)}
		}
		type row struct {
			show id.Show
			f    [5]int64
		}
		rows, err := q.Query(ctx, `WITH x (show_id, a, b, c, d, e) AS (`+read.text+` GROUP BY 1)
			SELECT show_id, CAST(a AS BIGINT), CAST(b AS BIGINT), CAST(c AS BIGINT), CAST(d AS BIGINT), CAST(e AS BIGINT) FROM x ORDER BY show_id`, args...)
		list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.show, &x.f[0], &x.f[1], &x.f[2], &x.f[3], &x.f[4]) })
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			s := out[x.show]
			if s == nil {
				s = &breakeven.Show{Show: x.show}
				out[x.show] = s
			}
			read.take(s, x.f)
		}
	}
	return out, nil
}
