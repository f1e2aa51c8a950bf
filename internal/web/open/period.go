package open

import (
	"fmt"
	"net/url"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/promise"
)

// period is what the reader chose: everything, a year or a month.
type period struct {
	Name     string // "", "2026", "2026-11"
	From, To clock.Day
}

// periodOf reads ?period=; what is no period is everything.
func periodOf(q url.Values) period {
	name := q.Get("period")
	if t, err := time.ParseInLocation("2006-01", name, clock.Shanghai); err == nil {
		return period{name, clock.DayOf(t), clock.DayOf(t.AddDate(0, 1, -1))}
	}
	if t, err := time.ParseInLocation("2006", name, clock.Shanghai); err == nil {
		return period{name, clock.DayOf(t), clock.DayOf(t.AddDate(1, 0, -1))}
	}
	return period{"", promise.FirstDay, promise.LastDay}
}

// periods are those that have bookings: all, the years, and the last twelve
// months.
func periods(since, now time.Time) []period {
	out := []period{{"", promise.FirstDay, promise.LastDay}}
	if since.IsZero() {
		return out
	}
	since, now = since.In(clock.Shanghai), now.In(clock.Shanghai)
	for y := now.Year(); y >= since.Year() && y > now.Year()-10; y-- {
		out = append(out, periodOf(url.Values{"period": {fmt.Sprintf("%04d", y)}}))
	}
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, clock.Shanghai)
	for i := 0; i < 12 && !month.AddDate(0, 1, 0).Before(since); i++ {
		out = append(out, periodOf(url.Values{"period": {month.Format("2006-01")}}))
		month = month.AddDate(0, -1, 0)
	}
	return out
}

// link to a page with the period kept.
func (p period) link(path string) string {
	if p.Name == "" {
		return path
	}
	return path + "?period=" + p.Name
}
