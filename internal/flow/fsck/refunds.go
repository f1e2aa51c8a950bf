package fsck

import (
	"context"
	"maps"
	"slices"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
)

// refunds are the checks of what was taken back after payment: each refund
// says what it was for, to the fen and the unit, and the counters of orders,
// lots and cases agree.
var refunds = []check{
	{name: "fsck.refund_parts", of: orders, says: "order %s: refund of %d fen, what it was for adds up to %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' refund ' || id AS what, amount_fen AS a, 0 AS b, 0 AS c, 0 AS d FROM refund
				WHERE {order_id} AND reason <> 'late' AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.id = refund.payment_id AND p.purpose = 'gift')
			UNION ALL SELECT order_id || ' refund ' || refund_id, 0, goods_fen + freight_fen - discount_fen, goods_fen, 0 FROM refund_part WHERE {order_id}
			UNION ALL SELECT order_id || ' refund ' || refund_id, 0, 0, 0, goods_fen FROM refund_share WHERE {order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b) OR sum(c) <> sum(d)`},
	{name: "fsck.refund_lines", of: orders, says: "order %s: %d taken back, refunds of %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT order_id || ' line ' || id AS what, refunded_fen AS a, 0 AS b, refunded_units AS c, 0 AS d FROM order_line WHERE {order_id}
			UNION ALL SELECT order_id || ' line ' || line_id, 0, goods_fen, 0, units FROM refund_share WHERE {order_id}
			UNION ALL SELECT id || ' freight', refunded_freight_fen, 0, 0, 0 FROM sale_order WHERE {id}
			UNION ALL SELECT order_id || ' freight', 0, freight_fen, 0, 0 FROM refund_part WHERE {order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b) OR sum(c) <> sum(d)`},
	// Nobody's part is taken back further than it was given.
	{name: "fsck.refund_shares", of: orders, says: "order %s: %d fen taken back of %d", wrong: `
		SELECT r.order_id || ' share ' || r.reservation_id, r.goods, coalesce(s.goods_fen, 0) FROM (
			SELECT order_id, reservation_id, CAST(sum(goods_fen) AS BIGINT) AS goods, CAST(sum(owed_fen) AS BIGINT) AS owed,
				CAST(sum(commission_fen) AS BIGINT) AS commission, CAST(sum(units) AS BIGINT) AS units
			FROM refund_share WHERE {order_id} GROUP BY order_id, reservation_id) r
		LEFT JOIN order_share s ON s.order_id = r.order_id AND s.reservation_id = r.reservation_id
		WHERE s.order_id IS NULL OR r.goods > s.goods_fen OR r.owed > s.owed_fen OR r.commission > s.commission_fen OR r.units > s.units`},
	// Goods come back into the lots as often as refunds say; those of an order
	// refunded whole all do.
	{name: "fsck.returned", of: orders, says: "order %s: %d back in the lot, refunds of %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT r.order_id || ' lot ' || r.lot_id AS what, CASE WHEN o.close_reason = 'refunded' THEN r.qty ELSE r.back_qty END AS a, 0 AS b
				FROM lot_reservation r JOIN sale_order o ON o.id = r.order_id WHERE {r.order_id} AND (r.back_qty > 0 OR o.close_reason = 'refunded')
			UNION ALL SELECT ref || ' lot ' || lot_id, qty, 0 FROM stock_movement WHERE {ref} AND ref <> '' AND kind = 'return'
			UNION ALL SELECT s.order_id || ' lot ' || s.lot_id, 0, s.units * (r.qty / r.units) FROM refund_share s
				JOIN refund_part p ON p.refund_id = s.refund_id JOIN lot_reservation r ON r.order_id = s.order_id AND r.id = s.reservation_id
				LEFT JOIN after_sale c ON c.id = p.case_id
				WHERE {s.order_id} AND s.units > 0 AND (p.case_id = '' OR c.kind = 'cancel' OR c.kind = 'return' AND c.goods = 'good')) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
	{name: "fsck.cases", of: orders, says: "order %s: %d open lines of a case, should be %d", wrong: `
		SELECT what, CAST(sum(a) AS BIGINT), CAST(sum(b) AS BIGINT) FROM (
			SELECT l.order_id || ' case ' || l.case_id AS what, CASE WHEN l.open THEN 1 ELSE 0 END AS a,
				CASE WHEN c.state IN ('requested', 'approved', 'back') THEN 1 ELSE 0 END AS b
				FROM after_sale_line l JOIN after_sale c ON c.id = l.case_id WHERE {l.order_id}
			UNION ALL SELECT order_id || ' case ' || id, 0, 1 FROM after_sale WHERE {order_id} AND state = 'refunded'
			UNION ALL SELECT p.order_id || ' case ' || p.case_id, 1, 0 FROM refund_part p JOIN after_sale c ON c.id = p.case_id AND c.refund_id = p.refund_id WHERE {p.order_id}) x
		GROUP BY what HAVING sum(a) <> sum(b)`},
}

