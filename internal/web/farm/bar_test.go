package farm

import (
	"testing"

	"pgregory.net/rapid"
)

func TestBarIsFullAndInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		q := rapid.Int64Range(0, 1_000_000)
		v := lotView{Sent: q.Draw(rt, "sent"), Sold: q.Draw(rt, "sold"), Left: q.Draw(rt, "left"), Lost: q.Draw(rt, "lost")}
		v.In = v.Sent + v.Sold + v.Left + v.Lost
		at, parts := int64(0), v.parts()
		for _, p := range parts {
			if p.At != at || p.Wide < least {
				rt.Fatalf("%+v of %+v", p, parts)
			}
			at += p.Wide
		}
		if v.In > 0 && at != 1000 {
			rt.Fatalf("ends at %d: %+v", at, parts)
		}
		if v.In == 0 && len(parts) > 0 {
			rt.Fatal("a bar of nothing")
		}
	})
}

func TestDecimalCutsAndNeverRoundsUp(t *testing.T) {
	for in, want := range map[[2]int64]string{{0, 500}: "0", {500, 500}: "1", {3500, 1000}: "3.5", {999, 1000}: "0.9", {1049, 500}: "2", {40_000, 500}: "80"} {
		if got := decimal(in[0], in[1]); got != want {
			t.Errorf("%v: %s, want %s", in, got, want)
		}
	}
}
