package fsck_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
)

// world is a shop with an order in every state, made by the flows.
type world struct {
	*testing.T
	*shoptest.Shop
	f      *flow.Flow
	orders map[string]order.Order
	began  time.Time // before anything was written
}

func each(t *testing.T, fn func(w *world)) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		began := time.Now()
		w := &world{T: t, Shop: shoptest.New(t, d), orders: map[string]order.Order{}, began: began}
		w.f = &flow.Flow{DB: d, Vault: w.Vault, Log: slog.New(slog.DiscardHandler), Desk: orderdesk.New(d, orderdesk.Options{}),
			UnpaidFor: 15 * time.Minute, ReceivedAfter: 24 * time.Hour, DoneAfter: 24 * time.Hour}
		t.Cleanup(func() {
			if err := w.f.Desk.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		w.live()
		w.gifts()
		w.settle()
		fn(w)
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// live makes the orders.
func (w *world) live() {
	w.Helper()
	ctx, now := w.Context(), w.DB.Clock.(*clock.Fake)
	p := w.Product(2990)
	first := w.Lot(p, w.Farm, 20, func(n *lot.New) { n.BestBefore = n.BestBefore.Add(-1) })
	w.Do(func(tx *db.Tx) error {
		_, err := lot.Allot(ctx, tx, actor.System("test"), lot.Grant{Key: "slice", Lot: first, Show: w.Show, Qty: 5 * shoptest.Base, Expires: tx.Now.Add(24 * time.Hour)})
		return err
	})
	w.Lot(p, w.Works, 30)
	agreed := w.Product(5000)
	w.Lot(agreed, w.Farm, 30, func(n *lot.New) { n.Pay = 4000 })
	item := w.Item(p, 2500, func(i *show.Item) { i.Released = 45 })
	staff := w.Person(actor.Finance, actor.Packer, actor.Service)
	off, err := w.f.MakeCoupon(ctx, w.Person(actor.Operator), "coupon", coupon.Coupon{Show: w.Show, Off: 700, Total: 10}, true)
	w.must(err)
	place := func(name string) actor.Actor {
		who, at := w.Buyer()
		in := flow.PlaceIn{Key: id.New[string](), Show: w.Show, Address: at, NoReturnOK: true,
			Lines: []flow.PlaceLine{{Item: item, Units: 3, Price: 2500}, {Product: agreed, Units: 1, Price: 5000}}}
		if slices.Contains([]string{"expired", "paid", "refunded", "parted"}, name) {
			mine, err := w.f.TakeCoupon(ctx, who, off.ID)
			w.must(err)
			in.Coupon, in.Discount = mine.ID, 700
		}
		o, err := w.f.PlaceOrder(ctx, who, in)
		w.must(err)
		w.orders[name] = o
		return who
	}
	buyers := map[string]actor.Actor{}
	for _, name := range []string{"expired", "late", "cancelled", "paid", "shipped", "received", "done", "refunded", "refunding", "parted", "unpaid"} {
		buyers[name] = place(name)
	}
	pay := func(name string) {
		_, err := w.f.ConfirmOffline(ctx, staff, w.orders[name].ID, w.orders[name].Total, "bank 1")
		w.must(err)
	}
	for _, name := range []string{"paid", "shipped", "received", "done", "refunded", "refunding", "parted"} {
		pay(name)
	}
	for _, name := range []string{"shipped", "received", "done"} {
		_, err := w.f.ShipOrder(ctx, staff, w.orders[name].ID, shipping.CarrierList()[0].Code, "SF1234567890"+name[:1])
		w.must(err)
	}
	for _, name := range []string{"received", "done"} {
		_, err := w.f.ReceiveOrder(ctx, buyers[name], w.orders[name].ID)
		w.must(err)
	}
	w.Do(func(tx *db.Tx) error {
		_, err := order.Move(ctx, tx, w.orders["done"].ID, order.Received, order.Done, "")
		return err
	})
	for _, name := range []string{"cancelled", "refunded", "refunding"} {
		_, err := w.f.CancelOrder(ctx, buyers[name], w.orders[name].ID)
		w.must(err)
	}
	_, err = w.f.AskAfterSale(ctx, buyers["parted"], flow.AskIn{Key: "parted", Order: w.orders["parted"].ID, Kind: aftersale.Cancel, Reason: aftersale.Unwanted,
		Lines: []flow.AskLine{{Line: w.orders["parted"].Lines[0].ID, Units: 1}}})
	w.must(err)
	refunds, err := payment.Refunds(ctx, w.DB, w.orders["refunded"].ID)
	w.must(err)
	w.must(w.f.ConfirmRefund(ctx, staff, refunds[0].ID, "bank 2"))
	w.flash(agreed, staff)
	w.expireAndPayLate(now)
}

// flash makes a paid order of a flash sale that allows a person two.
func (w *world) flash(p id.Product, staff actor.Actor) {
	w.Helper()
	item := w.Item(p, 5000)
	w.Flash(item, 4500, 10, func(n *show.NewFlash) { n.PerPerson = 2 })
	w.DB.Clock.(*clock.Fake).Add(11 * time.Second)
	who, at := w.Buyer()
	o, err := w.f.PlaceOrder(w.Context(), who, flow.PlaceIn{Key: id.New[string](), Show: w.Show, Address: at, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Item: item, Units: 2, Price: 4500}}})
	w.must(err)
	w.orders["flash"] = o
	_, err = w.f.ConfirmOffline(w.Context(), staff, o.ID, o.Total, "bank 3")
	w.must(err)
}

