package db

import (
	"database/sql"

	"github.com/jackc/pgx/v5"
)

// Rows walks the result of a query on either database.
type Rows struct {
	sql *sql.Rows
	pg  pgx.Rows
}

// Next moves to the next row.
func (r *Rows) Next() bool {
	if r.pg != nil {
		return r.pg.Next()
	}
	return r.sql.Next()
}

// Scan reads the columns of the row.
func (r *Rows) Scan(dest ...any) error {
	if r.pg != nil {
		return wrap(r.pg.Scan(dest...))
	}
	return wrap(r.sql.Scan(dest...))
}

// Err is what ended the walk early.
func (r *Rows) Err() error {
	if r.pg != nil {
		return wrap(r.pg.Err())
	}
	return wrap(r.sql.Err())
}

// Close ends the walk; closing twice is harmless.
func (r *Rows) Close() {
	if r.pg != nil {
		r.pg.Close()
	} else if r.sql != nil {
		r.sql.Close()
	}
}

// Row is the result of QueryRow.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the one row, or gives ErrNoRows.
func (r Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// Collect reads all rows of a query, one T a row by scan.
func Collect[T any](rows *Rows, err error, scan func(*Rows, *T) error) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var t T
		if err := scan(rows, &t); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}
