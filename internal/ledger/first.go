package ledger

import (
	"context"
	"errors"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
)

// First is when the first transaction was booked; the zero time if there is
// none.
func First(ctx context.Context, q db.Querier) (time.Time, error) {
	var us int64
	// The first id is the first in time, and finding it needs no look at every row.
	err := q.QueryRow(ctx, `SELECT at_us FROM ledger_txn ORDER BY id LIMIT 1`).Scan(&us)
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return clock.FromUs(us), err
}
