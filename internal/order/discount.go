package order

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// BorneByCentre says that the centre bears the discount of a coupon: the producer's money is untouched.
const BorneByCentre = "centre"

// Discount is what a coupon took off a line.
type Discount struct {
	Order  id.Order
	Line   id.Line
	Claim  id.Claim
	Coupon id.Coupon
	Fen    money.Fen
	Bearer string
}

// InsertDiscounts writes what coupons took off new orders. Only orders with a
// coupon come here: all others cost nothing.
func InsertDiscounts(ctx context.Context, tx *db.Tx, list []Discount) error {
	if len(list) == 0 {
		return nil
	}
	rows := make([][]any, len(list))
	sums := map[id.Order]money.Fen{}
	var orders []id.Order
	for i, d := range list {
		rows[i] = []any{d.Order, d.Line, d.Claim, d.Coupon, int64(d.Fen), d.Bearer}
		if _, ok := sums[d.Order]; !ok {
			orders = append(orders, d.Order)
		}
		sums[d.Order] += d.Fen
		if _, err := tx.Exec(ctx, `UPDATE order_line SET discount_fen = $3 WHERE order_id = $1 AND id = $2`, d.Order, d.Line, d.Fen); err != nil {
			return fmt.Errorf("order: discount: %w", err)
		}
	}
	for _, o := range orders {
		if _, err := tx.Exec(ctx, `UPDATE sale_order SET discount_fen = $2 WHERE id = $1`, o, sums[o]); err != nil {
			return fmt.Errorf("order: discount: %w", err)
		}
	}
	return tx.Insert(ctx, "order_discount", []string{"order_id", "line_id", "claim_id", "coupon_id", "fen", "bearer"}, rows)
}
