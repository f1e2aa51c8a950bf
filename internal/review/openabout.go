package review

import (
	"context"

	"lindu.example/lindu/internal/db"
)

// Subject names what a complaint is about.
type Subject struct {
	Kind, ID string
}

// maxAbout bounds OpenAbout.
const maxAbout = 10_000

// OpenAbout lists what open complaints are about: none of it may be deleted yet.
func OpenAbout(ctx context.Context, q db.Querier) ([]Subject, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT object_kind, object_id FROM complaint WHERE state = 'open' LIMIT $1`, maxAbout)
	return db.Collect(rows, err, func(r *db.Rows, a *Subject) error { return r.Scan(&a.Kind, &a.ID) })
}
