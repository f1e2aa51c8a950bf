package flow

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
)

// closeUnpaid closes those of the orders that are still unpaid, in tx: their
// reservations are released, the items' sold units given back, and the ledger
// takes back what it booked. It tells which were closed.
func closeUnpaid(ctx context.Context, tx *db.Tx, who actor.Actor, orders []id.Order, reason string) ([]order.Order, error) {
	var moved []id.Order
	var err error
	if reason == order.Expired {
		moved, err = order.Expire(ctx, tx, orders)
	} else {
		moved, err = order.MoveMany(ctx, tx, orders, order.Unpaid, order.Closed, reason)
	}
	if err != nil || len(moved) == 0 {
		return nil, err
	}
	closed, sales, err := readSales(ctx, tx, moved)
	if err != nil {
		return nil, err
	}
	if err := giveBack(ctx, tx, closed); err != nil {
		return nil, err
	}
	if err := promise.OrderClosed(ctx, tx, sales...); err != nil {
		return nil, err
	}
	notes := make([]audit.Note, len(closed))
	for i, o := range closed {
		notes[i] = audit.Note{Who: who, Action: "order." + reason, ObjectKind: "order", ObjectID: string(o.ID), Detail: map[string]string{"no": o.No}}
	}
	return closed, audit.WriteAll(ctx, tx, notes)
}

// giveBack gives the sold units of items and flash sales and the reserved goods
// of lots and allotments of closed orders back, in the order the desk takes them.
func giveBack(ctx context.Context, tx *db.Tx, orders []order.Order) error {
	sold, flash := map[id.Item]int64{}, map[id.Flash]int64{}
	ids := make([]id.Order, len(orders))
	for i, o := range orders {
		ids[i] = o.ID
		for _, l := range o.Lines {
			if l.Item != "" {
				sold[l.Item] -= l.Left()
			}
			if l.Flash != "" {
				flash[l.Flash] -= l.Left()
			}
		}
	}
	if err := giveCouponsBack(ctx, tx, orders); err != nil {
		return err
	}
	if err := show.AddSold(ctx, tx, sold); err != nil {
		return err
	}
	if err := show.AddFlashSold(ctx, tx, flash); err != nil {
		return err
	}
	return lot.Release(ctx, tx, ids...)
}

// readSales reads orders with what the books know of them.
func readSales(ctx context.Context, q db.Querier, ids []id.Order) ([]order.Order, []promise.Sale, error) {
	orders, err := order.ByIDs(ctx, q, ids)
	if err != nil {
		return nil, nil, err
	}
	shares, err := order.Shares(ctx, q, ids...)
	if err != nil {
		return nil, nil, err
	}
	by := map[id.Order][]order.Share{}
	for _, s := range shares {
		by[s.Order] = append(by[s.Order], s)
	}
	sales := make([]promise.Sale, len(orders))
	for i, o := range orders {
		sales[i] = orderdesk.Sale(o, by[o.ID])
	}
	return orders, sales, nil
}

// productsOf lists the products of orders, each once.
func productsOf(orders ...order.Order) []id.Product {
	var out []id.Product
	for _, o := range orders {
		for _, l := range o.Lines {
			if !slices.Contains(out, l.Product) {
				out = append(out, l.Product)
			}
		}
	}
	return out
}
