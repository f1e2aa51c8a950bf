package flow_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
)

// TestWholeLives leads orders through random lives, beside a model that fits on
// two pages: after each step stock, states and every account are as the model
// says, to the unit and the fen.
func TestWholeLives(t *testing.T) {
	eachTill(t, func(b *till) {
		staff := b.Person(actor.Finance, actor.Packer, actor.Selector)
		rapid.Check(b.T, func(rt *rapid.T) {
			m := newModel(b, staff)
			for range rapid.IntRange(1, 25).Draw(rt, "steps") {
				step := rapid.SampledFrom(m.steps()).Draw(rt, "step")
				step.do(rt)
				m.compare(rt, step.name)
			}
		})
	})
}

// The goods of a model: berries of two farms' lots, the first to expire from
// the local farm, the second from outside; nuts bought at an agreed price.
const (
	farmLot, worksLot, nutsLot = 0, 1, 2
	berryPrice, nutPrice       = money.Fen(1000), money.Fen(500)
	nutPay                     = money.Fen(400)
)

type model struct {
	b     *till
	staff actor.Actor

	berries, nuts id.Product
	item          id.Item
	lots          [3]id.Lot
	onHand, held  [3]int64 // units
	released      int64
	orders        []*lived
	books         map[string]money.Fen // what the model has booked
	before        map[string]money.Fen // what stood there before
}

// lived is an order of a model.
type lived struct {
	in     flow.PlaceIn
	who    actor.Actor
	is     order.Order
	state  order.State
	reason string
	takes  [3]int64
	refund bool // owed back and not sent
	late   bool
}

func newModel(b *till, staff actor.Actor) *model {
	m := &model{b: b, staff: staff, berries: b.Product(berryPrice), nuts: b.Product(nutPrice), released: 12, books: map[string]money.Fen{}}
	m.expire(nil) // what an earlier model left unpaid
	m.onHand = [3]int64{4, 6, 5}
	m.lots = [3]id.Lot{
		b.Lot(m.berries, b.Farm, m.onHand[farmLot], func(n *lot.New) { n.BestBefore = n.BestBefore.Add(-1) }),
		b.Lot(m.berries, b.Works, m.onHand[worksLot]),
		b.Lot(m.nuts, b.Farm, m.onHand[nutsLot], func(n *lot.New) { n.Pay = nutPay }),
	}
	m.item = b.Item(m.berries, berryPrice, func(i *show.Item) { i.Released = m.released })
	m.before = m.balances()
	return m
}

func (m *model) balances() map[string]money.Fen {
	all, err := ledger.Balances(context.Background(), m.b.DB, "")
	if err != nil {
		m.b.Fatal(err)
	}
	return all
}

type step struct {
	name string
	do   func(rt *rapid.T)
}

// steps are what may happen next; each order in a state that allows it makes
// its own.
func (m *model) steps() []step {
	all := []step{{"place", m.place}, {"place", m.place}, {"place", m.place}, {"bring", m.bring}, {"shrink", m.shrink}, {"expire", m.expire}}
	for _, o := range m.orders {
		all = append(all, step{"place again", func(rt *rapid.T) { m.placeAgain(rt, o) }})
		switch o.state {
		case order.Unpaid:
			all = append(all, step{"pay", func(rt *rapid.T) { m.pay(rt, o) }}, step{"cancel", func(rt *rapid.T) { m.cancel(rt, o) }})
		case order.Paid:
			all = append(all, step{"ship", func(rt *rapid.T) { m.ship(rt, o) }}, step{"cancel", func(rt *rapid.T) { m.cancel(rt, o) }})
		case order.Shipped:
			all = append(all, step{"receive", func(rt *rapid.T) { m.receive(rt, o) }}, step{"cancel too late", func(rt *rapid.T) { m.cancelTooLate(rt, o) }})
		case order.Closed:
			if o.refund {
				all = append(all, step{"refund sent", func(rt *rapid.T) { m.refundSent(rt, o) }})
			}
			if o.reason != order.Refunded && !o.late {
				all = append(all, step{"money comes late", func(rt *rapid.T) { m.late(rt, o) }})
			}
		}
	}
	return all
}

// fill is what an order takes of the lots, false if it is more than there is.
func (m *model) fill(berries, nuts int64) (takes [3]int64, ok bool) {
	sold := int64(0)
	for _, o := range m.orders {
		if o.state != order.Closed {
			sold += o.takes[farmLot] + o.takes[worksLot]
		}
	}
	free := func(l int) int64 { return m.onHand[l] - m.held[l] }
	if berries > m.released-sold || berries > free(farmLot)+free(worksLot) || nuts > free(nutsLot) {
		return takes, false
	}
	takes[farmLot] = min(berries, free(farmLot))
	takes[worksLot] = berries - takes[farmLot]
	takes[nutsLot] = nuts
	return takes, true
}

