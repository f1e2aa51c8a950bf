package db_test

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"sync"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/id"
)

func TestOneTextServesBoth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := d.Exec(ctx, `CREATE TABLE probe (k TEXT PRIMARY KEY, n BIGINT NOT NULL CHECK (n >= 0), ok BOOLEAN NOT NULL)`); err != nil {
			t.Fatal(err)
		}
		err := d.Update(ctx, func(tx *db.Tx) error {
			for i, k := range []string{"b", "a", "a"} {
				var n int64
				err := tx.QueryRow(ctx, `INSERT INTO probe (ok, k, n) VALUES ($3, $1, $2)
					ON CONFLICT (k) DO UPDATE SET n = probe.n + excluded.n RETURNING n`, k, int64(i+1), true).Scan(&n)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := d.Query(ctx, `SELECT k, n, ok FROM probe WHERE ok ORDER BY k`)
		type row struct {
			k  string
			n  int64
			ok bool
		}
		got, err := db.Collect(rows, err, func(r *db.Rows, p *row) error { return r.Scan(&p.k, &p.n, &p.ok) })
		if err != nil || len(got) != 2 || got[0] != (row{"a", 5, true}) || got[1] != (row{"b", 1, true}) {
			t.Fatalf("got %v, %v", got, err)
		}
		var sum int64
		if err := d.QueryRow(ctx, `SELECT CAST(coalesce(sum(n), 0) AS BIGINT) FROM probe WHERE k = $1`, "zz").Scan(&sum); err != nil || sum != 0 {
			t.Fatalf("sum = %d, %v", sum, err)
		}
		if err := d.QueryRow(ctx, `SELECT n FROM probe WHERE k = $1`, "zz").Scan(&sum); !errors.Is(err, db.ErrNoRows) {
			t.Fatalf("missing row: %v", err)
		}
		_, err = d.Exec(ctx, `INSERT INTO probe (k, n, ok) VALUES ('a', 1, TRUE)`)
		if !db.IsUnique(err) {
			t.Errorf("second key: %v", err)
		}
		if _, err = d.Exec(ctx, `UPDATE probe SET n = n - 100`); !db.IsCheck(err) {
			t.Errorf("CHECK: %v", err)
		}
	})
}

func TestUpdateRollsBack(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		boom := errors.New("boom")
		err := d.Update(ctx, func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO setting (key, value, changed_us, changed_by) VALUES ('x', '1', 0, '')`); err != nil {
				return err
			}
			return boom
		})
		var n int64
		if !errors.Is(err, boom) || d.QueryRow(ctx, `SELECT count(*) FROM setting`).Scan(&n) != nil || n != 0 {
			t.Fatalf("err %v, rows %d", err, n)
		}
	})
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := d.Exec(ctx, `INSERT INTO setting (key, value, changed_us, changed_by) VALUES ('n', '0', 0, '')`); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 10 {
					err := d.Update(context.Background(), func(tx *db.Tx) error {
						_, err := tx.Exec(ctx, `UPDATE setting SET changed_us = changed_us + 1 WHERE key = 'n'`)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int64
		if err := d.QueryRow(ctx, `SELECT changed_us FROM setting WHERE key = 'n'`).Scan(&n); err != nil || n != 160 {
			t.Fatalf("n = %d, %v; want 160", n, err)
		}
	})
}

func TestAppendOnlyTablesRefuseChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := d.Exec(ctx, `INSERT INTO audit_event (id, at_us, actor_id, actor_name, via, action, object_kind, object_id, detail) VALUES ('1', 1, '', '', '', 'a', 'b', 'c', '{}')`); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{`UPDATE audit_event SET action = 'x'`, `DELETE FROM audit_event`} {
			if _, err := d.Exec(ctx, q); !db.IsRefused(err) {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
}

func TestMigrateTwiceDoesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		names, err := d.Migrate(t.Context())
		if err != nil || len(names) != 0 {
			t.Fatalf("second run: %v, %v", names, err)
		}
		if v, err := d.Version(t.Context()); err != nil || v < 9 {
			t.Fatalf("version %d, %v", v, err)
		}
	})
}

func TestOpenMakesItsFolder(t *testing.T) {
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "a b", "c#d", "x.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAPostgresThatSortsByALanguageIsRefused(t *testing.T) {
	dsn := dbtest.Postgres(t)
	admin, err := db.Open(t.Context(), dsn, db.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name := "t" + id.New[string]()
	if _, err := admin.Exec(t.Context(), `CREATE DATABASE `+name+` TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C.UTF-8'`); err != nil {
		t.Skipf("this PostgreSQL has no ICU: %v", err)
	}
	defer admin.Exec(context.Background(), `DROP DATABASE `+name)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Path, u.RawQuery = "/"+name, ""
	if d, err := db.Open(t.Context(), u.String(), db.Options{MaxConns: 1}); err == nil {
		d.Close()
		t.Error("it was opened")
	}
}
