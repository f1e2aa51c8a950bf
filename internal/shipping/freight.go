package shipping

import (
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/money"
)

// Rule is the freight of a province; Province "" is for all others. Weights
// are grams, packing included.
type Rule struct {
	Province string
	Deliver  bool
	FirstG   int64
	First    money.Fen
	NextG    int64
	Next     money.Fen
	FreeOver money.Fen // of goods; 0: never
}

// DefaultRule holds until the centre sets its own: 10 yuan for the first
// kilogram, 4 for each further one begun, about what carriers ask for a small
// sender in 2026.
var DefaultRule = Rule{Deliver: true, FirstG: 1000, First: money.Yuan(10), NextG: 1000, Next: money.Yuan(4)}

// maxGrams bounds a parcel: ten tonnes is no parcel any more.
const maxGrams = 10_000_000

// Rules is the freight table by province.
type Rules map[string]Rule

// Of is the rule that holds for a province; false for an unknown one.
func (r Rules) Of(province string) (Rule, bool) {
	p := theAtlas().byName[province]
	if p == nil || p.short != province {
		return Rule{}, false
	}
	if own, ok := r[province]; ok {
		return own, true
	}
	rule, ok := r[""]
	if !ok {
		rule = DefaultRule
	}
	if p.customs {
		rule.Deliver = false
	}
	rule.Province = province
	return rule, true
}

// Freight is what goods of a weight (grams) and worth cost to a province;
// fault shipping.no_delivery where there is none, shipping.province for a name
// that is no province, shipping.too_heavy over ten tonnes.
func (r Rules) Freight(province string, grams int64, goods money.Fen) (money.Fen, error) {
	rule, ok := r.Of(province)
	switch {
	case !ok:
		return 0, fault.New(fault.Invalid, "shipping.province").At("province")
	case !rule.Deliver:
		return 0, fault.New(fault.Invalid, "shipping.no_delivery", "Province", province).At("province")
	case grams > maxGrams:
		return 0, fault.New(fault.Invalid, "shipping.too_heavy")
	case rule.FreeOver > 0 && goods >= rule.FreeOver:
		return 0, nil
	case grams <= rule.FirstG:
		return rule.First, nil
	}
	steps := (grams - rule.FirstG + rule.NextG - 1) / rule.NextG
	next, err := rule.Next.Times(steps)
	if err != nil || next > money.MaxFen {
		return 0, fault.New(fault.Invalid, "shipping.too_heavy").Because(err)
	}
	return rule.First + next, nil
}

// check tells what is wrong with a rule, one fault a field.
func (r Rule) check() error {
	var bad []*fault.Error
	amount := func(field string, f money.Fen) {
		if f < 0 || f > money.Yuan(10_000) {
			bad = append(bad, fault.New(fault.Invalid, "fault.amount").At(field))
		}
	}
	weight := func(field string, g int64) {
		if g < 1 || g > 1_000_000 {
			bad = append(bad, fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", 1_000_000).At(field))
		}
	}
	if r.Province != "" && ShortProvince(r.Province) != r.Province {
		bad = append(bad, fault.New(fault.Invalid, "shipping.province").At("province"))
	}
	weight("first_g", r.FirstG)
	amount("first", r.First)
	weight("next_g", r.NextG)
	amount("next", r.Next)
	if r.FreeOver < 0 || r.FreeOver > money.MaxFen {
		bad = append(bad, fault.New(fault.Invalid, "fault.amount").At("free_over"))
	}
	return fault.Join(bad...)
}