func (m *model) place(rt *rapid.T) {
	berries, nuts := rapid.Int64Range(0, 4).Draw(rt, "berries"), rapid.Int64Range(0, 2).Draw(rt, "nuts")
	if berries+nuts == 0 {
		berries = 1
	}
	o := &lived{state: order.Unpaid}
	var at id.Address
	o.who, at = m.b.Buyer()
	o.in = flow.PlaceIn{Key: id.New[string](), Show: m.b.Show, Address: at, NoReturnOK: true}
	if berries > 0 {
		o.in.Lines = append(o.in.Lines, flow.PlaceLine{Item: m.item, Units: berries, Price: berryPrice})
	}
	if nuts > 0 {
		o.in.Lines = append(o.in.Lines, flow.PlaceLine{Product: m.nuts, Units: nuts, Price: nutPrice})
	}
	var err error
	takes, enough := m.fill(berries, nuts)
	o.is, err = m.b.PlaceOrder(context.Background(), o.who, o.in)
	if !enough {
		if !fault.HasKey(err, "order.sold_out") && !fault.HasKey(err, "order.few_left") {
			rt.Fatalf("%d berries and %d nuts, more than there are: %v", berries, nuts, err)
		}
		return
	}
	m.must(rt, err)
	if want := money.Fen(berries)*berryPrice + money.Fen(nuts)*nutPrice; o.is.Goods != want || o.is.Total != want+o.is.Freight {
		rt.Fatalf("goods %s, want %s: %+v", o.is.Goods, want, o.is)
	}
	o.takes = takes
	m.hold(o, 1)
	m.book(o, "pending", 1)
	m.books["buyers/receivable"] += o.is.Total
	m.orders = append(m.orders, o)
}

func (m *model) must(rt *rapid.T, err error) {
	if err != nil {
		rt.Fatal(err)
	}
}

// hold takes an order's units of the lots, or gives them back.
func (m *model) hold(o *lived, sign int64) {
	for l, n := range o.takes {
		m.held[l] += sign * n
	}
}

// book books whom the parts of an order belong to, before it is paid and after.
func (m *model) book(o *lived, when string, sign money.Fen) {
	leaf, commission, margin, freight := "/pending", "commission/pending", "trade/pending/local", "freight/pending"
	if when == "earned" {
		leaf, commission, margin, freight = "/owed", "commission/earned", "trade/margin/local", "freight/earned"
	}
	farm, works, nuts := money.Fen(o.takes[farmLot]), money.Fen(o.takes[worksLot]), money.Fen(o.takes[nutsLot])
	m.books["producer/local/"+string(m.b.Farm)+leaf] -= sign * (farm*berryPrice + nuts*nutPay)
	m.books["producer/outside/"+string(m.b.Works)+leaf] -= sign * works * berryPrice * 9 / 10
	m.books[commission] -= sign * works * berryPrice / 10
	m.books[margin] -= sign * nuts * (nutPrice - nutPay)
	m.books[freight] -= sign * o.is.Freight
}

func (m *model) placeAgain(rt *rapid.T, o *lived) {
	again, err := m.b.PlaceOrder(context.Background(), o.who, o.in)
	if err != nil || again.ID != o.is.ID || again.State != o.state {
		rt.Fatalf("the key of %s (%s) gave %s (%s): %v", o.is.ID, o.state, again.ID, again.State, err)
	}
	in := o.in
	in.Note = "another body"
	if _, err := m.b.PlaceOrder(context.Background(), o.who, in); !fault.HasKey(err, "order.key_reused") {
		rt.Fatalf("the same key with another body: %v", err)
	}
}

func (m *model) pay(rt *rapid.T, o *lived) {
	_, err := m.b.ConfirmOffline(context.Background(), m.staff, o.is.ID, o.is.Total, "bank")
	m.must(rt, err)
	o.state = order.Paid
	m.book(o, "pending", -1)
	m.book(o, "earned", 1)
	m.books["buyers/receivable"] -= o.is.Total
	m.books["channel/offline/clearing"] += o.is.Total
}

func (m *model) cancel(rt *rapid.T, o *lived) {
	_, err := m.b.CancelOrder(context.Background(), o.who, o.is.ID)
	m.must(rt, err)
	m.hold(o, -1)
	if o.state == order.Unpaid {
		m.closeUnpaid(o, order.Cancelled)
		return
	}
	o.state, o.reason, o.refund = order.Closed, order.Refunded, true
	m.book(o, "earned", -1)
	m.books["refund/buyers/due"] -= o.is.Total
}

func (m *model) closeUnpaid(o *lived, reason string) {
	o.state, o.reason = order.Closed, reason
	m.book(o, "pending", -1)
	m.books["buyers/receivable"] -= o.is.Total
}

func (m *model) cancelTooLate(rt *rapid.T, o *lived) {
	if _, err := m.b.CancelOrder(context.Background(), o.who, o.is.ID); !fault.Is(err, fault.Conflict) {
		rt.Fatalf("a shipped order was cancelled: %v", err)
	}
}

func (m *model) expire(rt *rapid.T) {
	m.b.now.Add(kept + time.Second)
	if _, err := m.b.ExpireOrders(context.Background()); err != nil {
		m.b.Fatal(err)
	}
	for _, o := range m.orders {
		if o.state == order.Unpaid {
			m.hold(o, -1)
			m.closeUnpaid(o, order.Expired)
		}
	}
}

