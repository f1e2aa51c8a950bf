package desk

import (
	"net/http"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/pricing"

	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// productView is the form of a product, with its pictures once it is there.
type productView struct {
	page.Base
	P            catalog.Product
	Typed        map[string]string // figures as they were typed
	Wrong        map[string]string
	PictureWrong string // of the pictures
	plansView
	Bound      pricing.Bound
	BoundWrong map[string]string
}

func (v productView) typed(name, stands string) string {
	if v.Typed != nil {
		return v.Typed[name]
	}
	return stands
}

func (h *screens) productBase(w http.ResponseWriter, r *http.Request, title string) productView {
	v := productView{Base: h.Base(w, r, "desk", title)}
	v.Styles, v.Scripts = []string{"desk/desk.css"}, []string{"desk/upload.js"}
	return v
}

func (h *screens) newProduct(w http.ResponseWriter, r *http.Request) error {
	v := h.productBase(w, r, edge.Who(r).P.T("desk.product_new"))
	v.P = catalog.Product{BaseUnit: "g", Category: catalog.Categories[0], State: "draft", Settlement: "resale"}
	return h.Render(w, r, productScreen(v))
}

func (h *screens) createProduct(w http.ResponseWriter, r *http.Request) error {
	return h.writeProduct(w, r, catalog.Product{})
}

func (h *screens) theProduct(r *http.Request) (catalog.Product, error) {
	pid, err := site.PathID[id.Product](r, "id")
	if err != nil {
		return catalog.Product{}, err
	}
	ps, err := catalog.Products(r.Context(), h.DB, pid)
	if err != nil {
		return catalog.Product{}, err
	}
	p, ok := ps[pid]
	if !ok {
		return catalog.Product{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return p, nil
}

func (h *screens) product(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProduct(r)
	if err != nil {
		return err
	}
	v := h.productBase(w, r, p.Name)
	v.P = p
	if err := h.readPlans(r, &v); err != nil {
		return err
	}
	bounds, err := pricing.Bounds(r.Context(), h.DB, p.ID)
	if err != nil {
		return err
	}
	v.Bound = bounds[p.ID]
	return h.Render(w, r, productScreen(v))
}

func (h *screens) saveProduct(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProduct(r)
	if err != nil {
		return err
	}
	return h.writeProduct(w, r, p)
}

// writeProduct creates or changes a product, or shows the form again as it was
// filled in.
func (h *screens) writeProduct(w http.ResponseWriter, r *http.Request, old catalog.Product) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	p := readProduct(f, old)
	pid := old.ID
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
			pid, err = catalog.SaveProduct(r.Context(), tx, edge.Who(r).Actor, p)
			return err
		})
	}
	if err == nil {
		text := "desk.saved"
		if old.ID == "" {
			text = "desk.product_made"
		} else {
			h.Flow.StockChanged(r.Context(), pid) // a product that went off is off in the rooms
		}
		return h.Redirect(w, r, "/desk/products/"+string(pid), edge.Who(r).P.T(text))
	}
	if !site.Correctable(err) {
		return err
	}
	v := h.productBase(w, r, edge.Who(r).P.T("desk.product_new"))
	v.P, v.Wrong, v.Typed = p, ui.Errors(v.Base, err), map[string]string{}
	v.P.ID, v.P.Pictures = old.ID, old.Pictures
	if old.ID != "" {
		if err := h.readPlans(r, &v); err != nil {
			return err
		}
	}
	for _, k := range []string{"name", "summary", "sell_unit", "storage", "base_per_unit", "net_g", "gross_g", "price", "market_price"} {
		v.Typed[k] = clip(r.PostFormValue(k), 400)
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), productScreen(v))
}

func readProduct(f *site.Form, p catalog.Product) catalog.Product {
	p.Name, p.Summary = f.Need("name", 60), f.Text("summary", 200)
	p.Category, p.Dried = f.One("category", catalog.Categories...), f.Tick("dried")
	p.SellUnit, p.BaseUnit = f.Need("sell_unit", 8), f.One("base_unit", catalog.BaseUnits...)
	p.BasePerUnit = f.Int("base_per_unit", 1, 1_000_000)
	p.NetG = f.OptInt("net_g", 0, 100_000, 0)
	if p.BaseUnit == "g" && p.NetG == 0 {
		p.NetG = p.BasePerUnit
	}
	p.GrossG = f.Int("gross_g", 1, 100_000)
	p.Price, p.MarketPrice = f.Yuan("price", false), f.Yuan("market_price", true)
	p.ReturnRule, p.Ground = f.One("return_rule", append([]string{""}, catalog.ReturnRules...)...), f.Text("return_ground", 40)
	p.Storage, p.ColdChain = f.Text("storage", 100), f.Tick("cold_chain")
	p.Settlement, p.State = f.One("settlement", catalog.Settlements...), f.One("state", catalog.ProductStates...)
	return p
}

func (h *screens) productPicture(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProduct(r)
	if err != nil {
		return err
	}
	pic, err := h.takePicture(w, r, "product", string(p.ID), p.Name)
	if err == nil {
		return h.answer(w, r, pictureDone{pic.URL(640)}, "/desk/products/"+string(p.ID), edge.Who(r).P.T("desk.picture_done"))
	}
	if site.WantsJSON(r) || !site.Correctable(err) {
		return err
	}
	v := h.productBase(w, r, p.Name)
	v.P, v.PictureWrong = p, edge.Who(r).P.Err(fault.Of(err))
	if err := h.readPlans(r, &v); err != nil {
		return err
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), productScreen(v))
}

// removePicture takes one of a product's pictures away.
func (h *screens) removePicture(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProduct(r)
	if err != nil {
		return err
	}
	pic, err := site.PathID[id.Picture](r, "picture")
	if err != nil {
		return err
	}
	mine := false
	for _, x := range p.Pictures {
		mine = mine || x.ID == pic
	}
	if !mine {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := catalog.RemovePicture(r.Context(), h.DB, h.Store, edge.Who(r).Actor, pic); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/products/"+string(p.ID), edge.Who(r).P.T("desk.picture_gone"))
}

// rules are the return rules with what they mean for these goods.
func rules(b page.Base) []ui.Option {
	out := []ui.Option{{Value: "", Label: b.T("desk.return_usual")}}
	for _, x := range catalog.ReturnRules {
		out = append(out, ui.Option{Value: x, Label: b.T(catalog.ReturnKey(x))})
	}
	return out
}

func grounds(b page.Base) []ui.Option {
	out := []ui.Option{{Value: "", Label: b.T("desk.ground_usual")}}
	for _, x := range catalog.Grounds {
		out = append(out, ui.Option{Value: x, Label: b.T("catalog.ground_" + x)})
	}
	return out
}

func categories(b page.Base) []ui.Option {
	var out []ui.Option
	for _, x := range catalog.Categories {
		out = append(out, ui.Option{Value: x, Label: b.T(catalog.CategoryKey(x))})
	}
	return out
}
