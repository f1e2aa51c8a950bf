package review

import (
	"context"

	"lindu.example/lindu/internal/db"
)

// About names what a complaint is about.
type About struct {
	Kind, ID string
}

// maxAbout bounds OpenAbout.
const maxAbout = 10_000

// OpenAbout lists what open complaints are about: none of it may be deleted yet.
func OpenAbout(ctx context.Context, q db.Querier) ([]About, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT object_kind, object_id FROM complaint WHERE state = 'open' LIMIT $1`, maxAbout)
	return db.Collect(rows, err, func(r *db.Rows, a *About) error { return r.Scan(&a.Kind, &a.ID) })
}
