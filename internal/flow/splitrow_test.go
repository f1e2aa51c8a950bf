package flow_test

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// splitRow stands for a split that the provider has done of a paid order, and
// gives the ref of a payout by it: fsck wants a cause for every booking.
func splitRow(tx *db.Tx, o id.Order) (string, error) {
	s := id.New[string]()
	_, err := tx.Exec(context.Background(), `INSERT INTO split (id, payment_id, order_id, state, next_us, created_us)
		SELECT $1, id, order_id, 'done', 0, 0 FROM payment WHERE order_id = $2 AND state = 'paid'`, s, o)
	return "split/" + s + "/test", err
}
