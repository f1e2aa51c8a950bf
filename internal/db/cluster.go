package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// clustered are the tables whose rows are short, many, and found by their
// primary key. SQLite keeps an ordinary table twice, by row number and by
// primary key; WITHOUT ROWID keeps it once, which halves what an order writes.
// Long rows (sale_order) stay: SQLite appends to a table by row number more
// cheaply than it splits pages of few rows.
var clustered = []string{"ledger_txn", "ledger_posting", "lot_reservation", "order_line", "order_share", "audit_event"}

// cluster rebuilds those that are not so yet, after the migrations and
// whatever columns these gave them: the text of a table is the database's own.
func cluster(ctx context.Context, d *sql.DB) (err error) {
	var left int
	err = d.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID' AND name IN ('`+strings.Join(clustered, "','")+`')`).Scan(&left)
	if err != nil || left == 0 {
		return err
	}
	// Foreign keys can't be turned off inside a transaction, and the pool has
	// one connection: it is the same one throughout.
	if _, err := d.ExecContext(ctx, `PRAGMA foreign_keys = OFF`); err != nil {
		return err
	}
	defer func() {
		_, e := d.ExecContext(context.WithoutCancel(ctx), `PRAGMA foreign_keys = ON`)
		err = errors.Join(err, e)
	}()
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	for _, t := range clustered {
		if err := clusterTable(ctx, tx, t); err != nil {
			return fmt.Errorf("db: rebuild %s: %w", t, err)
		}
	}
	var broken int64
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_check`).Scan(&broken); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("db: rebuild: %d rows refer to nothing", broken)
	}
	return tx.Commit()
}

func clusterTable(ctx context.Context, tx *sql.Tx, table string) error {
	var text string
	if err := tx.QueryRowContext(ctx, `SELECT sql FROM sqlite_master WHERE type = 'table' AND name = $1`, table).Scan(&text); err != nil {
		return err
	}
	body, ok := strings.CutPrefix(text, "CREATE TABLE "+table+" ")
	if strings.HasSuffix(strings.ToUpper(text), "WITHOUT ROWID") {
		return nil
	}
	if !ok || !strings.HasSuffix(body, ")") {
		return fmt.Errorf("its text is not as expected: %.60q", text)
	}
	rest, err := textsOf(ctx, tx, table)
	if err != nil {
		return err
	}
	for _, s := range append([]string{
		"CREATE TABLE " + table + "_new " + body + " WITHOUT ROWID",
		"INSERT INTO " + table + "_new SELECT * FROM " + table,
		"DROP TABLE " + table,
		"ALTER TABLE " + table + "_new RENAME TO " + table,
	}, rest...) {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%.60q: %w", s, err)
		}
	}
	return nil
}

// textsOf are the indexes and triggers of a table, which go with it.
func textsOf(ctx context.Context, tx *sql.Tx, table string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT sql FROM sqlite_master WHERE tbl_name = $1 AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, name`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
