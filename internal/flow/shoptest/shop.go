package shoptest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/vault"
)

// Base is what a lot counts of a sell unit: grams in a box.
const Base = 500

// Shop is a centre with a live show.
type Shop struct {
	DB    *db.DB
	Vault *vault.Vault
	Farm  id.Producer // local
	Works id.Producer // outside, commission 10 %
	Show  id.Show     // live

	t testing.TB
}

var (
	system = actor.System("test")
	people atomic.Int64 // of all shops: several may share a database
)

// New sets the shop up in a fresh database.
func New(t testing.TB, d *db.DB) *Shop {
	t.Helper()
	v, err := vault.New(make([]byte, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	s := &Shop{DB: d, Vault: v, t: t}
	ctx := context.Background()
	s.Do(func(tx *db.Tx) (err error) {
		if s.Farm, err = catalog.SaveProducer(ctx, tx, system, catalog.Producer{Kind: "household", Name: "Farm", Village: "V", District: "D", Local: true, State: "active"}); err != nil {
			return err
		}
		if s.Works, err = catalog.SaveProducer(ctx, tx, system, catalog.Producer{Kind: "firm", Name: "Works", Village: "V", District: "D", LicenceNo: "91230000MA1TEST001", CommissionBP: 1000, State: "active"}); err != nil {
			return err
		}
		s.Show, err = show.Save(ctx, tx, system, show.Show{Title: "Berries", Host: id.New[id.User](), Orientation: show.Portrait, Starts: tx.Now.Add(time.Minute)})
		return err
	})
	s.Move(show.Announced)
	s.Move(show.Live)
	return s
}

// Do runs a change of the test's own.
func (s *Shop) Do(fn func(tx *db.Tx) error) {
	s.t.Helper()
	if err := s.DB.Update(context.Background(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// Move takes the show to a state.
func (s *Shop) Move(to show.State) {
	s.t.Helper()
	s.Do(func(tx *db.Tx) error {
		_, err := show.Move(context.Background(), tx, system, s.Show, to)
		return err
	})
}

// Product is a product on its own page: boxes of 500 g.
func (s *Shop) Product(price money.Fen, change ...func(*catalog.Product)) id.Product {
	s.t.Helper()
	p := catalog.Product{Name: "Blueberries", Category: "fruit", SellUnit: "box", BaseUnit: "g", BasePerUnit: Base, NetG: Base, GrossG: 700,
		Price: price, Settlement: "resale", State: "on", ReturnRule: "fresh"}
	for _, c := range change {
		c(&p)
	}
	var out id.Product
	s.Do(func(tx *db.Tx) (err error) {
		out, err = catalog.SaveProduct(context.Background(), tx, system, p)
		return err
	})
	return out
}

// Lot is a lot on sale with stock for so many units.
func (s *Shop) Lot(p id.Product, from id.Producer, units int64, change ...func(*lot.New)) id.Lot {
	s.t.Helper()
	ctx := context.Background()
	today := clock.DayOf(s.DB.Clock.Now())
	n := lot.New{Product: p, Producer: from, Grade: "A", Harvest: today.Add(-1), BestBefore: today.Add(7), Qty: units * Base}
	for _, c := range change {
		c(&n)
	}
	var l lot.Lot
	s.Do(func(tx *db.Tx) (err error) {
		if l, err = lot.Create(ctx, tx, system, n); err != nil {
			return err
		}
		for _, st := range []lot.State{lot.Graded, lot.OnSale} {
			if err := lot.SetState(ctx, tx, system, l.ID, st); err != nil {
				return err
			}
		}
		return nil
	})
	return l.ID
}

// Item puts a product on sale in the show, all there is of it.
func (s *Shop) Item(p id.Product, price money.Fen, change ...func(*show.Item)) id.Item {
	s.t.Helper()
	it := show.Item{Product: p, Price: price, State: show.OnSale, Released: -1}
	for _, c := range change {
		c(&it)
	}
	s.Do(func(tx *db.Tx) (err error) {
		it, err = show.AddItem(context.Background(), tx, system, s.Show, it)
		return err
	})
	return it.ID
}

// SetItem changes an item.
func (s *Shop) SetItem(i id.Item, change func(*show.Item)) {
	s.t.Helper()
	ctx := context.Background()
	s.Do(func(tx *db.Tx) error {
		m, err := show.ItemsByID(ctx, tx, i)
		if err != nil {
			return err
		}
		it := m[i]
		change(&it)
		_, err = show.SetItem(ctx, tx, system, it)
		return err
	})
}

// Person is somebody who can sign in.
func (s *Shop) Person(roles ...actor.Role) actor.Actor {
	s.t.Helper()
	n := people.Add(1)
	var u account.User
	s.Do(func(tx *db.Tx) (err error) {
		u, err = account.Create(context.Background(), tx, s.Vault, system, fmt.Sprintf("139%08d", n), fmt.Sprintf("Person%d", n), roles...)
		return err
	})
	return u.Actor("web")
}

// Buyer is a person with an address in the province.
func (s *Shop) Buyer() (actor.Actor, id.Address) {
	s.t.Helper()
	who := s.Person()
	var a id.Address
	s.Do(func(tx *db.Tx) (err error) {
		a, err = account.SaveAddress(context.Background(), tx, s.Vault, who, account.Address{
			Name: "Li Lei", Phone: "13800001234", Province: Province(), City: "City", District: "District", Detail: "Road 1"})
		return err
	})
	return who, a
}

// Province is one that is delivered to.
func Province() string { return shipping.Provinces()[0] }
