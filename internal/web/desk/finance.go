package desk

import (
	"context"
	"net/http"
	"slices"

	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/recon"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// paymentsShown bounds the list of recent payments.
const paymentsShown = 100

// financeDays is how many days are shown when none are asked for.
const financeDays = 7

// financeFilter narrows what finance looks at.
type financeFilter struct {
	From, To clock.Day
	Gateway  string
}

// readFinanceFilter reads the days and the channel from a page's address: the
// last week when nothing is said. Fault desk.days when it is too long.
func readFinanceFilter(r *http.Request, today clock.Day) (financeFilter, error) {
	q := r.URL.Query()
	f := financeFilter{From: today.Add(1 - financeDays), To: today, Gateway: clip(q.Get("gateway"), 20)}
	for field, to := range map[string]*clock.Day{"from": &f.From, "to": &f.To} {
		if s := q.Get(field); s != "" {
			d, err := clock.ParseDay(s)
			if err != nil {
				return f, fault.New(fault.Invalid, "fault.day").At(field)
			}
			*to = d
		}
	}
	if f.To < f.From || f.To > f.From.Add(exportDays) {
		return f, fault.New(fault.Invalid, "desk.days", "Max", exportDays).At("from")
	}
	return f, nil
}

type financeView struct {
	page.Base
	Filter     financeFilter
	Gateways   []string
	Days       []payment.DayTotal
	Sum        payment.DayTotal
	Differs    int64 // nobody has settled
	HeldNow    money.Fen
	Payments   []payment.Payment
	Nos        map[id.Order]string
	Refunds    []payment.Refund
	Quarantine []payment.Quarantined
	Offline    bool // offline transfers are taken
	Alone      bool // one person may propose and sign
	Errors     map[string]string
	No, Amount string
	Proof      string
}

// Link to the same days and channel elsewhere.
func (v financeView) Link(path string, more ...string) string {
	return query(path, append([]string{"from", v.Filter.From.String(), "to", v.Filter.To.String(), "gateway", v.Filter.Gateway}, more...)...)
}

// finance shows what came in, what goes back and what does not fit.
func (h *screens) finance(w http.ResponseWriter, r *http.Request) error {
	v, err := h.financeView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, financeScreen(v))
}

func (h *screens) financeView(w http.ResponseWriter, r *http.Request) (financeView, error) {
	v := financeView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.finance_title")), Offline: h.OfflineText != "", Alone: h.Flow.SinglePerson, Gateways: h.gatewayNames()}
	v.Styles = []string{"desk/desk.css"}
	var err error
	if v.Filter, err = readFinanceFilter(r, clock.DayOf(h.DB.Clock.Now())); err != nil {
		v.Errors = ui.Errors(v.Base, err)
		if v.Filter.To < v.Filter.From || v.Filter.To > v.Filter.From.Add(exportDays) { // show the last week instead
			today := clock.DayOf(h.DB.Clock.Now())
			v.Filter.From, v.Filter.To = today.Add(1-financeDays), today
		}
	}
	ctx, from, to := r.Context(), v.Filter.From.Time(), v.Filter.To.Add(1).Time()
	if v.Days, err = payment.Totals(ctx, h.DB, from, to, v.Filter.Gateway); err != nil {
		return v, err
	}
	for _, d := range v.Days {
		v.Sum.Paid, v.Sum.PaidN = v.Sum.Paid+d.Paid, v.Sum.PaidN+d.PaidN
		v.Sum.Back, v.Sum.BackN = v.Sum.Back+d.Back, v.Sum.BackN+d.BackN
	}
	if v.Payments, err = payment.List(ctx, h.DB, payment.Filter{Gateway: v.Filter.Gateway, From: from, To: to, Limit: paymentsShown}); err != nil {
		return v, err
	}
	if v.Quarantine, err = payment.Quarantine(ctx, h.DB); err != nil {
		return v, err
	}
	for _, q := range v.Quarantine {
		v.HeldNow += q.Amount
	}
	if v.Differs, err = recon.CountOpen(ctx, h.DB); err != nil {
		return v, err
	}
	if v.Refunds, err = payment.OpenRefunds(ctx, h.DB, paymentsShown); err != nil {
		return v, err
	}
	v.Nos, err = h.numbersOf(ctx, v)
	return v, err
}

