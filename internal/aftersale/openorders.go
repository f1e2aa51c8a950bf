package aftersale

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// maxOpen bounds OpenOrders; a centre with more open cases has other troubles.
const maxOpen = 10_000

// OpenOrders lists the orders that a case is open about.
func OpenOrders(ctx context.Context, q db.Querier) ([]id.Order, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT order_id FROM after_sale WHERE state IN ('requested','approved','back') LIMIT $1`, maxOpen)
	return db.Collect(rows, err, func(r *db.Rows, o *id.Order) error { return r.Scan(o) })
}
