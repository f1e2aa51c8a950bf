package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"lindu.example/lindu/internal/clock"
)

// Dialect names the database behind a DB.
type Dialect string

const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

var errLocale = errors.New("its collation must be C")

// Limits of the pools, for two cores; a larger machine sets MaxConns.
const (
	defaultReaders = 8
	defaultPGConns = 16
)

// Querier reads and writes SQL: a DB outside any transaction, or a Tx.
type Querier interface {
	// Exec runs a statement and tells how many rows it touched.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
	// Query reads rows; the caller closes them.
	Query(ctx context.Context, query string, args ...any) (*Rows, error)
	// QueryRow reads one row; Scan gives ErrNoRows if there is none.
	QueryRow(ctx context.Context, query string, args ...any) Row
}

// DB is an open database.
type DB struct {
	Dialect Dialect
	Clock   clock.Clock

	write, read       *sql.DB // SQLite
	writeStmt, rdStmt *stmts
	watched           *watched
	folder            *folder
	pool              *pgxpool.Pool // PostgreSQL
}

// Options of Open.
type Options struct {
	Clock    clock.Clock // nil: the system's
	MaxConns int         // 0: a default for two cores
}

// Open opens dsn: "postgres://…", or a path of a SQLite file, whose folder is
// made.
func Open(ctx context.Context, dsn string, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return openPostgres(ctx, dsn, o)
	}
	return openSQLite(ctx, dsn, o)
}

func openPostgres(ctx context.Context, dsn string, o Options) (*DB, error) {
	c, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("db: the PostgreSQL address can't be read: %w", errors.Unwrap(err)) // the text could hold the password
	}
	if c.MaxConns = int32(o.MaxConns); c.MaxConns <= 0 {
		c.MaxConns = defaultPGConns
	}
	p, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := p.Ping(ctx); err != nil {
		p.Close()
		return nil, fmt.Errorf("db: PostgreSQL does not answer: %w", err)
	}
	// Ids and references are compared as bytes everywhere, as SQLite does.
	var bytewise bool
	if err := p.QueryRow(ctx, `SELECT 'B' < 'a'`).Scan(&bytewise); err != nil || !bytewise {
		p.Close()
		return nil, fmt.Errorf("db: the PostgreSQL database sorts text by a language; create it with LOCALE 'C.UTF-8' (TEMPLATE template0): %w", errors.Join(errLocale, err))
	}
	return &DB{Dialect: Postgres, Clock: o.Clock, pool: p}, nil
}

func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if dir := filepath.Dir(path); dir != "." {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("db: %w", err)
		}
	}
	// busy_timeout comes first: it must hold before journal_mode may block.
	// synchronous=FULL costs nothing once orders commit in groups
	// (docs/performance.md), and loses nothing when the power goes.
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"wal_autocheckpoint(8000)", "journal_size_limit(67108864)", "cache_size(-16000)", "temp_store(MEMORY)"}}
	rq := url.Values{"_pragma": append([]string{"busy_timeout(10000)", "query_only(ON)"}, "cache_size(-4000)", "temp_store(MEMORY)")}
	q.Set("_txlock", "immediate")
	name := "file:" + (&url.URL{Path: path}).EscapedPath()
	w, err := sql.Open("sqlite", name+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	w.SetMaxOpenConns(1) // so writers queue here and not in SQLITE_BUSY
	if err := w.PingContext(ctx); err != nil {
		w.Close()
		return nil, fmt.Errorf("db: can't open %s: %w", path, err)
	}
	r, err := sql.Open("sqlite", name+"?"+rq.Encode())
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	f, err := sql.Open("sqlite", name+"?"+url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(FULL)"}}.Encode())
	if err != nil {
		return nil, errors.Join(err, w.Close(), r.Close())
	}
	f.SetMaxOpenConns(1)
	n := o.MaxConns
	if n <= 0 {
		n = defaultReaders
	}
	r.SetMaxOpenConns(n)
	r.SetMaxIdleConns(n)
	return &DB{Dialect: SQLite, Clock: o.Clock, write: w, read: r, writeStmt: newStmts(w), rdStmt: newStmts(r), watched: new(watched), folder: newFolder(f, w)}, nil
}

// Close closes the database; SQLite's log is folded into the file.
func (d *DB) Close() error {
	if d.pool != nil {
		d.pool.Close()
		return nil
	}
	d.folder.close()
	d.rdStmt.close()
	d.writeStmt.close()
	return errors.Join(d.read.Close(), d.write.Close())
}

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int64
	return d.QueryRow(ctx, `SELECT 1`).Scan(&one)
}

