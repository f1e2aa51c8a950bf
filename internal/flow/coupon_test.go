package flow_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/pricing"
	"lindu.example/lindu/internal/show"
	"pgregory.net/rapid"
)

// dropped is a coupon that stands in the room.
func (b *counter) dropped(change ...func(*coupon.Coupon)) coupon.Coupon {
	b.Helper()
	c := coupon.Coupon{Show: b.Show, Off: 300, Total: 1000}
	for _, ch := range change {
		ch(&c)
	}
	made, err := b.MakeCoupon(b.Context(), b.Person(actor.Operator), id.New[string](), c, true)
	if err != nil {
		b.Fatal(err)
	}
	return made
}

func (b *counter) taken(who actor.Actor, c coupon.Coupon) coupon.Mine {
	b.Helper()
	m, err := b.TakeCoupon(b.Context(), who, c.ID)
	if err != nil {
		b.Fatal(err)
	}
	return m
}

// with places an order of berries and nuts with a coupon, at what its quote says.
func (b *counter) with(who actor.Actor, at id.Address, m coupon.Mine, berries, nuts int64) (order.Order, error) {
	b.Helper()
	in := flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true, Coupon: m.ID}
	if berries > 0 {
		in.Lines = append(in.Lines, flow.PlaceLine{Item: b.item, Units: berries, Price: price})
	}
	if nuts > 0 {
		in.Lines = append(in.Lines, flow.PlaceLine{Item: b.dry, Units: nuts, Price: dryPrice})
	}
	q, err := b.QuoteWith(b.Context(), who, in.Lines, "", m.ID)
	if err != nil {
		b.Fatal(err)
	}
	in.Discount = q.Discount
	return b.PlaceOrder(b.Context(), who, in)
}

func (b *counter) on(path string) money.Fen {
	b.Helper()
	m, err := ledger.Balances(b.Context(), b.DB, path)
	if err != nil {
		b.Fatal(err)
	}
	return m[path]
}

// A coupon makes the order cheaper for the buyer, and the producer gets all
// the same: the centre pays the difference, and gets it back with a refund.
func TestTheCentreBearsACoupon(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, at := b.Buyer()
		m := b.taken(who, b.dropped())
		o, err := b.with(who, at, m, 2, 1)
		if err != nil {
			t.Fatal(err)
		}
		if o.Discount != 300 || o.Total != o.Goods+o.Freight-300 || b.line(o, b.item).Discount != 300 || b.line(o, b.dry).Discount != 0 {
			t.Fatalf("%+v", o) // the nuts are settled by split: others' money
		}
		if _, err := b.with(who, at, m, 1, 0); !fault.HasKey(err, "coupon.used") {
			t.Errorf("used twice: %v", err)
		}
		p, err := b.ConfirmOffline(b.Context(), b.finance, o.ID, o.Total, "bank")
		if err != nil || p.Total != o.Total {
			t.Fatal(p, err)
		}
		owed := -b.on("producer/local/" + string(b.Farm) + "/owed")
		if owed != 2*price || b.on("costs/promotion") != 300 || b.on("channel/offline/clearing") != o.Total {
			t.Errorf("owed %s, promotion %s, came %s", owed, b.on("costs/promotion"), b.on("channel/offline/clearing"))
		}
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			t.Fatal(err)
		}
		x := b.read(o)
		if b.refunded(o) != o.Total || x.Refunded() != o.Total || b.on("costs/promotion") != 0 {
			t.Errorf("%s back of %s, promotion %s", b.refunded(o), o.Total, b.on("costs/promotion"))
		}
		if again, err := b.with(who, at, m, 1, 0); err != nil || again.Discount != 300 {
			t.Errorf("the coupon did not come back: %v", err)
		}
	})
}

// An unpaid order that expires or is cancelled gives its coupon back with the
// stock, and the same request again gets the first answer.
func TestAnExpiredOrderGivesItsCouponBack(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, at := b.Buyer()
		m := b.taken(who, b.dropped())
		in := flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true, Coupon: m.ID, Discount: 300,
			Lines: []flow.PlaceLine{{Item: b.item, Units: 1, Price: price}}}
		o, err := b.PlaceOrder(b.Context(), who, in)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.PlaceOrder(b.Context(), who, in); err != nil || again.ID != o.ID || !again.Again || again.Total != o.Total || again.Discount != 300 {
			t.Errorf("%+v, %v", again, err)
		}
		in.Key, in.Discount = id.New[string](), 299
		if _, err := b.PlaceOrder(b.Context(), who, in); !fault.HasKey(err, "coupon.used") {
			t.Error(err)
		}
		b.now.Add(time.Hour)
		if n, err := b.ExpireOrders(b.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		in.Key = id.New[string]()
		if _, err := b.PlaceOrder(b.Context(), who, in); !fault.HasKey(err, "coupon.changed") { // another amount than was seen
			t.Error(err)
		}
		in.Key, in.Discount = id.New[string](), 300
		if _, err := b.PlaceOrder(b.Context(), who, in); err != nil {
			t.Error(err)
		}
	})
}

