package lot

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// ReleaseUnits gives some units of an order's held reservations back, by
// reservation: goods that were cancelled before the parcel left. Like a whole
// order's (Release), they go to the allotment they came from while that is
// open. A reservation of which nothing is left is released. Fault lot.not_held
// when the goods have left or are fewer.
func ReleaseUnits(ctx context.Context, tx *db.Tx, o id.Order, units map[string]int64) error {
	sums, sliced := map[id.Lot]int64{}, map[id.Allotment]int64{}
	for _, r := range slices.Sorted(maps.Keys(units)) {
		rows, err := tx.Query(ctx, `
			UPDATE lot_reservation SET back_units = back_units + $3, back_qty = back_qty + $3 * (qty / units),
				state = CASE WHEN back_units + $3 = units THEN 'released' ELSE state END,
				done_us = CASE WHEN back_units + $3 = units THEN $4 ELSE done_us END
			WHERE order_id = $1 AND id = $2 AND state = 'held' AND back_units + $3 <= units
			RETURNING lot_id, allotment_id, $3 * (qty / units)`, o, r, units[r], tx.NowUs())
		type back struct {
			lot   id.Lot
			slice id.Allotment
			qty   int64
		}
		list, err := db.Collect(rows, err, func(r *db.Rows, b *back) error { return r.Scan(&b.lot, &b.slice, &b.qty) })
		if err != nil {
			return fmt.Errorf("lot: give back: %w", err)
		}
		if len(list) != 1 {
			return fault.New(fault.Conflict, "lot.not_held")
		}
		b := list[0]
		if sums[b.lot] += b.qty; b.slice != "" {
			sliced[b.slice] += b.qty
		}
	}
	for _, l := range slices.Sorted(maps.Keys(sums)) {
		if _, err := tx.Exec(ctx, `UPDATE lot SET reserved = reserved - $2 WHERE id = $1`, l, sums[l]); err != nil {
			return fmt.Errorf("lot: give back: %w", err)
		}
	}
	for _, a := range slices.Sorted(maps.Keys(sliced)) {
		if err := giveToSlice(ctx, tx, a, sliced[a]); err != nil {
			return fmt.Errorf("lot: give back: %w", err)
		}
	}
	return nil
}

// TakeReturn writes goods of an order that came back in good state into the
// lots they came from (packer). A closed lot takes them too: they are there.
func TakeReturn(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order, units map[string]int64) error {
	if err := who.Need(actor.Packer); err != nil {
		return err
	}
	sums := map[id.Lot]int64{}
	var ms []Movement
	rs, err := Reservations(ctx, tx, o)
	if err != nil {
		return err
	}
	for _, r := range rs {
		n := units[r.ID]
		if n == 0 {
			continue
		}
		if r.State != Shipped || n > r.Units {
			return fault.New(fault.Conflict, "lot.not_held")
		}
		qty := n * (r.Qty / r.Units)
		sums[r.Lot] += qty
		ms = append(ms, Movement{Lot: r.Lot, Kind: Return, Qty: qty, Ref: string(o), Actor: who.User})
	}
	if len(ms) == 0 {
		return nil
	}
	if err := insertMovements(ctx, tx, ms, ""); err != nil {
		return fmt.Errorf("lot: return: %w", err)
	}
	for _, l := range slices.Sorted(maps.Keys(sums)) {
		if _, err := tx.Exec(ctx, `UPDATE lot SET on_hand = on_hand + $2 WHERE id = $1`, l, sums[l]); err != nil {
			return fmt.Errorf("lot: return: %w", err)
		}
	}
	return nil
}
