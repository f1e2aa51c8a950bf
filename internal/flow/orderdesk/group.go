package orderdesk

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
)

// groupTx is one group in its transaction: what was read, what was decided,
// what is to be written. It is made anew for every try.
type groupTx struct {
	jobs []*job
	outs []outcome

	id        id.Placing
	nos       *id.Numbers
	book      *Book
	known     map[order.Key]order.Order   // placed before, by key
	refused   map[order.Key]order.Refusal // refused before, by key
	producers map[id.Producer]catalog.Producer
	stock     map[id.Product][]lot.Stock
	rates     rates
	had       had               // what the buyers already have
	sold      map[id.Item]int64 // by this group

	orders       []order.Order
	shares       []order.Share
	fees         []order.Fee
	reservations []lot.Reservation
	due          []id.Lot // their overdue allotments were counted as given back
	sales        []promise.Sale
	notes        []audit.Note
	refusals     []order.Refusal
	uses         map[id.Claim]id.Order // coupons; nil without
	discounts    []order.Discount
	changed      []id.Product
	gone         []soldOut
}

func newGroup(jobs []*job, nos *id.Numbers) *groupTx {
	return &groupTx{id: id.New[id.Placing](), nos: nos, jobs: jobs, outs: make([]outcome, len(jobs)), sold: map[id.Item]int64{}}
}

// read loads what the group needs, each table once. With lock the items and
// then the lots are held first, in the order everybody writes them, so that
// nobody takes from them between reading and writing.
func (g *groupTx) read(ctx context.Context, tx *db.Tx, lock bool) (err error) {
	var lines []order.Line
	keys := make([]order.Key, len(g.jobs))
	for i, j := range g.jobs {
		o := &j.req.Order
		keys[i] = order.Key{Buyer: o.Buyer, Key: o.IdemKey}
		lines = append(lines, o.Lines...)
	}
	if g.book, err = ReadBook(ctx, tx, lines); err != nil {
		return err
	}
	if err := g.readHad(ctx, tx); err != nil {
		return err
	}
	if lock {
		if err := show.LockItems(ctx, tx, slices.Collect(maps.Keys(g.book.items))); err != nil {
			return err
		}
		if g.book, err = ReadBook(ctx, tx, lines); err != nil {
			return err
		}
	}
	if g.known, g.refused, err = order.ByKeys(ctx, tx, keys); err != nil {
		return err
	}
	if err := g.readStock(ctx, tx, lock); err != nil {
		return err
	}
	return g.readCoupons(ctx, tx)
}

func (g *groupTx) readStock(ctx context.Context, tx *db.Tx, lock bool) (err error) {
	products := make([]id.Product, 0, len(g.book.products))
	for p := range g.book.products {
		products = append(products, p)
	}
	slices.Sort(products)
	if g.stock, err = lot.OnSaleStock(ctx, tx, products...); err != nil {
		return err
	}
	if lock {
		var lots []id.Lot
		for _, ss := range g.stock {
			for _, s := range ss {
				lots = append(lots, s.Lot)
			}
		}
		if err := lot.Lock(ctx, tx, lots); err != nil {
			return err
		}
		if g.stock, err = lot.OnSaleStock(ctx, tx, products...); err != nil {
			return err
		}
	}
	producers := set[id.Producer]{}
	for p, ss := range g.stock {
		for i := range ss {
			ss[i].BasePerUnit = g.book.products[p].BasePerUnit
			producers.add(ss[i].Producer)
		}
	}
	if g.producers, err = catalog.Producers(ctx, tx, producers.list...); err != nil {
		return err
	}
	for p, ss := range g.stock { // goods of nobody can't be settled, so they are not sold
		g.stock[p] = slices.DeleteFunc(ss, func(s lot.Stock) bool { return g.producers[s.Producer].ID == "" })
	}
	return g.readRates(ctx, tx)
}

// take decides one request: the first answer of its key, or a new one.
func (g *groupTx) take(i int, now time.Time) outcome {
	r := &g.jobs[i].req
	key := order.Key{Buyer: r.Order.Buyer, Key: r.Order.IdemKey}
	if out, ok := g.again(key, r.Order.IdemHash); ok {
		return out
	}
	out := g.decide(r, now)
	if out.err != nil {
		g.refuse(key, r, out.err)
		return out
	}
	g.known[key] = out.order // the same key again in this group gets the same answer
	return out
}

// decide makes a new order whose rows are kept for write, or a refusal.
func (g *groupTx) decide(r *Request, now time.Time) outcome {
	o := r.Order
	o.Lines = slices.Clone(o.Lines)
	if err := g.book.Price(&o); err != nil {
		return outcome{err: err}
	}
	if err := g.owes(r); err != nil {
		return outcome{err: err}
	}
	if err := g.limits(&o); err != nil {
		return outcome{err: err}
	}
	if err := g.useCoupon(r, &o); err != nil {
		return outcome{err: err}
	}
	takes, err := g.allocate(&o)
	if err != nil {
		return outcome{err: err}
	}
	g.name(&o, now, r)
	g.keep(r, &o, takes)
	return outcome{order: o}
}

