package catalog

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// PlanKinds of commission, in the order forms show them: open to every host,
// targeted at one, exclusive to one.
var PlanKinds = []string{PlanOpen, PlanTargeted, PlanExclusive}

// Kinds of plans.
const (
	PlanOpen      = "open"
	PlanTargeted  = "targeted"
	PlanExclusive = "exclusive"
)

const maxPlans = 50 // of a product that have not ended

// Plan is a rate of commission for an outside seller's product, by host. It
// never changes: a new rate is a new plan. A local producer's goods pay no
// commission under any plan.
type Plan struct {
	ID      id.Plan
	Product id.Product
	Kind    string
	Host    id.User // "" for an open plan
	RateBP  int64
	Starts  time.Time
	Ends    time.Time // zero: until somebody ends it
}

func (p Plan) runs(at time.Time) bool {
	return !p.Starts.After(at) && (p.Ends.IsZero() || at.Before(p.Ends))
}

// PlanFor picks the plan that holds for a host ("" for nobody's show) at a
// time: an exclusive plan shuts the others, a targeted one beats the open one.
// shut tells that another host has the product for himself alone.
func PlanFor(plans []Plan, host id.User, at time.Time) (plan Plan, ok, shut bool) {
	rank := map[string]int{PlanOpen: 1, PlanTargeted: 2, PlanExclusive: 3}
	for _, p := range plans {
		if !p.runs(at) {
			continue
		}
		if p.Kind == PlanExclusive && p.Host != host {
			shut = true
		}
		if (p.Kind == PlanOpen || p.Host == host) && (!ok || rank[p.Kind] > rank[plan.Kind]) {
			plan, ok = p, true
		}
	}
	if shut {
		return Plan{}, false, true
	}
	return plan, ok, false
}

// AddPlan makes a plan that starts now (selector, operator); it ends the one of
// the same kind and host. Faults a field: catalog.commission, catalog.plan_host,
// catalog.plan_many.
func AddPlan(ctx context.Context, tx *db.Tx, who actor.Actor, p Plan) (id.Plan, error) {
	if err := who.Need(actor.Selector, actor.Operator); err != nil {
		return "", err
	}
	var c checks
	c.choice("plan", p.Kind, PlanKinds)
	if p.RateBP < 0 || p.RateBP > maxRateBP {
		c.add("rate", "catalog.commission", "Max", maxRateBP/100)
	}
	if (p.Kind == PlanOpen) != (p.Host == "") {
		c.add("host", "catalog.plan_host")
	}
	if err := c.err(); err != nil {
		return "", err
	}
	ps, err := Products(ctx, tx, p.Product)
	if err != nil {
		return "", err
	}
	if _, ok := ps[p.Product]; !ok {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	same := "kind = $3 AND host_id = $4"
	if p.Kind == PlanExclusive {
		same = "kind = $3 AND $4 <> ''"
	}
	if _, err := tx.Exec(ctx, `UPDATE commission_plan SET ends_us = $2 WHERE product_id = $1 AND ends_us = 0 AND `+same, p.Product, tx.NowUs(), p.Kind, p.Host); err != nil {
		return "", err
	}
	plans, err := Plans(ctx, tx, p.Product)
	if err != nil {
		return "", err
	}
	if len(plans[p.Product]) >= maxPlans {
		return "", fault.New(fault.Conflict, "catalog.plan_many", "Max", maxPlans).At("plan")
	}
	p.ID = id.New[id.Plan]()
	if _, err := tx.Exec(ctx, `INSERT INTO commission_plan (id, product_id, kind, host_id, rate_bp, starts_us, created_by, created_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $6)`,
		p.ID, p.Product, p.Kind, p.Host, p.RateBP, tx.NowUs(), who.User); err != nil {
		return "", err
	}
	return p.ID, audit.Write(ctx, tx, who, "plan.add", "product", p.Product, map[string]any{"plan": p.ID, "kind": p.Kind, "host": p.Host, "rate_bp": p.RateBP})
}

// EndPlan ends a plan now (selector, operator). Again changes nothing.
func EndPlan(ctx context.Context, tx *db.Tx, who actor.Actor, product id.Product, plan id.Plan) error {
	if err := who.Need(actor.Selector, actor.Operator); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE commission_plan SET ends_us = $3 WHERE id = $1 AND product_id = $2 AND ends_us = 0`, plan, product, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "plan.end", "product", product, map[string]any{"plan": plan})
}

// Plans reads the plans of products that have not ended.
func Plans(ctx context.Context, q db.Querier, products ...id.Product) (map[id.Product][]Plan, error) {
	if len(products) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, `
		SELECT id, product_id, kind, host_id, rate_bp, starts_us, ends_us FROM commission_plan
		WHERE ends_us = 0 AND product_id IN (`+db.In(1, len(products))+`) ORDER BY product_id, id`, db.Args(products)...)
	list, err := db.Collect(rows, err, func(r *db.Rows, p *Plan) error {
		var starts, ends int64
		err := r.Scan(&p.ID, &p.Product, &p.Kind, &p.Host, &p.RateBP, &starts, &ends)
		p.Starts, p.Ends = clock.FromUs(starts), clock.FromUs(ends)
		return err
	})
	out := map[id.Product][]Plan{}
	for _, p := range list {
		out[p.Product] = append(out[p.Product], p)
	}
	return out, err
}
