package breakeven

import (
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Income is what pays, by where it comes from.
type Income struct {
	Commission money.Fen // of outside sellers
	Margin     money.Fen // of goods the centre bought and sold; below zero when sold cheaper
	Freight    money.Fen // paid by buyers
	Service    money.Fen
}

// Sum of all income.
func (i Income) Sum() money.Fen { return i.Commission + i.Margin + i.Freight + i.Service }

// Costs are what is paid.
type Costs struct {
	HostPay, Freight, Packing, Claims, Promotion, ProviderFee, Wages, Classes, Materials, Other money.Fen
	// Gifts of children that the charity fund had spent: the centre gave them back.
	Gifts money.Fen
}

// Sum of all costs.
func (c Costs) Sum() money.Fen {
	return c.HostPay + c.Freight + c.Packing + c.Claims + c.Promotion + c.ProviderFee + c.Wages + c.Classes + c.Materials + c.Other + c.Gifts
}

// of is where a kind of cost is added up.
func (c *Costs) of(kind string) *money.Fen {
	switch kind {
	case "freight":
		return &c.Freight
	case "packing":
		return &c.Packing
	case "wages":
		return &c.Wages
	case "classes":
		return &c.Classes
	case "materials":
		return &c.Materials
	}
	return &c.Other
}

// Show is a show's part of a month; Show "" is what was sold outside shows.
type Show struct {
	Show   id.Show
	Title  string
	Orders int64
	Paid   money.Fen // by buyers, goods and freight, less refunds
	Local  money.Fen // of it goods of local producers, who pay nothing for it
	Income Income
	Costs  Costs
}

// Result is income less costs.
func (s Show) Result() money.Fen { return s.Income.Sum() - s.Costs.Sum() }

// Share parts the month's shared costs among its shows (see doc.go) and gives
// what can't be parted: classes, services of no show, and everything in a month
// without a sale.
func Share(shows []Show, costs []Cost, providerFee money.Fen) (Show, error) {
	var rest Show
	at := map[id.Show]int{}
	orders, paid, each := make([]int64, len(shows)), make([]int64, len(shows)), make([]int64, len(shows))
	for i, s := range shows {
		at[s.Show] = i
		orders[i], paid[i] = s.Orders, max(int64(s.Paid), 0)
		if s.Show != "" {
			each[i] = 1
		}
	}
	part := func(fen money.Fen, by []int64, to func(*Costs) *money.Fen) error {
		if sum(by) == 0 {
			*to(&rest.Costs) += fen
			return nil
		}
		sign := money.Fen(1)
		if fen < 0 { // taken back: parted like a cost, the other way round
			sign = -1
		}
		parts, err := (sign * fen).Split(by...)
		for i := range parts {
			*to(&shows[i].Costs) += sign * parts[i]
		}
		return err
	}
	for _, c := range costs {
		i, known := at[c.Show]
		to := func(x *Costs) *money.Fen { return x.of(c.Kind) }
		var err error
		switch {
		case c.Kind == Service && known && c.Show != "":
			shows[i].Income.Service += c.Fen
		case c.Kind == Service:
			rest.Income.Service += c.Fen
		case c.Kind == "classes":
			rest.Costs.Classes += c.Fen
		case known && c.Show != "":
			*to(&shows[i].Costs) += c.Fen
		case c.Kind == "wages":
			err = part(c.Fen, each, to)
		default:
			err = part(c.Fen, orders, to)
		}
		if err != nil {
			return rest, err
		}
	}
	return rest, part(providerFee, paid, func(x *Costs) *money.Fen { return &x.ProviderFee })
}

func sum(w []int64) (n int64) {
	for _, x := range w {
		n += x
	}
	return n
}
