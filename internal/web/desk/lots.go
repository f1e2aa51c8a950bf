package desk

import (
	"math/big"
	"net/http"
	"slices"
	"strings"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// lotsShown bounds the list of lots.
const lotsShown = 200

// lotLine is a lot with whose and what, and where its goods went.
type lotLine struct {
	lot.Lot
	Goods catalog.Product
	From  catalog.Producer
	Sent  int64 // base units that left by parcels
	Late  bool  // past its best-before day
}

type lotsView struct {
	page.Base
	State     lot.State
	Product   id.Product
	Products  []catalog.Product
	Producers []catalog.Producer
	Lots      []lotLine
	More      bool
	New       typedLot
	Wrong     map[string]string
}

// lots lists lots by state and product, the newest first.
func (h *screens) lots(w http.ResponseWriter, r *http.Request) error {
	v, err := h.lotsBase(w, r, "desk.lots")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if s := lot.State(q.Get("state")); slices.Contains(lotStates, s) {
		v.State = s
	}
	if p := id.Product(q.Get("product")); id.Valid(p) {
		v.Product = p
	}
	list, err := lot.List(r.Context(), h.DB, lot.Filter{State: v.State, Product: v.Product, Limit: lotsShown})
	if err != nil {
		return err
	}
	v.More = len(list) == lotsShown
	if v.Lots, err = h.lotLines(r, list); err != nil {
		return err
	}
	return h.Render(w, r, lotsScreen(v))
}

var lotStates = []lot.State{lot.Forecast, lot.Received, lot.Graded, lot.OnSale, lot.Closed}

func (h *screens) lotsBase(w http.ResponseWriter, r *http.Request, title string) (lotsView, error) {
	v := lotsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T(title))}
	v.Styles = []string{"desk/desk.css"}
	var err error
	if v.Products, err = catalog.AllProducts(r.Context(), h.DB, ""); err != nil {
		return v, err
	}
	v.Producers, err = catalog.AllProducers(r.Context(), h.DB)
	return v, err
}

func (h *screens) lotLines(r *http.Request, list []lot.Lot) ([]lotLine, error) {
	ctx := r.Context()
	var ids []id.Lot
	var products []id.Product
	var producers []id.Producer
	for _, l := range list {
		ids, products, producers = append(ids, l.ID), append(products, l.Product), append(producers, l.Producer)
	}
	goods, err := catalog.Products(ctx, h.DB, products...)
	if err != nil {
		return nil, err
	}
	from, err := catalog.Producers(ctx, h.DB, producers...)
	if err != nil {
		return nil, err
	}
	moved, err := lot.Moved(ctx, h.DB, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]lotLine, len(list))
	for i, l := range list {
		out[i] = lotLine{Lot: l, Goods: goods[l.Product], From: from[l.Producer], Sent: -moved[l.ID][lot.Ship], Late: l.BestBefore != 0 && l.BestBefore.Time().AddDate(0, 0, 1).Before(h.DB.Clock.Now())}
	}
	return out, nil
}

// typedLot is the form of a new lot as it was typed.
type typedLot struct {
	Product, Producer, Grade, Harvest, BestBefore, Origin, Certificate, Qty, Pay, Floor string
}

func (h *screens) newLot(w http.ResponseWriter, r *http.Request) error {
	v, err := h.lotsBase(w, r, "desk.lot_new")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v.New = typedLot{Product: q.Get("product"), Producer: q.Get("producer"), Harvest: clock.DayOf(v.Now).String()}
	return h.Render(w, r, newLotScreen(v))
}

// createLot opens a lot; with a quantity it is received at once.
func (h *screens) createLot(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	t := typedLot{f.Need("product", 40), f.Need("producer", 40), f.Need("grade", 60), f.Text("harvest", 20), f.Text("best_before", 20),
		f.Text("origin", 60), f.Text("certificate", 60), f.Text("qty", 20), f.Text("pay", 20), f.Text("floor", 20)}
	n := lot.New{Product: id.Product(t.Product), Producer: id.Producer(t.Producer), Grade: t.Grade, Harvest: f.Day("harvest", false), BestBefore: f.Day("best_before", true),
		Origin: t.Origin, Certificate: t.Certificate, Pay: f.Yuan("pay", true), Floor: f.Yuan("floor", true)}
	goods, err := catalog.Products(r.Context(), h.DB, n.Product)
	if err != nil {
		return err
	}
	makers, err := catalog.Producers(r.Context(), h.DB, n.Producer)
	if err != nil {
		return err
	}
	if _, ok := goods[n.Product]; !ok && t.Product != "" {
		f.Add(fault.New(fault.Invalid, "fault.choice").At("product"))
	}
	if _, ok := makers[n.Producer]; !ok && t.Producer != "" {
		f.Add(fault.New(fault.Invalid, "fault.choice").At("producer"))
	}
	n.Qty = quantity(f, "qty", t.Qty, goods[n.Product].BaseUnit, true)
	var l lot.Lot
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
			l, err = lot.Create(r.Context(), tx, edge.Who(r).Actor, n)
			return err
		})
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/lots/"+string(l.ID), edge.Who(r).P.T("desk.lot_made", "No", l.No))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := h.lotsBase(w, r, "desk.lot_new")
	if verr != nil {
		return verr
	}
	v.New, v.Wrong = t, ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), newLotScreen(v))
}

// quantity reads what people type, kilograms or pieces, into base units: grams
// or pieces. A comma stands for nothing, three decimals at most.
func quantity(f *site.Form, field, s, unit string, optional bool) int64 {
	if s == "" && optional {
		return 0
	}
	v, ok := new(big.Rat).SetString(strings.ReplaceAll(s, ",", ""))
	if ok && strings.ContainsAny(s, "eE/_xXpP") {
		ok = false
	}
	if ok && unit == "g" {
		v.Mul(v, big.NewRat(1000, 1))
	}
	if !ok || !v.IsInt() || !v.Num().IsInt64() || v.Num().Int64() > lot.MaxQty || v.Num().Int64() < -lot.MaxQty || optional && v.Sign() < 0 {
		key := "desk.qty_pieces"
		if unit == "g" {
			key = "desk.qty_kg"
		}
		f.Add(fault.New(fault.Invalid, key).At(field))
		return 0
	}
	return v.Num().Int64()
}

// amount writes base units as people say them.
func amount(b page.Base, unit string, n int64) string {
	if unit != "g" {
		return b.T("desk.pieces", "N", n)
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + ui.Grams(n)
}

// unitName is the unit people type.
func unitName(b page.Base, unit string) string {
	if unit == "g" {
		return "kg"
	}
	return b.T("desk.piece")
}
