package id_test

import (
	"slices"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
)

// TestNumbersComeInOrder: valid, all different, and growing within a till.
func TestNumbersComeInOrder(t *testing.T) {
	var n id.Numbers
	now := time.Date(2026, 11, 23, 23, 59, 58, 0, clock.Shanghai)
	var all []string
	for range 4 {
		for range 3000 {
			all = append(all, n.Next(now))
		}
		now = now.Add(time.Second)
	}
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Fatal("not in order, or not all different")
	}
	if all[0][:13] != "2026112386398" || all[len(all)-1][:13] != "2026112400001" {
		t.Error(all[0], all[len(all)-1])
	}
	for _, x := range all {
		if !id.ValidOrderNo(x) {
			t.Fatal(x)
		}
	}
}

// TestNumbersWhenTheClockIsPutBack: a second that comes again, and one with
// more orders than a till has numbers, go on with another till.
func TestNumbersWhenTheClockIsPutBack(t *testing.T) {
	var n id.Numbers
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, clock.Shanghai)
	tills := map[string]bool{}
	for range 40 { // each time one of 100: that all are the same is beyond any luck
		tills[n.Next(now)[13:15]] = true
		now = now.Add(-time.Second)
	}
	for range 30_001 {
		tills[n.Next(now)[13:15]] = true
	}
	n.Another()
	tills[n.Next(now)[13:15]] = true
	if len(tills) < 3 {
		t.Error(tills)
	}
}
