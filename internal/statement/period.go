package statement

import (
	"lindu.example/lindu/internal/clock"
)

// Cut is how often statements are made.
type Cut string

// Cuts.
const (
	HalfMonth Cut = "half_month" // 1st to 15th, 16th to the end
	Month     Cut = "month"
)

// Valid tells whether c is a cut.
func (c Cut) Valid() bool { return c == HalfMonth || c == Month }

// Of is the period that a day is in, both ends included.
func (c Cut) Of(d clock.Day) (from, to clock.Day) {
	first := d - d%100 + 1
	t := first.Time()
	last := clock.DayOf(t.AddDate(0, 1, -1))
	switch {
	case c == Month:
		return first, last
	case d%100 <= 15:
		return first, first + 14
	}
	return first + 15, last
}

// Over is the last period that is over on a day.
func (c Cut) Over(today clock.Day) (from, to clock.Day) {
	from, _ = c.Of(today)
	return c.Of(from.Add(-1))
}
