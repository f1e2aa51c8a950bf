package money_test

import (
	"testing"

	"lindu.example/lindu/internal/money"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for s, want := range map[string]money.Fen{
		"0": 0, "12": 1200, "12.3": 1230, "12.30": 1230, " ¥1,234.05 ": 123405, "¥9.9": 990, "0.01": 1, "100000000": money.MaxFen,
	} {
		if got, err := money.Parse(s); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-1", "1.234", "1.", ".5", "abc", "1e3", "100000000.01", "99999999999999999999", "1 2"} {
		if got, err := money.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", s, got)
		}
	}
}

func TestStringAndParseAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := money.Fen(rapid.Int64Range(0, int64(money.MaxFen)).Draw(t, "fen"))
		if got, err := money.Parse(f.String()); err != nil || got != f {
			t.Fatalf("Parse(%q) = %d, %v; want %d", f, got, err, f)
		}
	})
	if s := money.Fen(-5).String(); s != "-0.05" {
		t.Errorf("String(-5) = %q", s)
	}
}

func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := money.Fen(rapid.Int64Range(0, int64(money.MaxFen)).Draw(t, "fen"))
		ws := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000_000), 1, 20).Draw(t, "weights")
		parts, err := f.Split(ws...)
		var sum int64
		for _, w := range ws {
			sum += w
		}
		if sum == 0 {
			if err == nil {
				t.Fatal("split by zero weights gave no error")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var total money.Fen
		for i, p := range parts {
			total += p
			exact := float64(f) * float64(ws[i]) / float64(sum)
			if d := float64(p) - exact; d > 1.001 || d < -1.001 {
				t.Fatalf("part %d = %d, exact %f", i, p, exact)
			}
		}
		if total != f {
			t.Fatalf("parts add up to %d, want %d", total, f)
		}
	})
}

func TestShareRoundsHalfUp(t *testing.T) {
	for _, c := range []struct {
		f    money.Fen
		bp   int64
		want money.Fen
	}{{100, 2000, 20}, {1, 5000, 1}, {1, 4999, 0}, {-1, 5000, -1}, {money.MaxFen, 10000, money.MaxFen}, {333, 0, 0}} {
		if got := c.f.Share(c.bp); got != c.want {
			t.Errorf("%d.Share(%d) = %d, want %d", c.f, c.bp, got, c.want)
		}
	}
}

func TestPer500g(t *testing.T) {
	if got := money.Fen(3990).Per500g(1000); got != 1995 {
		t.Errorf("per 500 g = %d, want 1995", got)
	}
	if got := money.Fen(3990).Per500g(0); got != 0 {
		t.Errorf("per 500 g of unknown weight = %d, want 0", got)
	}
}

func TestTimesOverflow(t *testing.T) {
	if _, err := money.MaxFen.Times(1 << 40); err == nil {
		t.Error("overflow was not refused")
	}
	if got, err := money.Fen(250).Times(4); err != nil || got != 1000 {
		t.Errorf("Times = %d, %v", got, err)
	}
}
