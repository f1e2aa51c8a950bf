package flow_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
)

// The machine of this file does to a shop whatever comes to its mind, and to a
// model of a few numbers, and holds one against the other after each step.

// mLot is a lot of the model; quantities are sell units. Lots are in the order
// they are sold.
type mLot struct {
	id           id.Lot
	producer     id.Producer
	floor        money.Fen
	onHand, held int64
	slices       []*mSlice
}

type mSlice struct {
	id         id.Allotment
	qty, taken int64
	capped     bool
	open       bool
	expires    time.Time
}

type mFlash struct {
	id                id.Flash
	price             money.Fen
	total, sold, each int64
	starts, ends      time.Time
	over              bool // sold out or cancelled
}

type mTake struct {
	lot   *mLot
	slice *mSlice
	units int64
}

type mLine struct {
	flash *mFlash
	item  bool
	units int64
	price money.Fen
	takes []mTake
}

type mOrder struct {
	id      id.Order
	who     actor.Actor
	state   order.State
	part    bool
	lines   []mLine
	total   money.Fen
	expires time.Time
	left    map[id.Producer]bool // whose goods have left
}

// machine is the shop and its model.
type machine struct {
	*shoptest.Shop
	f      *flow.Flow
	now    *clock.Fake
	staff  actor.Actor
	buyers []actor.Actor
	at     []id.Address

	product id.Product
	item    id.Item
	price   money.Fen // of the item; the page's is 1000
	lots    []*mLot
	flash   *mFlash
	flashes []*mFlash
	orders  []*mOrder
	sold    int64
	n       int
}

const pagePrice = money.Fen(1000)

func newMachine(t *testing.T, d *db.DB, f *flow.Flow) *machine {
	m := &machine{Shop: shoptest.New(t, d), f: f, now: d.Clock.(*clock.Fake), price: 900}
	m.staff = m.Person(actor.Operator, actor.Selector, actor.Finance, actor.Packer, actor.Service)
	m.product = m.Product(pagePrice)
	for i, from := range []id.Producer{m.Farm, m.Works} {
		l := &mLot{producer: from, floor: []money.Fen{0, 800}[i], onHand: 12}
		l.id = m.Lot(m.product, from, l.onHand, func(n *lot.New) { n.Floor, n.BestBefore = l.floor, clock.DayOf(m.now.Now()).Add(100+i) })
		m.lots = append(m.lots, l)
	}
	m.item = m.Item(m.product, m.price)
	for range 3 {
		who, at := m.Buyer()
		m.buyers, m.at = append(m.buyers, who), append(m.at, at)
	}
	return m
}

// running is the flash sale that sells now.
func (m *machine) running() *mFlash {
	if f, now := m.flash, m.now.Now(); f != nil && !f.over && !now.Before(f.starts) && now.Before(f.ends) {
		return f
	}
	return nil
}

func (m *machine) due(s *mSlice) bool { return !s.expires.After(m.now.Now()) }

// pots lists where an order may take from, in order: its slices, then the open
// rest.
func (m *machine) pots(inShow bool, price money.Fen) (out []mTake) {
	capped := false
	for _, l := range m.lots {
		for _, s := range l.slices {
			if inShow && s.open && !m.due(s) {
				capped = capped || s.capped
				if price >= l.floor {
					out = append(out, mTake{l, s, s.qty - s.taken})
				}
			}
		}
	}
	for _, l := range m.lots {
		if capped || price < l.floor {
			continue
		}
		free := l.onHand - l.held
		for _, s := range l.slices {
			if s.open && !m.due(s) {
				free -= s.qty - s.taken
			}
		}
		out = append(out, mTake{l, nil, free})
	}
	return out
}

// take fills a line in the model; nil when it can't be.
func (m *machine) take(inShow bool, price money.Fen, units int64) (got []mTake) {
	left := units
	for _, p := range m.pots(inShow, price) {
		if n := min(left, p.units); n > 0 {
			got = append(got, mTake{p.lot, p.slice, n})
			left -= n
		}
	}
	if left > 0 {
		return nil
	}
	for _, t := range got {
		t.apply(1)
	}
	return got
}

