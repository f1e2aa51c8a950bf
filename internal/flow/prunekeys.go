package flow

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/order"
)

// PruneKeys forgets what refused requests were answered, a day after, and tells
// how many.
func (f *Flow) PruneKeys(ctx context.Context) (int, error) {
	total := 0
	for ctx.Err() == nil {
		var n int64
		err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
			n, err = order.PruneRefusals(ctx, tx)
			return err
		})
		total += int(n)
		if err != nil || n == 0 {
			return total, err
		}
	}
	return total, ctx.Err()
}
