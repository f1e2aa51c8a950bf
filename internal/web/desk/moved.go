package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/bank"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// movedPath is the page on which finance enters what moved at the bank.
const movedPath = "/desk/finance/moved"

// movedDays is how many days are shown when none are asked for.
const movedDays = 31

func (h *screens) movedRoutes() []edge.Route {
	money, see := edge.Only(actor.Finance), edge.Only(actor.Finance, actor.Overseer)
	return []edge.Route{
		{Method: "GET", Path: movedPath, Access: see, Handle: h.moved},
		{Method: "POST", Path: movedPath, Access: money, Handle: h.addMoved},
		{Method: "POST", Path: movedPath + "/{id}/back", Access: money, Handle: h.takeBackMoved},
		{Method: "GET", Path: movedPath + "/export", Access: see, Handle: h.exportMoved},
	}
}

type movedView struct {
	page.Base
	Days    financeFilter
	There   []promise.Standing
	List    []bank.Move
	More    string // address of the next page, "" for none
	People  map[id.User]account.User
	Errors  map[string]string
	In      bank.Move
	Account string // the chosen one
	Amount  string
	Back    backForm
}

// moved shows what stands where, and what finance saw move.
func (h *screens) moved(w http.ResponseWriter, r *http.Request) error {
	v, err := h.movedView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, movedScreen(v))
}

// readMovedDays reads the days from a page's address; the last month when
// nothing is said, or nonsense.
func readMovedDays(r *http.Request, today clock.Day) (financeFilter, error) {
	f, err := readFinanceFilter(r, today)
	if q := r.URL.Query(); err != nil || q.Get("from") == "" && q.Get("to") == "" {
		f = financeFilter{From: today.Add(1 - movedDays), To: today}
	}
	return f, err
}

func (h *screens) movedView(w http.ResponseWriter, r *http.Request) (v movedView, err error) {
	v = movedView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("bank.title"))}
	v.Path, v.Styles = movedPath, []string{"desk/desk.css", "desk/settle.css"}
	var days error
	v.Days, days = readMovedDays(r, clock.DayOf(h.DB.Clock.Now()))
	v.Errors = ui.Errors(v.Base, days)
	if v.There, err = promise.Standings(r.Context(), h.DB); err != nil {
		return v, err
	}
	before := id.Move(r.URL.Query().Get("before"))
	if !id.Valid(before) {
		before = ""
	}
	if v.List, err = bank.Between(r.Context(), h.DB, v.Days.From, v.Days.To, before); err != nil {
		return v, err
	}
	if n := len(v.List); n == bank.PageSize {
		v.More = query(movedPath, "from", v.Days.From.String(), "to", v.Days.To.String(), "before", string(v.List[n-1].ID))
	}
	var who []id.User
	for _, m := range v.List {
		who = append(who, m.By)
	}
	v.People, err = account.Users(r.Context(), h.DB, who...)
	return v, err
}

func (h *screens) addMoved(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	chosen := f.Need("account", 60)
	m := bank.Move{Fen: f.Yuan("amount", false), Day: f.Day("day", false), Ref: f.Need("ref", bank.MaxRef), Note: f.Text("note", 200)}
	m.Kind, m.Party, _ = strings.Cut(chosen, "/")
	said := "bank.added"
	if err = f.Err(); err == nil {
		var added bool
		if m, added, err = h.Flow.MoneyMoved(r.Context(), edge.Who(r).Actor, m); err == nil && !added {
			said = "bank.known"
		}
	}
	if err == nil {
		return h.Redirect(w, r, movedPath, edge.Who(r).P.T(said))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := h.movedView(w, r)
	if verr != nil {
		return verr
	}
	m.Ref, m.Note = r.PostFormValue("ref"), r.PostFormValue("note")
	v.In, v.Account, v.Amount, v.Errors = m, chosen, r.PostFormValue("amount"), ui.Errors(v.Base, err)
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), movedScreen(v))
}