// numbersOf reads the order numbers of what a page of finance lists.
func (h *screens) numbersOf(ctx context.Context, v financeView) (map[id.Order]string, error) {
	var ids []id.Order
	for _, p := range v.Payments {
		ids = append(ids, p.Order)
	}
	for _, x := range v.Refunds {
		ids = append(ids, x.Order)
	}
	for _, q := range v.Quarantine {
		ids = append(ids, q.Order)
	}
	slices.Sort(ids)
	return order.Nos(ctx, h.DB, slices.Compact(ids))
}

// moneyView is one order's money.
type moneyView struct {
	page.Base
	Order    order.Order
	Payments []payment.Payment
	Refunds  []payment.Refund
	Parts    map[id.Refund]aftersale.Part
}

// orderMoneyPage shows finance what an order brought and what went back, and
// why.
func (h *screens) orderMoneyPage(w http.ResponseWriter, r *http.Request) error {
	oid, err := site.PathID[id.Order](r, "id")
	if err != nil {
		return err
	}
	v := moneyView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("aftersale.desk_order")), Parts: map[id.Refund]aftersale.Part{}}
	v.Styles = []string{"desk/desk.css"}
	if v.Order, err = order.ByID(r.Context(), h.DB, oid); err != nil {
		return err
	}
	if v.Payments, err = payment.OfOrder(r.Context(), h.DB, oid); err != nil {
		return err
	}
	if v.Refunds, err = payment.Refunds(r.Context(), h.DB, oid); err != nil {
		return err
	}
	parts, err := aftersale.PartsOf(r.Context(), h.DB, oid)
	for _, p := range parts {
		v.Parts[p.Refund] = p
	}
	if err != nil {
		return err
	}
	return h.Render(w, r, moneyScreen(v))
}

// confirmOffline books a transfer that finance has seen on the account.
func (h *screens) confirmOffline(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	no, amount, proof := f.Need("no", 20), f.Yuan("amount", false), f.Need("proof", 200)
	if no != "" && !id.ValidOrderNo(no) {
		f.Add(fault.New(fault.Invalid, "desk.paste_no").At("no"))
	}
	if err = f.Err(); err == nil {
		var o order.Order
		if o, err = order.ByNo(r.Context(), h.DB, no); err == nil {
			_, err = h.Flow.ConfirmOffline(r.Context(), edge.Who(r).Actor, o.ID, amount, proof)
		}
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.offline_ok"))
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v, verr := h.financeView(w, r)
	if verr != nil {
		return verr
	}
	v.No, v.Amount, v.Proof = no, r.PostFormValue("amount"), proof
	v.Errors = map[string]string{}
	for _, x := range fault.Of(err).All() {
		v.Errors[x.Field] = v.P.Err(x)
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), financeScreen(v))
}

// proposeQuarantine notes what finance did about money that did not fit.
func (h *screens) proposeQuarantine(w http.ResponseWriter, r *http.Request) error {
	cid, err := site.PathID[id.Callback](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	how, note := f.One("how", payment.HowReturned, payment.HowVoid), f.Need("note", 200)
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.ProposeQuarantine(r.Context(), edge.Who(r).Actor, cid, how, note); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.proposed_ok"))
}

// signQuarantine settles what another of finance has proposed.
func (h *screens) signQuarantine(w http.ResponseWriter, r *http.Request) error {
	cid, err := site.PathID[id.Callback](r, "id")
	if err != nil {
		return err
	}
	if err := h.Flow.SignQuarantine(r.Context(), edge.Who(r).Actor, cid); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.settled_ok"))
}

// retryRefund has a failed refund sent again.
func (h *screens) retryRefund(w http.ResponseWriter, r *http.Request) error {
	rid, err := site.PathID[id.Refund](r, "id")
	if err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
		return payment.RetryRefund(r.Context(), tx, edge.Who(r).Actor, rid)
	})
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.refund_again"))
}

// confirmRefund books a refund that finance has sent back by hand.
func (h *screens) confirmRefund(w http.ResponseWriter, r *http.Request) error {
	rid, err := site.PathID[id.Refund](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	proof := f.Need("proof", 200)
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.ConfirmRefund(r.Context(), edge.Who(r).Actor, rid, proof); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/finance", edge.Who(r).P.T("desk.refund_confirmed"))
}
