package flow_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
)

// counter is a till with an after-sale desk: a dry product with seven days and
// an outside works at commission beside the farm's fresh berries.
type counter struct {
	*till
	dry                      id.Item
	dryLot                   id.Lot
	service, packer, finance actor.Actor
}

const dryPrice = money.Fen(1999)

func eachCounter(t *testing.T, fn func(b *counter)) {
	eachTill(t, func(b *till) {
		c := &counter{till: b, service: b.Person(actor.Service), packer: b.Person(actor.Packer), finance: b.Person(actor.Finance)}
		dry := b.Product(dryPrice, func(p *catalog.Product) {
			p.Name, p.Category, p.ReturnRule, p.Settlement = "Nuts", "nut", catalog.SevenDay, order.Split
		})
		c.dryLot = b.Lot(dry, b.Works, stocked)
		c.dry = b.Item(dry, dryPrice)
		b.ClaimWithin = 48 * time.Hour
		store, err := blob.NewDir(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		b.Store = store
		fn(c)
	})
}

// bought places and pays an order of berries and nuts, by a transfer.
func (b *counter) bought(berries, nuts int64) (actor.Actor, order.Order) {
	b.Helper()
	who, at := b.Buyer()
	in := flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true}
	if berries > 0 {
		in.Lines = append(in.Lines, flow.PlaceLine{Item: b.item, Units: berries, Price: price})
	}
	if nuts > 0 {
		in.Lines = append(in.Lines, flow.PlaceLine{Item: b.dry, Units: nuts, Price: dryPrice})
	}
	o, err := b.PlaceOrder(b.Context(), who, in)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := b.ConfirmOffline(b.Context(), b.finance, o.ID, o.Total, "bank"); err != nil {
		b.Fatal(err)
	}
	return who, b.read(o)
}

func (b *counter) ship(o order.Order) {
	b.Helper()
	if _, err := b.ShipOrder(b.Context(), b.packer, o.ID, "shunfeng", "SF10000001"); err != nil {
		b.Fatal(err)
	}
}

func (b *counter) received(who actor.Actor, o order.Order) {
	b.Helper()
	b.ship(o)
	if _, err := b.ReceiveOrder(b.Context(), who, o.ID); err != nil {
		b.Fatal(err)
	}
}

// line of an order by its item.
func (b *counter) line(o order.Order, item id.Item) order.Line {
	b.Helper()
	for _, l := range o.Lines {
		if l.Item == item {
			return l
		}
	}
	b.Fatal("no such line")
	return order.Line{}
}

func photo() []catalog.Prepared {
	return []catalog.Prepared{{JPEG: map[int][]byte{320: []byte("jpeg")}, Width: 320, Height: 240}}
}

func (b *counter) ask(who actor.Actor, o order.Order, kind aftersale.Kind, reason string, lines ...flow.AskLine) (aftersale.Case, error) {
	in := flow.AskIn{Key: id.New[string](), Order: o.ID, Kind: kind, Reason: reason, Lines: lines}
	if kind == aftersale.Claim {
		in.Photos = photo()
	}
	return b.AskAfterSale(context.Background(), who, in)
}

func (b *counter) asked(who actor.Actor, o order.Order, kind aftersale.Kind, reason string, lines ...flow.AskLine) aftersale.Case {
	b.Helper()
	c, err := b.ask(who, o, kind, reason, lines...)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func (b *counter) onHand(l id.Lot) int64 {
	b.Helper()
	m, err := lot.ByID(b.Context(), b.DB, l)
	if err != nil {
		b.Fatal(err)
	}
	return m[l].OnHand / shoptest.Base
}

func (b *counter) sold(i id.Item) int64 {
	b.Helper()
	m, err := show.ItemsByID(b.Context(), b.DB, i)
	if err != nil {
		b.Fatal(err)
	}
	return m[i].Sold
}

func (b *counter) refunded(o order.Order) (f money.Fen) {
	b.Helper()
	rs, err := payment.Refunds(context.Background(), b.DB, o.ID)
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range rs {
		f += r.Amount
	}
	return f
}

func TestCancellingSomeUnitsBeforeTheParcelLeaves(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(3, 2)
		berries := b.line(o, b.item)
		c := b.asked(who, o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: berries.ID, Units: 2})
		if c.State != aftersale.Refunded || c.Sum() != 2*price || c.Freight != 0 {
			b.Errorf("%+v", c)
		}
		if got := b.refunded(o); got != 2*price {
			b.Errorf("refunded %s", got)
		}
		x := b.read(o)
		if x.State != order.Paid || b.line(x, b.item).Left() != 1 || x.Refunded() != 2*price {
			b.Errorf("order %s, %d left, %s back", x.State, b.line(x, b.item).Left(), x.Refunded())
		}
		b.stock(1, 1)
		b.owed(price)
		_, err := b.ask(who, o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: berries.ID, Units: 2})
		b.wantKey(err, "aftersale.units_left")
		// The packer ships what is left, and only that leaves the lot.
		b.ship(o)
		if n := b.onHand(b.lot); n != stocked-1 {
			b.Errorf("%d on hand", n)
		}
		_, err = b.ask(who, o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: berries.ID, Units: 1})
		b.wantKey(err, "aftersale.shipped")
	})
}