// refundBooks compares what is booked for each part refund, to the fen and
// account, with what its record says.
func refundBooks(ctx context.Context, q db.Querier, s slice, c *Check) error {
	want, err := refundsWanted(ctx, q, s)
	if err != nil {
		return err
	}
	is, err := refundsBooked(ctx, q, s)
	if err != nil {
		return err
	}
	for o := range is {
		if want[o] == nil {
			want[o] = booking{}
		}
	}
	for _, o := range slices.Sorted(maps.Keys(want)) {
		if !maps.Equal(want[o], is[o]) && !c.full() {
			c.about(idOf(string(o)))
			c.found("order %s: %s", o, difference(want[o], is[o]))
		}
	}
	return nil
}

// refundsWanted reads part refunds as the books should see them.
func refundsWanted(ctx context.Context, q db.Querier, s slice) (map[id.Order]booking, error) {
	text, args := s.sql(`
		SELECT refund_id, order_id, freight_fen, discount_fen, bearer, carrier FROM refund_part WHERE {order_id} AND NOT whole ORDER BY refund_id`)
	rows, err := q.Query(ctx, text, args...)
	list, err := db.Collect(rows, err, func(r *db.Rows, p *promise.PartRefund) error {
		return r.Scan(&p.Refund, &p.Order, &p.Freight, &p.Discount, &p.Borne, &p.Carrier)
	})
	if err != nil || len(list) == 0 {
		return map[id.Order]booking{}, err
	}
	at := map[id.Refund]int{}
	for i, p := range list {
		at[p.Refund] = i
	}
	type share struct {
		of id.Refund
		promise.Share
	}
	text, args = s.sql(`
		SELECT refund_id, producer_id, local, goods_fen, commission_fen, owed_fen, margin_fen, settlement = 'resale' FROM refund_share
		WHERE {order_id} AND goods_fen > 0 ORDER BY refund_id, reservation_id`)
	rows, err = q.Query(ctx, text, args...)
	shares, err := db.Collect(rows, err, func(r *db.Rows, x *share) error {
		return r.Scan(&x.of, &x.Producer, &x.Local, &x.Goods, &x.Commission, &x.Owed, &x.Margin, &x.Agreed)
	})
	for _, x := range shares {
		if i, ok := at[x.of]; ok {
			list[i].Shares = append(list[i].Shares, x.Share)
		}
	}
	out := map[id.Order]booking{}
	for _, p := range list {
		if out[p.Order] == nil {
			out[p.Order] = booking{}
		}
		for _, t := range promise.BookedRefund(p) {
			for _, l := range t.Lines {
				out[p.Order].add(t.Ref, l.Path, l.Fen)
			}
		}
	}
	return out, err
}

// refundsBooked reads what is booked for refunds of orders.
func refundsBooked(ctx context.Context, q db.Querier, s slice) (map[id.Order]booking, error) {
	text, args := s.sql(`
		SELECT r.order_id, t.ref, p.path, p.fen FROM refund r
		JOIN ledger_txn t ON t.ref > 'refund/' || r.id || '/booked/' AND t.ref < 'refund/' || r.id || '/booked/~'
		JOIN ledger_posting p ON p.txn_id = t.id WHERE {r.order_id} AND r.reason <> 'late'`) // a gift's has no such ref
	rows, err := q.Query(ctx, text, args...)
	type line struct {
		order     id.Order
		ref, path string
		fen       money.Fen
	}
	list, err := db.Collect(rows, err, func(r *db.Rows, x *line) error { return r.Scan(&x.order, &x.ref, &x.path, &x.fen) })
	out := map[id.Order]booking{}
	for _, x := range list {
		if out[x.order] == nil {
			out[x.order] = booking{}
		}
		out[x.order][x.ref+" "+x.path] += x.fen
	}
	return out, err
}
