package order

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Centre is who gets the commission.
const Centre = "centre"

// Fee is the snapshot of what a share pays: rate, base, who pays whom, by which
// plan, and through whose show it was sold. Only shares that pay have one.
type Fee struct {
	Order       id.Order
	Reservation string
	Plan        id.Plan // "" for the producer's own rate
	RateBP      int64
	Base        money.Fen
	Fen         money.Fen
	Payer       id.Producer
	Payee       string
	Host        id.User // "" when nobody showed it
}

var feeColumns = []string{"order_id", "reservation_id", "plan_id", "rate_bp", "base_fen", "fee_fen", "payer_id", "payee", "host_id"}

// InsertFees writes the snapshots of orders that are being inserted.
func InsertFees(ctx context.Context, tx *db.Tx, fees []Fee) error {
	rows := make([][]any, len(fees))
	for i, f := range fees {
		rows[i] = []any{f.Order, f.Reservation, f.Plan, f.RateBP, int64(f.Base), int64(f.Fen), f.Payer, f.Payee, f.Host}
	}
	return tx.Insert(ctx, "order_fee", feeColumns, rows)
}

// Fees reads the snapshots of an order.
func Fees(ctx context.Context, q db.Querier, o id.Order) ([]Fee, error) {
	rows, err := q.Query(ctx, `
		SELECT order_id, reservation_id, plan_id, rate_bp, base_fen, fee_fen, payer_id, payee, host_id FROM order_fee WHERE order_id = $1 ORDER BY reservation_id`, o)
	return db.Collect(rows, err, func(r *db.Rows, f *Fee) error {
		return r.Scan(&f.Order, &f.Reservation, &f.Plan, &f.RateBP, &f.Base, &f.Fen, &f.Payer, &f.Payee, &f.Host)
	})
}
