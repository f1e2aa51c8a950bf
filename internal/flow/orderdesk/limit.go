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

// had is what the group's buyers already have, where a limit asks for it.
type had struct {
	items   map[id.User]map[id.Item]int64  // units of items with a limit a person
	flashes map[id.User]map[id.Flash]int64 // and of flash sales
	unpaid  map[id.User]int64              // orders not paid yet
}

// readHad counts what buyers have. No CHECK can hold a limit a person, so on
// PostgreSQL those buyers are locked first for whom it may matter: another
// process may be placing an order of the same person.
func (g *groupTx) readHad(ctx context.Context, tx *db.Tx) (err error) {
	items, flashes := g.limited()
	held, debtors := g.limitedBuyers(), g.debtors()
	if g.had.unpaid, err = order.UnpaidOf(ctx, tx, debtors.list); err != nil {
		return err
	}
	// A first unpaid order can't pass the limit; only who has or sends more is
	// locked, so that a crowd of people with one order each waits for nobody.
	var busy []id.User
	for _, u := range debtors.list {
		if g.had.unpaid[u]+debtors.times[u] >= 2 {
			busy = append(busy, u)
			held.add(u)
		}
	}
	if len(held.list) == 0 {
		return nil
	}
	if err := LockBuyers(ctx, tx, held.list); err != nil {
		return err
	}
	if tx.Dialect == db.Postgres && len(busy) > 0 { // again, now that it holds
		now, err := order.UnpaidOf(ctx, tx, busy)
		if err != nil {
			return err
		}
		for _, u := range busy {
			g.had.unpaid[u] = now[u]
		}
	}
	if g.had.items, err = order.Taken(ctx, tx, held.list, items); err != nil {
		return err
	}
	g.had.flashes, err = order.TakenInFlash(ctx, tx, held.list, flashes)
	return err
}

// limited lists the group's items and running flash sales with a limit a person.
func (g *groupTx) limited() (items []id.Item, flashes []id.Flash) {
	for _, it := range g.book.items {
		if it.PerPerson > 0 {
			items = append(items, it.ID)
		}
		if f, ok := g.book.running(it); ok && f.PerPerson > 0 {
			flashes = append(flashes, f.ID)
		}
	}
	slices.Sort(items)
	slices.Sort(flashes)
	return items, flashes
}

// limitedBuyers are those who want something with a limit a person.
func (g *groupTx) limitedBuyers() *set[id.User] {
	out := &set[id.User]{}
	for _, j := range g.jobs {
		for _, l := range j.req.Order.Lines {
			it, ok := g.book.items[l.Item]
			if !ok {
				continue
			}
			if f, running := g.book.running(it); it.PerPerson > 0 || running && f.PerPerson > 0 {
				out.add(j.req.Order.Buyer)
			}
		}
	}
	return out
}

// debtors are the buyers whose unpaid orders are limited, with how many orders
// they send in this group.
func (g *groupTx) debtors() *counted {
	out := &counted{times: map[id.User]int64{}}
	for _, j := range g.jobs {
		if u := j.req.Order.Buyer; j.req.MaxUnpaid > 0 {
			out.add(u)
			out.times[u]++
		}
	}
	return out
}

type counted struct {
	set[id.User]
	times map[id.User]int64
}

// LockBuyers holds a lock for each buyer until the transaction ends, in one
// order for everybody: for limits a person that no CHECK can hold. SQLite has
// one writer and needs none.
func LockBuyers(ctx context.Context, tx *db.Tx, buyers []id.User) error {
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

// owes holds a buyer against the limit of unpaid orders: each holds goods that
// others could buy.
func (g *groupTx) owes(r *Request) *fault.Error {
	if have := g.had.unpaid[r.Order.Buyer]; r.MaxUnpaid > 0 && have >= r.MaxUnpaid {
		return fault.New(fault.Conflict, "order.unpaid_many", "Max", r.MaxUnpaid, "Have", have)
	}
	return nil
}

// limits holds a priced order against what is left of the items' released units
// and flash sales, and against the limits a person.
func (g *groupTx) limits(o *order.Order) error {
	want, flash := map[id.Item]int64{}, map[id.Flash]int64{}
	for i, l := range o.Lines {
		if l.Item == "" {
			continue
		}
		it := g.book.items[l.Item]
		want[l.Item] += l.Units
		if it.PerPerson > 0 {
			if have := g.had.items[o.Buyer][l.Item]; have+want[l.Item] > it.PerPerson {
				return perPerson(it.PerPerson, have).At(field(i))
			}
		}
		if it.Released >= 0 {
			if left := it.Released - it.Sold - g.sold[l.Item]; want[l.Item] > left {
				return short(left).At(field(i))
			}
		}
		if f, ok := g.book.running(it); ok {
			flash[f.ID] += l.Units
			if have := g.had.flashes[o.Buyer][f.ID]; f.PerPerson > 0 && have+flash[f.ID] > f.PerPerson {
				return perPerson(f.PerPerson, have).At(field(i))
			}
			if left := f.Left() - g.book.flashSold[f.ID]; flash[f.ID] > left {
				return short(left).At(field(i))
			}
		}
	}
	return nil
}

func perPerson(most, have int64) *fault.Error {
	return fault.New(fault.Conflict, "order.per_person", "Most", most, "Have", have)
}

// note counts a taken order into what its buyer has, for the rest of the group.
func (h *had) note(o *order.Order) {
	h.unpaid[o.Buyer]++
	for _, l := range o.Lines {
		if mine := h.items[o.Buyer]; mine != nil {
			mine[l.Item] += l.Units
		} else if h.items != nil {
			h.items[o.Buyer] = map[id.Item]int64{l.Item: l.Units}
		}
		if l.Flash == "" {
			continue
		}
		if mine := h.flashes[o.Buyer]; mine != nil {
			mine[l.Flash] += l.Units
		} else if h.flashes != nil {
			h.flashes[o.Buyer] = map[id.Flash]int64{l.Flash: l.Units}
		}
	}
}
