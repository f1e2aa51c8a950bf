package promise

import (
	"context"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// ProviderFees are what payment providers kept on days from one to another,
// both included.
func ProviderFees(ctx context.Context, q db.Querier, from, to clock.Day) (money.Fen, error) {
	before, err := ledger.BalanceAt(ctx, q, "costs/provider-fee", from.Add(-1))
	if err != nil {
		return 0, err
	}
	after, err := ledger.BalanceAt(ctx, q, "costs/provider-fee", to)
	return after - before, err
}
