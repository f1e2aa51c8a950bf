package desk

import (
	"net/http"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// planItem is an item of the running order with its goods and stock.
type planItem struct {
	show.Item
	Goods catalog.Product
	Desk  deskItem
}

// planView is everything before a show: notice, running order, stream key, link.
type planView struct {
	page.Base
	Show      show.Show
	Notice    notice
	Cover     catalog.Picture
	Items     []planItem
	Products  []catalog.Product // that can be added
	Key       string
	Server    string
	Link      string
	WrongItem id.Item
	Wrong     map[string]string // of the item WrongItem
	New       newItem
	Trouble   string // what belongs to no field
	Unready   string // key of what keeps it from beginning, or of what changed since it was signed for
}

// newItem is the form that adds a product, as it was typed.
type newItem struct {
	Product                              id.Product
	Price, Was, Released, PerPerson, Say string
	Wrong                                map[string]string
}

func (v *planView) words(err error) map[string]string { return ui.Errors(v.Base, err) }

// change tells whether the person may still change the show.
func (v planView) change() bool { return v.Has(actor.Operator) && !v.Show.Over() }

func (h *screens) plan(w http.ResponseWriter, r *http.Request) error {
	v, err := h.planView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, planScreen(v))
}

// planAgain shows the plan once more with what was wrong; mend puts it where
// it belongs.
func (h *screens) planAgain(w http.ResponseWriter, r *http.Request, cause error, mend func(*planView)) error {
	if !site.Correctable(cause) || site.WantsJSON(r) {
		return cause
	}
	v, err := h.planView(w, r)
	if err != nil {
		return err
	}
	mend(&v)
	if t := v.words(cause)[""]; t != "" {
		v.Trouble = t
	}
	return h.RenderStatus(w, r, fault.Of(cause).Kind.Status(), planScreen(v))
}

func (h *screens) planView(w http.ResponseWriter, r *http.Request) (planView, error) {
	ctx := r.Context()
	sh, err := h.theShow(r)
	if err != nil {
		return planView{}, err
	}
	v := planView{Base: h.Base(w, r, "desk", sh.Title), Show: sh, Server: h.RTMPURL, Link: h.BaseURL + "/shows/" + string(sh.ID)}
	v.Styles, v.Scripts = []string{"desk/desk.css"}, []string{"desk/upload.js"}
	v.Notice = notice{Show: sh, Starts: sh.Starts.In(shanghai).Format(minuteForm)}
	if v.Notice.Hosts, err = account.WithRole(ctx, h.DB, actor.Host); err != nil {
		return v, err
	}
	if sh.Cover != "" {
		pics, err := catalog.Pictures(ctx, h.DB, sh.Cover)
		if err != nil {
			return v, err
		}
		v.Cover = pics[sh.Cover]
	}
	if err := h.planItems(r, &v); err != nil {
		return v, err
	}
	if v.Unready, err = h.Flow.Unready(ctx, h.DB, sh); err != nil {
		return v, err
	}
	if v.Has(actor.Operator) && !sh.Over() {
		v.Key, err = show.Key(ctx, h.DB, h.Vault, v.Actor, sh.ID)
	}
	return v, err
}

func (h *screens) planItems(r *http.Request, v *planView) error {
	ctx := r.Context()
	items, err := show.Items(ctx, h.DB, v.Show.ID)
	if err != nil {
		return err
	}
	desk, err := h.deskItems(ctx, v.Show.ID)
	if err != nil {
		return err
	}
	var ids []id.Product
	for _, it := range items {
		ids = append(ids, it.Product)
	}
	goods, err := catalog.Products(ctx, h.DB, ids...)
	if err != nil {
		return err
	}
	for _, it := range items {
		v.Items = append(v.Items, planItem{it, goods[it.Product], desk[it.ID]})
	}
	v.Products, err = catalog.AllProducts(ctx, h.DB, "on")
	return err
}

