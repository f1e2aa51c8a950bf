package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/watch"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/pricing"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/waitlist"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// sellingRoutes are the selling tools: coupons, prices that need a second
// signer, and what was changed of an item by whom.
func (h *screens) sellingRoutes() []edge.Route {
	run, sign := edge.Only(actor.Operator), edge.Only(actor.Operator, actor.Admin)
	return []edge.Route{
		{Method: "POST", Path: "/desk/shows/{id}/coupons", Access: run, Handle: h.makeCoupon},
		{Method: "POST", Path: "/desk/shows/{id}/coupons/{coupon}/drop", Access: run, Handle: h.dropCoupon},
		{Method: "POST", Path: "/desk/shows/{id}/coupons/{coupon}/end", Access: run, Handle: h.endCoupon},
		{Method: "POST", Path: "/desk/shows/{id}/items/{item}/ask", Access: run, Handle: h.askPrice},
		{Method: "GET", Path: "/desk/shows/{id}/items/{item}/changes", Access: edge.Only(actor.Operator, actor.Overseer), Handle: h.itemChanges},
		{Method: "GET", Path: "/desk/prices", Access: edge.Only(actor.Operator, actor.Admin, actor.Overseer), Handle: h.prices},
		{Method: "POST", Path: "/desk/prices/{request}", Access: sign, Handle: h.decidePrice},
		{Method: "POST", Path: "/desk/products/{id}/bound", Access: edge.Only(actor.Selector, actor.Admin), Handle: h.setBound},
	}
}

// selling is what the control room knows of the selling tools.
type selling struct {
	Coupons  []deskCoupon                `json:"coupons,omitempty"`
	Requests []priceRequest              `json:"requests,omitempty"`
	Waits    map[id.Item]waitlist.Demand `json:"waits,omitempty"`
}

// deskCoupon is a coupon as the desk lists it.
type deskCoupon struct {
	room.Coupon
	Taken int64     `json:"taken"`
	Used  int64     `json:"used"`
	Cost  money.Fen `json:"cost_fen"` // at most, if all are used
}

// priceRequest is a price that waits for a second signer, or was decided.
type priceRequest struct {
	ID      id.PriceRequest `json:"id"`
	Item    id.Item         `json:"item"`
	Show    id.Show         `json:"-"`
	Title   string          `json:"-"` // of the show
	No      int             `json:"no"`
	Name    string          `json:"name"`
	Kind    pricing.Kind    `json:"kind"`
	Old     money.Fen       `json:"old_fen"`
	New     money.Fen       `json:"new_fen"`
	Floor   money.Fen       `json:"floor_fen"`
	Ceiling money.Fen       `json:"ceiling_fen"`
	Reason  string          `json:"reason"`
	State   pricing.State   `json:"state"`
	By      string          `json:"by"`
	Signer  string          `json:"signer,omitempty"`
	Note    string          `json:"note,omitempty"`
	Expires time.Time       `json:"expires"`
	Mine    bool            `json:"mine"` // somebody else must sign
}

// requestsShown is how many of a show's requests the control room lists.
const requestsShown = 10

func (h *screens) readSelling(ctx context.Context, who actor.Actor, s id.Show) (out selling, err error) {
	coupons, err := coupon.List(ctx, h.DB, s)
	if err != nil {
		return out, err
	}
	for _, c := range coupons {
		out.Coupons = append(out.Coupons, deskCoupon{room.CouponOf(c), c.Taken, c.Used, c.Off * money.Fen(c.Total)})
	}
	if out.Waits, err = waitlist.DemandOf(ctx, h.DB, s); err != nil {
		return out, err
	}
	reqs, err := pricing.Of(ctx, h.DB, s)
	if err != nil {
		return out, err
	}
	out.Requests, err = h.priceRequests(ctx, who, reqs[:min(len(reqs), requestsShown)])
	return out, err
}