// takeBackMoved takes back what was entered wrongly.
func (h *screens) takeBackMoved(w http.ResponseWriter, r *http.Request) error {
	of, err := site.PathID[id.Move](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	reason := f.Need("reason", 200)
	if err = f.Err(); err == nil {
		err = h.Flow.TakeBackMove(r.Context(), edge.Who(r).Actor, of, reason)
	}
	if err == nil {
		return h.Redirect(w, r, movedPath, edge.Who(r).P.T("bank.back_ok"))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := h.movedView(w, r)
	if verr != nil {
		return verr
	}
	v.Back = backForm{ID: string(of), Reason: r.PostFormValue("reason"), Errors: ui.Errors(v.Base, err)}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), movedScreen(v))
}

// movedHead are the columns of the file.
var movedHead = []string{"bank.col_day", "bank.col_what", "desk.amount", "bank.col_ref", "bank.col_note", "bank.col_entered", "bank.col_by", "bank.col_back", "desk.our_no"}

// exportMoved writes the moves of some days as CSV or XLSX. Who took the file is
// written down first.
func (h *screens) exportMoved(w http.ResponseWriter, r *http.Request) error {
	f, err := readMovedDays(r, clock.DayOf(h.DB.Clock.Now()))
	if err != nil {
		return err
	}
	format := r.URL.Query().Get("format")
	if format != "csv" && format != "xlsx" {
		return fault.New(fault.Invalid, "fault.choice").At("format")
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
		return audit.Write(r.Context(), tx, edge.Who(r).Actor, "money.moved_export", "finance", f.From.String(), map[string]any{"from": f.From, "to": f.To, "format": format})
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="lindu-bank-%s-%s.%s"`, f.From, f.To, format))
	w.Header().Set("Cache-Control", "no-store")
	if format == "csv" {
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		return h.movedTo(r.Context(), edge.Who(r).P, f, newCSV(w))
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	s, err := newXLSX(w)
	if err != nil {
		return err
	}
	return h.movedTo(r.Context(), edge.Who(r).P, f, s)
}

// movedTo writes the rows, a page at a time.
func (h *screens) movedTo(ctx context.Context, p *i18n.Printer, f financeFilter, s sheet) error {
	head := make([]cell, len(movedHead))
	for i, k := range movedHead {
		head[i].text = p.T(k)
	}
	if err := s.row(head); err != nil {
		return err
	}
	for before, more := id.Move(""), true; more; {
		list, err := bank.Between(ctx, h.DB, f.From, f.To, before)
		if err != nil {
			return err
		}
		var who []id.User
		for _, m := range list {
			who = append(who, m.By)
		}
		people, err := account.Users(ctx, h.DB, who...)
		if err != nil {
			return err
		}
		for _, m := range list {
			amount := m.Fen
			if m.Kind == bank.Tax { // it left
				amount = -amount
			}
			if err := s.row([]cell{{text: m.Day.String()}, {text: standingName(p, m.Kind, m.Party)}, {text: amount.String(), number: true}, {text: m.Ref}, {text: m.Note},
				{text: m.At.In(clock.Shanghai).Format("2006-01-02 15:04:05")}, {text: people[m.By].Name}, {text: m.Back.Reason}, {text: string(m.ID)}}); err != nil {
				return err
			}
			before = m.ID
		}
		more = len(list) == bank.PageSize
	}
	return s.end()
}

// standingName says what an account of the books is, as people call it.
func standingName(p *i18n.Printer, kind, party string) string {
	switch kind {
	case bank.Channel:
		return p.T("bank.of_channel", "Name", p.T("me.gateway_name_"+party))
	case bank.Carrier:
		c, ok := shipping.CarrierByCode(party)
		switch {
		case !ok:
			c.Name, c.English = party, party
		case p.Lang() == i18n.English:
			c.Name = c.English
		}
		return p.T("bank.of_carrier", "Name", c.Name)
	}
	return p.T("bank.of_tax")
}

func (v movedView) name(kind, party string) string { return standingName(v.P, kind, party) }

// options are the accounts that have something on them, each with how much.
func (v movedView) options() []ui.Option {
	out := []ui.Option{{Label: v.T("bank.choose")}}
	for _, s := range v.There {
		value := s.Kind
		if s.Party != "" {
			value += "/" + s.Party
		}
		out = append(out, ui.Option{Value: value, Label: v.T("bank.option_"+s.Kind, "Name", v.name(s.Kind, s.Party), "Fen", site.Exact(s.Fen))})
	}
	return out
}
