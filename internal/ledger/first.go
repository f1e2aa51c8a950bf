package ledger

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
)

// First is when the first transaction was booked; the zero time if there is
// none.
func First(ctx context.Context, q db.Querier) (time.Time, error) {
	var us int64
	err := q.QueryRow(ctx, `SELECT coalesce(min(at_us), 0) FROM ledger_txn`).Scan(&us)
	return clock.FromUs(us), err
}
