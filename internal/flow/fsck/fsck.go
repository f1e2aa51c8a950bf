package fsck

import (
	"context"

	"lindu.example/lindu/internal/db"
)

// Check is one invariant recomputed.
type Check struct {
	Name     string   // "stock = movements"
	Rows     int64    // how many rows it looked at
	Findings []string // what is wrong, at most 20; no personal data
}

// Report of a whole run.
type Report struct {
	Checks []Check
}

// Clean tells whether nothing was found.
func (r Report) Clean() bool {
	for _, c := range r.Checks {
		if len(c.Findings) > 0 {
			return false
		}
	}
	return true
}

// Run recomputes every invariant from the records.
func Run(ctx context.Context, q db.Querier) (Report, error) { panic("not built yet") }
