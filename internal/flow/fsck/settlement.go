package fsck

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/tlog"
)

// settlement are the checks of money that waits for finance, of what producers,
// hosts and agencies are paid, and of the public log's leaves.
var settlement = []check{
	{name: "fsck.quarantine", of: whole, counts: "payment_callback WHERE outcome = 'quarantined'", says: "%s: %d fen held, quarantined notices of %d", wrong: `
		SELECT 'quarantine/held', booked, waiting FROM (
			SELECT (SELECT CAST(coalesce(-sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path = 'quarantine/held') AS booked,
				(SELECT CAST(coalesce(sum(amount_fen), 0) AS BIGINT) FROM payment_callback WHERE held AND settled_us = 0) AS waiting) x
		WHERE booked <> waiting`},
	{name: "fsck.statements", of: whole, counts: "statement_line", says: "statement %s: %d fen net, its lines %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, net_fen - elsewhere_fen AS a, 0 AS b, gross_fen AS c, 0 AS d, back_fen AS e, 0 AS f, lines AS g, 0 AS h FROM statement
			UNION ALL SELECT statement_id, 0, net_fen, 0, CASE WHEN kind IN ('sale', 'earning') THEN gross_fen ELSE 0 END,
				0, CASE WHEN kind IN ('refund', 'claim') THEN gross_fen ELSE 0 END, 0, 1 FROM statement_line) x
		GROUP BY what HAVING sum(a) <> sum(b) OR sum(c) <> sum(d) OR sum(e) <> sum(f) OR sum(g) <> sum(h)`},
	// What stands on a statement is what its record says.
	{name: "fsck.statement_lines", of: whole, counts: "statement_line", says: "line %s: %d fen net, its record %d", wrong: `
		SELECT l.source, l.net_fen, coalesce(s.owed_fen, 0) FROM statement_line l
		LEFT JOIN order_share s ON s.order_id = l.order_id AND l.source = 'sale/' || s.order_id || '/' || s.reservation_id
		WHERE l.kind = 'sale' AND l.order_id <> '' AND (s.order_id IS NULL OR s.owed_fen <> l.net_fen OR s.commission_fen <> l.commission_fen)
		UNION ALL SELECT l.source, l.net_fen, coalesce(-s.owed_fen, 0) FROM statement_line l
		LEFT JOIN refund_share s ON s.order_id = l.order_id AND l.source = 'refund/' || s.refund_id || '/' || s.reservation_id
		WHERE l.kind IN ('refund', 'claim') AND l.order_id <> '' AND (s.order_id IS NULL OR -s.owed_fen <> l.net_fen OR -s.commission_fen <> l.commission_fen)`},
	{name: "fsck.payouts", of: whole, counts: "payout", says: "payout %s: %d fen paid, %d booked", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, amount_fen AS a, 0 AS b FROM payout WHERE state IN ('paid', 'reversed')
			UNION ALL SELECT id || ' back', amount_fen, 0 FROM payout WHERE state = 'reversed'
			UNION ALL SELECT substr(t.ref, 8), 0, p.fen FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
				WHERE t.kind = 'payout.done' AND t.ref NOT LIKE 'payout/split/%' AND p.fen > 0
			UNION ALL SELECT substr(t.ref, 17) || ' back', 0, -p.fen FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
				WHERE t.kind = 'payout.reversed' AND p.fen < 0) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.paid_statements", of: whole, counts: "statement", says: "statement %s: %d fen to pay, payouts of %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, pay_fen AS a, 0 AS b FROM statement WHERE state = 'paid'
			UNION ALL SELECT statement_id, 0, amount_fen FROM payout WHERE state = 'paid') x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	// What finance entered of pay and costs is what is booked, and no more is
	// taken back than was there.
	{name: "fsck.earnings", of: whole, counts: "host_earning", fullOnly: true, says: "pay %s: %d fen entered, %d booked", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT 'host/' || id || ' ' || host_id AS what, host_fen AS a, 0 AS b FROM host_earning
			UNION ALL SELECT 'host/' || id || ' ' || agency_id, agency_fen, 0 FROM host_earning
			UNION ALL SELECT 'host-back/' || b.id || ' ' || e.host_id, -b.host_fen, 0 FROM host_earning_back b JOIN host_earning e ON e.id = b.earning_id
			UNION ALL SELECT 'host-back/' || b.id || ' ' || e.agency_id, -b.agency_fen, 0 FROM host_earning_back b JOIN host_earning e ON e.id = b.earning_id
			UNION ALL SELECT t.ref || ' ' || replace(replace(replace(p.path, 'host/', ''), 'agency/', ''), '/owed', ''), 0, -p.fen
				FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
				WHERE t.kind IN ('host.earned', 'host.taken_back') AND p.path LIKE '%/owed') x
		GROUP BY what HAVING sum(a) <> sum(b)
		UNION ALL SELECT e.id || ' taken back', b.host_fen + b.agency_fen, e.host_fen + e.agency_fen FROM host_earning e JOIN host_earning_back b ON b.earning_id = e.id
			WHERE b.host_fen > e.host_fen OR b.agency_fen > e.agency_fen`},
	{name: "fsck.earning_lines", of: whole, counts: "statement_line WHERE kind IN ('earning', 'refund')", fullOnly: true, says: "line %s: %d fen net, its record %d", wrong: `
		SELECT l.source, l.net_fen, coalesce(r.fen, 0) FROM statement_line l JOIN statement s ON s.id = l.statement_id
		LEFT JOIN (SELECT 'host/' || id AS source, host_id AS payee, host_fen AS fen FROM host_earning
			UNION ALL SELECT 'agency/' || id, agency_id, agency_fen FROM host_earning
			UNION ALL SELECT 'host-back/' || b.id, e.host_id, -b.host_fen FROM host_earning_back b JOIN host_earning e ON e.id = b.earning_id
			UNION ALL SELECT 'agency-back/' || b.id, e.agency_id, -b.agency_fen FROM host_earning_back b JOIN host_earning e ON e.id = b.earning_id) r
			ON r.source = l.source AND r.payee = s.payee_id
		WHERE s.payee_kind <> 'producer' AND (r.fen IS NULL OR r.fen <> l.net_fen)`},
	{name: "fsck.costs", of: whole, counts: "centre_cost", fullOnly: true, says: "cost %s: %d fen entered, %d booked", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT CASE kind WHEN 'service' THEN 'service/' ELSE 'cost/' END || id || ' ' || kind AS what, fen AS a, 0 AS b FROM centre_cost
			UNION ALL SELECT CASE c.kind WHEN 'service' THEN 'service-back/' ELSE 'cost-back/' END || b.id || ' ' || c.kind, -b.fen, 0
				FROM centre_cost_back b JOIN centre_cost c ON c.id = b.cost_id
			UNION ALL SELECT t.ref || ' ' || CASE p.path WHEN 'service/earned' THEN 'service' ELSE substr(p.path, 7) END, 0, CASE p.path WHEN 'service/earned' THEN -p.fen ELSE p.fen END
				FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
				WHERE t.kind IN ('cost.paid', 'service.earned', 'cost.taken_back', 'service.taken_back') AND p.path <> 'bank/main') x
		GROUP BY what HAVING sum(a) <> sum(b)
		UNION ALL SELECT c.id || ' taken back', b.fen, c.fen FROM centre_cost c JOIN centre_cost_back b ON b.cost_id = c.id WHERE b.fen > c.fen`},
	{name: "fsck.moved", of: whole, counts: "money_moved", fullOnly: true, says: "move %s: %d fen on the bank account, %d booked", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, CASE kind WHEN 'tax' THEN -fen ELSE fen END AS a, 0 AS b FROM money_moved
			UNION ALL SELECT b.id, CASE m.kind WHEN 'tax' THEN m.fen ELSE -m.fen END, 0 FROM money_moved_back b JOIN money_moved m ON m.id = b.move_id
			UNION ALL SELECT substr(t.ref, 11), 0, p.fen FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id AND p.path = 'bank/main' WHERE t.kind = 'bank.taken_back'
			UNION ALL SELECT substr(t.ref, CASE t.kind WHEN 'channel.payout' THEN 16 WHEN 'carrier.paid' THEN 9 ELSE 5 END), 0, p.fen
				FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id AND p.path = 'bank/main'
				WHERE t.kind IN ('channel.payout', 'carrier.paid', 'tax.paid')) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.log_places", of: whole, counts: "log_leaf", fullOnly: true, says: "%s: %d places given, the last is %d", wrong: `
		SELECT 'public log', places, last FROM (SELECT count(seq) AS places, coalesce(max(seq) + 1, 0) AS last FROM log_leaf) x WHERE places <> last
		UNION ALL SELECT 'checkpoint of ' || size, (SELECT count(seq) FROM log_leaf), size FROM log_head WHERE size > (SELECT count(seq) FROM log_leaf)`},
	{name: "fsck.log_orphans", of: whole, counts: "log_leaf", fullOnly: true, says: "leaf %s: %d transactions, should be %d", wrong: `
		SELECT l.ref, 0, 1 FROM log_leaf l WHERE l.ref LIKE 'txn/%' AND NOT EXISTS (SELECT 1 FROM ledger_txn t WHERE t.ref = substr(l.ref, 5))`},
	{name: "fsck.leaves", of: txns, by: leaves},
}

// leaves holds that every pledged movement is in the public log, since there
// is one.
func leaves(ctx context.Context, q db.Querier, s slice, c *Check) error {
	var first string
	if err := q.QueryRow(ctx, `SELECT coalesce(min(id), '') FROM log_leaf`).Scan(&first); err != nil || first == "" {
		return err
	}
	return eachTxn(ctx, q, s, func(txn string, t ledger.Txn, leaf string) {
		if txn > first && leaf != tlog.TxnRef(t.Ref) && len(promise.Pledged(t)) > 0 {
			c.about(txn)
			c.found("transaction %s %s is not in the public log", txn, t.Ref)
		}
	})
}
