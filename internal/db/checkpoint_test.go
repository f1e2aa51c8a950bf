package db_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"lindu.example/lindu/internal/db"
)

// TestTheLogStaysBounded: while one writes without a pause and others read, the
// write-ahead log begins again and again instead of growing with all that was
// written; a copy of the file alone is whole after Close.
func TestTheLogStaysBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := db.Open(t.Context(), path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), `CREATE TABLE thing (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	var over atomic.Bool
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for !over.Load() {
				var n int64
				if err := d.QueryRow(context.Background(), `SELECT count(*) FROM (SELECT id FROM thing ORDER BY id DESC LIMIT 100) x`).Scan(&n); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	const each, times, size = 500, 400, 1200
	body := string(make([]byte, size))
	var most int64
	for i := range times {
		rows := make([][]any, each)
		for j := range rows {
			rows[j] = []any{i*each + j, body}
		}
		if err := d.Update(t.Context(), func(tx *db.Tx) error {
			return tx.Insert(t.Context(), "thing", []string{"id", "body"}, rows)
		}); err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(path + "-wal"); err == nil {
			most = max(most, st.Size())
		}
	}
	over.Store(true)
	readers.Wait()
	if all := int64(each * times * size); most > all/2 {
		t.Errorf("the log reached %d bytes while %d were written", most, all)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !os.IsNotExist(err) {
		t.Errorf("a log is left after Close: %v", err)
	}
	if d, err = db.Open(t.Context(), path, db.Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var n int64
	if err := d.QueryRow(t.Context(), `SELECT count(*) FROM thing`).Scan(&n); err != nil || n != each*times {
		t.Errorf("%d rows, %v; want %d", n, err, each*times)
	}
}
