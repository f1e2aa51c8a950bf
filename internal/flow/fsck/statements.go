package fsck

import "lindu.example/lindu/internal/db"

// statements are the checks that one query can make. Sums are cast, because
// PostgreSQL's sum of bigint is numeric. Two sides of unequal rows are compared
// by a UNION of both and a GROUP BY, so that a row missing on either side is
// found.
var statements = []check{
	// Goods. Held reservations are found through the orders that may hold any
	// (reservation_state sees to the rest): lot_reservation is not indexed by
	// lot, one index less to write in a flash sale.
	{name: "fsck.stock", of: lots, says: "lot %s: on hand %d, movements %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, on_hand AS a, 0 AS b FROM lot WHERE {id}
			UNION ALL SELECT lot_id, 0, qty FROM stock_movement WHERE {lot_id}) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.reserved", of: lots, says: "lot %s: reserved %d, held %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, reserved AS a, 0 AS b FROM lot WHERE {id}
			UNION ALL ` + heldByLot + `) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.oversold", of: lots, says: "lot %s: promised %d of %d", wrong: `
		SELECT what, CAST(sum(b) AS BIGINT), CAST(sum(a) AS BIGINT) FROM (
			SELECT lot_id AS what, qty AS a, 0 AS b FROM stock_movement WHERE {lot_id}
			UNION ALL ` + heldByLot + `) x
		GROUP BY what HAVING sum(b) > sum(a)
		UNION ALL SELECT id, reserved, on_hand FROM lot WHERE {id} AND reserved > on_hand`},
	{name: "fsck.allotted", of: lots, says: "lot %s: %d promised to hosts, open allotments have %d left", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, allotted AS a, 0 AS b FROM lot WHERE {id}
			UNION ALL SELECT lot_id, 0, qty - taken FROM lot_allotment WHERE {lot_id} AND state = 'open') x
		GROUP BY what HAVING sum(a) <> sum(b)
		UNION ALL SELECT id, reserved + allotted, on_hand FROM lot WHERE {id} AND reserved + allotted > on_hand`},
	{name: "fsck.allotment_taken", of: whole, counts: "lot_allotment", fullOnly: true, says: "allotment %s: %d taken, orders took %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, taken AS a, 0 AS b FROM lot_allotment
			UNION ALL SELECT allotment_id, 0, qty - back_qty FROM lot_reservation WHERE allotment_id <> '' AND state IN ('held', 'shipped')) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.shipped", of: orders, says: "order %s: %d shipped by reservations, %d by movements", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' lot ' || lot_id AS what, qty - back_qty AS a, 0 AS b FROM lot_reservation WHERE {order_id} AND state = 'shipped'
			UNION ALL SELECT ref || ' lot ' || lot_id, 0, -qty FROM stock_movement WHERE {ref} AND ref <> '' AND kind = 'ship') x
		GROUP BY what HAVING sum(a) <> sum(b)`},

	// Orders.
	// Each is found by its buyer, once. SQLite files orders by buyer some thousand
	// at a time (order.File); on PostgreSQL an index of the orders tells.
	{name: "fsck.filed", only: db.SQLite, of: orders, says: "order %s: its buyer finds it %d times, should find it %d", wrong: `
		SELECT id, n, 1 FROM (
			SELECT o.id, (SELECT count(*) FROM order_filed f WHERE f.buyer_id = o.buyer_id AND f.seq = o.seq)
				+ (o.seq > (SELECT seq FROM order_filed_upto)) AS n FROM sale_order o WHERE {o.id}) x
		WHERE n <> 1`},
	{name: "fsck.filed_orphans", only: db.SQLite, of: whole, counts: "sale_order", fullOnly: true, says: "filed order %s: %d such orders, should be %d", wrong: `
		SELECT f.seq || ' of buyer ' || f.buyer_id, 0, 1 FROM order_filed f LEFT JOIN sale_order o ON o.seq = f.seq AND o.buyer_id = f.buyer_id
		WHERE o.seq IS NULL`},
	{name: "fsck.lines", of: orders, says: "order %s: %d units ordered, %d reserved", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' line ' || id AS what, units AS a, 0 AS b FROM order_line WHERE {order_id}
			UNION ALL SELECT order_id || ' line ' || line_id, 0, units FROM lot_reservation WHERE {order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.reservation_state", of: orders, says: "order %s (%d reservations, %d wanted)", wrong: `
		SELECT r.order_id || ' is ' || coalesce(o.state, 'not there') || ' with goods ' || r.state, count(*), 0
		FROM lot_reservation r LEFT JOIN sale_order o ON o.id = r.order_id
		WHERE {r.order_id} AND (o.id IS NULL OR NOT (r.state = 'held' AND o.state IN ('unpaid', 'paid')
			OR r.state = 'shipped' AND (o.state IN ('shipped', 'received', 'done') OR o.state = 'paid' AND o.part_us > 0)
			OR r.state = 'released' AND (o.state = 'closed' OR o.state <> 'unpaid' AND r.back_units = r.units)))
		GROUP BY r.order_id, o.state, r.state`},
	{name: "fsck.sold", of: items, says: "item %s: sold %d, ordered %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, sold AS a, 0 AS b FROM show_item WHERE {id}
			UNION ALL SELECT l.item_id, 0, l.units FROM (SELECT DISTINCT show_id FROM show_item WHERE {id}) s
				JOIN sale_order o ON o.show_id = s.show_id JOIN order_line l ON l.order_id = o.id
				WHERE o.state <> 'closed' AND l.item_id <> '' AND {l.item_id}
			UNION ALL SELECT l.item_id, 0, -r.back_units FROM (SELECT DISTINCT show_id FROM show_item WHERE {id}) s
				JOIN sale_order o ON o.show_id = s.show_id JOIN order_line l ON l.order_id = o.id
				JOIN lot_reservation r ON r.order_id = o.id AND r.line_id = l.id
				WHERE o.state <> 'closed' AND r.back_units > 0 AND l.item_id <> '' AND {l.item_id}) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.flash", of: items, says: "item %s: %d sold in a flash sale, ordered %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT item_id || ' flash ' || id AS what, sold AS a, 0 AS b FROM show_flash WHERE {item_id}
			UNION ALL SELECT l.item_id || ' flash ' || l.flash_id, 0, l.units FROM (SELECT DISTINCT show_id FROM show_item WHERE {id}) s
				JOIN sale_order o ON o.show_id = s.show_id JOIN order_line l ON l.order_id = o.id
				WHERE o.state <> 'closed' AND l.flash_id <> '' AND {l.item_id}
			UNION ALL SELECT l.item_id || ' flash ' || l.flash_id, 0, -r.back_units FROM (SELECT DISTINCT show_id FROM show_item WHERE {id}) s
				JOIN sale_order o ON o.show_id = s.show_id JOIN order_line l ON l.order_id = o.id
				JOIN lot_reservation r ON r.order_id = o.id AND r.line_id = l.id
				WHERE o.state <> 'closed' AND r.back_units > 0 AND l.flash_id <> '' AND {l.item_id}) x
		GROUP BY what HAVING sum(a) <> sum(b)
		UNION ALL SELECT f.item_id || ' flash price of order ' || l.order_id, l.price_fen, f.price_fen FROM show_flash f
			JOIN sale_order o ON o.show_id = f.show_id JOIN order_line l ON l.order_id = o.id AND l.flash_id = f.id
			WHERE {f.item_id} AND (l.price_fen <> f.price_fen OR l.item_id <> f.item_id)`},
	// No CHECK can hold a limit a person. A flash sale's is never changed, an
	// item's may have been lower or higher when its orders were placed.
	{name: "fsck.flash_person", of: items, says: "item %s: %d units bought, the flash sale allows a person %d", wrong: `
		SELECT f.item_id || ' buyer ' || o.buyer_id, CAST(sum(l.units - l.refunded_units) AS BIGINT), max(f.per_person) FROM show_flash f
			JOIN sale_order o ON o.show_id = f.show_id JOIN order_line l ON l.order_id = o.id AND l.flash_id = f.id
			WHERE {f.item_id} AND f.per_person > 0 AND o.state <> 'closed'
		GROUP BY f.id, f.item_id, o.buyer_id HAVING sum(l.units - l.refunded_units) > max(f.per_person)`},
	{name: "fsck.item_show", of: orders, says: "order %s (%d units of another show's item, should be %d)", wrong: `
		SELECT o.id || ' item ' || l.item_id, l.units, 0 FROM sale_order o JOIN order_line l ON l.order_id = o.id
		LEFT JOIN show_item i ON i.id = l.item_id
		WHERE {o.id} AND l.item_id <> '' AND (i.id IS NULL OR i.show_id <> o.show_id OR i.product_id <> l.product_id)`},
	{name: "fsck.released", of: items, says: "item %s: sold %d of %d released", wrong: `
		SELECT id, sold, released FROM show_item WHERE {id} AND released >= 0 AND sold > released`},
	{name: "fsck.totals", of: orders, says: "order %s: total %d, lines and freight %d", wrong: `
		SELECT o.id, o.total_fen, coalesce(l.fen, 0) + o.freight_fen FROM sale_order o
		LEFT JOIN (SELECT order_id, CAST(sum(price_fen * units) AS BIGINT) AS fen FROM order_line WHERE {order_id} GROUP BY order_id) l ON l.order_id = o.id
		WHERE {o.id} AND (o.total_fen <> coalesce(l.fen, 0) + o.freight_fen OR o.goods_fen <> coalesce(l.fen, 0))`},
	{name: "fsck.shares", of: orders, says: "order %s: line of %d fen, shares of %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' line ' || id AS what, goods_fen AS a, 0 AS b, units AS c, 0 AS d FROM order_line WHERE {order_id}
			UNION ALL SELECT order_id || ' line ' || line_id, 0, commission_fen + owed_fen + margin_fen, 0, units FROM order_share WHERE {order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b) OR sum(c) <> sum(d)`},
	{name: "fsck.share_lots", of: orders, says: "order %s: %d units, %d reserved", wrong: `
		SELECT s.order_id || ' share ' || s.reservation_id, s.units, coalesce(r.units, 0) FROM order_share s
		LEFT JOIN lot_reservation r ON r.order_id = s.order_id AND r.id = s.reservation_id
		LEFT JOIN lot l ON l.id = s.lot_id
		WHERE {s.order_id} AND (r.id IS NULL OR l.id IS NULL OR r.units <> s.units OR r.lot_id <> s.lot_id OR r.line_id <> s.line_id
			OR l.producer_id <> s.producer_id)`},
	{name: "fsck.fees", of: orders, says: "order %s: commission %d, its snapshot says %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' ' || reservation_id || ' ' || producer_id || ' ' || commission_bp || ' of ' || goods_fen AS what, commission_fen AS a, 0 AS b
				FROM order_share WHERE {order_id} AND commission_fen > 0
			UNION ALL SELECT order_id || ' ' || reservation_id || ' ' || payer_id || ' ' || rate_bp || ' of ' || base_fen, 0, fee_fen FROM order_fee WHERE {order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.local_commission", of: orders, says: "order %s: commission %d of a local producer, must be %d", wrong: `
		SELECT order_id, CAST(sum(commission_fen) AS BIGINT), 0 FROM order_share
		WHERE {order_id} AND local AND (commission_fen <> 0 OR commission_bp <> 0 OR settlement <> 'resale' AND margin_fen <> 0) GROUP BY order_id`},
	{name: "fsck.times", of: orders, says: "order %s (paid %d, closed %d)", wrong: `
		SELECT id || ' is ' || state || ' ' || close_reason || ' against its times', paid_us, closed_us FROM sale_order
		WHERE {id} AND NOT (state = 'unpaid' AND expires_us > 0 AND paid_us = 0 AND shipped_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'paid' AND paid_us > 0 AND shipped_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'shipped' AND paid_us > 0 AND shipped_us > 0 AND received_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'received' AND shipped_us > 0 AND received_us > 0 AND done_us = 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'done' AND received_us > 0 AND done_us > 0 AND closed_us = 0 AND close_reason = ''
			OR state = 'closed' AND closed_us > 0 AND shipped_us = 0
				AND (close_reason = 'refunded' AND paid_us > 0 OR close_reason IN ('expired', 'cancelled') AND paid_us = 0))`},
	{name: "fsck.shipments", of: orders, says: "order %s: %d parcels, should be %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' producer ' || producer_id AS what, 1 AS a, 0 AS b FROM shipment WHERE {order_id}
			UNION ALL SELECT DISTINCT r.order_id || ' producer ' || l.producer_id, 0, 1 FROM lot_reservation r JOIN lot l ON l.id = r.lot_id
				WHERE {r.order_id} AND r.state = 'shipped') x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.audited", of: orders, says: "order %s: %d records of who placed it, should be %d", wrong: `
		SELECT o.id, 0, 1 FROM sale_order o
		WHERE {o.id} AND NOT EXISTS (SELECT 1 FROM audit_event a WHERE a.object_kind = 'order' AND a.object_id = o.id AND a.action = 'order.place')`},
	{name: "fsck.work", of: orders, says: "order %s (at %d, should be after %d): nobody will ever look at it", wrong: `
		SELECT id || ' never expires', expires_us, placed_us FROM sale_order WHERE {id} AND state = 'unpaid' AND expires_us < placed_us
		UNION ALL SELECT order_id || ' payment ' || id || ' is never asked about', query_us, created_us FROM payment
			WHERE {order_id} AND state = 'open' AND gateway <> 'offline' AND query_us < created_us
		UNION ALL SELECT order_id || ' refund ' || id || ' is never sent', next_us, created_us FROM refund
			WHERE {order_id} AND state = 'pending' AND next_us < created_us`},

	// Money that came and went.
	{name: "fsck.payments", of: orders, says: "order %s: %d fen paid, should be %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id AS what, amount_fen AS a, 0 AS b FROM payment WHERE {order_id} AND state = 'paid' AND NOT late AND purpose = 'order'
			UNION ALL SELECT id, 0, total_fen - discount_fen FROM sale_order WHERE {id} AND paid_us > 0) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.late", of: orders, says: "order %s: %d fen late, %d on the way back", wrong: `
		SELECT p.order_id || ' payment ' || p.id, p.amount_fen, p.refunded_fen FROM payment p
		LEFT JOIN ledger_txn t ON t.ref = 'payment/' || p.id || '/late'
		LEFT JOIN ledger_posting l ON l.txn_id = t.id AND l.path = 'channel/' || p.gateway || '/clearing' AND l.fen = p.amount_fen
		WHERE {p.order_id} AND (p.late AND (l.fen IS NULL OR p.refunded_fen <> p.amount_fen) OR NOT p.late AND t.id IS NOT NULL)`},
	{name: "fsck.refunds", of: orders, says: "order %s: %d fen refunded, refunds of %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' payment ' || id AS what, refunded_fen AS a, 0 AS b, amount_fen AS c FROM payment WHERE {order_id}
			UNION ALL SELECT order_id || ' payment ' || payment_id, 0, amount_fen, 0 FROM refund WHERE {order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b) OR sum(b) > sum(c)`},
	{name: "fsck.refund_orders", of: orders, says: "order %s: %d fen refunded of %d", wrong: `
		SELECT o.id, coalesce(r.fen, 0), o.total_fen - o.discount_fen FROM sale_order o
		LEFT JOIN (SELECT order_id, CAST(sum(amount_fen) AS BIGINT) AS fen FROM refund WHERE {order_id} AND reason <> 'late' GROUP BY order_id) r ON r.order_id = o.id
		WHERE {o.id} AND (o.close_reason = 'refunded' AND coalesce(r.fen, 0) <> o.total_fen - o.discount_fen OR coalesce(r.fen, 0) > o.total_fen - o.discount_fen)`},
	{name: "fsck.refund_done", of: orders, says: "order %s: %d fen booked, should be %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT r.order_id || ' refund ' || r.id AS what, p.fen AS a, 0 AS b FROM refund r
				JOIN ledger_txn t ON t.ref = 'refund/' || r.id || '/done' JOIN ledger_posting p ON p.txn_id = t.id AND p.path = 'refund/buyers/due'
				WHERE {r.order_id}
			UNION ALL SELECT order_id || ' refund ' || id, 0, amount_fen FROM refund WHERE {order_id} AND state = 'done') x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.refund_due", of: whole, counts: "refund WHERE state <> 'done'", says: "%s: buyers are owed %d fen, refunds not done %d", wrong: `
		SELECT 'refund/buyers/due', due, open FROM (
			SELECT (SELECT CAST(coalesce(-sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path = 'refund/buyers/due') AS due,
				(SELECT CAST(coalesce(sum(amount_fen), 0) AS BIGINT) FROM refund WHERE state <> 'done') AS open) x
		WHERE due <> open`},

	// The books.
	{name: "fsck.balanced", of: txns, says: "transaction %s: adds up to %d with %d lines", wrong: `
		SELECT t.id || ' ' || t.ref, CAST(coalesce(sum(p.fen), 0) AS BIGINT), count(p.fen) FROM ledger_txn t LEFT JOIN ledger_posting p ON p.txn_id = t.id
		WHERE {t.id} GROUP BY t.id, t.ref HAVING coalesce(sum(p.fen), 0) <> 0 OR count(p.fen) < 2`},
	{name: "fsck.gaps", of: txns, says: "transaction %s: %d lines of %d", wrong: `
		SELECT p.txn_id, count(*), max(p.seq) + 1 FROM ledger_posting p LEFT JOIN ledger_txn t ON t.id = p.txn_id
		WHERE {p.txn_id} GROUP BY p.txn_id HAVING count(t.id) <> max(p.seq) + 1 OR min(p.seq) <> 0`},
	{name: "fsck.trial", of: whole, counts: "ledger_account", says: "%s: all accounts add up to %d, must be %d", wrong: `
		SELECT 'trial balance', total, 0 FROM (SELECT CAST(coalesce(sum(balance_fen), 0) AS BIGINT) AS total FROM ledger_account) x WHERE total <> 0`},
	{name: "fsck.channels", of: whole, counts: "payment WHERE state = 'paid'", fullOnly: true, says: "%s: %d fen on the account, %d came and went", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT path AS what, balance_fen AS a, 0 AS b FROM ledger_account WHERE path LIKE 'channel/%/clearing'
			UNION ALL SELECT 'channel/' || gateway || '/clearing', 0, amount_fen FROM payment WHERE state = 'paid'
			UNION ALL SELECT 'channel/' || p.gateway || '/clearing', 0, -r.amount_fen FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.state = 'done'
			UNION ALL SELECT p.path, 0, p.fen FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
				WHERE p.path LIKE 'channel/%/clearing' AND t.kind NOT IN ('order.paid', 'gift.received', 'payment.late', 'refund.done')) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.receivable", of: whole, counts: "sale_order WHERE state = 'unpaid' AND expires_us > 0", says: "%s: buyers owe %d fen, unpaid orders are %d", wrong: `
		SELECT 'buyers/receivable', booked, unpaid FROM (
			SELECT (SELECT CAST(coalesce(sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path = 'buyers/receivable') AS booked,
				(SELECT CAST(coalesce(sum(total_fen), 0) AS BIGINT) FROM sale_order WHERE state = 'unpaid' AND expires_us > 0) AS unpaid) x
		WHERE booked <> unpaid`},
	{name: "fsck.pending", of: whole, counts: "ledger_account", says: "%s: %d fen to be owed, buyers owe %d", wrong: `
		SELECT 'pending accounts', pending, owed FROM (
			SELECT (SELECT CAST(coalesce(-sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path LIKE '%/pending' OR path LIKE 'trade/pending/%') AS pending,
				(SELECT CAST(coalesce(sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path = 'buyers/receivable') AS owed) x
		WHERE pending <> owed`},
	{name: "fsck.sources", of: txns, says: "transaction %s: %d records of its kind, should be %d", wrong: `
		SELECT t.id || ' ' || t.ref, 0, 1 FROM ledger_txn t
		WHERE {t.id} AND NOT (` + sources + `)`},
	{name: "fsck.held", of: whole, counts: "ledger_account", says: "account %s: %d pending, open holds of %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT path || ' debit' AS what, held_debit_fen AS a, 0 AS b FROM ledger_account
			UNION ALL SELECT path || ' credit', held_credit_fen, 0 FROM ledger_account
			UNION ALL SELECT l.path || CASE WHEN l.fen > 0 THEN ' debit' ELSE ' credit' END, 0, CASE WHEN l.fen > 0 THEN l.fen ELSE -l.fen END
				FROM ledger_hold_line l WHERE NOT EXISTS (SELECT 1 FROM ledger_hold_end e WHERE e.hold_id = l.hold_id)) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.held_ends", of: whole, counts: "ledger_account", says: "hold %s: %d transactions of its ref, should be %d", wrong: `
		SELECT h.ref, (CASE WHEN t.id IS NULL THEN 0 ELSE 1 END), (CASE WHEN e.how = 'settled' THEN 1 ELSE 0 END)
		FROM ledger_hold h LEFT JOIN ledger_hold_end e ON e.hold_id = h.id LEFT JOIN ledger_txn t ON t.ref = h.ref
		WHERE (t.id IS NULL) = (coalesce(e.how, '') = 'settled')`},
	{name: "fsck.day_sums", of: whole, counts: "ledger_day_mark", fullOnly: true, says: "account and day %s: %d kept, postings %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT path || ' ' || day AS what, fen AS a, 0 AS b FROM ledger_day
			UNION ALL SELECT p.path || ' ' || t.day, 0, p.fen FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
				WHERE p.txn_id <= (SELECT upto FROM ledger_day_mark WHERE one = 1)) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.limits", of: whole, counts: "ledger_account", says: "account %s: balance %d, limit %d", wrong: `
		SELECT path, balance_fen, coalesce(max_fen, min_fen) FROM ledger_account
		WHERE balance_fen > max_fen OR balance_fen < min_fen`},
}

// heldByLot gives what orders hold of lots, as (lot, 0, quantity). The times
// say by which index the open orders are found.
const heldByLot = `
	SELECT r.lot_id, 0, r.qty - r.back_qty FROM sale_order o JOIN lot_reservation r ON r.order_id = o.id
		WHERE o.state = 'unpaid' AND o.expires_us > 0 AND r.state = 'held' AND {r.lot_id}
	UNION ALL SELECT r.lot_id, 0, r.qty - r.back_qty FROM sale_order o JOIN lot_reservation r ON r.order_id = o.id
		WHERE o.state = 'paid' AND o.paid_us > 0 AND r.state = 'held' AND {r.lot_id}`

// sources says of a transaction t that a record of its kind caused it. A new
// kind of transaction gets a line here.
const sources = `
	t.kind = 'order.placed' AND t.ref LIKE 'placed/%'
	OR t.kind IN ('order.placed', 'order.paid', 'order.closed', 'order.refunded') AND t.ref LIKE 'order/%'
	OR t.kind = 'payment.late' AND EXISTS (SELECT 1 FROM payment p WHERE p.id = substr(t.ref, 9, 32) AND t.ref = 'payment/' || p.id || '/late')
	OR t.kind = 'refund.done' AND EXISTS (SELECT 1 FROM refund r WHERE r.id = substr(t.ref, 8, 32) AND t.ref = 'refund/' || r.id || '/done' AND r.state = 'done')
	OR t.kind = 'refund.booked' AND EXISTS (SELECT 1 FROM refund r WHERE r.id = substr(t.ref, 8, 32) AND t.ref LIKE 'refund/%/booked/%')
	OR t.kind IN ('quarantine.held', 'quarantine.returned') AND EXISTS (SELECT 1 FROM payment_callback c WHERE c.id = substr(t.ref, 10, 32) AND t.ref LIKE 'callback/%')
	OR t.kind = 'provider.fee' AND t.ref LIKE 'provider-fee/%'
	OR t.kind IN ('channel.payout', 'carrier.paid', 'tax.paid') AND EXISTS (SELECT 1 FROM money_moved m
		WHERE m.id = substr(t.ref, CASE t.kind WHEN 'channel.payout' THEN 16 WHEN 'carrier.paid' THEN 9 ELSE 5 END)
		AND t.kind = CASE m.kind WHEN 'channel' THEN 'channel.payout' ELSE m.kind || '.paid' END)
	OR t.kind = 'payout.done' AND (EXISTS (SELECT 1 FROM payout o WHERE t.ref = 'payout/' || o.id)
		OR EXISTS (SELECT 1 FROM split x WHERE x.id = substr(t.ref, 14, 32) AND t.ref LIKE 'payout/split/%')) OR t.kind = 'payout.reversed' AND t.ref LIKE 'payout-reversed/%'
	OR t.kind = 'bank.taken_back' AND EXISTS (SELECT 1 FROM money_moved_back m WHERE t.ref = 'bank-back/' || m.id)
	OR t.kind = 'host.taken_back' AND EXISTS (SELECT 1 FROM host_earning_back e WHERE t.ref = 'host-back/' || e.id)
	OR t.kind IN ('cost.taken_back', 'service.taken_back') AND EXISTS (SELECT 1 FROM centre_cost_back e WHERE e.id = substr(t.ref, CASE t.kind WHEN 'cost.taken_back' THEN 11 ELSE 14 END))
	OR t.kind = 'host.earned' AND EXISTS (SELECT 1 FROM host_earning e WHERE t.ref = 'host/' || e.id)
	OR t.kind IN ('cost.paid', 'service.earned') AND EXISTS (SELECT 1 FROM centre_cost e WHERE e.id = substr(t.ref, CASE t.kind WHEN 'cost.paid' THEN 6 ELSE 9 END))
	OR t.kind IN ('gift.received', 'gift.refunded', 'gift.covered') AND EXISTS (SELECT 1 FROM gift g WHERE g.id = substr(t.ref, 6, 32)
		AND t.ref = 'gift/' || g.id || CASE t.kind WHEN 'gift.received' THEN '/paid' WHEN 'gift.refunded' THEN '/refunded' ELSE '/covered' END
		AND (g.state IN ('paid', 'covered', 'refunded') AND t.kind = 'gift.received' OR 'gift.' || g.state = t.kind))
	OR t.kind = 'growth.raised' AND EXISTS (SELECT 1 FROM growth_transfer g WHERE t.ref = 'growth/' || g.id AND g.state = 'done')
	OR t.kind = 'fund.paid' AND EXISTS (SELECT 1 FROM disbursement d WHERE t.ref = 'fund/' || d.fund || '/' || d.id AND d.state = 'paid')`
