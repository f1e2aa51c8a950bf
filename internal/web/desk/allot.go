package desk

import (
	"net/http"
	"strings"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// allotView is the shares of a lot that hosts have, and the form for another.
type allotView struct {
	Rows  []allotRow
	Shows []show.Show    // not over
	Hosts []account.User //
	Names map[id.User]account.User
	// What was typed, when it is shown again.
	For, Units, Until string
	Capped            bool
	Key               string
}

// allotRow is a share with whose it is.
type allotRow struct {
	lot.Allotment
	Title string // of the show; "" for a host's every show
	Host  string
	Due   bool
}

// allotters may share a lot out.
var allotters = []actor.Role{actor.Selector, actor.Operator}

// readAllots reads a lot's shares and, for those who may give one, to whom.
func (h *screens) readAllots(r *http.Request, v *lotView) error {
	ctx := r.Context()
	list, err := lot.Allotments(ctx, h.DB, v.Lot.ID)
	if err != nil {
		return err
	}
	if v.Allots.Shows, err = show.List(ctx, h.DB, show.Filter{States: []show.State{show.Draft, show.Announced, show.Live}, Limit: 200}); err != nil {
		return err
	}
	if v.Allots.Hosts, err = account.WithRole(ctx, h.DB, actor.Host); err != nil {
		return err
	}
	byShow := map[id.Show]show.Show{}
	for _, s := range v.Allots.Shows {
		byShow[s.ID] = s
	}
	var people []id.User
	for _, a := range list {
		if a.Show != "" && byShow[a.Show].ID == "" {
			if byShow[a.Show], err = show.ByID(ctx, h.DB, a.Show); err != nil {
				return err
			}
		}
	}
	for _, s := range byShow {
		people = append(people, s.Host)
	}
	for _, a := range list {
		people = append(people, a.Host)
	}
	names, err := account.Users(ctx, h.DB, people...)
	if err != nil {
		return err
	}
	now := h.DB.Clock.Now()
	for _, a := range list {
		row := allotRow{Allotment: a, Title: byShow[a.Show].Title, Host: names[a.Host].Name, Due: a.Due(now)}
		if a.Show != "" {
			row.Host = names[byShow[a.Show].Host].Name
		}
		v.Allots.Rows = append(v.Allots.Rows, row)
	}
	v.Allots.Names = names
	v.Allots.Key = id.New[string]()
	v.Allots.Until = now.Add(24 * time.Hour).In(clock.Shanghai).Format("2006-01-02T15:04")
	return nil
}

// whom lists who a share can be given to: a show, or a host's every show.
func (v lotView) whom() []ui.Option {
	out := []ui.Option{{Label: v.T("desk.choose")}}
	for _, s := range v.Allots.Shows {
		out = append(out, ui.Option{Value: "show:" + string(s.ID), Label: v.T("desk.allot_show", "Title", s.Title, "Host", v.Allots.Names[s.Host].Name)})
	}
	for _, u := range v.Allots.Hosts {
		out = append(out, ui.Option{Value: "host:" + string(u.ID), Label: v.T("desk.allot_host", "Host", u.Name)})
	}
	return out
}

// allot gives a share.
func (h *screens) allot(w http.ResponseWriter, r *http.Request) error {
	v, err := h.lotView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	g := lot.Grant{Key: f.Need("key", 255), Lot: v.Lot.ID, Qty: f.Int("units", 1, lot.MaxQty/max(v.Lot.Goods.BasePerUnit, 1)) * v.Lot.Goods.BasePerUnit, Capped: f.Tick("capped")}
	switch kind, who, _ := strings.Cut(f.Need("for", 50), ":"); {
	case kind == "show" && id.Valid(id.Show(who)):
		g.Show = id.Show(who)
	case kind == "host" && id.Valid(id.User(who)):
		g.Host = id.User(who)
	}
	if g.Expires, err = time.ParseInLocation("2006-01-02T15:04", f.Need("expires", 30), clock.Shanghai); err != nil {
		f.Add(fault.New(fault.Invalid, "desk.time").At("expires"))
	}
	if err = f.Err(); err == nil {
		_, err = h.Flow.Allot(r.Context(), edge.Who(r).Actor, g)
	}
	v.Allots.For, v.Allots.Units, v.Allots.Until, v.Allots.Capped = r.PostFormValue("for"), clip(r.PostFormValue("units"), 12), clip(r.PostFormValue("expires"), 30), g.Capped
	return h.lotDone(w, r, v, err)
}

// resizeAllot makes a share larger or smaller, or takes it back.
func (h *screens) changeAllot(w http.ResponseWriter, r *http.Request) error {
	v, err := h.lotView(w, r)
	if err != nil {
		return err
	}
	a, err := site.PathID[id.Allotment](r, "allotment")
	if err != nil {
		return err
	}
	x, err := lot.AllotmentByID(r.Context(), h.DB, a)
	if err != nil {
		return err
	}
	if x.Lot != v.Lot.ID {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	if f.One("do", "resize", "back") == "back" {
		err = h.Flow.TakeBackAllotment(r.Context(), edge.Who(r).Actor, a)
	} else {
		units := f.Int("units", 1, lot.MaxQty/max(v.Lot.Goods.BasePerUnit, 1))
		if err = f.Err(); err == nil {
			err = h.Flow.ResizeAllotment(r.Context(), edge.Who(r).Actor, a, units*v.Lot.Goods.BasePerUnit)
		}
	}
	if err != nil && site.Correctable(err) { // the fields of the other form are not the ones that are wrong
		v.Trouble = v.P.Err(fault.Of(err))
		return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), lotScreen(v))
	}
	return h.lotDone(w, r, v, err)
}