// priceRequests puts names to requests.
func (h *screens) priceRequests(ctx context.Context, who actor.Actor, reqs []pricing.Request) ([]priceRequest, error) {
	if len(reqs) == 0 {
		return nil, nil
	}
	var items []id.Item
	var people []id.User
	for _, r := range reqs {
		items, people = append(items, r.Item), append(people, r.AskedBy, r.By)
	}
	shown, err := room.Items(ctx, h.DB, items...)
	if err != nil {
		return nil, err
	}
	users, err := account.Users(ctx, h.DB, people...)
	if err != nil {
		return nil, err
	}
	now := h.DB.Clock.Now()
	out := make([]priceRequest, len(reqs))
	for i, r := range reqs {
		x := priceRequest{ID: r.ID, Item: r.Item, Show: r.Show, Kind: r.Kind, Old: r.Old, New: r.New, Floor: r.Floor, Ceiling: r.Ceiling, Reason: r.Reason,
			State: r.State(now), By: users[r.AskedBy].Name, Signer: users[r.By].Name, Note: r.Note, Expires: r.Expires, Mine: r.AskedBy == who.User}
		if k := slices.IndexFunc(shown, func(it room.Item) bool { return it.ID == r.Item }); k >= 0 {
			x.No, x.Name = shown[k].No, shown[k].Name
		}
		out[i] = x
	}
	return out, nil
}

// makeCoupon makes a coupon, and puts it into the room when asked to.
func (h *screens) makeCoupon(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	c := coupon.Coupon{Show: sh.ID, Off: f.Yuan("off", false), Over: f.Yuan("over", true), Total: f.Int("total", 1, coupon.MaxTotal),
		Hours: f.OptInt("hours", 0, coupon.MaxHours, 0)}
	for _, p := range f.Many("products") {
		if p != "" {
			c.Products = append(c.Products, id.Product(p))
		}
	}
	key, drop := f.Need("key", 255), f.Tick("drop")
	if err := f.Err(); err != nil {
		return err
	}
	made, err := h.Flow.MakeCoupon(r.Context(), edge.Who(r).Actor, key, c, drop)
	if err != nil {
		return err
	}
	return h.answer(w, r, room.CouponOf(made), roomPath(sh.ID), "")
}

func (h *screens) dropCoupon(w http.ResponseWriter, r *http.Request) error {
	return h.moveCoupon(w, r, h.Flow.DropCoupon)
}

func (h *screens) endCoupon(w http.ResponseWriter, r *http.Request) error {
	return h.moveCoupon(w, r, h.Flow.EndCoupon)
}

func (h *screens) moveCoupon(w http.ResponseWriter, r *http.Request, move func(context.Context, actor.Actor, id.Coupon) (coupon.Coupon, error)) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	cid, err := site.PathID[id.Coupon](r, "coupon")
	if err != nil {
		return err
	}
	c, err := coupon.ByID(r.Context(), h.DB, cid)
	if err != nil {
		return err
	}
	if c.Show != sh.ID {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if c, err = move(r.Context(), edge.Who(r).Actor, cid); err != nil {
		return err
	}
	return h.answer(w, r, room.CouponOf(c), roomPath(sh.ID), "")
}

// askPrice asks a colleague to sign a price outside the guard; with total it is
// that of a flash sale.
func (h *screens) askPrice(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	key, price, reason := f.Need("key", 255), f.Yuan("price", false), f.Need("reason", pricing.MaxReason)
	var flash *show.NewFlash
	if r.PostForm.Has("total") {
		flash = &show.NewFlash{Total: f.Int("total", 1, show.MaxUnits), PerPerson: f.OptInt("per_person", 0, show.MaxUnits, 0),
			Countdown: time.Duration(f.Int("countdown", int64(show.MinCountdown/time.Second), int64(show.MaxCountdown/time.Second))) * time.Second,
			Run:       time.Duration(f.Int("minutes", int64(show.MinRun/time.Minute), int64(show.MaxRun/time.Minute))) * time.Minute}
	}
	if err := f.Err(); err != nil {
		return err
	}
	made, err := h.Flow.AskPrice(r.Context(), edge.Who(r).Actor, key, it.ID, price, flash, reason)
	if err != nil {
		return err
	}
	list, err := h.priceRequests(r.Context(), edge.Who(r).Actor, []pricing.Request{made})
	if err != nil {
		return err
	}
	return h.answer(w, r, list[0], roomPath(it.Show), edge.Who(r).P.T("pricing.asked"))
}

