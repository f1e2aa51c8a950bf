package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// dialectFS shows goose only the files of one database, without the dialect
// in the name.
type dialectFS struct {
	fs.FS
	dialect Dialect
}

func (f dialectFS) Open(name string) (fs.File, error) {
	if base, ok := strings.CutSuffix(name, ".sql"); ok {
		if file, err := f.FS.Open(base + "." + string(f.dialect) + ".sql"); err == nil {
			return file, nil
		}
	}
	return f.FS.Open(name)
}

// ReadDir lists the files of the dialect under their common names.
func (f dialectFS) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(f.FS, name)
	if err != nil {
		return nil, err
	}
	var out []fs.DirEntry
	for _, e := range all {
		base, _ := strings.CutSuffix(e.Name(), ".sql")
		stem, dialect, special := strings.Cut(base, ".")
		switch {
		case !special:
			out = append(out, e)
		case Dialect(dialect) == f.dialect:
			out = append(out, renamed{e, stem + ".sql"})
		}
	}
	return out, nil
}

type renamed struct {
	fs.DirEntry
	name string
}

func (r renamed) Name() string { return r.name }

// Glob lists SQL files for goose.
func (f dialectFS) Glob(pattern string) ([]string, error) {
	list, err := f.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range list {
		if ok, _ := matchSQL(pattern, e.Name()); ok {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

func matchSQL(pattern, name string) (bool, error) {
	return strings.HasSuffix(pattern, ".sql") && strings.HasSuffix(name, ".sql"), nil
}

// Migrate brings the schema to the newest version and tells which files ran.
func (d *DB) Migrate(ctx context.Context) ([]string, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	conn, dialect := d.write, goose.DialectSQLite3
	if d.pool != nil {
		conn, dialect = stdlib.OpenDBFromPool(d.pool), goose.DialectPostgres
		defer conn.Close()
	}
	p, err := goose.NewProvider(dialect, conn, dialectFS{sub, d.Dialect}, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("db: migrations: %w", err)
	}
	res, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: migrate: %w", err)
	}
	var names []string
	for _, r := range res {
		names = append(names, r.Source.Path)
	}
	if d.Dialect == SQLite {
		return names, cluster(ctx, d.write)
	}
	return names, nil
}

// Version is the newest migration the database has, 0 for none.
func (d *DB) Version(ctx context.Context) (int64, error) {
	var v sql.NullInt64
	err := d.QueryRow(ctx, `SELECT max(version_id) FROM goose_db_version`).Scan(&v)
	return v.Int64, err
}