func (t mTake) apply(sign int64) {
	t.lot.held += sign * t.units
	if t.slice != nil {
		t.slice.taken += sign * t.units
	}
}

// Place orders one or two lines, in the show or on the page, at the price of
// now or the other one.
func (m *machine) Place(t *rapid.T) {
	who := rapid.IntRange(0, len(m.buyers)-1).Draw(t, "buyer")
	in := flow.PlaceIn{Key: id.New[string](), Address: m.at[who], NoReturnOK: true}
	o := &mOrder{who: m.buyers[who], state: order.Unpaid, left: map[id.Producer]bool{}, expires: m.now.Now().Add(kept)}
	wrong := false
	f := m.running()
	var inFlash int64
	for range rapid.IntRange(1, 2).Draw(t, "lines") {
		l := mLine{item: rapid.Bool().Draw(t, "in the show"), units: rapid.Int64Range(1, 6).Draw(t, "units"), price: pagePrice}
		if l.item {
			if l.price = m.price; f != nil {
				l.price, l.flash = f.price, f
				inFlash += l.units
			}
			in.Lines = append(in.Lines, flow.PlaceLine{Item: m.item, Units: l.units, Price: l.price})
		} else {
			in.Lines = append(in.Lines, flow.PlaceLine{Product: m.product, Units: l.units, Price: l.price})
		}
		o.lines = append(o.lines, l)
	}
	if rapid.IntRange(0, 7).Draw(t, "price of before") == 0 {
		in.Lines[0].Price++
		wrong = true
	}
	fits := !wrong && (f == nil || f.sold+inFlash <= f.total && (f.each == 0 || m.had(o.who, f)+inFlash <= f.each))
	if fits {
		for i := range o.lines {
			l := &o.lines[i]
			if l.takes = m.take(l.item, l.price, l.units); l.takes == nil {
				fits = false
				for _, x := range o.lines[:i] {
					for _, k := range x.takes {
						k.apply(-1)
					}
				}
				break
			}
		}
	}
	got, err := m.f.PlaceOrder(context.Background(), o.who, in)
	if (err == nil) != fits {
		t.Fatalf("order %+v: %v, the model says %v", in.Lines, err, fits)
	}
	if err != nil {
		if k := fault.Of(err).Kind; k != fault.Conflict {
			t.Fatalf("refused with %v", err)
		}
		return
	}
	m.closeDue(o)
	m.count(o, 1)
	if f != nil && inFlash > 0 {
		o.expires = m.now.Now().Add(5 * time.Minute)
		f.over = f.sold == f.total
	}
	o.id, o.total = got.ID, got.Total
	m.orders = append(m.orders, o)
}

// closeDue ends the overdue slices of lots an order took from: the desk does.
func (m *machine) closeDue(o *mOrder) {
	for _, l := range o.lines {
		for _, k := range l.takes {
			for _, s := range k.lot.slices {
				s.open = s.open && !m.due(s)
			}
		}
	}
}

// count counts an order in or out of what its items have sold.
func (m *machine) count(o *mOrder, sign int64) {
	for _, l := range o.lines {
		if l.item {
			m.sold += sign * l.units
		}
		if l.flash != nil {
			l.flash.sold += sign * l.units
		}
	}
}

func (m *machine) had(who actor.Actor, f *mFlash) (n int64) {
	for _, o := range m.orders {
		for _, l := range o.lines {
			if o.who.User == who.User && o.state != order.Closed && l.flash == f {
				n += l.units
			}
		}
	}
	return n
}

// release gives a closed order's goods back.
func (m *machine) release(o *mOrder) {
	o.state = order.Closed
	m.count(o, -1)
	for _, l := range o.lines {
		for _, k := range l.takes {
			k.apply(-1)
		}
	}
}

func (m *machine) pick(t *rapid.T) *mOrder {
	if len(m.orders) == 0 {
		t.Skip("no orders")
	}
	return rapid.SampledFrom(m.orders).Draw(t, "order")
}

