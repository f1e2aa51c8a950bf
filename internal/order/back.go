package order

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Hold keeps others from moving an order until tx ends, and reads it.
func Hold(ctx context.Context, tx *db.Tx, o id.Order) (Order, error) {
	if _, err := tx.Exec(ctx, `UPDATE sale_order SET state = state WHERE id = $1`, o); err != nil {
		return Order{}, err
	}
	return ByID(ctx, tx, o)
}

// LineBack is what is taken back of a line.
type LineBack struct {
	Line  id.Line
	Units int64
	Goods money.Fen
}

// TakeBack counts what is taken back of an order's lines and freight. Fault
// order.back_over when more would go back than there was.
func TakeBack(ctx context.Context, tx *db.Tx, o id.Order, lines []LineBack, freight money.Fen) error {
	for _, l := range lines {
		n, err := tx.Exec(ctx, `
			UPDATE order_line SET refunded_units = refunded_units + $3, refunded_fen = refunded_fen + $4
			WHERE order_id = $1 AND id = $2 AND refunded_units + $3 <= units AND refunded_fen + $4 <= goods_fen`, o, l.Line, l.Units, l.Goods)
		if err != nil {
			return err
		} else if n == 0 {
			return fault.New(fault.Conflict, "order.back_over")
		}
	}
	if freight == 0 {
		return nil
	}
	n, err := tx.Exec(ctx, `
		UPDATE sale_order SET refunded_freight_fen = refunded_freight_fen + $2
		WHERE id = $1 AND refunded_freight_fen + $2 <= freight_fen`, o, freight)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "order.back_over")
	}
	return err
}

// Nos reads the numbers of orders for people; what is no order is left out.
func Nos(ctx context.Context, q db.Querier, orders []id.Order) (map[id.Order]string, error) {
	out := map[id.Order]string{}
	for part := range slices.Chunk(orders, maxIn) {
		rows, err := q.Query(ctx, `SELECT id, no FROM sale_order WHERE id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		type row struct {
			id id.Order
			no string
		}
		list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.id, &x.no) })
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			out[x.id] = x.no
		}
	}
	return out, nil
}
