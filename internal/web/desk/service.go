package desk

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// casesShown bounds the list of cases.
const casesShown = 100

// serviceView is the list of after-sale cases.
type serviceView struct {
	page.Base
	Show   string // open, all
	Cases  []aftersale.Case
	Orders map[id.Order]order.Order
	No     string
	Errors map[string]string
}

// serviceRoutes are after-sale cases: service decides, the packer sees goods
// that come back, finance and the overseer read.
func (h *screens) serviceRoutes() []edge.Route {
	see := edge.Only(actor.Service, actor.Packer, actor.Finance, actor.Overseer)
	decide, pack := edge.Only(actor.Service), edge.Only(actor.Packer)
	return []edge.Route{
		{Method: "GET", Path: "/desk/service", Access: see, Handle: h.service},
		{Method: "GET", Path: "/desk/service/order", Access: decide, Handle: h.serviceOrder},
		{Method: "POST", Path: "/desk/service/order/{id}/case", Access: decide, Handle: h.serviceOpen},
		{Method: "POST", Path: "/desk/service/order/{id}/refund", Access: decide, Handle: h.serviceWhole},
		{Method: "GET", Path: "/desk/service/{id}", Access: see, Handle: h.serviceCase},
		{Method: "POST", Path: "/desk/service/{id}", Access: decide, Handle: h.serviceDecide},
		{Method: "POST", Path: "/desk/service/{id}/goods", Access: pack, Handle: h.serviceGoods},
	}
}

func (h *screens) service(w http.ResponseWriter, r *http.Request) error {
	v := serviceView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("aftersale.desk_title")), Show: "open"}
	v.Styles = []string{"desk/desk.css"}
	f := aftersale.Filter{States: aftersale.OpenStates, Limit: casesShown}
	if r.URL.Query().Get("show") == "all" {
		v.Show, f.States = "all", nil
	}
	var err error
	if v.Cases, err = aftersale.List(r.Context(), h.DB, f); err != nil {
		return err
	}
	v.Orders, err = h.ordersOf(r.Context(), v.Cases)
	if err != nil {
		return err
	}
	return h.Render(w, r, serviceScreen(v))
}

func (h *screens) ordersOf(ctx context.Context, cases []aftersale.Case) (map[id.Order]order.Order, error) {
	ids := make([]id.Order, len(cases))
	for i, c := range cases {
		ids[i] = c.Order
	}
	slices.Sort(ids)
	list, err := order.ByIDs(ctx, h.DB, slices.Compact(ids))
	out := map[id.Order]order.Order{}
	for _, o := range list {
		out[o.ID] = o
	}
	return out, err
}

// saleCaseView is one case with everything service needs to decide.
type saleCaseView struct {
	page.Base
	Case     aftersale.Case
	Order    order.Order
	Part     aftersale.Part // what its refund was for
	Carriers []shipping.Carrier
	Carrier  string // of the order's parcel
	Errors   map[string]string
	Typed    map[string]string
	Handler  string
}

// Line of the order.
func (v saleCaseView) Line(l id.Line) order.Line { return lineOf(v.Order, l) }

func lineOf(o order.Order, l id.Line) order.Line {
	for _, x := range o.Lines {
		if x.ID == l {
			return x
		}
	}
	return order.Line{}
}

// Value of a field: what was typed, else the default.
func (v saleCaseView) Value(field, def string) string {
	if s, ok := v.Typed[field]; ok {
		return s
	}
	return def
}

// DefaultBearer is whom a reason points at; service may say otherwise.
func (v saleCaseView) DefaultBearer() string {
	if v.Case.Bearer != "" {
		return v.Case.Bearer
	}
	if v.Case.Reason == aftersale.Transport {
		return aftersale.ByCarrier
	}
	if v.Case.Reason == aftersale.Wrong || v.Case.Reason == aftersale.Missing {
		return aftersale.ByCentre // the centre packed it
	}
	return aftersale.ByProducer
}

