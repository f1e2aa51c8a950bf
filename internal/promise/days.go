package promise

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/ledger"
)

// KeepDays keeps what makes balances of a date cheap; a sweep runs it.
func KeepDays(ctx context.Context, d *db.DB) error { return ledger.KeepDays(ctx, d) }
