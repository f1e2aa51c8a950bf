package orderdesk

import (
	"context"
	"hash/fnv"
	"slices"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// readTaken counts what the group's buyers already have of items with a limit
// a person. No CHECK can hold that limit, so on PostgreSQL the buyers are
// locked first: another process may be placing an order of the same person.
func (g *groupTx) readTaken(ctx context.Context, tx *db.Tx) (err error) {
	var items []id.Item
	buyers := set[id.User]{}
	for _, it := range g.book.items {
		if it.PerPerson > 0 {
			items = append(items, it.ID)
		}
	}
	if len(items) == 0 {
		return nil
	}
	slices.Sort(items)
	for _, j := range g.jobs {
		if slices.ContainsFunc(j.req.Order.Lines, func(l order.Line) bool { return slices.Contains(items, l.Item) }) {
			buyers.add(j.req.Order.Buyer)
		}
	}
	if err := lockBuyers(ctx, tx, buyers.list); err != nil {
		return err
	}
	g.taken, err = order.Taken(ctx, tx, buyers.list, items)
	for _, u := range buyers.list {
		if err == nil && g.taken[u] == nil {
			g.taken[u] = map[id.Item]int64{}
		}
	}
	return err
}

// lockBuyers holds a lock for each buyer until the transaction ends, in one
// order for everybody.
func lockBuyers(ctx context.Context, tx *db.Tx, buyers []id.User) error {
	if tx.Dialect != db.Postgres {
		return nil
	}
	locks := make([]int64, len(buyers))
	for i, u := range buyers {
		h := fnv.New64a()
		h.Write([]byte("order desk buyer " + string(u)))
		locks[i] = int64(h.Sum64())
	}
	slices.Sort(locks)
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k`, locks)
	return err
}

// limits holds an order against what is left of the items' released units and
// against the limit a person.
func (g *groupTx) limits(o *order.Order) error {
	want := map[id.Item]int64{}
	for i, l := range o.Lines {
		if l.Item == "" {
			continue
		}
		it := g.book.items[l.Item]
		want[l.Item] += l.Units
		if it.PerPerson > 0 {
			if have := g.taken[o.Buyer][l.Item]; have+want[l.Item] > it.PerPerson {
				return fault.New(fault.Conflict, "order.per_person", "Most", it.PerPerson, "Have", have).At(field(i))
			}
		}
		if it.Released >= 0 {
			if left := it.Released - it.Sold - g.sold[l.Item]; want[l.Item] > left {
				return short(left).At(field(i))
			}
		}
	}
	return nil
}