func TestCancellingTheLastUnitsClosesTheOrderWithItsFreight(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(2, 1)
		if o.Freight == 0 {
			b.Fatal("no freight to test with")
		}
		b.asked(who, o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: b.line(o, b.dry).ID, Units: 1})
		b.asked(who, o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: b.line(o, b.item).ID, Units: 2})
		x := b.read(o)
		if x.State != order.Closed || x.CloseReason != order.Refunded || b.refunded(o) != o.Total || x.Refunded() != o.Total {
			b.Errorf("order %s %s, %s of %s back", x.State, x.CloseReason, b.refunded(o), o.Total)
		}
		b.stock(0, 0)
		b.owed(0)
		b.balance("freight/earned", 0)
		b.balance("commission/earned", 0)
	})
}

func TestWholeRefundAfterAPartTakesTheRest(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(3, 0)
		c := b.asked(b.service, o, aftersale.Claim, aftersale.Missing, flow.AskLine{Line: b.line(o, b.item).ID, Fen: 1001})
		if _, err := b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByProducer}); err != nil {
			b.Fatal(err)
		}
		b.owed(3*price - 1001)
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		if got := b.refunded(o); got != o.Total {
			b.Errorf("%s of %s back", got, o.Total)
		}
		b.stock(0, 0)
		b.owed(0)
		b.balance("freight/earned", 0)
	})
}

func TestReturnComesBackFirst(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(1, 3)
		nuts := b.line(o, b.dry)
		_, err := b.ask(who, o, aftersale.Return, aftersale.SevenDay, flow.AskLine{Line: nuts.ID, Units: 2})
		b.wantKey(err, "aftersale.not_arrived")
		b.received(who, o)
		_, err = b.ask(who, o, aftersale.Return, aftersale.SevenDay, flow.AskLine{Line: b.line(o, b.item).ID, Units: 1})
		b.wantKey(err, "aftersale.fresh_claim")
		c := b.asked(who, o, aftersale.Return, aftersale.SevenDay, flow.AskLine{Line: nuts.ID, Units: 2})
		if c.State != aftersale.Requested || b.refunded(o) != 0 {
			b.Fatalf("%s, %s back before anything came", c.State, b.refunded(o))
		}
		_, err = b.GoodsBack(b.Context(), b.packer, c.ID, aftersale.Good)
		b.wantKey(err, "aftersale.moved_on")
		_, err = b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByProducer})
		b.wantKey(err, "aftersale.moved_on")
		_, err = b.ApproveReturn(b.Context(), b.packer, c.ID, flow.Decision{Bearer: aftersale.ByProducer})
		b.wantKey(err, "fault.denied")
		if c, err = b.ApproveReturn(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByProducer, Note: "send it"}); err != nil || c.State != aftersale.Approved {
			b.Fatal(c.State, err)
		}
		if err := b.SendBack(b.Context(), who, c.ID, "SF 123"); err != nil {
			b.Error(err)
		}
		// The order does not become done while goods are on the way.
		b.now.Add(settles + time.Hour)
		if _, err := b.AdvanceOrders(b.Context()); err != nil || b.read(o).State != order.Received {
			b.Errorf("order %s, %v", b.read(o).State, err)
		}
		if c, err = b.GoodsBack(b.Context(), b.packer, c.ID, aftersale.Good); err != nil || c.State != aftersale.Refunded {
			b.Fatal(c.State, err)
		}
		if c, err = b.GoodsBack(b.Context(), b.packer, c.ID, aftersale.Good); err != nil {
			b.Error(err) // told twice
		}
		if got := b.refunded(o); got != 2*dryPrice {
			b.Errorf("%s back", got)
		}
		if n := b.onHand(b.dryLot); n != stocked-1 {
			b.Errorf("%d on hand", n)
		}
		if n := b.sold(b.dry); n != 3 {
			b.Errorf("sold %d: what came back was sold all the same", n)
		}
		if _, err := b.AdvanceOrders(b.Context()); err != nil || b.read(o).State != order.Done {
			b.Errorf("order %s, %v", b.read(o).State, err)
		}
		b.balance("commission/earned", -dryPrice.Share(1000))
	})
}

