package farm

import (
	"strconv"
)

// part of the bar that shows where a lot went: its start and width in per mille.
type part struct {
	Class    string
	At, Wide int64
}

// parts are the pieces of a lot's bar, in the order a lot is used up. A piece
// that is there is at least 1 % wide, so that it can be seen.
func (v lotView) parts() []part {
	if v.In <= 0 {
		return nil
	}
	var out []part
	at := int64(0)
	for _, x := range []struct {
		class string
		qty   int64
	}{{"sent", v.Sent}, {"sold", v.Sold}, {"lost", v.Lost}} {
		if x.qty <= 0 {
			continue
		}
		wide := min(max(x.qty*1000/v.In, 10), 1000-at)
		out = append(out, part{x.class, at, wide})
		at += wide
	}
	if v.Left > 0 {
		out = append(out, part{"left", min(at, 990), max(1000-at, 10)})
	}
	return out
}

// decimal is n/unit with at most one digit behind the point, cut and not
// rounded: nobody has sold more than they have.
func decimal(n, unit int64) string {
	s := strconv.FormatInt(n/unit, 10)
	if d := n % unit * 10 / unit; d != 0 {
		s += "." + strconv.FormatInt(d, 10)
	}
	return s
}