// Pool is PostgreSQL's pool, nil on SQLite: for the job queue and the order
// desk, which speak to the driver itself.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Writer is SQLite's write pool of one connection, nil on PostgreSQL.
func (d *DB) Writer() *sql.DB { return d.write }

// Exec runs one statement in a transaction of its own.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if d.pool != nil {
		t, err := d.pool.Exec(ctx, query, args...)
		return t.RowsAffected(), wrap(err)
	}
	r, err := d.write.ExecContext(ctx, query, args...)
	d.watched.changed(writesTo(query))
	if err != nil {
		return 0, wrap(err)
	}
	return r.RowsAffected()
}

// Query reads outside a transaction.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if d.pool != nil {
		r, err := d.pool.Query(ctx, query, args...)
		return &Rows{pg: r}, wrap(err)
	}
	return d.rdStmt.query(ctx, nil, query, args)
}

// QueryRow reads one row outside a transaction.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := d.Query(ctx, query, args...)
	return Row{rows, err}
}

// Tx is a running write transaction.
type Tx struct {
	Dialect Dialect
	Now     time.Time // one present for everything in the transaction

	sql    *sql.Tx
	pg     pgx.Tx
	st     *stmts
	failed error    // of an Insert: nothing is committed any more, as on PostgreSQL
	rows   int64    // written
	wrote  []string // tables
}

// note keeps which table a statement writes.
func (t *Tx) note(query string) {
	if table := writesTo(query); table != "" && !slices.Contains(t.wrote, table) {
		t.wrote = append(t.wrote, table)
	}
}

// SQL is the transaction on SQLite, nil on PostgreSQL.
func (t *Tx) SQL() *sql.Tx { return t.sql }

// PG is the transaction on PostgreSQL, nil on SQLite.
func (t *Tx) PG() pgx.Tx { return t.pg }

// NowUs is Now as stored.
func (t *Tx) NowUs() int64 { return clock.Us(t.Now) }

// Exec runs a statement and tells how many rows it touched.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.pg != nil {
		c, err := t.pg.Exec(ctx, query, args...)
		return c.RowsAffected(), wrap(err)
	}
	t.note(query)
	n, err := t.st.exec(ctx, t.sql, query, args)
	t.rows += n
	return n, err
}

// Query reads rows inside the transaction.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if t.pg != nil {
		r, err := t.pg.Query(ctx, query, args...)
		return &Rows{pg: r}, wrap(err)
	}
	t.note(query)
	return t.st.query(ctx, t.sql, query, args)
}

// QueryRow reads one row inside the transaction.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	rows, err := t.Query(ctx, query, args...)
	return Row{rows, err}
}

// maxTries bounds the repeats of a transaction that the database turned away.
const maxTries = 10

// Update runs fn in one write transaction and repeats it when the database
// asks for that (serialization failure, deadlock, busy), so fn must have no
// effect outside tx.
func (d *DB) Update(ctx context.Context, fn func(tx *Tx) error) error {
	for try := 0; ; try++ {
		err := d.once(ctx, fn)
		if err == nil || try == maxTries-1 || !Retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(1<<try) * time.Millisecond):
		}
	}
}

func (d *DB) once(ctx context.Context, fn func(tx *Tx) error) error {
	if d.pool != nil {
		return wrap(pgx.BeginFunc(ctx, d.pool, func(t pgx.Tx) error {
			return fn(&Tx{Dialect: Postgres, Now: d.Clock.Now(), pg: t})
		}))
	}
	d.writeStmt.prepareMissed(ctx)
	c, err := d.write.Conn(ctx) // waits for the one writer before
	if err != nil {
		return wrap(fmt.Errorf("begin: %w", err))
	}
	defer c.Close()
	// Begin and commit are not interrupted, as no statement is (settle);
	// busy_timeout bounds their waiting.
	t, err := c.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return wrap(fmt.Errorf("begin: %w", err))
	}
	defer t.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	tx := &Tx{Dialect: SQLite, Now: d.Clock.Now(), sql: t, st: d.writeStmt}
	if err := fn(tx); err != nil {
		return err
	}
	if err := errors.Join(tx.failed, ctx.Err()); err != nil {
		return err
	}
	err = t.Commit()
	d.folder.wrote(tx.rows)
	d.watched.changed(tx.wrote...) // also after an error: who knows how far it came
	return wrap(err)
}
