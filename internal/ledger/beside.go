package ledger

import (
	"context"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
)

// Beside lists an account's postings up to a day in those transactions that
// also have a line on an account that starts with prefix, the oldest first.
func Beside(ctx context.Context, q db.Querier, path, prefix string, upTo clock.Day) ([]Entry, error) {
	rows, err := q.Query(ctx, `
		SELECT t.id, t.ref, t.kind, t.at_us, t.day, p.path, p.fen, t.memo
		FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
		WHERE p.path = $1 AND t.day <= $2
		  AND EXISTS (SELECT 1 FROM ledger_posting o WHERE o.txn_id = p.txn_id AND substr(o.path, 1, $4) = $3)
		ORDER BY p.txn_id, p.seq`, path, int64(upTo), prefix, len(prefix))
	return db.Collect(rows, err, scanEntry)
}