// Pay confirms the money of an order.
func (m *machine) Pay(t *rapid.T) {
	o := m.pick(t)
	_, err := m.f.ConfirmOffline(context.Background(), m.staff, o.id, o.total, "bank")
	if o.state != order.Unpaid {
		return // late money has its own tests
	}
	if err != nil {
		t.Fatal(err)
	}
	o.state = order.Paid
}

// Cancel takes an order back, paid or not.
func (m *machine) Cancel(t *rapid.T) {
	o := m.pick(t)
	_, err := m.f.CancelOrder(context.Background(), o.who, o.id)
	can := o.state != order.Shipped && !o.part
	if (err == nil) != can {
		t.Fatalf("%s order, part shipped %v: %v", o.state, o.part, err)
	}
	if can && o.state != order.Closed {
		m.release(o)
	}
}

// Ship sends one producer's goods of an order, or all.
func (m *machine) Ship(t *rapid.T) {
	o := m.pick(t)
	var from id.Producer
	if rapid.Bool().Draw(t, "one parcel of several") {
		from = rapid.SampledFrom([]id.Producer{m.Farm, m.Works}).Draw(t, "whose")
	}
	m.n++
	_, err := m.f.ShipParcel(context.Background(), m.staff, o.id, from, "ems", fmt.Sprintf("EA%09dCN", m.n))
	here := map[id.Producer]bool{}
	for _, l := range o.lines {
		for _, k := range l.takes {
			here[k.lot.producer] = here[k.lot.producer] || !o.left[k.lot.producer]
		}
	}
	can := o.state == order.Paid && (from == "" || here[from])
	if (err == nil) != can {
		t.Fatalf("%s order, parcel of %q, here %v: %v", o.state, from, here, err)
	}
	if !can {
		return
	}
	o.state = order.Shipped
	for p, is := range here {
		if is && from != "" && p != from {
			o.state, o.part = order.Paid, true
		}
	}
	for _, l := range o.lines {
		for _, k := range l.takes {
			if p := k.lot.producer; !o.left[p] && (from == "" || p == from) {
				k.lot.onHand -= k.units
				k.lot.held -= k.units
			}
		}
	}
	for p := range here {
		if from == "" || p == from {
			o.left[p] = true
		}
	}
}

// Wait lets time pass; the clocks that sweep may be late.
func (m *machine) Wait(t *rapid.T) {
	m.now.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "seconds")) * time.Second)
}

