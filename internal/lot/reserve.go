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
// or an allotment can't give it; the CHECKs of the tables refuse overselling in
// any case. An allotment's row is only written while its lot's row is held.
func Reserve(ctx context.Context, tx *db.Tx, rs []Reservation) error {
	sums, slices := map[id.Lot]sum{}, map[id.Allotment]int64{}
	rows := make([][]any, len(rs))
	for i, r := range rs {
		if r.Qty <= 0 || r.Units <= 0 {
			return fmt.Errorf("lot: reservation of %d base units", r.Qty)
		}
		sums[r.Lot] = sums[r.Lot].add(r)
		if r.Allotment != "" {
			slices[r.Allotment] += r.Qty
		}
		rows[i] = []any{r.ID, string(r.Lot), string(r.Order), string(r.Line), r.Units, r.Qty, Held, string(r.Allotment), tx.NowUs()}
	}
	if err := tx.Insert(ctx, "lot_reservation", []string{"id", "lot_id", "order_id", "line_id", "units", "qty", "state", "allotment_id", "at_us"}, rows); err != nil {
		return fmt.Errorf("lot: reserve: %w", err)
	}
	for _, l := range sorted(sums) { // in order, so that two writers can't deadlock
		n, err := tx.Exec(ctx, `
			UPDATE lot SET reserved = reserved + $2, allotted = allotted - $3
			WHERE id = $1 AND state = 'on_sale' AND allotted >= $3 AND on_hand >= reserved + $2 + allotted - $3`, l, sums[l].all, sums[l].allotted)
		if err != nil {
			return fmt.Errorf("lot: reserve: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("%w: lot %s", ErrShort, l)
		}
	}
	for _, a := range sorted(slices) {
		n, err := tx.Exec(ctx, `UPDATE lot_allotment SET taken = taken + $2 WHERE id = $1 AND state = 'open' AND qty - taken >= $2`, a, slices[a])
		if err != nil {
			return fmt.Errorf("lot: reserve: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("%w: allotment %s", ErrShort, a)
		}
	}
	return nil
}

// sum of what reservations hold of a lot, in base units.
type sum struct{ all, allotted int64 }

func (s sum) add(r Reservation) sum {
	s.all += r.Qty
	if r.Allotment != "" {
		s.allotted += r.Qty
	}
	return s
}

func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

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

// Release gives orders' held reservations back: to the allotment they came
// from while that is open, else to all. Released ones are left alone, so
// releasing twice changes nothing.
func Release(ctx context.Context, tx *db.Tx, orders ...id.Order) error {
	var all []Reservation
	for part := range slices.Chunk(orders, maxIn) {
		rs, err := finish(ctx, tx, Released, `order_id IN (`+db.In(3, len(part))+`)`, db.Args(part)...)
		if err != nil {
			return fmt.Errorf("lot: release: %w", err)
		}
		all = append(all, rs...)
	}
	sums, slices := map[id.Lot]sum{}, map[id.Allotment]int64{}
	for _, r := range all {
		sums[r.Lot] = sums[r.Lot].add(r)
		if r.Allotment != "" {
			slices[r.Allotment] += r.Qty
		}
	}
	for _, l := range sorted(sums) {
		if _, err := tx.Exec(ctx, `UPDATE lot SET reserved = reserved - $2 WHERE id = $1`, l, sums[l].all); err != nil {
			return fmt.Errorf("lot: release: %w", err)
		}
	}
	for _, a := range sorted(slices) {
		if err := giveToSlice(ctx, tx, a, slices[a]); err != nil {
			return fmt.Errorf("lot: release: %w", err)
		}
	}
	return nil
}

// ShipOrder turns an order's held reservations into movements (packer): those
// of a producer's lots, or of all for producer "".
func ShipOrder(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order, producer id.Producer) error {
	if err := who.Need(actor.Packer); err != nil {
		return err
	}
	taken, err := finish(ctx, tx, Shipped, `order_id = $3 AND ($4 = '' OR lot_id IN (SELECT id FROM lot WHERE producer_id = $4))`, o, producer)
	if err != nil {
		return fmt.Errorf("lot: ship: %w", err)
	}
	sums := map[id.Lot]sum{}
	var ms []Movement
	for _, r := range taken {
		sums[r.Lot] = sums[r.Lot].add(r)
		ms = append(ms, Movement{Lot: r.Lot, Kind: Ship, Qty: -r.Qty, Ref: string(o), Actor: who.User})
	}
	if err := insertMovements(ctx, tx, ms, ""); err != nil {
		return fmt.Errorf("lot: ship: %w", err)
	}
	for _, l := range sorted(sums) {
		if _, err := tx.Exec(ctx, `UPDATE lot SET reserved = reserved - $2, on_hand = on_hand - $2 WHERE id = $1`, l, sums[l].all); err != nil {
			return fmt.Errorf("lot: ship: %w", err)
		}
	}
	return nil
}

// HeldOf lists whose goods of an order have not left yet, each producer once.
func HeldOf(ctx context.Context, q db.Querier, o id.Order) ([]id.Producer, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT l.producer_id FROM lot_reservation r JOIN lot l ON l.id = r.lot_id
		WHERE r.order_id = $1 AND r.state = 'held' ORDER BY l.producer_id`, o)
	return db.Collect(rows, err, func(r *db.Rows, p *id.Producer) error { return r.Scan(p) })
}

// maxIn bounds the list of one statement.
const maxIn = 200

// finish takes the held reservations that cond names ($3 and on) to a state, and
// tells what they still held.
func finish(ctx context.Context, tx *db.Tx, to, cond string, args ...any) ([]Reservation, error) {
	rows, err := tx.Query(ctx, `
		UPDATE lot_reservation SET state = $1, done_us = $2 WHERE state = 'held' AND `+cond+`
		RETURNING id, lot_id, order_id, line_id, units - back_units, qty - back_qty, state, allotment_id`, append([]any{to, tx.NowUs()}, args...)...)
	return db.Collect(rows, err, scanReservation)
}

const reservationColumns = `id, lot_id, order_id, line_id, units - back_units, qty - back_qty, state, allotment_id`

func scanReservation(r *db.Rows, x *Reservation) error {
	return r.Scan(&x.ID, &x.Lot, &x.Order, &x.Line, &x.Units, &x.Qty, &x.State, &x.Allotment)
}
