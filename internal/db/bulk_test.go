package db_test

import (
	"fmt"
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

// A transaction whose Insert failed keeps nothing, also when its writer goes on
// as if nothing had happened.
func TestAFailedInsertIsNeverCommitted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := d.Exec(ctx, `CREATE TABLE probe (k TEXT PRIMARY KEY, n BIGINT NOT NULL CHECK (n > 0))`); err != nil {
			t.Fatal(err)
		}
		for name, bad := range map[string][]any{"the key stands": {"k3", 1}, "the check": {"x", 0}} {
			for _, size := range []int{2, 10, 70} {
				err := d.Update(ctx, func(tx *db.Tx) error {
					rows := make([][]any, 0, size+1)
					for i := range size {
						rows = append(rows, []any{fmt.Sprint("k", i+3), 1})
					}
					if err := tx.Insert(ctx, "probe", []string{"k", "n"}, append(rows, bad)); err == nil {
						t.Errorf("%s, %d rows: written", name, size)
					}
					return nil
				})
				var n int64
				if e := d.QueryRow(ctx, `SELECT count(*) FROM probe`).Scan(&n); err == nil || e != nil || n != 0 {
					t.Errorf("%s, %d rows: %v; %d are kept, %v", name, size, err, n, e)
				}
			}
		}
	})
}
