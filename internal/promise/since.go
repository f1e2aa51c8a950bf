package promise

import (
	"context"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/ledger"
)

// Since is when the promises began to bind: with the first booking, because
// every one was guarded. The zero time means that nothing was booked yet.
func Since(ctx context.Context, q db.Querier) (time.Time, error) { return ledger.First(ctx, q) }
