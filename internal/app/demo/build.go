package demo

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/demo/art"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
)

// builder makes the world once; what stands already is kept.
type builder struct {
	a         *app.App
	ctx       context.Context
	users     map[string]account.User
	producers map[string]id.Producer
	products  map[string]id.Product
	shows     map[string]id.Show
	now       time.Time
}

// system is who builds the demo world.
var system = actor.System("demo")

func newBuilder(ctx context.Context, a *app.App) *builder {
	return &builder{a: a, ctx: ctx, users: map[string]account.User{}, producers: map[string]id.Producer{},
		products: map[string]id.Product{}, shows: map[string]id.Show{}, now: a.DB.Clock.Now()}
}

// build makes the world, or finds the people of an earlier run.
func (b *builder) build() error {
	fresh, err := b.empty()
	if err != nil {
		return err
	}
	steps := []func() error{b.makePeople}
	if fresh {
		steps = append(steps, b.makeFreight, b.makeProducers, b.makeProducts, b.makeLots, b.makeSeason)
	} else {
		steps = append(steps, b.findGoods)
	}
	steps = append(steps, b.makeShows, b.makeSelling)
	if fresh {
		steps = append(steps, b.makeReplay)
	}
	for _, s := range steps {
		if err := s(); err != nil {
			return fmt.Errorf("demo world: %w", err)
		}
	}
	return nil
}

func (b *builder) empty() (bool, error) {
	ps, err := catalog.AllProducers(b.ctx, b.a.DB)
	return len(ps) == 0, err
}

func (b *builder) update(fn func(tx *db.Tx) error) error { return b.a.DB.Update(b.ctx, fn) }

func (b *builder) makePeople() error {
	return b.update(func(tx *db.Tx) error {
		for _, p := range people {
			u, err := account.Create(b.ctx, tx, b.a.Vault, system, p.phone, p.name, p.roles...)
			if err != nil {
				return fmt.Errorf("%s: %w", p.key, err)
			}
			if p.local {
				if err := account.SetLocalHost(b.ctx, tx, system, u.ID, true); err != nil {
					return err
				}
			}
			b.users[p.key] = u
		}
		return nil
	})
}

func fen(s string) money.Fen {
	if s == "" {
		return 0
	}
	f, err := money.Parse(s)
	if err != nil {
		panic(err) // the world's own data
	}
	return f
}

