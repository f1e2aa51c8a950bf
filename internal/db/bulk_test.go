package db_test

import (
	"slices"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
)

func TestInsertManyRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := d.Exec(ctx, `CREATE TABLE probe (k TEXT PRIMARY KEY, n BIGINT NOT NULL, ok BOOLEAN NOT NULL)`); err != nil {
			t.Fatal(err)
		}
		cols := []string{"k", "n", "ok"}
		type name string
		// Three times the same text: it is prepared on the way, and still right.
		for i, prefix := range []string{"a", "b", "c"} {
			err := d.Update(ctx, func(tx *db.Tx) error {
				return tx.Insert(ctx, "probe", cols, [][]any{{name(prefix + "1"), i, true}, {name(prefix + "2"), i, false}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var wrote []bool
		err := d.Update(ctx, func(tx *db.Tx) (err error) {
			wrote, err = tx.InsertNew(ctx, "probe", cols, "k", [][]any{{"a1", 9, true}, {"d1", 9, true}, {"d1", 8, true}, {"d2", 9, true}})
			return err
		})
		if err != nil || !slices.Equal(wrote, []bool{false, true, false, true}) {
			t.Fatalf("wrote %v, %v", wrote, err)
		}
		var n, sum int64
		if err := d.QueryRow(ctx, `SELECT count(*), CAST(sum(n) AS BIGINT) FROM probe`).Scan(&n, &sum); err != nil || n != 8 || sum != 2*(0+1+2)+18 {
			t.Fatalf("%d rows, sum %d, %v", n, sum, err)
		}
		err = d.Update(ctx, func(tx *db.Tx) error {
			return tx.Insert(ctx, "probe", cols, [][]any{{"e", 1, true}, {"a1", 1, true}})
		})
		if !db.IsUnique(err) {
			t.Errorf("second a1: %v", err)
		}
	})
}
