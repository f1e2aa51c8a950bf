package dbtest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Each runs fn on a fresh, migrated database of each kind.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachAt(t, nil, func(t *testing.T, d *db.DB) { fn(t, d) })
}

// EachAt is Each with a clock of the test's; clk makes one per database.
func EachAt(t *testing.T, clk func() clock.Clock, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	opt := func() db.Options {
		if clk == nil {
			return db.Options{}
		}
		return db.Options{Clock: clk()}
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		fn(t, open(t, filepath.Join(t.TempDir(), "t.db"), opt()))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		fn(t, open(t, Postgres(t), opt()))
	})
}

// SQLite opens a fresh, migrated SQLite database.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "t.db"), db.Options{})
}

// Postgres makes a fresh, empty schema on the test server, drops it at the end
// of the test and gives its address. It skips the test (or fails it, see the
// package comment) when there is no server.
func Postgres(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("LINDU_TEST_PG")
	if dsn == "" {
		if os.Getenv("LINDU_TEST_REQUIRE_PG") != "" {
			t.Fatal("LINDU_TEST_PG is not set")
		}
		t.Skip("LINDU_TEST_PG is not set; `make test` sets it")
	}
	schema := "t" + id.New[string]()
	admin, err := db.Open(context.Background(), dsn, db.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(context.Background(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func open(t testing.TB, dsn string, o db.Options) *db.DB {
	t.Helper()
	if o.MaxConns == 0 {
		o.MaxConns = 4 // many tests share one server
	}
	d, err := db.Open(context.Background(), dsn, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if _, err := d.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return d
}
