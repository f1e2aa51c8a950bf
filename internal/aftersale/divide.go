package aftersale

import (
	"fmt"
	"slices"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Share is one producer's part of a line, from one lot, as it was sold, and
// what of it was taken back before.
type Share struct {
	Reservation string
	Line        id.Line
	Lot         id.Lot
	Producer    id.Producer
	Local       bool
	Settlement  string
	Units       int64
	Goods       money.Fen // = Commission + Owed + Margin
	Commission  money.Fen
	Owed        money.Fen
	Margin      money.Fen

	BackUnits int64
	Back      money.Fen // of Goods, whoever bore it
	Borne     money.Fen // of Back, borne by the producer's side
}

// Left is what can still be taken back.
func (s Share) Left() money.Fen { return s.Goods - s.Back }

// UnitsLeft are the units that can still be taken back.
func (s Share) UnitsLeft() int64 { return s.Units - s.BackUnits }

// Take is what is to be taken back of a line: whole units or an amount.
type Take struct {
	Line  id.Line
	Units int64
	Fen   money.Fen // when Units is 0
}

// SharePart is what is taken back of a share. The last three are 0 when
// another than the producer bears it.
type SharePart struct {
	Reservation string
	Line        id.Line
	Lot         id.Lot
	Producer    id.Producer
	Local       bool
	Settlement  string
	Units       int64
	Goods       money.Fen
	Commission  money.Fen
	Owed        money.Fen
	Margin      money.Fen
}

// All takes everything that is left of the shares back.
func All(shares []Share) []Take {
	var out []Take
	for _, s := range shares {
		if s.UnitsLeft() == 0 && s.Left() == 0 {
			continue
		}
		if i := slices.IndexFunc(out, func(t Take) bool { return t.Line == s.Line }); i >= 0 {
			out[i].Units += s.UnitsLeft()
		} else {
			out = append(out, Take{Line: s.Line, Units: s.UnitsLeft()})
		}
	}
	return out
}

// Divide parts takes over the shares of an order, which come in the order of
// their lots: units are taken from the last lot backwards, because the first
// expires first and is packed first. Parts without money are left out unless
// units go. Faults: aftersale.line, aftersale.units_left, aftersale.amount_left.
func Divide(shares []Share, takes []Take, bearer string) ([]SharePart, error) {
	var out []SharePart
	seen := map[id.Line]bool{}
	for _, t := range takes {
		of := slices.DeleteFunc(slices.Clone(shares), func(s Share) bool { return s.Line != t.Line })
		if len(of) == 0 || seen[t.Line] || t.Units < 0 || t.Units == 0 && t.Fen <= 0 {
			return nil, fault.New(fault.Invalid, "aftersale.line").At(string(t.Line))
		}
		seen[t.Line] = true
		parts, err := amounts(of, t)
		if err != nil {
			return nil, err
		}
		for i, p := range parts {
			if p.Goods == 0 && p.Units == 0 {
				continue
			}
			if bearer == ByProducer {
				if p, err = of[i].classes(p); err != nil {
					return nil, err
				}
			}
			out = append(out, p)
		}
	}
	return out, nil
}

func (s Share) part() SharePart {
	return SharePart{Reservation: s.Reservation, Line: s.Line, Lot: s.Lot, Producer: s.Producer, Local: s.Local, Settlement: s.Settlement}
}

// amounts gives what a take takes of each share of its line.
func amounts(of []Share, t Take) ([]SharePart, error) {
	parts := make([]SharePart, len(of))
	var units int64
	var left money.Fen
	weights := make([]int64, len(of))
	for i, s := range of {
		parts[i] = s.part()
		units += s.UnitsLeft()
		left += s.Left()
		weights[i] = int64(s.Left())
	}
	if t.Units > units {
		return nil, fault.New(fault.Conflict, "aftersale.units_left", "Max", units).At(string(t.Line))
	}
	if t.Units > 0 {
		return parts, takeUnits(of, parts, t.Units)
	}
	if t.Fen > left {
		return nil, fault.New(fault.Conflict, "aftersale.amount_left", "Max", left.String()).At(string(t.Line))
	}
	fen, err := t.Fen.Split(weights...)
	for i := range fen {
		parts[i].Goods = fen[i]
	}
	return parts, err
}

// takeUnits takes units from the last share backwards, each with what is left
// of its price.
func takeUnits(of []Share, parts []SharePart, units int64) error {
	for i := len(of) - 1; i >= 0 && units > 0; i-- {
		n := min(units, of[i].UnitsLeft())
		if n == 0 {
			continue
		}
		fen, err := of[i].Left().Split(n, of[i].UnitsLeft()-n)
		if err != nil {
			return err
		}
		parts[i].Units, parts[i].Goods = n, fen[0]
		units -= n
	}
	return nil
}

// classes parts what the producer's side bears of a share into its classes of
// money: the difference of two running totals, so that the sum never depends
// on the steps.
func (s Share) classes(p SharePart) (SharePart, error) {
	c0, m0, err := s.upTo(s.Borne)
	if err != nil {
		return p, err
	}
	c1, m1, err := s.upTo(s.Borne + p.Goods)
	if err != nil {
		return p, err
	}
	p.Commission, p.Margin = c1-c0, m1-m0
	p.Owed = p.Goods - p.Commission - p.Margin
	if p.Owed < 0 || p.Commission < 0 {
		return p, fmt.Errorf("aftersale: share %s gives %s of %s back", s.Reservation, p.Owed, p.Goods)
	}
	return p, nil
}

// upTo gives the commission and the margin in the first goods money of a
// share. Each only ever rises by as much as goods does, which a split into
// three would not promise (the Alabama paradox).
func (s Share) upTo(goods money.Fen) (commission, margin money.Fen, err error) {
	c, err := s.Commission.Split(int64(goods), int64(s.Goods-goods))
	if err != nil {
		return 0, 0, err
	}
	rest, all := goods-c[0], s.Goods-s.Commission
	if all == 0 || s.Margin == 0 {
		return c[0], 0, nil
	}
	m, err := max(s.Margin, -s.Margin).Split(int64(rest), int64(all-rest))
	if err != nil {
		return 0, 0, err
	}
	if s.Margin < 0 {
		return c[0], -m[0], nil
	}
	return c[0], m[0], nil
}
