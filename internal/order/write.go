package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

var (
	orderColumns = []string{"id", "no", "buyer_id", "show_id", "state", "goods_fen", "freight_fen", "total_fen", "province", "city",
		"address_enc", "note", "no_return_ok", "idem_key", "idem_hash", "placed_us", "expires_us", "placing_id"}
	lineColumns = []string{"id", "order_id", "item_id", "product_id", "name", "sell_unit", "net_weight_g", "gross_weight_g",
		"units", "price_fen", "goods_fen", "return_rule", "flash_id"}
	shareColumns = []string{"reservation_id", "order_id", "line_id", "lot_id", "producer_id", "local", "settlement", "units",
		"goods_fen", "commission_bp", "commission_fen", "owed_fen", "margin_fen"}
)

// Insert writes unpaid orders with lines and shares by multi-row statements. A
// (buyer, key) that stands already is an error that db.IsUnique knows.
func Insert(ctx context.Context, tx *db.Tx, orders []Order, shares []Share) error {
	os := make([][]any, 0, len(orders))
	ls := make([][]any, 0, len(orders))
	for i := range orders {
		o := &orders[i]
		// Plain strings: what is of a type of its own the driver converts one by
		// one, by reflection.
		oid := any(string(o.ID))
		os = append(os, []any{oid, o.No, string(o.Buyer), string(o.Show), string(Unpaid), int64(o.Goods), int64(o.Freight), int64(o.Worth()), o.Province, o.City,
			o.AddressEnc, o.Note, o.NoReturnOK, o.IdemKey, o.IdemHash, clock.Us(o.Placed), clock.Us(o.Expires), string(o.Placing)})
		for _, l := range o.Lines {
			ls = append(ls, []any{string(l.ID), oid, string(l.Item), string(l.Product), l.Name, l.SellUnit, l.NetG, l.GrossG, l.Units, int64(l.Price), int64(l.Goods), l.ReturnRule, string(l.Flash)})
		}
	}
	ss := make([][]any, 0, len(shares))
	for _, s := range shares {
		ss = append(ss, []any{s.Reservation, string(s.Order), string(s.Line), string(s.Lot), string(s.Producer), s.Local, s.Settlement, s.Units,
			int64(s.Goods), s.CommissionBP, int64(s.Commission), int64(s.Owed), int64(s.Margin)})
	}
	if err := tx.Insert(ctx, "sale_order", orderColumns, os); err != nil {
		return fmt.Errorf("order: insert: %w", err)
	}
	if err := tx.Insert(ctx, "order_line", lineColumns, ls); err != nil {
		return fmt.Errorf("order: insert lines: %w", err)
	}
	if err := tx.Insert(ctx, "order_share", shareColumns, ss); err != nil {
		return fmt.Errorf("order: insert shares: %w", err)
	}
	return nil
}

// stamp is the column that keeps when a state was reached.
var stamp = map[State]string{Paid: "paid_us", Shipped: "shipped_us", Received: "received_us", Done: "done_us", Closed: "closed_us"}

// Move takes an order from one state to another and reports whether it did:
// false when it is no longer in from. reason is for Closed.
func Move(ctx context.Context, tx *db.Tx, o id.Order, from, to State, reason string) (bool, error) {
	ids, err := MoveMany(ctx, tx, []id.Order{o}, from, to, reason)
	return len(ids) == 1, err
}

// maxIn bounds the list of one statement.
const maxIn = 200

// MoveMany is Move for several orders and tells which of them moved.
func MoveMany(ctx context.Context, tx *db.Tx, orders []id.Order, from, to State, reason string) ([]id.Order, error) {
	if !CanMove(from, to) {
		return nil, fmt.Errorf("order: no move from %s to %s", from, to)
	}
	if ok := slices.Contains(closeReasons[from], reason); ok != (to == Closed) || !ok && reason != "" {
		return nil, fmt.Errorf("order: reason %q does not fit a move from %s to %s", reason, from, to)
	}
	return move(ctx, tx, orders, from, to, reason, "")
}

// Expire closes those of unpaid orders whose time is over and tells which. The
// time is looked at again here: Wait may have moved it since the orders were
// listed.
func Expire(ctx context.Context, tx *db.Tx, orders []id.Order) ([]id.Order, error) {
	return move(ctx, tx, orders, Unpaid, Closed, Expired, " AND expires_us <= $3")
}

func move(ctx context.Context, tx *db.Tx, orders []id.Order, from, to State, reason, cond string) ([]id.Order, error) {
	var moved []id.Order
	for part := range slices.Chunk(orders, maxIn) {
		rows, err := tx.Query(ctx, `
			UPDATE sale_order SET state = $1, close_reason = $2, `+stamp[to]+` = $3
			WHERE state = $4`+cond+` AND id IN (`+db.In(5, len(part))+`) RETURNING id`,
			append([]any{to, reason, tx.NowUs(), from}, db.Args(part)...)...)
		ids, err := db.Collect(rows, err, func(r *db.Rows, o *id.Order) error { return r.Scan(o) })
		if err != nil {
			return nil, fmt.Errorf("order: move to %s: %w", to, err)
		}
		moved = append(moved, ids...)
	}
	slices.Sort(moved)
	return moved, nil
}

// PartShipped notes that the first of several parcels of a paid order has left;
// a later one changes nothing. False when the order is not paid.
func PartShipped(ctx context.Context, tx *db.Tx, o id.Order) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE sale_order SET part_us = CASE WHEN part_us = 0 THEN $2 ELSE part_us END WHERE id = $1 AND state = 'paid'`, o, tx.NowUs())
	return n == 1, err
}

// Wait lets an unpaid order wait until a later time, and reports whether it
// did: false when it is not unpaid any more, or waits as long already.
func Wait(ctx context.Context, tx *db.Tx, o id.Order, until time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE sale_order SET expires_us = $2, first_expires_us = CASE WHEN first_expires_us = 0 THEN expires_us ELSE first_expires_us END
		WHERE id = $1 AND state = 'unpaid' AND expires_us < $2`, o, clock.Us(until))
	return n == 1, err
}