// decidePrice signs or refuses a price.
func (h *screens) decidePrice(w http.ResponseWriter, r *http.Request) error {
	rid, err := site.PathID[id.PriceRequest](r, "request")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	verdict, note := f.One("verdict", "yes", "no"), f.Text("note", pricing.MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	x, err := h.Flow.DecidePrice(r.Context(), edge.Who(r).Actor, rid, verdict == "yes", note)
	if err != nil {
		if !site.WantsJSON(r) && site.Correctable(err) {
			return h.pricesAgain(w, r, err)
		}
		return err
	}
	return h.answer(w, r, map[string]any{"state": x.State(h.DB.Clock.Now())}, "/desk/prices", edge.Who(r).P.T("pricing.done_"+verdict))
}

// pricesView is what waits for a second signer in all shows.
type pricesView struct {
	page.Base
	List  []priceRequest
	Wrong string
}

func (h *screens) prices(w http.ResponseWriter, r *http.Request) error {
	v, err := h.pricesView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, pricesScreen(v))
}

func (h *screens) pricesAgain(w http.ResponseWriter, r *http.Request, cause error) error {
	v, err := h.pricesView(w, r)
	if err != nil {
		return err
	}
	v.Wrong = edge.Who(r).P.Err(fault.Of(cause))
	return h.RenderStatus(w, r, fault.Of(cause).Kind.Status(), pricesScreen(v))
}

func (h *screens) pricesView(w http.ResponseWriter, r *http.Request) (pricesView, error) {
	ctx := r.Context()
	v := pricesView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("pricing.title"))}
	v.Styles = []string{"desk/desk.css", "desk/selling.css"}
	open, err := pricing.Open(ctx, h.DB)
	if err != nil {
		return v, err
	}
	if v.List, err = h.priceRequests(ctx, v.Actor, open); err != nil {
		return v, err
	}
	for i, x := range v.List {
		sh, err := show.ByID(ctx, h.DB, x.Show)
		if err != nil {
			return v, err
		}
		v.List[i].Title = sh.Title
	}
	return v, nil
}

// change is one line of what happened to an item: who, when, what.
type change struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	What string    `json:"what"`
}

// changesShown is how many changes of an item are told.
const changesShown = 60

// itemChanges tells who changed what of an item and when, the newest first.
func (h *screens) itemChanges(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	events, err := audit.List(r.Context(), h.DB, audit.Filter{ObjectKind: "item", ObjectID: string(it.ID), Limit: changesShown})
	if err != nil {
		return err
	}
	b := page.Base{P: edge.Who(r).P}
	out := []change{}
	for _, e := range events {
		for _, what := range changeWords(b, e) {
			out = append(out, change{e.At, actorName(e), what})
		}
	}
	return site.JSON(w, r, out)
}

// itemDetail is an item as the trail keeps it.
type itemDetail struct {
	State     show.ItemState `json:"state"`
	Price     money.Fen      `json:"price_fen"`
	Released  int64          `json:"released"`
	PerPerson int64          `json:"per_person"`
}

// changeWords puts an event of an item into words; events without any (who
// waits) are left out.
func changeWords(b page.Base, e audit.Event) []string {
	var d struct {
		Before, After itemDetail
		More          int64
		Released      int64
		Price         money.Fen `json:"price_fen"`
		New           money.Fen `json:"new_fen"`
		Total         int64
		Sold          int64
		Reason, Note  string
	}
	if json.Unmarshal([]byte(e.Detail), &d) != nil {
		return nil
	}
	switch e.Action {
	case "show.item_release":
		return []string{b.T("pricing.log_release", "N", d.More, "All", d.Released)}
	case "show.item_add":
		return []string{b.T("pricing.log_add", "Price", b.Yuan(d.Price))}
	case "show.flash":
		return []string{b.T("pricing.log_flash", "Price", b.Yuan(d.Price), "N", d.Total)}
	case "show.flash_cancel":
		return []string{b.T("pricing.log_flash_cancel", "N", d.Sold)}
	case "pricing.ask":
		return []string{b.T("pricing.log_ask", "Price", b.Yuan(d.New), "Why", d.Reason)}
	case "pricing.approved", "pricing.refused":
		return []string{b.T("pricing.log_"+e.Action[len("pricing."):], "Price", b.Yuan(d.New), "Why", d.Note)}
	case "show.item_set":
		return setWords(b, d.Before, d.After)
	}
	return nil
}

