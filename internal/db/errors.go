package db

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// ErrNoRows means QueryRow found nothing.
var ErrNoRows = sql.ErrNoRows

// wrap gives both drivers' "no rows" one name.
func wrap(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNoRows
	}
	return err
}

// Codes: www.sqlite.org/rescode.html and PostgreSQL's appendix A.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteFull       = 13
	sqliteIOErr      = 10
	sqliteReadOnly   = 8
	sqliteUnique     = 2067
	sqlitePrimaryKey = 1555
	sqliteCheck      = 275
	sqliteTrigger    = 1811
)

func codes(err error) (lite int, pg string) {
	var s *sqlite.Error
	if errors.As(err, &s) {
		return s.Code(), ""
	}
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return 0, p.Code
	}
	return 0, ""
}

// Retryable tells whether the same transaction may well pass when repeated.
func Retryable(err error) bool {
	lite, pg := codes(err)
	return lite&0xff == sqliteBusy || lite&0xff == sqliteLocked || pg == "40001" || pg == "40P01"
}

// IsUnique tells whether a row with the same key stands already.
func IsUnique(err error) bool {
	lite, pg := codes(err)
	return lite == sqliteUnique || lite == sqlitePrimaryKey || pg == "23505"
}

// IsCheck tells whether a row breaks a CHECK of its table.
func IsCheck(err error) bool {
	lite, pg := codes(err)
	return lite == sqliteCheck || pg == "23514"
}

// IsRefused tells whether a trigger refused the statement (append-only tables).
func IsRefused(err error) bool {
	lite, pg := codes(err)
	return lite == sqliteTrigger || pg == "P0001"
}

// IsStorage tells whether the disk under the database failed: full, read-only
// or broken. Reads may still go on.
func IsStorage(err error) bool {
	lite, pg := codes(err)
	return lite&0xff == sqliteFull || lite&0xff == sqliteIOErr || lite&0xff == sqliteReadOnly || pg == "53100" || pg == "58030"
}

// IsBadText tells whether a text of the request can't be stored at all: a zero
// byte or broken UTF-8, which PostgreSQL refuses and people don't type.
func IsBadText(err error) bool {
	_, pg := codes(err)
	return pg == "22021" || pg == "22P05"
}
