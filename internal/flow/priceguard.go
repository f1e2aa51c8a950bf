package flow

import (
	"context"
	"encoding/json"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/pricing"
	"lindu.example/lindu/internal/show"
)

// boundOf is what a product may be sold for now: the floor is the highest of
// its own and of every lot's that may be given for it, because nobody chooses
// which farmer's goods an order gets.
func boundOf(ctx context.Context, q db.Querier, p id.Product) (pricing.Bound, error) {
	bounds, err := pricing.Bounds(ctx, q, p)
	if err != nil {
		return pricing.Bound{}, err
	}
	b := bounds[p]
	b.Product = p
	lots, err := lot.List(ctx, q, lot.Filter{Product: p, State: lot.OnSale, Limit: 500})
	if err != nil {
		return b, err
	}
	today := clock.DayOf(db.Now(q))
	for _, l := range lots {
		if l.BestBefore == 0 || l.BestBefore >= today {
			b.Floor = max(b.Floor, l.Floor)
		}
	}
	return b, nil
}

// checkBound holds an item's new price against the guard. A price that two
// people signed, or that stands already, passes its ceiling. Faults:
// show.below_floor, show.above_ceiling.
func checkBound(ctx context.Context, q db.Querier, it show.Item, standing money.Fen) error {
	b, err := boundOf(ctx, q, it.Product)
	switch {
	case err != nil:
		return err
	case it.Price < b.Floor && it.Floored(it.Price) != 0:
		return fault.New(fault.Invalid, "show.below_floor", "Floor", b.Floor.Short()).At("price")
	case b.Ceiling > 0 && it.Price > b.Ceiling && it.Price != standing:
		return fault.New(fault.Invalid, "show.above_ceiling", "Ceiling", b.Ceiling.Short()).At("price")
	}
	return nil
}

// flashDetail is what a request keeps of a flash sale beside the price.
type flashDetail struct {
	Total     int64 `json:"total"`
	PerPerson int64 `json:"per_person"`
	Countdown int64 `json:"countdown_s"`
	Run       int64 `json:"run_s"`
}

// AskPrice asks for a price of an item that is outside the guard (operator);
// with a flash sale, for one at that price which begins once it is signed. The
// reason says why, and who of the producers agreed. Faults: pricing.inside when
// nobody needs to sign, show.over, those of pricing.Ask.
func (f *Flow) AskPrice(ctx context.Context, who actor.Actor, key string, i id.Item, price money.Fen, flash *show.NewFlash, reason string) (pricing.Request, error) {
	if err := who.Need(actor.Operator); err != nil {
		return pricing.Request{}, err
	}
	if price <= 0 || price > money.MaxFen {
		return pricing.Request{}, fault.New(fault.Invalid, "show.price").At("price")
	}
	var made pricing.Request
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		it, sh, err := itemOfOpenShow(ctx, tx, i)
		if err != nil {
			return err
		}
		b, err := boundOf(ctx, tx, it.Product)
		if err != nil {
			return err
		}
		if b.Holds(price) {
			return fault.New(fault.Conflict, "pricing.inside").At("price")
		}
		r := pricing.Request{Show: sh.ID, Item: i, Kind: pricing.Price, Old: it.Price, New: price, Floor: b.Floor, Ceiling: b.Ceiling, Reason: reason, Detail: "{}"}
		if flash != nil {
			d, err := json.Marshal(flashDetail{flash.Total, flash.PerPerson, int64(flash.Countdown / time.Second), int64(flash.Run / time.Second)})
			if err != nil {
				return err
			}
			r.Kind, r.Detail = pricing.Flash, string(d)
		}
		made, err = pricing.Ask(ctx, tx, who, key, r)
		return err
	})
	if err == nil {
		f.tell(made.Show, room.KindPrice, struct{}{})
	}
	return made, err
}

func itemOfOpenShow(ctx context.Context, q db.Querier, i id.Item) (show.Item, show.Show, error) {
	items, err := show.ItemsByID(ctx, q, i)
	if err != nil {
		return show.Item{}, show.Show{}, err
	}
	it, ok := items[i]
	if !ok {
		return it, show.Show{}, fault.New(fault.NotFound, "fault.not_found")
	}
	sh, err := show.ByID(ctx, q, it.Show)
	if err == nil && sh.Over() {
		err = fault.New(fault.Conflict, "show.over")
	}
	return it, sh, err
}

// DecidePrice signs or refuses a price that waits; another operator, or an
// admin, does, never who asked. A signed price is set by the usual way in the
// same transaction, and looked at again: the item must still cost what it did
// when it was asked. Orders placed before keep their price. Faults: those of
// pricing.Decide, pricing.moved, and those of setting the price.
func (f *Flow) DecidePrice(ctx context.Context, who actor.Actor, r id.PriceRequest, yes bool, note string) (pricing.Request, error) {
	var x pricing.Request
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		var fresh bool
		var err error
		if x, fresh, err = pricing.Decide(ctx, tx, who, r, yes, note); err != nil || !fresh || !yes {
			return err
		}
		it, _, err := itemOfOpenShow(ctx, tx, x.Item)
		if err != nil {
			return err
		}
		if it.Price != x.Old {
			return fault.New(fault.Conflict, "pricing.moved", "Now", it.Price.Short())
		}
		return applyPrice(ctx, tx, who, x, it)
	})
	if err != nil {
		return x, err
	}
	f.tell(x.Show, room.KindPrice, struct{}{})
	if yes {
		_, err = f.tellItem(ctx, x.Show, x.Item)
	}
	return x, err
}

// applyPrice sets what was signed.
func applyPrice(ctx context.Context, tx *db.Tx, who actor.Actor, x pricing.Request, it show.Item) error {
	if x.New < x.Floor {
		if err := show.ClearPrice(ctx, tx, who, it.ID, x.New); err != nil {
			return err
		}
	}
	if x.Kind == pricing.Flash {
		var d flashDetail
		if err := json.Unmarshal([]byte(x.Detail), &d); err != nil {
			return err
		}
		_, err := show.StartFlash(ctx, tx, who, show.NewFlash{Key: "price/" + string(x.ID), Item: it.ID, Price: x.New, Total: d.Total, PerPerson: d.PerPerson,
			Countdown: time.Duration(d.Countdown) * time.Second, Run: time.Duration(d.Run) * time.Second})
		return err
	}
	it.Price = x.New
	if it.Was <= it.Price {
		it.Was = 0
	}
	_, err := show.SetItem(ctx, tx, who, it)
	return err
}

// SetBound sets a product's floor and ceiling (selector, admin).
func (f *Flow) SetBound(ctx context.Context, who actor.Actor, b pricing.Bound) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return pricing.SetBound(ctx, tx, who, b) })
}
