//go:build jumpclock

package clock

import (
	"os"
	"strings"
	"time"
)

// jumpFile says how far the clock is off ("1h", "-5s"): only in a binary that
// test/crash builds for itself, to have a running centre's clock jump.
var jumpFile = os.Getenv("LINDU_TEST_CLOCK")

func present() time.Time {
	now := time.Now()
	if jumpFile == "" {
		return now
	}
	b, err := os.ReadFile(jumpFile)
	if err != nil {
		panic(err) // a test without its clock tests nothing
	}
	d, err := time.ParseDuration(strings.TrimSpace(string(b)))
	if err != nil {
		panic(err)
	}
	return now.Add(d).Round(0) // no monotonic reading: it would hide the jump
}
