package farm

import (
	"slices"
	"strconv"
)

// part of the bar that shows where a lot went: its start and width in per mille.
type part struct {
	Class    string
	At, Wide int64
}

// least is the width that even the smallest part gets, so that it can be seen.
const least = 10

// parts are the pieces of a lot's bar, in the order a lot is used up; they
// fill it. What is not there has no part.
func (v lotView) parts() []part {
	qty := map[string]int64{"sent": v.Sent, "sold": v.Sold, "lost": v.Lost, "left": v.Left}
	classes := slices.DeleteFunc([]string{"sent", "sold", "lost", "left"}, func(c string) bool { return qty[c] <= 0 })
	spare := 1000 - least*int64(len(classes))
	var out []part
	at := int64(0)
	for i, c := range classes {
		wide := least + qty[c]*spare/v.In
		if i == len(classes)-1 {
			wide = 1000 - at // the division's rest
		}
		out = append(out, part{c, at, wide})
		at += wide
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
