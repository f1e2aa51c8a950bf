package lot

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// ErrShort means a lot has less than is to be reserved, or is not on sale any
// more: read the stock again and allocate anew.
var ErrShort = errors.New("lot: not enough on sale")

// Reserve holds what lines take, with multi-row statements. ErrShort when a lot
// can't give it; the CHECK of the table refuses overselling in any case.
func Reserve(ctx context.Context, tx *db.Tx, rs []Reservation) error {
	sums := map[id.Lot]int64{}
	rows := make([][]any, len(rs))
	for i, r := range rs {
		if r.Qty <= 0 || r.Units <= 0 {
			return fmt.Errorf("lot: reservation of %d base units", r.Qty)
		}
		sums[r.Lot] += r.Qty
		rows[i] = []any{r.ID, r.Lot, r.Order, r.Line, r.Units, r.Qty, Held, tx.NowUs()}
	}
	if err := tx.Insert(ctx, "lot_reservation", []string{"id", "lot_id", "order_id", "line_id", "units", "qty", "state", "at_us"}, rows); err != nil {
		return fmt.Errorf("lot: reserve: %w", err)
	}
	for _, l := range slices.Sorted(maps.Keys(sums)) { // in order, so that two writers can't deadlock
		n, err := tx.Exec(ctx, `UPDATE lot SET reserved = reserved + $2 WHERE id = $1 AND state = 'on_sale' AND on_hand >= reserved + $2`, l, sums[l])
		if err != nil {
			return fmt.Errorf("lot: reserve: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("%w: lot %s", ErrShort, l)
		}
	}
	return nil
}

// Lock holds the rows of lots until the transaction ends, so that what is read
// of them after it stays true. SQLite has one writer and needs none.
func Lock(ctx context.Context, tx *db.Tx, lots []id.Lot) error {
	if tx.Dialect == db.SQLite {
		return nil
	}
	for _, l := range slices.Sorted(slices.Values(lots)) {
		if _, err := tx.Exec(ctx, `UPDATE lot SET reserved = reserved WHERE id = $1`, l); err != nil {
			return err
		}
	}
	return nil
}

// Release gives orders' held reservations back. Released ones are left alone,
// so releasing twice changes nothing.
func Release(ctx context.Context, tx *db.Tx, orders ...id.Order) error {
	sums, _, err := finish(ctx, tx, Released, orders)
	if err != nil {
		return fmt.Errorf("lot: release: %w", err)
	}
	for _, l := range slices.Sorted(maps.Keys(sums)) {
		if _, err := tx.Exec(ctx, `UPDATE lot SET reserved = reserved - $2 WHERE id = $1`, l, sums[l]); err != nil {
			return fmt.Errorf("lot: release: %w", err)
		}
	}
	return nil
}

// ShipOrder turns an order's held reservations into movements (packer).
func ShipOrder(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order) error {
	if err := who.Need(actor.Packer); err != nil {
		return err
	}
	sums, taken, err := finish(ctx, tx, Shipped, []id.Order{o})
	if err != nil {
		return fmt.Errorf("lot: ship: %w", err)
	}
	var ms []Movement
	for _, r := range taken {
		ms = append(ms, Movement{Lot: r.Lot, Kind: Ship, Qty: -r.Qty, Ref: string(o), Actor: who.User})
	}
	if err := insertMovements(ctx, tx, ms); err != nil {
		return fmt.Errorf("lot: ship: %w", err)
	}
	for _, l := range slices.Sorted(maps.Keys(sums)) {
		if _, err := tx.Exec(ctx, `UPDATE lot SET reserved = reserved - $2, on_hand = on_hand - $2 WHERE id = $1`, l, sums[l]); err != nil {
			return fmt.Errorf("lot: ship: %w", err)
		}
	}
	return nil
}

// maxIn bounds the list of one statement.
const maxIn = 200

// finish takes the held reservations of orders to a state and adds up what
// they held of each lot.
func finish(ctx context.Context, tx *db.Tx, to string, orders []id.Order) (map[id.Lot]int64, []Reservation, error) {
	sums := map[id.Lot]int64{}
	var all []Reservation
	for part := range slices.Chunk(orders, maxIn) {
		rows, err := tx.Query(ctx, `
			UPDATE lot_reservation SET state = $1, done_us = $2
			WHERE state = 'held' AND order_id IN (`+db.In(3, len(part))+`)
			RETURNING id, lot_id, order_id, line_id, units, qty, state`,
			append([]any{to, tx.NowUs()}, db.Args(part)...)...)
		rs, err := db.Collect(rows, err, scanReservation)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, rs...)
	}
	for _, r := range all {
		sums[r.Lot] += r.Qty
	}
	return sums, all, nil
}

func scanReservation(r *db.Rows, x *Reservation) error {
	return r.Scan(&x.ID, &x.Lot, &x.Order, &x.Line, &x.Units, &x.Qty, &x.State)
}
