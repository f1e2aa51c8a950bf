//go:build jumpclock

package app

import (
	"os"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
)

// jumping is the machine's clock, moved by what a file says ("1h", "-5s"):
// only in a binary that test/crash builds for itself.
type jumping struct{ file string }

// Now implements clock.Clock.
func (j jumping) Now() time.Time {
	b, err := os.ReadFile(j.file)
	if err != nil {
		panic(err) // a test without its clock tests nothing
	}
	d, err := time.ParseDuration(strings.TrimSpace(string(b)))
	if err != nil {
		panic(err)
	}
	return clock.System{}.Now().Add(d)
}

func newClock() clock.Clock {
	if file := os.Getenv("LINDU_TEST_CLOCK"); file != "" {
		return jumping{file}
	}
	return clock.System{}
}