// Expire closes what was not paid in time.
func (m *machine) Expire(t *rapid.T) {
	if _, err := m.f.ExpireOrders(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, o := range m.orders {
		if o.state == order.Unpaid && !o.expires.After(m.now.Now()) {
			m.release(o)
		}
	}
}

// GiveBack is the sweep of allotments.
func (m *machine) GiveBack(t *rapid.T) {
	if _, err := m.f.GiveBackAllotments(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, l := range m.lots {
		for _, s := range l.slices {
			s.open = s.open && !m.due(s)
		}
	}
}

// Allot gives the show, or its host, a slice.
func (m *machine) Allot(t *rapid.T) {
	l := rapid.SampledFrom(m.lots).Draw(t, "lot")
	s := &mSlice{qty: rapid.Int64Range(1, 8).Draw(t, "slice"), capped: rapid.IntRange(0, 3).Draw(t, "capped") == 0, open: true,
		expires: m.now.Now().Add(time.Duration(rapid.IntRange(60, 900).Draw(t, "for")) * time.Second)}
	free := l.onHand - l.held
	for _, x := range l.slices {
		if x.open && !m.due(x) {
			free -= x.qty - x.taken
		}
	}
	open := 0
	for _, x := range l.slices {
		if x.open && !m.due(x) {
			open++
		}
	}
	a, err := m.f.Allot(context.Background(), m.staff, lot.Grant{Key: id.New[string](), Lot: l.id, Show: m.Show, Qty: s.qty * shoptest.Base, Capped: s.capped, Expires: s.expires})
	if (err == nil) != (s.qty <= free && open < lot.MaxAllotments) {
		t.Fatalf("a slice of %d of %d: %v", s.qty, free, err)
	}
	if err == nil {
		for _, x := range l.slices { // room was made for it
			x.open = x.open && !m.due(x)
		}
		s.id = a.ID
		l.slices = append(l.slices, s)
	}
}

// Shrink changes a slice, or takes it back.
func (m *machine) Shrink(t *rapid.T) {
	l := rapid.SampledFrom(m.lots).Draw(t, "lot")
	if len(l.slices) == 0 {
		t.Skip("no slices")
	}
	s := rapid.SampledFrom(l.slices).Draw(t, "slice")
	if rapid.Bool().Draw(t, "all of it") {
		if err := m.f.TakeBackAllotment(context.Background(), m.staff, s.id); err != nil {
			t.Fatal(err)
		}
		s.open = false
		return
	}
	qty := rapid.Int64Range(1, 12).Draw(t, "to")
	free := l.onHand - l.held
	for _, x := range l.slices {
		if x.open { // overdue ones too, until somebody ends them
			free -= x.qty - x.taken
		}
	}
	can := s.open && !m.due(s) && qty >= s.taken && qty-s.qty <= free
	err := m.f.ResizeAllotment(context.Background(), m.staff, s.id, qty*shoptest.Base)
	if (err == nil) != can {
		t.Fatalf("from %d (%d taken) to %d with %d free: %v", s.qty, s.taken, qty, free, err)
	}
	if can {
		s.qty = qty
	}
}

// Flash starts a flash sale, or ends it.
func (m *machine) Flash(t *rapid.T) {
	ctx, now := context.Background(), m.now.Now()
	if f := m.flash; f != nil && !f.over && now.Before(f.ends) {
		if _, err := m.f.CancelFlash(ctx, m.staff, f.id); err != nil {
			t.Fatal(err)
		}
		f.over = true
		return
	}
	n := show.NewFlash{Key: id.New[string](), Item: m.item, Price: m.price - money.Fen(rapid.IntRange(0, 150).Draw(t, "cheaper")), Total: rapid.Int64Range(1, 8).Draw(t, "total"),
		PerPerson: rapid.Int64Range(0, 4).Draw(t, "a person"), Countdown: 10 * time.Second, Run: time.Duration(rapid.IntRange(1, 5).Draw(t, "minutes")) * time.Minute}
	made, err := m.f.StartFlash(ctx, m.staff, n)
	can := n.Price < m.price && n.Price >= m.floor()
	if (err == nil) != can {
		t.Fatalf("%d instead of %d: %v", n.Price, m.price, err)
	}
	if can {
		m.flash = &mFlash{id: made.ID, price: n.Price, total: n.Total, each: n.PerPerson, starts: now.Add(n.Countdown), ends: now.Add(n.Countdown + n.Run)}
		m.flashes = append(m.flashes, m.flash)
	}
}

func (m *machine) floor() (f money.Fen) {
	for _, l := range m.lots {
		f = max(f, l.floor)
	}
	return f
}

// Reprice changes what the item costs. Placed orders must not notice.
func (m *machine) Reprice(t *rapid.T) {
	to := money.Fen(rapid.IntRange(780, 980).Draw(t, "price"))
	_, err := m.f.ChangeItem(context.Background(), m.staff, m.item, time.Time{}, func(it *show.Item) { it.Price = to })
	f := m.flash
	can := to >= m.floor() && (f == nil || f.over || !m.now.Now().Before(f.ends) || to > f.price)
	if (err == nil) != can {
		t.Fatalf("price %d: %v", to, err)
	}
	if can {
		m.price = to
	}
}

// Count corrects a lot by counting it.
func (m *machine) Count(t *rapid.T) {
	l := rapid.SampledFrom(m.lots).Draw(t, "lot")
	n := rapid.SampledFrom([]int64{-3, -1, 2, 5}).Draw(t, "found")
	promised := l.held
	for _, s := range l.slices {
		if s.open {
			promised += s.qty - s.taken
		}
	}
	err := m.DB.Update(context.Background(), func(tx *db.Tx) error {
		return lot.Move(context.Background(), tx, m.staff, l.id, lot.Count, n*shoptest.Base, "counted")
	})
	can := l.onHand+n >= promised
	if (err == nil) != can {
		t.Fatalf("%d of %d, %d promised: %v", n, l.onHand, promised, err)
	}
	if can {
		l.onHand += n
		m.f.StockChanged(context.Background(), m.product) // as the lot page does: the desk forgets that it was sold out
	}
}

// Check holds the shop against the model.
func (m *machine) Check(t *rapid.T) {
	ctx := context.Background()
	for _, l := range m.lots {
		x, err := lot.ByID(ctx, m.DB, l.id)
		if err != nil {
			t.Fatal(err)
		}
		var allotted int64
		for _, s := range l.slices {
			if s.open {
				allotted += s.qty - s.taken
			}
			a, err := lot.AllotmentByID(ctx, m.DB, s.id)
			if err != nil || a.Qty != s.qty*shoptest.Base || a.Taken != s.taken*shoptest.Base || (a.State == lot.AllotOpen) != s.open {
				t.Fatalf("slice %+v, %v; model %+v", a, err, s)
			}
		}
		if g := x[l.id]; g.OnHand != l.onHand*shoptest.Base || g.Reserved != l.held*shoptest.Base || g.Allotted != allotted*shoptest.Base {
			t.Fatalf("lot: %d on hand, %d held, %d allotted; model %d, %d, %d units", g.OnHand, g.Reserved, g.Allotted, l.onHand, l.held, allotted)
		}
		if l.held+allotted > l.onHand {
			t.Fatalf("the model has promised %d of %d", l.held+allotted, l.onHand)
		}
	}
	items, err := show.ItemsByID(ctx, m.DB, m.item)
	if err != nil || items[m.item].Sold != m.sold {
		t.Fatalf("sold %d, %v; model %d", items[m.item].Sold, err, m.sold)
	}
	for _, f := range m.flashes {
		x, err := show.FlashByID(ctx, m.DB, f.id)
		over := f.over || !m.now.Now().Before(f.ends)
		if err != nil || x.Sold != f.sold || x.Over(m.now.Now()) != over {
			t.Fatalf("flash sale %+v, %v; model %+v", x, err, f)
		}
	}
	for _, o := range m.orders {
		x, err := order.ByID(ctx, m.DB, o.id)
		if err != nil || x.State != o.state || x.Total != o.total || !x.PartAt.IsZero() != o.part {
			t.Fatalf("order %s of %d, part %v, %v; model %s of %d, %v", x.State, x.Total, x.PartAt, err, o.state, o.total, o.part)
		}
		for i, l := range o.lines {
			if !slices.ContainsFunc(x.Lines, func(g order.Line) bool {
				return g.Price == l.price && g.Units == l.units && (g.Flash != "") == (l.flash != nil)
			}) {
				t.Fatalf("line %d: %+v; model %+v", i, x.Lines, l)
			}
		}
	}
}

func TestWholeOrdersAgainstAModel(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		f := &flow.Flow{DB: d, Log: slog.New(slog.DiscardHandler), Desk: orderdesk.New(d, orderdesk.Options{}), Words: review.Default(), UnpaidFor: kept, FlashUnpaidFor: 5 * time.Minute}
		t.Cleanup(func() {
			if err := f.Desk.Close(context.Background()); err != nil {
				t.Error(err)
			}
			f.WaitStock()
		})
		enoughTried := time.Now().Add(15 * time.Second) // of chance; a found failure is tried again in any case
		rapid.Check(t, func(rt *rapid.T) {
			if time.Now().After(enoughTried) && !t.Failed() {
				return
			}
			m := newMachine(t, d, f)
			f.Vault = m.Vault
			rt.Repeat(map[string]func(*rapid.T){
				"place": m.Place, "place again": m.Place, "place more": m.Place, "pay": m.Pay, "cancel": m.Cancel, "ship": m.Ship, "wait": m.Wait, "expire": m.Expire,
				"give back": m.GiveBack, "allot": m.Allot, "shrink": m.Shrink, "flash": m.Flash, "price": m.Reprice, "count": m.Count, "": m.Check,
			})
		})
		rep, err := fsck.Run(context.Background(), d)
		if err != nil || !rep.Clean() {
			t.Errorf("%+v, %v", rep, err)
		}
	})
}
