package clock_test

import (
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
)

func TestDayIsShanghais(t *testing.T) {
	// 16:30 UTC is half past midnight of the next day in Shanghai.
	at := time.Date(2026, 1, 31, 16, 30, 0, 0, time.UTC)
	if d := clock.DayOf(at); d != 20260201 {
		t.Errorf("day = %d, want 20260201", d)
	}
	d, err := clock.ParseDay("2026-02-28")
	if err != nil || d.Add(1) != 20260301 || d.String() != "2026-02-28" {
		t.Errorf("got %v %v %v", d, err, d.Add(1))
	}
	if _, err := clock.ParseDay("2026-02-30"); err == nil {
		t.Error("February 30 was taken")
	}
}

func TestUsRoundTrip(t *testing.T) {
	now := clock.System{}.Now()
	if got := clock.FromUs(clock.Us(now)); !got.Equal(now) {
		t.Errorf("got %v, want %v", got, now)
	}
	if !clock.FromUs(0).IsZero() || clock.Us(time.Time{}) != 0 {
		t.Error("zero time does not survive")
	}
}