func (b *builder) makeFreight() error {
	return b.update(func(tx *db.Tx) error {
		for _, f := range freight {
			r := shipping.Rule{Province: f.province, Deliver: f.deliver, FirstG: 1000, First: fen(f.first), NextG: 1000, Next: fen(f.next), FreeOver: fen(f.freeO)}
			if err := shipping.SetRule(b.ctx, tx, system, r); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *builder) makeProducers() error {
	for _, p := range producers {
		var pid id.Producer
		err := b.update(func(tx *db.Tx) (err error) {
			pid, err = catalog.SaveProducer(b.ctx, tx, system, catalog.Producer{Kind: p.kind, Name: p.name, Village: p.village, District: p.district,
				Local: p.local, LicenceNo: p.licence, Story: p.story, CommissionBP: p.commissionBP, State: "active"})
			if err == nil && p.key == "li" {
				err = account.LinkProducer(b.ctx, tx, system, b.users["producer"].ID, pid)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p.key, err)
		}
		b.producers[p.key] = pid
		if _, err := b.picture("producer", string(pid), p.name, p.art); err != nil {
			return err
		}
	}
	for _, p := range people {
		if p.art == "" || len(p.roles) == 0 || p.roles[0] != actor.Host {
			continue
		}
		if _, err := b.picture("user", string(b.users[p.key].ID), p.name, p.art); err != nil {
			return err
		}
	}
	return nil
}

// picture takes one of the drawn pictures the way an upload goes.
func (b *builder) picture(kind, owner, alt, name string) (catalog.Picture, error) {
	raw, err := art.Picture(name)
	if err != nil {
		return catalog.Picture{}, err
	}
	ready, err := catalog.PrepareImage(bytes.NewReader(raw))
	if err != nil {
		return catalog.Picture{}, fmt.Errorf("%s: %w", name, err)
	}
	return catalog.AddPicture(b.ctx, b.a.DB, b.a.Store, system, kind, owner, alt, ready)
}

func (b *builder) makeProducts() error {
	for _, p := range products {
		var pid id.Product
		err := b.update(func(tx *db.Tx) (err error) {
			pid, err = catalog.SaveProduct(b.ctx, tx, system, catalog.Product{Name: p.name, Category: p.category, Summary: p.summary,
				SellUnit: p.unit, BaseUnit: p.baseUnit, BasePerUnit: p.basePerUnit, NetG: p.netG, GrossG: p.grossG, Price: fen(p.price), MarketPrice: fen(p.market),
				ReturnRule: p.rule, Storage: p.storage, ColdChain: p.cold, Settlement: "resale", State: "on"})
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p.key, err)
		}
		b.products[p.key] = pid
		if _, err := b.picture("product", string(pid), p.name, p.art); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) makeLots() error {
	today := clock.DayOf(b.now)
	return b.update(func(tx *db.Tx) error {
		for _, l := range lots {
			n := lot.New{Product: b.products[l.product], Producer: b.producers[l.producer], Grade: l.grade, Harvest: today.Add(-l.harvestDaysAgo),
				Origin: b.village(l.producer), Certificate: l.certificate, Pay: fen(l.pay), Floor: fen(l.floor), Qty: int64(math.Round(l.kg * 1000))}
			if l.bestBeforeDays > 0 {
				n.BestBefore = today.Add(l.bestBeforeDays)
			}
			made, err := lot.Create(b.ctx, tx, system, n)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", l.product, l.producer, err)
			}
			for _, st := range []lot.State{lot.Graded, lot.OnSale} {
				if err := lot.SetState(b.ctx, tx, system, made.ID, st); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (b *builder) village(key string) string {
	for _, p := range producers {
		if p.key == key {
			return p.district + " " + p.village
		}
	}
	return ""
}

// findGoods finds by name what an earlier run has made.
func (b *builder) findGoods() error {
	all, err := catalog.AllProducts(b.ctx, b.a.DB, "")
	if err != nil {
		return err
	}
	byName := map[string]id.Product{}
	for _, p := range all {
		byName[p.Name] = p.ID
	}
	for _, p := range products {
		if b.products[p.key] = byName[p.name]; b.products[p.key] == "" {
			return fmt.Errorf("the data folder holds another world; start with --fresh or another --data")
		}
	}
	ps, err := catalog.AllProducers(b.ctx, b.a.DB)
	for _, p := range ps {
		for _, want := range producers {
			if p.Name == want.name {
				b.producers[want.key] = p.ID
			}
		}
	}
	return err
}

// makeShows opens the world's shows: the one that runs now is new at every
// start, because yesterday's is over.
func (b *builder) makeShows() error {
	old, err := show.List(b.ctx, b.a.DB, show.Filter{States: []show.State{show.Live, show.Announced}, Limit: 200})
	if err != nil {
		return err
	}
	waiting := map[string]id.Show{}
	for _, s := range old {
		if s.State == show.Live {
			if _, err := b.a.Flow.MoveShow(b.ctx, system, s.ID, show.Ended); err != nil {
				return err
			}
			continue
		}
		if s.Starts.After(b.now) {
			waiting[s.Title] = s.ID
		} else if _, err := b.a.Flow.MoveShow(b.ctx, system, s.ID, show.Cancelled); err != nil {
			return err
		}
	}
	for _, p := range shows {
		if s, ok := waiting[p.title]; ok && !p.live {
			b.shows[p.key] = s
			continue
		}
		if err := b.makeShow(p); err != nil {
			return fmt.Errorf("%s: %w", p.key, err)
		}
	}
	return nil
}

func (b *builder) makeShow(p showPlan) error {
	var sid id.Show
	starts := b.now.Add(p.startsIn)
	if p.live {
		starts = b.now.Add(time.Minute)
	}
	err := b.update(func(tx *db.Tx) (err error) {
		sid, err = show.Save(b.ctx, tx, system, show.Show{Title: p.title, Summary: p.summary, Host: b.users[p.host].ID, Orientation: "portrait", Starts: starts})
		if err != nil {
			return err
		}
		for _, it := range p.items {
			if _, err := show.AddItem(b.ctx, tx, system, sid, show.Item{Product: b.products[it.product], State: show.Coming, Price: fen(it.price), Was: fen(it.was),
				Released: it.released, PerPerson: it.perPerson, Script: it.script}); err != nil {
				return fmt.Errorf("%s: %w", it.product, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.shows[p.key] = sid
	if err := b.cover(sid, p); err != nil {
		return err
	}
	if _, err := b.a.Flow.MoveShow(b.ctx, system, sid, show.Announced); err != nil {
		return err
	}
	if !p.live {
		return nil
	}
	if _, err := b.a.Flow.SignShow(b.ctx, system, sid, "", flow.HandPoints...); err != nil {
		return err
	}
	if _, err := b.a.Flow.MoveShow(b.ctx, system, sid, show.Live); err != nil {
		return err
	}
	return b.putOnSale(sid, p)
}

func (b *builder) cover(sid id.Show, p showPlan) error {
	pic, err := b.picture("show", string(sid), p.title, p.cover)
	if err != nil {
		return err
	}
	s, err := show.ByID(b.ctx, b.a.DB, sid)
	if err != nil {
		return err
	}
	s.Cover = pic.ID
	return b.update(func(tx *db.Tx) error { _, err := show.Save(b.ctx, tx, system, s); return err })
}

func (b *builder) putOnSale(sid id.Show, p showPlan) error {
	items, err := show.Items(b.ctx, b.a.DB, sid)
	if err != nil {
		return err
	}
	for i, it := range items {
		if !p.items[i].onSale {
			continue
		}
		it.State = show.OnSale
		if _, err := b.a.Flow.SetItem(b.ctx, system, it); err != nil {
			return fmt.Errorf("item %d: %w", it.No, err)
		}
	}
	return b.a.Flow.PinItem(b.ctx, system, sid, items[0].ID)
}
