package catalog_test

import (
	"context"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

func TestWhichPlanHolds(t *testing.T) {
	at := time.Unix(1000, 0)
	open := catalog.Plan{ID: "o", Kind: catalog.PlanOpen, RateBP: 500}
	mine := catalog.Plan{ID: "t", Kind: catalog.PlanTargeted, Host: "a", RateBP: 800}
	only := catalog.Plan{ID: "x", Kind: catalog.PlanExclusive, Host: "a", RateBP: 1200}
	over, later := mine, only
	over.Ends, later.Starts = at, at.Add(1)
	for name, c := range map[string]struct {
		plans []catalog.Plan
		host  id.User
		want  id.Plan
		shut  bool
	}{
		"none":                         {nil, "a", "", false},
		"open for everybody":           {[]catalog.Plan{open}, "b", "o", false},
		"open without a host":          {[]catalog.Plan{open, mine}, "", "o", false},
		"targeted beats open":          {[]catalog.Plan{open, mine}, "a", "t", false},
		"another's target is not mine": {[]catalog.Plan{mine, open}, "b", "o", false},
		"exclusive beats both":         {[]catalog.Plan{only, mine, open}, "a", "x", false},
		"exclusive shuts the others":   {[]catalog.Plan{open, mine, only}, "b", "", true},
		"exclusive shuts the page too": {[]catalog.Plan{open, only}, "", "", true},
		"ended":                        {[]catalog.Plan{open, over}, "a", "o", false},
		"not yet":                      {[]catalog.Plan{open, later}, "b", "o", false},
	} {
		p, ok, shut := catalog.PlanFor(c.plans, c.host, at)
		if p.ID != c.want || ok != (c.want != "") || shut != c.shut {
			t.Errorf("%s: %q %v %v", name, p.ID, ok, shut)
		}
	}
}

func TestAPlanNeverChangesItEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		op := actor.Actor{User: "op", Roles: []actor.Role{actor.Operator}}
		var p id.Product
		if err := d.Update(ctx, func(tx *db.Tx) (err error) {
			p, err = catalog.SaveProduct(ctx, tx, actor.System("t"), catalog.Product{Name: "Nuts", Category: "nut", SellUnit: "bag", BaseUnit: "g", BasePerUnit: 500, NetG: 500, GrossG: 600,
				Price: 1000, Settlement: "split", State: "on"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		add := func(who actor.Actor, x catalog.Plan) (out id.Plan, err error) {
			x.Product = p
			err = d.Update(ctx, func(tx *db.Tx) (err error) {
				out, err = catalog.AddPlan(context.Background(), tx, who, x)
				return err
			})
			return out, err
		}
		for field, x := range map[string]catalog.Plan{"rate": {Kind: catalog.PlanOpen, RateBP: 5001}, "host": {Kind: catalog.PlanTargeted}, "plan": {Kind: "secret"}} {
			if _, err := add(op, x); fault.Of(err) == nil || fault.Of(err).Field != field && field != "plan" {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := add(actor.Actor{User: "m", Roles: []actor.Role{actor.Moderator}}, catalog.Plan{Kind: catalog.PlanOpen}); !fault.Is(err, fault.Denied) {
			t.Error(err)
		}
		for _, x := range []catalog.Plan{{Kind: catalog.PlanOpen, RateBP: 100}, {Kind: catalog.PlanOpen, RateBP: 200}, {Kind: catalog.PlanTargeted, Host: "a", RateBP: 300},
			{Kind: catalog.PlanTargeted, Host: "b", RateBP: 400}, {Kind: catalog.PlanExclusive, Host: "a", RateBP: 500}, {Kind: catalog.PlanExclusive, Host: "b", RateBP: 600}} {
			if _, err := add(op, x); err != nil {
				t.Fatal(err)
			}
		}
		plans, err := catalog.Plans(ctx, d, p)
		if err != nil || len(plans[p]) != 4 { // open, two targeted, one exclusive
			t.Errorf("%+v, %v", plans[p], err)
		}
		if x, ok, _ := catalog.PlanFor(plans[p], "b", d.Clock.Now().Add(time.Second)); !ok || x.RateBP != 600 {
			t.Errorf("%+v", x)
		}
		if _, err := d.Exec(ctx, `UPDATE commission_plan SET rate_bp = 1`); !db.IsRefused(err) {
			t.Error("a plan was changed:", err)
		}
		for _, x := range plans[p] {
			for range 2 {
				if err := d.Update(ctx, func(tx *db.Tx) error { return catalog.EndPlan(ctx, tx, op, p, x.ID) }); err != nil {
					t.Error(err)
				}
			}
		}
		if plans, _ := catalog.Plans(ctx, d, p); len(plans) != 0 {
			t.Error("plans after their end", plans)
		}
	})
}
