package desk

import (
	"net/http"
	"time"

	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

type breakevenView struct {
	page.Base
	M      flow.MonthOf
	Months []flow.MonthOf
	Year   breakeven.Show
	Shows  []show.Show
	Errors map[string]string
	In     breakeven.Cost
	Amount string
	Key    string
	Back   backForm
}

// breakeven shows what the centre lived of in a month and in the year.
func (h *screens) breakeven(w http.ResponseWriter, r *http.Request) error {
	v, err := h.breakevenView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, breakevenScreen(v))
}

func (h *screens) breakevenView(w http.ResponseWriter, r *http.Request) (v breakevenView, err error) {
	v = breakevenView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("breakeven.title")), Key: id.New[string]()}
	v.Styles = []string{"desk/desk.css", "desk/settle.css"}
	day := clock.DayOf(h.DB.Clock.Now())
	if m := r.URL.Query().Get("month"); m != "" {
		t, err := time.ParseInLocation("2006-01", m, clock.Shanghai)
		if err != nil || t.Year() < 2020 || clock.DayOf(t) > day {
			return v, fault.New(fault.Invalid, "statement.bad_month")
		}
		day = clock.DayOf(t)
	}
	if v.Months, v.Year, err = h.Flow.ReadYear(r.Context(), v.Actor, day); err != nil {
		return v, err
	}
	v.M = v.Months[len(v.Months)-1]
	v.Shows, err = h.endedShows(r)
	return v, err
}

// month is a month as the address names it.
func month(d clock.Day) string { return d.String()[:7] }

func (h *screens) addCost(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	c := breakeven.Cost{Kind: f.One("kind", append([]string{"rent"}, breakeven.Kinds...)...), Show: id.Show(f.Text("show", 32)), Day: f.Day("day", false),
		Fen: f.Yuan("amount", false), Memo: f.Text("memo", 200), Key: f.Need("key", 64)}
	if c.Show != "" {
		if _, err := show.ByID(r.Context(), h.DB, c.Show); err != nil {
			return err
		}
	}
	if err = f.Err(); err == nil {
		err = h.Flow.AddCost(r.Context(), edge.Who(r).Actor, c)
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/breakeven?month="+month(c.Day), edge.Who(r).P.T("breakeven.cost_added"))
	}
	if !site.Correctable(err) && !fault.HasKey(err, "promise.rent_is_given") {
		return err
	}
	v, verr := h.breakevenView(w, r)
	if verr != nil {
		return verr
	}
	v.In, v.Amount, v.Key, v.Errors = c, r.PostFormValue("amount"), c.Key, ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), breakevenScreen(v))
}

// takeBackCost takes a cost or an income that was entered back.
func (h *screens) takeBackCost(w http.ResponseWriter, r *http.Request) error {
	of, err := site.PathID[id.Cost](r, "id")
	if err != nil {
		return err
	}
	fen, reason, typed, err := readBack(r)
	if err == nil {
		err = h.Flow.TakeBackCost(r.Context(), edge.Who(r).Actor, of, fen, reason)
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/breakeven", edge.Who(r).P.T("breakeven.back_ok"))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := h.breakevenView(w, r)
	if verr != nil {
		return verr
	}
	v.Back = typed
	v.Back.Errors = ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), breakevenScreen(v))
}

// row of a table of income and costs.
type row struct {
	key string
	fen money.Fen
}

func incomeRows(i breakeven.Income) []row {
	return []row{{"breakeven.commission", i.Commission}, {"breakeven.margin", i.Margin}, {"breakeven.freight_in", i.Freight}, {"breakeven.service", i.Service}}
}

func costRows(c breakeven.Costs) []row {
	return []row{{"breakeven.host_pay", c.HostPay}, {"breakeven.freight", c.Freight}, {"breakeven.packing", c.Packing}, {"breakeven.claims", c.Claims}, {"breakeven.promotion", c.Promotion}, {"breakeven.gifts", c.Gifts},
		{"breakeven.provider_fee", c.ProviderFee}, {"breakeven.wages", c.Wages}, {"breakeven.classes", c.Classes}, {"breakeven.materials", c.Materials}, {"breakeven.other", c.Other}}
}

func resultTone(f money.Fen) ui.Tone {
	if f < 0 {
		return "warn"
	}
	return "ok"
}

func (v breakevenView) showName(s breakeven.Show) string {
	if s.Show == "" {
		return v.T("breakeven.no_show")
	}
	return s.Title
}
