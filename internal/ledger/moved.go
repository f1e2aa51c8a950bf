package ledger

import (
	"context"
	"fmt"
	"strings"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/money"
)

// Moved adds up what moved on the accounts of some patterns (of LIKE) from one
// day to another, both counted. It reads the days that are kept, and the
// postings since.
func Moved(ctx context.Context, q db.Querier, patterns []string, from, to clock.Day) (f money.Fen, err error) {
	err = q.QueryRow(ctx, MovedSQL(patterns), int64(from), int64(to)).Scan(&f)
	return f, err
}

// MovedSQL is the statement of Moved, for who wants to see how a figure is made;
// $1 and $2 are the days. Patterns come from our own code, never from outside.
func MovedSQL(patterns []string) string {
	on := func(table string) string {
		parts := make([]string, len(patterns))
		for i, p := range patterns {
			parts[i] = fmt.Sprintf("%s.path LIKE '%s'", table, strings.ReplaceAll(p, "'", ""))
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	}
	return fmt.Sprintf(`SELECT CAST(coalesce(sum(fen), 0) AS BIGINT) FROM (
  SELECT d.fen FROM ledger_day d
  WHERE %s AND d.day BETWEEN $1 AND $2
  UNION ALL
  SELECT p.fen FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
  WHERE %s AND t.day BETWEEN $1 AND $2
    AND p.txn_id > (SELECT upto FROM ledger_day_mark WHERE one = 1)
) moved`, on("d"), on("p"))
}
