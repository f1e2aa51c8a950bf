package desk

import (
	"net/http"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/recon"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// reconView is what does not agree with providers' bills.
type reconView struct {
	page.Base
	All         bool
	Differences []recon.Difference
	Nos         map[id.Order]string
	Bills       []recon.Bill
	Gateways    []string
	Day         clock.Day
	Typed       map[string]string
	Errors      map[string]string
}

// Ways a difference may be settled.
func (v reconView) Ways(d recon.Difference) []string {
	var out []string
	for _, how := range []string{recon.Noted, recon.FeeBooked, recon.Quarantine} {
		if d.May(how) {
			out = append(out, how)
		}
	}
	return out
}

// billsListed is how many days of bills are shown.
const billsListed = 14

func (h *screens) recon(w http.ResponseWriter, r *http.Request) error {
	v, err := h.reconView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, reconScreen(v))
}

func (h *screens) reconView(w http.ResponseWriter, r *http.Request) (reconView, error) {
	today := clock.DayOf(h.DB.Clock.Now())
	v := reconView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("recon.title")), All: r.URL.Query().Get("all") != "", Day: today.Add(-1), Typed: map[string]string{}}
	v.Path, v.Styles = "/desk/finance/recon", []string{"desk/desk.css"}
	for g := range h.Flow.Gateways {
		v.Gateways = append(v.Gateways, g)
	}
	var err error
	if v.Differences, err = recon.Differences(r.Context(), h.DB, v.All); err != nil {
		return v, err
	}
	var ids []id.Order
	for _, d := range v.Differences {
		ids = append(ids, d.Order)
	}
	if v.Nos, err = order.Nos(r.Context(), h.DB, ids); err != nil {
		return v, err
	}
	v.Bills, err = recon.Bills(r.Context(), h.DB, today.Add(-billsListed), today)
	return v, err
}

// settleDifference takes how finance settled a difference.
func (h *screens) settleDifference(w http.ResponseWriter, r *http.Request) error {
	did, err := site.PathID[string](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	how, note := f.One("how", recon.Noted, recon.FeeBooked, recon.Quarantine), f.Need("note", 200)
	if err = f.Err(); err == nil {
		err = h.Flow.SettleDifference(r.Context(), edge.Who(r).Actor, did, how, note)
	}
	return h.reconDone(w, r, err, "recon.settled_ok")
}

// askBill fetches the bill of a day now.
func (h *screens) askBill(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	gateway, day := f.Need("gateway", 20), f.Day("day", false)
	if err = f.Err(); err == nil {
		err = h.Flow.ReconcileDay(r.Context(), edge.Who(r).Actor, gateway, day)
	}
	return h.reconDone(w, r, err, "recon.asked_ok")
}

// enterTransfers takes what stands on the bank account of a day.
func (h *screens) enterTransfers(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	day := f.Day("entered_day", false)
	n := 0
	if err = f.Err(); err == nil {
		n, err = h.Flow.EnterTransfers(r.Context(), edge.Who(r).Actor, day, r.PostFormValue("lines"))
	}
	return h.reconDone(w, r, err, "recon.entered_ok", "N", n)
}

// reconDone goes back to the page, or shows it with what was typed and wrong.
func (h *screens) reconDone(w http.ResponseWriter, r *http.Request, err error, said string, args ...any) error {
	if err == nil {
		return h.Redirect(w, r, "/desk/finance/recon", edge.Who(r).P.T(said, args...))
	}
	if fault.Of(err).Kind == fault.Internal {
		return err
	}
	v, bad := h.reconView(w, r)
	if bad != nil {
		return bad
	}
	v.Errors, v.Typed = ui.Errors(v.Base, err), map[string]string{}
	for k := range r.PostForm {
		v.Typed[k] = clip(r.PostForm.Get(k), 20_000)
	}
	if fault.Of(err).All()[0].Field == "lines" { // several lines may be wrong: all are told
		all := ""
		for _, x := range fault.Of(err).All() {
			all += v.P.Err(x) + " "
		}
		v.Errors["lines"] = all
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), reconScreen(v))
}
