package bench

import (
	"context"
	"fmt"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
)

// world is a live show with two products, one with all the stock and one with
// little, and buyers with a token and an address each.
type world struct {
	show      id.Show
	much, few id.Item
	price     int64
	buyers    []buyer
}

type buyer struct {
	Token   string     `json:"token"`
	Address id.Address `json:"address"`
}

var system = actor.System("bench")

func makeWorld(ctx context.Context, a *app.App, buyers int, much, few int64) (world, error) {
	w := world{price: 990}
	err := a.DB.Update(ctx, func(tx *db.Tx) error {
		if err := shipping.SetRule(ctx, tx, system, shipping.Rule{Deliver: true, FirstG: 1000, First: 400, NextG: 1000, Next: 100}); err != nil {
			return err
		}
		prod, err := catalog.SaveProducer(ctx, tx, system, catalog.Producer{Kind: "household", Name: "Bench", Village: "Bench", District: "Bench", Local: true, State: "active"})
		if err != nil {
			return err
		}
		if err := w.makeShow(ctx, tx, a); err != nil {
			return err
		}
		if w.much, err = w.goods(ctx, tx, prod, much); err != nil {
			return err
		}
		w.few, err = w.goods(ctx, tx, prod, few)
		return err
	})
	if err != nil {
		return w, err
	}
	for _, st := range []show.State{show.Announced, show.Live} {
		// Not by the flow: nobody signs the checks of a show of the bench.
		if err := a.DB.Update(ctx, func(tx *db.Tx) error { _, err := show.Move(ctx, tx, system, w.show, st); return err }); err != nil {
			return w, err
		}
	}
	items, err := show.Items(ctx, a.DB, w.show)
	if err != nil {
		return w, err
	}
	for _, it := range items {
		it.State = show.OnSale
		if _, err := a.Flow.SetItem(ctx, system, it); err != nil {
			return w, err
		}
	}
	return w, w.enlist(ctx, a, buyers)
}

// goods is a product with one lot, in the show.
func (w *world) goods(ctx context.Context, tx *db.Tx, prod id.Producer, stock int64) (id.Item, error) {
	good, err := catalog.SaveProduct(ctx, tx, system, catalog.Product{Name: "Bench", Category: "grain", SellUnit: "bag", BaseUnit: "piece", BasePerUnit: 1,
		NetG: 500, GrossG: 600, Price: 990, ReturnRule: "seven_day", Settlement: "resale", State: "on"})
	if err != nil {
		return "", err
	}
	l, err := lot.Create(ctx, tx, system, lot.New{Product: good, Producer: prod, Grade: "A", Harvest: clock.DayOf(tx.Now), Floor: 1, Qty: stock})
	if err != nil {
		return "", err
	}
	for _, st := range []lot.State{lot.Graded, lot.OnSale} {
		if err := lot.SetState(ctx, tx, system, l.ID, st); err != nil {
			return "", err
		}
	}
	it, err := show.AddItem(ctx, tx, system, w.show, show.Item{Product: good, State: show.Coming, Price: 990, Released: -1})
	return it.ID, err
}

func (w *world) makeShow(ctx context.Context, tx *db.Tx, a *app.App) error {
	host, err := account.Create(ctx, tx, a.Vault, system, "19900008888", "bench", actor.Host)
	if err != nil {
		return err
	}
	w.show, err = show.Save(ctx, tx, system, show.Show{Title: "Bench", Host: host.ID, Orientation: "portrait", Starts: tx.Now.Add(time.Minute)})
	return err
}

func (w *world) enlist(ctx context.Context, a *app.App, n int) error {
	return a.DB.Update(ctx, func(tx *db.Tx) error {
		w.buyers = nil
		for i := range n {
			u, err := account.Create(ctx, tx, a.Vault, system, fmt.Sprintf("1990002%04d", i), fmt.Sprintf("bench %d", i))
			if err != nil {
				return err
			}
			who := actor.Actor{User: u.ID, Name: u.Name, Via: "api"}
			addr, err := account.SaveAddress(ctx, tx, a.Vault, who, account.Address{User: u.ID, Name: "Bench", Phone: "19900009999", Province: shipping.Provinces()[0], City: "Bench", Detail: "Bench 1", Default: true})
			if err != nil {
				return err
			}
			token, err := account.OpenSession(ctx, tx, u.ID, account.API, "bench", "")
			if err != nil {
				return err
			}
			w.buyers = append(w.buyers, buyer{token, addr})
		}
		return nil
	})
}
