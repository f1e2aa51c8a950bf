package flow_test

import (
	"context"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/paysim"
	"lindu.example/lindu/internal/payment/wechat"
)

// splitDesk is a cash desk whose WeChat Pay knows which orders it shares, and
// goods of a farm that are settled by split.
type splitDesk struct {
	*cashDesk
	item id.Item
	of   actor.Actor // of the last order
}

func eachSplit(t *testing.T, fn func(c *splitDesk)) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		c := &splitDesk{cashDesk: newCashDesk(t, d, wechat.Name)}
		public, err := wechat.LoadPublic(c.keys.ProviderPEM())
		if err != nil {
			t.Fatal(err)
		}
		c.Gateways[wechat.Name], err = wechat.New(wechat.Options{Merchant: paysim.MerchantNo, App: paysim.AppID, Notify: c.site + wechat.Name, Site: "https://shop.example", API: c.url, Clock: c.now,
			Split: c.NeedsSplit,
			Keys:  wechat.Keys{MerchantSerial: paysim.MerchantSerial, Merchant: c.keys.Merchant, APIv3: c.keys.APIv3, PublicID: paysim.PublicKeyID, Public: public}})
		if err != nil {
			t.Fatal(err)
		}
		nuts := c.Product(price, func(p *catalog.Product) {
			p.Name, p.Category, p.ReturnRule, p.Settlement = "Nuts", "nut", catalog.SevenDay, order.Split
		})
		c.Lot(nuts, c.Farm, stocked, func(n *lot.New) { n.BestBefore = 0 })
		c.item = c.Item(nuts, price)
		fn(c)
	})
}

// placed is an unpaid order of goods settled by split.
func (c *splitDesk) placed() order.Order {
	c.Helper()
	who, at := c.Buyer()
	o, err := c.PlaceOrder(c.Context(), who, flow.PlaceIn{Key: id.New[string](), Show: c.Show, Address: at, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Item: c.item, Units: 2, Price: price}}})
	if err != nil {
		c.Fatal(err)
	}
	c.of = who
	return o
}

// done is such an order, paid, shipped, received, its after-sale window over.
func (c *splitDesk) done() order.Order {
	c.Helper()
	o := c.placed()
	p, err := c.StartPayment(c.Context(), c.of, o.ID, wechat.Name)
	if err != nil {
		c.Fatal(err)
	}
	if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
		c.Fatal(ok, err)
	}
	c.until("the order paid", func() bool { return c.read(o).State == order.Paid })
	c.finish(o)
	return c.read(o)
}

func (c *splitDesk) finish(o order.Order) {
	c.Helper()
	if _, err := c.ShipOrder(c.Context(), c.Person(actor.Packer), o.ID, "shunfeng", "SF10000001"); err != nil {
		c.Fatal(err)
	}
	if _, err := c.ReceiveOrder(c.Context(), c.of, o.ID); err != nil {
		c.Fatal(err)
	}
	c.now.Add(settles + time.Minute)
	if _, err := c.AdvanceOrders(c.Context()); err != nil {
		c.Fatal(err)
	}
	if s := c.read(o).State; s != order.Done {
		c.Fatalf("the order is %s", s)
	}
}

func (c *splitDesk) send(want int) {
	c.Helper()
	if n, err := c.SendSplits(c.Context()); n != want || err != nil {
		c.Errorf("%d splits done, want %d (%v)", n, want, err)
	}
}

