package desk

import (
	"net/http"
	"slices"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

type freightView struct {
	page.Base
	Rules  []shipping.Rule // the rule for all others first
	Edit   shipping.Rule
	Errors map[string]string
}

// freight shows what parcels cost to where.
func (h *screens) freight(w http.ResponseWriter, r *http.Request) error {
	v, err := h.freightView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, freightScreen(v))
}

func (h *screens) freightView(w http.ResponseWriter, r *http.Request) (freightView, error) {
	v := freightView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.freight_title")), Edit: shipping.Rule{Deliver: true, FirstG: 1000, NextG: 1000}}
	v.Styles = []string{"desk/desk.css"}
	rules, err := shipping.ReadRules(r.Context(), h.DB)
	if err != nil {
		return v, err
	}
	for _, p := range append([]string{""}, shipping.Provinces()...) {
		if rule, ok := rules[p]; ok {
			v.Rules = append(v.Rules, rule)
			if p == r.URL.Query().Get("province") {
				v.Edit = rule
			}
		}
	}
	if p := r.URL.Query().Get("province"); slices.Contains(shipping.Provinces(), p) {
		v.Edit.Province = p
	}
	return v, nil
}

// saveFreight changes one province's rule, or the one for all others.
func (h *screens) saveFreight(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	rule := shipping.Rule{Province: f.Text("province", 20), Deliver: f.Tick("deliver"), FirstG: f.Int("first_g", 1, 50_000), First: f.Yuan("first", false),
		NextG: f.Int("next_g", 1, 50_000), Next: f.Yuan("next", false), FreeOver: f.Yuan("free_over", true)}
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error { return shipping.SetRule(r.Context(), tx, edge.Who(r).Actor, rule) })
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/freight", edge.Who(r).P.T("desk.saved"))
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v, verr := h.freightView(w, r)
	if verr != nil {
		return verr
	}
	v.Edit, v.Errors = rule, ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), freightScreen(v))
}

// provinceOptions lists where a rule can be for.
func provinceOptions(b page.Base) []ui.Option {
	out := []ui.Option{{Value: "", Label: b.T("desk.freight_others")}}
	for _, p := range shipping.Provinces() {
		out = append(out, ui.Option{Value: p, Label: p})
	}
	return out
}
