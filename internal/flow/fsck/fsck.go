package fsck

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
)

// MaxFindings is how many findings of a check are kept.
const MaxFindings = 20

// Check is one invariant recomputed.
type Check struct {
	Name     string   // message key, "fsck.stock"
	Rows     int64    // how many rows it looked at
	Findings []string // what is wrong, at most MaxFindings; no personal data
}

func (c *Check) found(format string, args ...any) {
	if len(c.Findings) < MaxFindings {
		c.Findings = append(c.Findings, fmt.Sprintf(format, args...))
	}
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

// Run recomputes every invariant from the records. An error means that the
// records could not be read, not that they are wrong.
func Run(ctx context.Context, q db.Querier) (Report, error) {
	var rep Report
	for _, s := range statements {
		c, err := s.run(ctx, q)
		if err != nil {
			return rep, fmt.Errorf("fsck: %s: %w", s.name, err)
		}
		rep.Checks = append(rep.Checks, c)
	}
	for _, check := range []func(context.Context, db.Querier) (Check, error){promises, books} {
		c, err := check(ctx, q)
		if err != nil {
			return rep, fmt.Errorf("fsck: %s: %w", c.Name, err)
		}
		rep.Checks = append(rep.Checks, c)
	}
	return rep, nil
}

// statement is a check that one query can make: it gives a row (what, is,
// should be) for everything that is wrong.
type statement struct {
	name  string
	rows  string // the table it looks at
	says  string // a finding: what, is, should be
	wrong string
}

func (s statement) run(ctx context.Context, q db.Querier) (Check, error) {
	c := Check{Name: s.name}
	if err := q.QueryRow(ctx, `SELECT count(*) FROM `+s.rows).Scan(&c.Rows); err != nil {
		return c, err
	}
	rows, err := q.Query(ctx, s.wrong+` ORDER BY 1 LIMIT $1`, MaxFindings)
	if err != nil {
		return c, err
	}
	defer rows.Close()
	for rows.Next() {
		var what string
		var is, want int64
		if err := rows.Scan(&what, &is, &want); err != nil {
			return c, err
		}
		c.found(s.says, what, is, want)
	}
	return c, rows.Err()
}