// expireAndPayLate lets two orders expire (and keeps the unpaid one), then the
// money of one comes.
func (w *world) expireAndPayLate(now *clock.Fake) {
	w.Helper()
	ctx := w.Context()
	late := payment.Payment{ID: id.New[id.Payment](), Order: w.orders["late"].ID, Gateway: "sandbox", Amount: w.orders["late"].Total, State: payment.StateOpen, Created: now.Now()}
	w.Do(func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE sale_order SET expires_us = expires_us + 3600000000 WHERE id = $1`, w.orders["unpaid"].ID); err != nil {
			return err
		}
		return payment.Open(ctx, tx, late)
	})
	now.Add(16 * time.Minute)
	n, err := w.f.ExpireOrders(ctx)
	w.must(err)
	if n != 2 {
		w.Fatalf("%d orders expired", n)
	}
	w.must(w.f.ApplyNotice(ctx, "sandbox", payment.Notice{EventID: "e1", Payment: late.ID, Amount: late.Amount, Ref: "r1", Paid: true, At: now.Now()}))
}

func TestCleanShopIsClean(t *testing.T) {
	each(t, func(w *world) {
		w.must(fsck.SealAll(w.Context(), w.DB))
		rep, err := fsck.Run(w.Context(), w.DB)
		w.must(err)
		if !rep.Clean() || len(rep.Checks) < 20 {
			w.Errorf("%+v", rep)
		}
		seen := map[string]bool{}
		for _, c := range rep.Checks {
			if c.Rows == 0 {
				w.Errorf("%s looked at nothing", c.Name)
			}
			if seen[c.Name] || !i18n.Has(i18n.Chinese, c.Name) {
				w.Errorf("%s comes twice or has no words", c.Name)
			}
			seen[c.Name] = true
		}
		for _, name := range sqliteOnly {
			if seen[name] != (w.DB.Dialect == db.SQLite) {
				w.Errorf("%s on %s: listed %t", name, w.DB.Dialect, seen[name])
			}
		}
	})
}

func TestEmptyCentreIsClean(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rep, err := fsck.Run(t.Context(), d)
		if err != nil || !rep.Clean() {
			t.Errorf("%+v, %v", rep, err)
		}
	})
}

func found(rep fsck.Report, check string) bool {
	for _, c := range rep.Checks {
		if c.Name == check && len(c.Findings) > 0 {
			return true
		}
	}
	return false
}

func TestFindingsAreCut(t *testing.T) {
	each(t, func(w *world) {
		w.unguard()
		w.Do(func(tx *db.Tx) error {
			for range 40 {
				if _, err := tx.Exec(w.Context(), `INSERT INTO ledger_txn (id, ref, kind, at_us, day) VALUES ($1, $1, 'x', 1, 19700101)`, id.New[id.Txn]()); err != nil {
					return err
				}
			}
			return nil
		})
		rep, err := fsck.Run(w.Context(), w.DB)
		w.must(err)
		for _, c := range rep.Checks {
			if want := map[bool]int{true: fsck.MaxFindings}[c.Name == "fsck.balanced" || c.Name == "fsck.sources"]; len(c.Findings) != want {
				w.Errorf("%s: %d findings, want %d", c.Name, len(c.Findings), want)
			}
		}
	})
}
