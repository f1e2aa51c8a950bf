package db_test

import (
	"fmt"
	"maps"
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

// Values that are the same in every row are bound once on SQLite; what is
// written is the same, however many rows come and whatever they share.
func TestInsertRowsThatShareValues(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := d.Exec(ctx, `CREATE TABLE probe (k BIGINT PRIMARY KEY, a TEXT NOT NULL, b BIGINT NOT NULL, c BOOLEAN NOT NULL)`); err != nil {
			t.Fatal(err)
		}
		type row struct {
			a string
			b int64
			c bool
		}
		want := map[int64]row{}
		var k int64
		for _, n := range []int{1, 15, 16, 17, 64, 90, 200} {
			for differ := range 8 { // which of the three columns differ, as bits
				rows := make([][]any, n)
				for i := range rows {
					r := row{"all", 7, true}
					if differ&1 != 0 {
						r.a = fmt.Sprint("a", i%3)
					}
					if differ&2 != 0 {
						r.b = int64(i)
					}
					if differ&4 != 0 && i == n-1 {
						r.c = false
					}
					k++
					want[k] = r
					rows[i] = []any{k, r.a, r.b, r.c}
				}
				if err := d.Update(ctx, func(tx *db.Tx) error { return tx.Insert(ctx, "probe", []string{"k", "a", "b", "c"}, rows) }); err != nil {
					t.Fatalf("%d rows, %b: %v", n, differ, err)
				}
			}
		}
		rows, err := d.Query(ctx, `SELECT k, a, b, c FROM probe`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		got := map[int64]row{}
		for rows.Next() {
			var k int64
			var r row
			if err := rows.Scan(&k, &r.a, &r.b, &r.c); err != nil {
				t.Fatal(err)
			}
			got[k] = r
		}
		if err := rows.Err(); err != nil || !maps.Equal(got, want) {
			t.Errorf("%d rows of %d, or others: %v", len(got), len(want), err)
		}
	})
}
