package desk

import (
	"net/http"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// plansView is the part of a product's page with its commission plans.
type plansView struct {
	Plans []catalog.Plan
	Hosts []account.User
	New   catalog.Plan
	Rate  string // as typed
	Wrong map[string]string
}

// readPlans fills in the plans of a product that is there.
func (h *screens) readPlans(r *http.Request, v *productView) error {
	plans, err := catalog.Plans(r.Context(), h.DB, v.P.ID)
	if err != nil {
		return err
	}
	v.plansView.Plans = plans[v.P.ID]
	v.plansView.Hosts, err = account.WithRole(r.Context(), h.DB, actor.Host)
	return err
}

// name of a plan's host, or the words for every host.
func (v productView) hostOf(p catalog.Plan) string {
	for _, u := range v.plansView.Hosts {
		if u.ID == p.Host {
			return u.Name
		}
	}
	return ""
}

func (v productView) hostOptions() []ui.Option {
	out := []ui.Option{{Value: "", Label: v.T("desk.plan_every_host")}}
	for _, u := range v.plansView.Hosts {
		out = append(out, ui.Option{Value: string(u.ID), Label: u.Name})
	}
	return out
}

// addPlan makes a commission plan, or shows the page again with what is wrong.
func (h *screens) addPlan(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProduct(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	plan := catalog.Plan{Product: p.ID, Kind: f.One("plan", catalog.PlanKinds...), Host: id.User(f.Text("host", 40)), RateBP: percent(f, "rate")}
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			_, err := catalog.AddPlan(r.Context(), tx, edge.Who(r).Actor, plan)
			return err
		})
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/products/"+string(p.ID)+"#plans", edge.Who(r).P.T("desk.plan_added"))
	}
	if !site.Correctable(err) {
		return err
	}
	v := h.productBase(w, r, p.Name)
	v.P = p
	if rerr := h.readPlans(r, &v); rerr != nil {
		return rerr
	}
	v.plansView.New, v.plansView.Rate, v.plansView.Wrong = plan, clip(r.PostFormValue("rate"), 20), ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), productScreen(v))
}

// endPlan ends one.
func (h *screens) endPlan(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProduct(r)
	if err != nil {
		return err
	}
	plan, err := site.PathID[id.Plan](r, "plan")
	if err != nil {
		return err
	}
	if err := h.DB.Update(r.Context(), func(tx *db.Tx) error {
		return catalog.EndPlan(r.Context(), tx, edge.Who(r).Actor, p.ID, plan)
	}); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/products/"+string(p.ID)+"#plans", edge.Who(r).P.T("desk.plan_ended"))
}