// Of a crowd that takes and uses coupons at once, no more get one than there
// are, nobody two, and no coupon is used twice.
func TestCouponsAreNeverPassed(t *testing.T) {
	eachCounter(t, func(b *counter) {
		const total, crowd = 5, 12
		c := b.dropped(func(c *coupon.Coupon) { c.Total = total })
		var mu sync.Mutex
		var placed []order.Order
		got := map[id.Claim]bool{}
		var wg sync.WaitGroup
		for range crowd {
			who, at := b.Buyer()
			for range 2 { // two tabs
				wg.Go(func() {
					m, err := b.TakeCoupon(b.Context(), who, c.ID)
					if err != nil {
						if !fault.HasKey(err, "coupon.gone") {
							t.Error(err)
						}
						return
					}
					o, err := b.PlaceOrder(b.Context(), who, flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true, Coupon: m.ID, Discount: 300,
						Lines: []flow.PlaceLine{{Item: b.item, Units: 1, Price: price}}})
					mu.Lock()
					defer mu.Unlock()
					got[m.ID] = true
					switch {
					case err == nil:
						placed = append(placed, o)
					case !fault.HasKey(err, "coupon.used") && !fault.HasKey(err, "order.busy"):
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		x, err := coupon.ByID(b.Context(), b.DB, c.ID)
		if err != nil || x.Taken != total || len(got) != total || len(placed) > total || len(placed) == 0 {
			t.Errorf("%d taken, %d claims, %d orders: %v", x.Taken, len(got), len(placed), err)
		}
	})
}

// A coupon never takes a line below the price guard, and says why when it
// takes nothing off.
func TestACouponStopsAtTheFloor(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, at := b.Buyer()
		items, err := show.ItemsByID(b.Context(), b.DB, b.item)
		if err != nil {
			t.Fatal(err)
		}
		berries := items[b.item].Product
		if err := b.SetBound(b.Context(), b.Person(actor.Selector), pricing.Bound{Product: berries, Floor: price - 100}); err != nil {
			t.Fatal(err)
		}
		m := b.taken(who, b.dropped(func(c *coupon.Coupon) { c.Over = 2 * price; c.Products = []id.Product{berries} }))
		if _, err := b.with(who, at, m, 1, 0); !fault.HasKey(err, "coupon.too_little") {
			t.Error(err)
		}
		o, err := b.with(who, at, m, 2, 0)
		if err != nil || o.Discount != 200 {
			t.Errorf("%s off, %v", o.Discount, err)
		}
		if err := b.SetBound(b.Context(), b.Person(actor.Selector), pricing.Bound{Product: berries, Floor: price}); err != nil {
			t.Fatal(err)
		}
		if x := b.read(o); x.Discount != 200 || x.Total != o.Total { // what was placed stands
			t.Errorf("%+v", x)
		}
		other, at := b.Buyer()
		if _, err := b.with(other, at, b.taken(other, b.dropped()), 2, 0); !fault.HasKey(err, "coupon.no_room") {
			t.Error(err)
		}
		if _, err := b.with(other, at, m, 2, 0); !fault.HasKey(err, "coupon.none") { // another person's
			t.Error(err)
		}
	})
}

// Whatever buyers, service and the packer do with orders that a coupon made
// cheaper: no refund passes what was paid, the order is its lines less the
// coupon, and the books balance (fsck, at the end of the test).
func TestRandomRefundsOfOrdersWithACoupon(t *testing.T) {
	eachCounter(t, func(b *counter) {
		b.deep()
		own := b.Product(1333, func(p *catalog.Product) { p.Name, p.ReturnRule = "Own nuts", catalog.SevenDay })
		b.Lot(own, b.Works, 1_000_000, func(n *lot.New) { n.BestBefore = 0 })
		third := b.Item(own, 1333)
		var coupons []coupon.Coupon
		for _, off := range []money.Fen{1, 2, 7, 99, 100, 301, 1000, 1332, 1333, 2665, price, price + 1, 2 * price, 3*price - 1, 9999} {
			coupons = append(coupons, b.dropped(func(c *coupon.Coupon) { c.Off, c.Total = off, 500 }))
		}
		rapid.Check(b.T, func(rt *rapid.T) { b.couponLife(rt, third, rapid.SampledFrom(coupons).Draw(rt, "coupon")) })
	})
}

func (b *counter) couponLife(rt *rapid.T, third id.Item, c coupon.Coupon) {
	who, at := b.Buyer()
	m := b.taken(who, c)
	in := flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true, Coupon: m.ID}
	for i, l := range []flow.PlaceLine{{Item: b.item, Price: price}, {Item: b.dry, Price: dryPrice}, {Item: third, Price: 1333}} {
		if l.Units = rapid.Int64Range(0, 3).Draw(rt, "units"); l.Units > 0 || i == 2 {
			l.Units = max(1, l.Units)
			in.Lines = append(in.Lines, l)
		}
	}
	q, err := b.QuoteWith(b.Context(), who, in.Lines, "", m.ID)
	if err != nil {
		rt.Fatal(err)
	}
	in.Discount = q.Discount
	o, err := b.PlaceOrder(b.Context(), who, in)
	if err != nil {
		rt.Fatal(err)
	}
	var lines, less money.Fen
	for _, l := range o.Lines {
		lines, less = lines+l.Goods, less+l.Discount
	}
	if o.Total != lines-less+o.Freight || less != o.Discount || o.Total <= 0 || less != q.Discount {
		rt.Fatalf("%+v", o)
	}
	if rapid.IntRange(0, 4).Draw(rt, "unpaid") == 0 {
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			rt.Fatal(err)
		}
		return
	}
	if _, err := b.ConfirmOffline(b.Context(), b.finance, o.ID, o.Total, "bank"); err != nil {
		rt.Fatal(err)
	}
	for range rapid.IntRange(1, 10).Draw(rt, "steps") {
		if err := b.randomStep(rt, who, o); err != nil && !slices.Contains(refusals, fault.Of(err).Key) {
			rt.Fatalf("%s: %v", fault.Of(err).Key, err)
		}
		x := b.read(o)
		if back := b.refunded(o); back > o.Total || back != x.Refunded() {
			rt.Fatalf("%s back by refunds, %s by the order, of %s", back, x.Refunded(), o.Total)
		}
	}
}
