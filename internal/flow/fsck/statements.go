package fsck

// statements are the checks of one query each. Sums are cast, because
// PostgreSQL's sum of bigint is numeric. Two sides of unequal rows are compared
// by a UNION of both and a GROUP BY, so that a row missing on either side is
// found.
var statements = []statement{
	// Goods.
	{"fsck.stock", "stock_movement", "lot %s: on hand %d, movements %d", `
		SELECT l.id, l.on_hand, coalesce(m.qty, 0) FROM lot l
		LEFT JOIN (SELECT lot_id, CAST(sum(qty) AS BIGINT) AS qty FROM stock_movement GROUP BY lot_id) m ON m.lot_id = l.id
		WHERE l.on_hand <> coalesce(m.qty, 0)`},
	{"fsck.reserved", "lot_reservation", "lot %s: reserved %d, held %d", `
		SELECT l.id, l.reserved, coalesce(h.qty, 0) FROM lot l
		LEFT JOIN (SELECT lot_id, CAST(sum(qty) AS BIGINT) AS qty FROM lot_reservation WHERE state = 'held' GROUP BY lot_id) h ON h.lot_id = l.id
		WHERE l.reserved <> coalesce(h.qty, 0)`},
	{"fsck.oversold", "lot", "lot %s: promised %d of %d", `
		SELECT l.id, coalesce(h.qty, 0), coalesce(m.qty, 0) FROM lot l
		LEFT JOIN (SELECT lot_id, CAST(sum(qty) AS BIGINT) AS qty FROM lot_reservation WHERE state = 'held' GROUP BY lot_id) h ON h.lot_id = l.id
		LEFT JOIN (SELECT lot_id, CAST(sum(qty) AS BIGINT) AS qty FROM stock_movement GROUP BY lot_id) m ON m.lot_id = l.id
		WHERE coalesce(h.qty, 0) > coalesce(m.qty, 0) OR l.reserved > l.on_hand`},
	{"fsck.shipped", "stock_movement WHERE kind = 'ship'", "order %s: %d shipped by reservations, %d by movements", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' lot ' || lot_id AS what, qty AS a, 0 AS b FROM lot_reservation WHERE state = 'shipped'
			UNION ALL SELECT ref || ' lot ' || lot_id, 0, -qty FROM stock_movement WHERE kind = 'ship') x
		GROUP BY what HAVING sum(a) <> sum(b)`},

	// Orders.
	{"fsck.lines", "order_line", "order %s: %d units ordered, %d reserved", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' line ' || id AS what, units AS a, 0 AS b FROM order_line
			UNION ALL SELECT order_id || ' line ' || line_id, 0, units FROM lot_reservation) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{"fsck.reservation_state", "lot_reservation", "order %s (%d reservations, %d wanted)", `
		SELECT o.id || ' is ' || o.state || ' with goods ' || r.state, count(*), 0
		FROM lot_reservation r JOIN sale_order o ON o.id = r.order_id
		WHERE NOT (r.state = 'held' AND o.state IN ('unpaid', 'paid')
			OR r.state = 'shipped' AND o.state IN ('shipped', 'received', 'done')
			OR r.state = 'released' AND o.state = 'closed')
		GROUP BY o.id, o.state, r.state`},
	{"fsck.sold", "show_item", "item %s: sold %d, ordered %d", `
		SELECT i.id, i.sold, coalesce(l.units, 0) FROM show_item i
		LEFT JOIN (SELECT x.item_id, CAST(sum(x.units) AS BIGINT) AS units FROM order_line x
			JOIN sale_order o ON o.id = x.order_id WHERE o.state <> 'closed' AND x.item_id <> '' GROUP BY x.item_id) l ON l.item_id = i.id
		WHERE i.sold <> coalesce(l.units, 0)`},
	{"fsck.released", "show_item", "item %s: sold %d of %d released", `
		SELECT id, sold, released FROM show_item WHERE released >= 0 AND sold > released`},
	{"fsck.totals", "sale_order", "order %s: total %d, lines and freight %d", `
		SELECT o.id, o.total_fen, coalesce(l.fen, 0) + o.freight_fen FROM sale_order o
		LEFT JOIN (SELECT order_id, CAST(sum(price_fen * units) AS BIGINT) AS fen FROM order_line GROUP BY order_id) l ON l.order_id = o.id
		WHERE o.total_fen <> coalesce(l.fen, 0) + o.freight_fen OR o.goods_fen <> coalesce(l.fen, 0)`},
	{"fsck.shares", "order_share", "order %s: line of %d fen, shares of %d", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' line ' || id AS what, goods_fen AS a, 0 AS b, units AS c, 0 AS d FROM order_line
			UNION ALL SELECT order_id || ' line ' || line_id, 0, commission_fen + owed_fen + margin_fen, 0, units FROM order_share) x
		GROUP BY what HAVING sum(a) <> sum(b) OR sum(c) <> sum(d)`},
	{"fsck.share_lots", "order_share", "share %s: %d units, %d reserved", `
		SELECT s.reservation_id, s.units, coalesce(r.units, 0) FROM order_share s
		LEFT JOIN lot_reservation r ON r.order_id = s.order_id AND r.id = s.reservation_id
		LEFT JOIN lot l ON l.id = s.lot_id
		WHERE r.id IS NULL OR l.id IS NULL OR r.units <> s.units OR r.lot_id <> s.lot_id OR r.line_id <> s.line_id
			OR l.producer_id <> s.producer_id`},
	{"fsck.local_commission", "order_share WHERE local", "order %s: commission %d of a local producer, must be %d", `
		SELECT order_id, CAST(sum(commission_fen) AS BIGINT), 0 FROM order_share
		WHERE local AND (commission_fen <> 0 OR commission_bp <> 0 OR settlement <> 'resale' AND margin_fen <> 0) GROUP BY order_id`},
	{"fsck.times", "sale_order", "order %s (paid %d, closed %d)", `
		SELECT id || ' is ' || state || ' ' || close_reason || ' against its times', paid_us, closed_us FROM sale_order
		WHERE NOT (state = 'unpaid' AND paid_us = 0 AND shipped_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'paid' AND paid_us > 0 AND shipped_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'shipped' AND paid_us > 0 AND shipped_us > 0 AND received_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'received' AND shipped_us > 0 AND received_us > 0 AND done_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'done' AND received_us > 0 AND done_us > 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'closed' AND closed_us > 0 AND shipped_us = 0
				AND (close_reason = 'refunded' AND paid_us > 0 OR close_reason IN ('expired', 'cancelled') AND paid_us = 0))`},
	{"fsck.shipments", "shipment", "order %s: %d parcels, should be %d", `
		SELECT o.id, count(s.id), max(CASE WHEN o.state IN ('shipped', 'received', 'done') THEN 1 ELSE 0 END)
		FROM sale_order o LEFT JOIN shipment s ON s.order_id = o.id
		GROUP BY o.id HAVING count(s.id) <> max(CASE WHEN o.state IN ('shipped', 'received', 'done') THEN 1 ELSE 0 END)`},

	// Money that came and went.
	{"fsck.payments", "payment", "order %s: %d fen paid, should be %d", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id AS what, amount_fen AS a, 0 AS b FROM payment WHERE state = 'paid' AND NOT late
			UNION ALL SELECT id, 0, total_fen FROM sale_order WHERE paid_us > 0) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{"fsck.late", "payment WHERE late", "payment %s: %d fen late, %d on the way back", `
		SELECT p.id, p.amount_fen, p.refunded_fen FROM payment p
		LEFT JOIN ledger_txn t ON t.ref = 'payment/' || p.id || '/late'
		WHERE p.late AND (t.id IS NULL OR p.refunded_fen <> p.amount_fen) OR NOT p.late AND t.id IS NOT NULL`},
	{"fsck.refunds", "refund", "payment %s: %d fen refunded, refunds of %d", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, refunded_fen AS a, 0 AS b, amount_fen AS c FROM payment
			UNION ALL SELECT payment_id, 0, amount_fen, 0 FROM refund) x
		GROUP BY what HAVING sum(a) <> sum(b) OR sum(b) > sum(c)`},
	{"fsck.refund_orders", "sale_order WHERE close_reason = 'refunded'", "order %s: %d fen refunded of %d", `
		SELECT o.id, coalesce(r.fen, 0), o.total_fen FROM sale_order o
		LEFT JOIN (SELECT order_id, CAST(sum(amount_fen) AS BIGINT) AS fen FROM refund WHERE reason <> 'late' GROUP BY order_id) r ON r.order_id = o.id
		WHERE o.close_reason = 'refunded' AND coalesce(r.fen, 0) <> o.total_fen OR o.close_reason <> 'refunded' AND coalesce(r.fen, 0) > o.total_fen`},
	{"fsck.refund_done", "refund WHERE state = 'done'", "refund %s: %d fen booked, should be %d", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT t.ref AS what, p.fen AS a, 0 AS b FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
			WHERE t.kind = 'refund.done' AND p.path = 'refund/buyers/due'
			UNION ALL SELECT 'refund/' || id || '/done', 0, amount_fen FROM refund WHERE state = 'done') x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{"fsck.refund_due", "refund WHERE state <> 'done'", "%s: buyers are owed %d fen, refunds not done %d", `
		SELECT 'refund/buyers/due', due, open FROM (
			SELECT (SELECT CAST(coalesce(-sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path = 'refund/buyers/due') AS due,
				(SELECT CAST(coalesce(sum(amount_fen), 0) AS BIGINT) FROM refund WHERE state <> 'done') AS open) x
		WHERE due <> open`},

	// The books.
	{"fsck.balanced", "ledger_txn", "transaction %s: adds up to %d with %d lines", `
		SELECT t.ref, CAST(coalesce(sum(p.fen), 0) AS BIGINT), count(p.fen) FROM ledger_txn t LEFT JOIN ledger_posting p ON p.txn_id = t.id
		GROUP BY t.id, t.ref HAVING coalesce(sum(p.fen), 0) <> 0 OR count(p.fen) < 2`},
	{"fsck.balances", "ledger_account", "account %s: balance %d, postings %d", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT path AS what, balance_fen AS a, 0 AS b FROM ledger_account
			UNION ALL SELECT path, 0, fen FROM ledger_posting) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{"fsck.trial", "ledger_account", "%s: all accounts add up to %d, must be %d", `
		SELECT 'trial balance', total, 0 FROM (SELECT CAST(coalesce(sum(balance_fen), 0) AS BIGINT) AS total FROM ledger_account) x WHERE total <> 0`},
	{"fsck.channels", "payment WHERE state = 'paid'", "%s: %d fen on the account, %d came and went", `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT path AS what, balance_fen AS a, 0 AS b FROM ledger_account WHERE path LIKE 'channel/%/clearing'
			UNION ALL SELECT 'channel/' || gateway || '/clearing', 0, amount_fen FROM payment WHERE state = 'paid'
			UNION ALL SELECT 'channel/' || p.gateway || '/clearing', 0, -r.amount_fen FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.state = 'done') x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{"fsck.receivable", "sale_order", "%s: buyers owe %d fen, unpaid orders are %d", `
		SELECT 'buyers/receivable', booked, unpaid FROM (
			SELECT (SELECT CAST(coalesce(sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path = 'buyers/receivable') AS booked,
				(SELECT CAST(coalesce(sum(total_fen), 0) AS BIGINT) FROM sale_order WHERE state = 'unpaid') AS unpaid) x
		WHERE booked <> unpaid`},
	{"fsck.sources", "ledger_txn", "transaction %s: %d records of its kind, should be %d", `
		SELECT t.ref, 0, 1 FROM ledger_txn t
		WHERE NOT (t.kind IN ('order.placed', 'order.paid', 'order.closed', 'order.refunded') AND t.ref LIKE 'order/%'
			OR t.kind = 'payment.late' AND EXISTS (SELECT 1 FROM payment p WHERE p.id = substr(t.ref, 9, 32) AND t.ref = 'payment/' || p.id || '/late')
			OR t.kind = 'refund.done' AND EXISTS (SELECT 1 FROM refund r WHERE r.id = substr(t.ref, 8, 32) AND t.ref = 'refund/' || r.id || '/done'))`},
	{"fsck.limits", "ledger_account", "account %s: balance %d, limit %d", `
		SELECT path, balance_fen, coalesce(max_fen, min_fen) FROM ledger_account
		WHERE balance_fen > max_fen OR balance_fen < min_fen`},
}