func TestSpoiledGoodsWaitForService(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(0, 2)
		nuts := b.line(o, b.dry)
		b.received(who, o)
		c := b.asked(who, o, aftersale.Return, aftersale.Quality, flow.AskLine{Line: nuts.ID, Units: 2})
		if _, err := b.ApproveReturn(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByCarrier, Carrier: "shunfeng"}); err != nil {
			b.Fatal(err)
		}
		c, err := b.GoodsBack(b.Context(), b.packer, c.ID, aftersale.Spoiled)
		if err != nil || c.State != aftersale.Back || b.refunded(o) != 0 {
			b.Fatal(c.State, err)
		}
		b.wantKey(b.WithdrawCase(b.Context(), who, c.ID), "aftersale.moved_on")
		_, err = b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByCarrier, Carrier: "shunfeng", Amounts: map[id.Line]money.Fen{nuts.ID: 9999}})
		b.wantKey(err, "aftersale.grant")
		if c, err = b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByCarrier, Carrier: "shunfeng", Amounts: map[id.Line]money.Fen{nuts.ID: 1500}}); err != nil {
			b.Fatal(err)
		}
		if b.refunded(o) != 1500 || b.onHand(b.dryLot) != stocked-2 {
			b.Errorf("%s back, %d on hand", b.refunded(o), b.onHand(b.dryLot))
		}
		b.balance("carrier/shunfeng/owed", 1500)
		b.balance("producer/outside/"+string(b.Works)+"/owed", -(2*dryPrice - (2 * dryPrice).Share(1000)))
	})
}

func TestFreshClaimIsPaidByWhomServiceNames(t *testing.T) {
	for bearer, farm := range map[string]money.Fen{aftersale.ByProducer: 2*price - 1794, aftersale.ByCentre: 2 * price} {
		t.Run(bearer, func(t *testing.T) {
			eachCounter(t, func(b *counter) {
				who, o := b.bought(2, 0)
				b.received(who, o)
				in := flow.AskIn{Key: id.New[string](), Order: o.ID, Kind: aftersale.Claim, Reason: aftersale.Quality, Lines: []flow.AskLine{{Line: o.Lines[0].ID, Share: 3000}}}
				_, err := b.AskAfterSale(b.Context(), who, in)
				b.wantKey(err, "aftersale.photo_needed")
				in.Photos = photo()
				c, err := b.AskAfterSale(b.Context(), who, in)
				if err != nil || c.Sum() != 1794 || len(c.Photos) != 1 {
					b.Fatalf("%+v %v", c, err)
				}
				if again, err := b.AskAfterSale(b.Context(), who, in); err != nil || again.ID != c.ID {
					b.Errorf("told again: %s %v", again.ID, err)
				}
				_, err = b.ask(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: o.Lines[0].ID, Share: 3000})
				b.wantKey(err, "aftersale.open")
				b.photoSeen(who, c)
				if _, err = b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: bearer}); err != nil {
					b.Fatal(err)
				}
				b.owed(farm)
				if bearer == aftersale.ByCentre {
					b.balance("costs/claims", 1794)
				}
				if b.onHand(b.lot) != stocked-2 || b.refunded(o) != 1794 {
					b.Errorf("%d on hand, %s back", b.onHand(b.lot), b.refunded(o))
				}
				b.now.Add(49 * time.Hour)
				_, err = b.ask(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: o.Lines[0].ID, Share: 3000})
				b.wantKey(err, "aftersale.claim_over")
			})
		})
	}
}