func (m *model) refundSent(rt *rapid.T, o *lived) {
	rs, err := payment.Refunds(context.Background(), m.b.DB, o.is.ID)
	if err != nil || len(rs) != 1 {
		rt.Fatalf("refunds %+v, %v", rs, err)
	}
	m.must(rt, m.b.ConfirmRefund(context.Background(), m.staff, rs[0].ID, "bank"))
	o.refund = false
	m.books["refund/buyers/due"] += o.is.Total
	m.books["channel/offline/clearing"] -= o.is.Total
	if err := m.b.ConfirmRefund(context.Background(), m.staff, rs[0].ID, "bank"); !fault.HasKey(err, "payment.refund_done") {
		rt.Fatalf("sent twice: %v", err)
	}
}

// late lets a provider's money come for an order that is closed: it is the
// buyer's, once.
func (m *model) late(rt *rapid.T, o *lived) {
	p := payment.Payment{ID: id.New[id.Payment](), Order: o.is.ID, Gateway: "sandbox", Amount: o.is.Total, State: payment.StateOpen, Created: m.b.now.Now()}
	m.b.Do(func(tx *db.Tx) error { return payment.Open(context.Background(), tx, p) })
	for range 2 { // a callback may come twice
		m.must(rt, m.b.ApplyNotice(context.Background(), "sandbox", payment.Notice{EventID: string(p.ID), Payment: p.ID, Amount: p.Amount, Ref: "r", Paid: true, At: m.b.now.Now()}))
	}
	o.late = true
	m.books["channel/sandbox/clearing"] += o.is.Total
	m.books["refund/buyers/due"] -= o.is.Total
}

func (m *model) ship(rt *rapid.T, o *lived) {
	_, err := m.b.ShipOrder(context.Background(), m.staff, o.is.ID, shipping.CarrierList()[0].Code, "SF"+string(o.is.ID[18:]))
	m.must(rt, err)
	o.state = order.Shipped
	m.hold(o, -1)
	for l, n := range o.takes {
		m.onHand[l] -= n
	}
}

func (m *model) receive(rt *rapid.T, o *lived) {
	_, err := m.b.ReceiveOrder(context.Background(), o.who, o.is.ID)
	m.must(rt, err)
	o.state = order.Received
}

func (m *model) bring(rt *rapid.T) { m.move(rt, lot.Receive, 1) }

// shrink takes goods out of a lot, but never what is promised to somebody.
func (m *model) shrink(rt *rapid.T) { m.move(rt, lot.Shrink, -1) }

func (m *model) move(rt *rapid.T, kind lot.MoveKind, sign int64) {
	l, n := rapid.IntRange(0, 2).Draw(rt, "lot"), sign*rapid.Int64Range(1, 3).Draw(rt, "units")
	err := m.b.DB.Update(context.Background(), func(tx *db.Tx) error {
		return lot.Move(context.Background(), tx, m.staff, m.lots[l], kind, n*shoptest.Base, "model")
	})
	if m.onHand[l]+n < m.held[l] {
		if fault.Of(err) == nil || err == nil {
			rt.Fatalf("%d of %d with %d promised: %v", n, m.onHand[l], m.held[l], err)
		}
		return
	}
	m.must(rt, err)
	m.onHand[l] += n
}

// compare holds the shop against the model.
func (m *model) compare(rt *rapid.T, after string) {
	ctx := context.Background()
	lots, err := lot.ByID(ctx, m.b.DB, m.lots[:]...)
	m.must(rt, err)
	for l, id := range m.lots {
		if is := lots[id]; is.OnHand != m.onHand[l]*shoptest.Base || is.Reserved != m.held[l]*shoptest.Base {
			rt.Fatalf("%s: lot %d has %d with %d promised, the model %d with %d", after, l, is.OnHand/shoptest.Base, is.Reserved/shoptest.Base, m.onHand[l], m.held[l])
		}
	}
	for _, o := range m.orders {
		is, err := order.ByID(ctx, m.b.DB, o.is.ID)
		m.must(rt, err)
		if is.State != o.state || is.CloseReason != o.reason {
			rt.Fatalf("%s: order %s is %s %s, in the model %s %s", after, o.is.ID, is.State, is.CloseReason, o.state, o.reason)
		}
	}
	all := m.balances()
	paths := slices.Collect(maps.Keys(all))
	for p := range m.books {
		paths = append(paths, p)
	}
	for _, p := range paths {
		if is := all[p] - m.before[p]; is != m.books[p] {
			rt.Fatalf("%s: %s moved by %s, in the model by %s", after, p, is, m.books[p])
		}
	}
	if rapid.IntRange(0, 9).Draw(rt, "fsck") == 0 {
		rep, err := fsck.Run(ctx, m.b.DB)
		if err != nil || !rep.Clean() {
			rt.Fatalf("%s: %+v, %v", after, rep, err)
		}
	}
}