// Goods settled by split are paid by the provider once the after-sale window
// is over, to an account that two people have seen, and once.
func TestSplitPaysTheProducerAtTheProvider(t *testing.T) {
	eachSplit(t, func(c *splitDesk) {
		o := c.done()
		owed := 2 * price
		c.owed(owed)
		c.send(0) // nobody has said where to
		open, err := payment.OpenSplits(c.Context(), c.DB)
		if err != nil || len(open) != 1 || open[0].Problem != "payment.split_no_receiver" || open[0].Order != o.ID || len(open[0].Parts) != 1 || open[0].Parts[0].Amount != owed {
			c.Fatalf("%+v %v", open, err)
		}
		one, two := c.Person(actor.Finance), c.Person(actor.Finance)
		to := payment.Receiver{Account: "o-farmer-wang", Person: true}
		c.wantKey(c.SetReceiver(c.Context(), one, c.Farm, alipay.Name, to), "payment.unknown_gateway")
		c.wantKey(c.SetReceiver(c.Context(), one, c.Farm, wechat.Name, payment.Receiver{Account: "x"}), "payment.receiver_form")
		c.wantKey(c.SetReceiver(c.Context(), c.of, c.Farm, wechat.Name, to), "fault.denied")
		if err := c.SetReceiver(c.Context(), one, c.Farm, wechat.Name, to); err != nil {
			c.Fatal(err)
		}
		c.now.Add(time.Hour)
		c.send(0) // not confirmed
		c.wantKey(c.ConfirmReceiver(c.Context(), one, c.Farm, wechat.Name, to.Account), "payment.two_people")
		c.wantKey(c.ConfirmReceiver(c.Context(), two, c.Farm, wechat.Name, "o-somebody-else"), "payment.receiver_changed")
		if err := c.ConfirmReceiver(c.Context(), two, c.Farm, wechat.Name, to.Account); err != nil {
			c.Fatal(err)
		}
		c.now.Add(time.Hour)
		c.sim.SetTrouble(paysim.Trouble{Fail: 1})
		c.send(0)
		c.now.Add(time.Hour)
		c.send(1)
		c.now.Add(time.Hour)
		c.send(0)
		s, ok, err := payment.SplitOf(c.Context(), c.DB, open[0].Payment)
		if err != nil || !ok || s.State != payment.SplitDone || s.Ref == "" {
			c.Errorf("%+v %v", s, err)
		}
		c.balance("producer/local/"+string(c.Farm)+"/paid", owed)
		c.balance("channel/wechat/clearing", o.Total-owed)
		// A changed account is nobody's until it is confirmed again.
		if err := c.SetReceiver(c.Context(), two, c.Farm, wechat.Name, payment.Receiver{Account: "o-another"}); err != nil {
			c.Fatal(err)
		}
		if to, err := payment.ReceiversOf(c.Context(), c.DB, wechat.Name, []id.Producer{c.Farm}); err != nil || len(to) != 0 {
			c.Errorf("%+v %v", to, err)
		}
	})
}

// What the provider refuses for good waits for finance, who has it tried again.
func TestARefusedSplitWaitsForFinance(t *testing.T) {
	eachSplit(t, func(c *splitDesk) {
		c.SinglePerson = true
		finance := c.Person(actor.Finance)
		if err := c.SetReceiver(c.Context(), finance, c.Farm, wechat.Name, payment.Receiver{Account: "1900000199"}); err != nil {
			c.Fatal(err)
		}
		c.done()
		real := c.Gateways[wechat.Name].(*wechat.Gateway)
		c.Gateways[wechat.Name] = stubborn{real}
		c.send(0)
		open, err := payment.OpenSplits(c.Context(), c.DB)
		if err != nil || len(open) != 1 || open[0].State != payment.SplitFailed || open[0].Problem != "payment.gateway_refused" {
			c.Fatalf("%+v %v", open, err)
		}
		c.now.Add(aDay)
		c.send(0)
		c.Gateways[wechat.Name] = real
		c.wantKey(c.RetrySplit(c.Context(), c.of, open[0].ID), "fault.denied")
		if err := c.RetrySplit(c.Context(), finance, open[0].ID); err != nil {
			c.Fatal(err)
		}
		c.send(1)
		c.wantKey(c.RetrySplit(c.Context(), finance, open[0].ID), "payment.split_not_failed")
	})
}

// stubborn refuses every split.
type stubborn struct{ *wechat.Gateway }

func (stubborn) Split(_ context.Context, _ payment.Split) (string, error) {
	return "", payment.ErrRefused
}

// Where there is a way that splits, goods settled by split are paid by it only.
func TestSplitGoodsArePaidWhereTheyCanBeSplit(t *testing.T) {
	eachSplit(t, func(c *splitDesk) {
		o := c.placed()
		for _, g := range []string{alipay.Name, "sandbox"} {
			_, err := c.StartPayment(c.Context(), c.of, o.ID, g)
			c.wantKey(err, "payment.cannot_split")
		}
		c.TransferFor = aDay
		_, err := c.ChooseTransfer(c.Context(), c.of, o.ID)
		c.wantKey(err, "payment.cannot_split")
		all := []string{alipay.Name, wechat.Name, payment.Offline}
		ways, err := c.PayWays(c.Context(), o.ID, all)
		if err != nil || len(ways) != 1 || ways[0] != wechat.Name {
			c.Error(ways, err)
		}
		_, resale := c.order(1)
		if ways, err := c.PayWays(c.Context(), resale.ID, all); err != nil || len(ways) != 3 {
			c.Error(ways, err)
		}
		for _, x := range []struct {
			p    payment.Payment
			want bool
		}{{payment.Payment{Order: o.ID}, true}, {payment.Payment{Order: resale.ID}, false}, {payment.Payment{Order: o.ID, Purpose: payment.ForGift}, false}} {
			if is, err := c.NeedsSplit(c.Context(), x.p); err != nil || is != x.want {
				c.Errorf("%+v: %v %v", x.p, is, err)
			}
		}
	})
}
