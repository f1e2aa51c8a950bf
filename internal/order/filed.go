package order

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
)

// FileAfter is after how many orders File is due on SQLite: the view
// order_of_buyer reads that many rows from the end of the table, and more of
// them file with fewer pages.
const FileAfter = 2000

// File notes whose the orders are that were placed since the last time, sorted
// by buyer: by themselves they would write a page of the index each. The view
// order_of_buyer gives filed and unfiled orders, so that when this runs decides
// only how fast it is. On PostgreSQL an index tells, and there is nothing to do.
func File(ctx context.Context, tx *db.Tx) error {
	if tx.Dialect == db.Postgres {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT OR FAIL INTO order_filed SELECT buyer_id, seq FROM sale_order WHERE seq > (SELECT seq FROM order_filed_upto) ORDER BY buyer_id, seq`)
	if err == nil {
		_, err = tx.Exec(ctx, `UPDATE order_filed_upto SET seq = (SELECT coalesce(max(seq), 0) FROM sale_order)`)
	}
	if err != nil {
		return fmt.Errorf("order: file: %w", err)
	}
	return nil
}

// ofBuyers is the condition of sale_order that finds buyers' orders.
func ofBuyers(q db.Querier, are string) string {
	if db.DialectOf(q) == db.Postgres {
		return "buyer_id " + are
	}
	return "seq IN (SELECT seq FROM order_of_buyer WHERE buyer_id " + are + ")"
}
