package orderdesk

import (
	"context"
	"time"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

// rates are the commission plans of what a group buys and who shows it. They
// are read only when somebody who may owe commission is among the producers.
type rates struct {
	plans map[id.Product][]catalog.Plan
	hosts map[id.Show]id.User
	now   time.Time
}

func (g *groupTx) readRates(ctx context.Context, tx *db.Tx) (err error) {
	g.rates = rates{now: tx.Now}
	var products []id.Product
	for p, ss := range g.stock {
		for _, s := range ss {
			if x := g.producers[s.Producer]; x.ID != "" && !x.Local {
				products = append(products, p)
				break
			}
		}
	}
	if len(products) == 0 {
		return nil
	}
	if g.rates.plans, err = catalog.Plans(ctx, tx, products...); err != nil {
		return err
	}
	shows := set[id.Show]{}
	for _, j := range g.jobs {
		if j.req.Order.Show != "" {
			shows.add(j.req.Order.Show)
		}
	}
	g.rates.hosts, err = show.Hosts(ctx, tx, shows.list...)
	return err
}

// of is the rate of an outside producer's product sold in a show ("" for none):
// the plan's, else the producer's own.
func (r rates) of(p catalog.Producer, product id.Product, in id.Show) (bp int64, plan id.Plan) {
	if x, ok, _ := catalog.PlanFor(r.plans[product], r.hosts[in], r.now); ok {
		return x.RateBP, x.ID
	}
	return p.CommissionBP, ""
}

// fee is the snapshot of a share that pays commission.
func (r rates) fee(x order.Share, plan id.Plan, in id.Show) order.Fee {
	return order.Fee{Order: x.Order, Reservation: x.Reservation, Plan: plan, RateBP: x.CommissionBP, Base: x.Goods, Fen: x.Commission,
		Payer: x.Producer, Payee: order.Centre, Host: r.hosts[in]}
}