// name gives an order its ids, number and times.
func (g *groupTx) name(o *order.Order, now time.Time, r *Request) {
	unpaidFor := cmp.Or(r.UnpaidFor, DefaultUnpaidFor)
	if slices.ContainsFunc(o.Lines, func(l order.Line) bool { return l.Flash != "" }) {
		unpaidFor = min(unpaidFor, cmp.Or(r.FlashUnpaidFor, DefaultFlashUnpaidFor))
	}
	o.ID, o.No, o.State = id.New[id.Order](), g.nos.Next(now), order.Unpaid
	o.Placing = g.id
	o.Placed, o.Expires = clock.FromUs(clock.Us(now)), clock.FromUs(clock.Us(now.Add(unpaidFor)))
	for i := range o.Lines {
		o.Lines[i].ID, o.Lines[i].Order = id.New[id.Line](), o.ID
	}
}

// allocate takes stock for every line, or for none.
func (g *groupTx) allocate(o *order.Order) ([][]lot.Take, error) {
	all := make([][]lot.Take, len(o.Lines))
	for i, l := range o.Lines {
		ask := g.book.ask(l)
		takes, ok := lot.Allocate(g.stock[l.Product], ask)
		if !ok {
			err := tooFew(g.stock[l.Product], ask)
			for n := range i {
				lot.GiveBack(g.stock[o.Lines[n].Product], all[n])
			}
			return nil, err.At(field(i))
		}
		all[i] = takes
	}
	return all, nil
}

// tooFew says why an ask can't be filled. Lots that are there but must not be
// sold this cheaply are another matter than none: staff must mend the price.
func tooFew(stocks []lot.Stock, ask lot.Ask) *fault.Error {
	at, any := lot.Units(stocks, ask), ask
	any.Price = 0
	if at < ask.Units && lot.Units(stocks, any) >= ask.Units {
		return fault.New(fault.Conflict, "order.below_floor")
	}
	return short(at)
}

func short(left int64) *fault.Error {
	if left <= 0 {
		return fault.New(fault.Conflict, "order.sold_out")
	}
	return fault.New(fault.Conflict, "order.few_left", "Left", left)
}

func (g *groupTx) lotOf(p id.Product, l id.Lot) *lot.Stock {
	ss := g.stock[p]
	return &ss[slices.IndexFunc(ss, func(s lot.Stock) bool { return s.Lot == l })]
}

// keep notes an order's rows.
func (g *groupTx) keep(r *Request, o *order.Order, takes [][]lot.Take) {
	from := len(g.shares)
	for i, l := range o.Lines {
		if l.Item != "" {
			g.sold[l.Item] += l.Units
		}
		if l.Flash != "" {
			g.book.flashSold[l.Flash] += l.Units
		}
		for _, k := range takes[i] {
			st := g.lotOf(l.Product, k.Lot)
			p := g.producers[st.Producer]
			bp, plan := g.rates.of(p, l.Product, o.Show)
			s := share(l, k, st, g.book.products[l.Product].Settlement, p, bp)
			s.Order, s.Reservation = o.ID, id.New[string]()
			if s.Commission > 0 {
				g.fees = append(g.fees, g.rates.fee(s, plan, o.Show))
			}
			g.shares = append(g.shares, s)
			g.reservations = append(g.reservations, lot.Reservation{ID: s.Reservation, Lot: k.Lot, Order: o.ID, Line: l.ID, Units: k.Units, Qty: k.Qty, Allotment: k.Allotment})
			if st.Due && !slices.Contains(g.due, k.Lot) {
				g.due = append(g.due, k.Lot)
			}
		}
		if !slices.Contains(g.changed, l.Product) {
			g.changed = append(g.changed, l.Product)
		}
	}
	g.keepCoupon(r, o)
	g.had.note(o)
	g.orders = append(g.orders, *o)
	g.sales = append(g.sales, Sale(*o, g.shares[from:]))
	who := r.Who
	if who.User == "" {
		who.User = o.Buyer
	}
	g.notes = append(g.notes, audit.Note{Who: who, Action: "order.place", ObjectKind: "order", ObjectID: string(o.ID), Detail: placed{o.No, int64(o.Total)}})
}

type placed struct {
	No    string `json:"no"`
	Total int64  `json:"total_fen"`
}

// write stores the whole group. Rows that several processes fight for (items,
// lots, accounts) come last, so that they are held shortly.
func (g *groupTx) write(ctx context.Context, tx *db.Tx) error {
	if len(g.refusals) > 0 {
		if err := order.InsertRefusals(ctx, tx, g.refusals); err != nil {
			return err
		}
	}
	if len(g.orders) == 0 {
		return nil
	}
	if err := order.Insert(ctx, tx, g.orders, g.shares); err != nil {
		return err
	}
	if err := order.InsertFees(ctx, tx, g.fees); err != nil {
		return err
	}
	if err := g.writeCoupons(ctx, tx); err != nil {
		return err
	}
	if err := audit.WriteAll(ctx, tx, g.notes); err != nil {
		return err
	}
	if err := show.AddSold(ctx, tx, g.sold); err != nil {
		return err
	}
	if err := show.AddFlashSold(ctx, tx, g.book.flashSold); err != nil {
		return err
	}
	if err := lot.GiveBackDue(ctx, tx, g.due...); err != nil {
		return err
	}
	if err := lot.Reserve(ctx, tx, g.reservations); err != nil {
		return err
	}
	return promise.OrdersPlaced(ctx, tx, g.id, g.sales...)
}
