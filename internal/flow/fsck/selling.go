package fsck

// selling are the checks of coupons.
var selling = []check{
	// What a coupon took off stands three times: in all, by line, by coupon.
	{name: "fsck.discounts", of: orders, says: "order %s: %d fen off, its coupon says %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, discount_fen AS a, 0 AS b FROM sale_order WHERE {id} AND discount_fen > 0
			UNION ALL SELECT order_id, 0, fen FROM order_discount WHERE {order_id}
			UNION ALL SELECT order_id || ' line ' || id, discount_fen, 0 FROM order_line WHERE {order_id} AND discount_fen > 0
			UNION ALL SELECT order_id || ' line ' || line_id, 0, fen FROM order_discount WHERE {order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	// An order that stands uses one coupon of its buyer's; a closed one none.
	{name: "fsck.coupon_used", of: orders, says: "order %s: uses %d coupons, should use %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT m.order_id AS what, 1 AS a, 0 AS b FROM coupon_claim m JOIN sale_order o ON o.id = m.order_id AND o.buyer_id = m.user_id WHERE {m.order_id}
			UNION ALL SELECT id, 0, 1 FROM sale_order WHERE {id} AND discount_fen > 0 AND state <> 'closed') x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	// Of what was taken back of each line, the coupon's part went back to the
	// centre: a running total, rounded half up.
	{name: "fsck.discount_back", of: orders, says: "order %s: %d fen of its coupon taken back, should be %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id AS what, discount_fen AS a, 0 AS b FROM refund_part WHERE {order_id} AND discount_fen > 0
			UNION ALL SELECT order_id, 0, (2 * discount_fen * refunded_fen + goods_fen) / (2 * goods_fen) FROM order_line
				WHERE {order_id} AND discount_fen > 0 AND refunded_fen > 0) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.coupon_taken", of: whole, counts: "coupon", says: "coupon %s: %d taken, %d people have one", wrong: `
		SELECT c.id, c.taken, count(m.id) FROM coupon c LEFT JOIN coupon_claim m ON m.coupon_id = c.id
		GROUP BY c.id, c.taken, c.total HAVING c.taken <> count(m.id) OR count(m.id) > c.total`},
	// Coupons cost the centre just what the books say.
	{name: "fsck.promotion", of: whole, counts: "order_discount", fullOnly: true, says: "%s: booked %d fen, coupons of paid orders less what came back are %d", wrong: `
		SELECT 'costs/promotion', booked, should FROM (
			SELECT (SELECT CAST(coalesce(sum(balance_fen), 0) AS BIGINT) FROM ledger_account WHERE path = 'costs/promotion') AS booked,
				(SELECT CAST(coalesce(sum(discount_fen), 0) AS BIGINT) FROM sale_order WHERE paid_us > 0)
				- (SELECT CAST(coalesce(sum(discount_fen), 0) AS BIGINT) FROM refund_part) AS should) x
		WHERE booked <> should`},
}
