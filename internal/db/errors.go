package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// ErrNoRows means QueryRow found nothing.
var ErrNoRows = sql.ErrNoRows

// ErrAway means that the database server does not answer: it stops, starts, or
// can't be reached. What was asked may be asked again.
var ErrAway = errors.New("db: the server does not answer")

// wrap gives both drivers' "no rows" one name, and one to a server that is
// away.
func wrap(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNoRows
	case away(err) && !errors.Is(err, ErrAway):
		return fmt.Errorf("%w: %w", ErrAway, err)
	}
	return err
}

// away tells by PostgreSQL's class 08 (connection), 57P01 to 57P03 (shut down,
// crashed, starting), or by a connection that broke or was not made.
func away(err error) bool {
	if _, pg := codes(err); pg != "" {
		return strings.HasPrefix(pg, "08") || pg == "57P01" || pg == "57P02" || pg == "57P03"
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // who asked went away
	}
	var connect *pgconn.ConnectError
	var broken *net.OpError
	return errors.As(err, &connect) || errors.As(err, &broken) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		pgconn.SafeToRetry(err)
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