// photoSeen checks who sees a case's photo.
func (b *counter) photoSeen(who actor.Actor, c aftersale.Case) {
	b.Helper()
	for _, p := range []struct {
		who actor.Actor
		ok  bool
	}{{who, true}, {b.service, true}, {b.packer, true}, {b.Person(), false}, {b.Person(actor.Moderator), false}, {actor.Actor{}, false}} {
		body, _, err := b.CasePhoto(b.Context(), p.who, c.Photos[0].ID, 320)
		if (err == nil) != p.ok || err != nil && !fault.Is(err, fault.NotFound) {
			b.Errorf("%v sees the photo: %v", p.who.Roles, err)
		}
		if err == nil {
			body.Close()
		}
	}
}

func TestServiceDecidesNothingOfItsOwn(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(2, 0)
		b.received(who, o)
		c := b.asked(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: o.Lines[0].ID, Share: 5000})
		who.Roles = append(who.Roles, actor.Service)
		_, err := b.RefundCase(b.Context(), who, c.ID, flow.Decision{Bearer: aftersale.ByCentre})
		b.wantKey(err, "aftersale.own")
		_, err = b.RejectCase(b.Context(), b.service, c.ID, " ")
		b.wantKey(err, "aftersale.say_note")
		if c, err = b.RejectCase(b.Context(), b.service, c.ID, "the photo shows another box"); err != nil || c.State != aftersale.Rejected {
			b.Fatal(c.State, err)
		}
		if b.refunded(o) != 0 {
			b.Error("money went")
		}
		if _, err := b.ask(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: o.Lines[0].ID, Share: 5000}); err != nil {
			b.Error(err) // a better photo
		}
	})
}

func TestReturnThatNeverComesIsWithdrawnByTheClock(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(0, 1)
		b.received(who, o)
		c := b.asked(who, o, aftersale.Return, aftersale.SevenDay, flow.AskLine{Line: o.Lines[0].ID, Units: 1})
		if _, err := b.ApproveReturn(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByProducer}); err != nil {
			b.Fatal(err)
		}
		b.now.Add(aftersale.ReturnWithin + time.Hour)
		for range 2 {
			if _, err := b.AdvanceOrders(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		if c, err := aftersale.ByID(b.Context(), b.DB, c.ID); err != nil || c.State != aftersale.Withdrawn || b.read(o).State != order.Done {
			b.Errorf("case %s, order %s, %v", c.State, b.read(o).State, err)
		}
	})
}

func TestRefundAfterSettlementIsANegativeLine(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(2, 0)
		b.received(who, o)
		b.now.Add(settles + time.Hour)
		if _, err := b.AdvanceOrders(b.Context()); err != nil || b.read(o).State != order.Done {
			b.Fatal(b.read(o).State, err)
		}
		b.Do(func(tx *db.Tx) error {
			ref, err := splitRow(tx, o.ID)
			if err != nil {
				return err
			}
			return promise.PaidOut(b.Context(), tx, ref, promise.Payee{Kind: "producer", ID: string(b.Farm), Local: true}, 2*price, 0, "bank")
		})
		_, err := b.ask(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: o.Lines[0].ID, Share: 1000})
		b.wantKey(err, "aftersale.claim_over")
		c := b.asked(b.service, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: o.Lines[0].ID, Share: 1000})
		if _, err := b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByProducer}); err != nil {
			b.Fatal(err)
		}
		parts, err := aftersale.PartsOf(b.Context(), b.DB, o.ID)
		if err != nil || len(parts) != 1 || parts[0].Goods != 598 || len(parts[0].Shares) != 1 || parts[0].Shares[0].Owed != 598 || parts[0].Shares[0].Lot != b.lot || parts[0].By != b.service.User {
			b.Errorf("%+v %v", parts, err)
		}
		m, err := promise.Money(b.Context(), b.DB, b.Farm, true)
		if err != nil || m.Owed != -598 {
			b.Errorf("owed %s, %v: the farm's next statement begins with it", m.Owed, err)
		}
	})
}

