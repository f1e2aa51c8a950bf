package order

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Standing is where the orders of a show stand.
type Standing struct {
	Orders     int64
	Unfinished int64     // neither done nor closed
	Last       time.Time // when the last of the others was; zero without one
}

// OfShow tells where the orders of a show stand.
func OfShow(ctx context.Context, q db.Querier, s id.Show) (Standing, error) {
	var st Standing
	var last int64
	err := q.QueryRow(ctx, `
		SELECT COUNT(*), COUNT(CASE WHEN state NOT IN ('done','closed') THEN 1 END),
		  CAST(COALESCE(MAX(CASE WHEN done_us > closed_us THEN done_us ELSE closed_us END), 0) AS BIGINT)
		FROM sale_order WHERE show_id = $1`, s).Scan(&st.Orders, &st.Unfinished, &last)
	st.Last = clock.FromUs(last)
	return st, err
}
