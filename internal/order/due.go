package order

import (
	"context"
	"fmt"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// ReachedBefore lists orders that stand in a state since before a time, the
// oldest first: what the clock moves on.
func ReachedBefore(ctx context.Context, q db.Querier, s State, before time.Time, limit int) ([]id.Order, error) {
	column, ok := stamp[s]
	if !ok {
		return nil, fmt.Errorf("order: no time is kept of %s", s)
	}
	rows, err := q.Query(ctx, `
		SELECT id FROM sale_order WHERE state = '`+string(s)+`' AND `+column+` < $1
		ORDER BY `+column+`, id LIMIT $2`, clock.Us(before), limit) // the state as text: its index holds only such orders
	return db.Collect(rows, err, func(r *db.Rows, o *id.Order) error { return r.Scan(o) })
}
