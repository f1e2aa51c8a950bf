package clock

import (
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // a county server may have no zone files
)

// Clock tells the time.
type Clock interface{ Now() time.Time }

// Shanghai is the zone of every day and every time on a screen.
var Shanghai = func() *time.Location {
	l, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return time.FixedZone("CST", 8*3600)
	}
	return l
}()

// System is the machine's clock.
type System struct{}

// Now is the present, cut to microseconds as the database keeps it.
func (System) Now() time.Time { return time.Now().Truncate(time.Microsecond) }

// Fake is a clock that a test moves by hand.
type Fake struct {
	mu  sync.Mutex
	now time.Time
}

// NewFake starts a fake clock at t.
func NewFake(t time.Time) *Fake { return &Fake{now: t.Truncate(time.Microsecond)} }

// Now is the fake present.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Add moves the clock by d, also backwards.
func (f *Fake) Add(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// Us is t as stored; 0 for the zero time.
func Us(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromUs is the stored time in Asia/Shanghai; the zero time for 0.
func FromUs(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).In(Shanghai)
}

// Day is a calendar day in Asia/Shanghai, 20260131; 0 means none.
type Day int32

// DayOf is the day of t.
func DayOf(t time.Time) Day {
	y, m, d := t.In(Shanghai).Date()
	return Day(y*10000 + int(m)*100 + d)
}

// ParseDay reads "2026-01-31".
func ParseDay(s string) (Day, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, Shanghai)
	if err != nil {
		return 0, fmt.Errorf("clock: %q is no day: %w", s, err)
	}
	return DayOf(t), nil
}

// Time is the start of the day.
func (d Day) Time() time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, Shanghai)
}

// Add moves by whole days.
func (d Day) Add(days int) Day { return DayOf(d.Time().AddDate(0, 0, days)) }

// String is "2026-01-31", or "" for none.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d/10000, d/100%100, d%100)
}
