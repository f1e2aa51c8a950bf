package fsck

import (
	"context"
	"maps"
	"slices"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
)

// placedTogether compares what each group of orders booked when it was placed
// with the shares and freight of all orders that name the group.
func placedTogether(ctx context.Context, q db.Querier, s slice, c *Check) error {
	batch, err := readOrders(ctx, q, s)
	if err != nil {
		return err
	}
	groups := map[id.Placing][]bookedOrder{}
	for _, o := range batch {
		groups[o.sale.Group] = append(groups[o.sale.Group], o)
	}
	delete(groups, "")
	booked, err := readPlaced(ctx, q, s, groups)
	if err != nil {
		return err
	}
	for _, g := range placedSuspects(groups, booked) {
		if err := recheckPlaced(ctx, q, g, c); err != nil || c.full() {
			return err
		}
	}
	return nil
}

// readPlaced reads what is booked for groups, and (in a range) for groups no
// order names.
func readPlaced(ctx context.Context, q db.Querier, s slice, groups map[id.Placing][]bookedOrder) (map[id.Order]booking, error) {
	out := map[id.Order]booking{}
	if s.list == nil {
		return out, addBooked(ctx, q, out, "placed/"+s.after+"/~", "placed/"+s.upTo+"/~")
	}
	for g := range groups {
		if err := addBooked(ctx, q, out, "placed/"+string(g)+"/", "placed/"+string(g)+"/~"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// placedSuspects are the groups that differ as far as a slice shows, in order.
// A group that stands in two slices is always one.
func placedSuspects(groups map[id.Placing][]bookedOrder, booked map[id.Order]booking) []id.Placing {
	var out []id.Placing
	for g, orders := range groups {
		if !maps.Equal(wantTogether(g, orders), booked[id.Order(g)]) {
			out = append(out, g)
		}
	}
	for g := range booked {
		if groups[id.Placing(g)] == nil {
			out = append(out, id.Placing(g))
		}
	}
	slices.Sort(out)
	return out
}

func recheckPlaced(ctx context.Context, q db.Querier, g id.Placing, c *Check) error {
	is := map[id.Order]booking{}
	if err := addBooked(ctx, q, is, "placed/"+string(g)+"/", "placed/"+string(g)+"/~"); err != nil {
		return err
	}
	orders, err := ordersOf(ctx, q, g)
	if err != nil {
		return err
	}
	want := wantTogether(g, orders)
	if maps.Equal(want, is[id.Order(g)]) {
		return nil
	}
	for _, o := range orders {
		c.about(string(o.sale.Order))
	}
	c.found("orders placed together as %s: %s", g, difference(want, is[id.Order(g)]))
	return nil
}

func wantTogether(g id.Placing, orders []bookedOrder) booking {
	b := booking{}
	if len(orders) == 0 {
		return b
	}
	sales := make([]promise.Sale, len(orders))
	for i, o := range orders {
		sales[i] = o.sale
	}
	for _, t := range promise.BookedTogether(g, sales...) {
		for _, l := range t.Lines {
			b.add(t.Ref, l.Path, l.Fen)
		}
	}
	return b
}

// ordersOf reads the orders of a group. There is no index by group that every
// order would pay for: their ids were made after the group's and before those
// of its bookings, so they stand close together.
func ordersOf(ctx context.Context, q db.Querier, g id.Placing) ([]bookedOrder, error) {
	if !id.Valid(g) {
		return nil, nil
	}
	var last string
	err := q.QueryRow(ctx, `SELECT coalesce(max(id), '') FROM ledger_txn WHERE ref > $1 AND ref < $2`, "placed/"+string(g)+"/", "placed/"+string(g)+"/~").Scan(&last)
	if err != nil {
		return nil, err
	}
	if last == "" { // nothing is booked: no transaction of ours lives longer
		last = idAt(timeOf(string(g)).Add(overlap))
	}
	rows, err := q.Query(ctx, `SELECT id FROM sale_order WHERE id >= $1 AND id <= $2 AND placing_id = $3 ORDER BY id`, string(g[:12]), last[:12]+end, g)
	ids, err := db.Collect(rows, err, func(r *db.Rows, o *string) error { return r.Scan(o) })
	if err != nil {
		return nil, err
	}
	var out []bookedOrder
	for _, part := range lists(ids) {
		some, err := readOrders(ctx, q, part)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}
