package coupon

import (
	"testing"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"pgregory.net/rapid"
)

// Whatever the lines: the parts add up to the coupon or to all the room there
// is, no line goes below its floor, and nothing is taken off what the coupon is
// not for.
func TestDivideNeverPassesALinesRoom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := Coupon{Show: "s", Off: money.Fen(rapid.Int64Range(1, 100000).Draw(rt, "off")), Products: []id.Product{"a"}}
		c.Over = money.Fen(rapid.SampledFrom([]int64{0, int64(c.Off) + 1}).Draw(rt, "over"))
		var lines []Line
		var goods, room money.Fen
		for range rapid.IntRange(1, 6).Draw(rt, "lines") {
			g := money.Fen(rapid.Int64Range(1, 200000).Draw(rt, "goods"))
			l := Line{Item: true, Show: "s", Product: rapid.SampledFrom([]id.Product{"a", "b"}).Draw(rt, "product"), Own: rapid.Bool().Draw(rt, "own"),
				Goods: g, Room: money.Fen(rapid.Int64Range(0, int64(g)-1).Draw(rt, "room"))}
			if l.Own && l.Product == "a" {
				goods, room = goods+l.Goods, room+l.Room
			}
			lines = append(lines, l)
		}
		parts, err := c.Divide(lines)
		if err != nil {
			key := map[bool]string{true: "coupon.not_for"}[goods == 0]
			switch {
			case key == "" && goods < c.Over:
				key = "coupon.too_little"
			case key == "" && room == 0:
				key = "coupon.no_room"
			}
			if !fault.HasKey(err, key) {
				rt.Fatalf("%v, want %q", err, key)
			}
			return
		}
		var sum money.Fen
		for i, p := range parts {
			sum += p
			if p < 0 || p > lines[i].Room || p > 0 && (!lines[i].Own || lines[i].Product != "a") {
				rt.Fatalf("%s off %+v", p, lines[i])
			}
		}
		if sum != min(c.Off, room) {
			rt.Fatalf("%s of %s taken off, room %s", sum, c.Off, room)
		}
	})
}

func TestOutsideAShowOnlyWithHoursAndProducts(t *testing.T) {
	t.Parallel()
	l := Line{Product: "a", Own: true, Goods: 1000, Room: 500}
	for _, c := range []Coupon{{Show: "s", Off: 100}, {Show: "s", Off: 100, Hours: 5}, {Show: "s", Off: 100, Products: []id.Product{"a"}}} {
		if _, err := c.Divide([]Line{l}); !fault.HasKey(err, "coupon.not_for") {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if parts, err := (Coupon{Show: "s", Off: 100, Hours: 5, Products: []id.Product{"a"}}).Divide([]Line{l}); err != nil || parts[0] != 100 {
		t.Error(parts, err)
	}
	other := Line{Item: true, Show: "another", Product: "a", Own: true, Goods: 1000, Room: 500}
	if _, err := (Coupon{Show: "s", Off: 100}).Divide([]Line{other}); !fault.HasKey(err, "coupon.not_for") {
		t.Error(err)
	}
}