func setWords(b page.Base, was, now itemDetail) (out []string) {
	if was.Price != now.Price {
		out = append(out, b.T("pricing.log_price", "Old", b.Yuan(was.Price), "New", b.Yuan(now.Price)))
	}
	if was.State != now.State {
		out = append(out, b.T("pricing.log_state", "State", b.T("ui.item_"+string(now.State))))
	}
	if was.Released != now.Released {
		out = append(out, cmp.Or(map[bool]string{true: b.T("pricing.log_all")}[now.Released < 0], b.T("pricing.log_released", "N", now.Released)))
	}
	if was.PerPerson != now.PerPerson {
		out = append(out, b.T("pricing.log_each", "N", now.PerPerson))
	}
	return out
}

// setBound sets a product's floor and ceiling.
func (h *screens) setBound(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProduct(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	bound := pricing.Bound{Product: p.ID, Floor: f.Yuan("floor", true), Ceiling: f.Yuan("ceiling", true)}
	if err = f.Err(); err == nil {
		err = h.Flow.SetBound(r.Context(), edge.Who(r).Actor, bound)
	}
	if err != nil {
		if !site.Correctable(err) {
			return err
		}
		v := h.productBase(w, r, p.Name)
		v.P = p
		if err := h.readPlans(r, &v); err != nil {
			return err
		}
		v.Bound, v.BoundWrong = bound, ui.Errors(v.Base, err)
		return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), productScreen(v))
	}
	return h.Redirect(w, r, "/desk/products/"+string(p.ID), edge.Who(r).P.T("desk.saved"))
}

// sellingWords are the texts that selling.js needs.
func sellingWords(b page.Base) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"off", "over", "left", "used", "hours", "show_long", "some", "drop", "end", "end_sure", "state_planned", "state_dropped", "state_gone", "state_ended", "none", "cost"} {
		out[k] = b.T("coupon.js_" + k)
	}
	for _, k := range []string{"ask", "ask_title", "asked", "sign", "refuse", "mine", "price", "flash", "by", "state_waiting", "state_approved", "state_refused", "state_expired", "log", "log_none", "log_title", "until", "floor", "ceiling", "waits"} {
		out[k] = b.T("pricing.js_" + k)
	}
	return out
}

// yuanOr is an amount as it is typed; none for zero.
func yuanOr(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return f.String()
}

// priceAlerts are the prices of rooms that wait for this person's signature, as
// alerts of the desk of many rooms.
func (h *screens) priceAlerts(ctx context.Context, v edge.Visitor, ids []id.Show) ([]alertLine, error) {
	if !v.Actor.Has(actor.Operator, actor.Admin) {
		return nil, nil
	}
	open, err := pricing.Open(ctx, h.DB)
	if err != nil {
		return nil, err
	}
	open = slices.DeleteFunc(open, func(r pricing.Request) bool { return r.AskedBy == v.Actor.User || !slices.Contains(ids, r.Show) })
	list, err := h.priceRequests(ctx, v.Actor, open)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	alerts := make([]watch.Alert, len(list))
	for i, x := range list {
		alerts[i] = watch.Alert{ID: "price/" + string(x.ID), Show: x.Show, Item: x.Item, Since: open[i].Asked}
	}
	loud, err := watch.Loud(ctx, h.DB, v.Actor.User, alerts)
	var out []alertLine
	for _, a := range loud {
		x := list[slices.IndexFunc(list, func(x priceRequest) bool { return "price/"+string(x.ID) == a.ID })]
		out = append(out, alertLine{ID: a.ID, Topic: a.ID, Show: a.Show, Kind: "price", Item: x.Item, Since: a.Since,
			Text: v.P.T("pricing.alert", "No", x.No, "Name", x.Name, "Old", x.Old.Short(), "New", x.New.Short(), "Who", x.By), Do: v.P.T("pricing.alert_do")})
	}
	return out, err
}
