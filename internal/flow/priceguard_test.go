package flow_test

import (
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/pricing"
	"lindu.example/lindu/internal/show"
)

func (b *counter) show(i id.Item) show.Item {
	b.Helper()
	m, err := show.ItemsByID(b.Context(), b.DB, i)
	if err != nil {
		b.Fatal(err)
	}
	return m[i]
}

// A price below the floor or above the ceiling is set only when another person
// signs it; then it sells, and what was ordered before keeps its price.
func TestAPriceOutsideTheGuardNeedsTwoPeople(t *testing.T) {
	eachCounter(t, func(b *counter) {
		ctx, one, two := b.Context(), b.Person(actor.Operator), b.Person(actor.Operator)
		product := b.show(b.item).Product
		b.Lot(product, b.Farm, 10, func(n *lot.New) { n.Floor, n.BestBefore = price, n.BestBefore.Add(-3) }) // a dearer lot joins, and is given first
		if err := b.SetBound(ctx, b.Person(actor.Selector), pricing.Bound{Product: product, Ceiling: price + 500}); err != nil {
			t.Fatal(err)
		}
		_, before := b.order(1)
		low := price - 300
		set := func(p func(*show.Item)) error {
			_, err := b.ChangeItem(ctx, one, b.item, time.Time{}, p)
			return err
		}
		b.wantKey(set(func(it *show.Item) { it.Price = low }), "show.below_floor")
		b.wantKey(set(func(it *show.Item) { it.Price = price + 501 }), "show.above_ceiling")
		_, err := b.AskPrice(ctx, one, "k0", b.item, price+1, nil, "x")
		b.wantKey(err, "pricing.inside")
		_, err = b.AskPrice(ctx, b.Person(actor.Moderator), "k0", b.item, low, nil, "x")
		b.wantKey(err, "fault.denied")
		r, err := b.AskPrice(ctx, one, "k1", b.item, low, nil, "the farm agreed by phone")
		if err != nil || r.Floor != price {
			t.Fatal(r, err)
		}
		if again, err := b.AskPrice(ctx, one, "k1", b.item, low, nil, "the farm agreed by phone"); err != nil || again.ID != r.ID {
			t.Error(again, err)
		}
		_, err = b.AskPrice(ctx, two, "k2", b.item, low+1, nil, "another")
		b.wantKey(err, "pricing.waiting")
		_, err = b.DecidePrice(ctx, one, r.ID, true, "")
		b.wantKey(err, "pricing.two_signers")
		if open, err := pricing.Open(ctx, b.DB); err != nil || len(open) != 1 || b.show(b.item).Price != price {
			t.Fatal(open, err)
		}
		if _, err = b.DecidePrice(ctx, two, r.ID, true, "ok"); err != nil {
			t.Fatal(err)
		}
		if _, err = b.DecidePrice(ctx, two, r.ID, true, "ok"); err != nil { // a second tap
			t.Error(err)
		}
		_, err = b.DecidePrice(ctx, two, r.ID, false, "no")
		b.wantKey(err, "pricing.over")
		who, at := b.Buyer()
		in := b.in(at, 12) // of both lots, the dearer one too
		in.Lines[0].Price = low
		if o, err := b.PlaceOrder(ctx, who, in); err != nil || o.Goods != 12*low {
			t.Errorf("%s, %v", o.Goods, err)
		}
		if err := set(func(it *show.Item) { it.PerPerson = 50 }); err != nil { // what was signed stands
			t.Error(err)
		}
		b.wantKey(set(func(it *show.Item) { it.Price = low - 1 }), "show.below_floor")
		if x := b.read(before); x.Lines[0].Price != price || x.Total != before.Total {
			t.Errorf("%+v", x)
		}
		high, err := b.AskPrice(ctx, two, "k3", b.item, price+501, nil, "gift box")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = b.DecidePrice(ctx, b.Person(actor.Admin), high.ID, true, ""); err != nil || b.show(b.item).Price != price+501 {
			t.Error(b.show(b.item).Price, err)
		}
		if err := set(func(it *show.Item) { it.Script = "say it" }); err != nil {
			t.Error(err)
		}
	})
}

func TestARequestExpiresIsRefusedOrOvertaken(t *testing.T) {
	eachCounter(t, func(b *counter) {
		ctx, one, two := b.Context(), b.Person(actor.Operator), b.Person(actor.Operator)
		if err := b.SetBound(ctx, b.Person(actor.Selector), pricing.Bound{Product: b.show(b.item).Product, Floor: price}); err != nil {
			t.Fatal(err)
		}
		ask := func(key string) pricing.Request {
			r, err := b.AskPrice(ctx, one, key, b.item, price-1, nil, "why")
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		old := ask("k1")
		b.now.Add(pricing.Within)
		_, err := b.DecidePrice(ctx, two, old.ID, true, "")
		b.wantKey(err, "pricing.over")
		no := ask("k2") // the expired one is in nobody's way
		if x, err := b.DecidePrice(ctx, two, no.ID, false, "too cheap"); err != nil || x.State(b.now.Now()) != pricing.Refused || b.show(b.item).Price != price {
			t.Error(x, err)
		}
		r := ask("k3")
		if _, err := b.ChangeItem(ctx, two, b.item, time.Time{}, func(it *show.Item) { it.Price = price + 1 }); err != nil {
			t.Fatal(err)
		}
		_, err = b.DecidePrice(ctx, two, r.ID, true, "")
		b.wantKey(err, "pricing.moved")
		if x, err := pricing.ByID(ctx, b.DB, r.ID); err != nil || x.State(b.now.Now()) != pricing.Waiting { // nothing was signed
			t.Error(x, err)
		}
	})
}

// A flash sale below the floor waits like any price, and begins when it is signed.
func TestAFlashSaleBelowTheFloorIsSigned(t *testing.T) {
	eachCounter(t, func(b *counter) {
		ctx, one, two := b.Context(), b.Person(actor.Operator), b.Person(actor.Operator)
		if err := b.SetBound(ctx, b.Person(actor.Selector), pricing.Bound{Product: b.show(b.item).Product, Floor: price}); err != nil {
			t.Fatal(err)
		}
		n := show.NewFlash{Key: "f1", Item: b.item, Price: price - 100, Total: 3, PerPerson: 1, Countdown: 10 * time.Second, Run: time.Minute}
		_, err := b.StartFlash(ctx, one, n)
		b.wantKey(err, "show.below_floor")
		r, err := b.AskPrice(ctx, one, "k", b.item, n.Price, &n, "opening")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.DecidePrice(ctx, two, r.ID, true, ""); err != nil {
			t.Fatal(err)
		}
		b.now.Add(11 * time.Second)
		who, at := b.Buyer()
		in := b.in(at, 1)
		in.Lines[0].Price = n.Price
		o, err := b.PlaceOrder(ctx, who, in)
		if err != nil || o.Lines[0].Flash == "" || b.show(b.item).Price != price {
			t.Errorf("%+v, %v", o, err)
		}
		if _, err := b.PlaceOrder(ctx, who, flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true,
			Lines: []flow.PlaceLine{{Item: b.item, Units: 1, Price: n.Price}}}); !fault.HasKey(err, "order.per_person") {
			t.Error(err)
		}
	})
}
