package fsck

// gifts are the checks of gifts and funds.
var gifts = []check{
	{name: "fsck.gift_paid", of: whole, counts: "gift", fullOnly: true, says: "gift %s: %d fen paid, should be %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id AS what, amount_fen AS a, 0 AS b FROM payment WHERE purpose = 'gift' AND state = 'paid' AND NOT late
			UNION ALL SELECT id, 0, fen FROM gift WHERE state IN ('paid', 'refunded', 'covered')) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.gift_booked", of: whole, counts: "gift", fullOnly: true, says: "gift %s: %d fen in the charity fund, should be %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT substr(t.ref, 6, 32) AS what, -p.fen AS a, 0 AS b FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
				WHERE t.kind IN ('gift.received', 'gift.refunded') AND p.path = 'charity/fund'
			UNION ALL SELECT id, 0, fen FROM gift WHERE state IN ('paid', 'covered')) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.gift_used", of: whole, counts: "gift_use", fullOnly: true, says: "gift %s: %d fen used, its parts are %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, used_fen AS a, 0 AS b FROM gift
			UNION ALL SELECT gift_id, 0, fen FROM gift_use) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.disbursed", of: whole, counts: "disbursement", fullOnly: true, says: "disbursement %s: %d fen paid, gifts of %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT id AS what, fen AS a, 0 AS b FROM disbursement WHERE fund = 'charity' AND state = 'paid'
			UNION ALL SELECT disbursement_id, 0, fen FROM gift_use) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.funds", of: whole, counts: "ledger_account WHERE path IN ('charity/fund', 'growth/fund')", says: "%s: holds %d fen, came less went is %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT path AS what, -balance_fen AS a, 0 AS b FROM ledger_account WHERE path IN ('charity/fund', 'growth/fund')
			UNION ALL SELECT 'charity/fund', 0, fen FROM gift WHERE state IN ('paid', 'covered')
			UNION ALL SELECT 'growth/fund', 0, fen FROM growth_transfer WHERE state = 'done'
			UNION ALL SELECT fund || '/fund', 0, -fen FROM disbursement WHERE state = 'paid') x
		GROUP BY what HAVING sum(a) <> sum(b)`},
}