func (h *screens) saleCaseView(w http.ResponseWriter, r *http.Request) (saleCaseView, error) {
	cid, err := site.PathID[id.Case](r, "id")
	if err != nil {
		return saleCaseView{}, err
	}
	v := saleCaseView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("aftersale.desk_case")), Carriers: shipping.CarrierList()}
	v.Path, v.Styles = "/desk/service/"+string(cid), []string{"desk/desk.css"}
	ctx := r.Context()
	if v.Case, err = aftersale.ByID(ctx, h.DB, cid); err != nil {
		return v, err
	}
	if v.Order, err = order.ByID(ctx, h.DB, v.Case.Order); err != nil {
		return v, err
	}
	if v.Case.Refund != "" {
		if v.Part, _, err = aftersale.PartOf(ctx, h.DB, v.Case.Refund); err != nil {
			return v, err
		}
	}
	parcels, err := shipping.OfOrder(ctx, h.DB, v.Order.ID)
	if err != nil {
		return v, err
	}
	if len(parcels) > 0 {
		v.Carrier = parcels[0].Carrier
	}
	if v.Case.HandledBy != "" {
		people, err := account.Users(ctx, h.DB, v.Case.HandledBy)
		if err != nil {
			return v, err
		}
		v.Handler = people[v.Case.HandledBy].Name
	}
	return v, nil
}

func (h *screens) serviceCase(w http.ResponseWriter, r *http.Request) error {
	v, err := h.saleCaseView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, saleCaseScreen(v))
}

// serviceDecide takes what service decided: approve, pay or reject.
func (h *screens) serviceDecide(w http.ResponseWriter, r *http.Request) error {
	v, err := h.saleCaseView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	who := edge.Who(r).Actor
	do, d := f.One("do", "approve", "pay", "reject"), readDecision(f, r, v.Case)
	if err = f.Err(); err == nil {
		switch do {
		case "approve":
			_, err = h.Flow.ApproveReturn(r.Context(), who, v.Case.ID, d)
		case "pay":
			_, err = h.Flow.RefundCase(r.Context(), who, v.Case.ID, d)
		default:
			_, err = h.Flow.RejectCase(r.Context(), who, v.Case.ID, d.Note)
		}
	}
	if err != nil {
		return h.saleCaseAgain(w, r, v, err)
	}
	return h.Redirect(w, r, "/desk/service/"+string(v.Case.ID), v.T("aftersale.desk_decided"))
}

func readDecision(f *site.Form, r *http.Request, c aftersale.Case) flow.Decision {
	d := flow.Decision{Bearer: f.Text("bearer", 20), Carrier: f.Text("carrier", 40), Note: f.Text("note", 500), Amounts: map[id.Line]money.Fen{}}
	if r.PostFormValue("freight") != "" {
		fen := f.Yuan("freight", true)
		d.Freight = &fen
	}
	for _, l := range c.Lines {
		if field := "fen-" + string(l.Line); r.PostFormValue(field) != "" {
			d.Amounts[l.Line] = f.Yuan(field, true)
		}
	}
	return d
}

// saleCaseAgain shows the case with what was typed and what is wrong.
func (h *screens) saleCaseAgain(w http.ResponseWriter, r *http.Request, v saleCaseView, err error) error {
	if k := fault.Of(err).Kind; k == fault.Internal {
		return err
	}
	v.Errors, v.Typed = ui.Errors(v.Base, err), typedForm(r)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), saleCaseScreen(v))
}

func typedForm(r *http.Request) map[string]string {
	out := map[string]string{}
	for k := range r.PostForm {
		out[k] = clip(r.PostForm.Get(k), 600)
	}
	return out
}

// serviceGoods is the packer's word on goods that came back.
func (h *screens) serviceGoods(w http.ResponseWriter, r *http.Request) error {
	v, err := h.saleCaseView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	goods := f.One("goods", aftersale.Good, aftersale.Spoiled)
	if err = f.Err(); err == nil {
		_, err = h.Flow.GoodsBack(r.Context(), edge.Who(r).Actor, v.Case.ID, goods)
	}
	if err != nil {
		return h.saleCaseAgain(w, r, v, err)
	}
	return h.Redirect(w, r, "/desk/service/"+string(v.Case.ID), v.T("aftersale.desk_goods_ok"))
}

// openView is the form with which service opens a case for a buyer.
type openView struct {
	page.Base
	Order  order.Order
	Lines  []flow.LineOptions
	Cases  []aftersale.Case
	Key    string
	Errors map[string]string
	Typed  map[string]string
}