func TestManyRefundsAtOnceNeverPassWhatWasPaid(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(4, 3)
		var wg sync.WaitGroup
		var done, refused atomic.Int64
		for i := range 16 {
			wg.Go(func() {
				line := b.line(o, b.item).ID
				if i%2 == 0 {
					line = b.line(o, b.dry).ID
				}
				_, err := b.ask(who, o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: line, Units: 2})
				switch {
				case err == nil:
					done.Add(1)
				case fault.HasKey(err, "aftersale.units_left") || fault.HasKey(err, "aftersale.shipped"):
					refused.Add(1)
				default:
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 3 || refused.Load() != 13 {
			b.Errorf("%d done, %d refused", done.Load(), refused.Load())
		}
		if got := b.refunded(o); got != 4*price+2*dryPrice {
			b.Errorf("%s back", got)
		}
	})
}

func TestShippingRacesACancellation(t *testing.T) {
	eachCounter(t, func(b *counter) {
		for range 6 {
			who, o := b.bought(2, 0)
			before := b.onHand(b.lot)
			var wg sync.WaitGroup
			wg.Go(func() {
				b.ask(who, o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: o.Lines[0].ID, Units: 1})
			})
			wg.Go(func() { b.ShipOrder(context.Background(), b.packer, o.ID, "shunfeng", "SF"+o.No) })
			wg.Wait()
			x := b.read(o)
			left := x.Lines[0].Left()
			if x.State != order.Shipped || before-b.onHand(b.lot) != left {
				b.Errorf("order %s: %d left the lot, %d are ordered", x.State, before-b.onHand(b.lot), left)
			}
		}
	})
}

func TestAskingForNonsense(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(2, 1)
		berries := b.line(o, b.item).ID
		for key, in := range map[string]flow.AskIn{
			"aftersale.line":       {Kind: aftersale.Cancel, Reason: aftersale.Unwanted, Lines: []flow.AskLine{{Line: "none", Units: 1}}},
			"aftersale.units":      {Kind: aftersale.Cancel, Reason: aftersale.Unwanted, Lines: []flow.AskLine{{Line: berries}}},
			"aftersale.units_left": {Kind: aftersale.Cancel, Reason: aftersale.Unwanted, Lines: []flow.AskLine{{Line: berries, Units: 3}}},
			"aftersale.no_line":    {Kind: aftersale.Cancel, Reason: aftersale.Unwanted},
			"fault.choice":         {Kind: "gift", Reason: aftersale.Unwanted, Lines: []flow.AskLine{{Line: berries, Units: 1}}},
			"aftersale.say_why":    {Kind: aftersale.Cancel, Reason: aftersale.Other, Lines: []flow.AskLine{{Line: berries, Units: 1}}},
			"fault.too_long":       {Kind: aftersale.Cancel, Reason: aftersale.Other, Words: strings.Repeat("x", 501), Lines: []flow.AskLine{{Line: berries, Units: 1}}},
		} {
			in.Key, in.Order = id.New[string](), o.ID
			_, err := b.AskAfterSale(b.Context(), who, in)
			b.wantKey(err, key)
		}
		_, err := b.ask(b.Person(), o, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Line: berries, Units: 1})
		b.wantKey(err, "fault.not_found")
		_, err = b.ask(b.service, o, aftersale.Claim, aftersale.Other, flow.AskLine{Line: berries, Fen: 2 * price})
		b.wantKey(err, "aftersale.cancel_instead")
		if n := b.count(`SELECT count(*) FROM after_sale`); n != 0 {
			b.Errorf("%d cases of nothing", n)
		}
	})
}

func TestWhoGrantsARefundDoesNotConfirmItToo(t *testing.T) {
	eachCounter(t, func(b *counter) {
		who, o := b.bought(2, 0)
		both := b.Person(actor.Service, actor.Finance)
		c := b.asked(both, o, aftersale.Claim, aftersale.Missing, flow.AskLine{Line: o.Lines[0].ID, Fen: 500})
		c, err := b.RefundCase(b.Context(), both, c.ID, flow.Decision{Bearer: aftersale.ByCentre})
		if err != nil {
			b.Fatal(err)
		}
		b.wantKey(b.ConfirmRefund(b.Context(), both, c.Refund, "bank 1"), "payment.two_people")
		who.Roles = append(who.Roles, actor.Finance)
		b.wantKey(b.ConfirmRefund(b.Context(), who, c.Refund, "bank 1"), "payment.own_order")
		b.SinglePerson = true
		if err := b.ConfirmRefund(b.Context(), both, c.Refund, "bank 1"); err != nil {
			b.Error(err)
		}
		b.balance("refund/buyers/due", 0)
	})
}
