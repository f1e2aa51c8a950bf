package statement_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/statement"
)

func TestPeriods(t *testing.T) {
	for _, c := range []struct {
		cut      statement.Cut
		day      clock.Day
		from, to clock.Day
		over     [2]clock.Day
	}{
		{statement.HalfMonth, 20260215, 20260201, 20260215, [2]clock.Day{20260116, 20260131}},
		{statement.HalfMonth, 20280229, 20280216, 20280229, [2]clock.Day{20280201, 20280215}},
		{statement.Month, 20260101, 20260101, 20260131, [2]clock.Day{20251201, 20251231}},
		{statement.HalfMonth, 20260101, 20260101, 20260115, [2]clock.Day{20251216, 20251231}},
	} {
		if from, to := c.cut.Of(c.day); from != c.from || to != c.to {
			t.Errorf("%s of %s: %s to %s", c.cut, c.day, from, to)
		}
		if from, to := c.cut.Over(c.day); from != c.over[0] || to != c.over[1] {
			t.Errorf("%s over at %s: %s to %s", c.cut, c.day, from, to)
		}
	}
	// Periods lie one after another without a gap.
	for _, cut := range []statement.Cut{statement.HalfMonth, statement.Month} {
		day := clock.Day(20260101)
		for day < 20290101 {
			from, to := cut.Of(day)
			if from != day {
				t.Fatalf("%s: %s begins at %s", cut, day, from)
			}
			if _, over := cut.Over(to.Add(1)); over != to {
				t.Fatalf("%s: over at %s is %s", cut, to.Add(1), over)
			}
			day = to.Add(1)
		}
	}
}

// TestStatementsInARowPayEveryFen: whatever comes in whatever order, what was
// paid and what is carried is what the lines say.
func TestStatementsInARowPayEveryFen(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var carried, lines, paid money.Fen
		n := 0
		for range rapid.IntRange(1, 6).Draw(rt, "statements") {
			var ls []statement.Line
			for range rapid.IntRange(0, 8).Draw(rt, "lines") {
				n++
				l := statement.Line{Source: fmt.Sprint(n), Kind: rapid.SampledFrom([]string{statement.Sale, statement.Refund, statement.Claim, statement.Elsewhere}).Draw(rt, "kind")}
				fen := money.Fen(rapid.Int64Range(0, 1000).Draw(rt, "fen"))
				switch l.Kind {
				case statement.Sale:
					l.Gross, l.Commission = fen, fen/10
				case statement.Refund:
					l.Gross, l.Commission = -fen, -fen/10
				case statement.Elsewhere:
					l.Gross = -fen
				}
				l.Net = l.Gross - l.Commission
				lines += l.Net
				ls = append(ls, l)
			}
			s, err := statement.Build(statement.Head{Payee: statement.Payee{Kind: statement.Producer}}, ls, carried, statement.Year{})
			if err != nil {
				rt.Fatal(err)
			}
			if s.Pay < 0 || s.Carry > 0 || s.Pay != 0 && s.Carry != 0 || s.Tax != 0 {
				rt.Fatalf("%+v", s)
			}
			paid += s.Pay
			carried = s.Carry
		}
		if paid+carried != lines {
			rt.Fatalf("paid %s and carries %s of %s", paid, carried, lines)
		}
	})
}

func TestNoStatementOfWhatDoesNotAddUp(t *testing.T) {
	local := statement.Head{Payee: statement.Payee{Kind: statement.Producer}, Local: true}
	for name, l := range map[string]statement.Line{
		"commission of a local": {Source: "1", Kind: statement.Sale, Gross: 100, Commission: 1, Net: 99},
		"net is wrong":          {Source: "1", Kind: statement.Sale, Gross: 100, Net: 99},
		"refund that adds":      {Source: "1", Kind: statement.Refund, Gross: 5, Net: 5},
		"no source":             {Kind: statement.Sale, Gross: 5, Net: 5},
		"no kind":               {Source: "1", Gross: 5, Net: 5},
	} {
		if _, err := statement.Build(local, []statement.Line{l}, 0, statement.Year{}); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
	if _, err := statement.Build(local, nil, 1, statement.Year{}); err == nil {
		t.Error("what is owed was carried")
	}
}

func TestYearTaxOfTheTable(t *testing.T) {
	for _, c := range []struct {
		income money.Fen
		months int64
		want   money.Fen
	}{
		{5_000_00, 1, 0},            // 5000 - 1000 - 5000 < 0
		{6_250_00, 1, 0},            // just nothing
		{10_000_00, 1, 90_00},       // 3000 at 3 %
		{120_000_00, 12, 1_080_00},  // 36 000 at 3 %
		{120_001_00, 12, 1_080_08},  // 0.80 yuan more at 10 %
		{300_000_00, 12, 19_080_00}, // 180 000 x 20 % - 16 920
		{2_000_000_00, 12, 511_080_00},
	} {
		if got := statement.YearTax(c.income, c.months); got != c.want {
			t.Errorf("%s over %d months: %s, want %s", c.income, c.months, got, c.want)
		}
	}
}

// TestWithholdingOverAYear follows a host month by month: what was withheld is
// the tax of the year so far, a poor month gives nothing back, and halves of a
// month come to the same as the whole.
func TestWithholdingOverAYear(t *testing.T) {
	var y statement.Year
	var tax money.Fen
	want := []money.Fen{90_00, 0, 420_00 - 90_00}
	for i, pay := range []money.Fen{10_000_00, 0, 26_250_00 - 0} {
		day := clock.DayOf(time.Date(2026, time.Month(i+3), 28, 0, 0, 0, 0, clock.Shanghai))
		var got money.Fen
		before := y
		got, y = y.Withhold(pay, day)
		if i == 2 { // 36 250 x 80 % - 15 000 = 14 000 at 3 %
			if got != want[i] {
				t.Errorf("month %d of %+v: %s, want %s", i, before, got, want[i])
			}
		} else if got != want[i] {
			t.Errorf("month %d: %s, want %s", i, got, want[i])
		}
		y.Withheld += got
		tax += got
	}
	if y.Months != 3 || tax != statement.YearTax(36_250_00, 3) {
		t.Errorf("%+v, %s", y, tax)
	}
	rapid.Check(t, func(rt *rapid.T) {
		var a, b statement.Year
		for m := range rapid.IntRange(1, 12).Draw(rt, "months") {
			day := clock.Day(20260100 + m*100 + 15)
			x, z := money.Fen(rapid.Int64Range(0, 5_000_000).Draw(rt, "first")), money.Fen(rapid.Int64Range(0, 5_000_000).Draw(rt, "second"))
			var t1, t2, t3 money.Fen
			t1, a = a.Withhold(x+z, day)
			a.Withheld += t1
			t2, b = b.Withhold(x, day)
			b.Withheld += t2
			t3, b = b.Withhold(z, day+10)
			b.Withheld += t3
			if t2 > x || t3 > z || t1 < 0 {
				rt.Fatalf("withheld %s of %s and %s of %s", t2, x, t3, z)
			}
			if a.Withheld != b.Withheld {
				rt.Fatalf("month %d: %s by the month, %s by halves", m+1, a.Withheld, b.Withheld)
			}
		}
	})
}
