package demo

import (
	"context"
	"log/slog"
	"time"

	"lindu.example/lindu/client"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
)

// Clocks of the demo's operator.
const (
	pinEvery     = 30 * time.Second
	restockEvery = 2 * time.Minute
)

// pilot plays the operator through the API: it explains one product after the
// other, and sees to it that there is something left to buy.
type pilot struct {
	a    *app.App
	c    *client.Client
	show string
	log  *slog.Logger
	// pinsOnly leaves the goods alone: another pilot sees to them.
	pinsOnly bool
}

func (p *pilot) run(ctx context.Context) {
	pin, stock := time.NewTicker(pinEvery), time.NewTicker(restockEvery)
	defer pin.Stop()
	defer stock.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-pin.C:
			err = p.pinNext(ctx)
		case <-stock.C:
			if !p.pinsOnly {
				err = p.restock(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			p.log.Warn("demo operator", "err", err)
		}
	}
}

// pinNext explains the next product on sale. A visitor who plays the operator
// is not disturbed more than that.
func (p *pilot) pinNext(ctx context.Context) error {
	s, err := p.c.Show(ctx, p.show)
	if err != nil || s.State != "live" {
		return err
	}
	var on []client.Item
	at := -1
	for _, it := range s.Items {
		if it.State != "on_sale" && it.ID != s.Pinned {
			continue
		}
		if it.ID == s.Pinned {
			at = len(on)
		}
		on = append(on, it)
	}
	if len(on) < 2 {
		return nil
	}
	return p.c.Pin(ctx, p.show, on[(at+1)%len(on)].ID)
}

// restock brings in goods for lots that run low, and puts more units up where
// a show's share is gone.
func (p *pilot) restock(ctx context.Context) error {
	all, err := lot.List(ctx, p.a.DB, lot.Filter{State: lot.OnSale, Limit: 500})
	if err != nil {
		return err
	}
	var ids []id.Product
	for _, l := range all {
		ids = append(ids, l.Product)
	}
	goods, err := catalog.Products(ctx, p.a.DB, ids...)
	if err != nil {
		return err
	}
	for _, l := range all {
		unit := goods[l.Product].BasePerUnit
		if unit == 0 || l.Available() >= 5*unit {
			continue
		}
		err := p.a.DB.Update(ctx, func(tx *db.Tx) error {
			return lot.Move(ctx, tx, system, l.ID, lot.Receive, 40*unit, "演示：农户又送来一批")
		})
		if err != nil {
			return err
		}
		p.a.Flow.StockChanged(ctx, l.Product)
	}
	s, err := p.c.Show(ctx, p.show)
	if err != nil {
		return err
	}
	for _, it := range s.Items {
		if it.State == "sold_out" && it.No != scarce {
			if _, err := p.c.Release(ctx, it.ID, 20); err != nil && client.Code(err) == "" {
				return err
			}
		}
	}
	return nil
}

// scarce is the number of the item that may sell out, so that a visitor sees
// what that looks like.
const scarce = 6
