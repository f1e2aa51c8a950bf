package lot_test

import (
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
)

func TestMovedSumsByKind(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		a, b := onSale(t, d, 3000, 0), onSale(t, d, 500, 0)
		if err := d.Update(ctx, func(tx *db.Tx) error {
			for _, qty := range []int64{-100, -50} {
				if err := lot.Move(ctx, tx, selector, a, lot.Shrink, qty, "dried out"); err != nil {
					return err
				}
			}
			return lot.Move(ctx, tx, selector, a, lot.Receive, 1000, "second picking")
		}); err != nil {
			t.Fatal(err)
		}
		got, err := lot.Moved(ctx, d, a, b, id.Lot("none"))
		if err != nil || len(got) != 2 {
			t.Fatal(got, err)
		}
		if got[a][lot.Receive] != 4000 || got[a][lot.Shrink] != -150 || got[b][lot.Receive] != 500 || len(got[b]) != 1 {
			t.Error(got)
		}
		if none, err := lot.Moved(ctx, d); err != nil || len(none) != 0 {
			t.Error(none, err)
		}
	})
}