// productOptions lists what can be added, with its price.
func productOptions(v planView) []ui.Option {
	out := []ui.Option{{Value: "", Label: v.T("desk.choose")}}
	for _, p := range v.Products {
		out = append(out, ui.Option{Value: string(p.ID), Label: p.Name + " · " + v.Yuan(p.Price) + "/" + p.SellUnit})
	}
	return out
}

// addItem appends a product to the running order.
func (h *screens) addItem(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	typed := newItem{Product: id.Product(f.Need("product", 40)), Price: f.Text("price", 20), Was: f.Text("was", 20), Released: f.Text("released", 20),
		PerPerson: f.Text("per_person", 20), Say: f.Text("script", 2*show.MaxScript)}
	it := show.Item{Product: typed.Product, Price: f.Yuan("price", true), Was: f.Yuan("was", true),
		Released: f.OptInt("released", 0, show.MaxUnits, show.AllThereIs), PerPerson: f.OptInt("per_person", 0, show.MaxUnits, 0), Script: f.Text("script", show.MaxScript)}
	var added room.Item
	if err = f.Err(); err == nil {
		added, err = h.Flow.AddItem(r.Context(), edge.Who(r).Actor, sh.ID, it)
	}
	if err != nil {
		return h.planAgain(w, r, err, func(v *planView) { v.New = typed; v.New.Wrong = v.words(err) })
	}
	return h.answer(w, r, added, planPath(sh.ID)+"#i"+string(added.ID), edge.Who(r).P.T("desk.item_added", "No", added.No))
}

// orderItem moves an item of a draft up or down by one.
func (h *screens) orderItem(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	step := map[string]int{"up": -1, "down": 1}[f.One("dir", "up", "down")]
	if err := f.Err(); err != nil {
		return err
	}
	items, err := show.Items(r.Context(), h.DB, it.Show)
	if err != nil {
		return err
	}
	order := make([]id.Item, len(items))
	for i, x := range items {
		order[i] = x.ID
	}
	at := slices.Index(order, it.ID)
	if to := at + step; at >= 0 && to >= 0 && to < len(order) {
		order[at], order[to] = order[to], order[at]
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			return show.ReorderItems(r.Context(), tx, edge.Who(r).Actor, it.Show, order)
		})
	}
	if err != nil {
		return h.planAgain(w, r, err, func(*planView) {})
	}
	return h.Redirect(w, r, planPath(it.Show)+"#i"+string(it.ID), "")
}

// removeItem takes an item out of a draft; of an announced show it goes off.
func (h *screens) removeItem(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	if sh.State == show.Draft {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error { return show.RemoveItem(r.Context(), tx, edge.Who(r).Actor, it.ID) })
	} else { // the room must hear of it
		it.State = show.Off
		_, err = h.Flow.SetItem(r.Context(), edge.Who(r).Actor, it)
	}
	if err != nil {
		return h.planAgain(w, r, err, func(*planView) {})
	}
	return h.Redirect(w, r, planPath(it.Show), edge.Who(r).P.T("desk.saved"))
}

// newKey makes a fresh stream key; the old one is worthless from then on.
func (h *screens) newKey(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	if _, err := h.Flow.NewStreamKey(r.Context(), edge.Who(r).Actor, sh.ID); err != nil {
		return h.planAgain(w, r, err, func(*planView) {})
	}
	return h.Redirect(w, r, planPath(sh.ID)+"#key", edge.Who(r).P.T("desk.key_made"))
}

// coverShow takes a show's cover.
func (h *screens) coverShow(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	pic, err := h.takePicture(w, r, "show", string(sh.ID), sh.Title)
	if err == nil {
		sh.Cover = pic.ID
		_, err = h.Flow.SaveShow(r.Context(), edge.Who(r).Actor, sh)
	}
	if err != nil {
		return h.planAgain(w, r, err, func(v *planView) {
			v.Notice.Wrong = v.words(err)
			v.Trouble = v.Notice.Wrong["picture"]
		})
	}
	return h.answer(w, r, pictureDone{pic.URL(640)}, planPath(sh.ID), edge.Who(r).P.T("desk.picture_done"))
}
