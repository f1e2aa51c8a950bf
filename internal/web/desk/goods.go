package desk

import (
	"net/http"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/ui"
)

// goodsRoutes are producers, products and lots.
func (h *screens) goodsRoutes() []edge.Route {
	see, pick := edge.Only(actor.Selector, actor.Overseer), edge.Only(actor.Selector)
	lots := edge.Only(actor.Selector, actor.Operator, actor.Overseer) // an operator shares them out
	return []edge.Route{
		{Method: "GET", Path: "/desk/goods", Access: see, Handle: h.products},
		{Method: "GET", Path: "/desk/products/new", Access: pick, Handle: h.newProduct},
		{Method: "POST", Path: "/desk/products", Access: pick, Handle: h.createProduct},
		{Method: "GET", Path: "/desk/products/{id}", Access: see, Handle: h.product},
		{Method: "POST", Path: "/desk/products/{id}", Access: pick, Handle: h.saveProduct},
		{Method: "POST", Path: "/desk/products/{id}/pictures", Access: pick, Handle: h.productPicture},
		{Method: "POST", Path: "/desk/products/{id}/pictures/{picture}/remove", Access: pick, Handle: h.removePicture},
		{Method: "POST", Path: "/desk/products/{id}/plans", Access: pick, Handle: h.addPlan},
		{Method: "POST", Path: "/desk/products/{id}/plans/{plan}/end", Access: pick, Handle: h.endPlan},

		{Method: "GET", Path: "/desk/producers", Access: see, Handle: h.producers},
		{Method: "GET", Path: "/desk/producers/new", Access: pick, Handle: h.newProducer},
		{Method: "POST", Path: "/desk/producers", Access: pick, Handle: h.createProducer},
		{Method: "GET", Path: "/desk/producers/{id}", Access: see, Handle: h.producer},
		{Method: "POST", Path: "/desk/producers/{id}", Access: pick, Handle: h.saveProducer},
		{Method: "POST", Path: "/desk/producers/{id}/pictures", Access: pick, Handle: h.producerPicture},

		{Method: "GET", Path: "/desk/lots", Access: lots, Handle: h.lots},
		{Method: "GET", Path: "/desk/lots/new", Access: pick, Handle: h.newLot},
		{Method: "POST", Path: "/desk/lots", Access: pick, Handle: h.createLot},
		{Method: "GET", Path: "/desk/lots/{id}", Access: lots, Handle: h.lot},
		{Method: "POST", Path: "/desk/lots/{id}/move", Access: pick, Handle: h.moveLot},
		{Method: "POST", Path: "/desk/lots/{id}/state", Access: pick, Handle: h.setLotState},
		{Method: "POST", Path: "/desk/lots/{id}/allot", Access: edge.Only(allotters...), Handle: h.allot},
		{Method: "POST", Path: "/desk/lots/{id}/allot/{allotment}", Access: edge.Only(allotters...), Handle: h.changeAllot},
	}
}

// goodsTabs are the three lists of goods.
func goodsTabs(b page.Base, here string) []ui.Tab {
	if goodsTab(b) != "/desk/goods" {
		return []ui.Tab{{Href: "/desk/lots", Label: b.T("desk.lots"), Here: here == "lots"}}
	}
	return []ui.Tab{
		{Href: "/desk/goods", Label: b.T("desk.products"), Here: here == "products"},
		{Href: "/desk/lots", Label: b.T("desk.lots"), Here: here == "lots"},
		{Href: "/desk/producers", Label: b.T("desk.producers"), Here: here == "producers"},
	}
}

// goodsTab is the tab the goods stand under: an operator sees the lots only.
func goodsTab(b page.Base) string {
	if b.Has(actor.Selector, actor.Overseer) {
		return "/desk/goods"
	}
	return "/desk/lots"
}

type productsView struct {
	page.Base
	Find, State string
	Products    []catalog.Product
	All         int
}

// products lists products, by name and state.
func (h *screens) products(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := productsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.products")), Find: clip(q.Get("find"), 60), State: q.Get("state")}
	v.Styles = []string{"desk/desk.css"}
	if !oneOf(v.State, catalog.ProductStates) {
		v.State = ""
	}
	all, err := catalog.AllProducts(r.Context(), h.DB, v.State)
	if err != nil {
		return err
	}
	v.All = len(all)
	for _, p := range all {
		if strings.Contains(strings.ToLower(p.Name), strings.ToLower(v.Find)) {
			v.Products = append(v.Products, p)
		}
	}
	return h.Render(w, r, productsScreen(v))
}

func oneOf(s string, of []string) bool {
	for _, x := range of {
		if s == x {
			return true
		}
	}
	return false
}

type producersView struct {
	page.Base
	Find      string
	Producers []catalog.Producer
	Faces     map[string]string
}

// producers lists whose goods the centre sells.
func (h *screens) producers(w http.ResponseWriter, r *http.Request) error {
	v := producersView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.producers")), Find: clip(r.URL.Query().Get("find"), 60), Faces: map[string]string{}}
	v.Styles = []string{"desk/desk.css"}
	all, err := catalog.AllProducers(r.Context(), h.DB)
	if err != nil {
		return err
	}
	var ids []string
	for _, p := range all {
		if strings.Contains(strings.ToLower(p.Name+" "+p.Village), strings.ToLower(v.Find)) {
			v.Producers, ids = append(v.Producers, p), append(ids, string(p.ID))
		}
	}
	pics, err := catalog.PicturesOf(r.Context(), h.DB, "producer", ids...)
	if err != nil {
		return err
	}
	for owner, ps := range pics {
		v.Faces[owner] = ui.First(ps).URL(320)
	}
	return h.Render(w, r, producersScreen(v))
}