// Value of a field: what was typed, else the default.
func (v openView) Value(field, def string) string {
	if s, ok := v.Typed[field]; ok {
		return s
	}
	return def
}

// Kind that fits the order: what has not left is cancelled.
func (v openView) Kind() aftersale.Kind {
	if v.Order.State == order.Paid {
		return aftersale.Cancel
	}
	return aftersale.Return
}

// Whole tells whether the order can be refunded whole.
func (v openView) Whole() bool {
	for _, l := range v.Lines {
		if l.Units[aftersale.Return] > 0 {
			return false
		}
	}
	return v.Order.State == order.Paid
}

// Reasons of what service opens: a claim and what fits the order.
func (v openView) Reasons() []string {
	return slices.Compact(slices.Concat(aftersale.Reasons[aftersale.Claim][:4], []string{aftersale.SevenDay, aftersale.Unwanted, aftersale.Other}))
}

// serviceOrder finds an order by its number.
func (h *screens) serviceOrder(w http.ResponseWriter, r *http.Request) error {
	no := r.URL.Query().Get("no")
	if !id.ValidOrderNo(no) {
		v := serviceView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("aftersale.desk_title")), Show: "find", No: clip(no, 40)}
		v.Styles = []string{"desk/desk.css"}
		v.Errors = map[string]string{"no": v.T("desk.paste_no")}
		return h.RenderStatus(w, r, http.StatusUnprocessableEntity, serviceScreen(v))
	}
	o, err := order.ByNo(r.Context(), h.DB, no)
	if err != nil {
		return err
	}
	v, err := h.openView(w, r, o.ID)
	if err != nil {
		return err
	}
	return h.Render(w, r, openScreen(v))
}

func (h *screens) openView(w http.ResponseWriter, r *http.Request, o id.Order) (openView, error) {
	v := openView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("aftersale.desk_new_title")), Key: id.New[string]()}
	var err error
	if v.Order, v.Lines, err = h.Flow.AfterSaleOptions(r.Context(), edge.Who(r).Actor, o); err != nil {
		return v, err
	}
	v.Path, v.Query, v.Styles = "/desk/service/order", "no="+v.Order.No, []string{"desk/desk.css"}
	v.Cases, err = aftersale.OfOrder(r.Context(), h.DB, o)
	return v, err
}

// serviceOpen opens a case for a buyer: whole units, or an amount.
func (h *screens) serviceOpen(w http.ResponseWriter, r *http.Request) error {
	oid, err := site.PathID[id.Order](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := h.openView(w, r, oid)
	if err != nil {
		return err
	}
	in := flow.AskIn{Order: oid, Key: f.Need("key", 64), Kind: aftersale.Kind(f.Text("kind", 10)), Reason: f.Text("reason", 20), Words: f.Text("words", 500)}
	for _, l := range v.Lines {
		x := flow.AskLine{Line: l.ID}
		if in.Kind == aftersale.Claim {
			x.Fen = f.Yuan("fen-"+string(l.ID), true)
		} else {
			x.Units = f.OptInt("units-"+string(l.ID), 0, l.Line.Units, 0)
		}
		if x.Fen > 0 || x.Units > 0 {
			in.Lines = append(in.Lines, x)
		}
	}
	var c aftersale.Case
	if err = f.Err(); err == nil {
		c, err = h.Flow.AskAfterSale(r.Context(), edge.Who(r).Actor, in)
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/service/"+string(c.ID), v.T("aftersale.desk_opened"))
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v.Errors, v.Typed, v.Key = ui.Errors(v.Base, err), typedForm(r), r.PostFormValue("key")
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), openScreen(v))
}

// serviceWhole refunds an order whole before it leaves.
func (h *screens) serviceWhole(w http.ResponseWriter, r *http.Request) error {
	oid, err := site.PathID[id.Order](r, "id")
	if err != nil {
		return err
	}
	o, err := h.Flow.RefundOrder(r.Context(), edge.Who(r).Actor, oid, payment.AfterSale)
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/service/order?no="+o.No, edge.Who(r).P.T("aftersale.desk_whole_ok"))
}

func units(n int64) string { return strconv.FormatInt(n, 10) }
