package webtest

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
)

// Producer makes a household of the county.
func (w *World) Producer(name string) id.Producer {
	w.t.Helper()
	var p id.Producer
	w.Update(func(tx *db.Tx) (err error) {
		p, err = catalog.SaveProducer(context.Background(), tx, System, catalog.Producer{
			Kind: "household", Name: name, Village: "Hongqi", District: "Wuying", Local: true, State: "active"})
		return err
	})
	return p
}

// Product makes something for sale at a price a box of 500 g.
func (w *World) Product(name string, price money.Fen) catalog.Product {
	w.t.Helper()
	p := catalog.Product{Name: name, Category: "fruit", Summary: name, SellUnit: "box", BaseUnit: "g", BasePerUnit: 500,
		NetG: 500, GrossG: 700, Price: price, ReturnRule: "fresh", Settlement: "resale", State: "on"}
	w.Update(func(tx *db.Tx) (err error) {
		p.ID, err = catalog.SaveProduct(context.Background(), tx, System, p)
		return err
	})
	return p
}

// Lot puts boxes of a producer's product on sale.
func (w *World) Lot(p catalog.Product, from id.Producer, boxes int64) lot.Lot {
	w.t.Helper()
	ctx := context.Background()
	day := clock.DayOf(w.Clock.Now())
	var l lot.Lot
	w.Update(func(tx *db.Tx) (err error) {
		l, err = lot.Create(ctx, tx, System, lot.New{Product: p.ID, Producer: from, Grade: "A", Harvest: day.Add(-1), BestBefore: day.Add(9),
			Origin: "Hongqi", Certificate: "CN-2026-001", Floor: p.Price / 2, Qty: boxes * p.BasePerUnit})
		if err != nil {
			return err
		}
		for _, s := range []lot.State{lot.Graded, lot.OnSale} {
			if err := lot.SetState(ctx, tx, System, l.ID, s); err != nil {
				return err
			}
		}
		return nil
	})
	return l
}

// Address gives a person an address, and its id.
func (w *World) Address(c *Client) id.Address {
	w.t.Helper()
	var a id.Address
	w.Update(func(tx *db.Tx) (err error) {
		a, err = account.SaveAddress(context.Background(), tx, w.Vault, c.Actor(), account.Address{
			Name: "李雷雷", Phone: "13912345678", Province: "黑龙江", City: "哈尔滨市", District: "南岗区", Detail: "西大直街92号3单元501"})
		return err
	})
	return a
}

// Order orders boxes of a product outside a show, to a new address.
func (w *World) Order(c *Client, p catalog.Product, boxes int64) order.Order {
	w.t.Helper()
	return w.OrderTo(c, p, boxes, w.Address(c))
}

// OrderTo is Order to an address the person has.
func (w *World) OrderTo(c *Client, p catalog.Product, boxes int64, to id.Address) order.Order {
	w.t.Helper()
	o, err := w.Flow.PlaceOrder(context.Background(), c.Actor(), flow.PlaceIn{Key: string(id.New[id.Order]()), Address: to, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Product: p.ID, Units: boxes, Price: p.Price}}})
	w.must(err)
	return o
}

// Pay opens a payment of an order and lets the provider report it as paid.
func (w *World) Pay(c *Client, o order.Order) payment.Payment {
	w.t.Helper()
	p, err := w.Flow.StartPayment(context.Background(), c.Actor(), o.ID, w.Gateway.Name())
	w.must(err)
	w.Notify(p)
	return p
}

// Notify is the provider's report that a payment was made.
func (w *World) Notify(p payment.Payment) {
	w.t.Helper()
	w.must(w.Flow.ApplyNotice(context.Background(), p.Gateway, payment.Notice{EventID: fmt.Sprintf("paid-%s", p.ID), Payment: p.ID,
		Amount: p.Amount, Ref: "fake-" + string(p.ID), Paid: true, At: w.Clock.Now()}))
}

// Ship sends an order off.
func (w *World) Ship(o order.Order) {
	w.t.Helper()
	_, err := w.Flow.ShipOrder(context.Background(), System, o.ID, shipping.Carriers()[0], "SF1234567890123")
	w.must(err)
}
