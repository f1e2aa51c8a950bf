package aftersale_test

import (
	"fmt"
	"testing"

	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"pgregory.net/rapid"
)

// drawShares draws the shares of an order of a few lines: local farms, outside
// works at commission, goods bought at an agreed price, dearer and cheaper.
func drawShares(t *rapid.T) []aftersale.Share {
	var out []aftersale.Share
	for l := range rapid.IntRange(1, 3).Draw(t, "lines") {
		price := money.Fen(rapid.Int64Range(1, 99_999).Draw(t, "price"))
		for range rapid.IntRange(1, 3).Draw(t, "lots") {
			s := aftersale.Share{Reservation: fmt.Sprint(len(out)), Line: id.Line(fmt.Sprint("line", l)), Lot: id.Lot(fmt.Sprint(len(out))),
				Units: rapid.Int64Range(1, 9).Draw(t, "units")}
			s.Goods = price * money.Fen(s.Units)
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				s.Commission = s.Goods.Share(rapid.Int64Range(0, 5000).Draw(t, "bp"))
			case 1:
				pay := money.Fen(rapid.Int64Range(0, 2*int64(price)).Draw(t, "pay"))
				s.Margin = s.Goods - pay*money.Fen(s.Units)
			default:
				s.Local = true
			}
			s.Owed = s.Goods - s.Commission - s.Margin
			out = append(out, s)
		}
	}
	return out
}

// drawTake draws whole units or an amount of a line, sometimes too much.
func drawTake(t *rapid.T, shares []aftersale.Share) aftersale.Take {
	s := rapid.SampledFrom(shares).Draw(t, "of")
	if rapid.Bool().Draw(t, "by units") {
		return aftersale.Take{Line: s.Line, Units: rapid.Int64Range(1, s.Units+1).Draw(t, "n")}
	}
	return aftersale.Take{Line: s.Line, Fen: money.Fen(rapid.Int64Range(1, int64(s.Goods)).Draw(t, "fen"))}
}

// apply takes parts of the shares.
func apply(shares []aftersale.Share, parts []aftersale.SharePart, bearer string) {
	for _, p := range parts {
		for i := range shares {
			if s := &shares[i]; s.Reservation == p.Reservation {
				s.BackUnits += p.Units
				s.Back += p.Goods
				if bearer == aftersale.ByProducer {
					s.Borne += p.Goods
				}
			}
		}
	}
}

type classes struct{ goods, commission, owed, margin money.Fen }

// However a share is taken back, it never gives more than it had, its classes
// add up at every step, and taken back whole it is taken back exactly.
func TestTakingBackInAnyStepsNeverPassesAndEndsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := drawShares(t)
		got := map[string]classes{}
		take := func(takes []aftersale.Take) bool {
			parts, err := aftersale.Divide(shares, takes, aftersale.ByProducer)
			if fault.HasKey(err, "aftersale.units_left") || fault.HasKey(err, "aftersale.amount_left") {
				return false
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range parts {
				if p.Goods != p.Commission+p.Owed+p.Margin || p.Goods < 0 || p.Owed < 0 || p.Commission < 0 {
					t.Fatalf("%+v does not add up", p)
				}
				c := got[p.Reservation]
				got[p.Reservation] = classes{c.goods + p.Goods, c.commission + p.Commission, c.owed + p.Owed, c.margin + p.Margin}
			}
			if units := takes[0].Units; len(takes) == 1 && units == 0 {
				var sum money.Fen
				for _, p := range parts {
					sum += p.Goods
				}
				if sum != takes[0].Fen {
					t.Fatalf("%s taken of %s", sum, takes[0].Fen)
				}
			}
			apply(shares, parts, aftersale.ByProducer)
			return true
		}
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			take([]aftersale.Take{drawTake(t, shares)})
			for _, s := range shares {
				if s.Left() < 0 || s.UnitsLeft() < 0 {
					t.Fatalf("%+v", s)
				}
			}
		}
		if all := aftersale.All(shares); len(all) > 0 {
			for _, a := range all {
				if a.Units == 0 { // all units went, an amount did not: it can't be, units take what is left of them
					t.Fatalf("money is left of no units: %+v", shares)
				}
			}
			take(all)
		}
		for _, s := range shares {
			if c := got[s.Reservation]; c != (classes{s.Goods, s.Commission, s.Owed, s.Margin}) {
				t.Fatalf("share %+v gave back %+v", s, c)
			}
		}
	})
}

// What each class gives back depends on the sum, not on the order or the
// number of steps.
func TestTheOrderOfStepsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := drawShares(t)[0]
		var amounts []money.Fen
		for left := share.Goods; left > 0 && len(amounts) < 6; {
			a := money.Fen(rapid.Int64Range(1, int64(left)).Draw(t, "amount"))
			amounts, left = append(amounts, a), left-a
		}
		run := func(as []money.Fen) (c classes) {
			shares := []aftersale.Share{share}
			for _, a := range as {
				parts, err := aftersale.Divide(shares, []aftersale.Take{{Line: share.Line, Fen: a}}, aftersale.ByProducer)
				if err != nil {
					t.Fatal(err)
				}
				c = classes{c.goods + parts[0].Goods, c.commission + parts[0].Commission, c.owed + parts[0].Owed, c.margin + parts[0].Margin}
				apply(shares, parts, aftersale.ByProducer)
			}
			return c
		}
		var sum money.Fen
		for _, a := range amounts {
			sum += a
		}
		want := run(amounts)
		if got := run(rapid.Permutation(amounts).Draw(t, "another order")); got != want {
			t.Fatalf("%+v, in another order %+v", want, got)
		}
		if got := run([]money.Fen{sum}); got != want {
			t.Fatalf("%+v, at once %+v", want, got)
		}
	})
}

// What another than the producer bears takes nothing from anyone's part, and
// what the producer bears later is still the same.
func TestWhatTheCentreBearsLeavesTheProducersPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := drawShares(t)[:1]
		parts, err := aftersale.Divide(shares, []aftersale.Take{{Line: shares[0].Line, Fen: money.Fen(rapid.Int64Range(1, int64(shares[0].Goods)).Draw(t, "fen"))}}, aftersale.ByCentre)
		if err != nil || len(parts) != 1 || parts[0].Owed != 0 || parts[0].Commission != 0 || parts[0].Margin != 0 {
			t.Fatalf("%+v %v", parts, err)
		}
		apply(shares, parts, aftersale.ByCentre)
		if left := shares[0].Left(); left > 0 {
			if parts, err = aftersale.Divide(shares, []aftersale.Take{{Line: shares[0].Line, Fen: left}}, aftersale.ByProducer); err != nil || parts[0].Owed > shares[0].Owed {
				t.Fatalf("%+v %v", parts, err)
			}
		}
	})
}
