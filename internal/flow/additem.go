package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// AddItem appends a product to a running order and tells the room. Without a
// price the product's own prices are taken. Faults: those of show.AddItem,
// show.product_off, show.below_floor, show.above_ceiling, show.exclusive, review.word on the script.
func (f *Flow) AddItem(ctx context.Context, who actor.Actor, s id.Show, it show.Item) (room.Item, error) {
	if err := who.Need(actor.Operator); err != nil {
		return room.Item{}, err
	}
	if err := f.Words.Check(true, "script", it.Script); err != nil {
		return room.Item{}, err
	}
	var added show.Item
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		it := it // the transaction may be repeated
		products, err := catalog.Products(ctx, tx, it.Product)
		if err != nil {
			return err
		}
		p, ok := products[it.Product]
		if !ok || p.State != "on" {
			return fault.New(fault.Conflict, "show.product_off").At("product")
		}
		if it.Price == 0 {
			it.Price, it.Was = p.Price, p.MarketPrice
			if it.Was <= it.Price {
				it.Was = 0
			}
		}
		if err := checkBound(ctx, tx, it, 0); err != nil {
			return err
		}
		if err := notAnothers(ctx, tx, s, it.Product); err != nil {
			return err
		}
		added, err = show.AddItem(ctx, tx, who, s, it)
		return err
	})
	if err != nil {
		return room.Item{}, err
	}
	return f.tellItem(ctx, s, added.ID)
}

// notAnothers refuses a product that another host shows exclusively.
func notAnothers(ctx context.Context, tx *db.Tx, s id.Show, p id.Product) error {
	plans, err := catalog.Plans(ctx, tx, p)
	if err != nil || len(plans) == 0 {
		return err
	}
	hosts, err := show.Hosts(ctx, tx, s)
	if err != nil {
		return err
	}
	if _, _, shut := catalog.PlanFor(plans[p], hosts[s], tx.Now); shut {
		return fault.New(fault.Conflict, "show.exclusive").At("product")
	}
	return nil
}
