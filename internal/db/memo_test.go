package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
)

func memo(t *testing.T, d *db.DB, reads *atomic.Int64) *db.Memo[string, int64] {
	t.Helper()
	if _, err := d.Exec(t.Context(), `CREATE TABLE memo_thing (id TEXT PRIMARY KEY, n BIGINT NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	return &db.Memo[string, int64]{DB: d, Tables: []string{"memo_thing"}, Read: func(ctx context.Context, keys []string) (map[string]int64, error) {
		reads.Add(1)
		out := map[string]int64{}
		rows, err := d.Query(ctx, `SELECT id, n FROM memo_thing WHERE id IN (`+db.In(1, len(keys))+`)`, db.Args(keys)...)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var k string
			var n int64
			if err := rows.Scan(&k, &n); err != nil {
				return nil, err
			}
			out[k] = n
		}
		return out, rows.Err()
	}}
}

func TestMemoForgetsWhatIsWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var reads atomic.Int64
		m := memo(t, d, &reads)
		want := func(key string, n int64, there bool) {
			t.Helper()
			if got, ok, err := m.Get(t.Context(), key); err != nil || ok != there || got != n {
				t.Fatalf("%s: %d, %v, %v; want %d, %v", key, got, ok, err, n, there)
			}
		}
		do := func(query string, args ...any) {
			t.Helper()
			if err := d.Update(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), query, args...)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		want("a", 0, false) // and a missing row is asked for again
		do(`INSERT INTO memo_thing (id, n) VALUES ($1, $2)`, "a", 1)
		want("a", 1, true)
		do("\n\t\tUPDATE memo_thing\n SET n = $2 WHERE id = $1", "a", 2)
		want("a", 2, true)
		if _, err := d.Exec(t.Context(), `UPDATE memo_thing SET n = 3`); err != nil {
			t.Fatal(err)
		}
		want("a", 3, true)
		stop := errors.New("stop")
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `UPDATE memo_thing SET n = 4`); err != nil {
				return err
			}
			return stop
		}); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		want("a", 3, true)
		if err := d.Update(t.Context(), func(tx *db.Tx) error { // a write that answers
			var n int64
			return tx.QueryRow(t.Context(), `UPDATE memo_thing SET n = n + 2 RETURNING n`).Scan(&n)
		}); err != nil {
			t.Fatal(err)
		}
		want("a", 5, true)
		before := reads.Load()
		if err := d.Update(t.Context(), func(tx *db.Tx) error { // several rows at once
			return tx.Insert(t.Context(), "memo_thing", []string{"id", "n"}, [][]any{{"c", 6}, {"d", 7}, {"e", 8}, {"f", 9}})
		}); err != nil {
			t.Fatal(err)
		}
		if want("a", 5, true); reads.Load() == before {
			t.Error("remembered over a write of several rows")
		}
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			return tx.Insert(t.Context(), "memo_thing", []string{"id", "n"}, [][]any{{"b", 7}})
		}); err != nil {
			t.Fatal(err)
		}
		want("b", 7, true)
		do(`DELETE FROM memo_thing WHERE id = $1`, "a")
		want("a", 0, false)
	})
}

func TestMemoAsksOnce(t *testing.T) {
	d := dbtest.SQLite(t)
	var reads atomic.Int64
	m := memo(t, d, &reads)
	if _, err := d.Exec(t.Context(), `INSERT INTO memo_thing (id, n) VALUES ('a', 1)`); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if got, ok, err := m.Get(t.Context(), "a"); got != 1 || !ok || err != nil {
			t.Fatal(got, ok, err)
		}
	}
	if n := reads.Load(); n > 50 { // a slow machine may pass the two seconds
		t.Errorf("100 look-ups made %d reads", n)
	}
}

// TestMemoNeverGivesWhatWasReplaced: while one writes a rising number, nobody
// who asks after a write was acknowledged gets an older one.
func TestMemoNeverGivesWhatWasReplaced(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var reads atomic.Int64
		m := memo(t, d, &reads)
		if _, err := d.Exec(t.Context(), `INSERT INTO memo_thing (id, n) VALUES ('a', 0)`); err != nil {
			t.Fatal(err)
		}
		var done atomic.Int64 // the last number that was acknowledged
		var over atomic.Bool
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for !over.Load() {
					least := done.Load()
					got, ok, err := m.Get(context.Background(), "a")
					if err != nil || !ok || got < least {
						t.Errorf("got %d, %v, %v after %d was acknowledged", got, ok, err, least)
						return
					}
				}
			})
		}
		for n := range int64(200) {
			if err := d.Update(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), fmt.Sprintf(`UPDATE memo_thing SET n = %d WHERE id = 'a'`, n+1))
				return err
			}); err != nil {
				t.Error(err)
				break
			}
			done.Store(n + 1)
		}
		over.Store(true)
		wg.Wait()
	})
}

// The first look-up of all may come while a transaction that writes is open.
func TestMemoBegunWhileATransactionIsOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var reads atomic.Int64
		m := memo(t, d, &reads)
		if _, err := d.Exec(t.Context(), `INSERT INTO memo_thing (id, n) VALUES ('a', 1)`); err != nil {
			t.Fatal(err)
		}
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `UPDATE memo_thing SET n = 2`); err != nil {
				return err
			}
			if n, _, err := m.Get(t.Context(), "a"); n != 1 || err != nil {
				t.Errorf("before the commit: %d, %v", n, err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if n, _, err := m.Get(t.Context(), "a"); n != 2 || err != nil {
			t.Errorf("after the commit: %d, %v", n, err)
		}
	})
}
