package desk

import (
	"net/http"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// showsShown bounds each list of shows.
const showsShown = 100

type showsView struct {
	page.Base
	Over  bool // the ended ones
	Tabs  []ui.Tab
	Shows []show.Show
	Hosts map[id.User]account.User
	Count map[id.Show]int
}

// shows lists what runs and what comes, or what was.
func (h *screens) shows(w http.ResponseWriter, r *http.Request) error {
	v := showsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.shows_title")), Over: r.URL.Query().Get("list") == "over", Count: map[id.Show]int{}}
	v.Styles = []string{"desk/desk.css"}
	v.Tabs = []ui.Tab{{Href: "/desk/shows", Label: v.T("desk.shows_now"), Here: !v.Over}, {Href: "/desk/shows?list=over", Label: v.T("desk.shows_over"), Here: v.Over}}
	states := []show.State{show.Live, show.Announced, show.Draft}
	if v.Over {
		states = []show.State{show.Ended, show.Cancelled}
	}
	var err error
	if v.Shows, err = show.List(r.Context(), h.DB, show.Filter{States: states, Limit: showsShown}); err != nil {
		return err
	}
	var hosts []id.User
	var ids []id.Show
	for _, s := range v.Shows {
		hosts, ids = append(hosts, s.Host), append(ids, s.ID)
	}
	if v.Hosts, err = account.Users(r.Context(), h.DB, hosts...); err != nil {
		return err
	}
	items, err := show.ItemsOfShows(r.Context(), h.DB, ids...)
	for s, list := range items {
		v.Count[s] = len(list)
	}
	if err != nil {
		return err
	}
	return h.Render(w, r, showsScreen(v))
}

// minuteForm is how a browser writes a time of day.
const minuteForm = "2006-01-02T15:04"

// notice is the form of a show.
type notice struct {
	show.Show
	Starts string // as typed
	Hosts  []account.User
	Wrong  map[string]string
}

type newShowView struct {
	page.Base
	notice
}

func (h *screens) newShow(w http.ResponseWriter, r *http.Request) error {
	v := newShowView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.show_new"))}
	v.Styles = []string{"desk/desk.css"}
	tomorrow := clock.DayOf(v.Now).Add(1).Time().Add(20 * time.Hour)
	v.Show = show.Show{Orientation: show.Portrait}
	v.notice.Starts = tomorrow.Format(minuteForm)
	var err error
	if v.Hosts, err = account.WithRole(r.Context(), h.DB, actor.Host); err != nil {
		return err
	}
	return h.Render(w, r, newShowScreen(v))
}

// createShow makes a draft; its goods come next.
func (h *screens) createShow(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n := readNotice(r, f, show.Show{})
	err = f.Err()
	var sid id.Show
	if err == nil {
		sid, err = h.Flow.SaveShow(r.Context(), edge.Who(r).Actor, n.Show)
	}
	if err == nil {
		return h.Redirect(w, r, planPath(sid), edge.Who(r).P.T("desk.show_created"))
	}
	if !site.Correctable(err) {
		return err
	}
	v := newShowView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.show_new")), notice: n}
	v.Styles, v.Wrong = []string{"desk/desk.css"}, ui.Errors(v.Base, err)
	var lerr error
	if v.Hosts, lerr = account.WithRole(r.Context(), h.DB, actor.Host); lerr != nil {
		return lerr
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), newShowScreen(v))
}

// readNotice takes a show's notice from the form.
func readNotice(r *http.Request, f *site.Form, sh show.Show) notice {
	sh.Title, sh.Summary = f.Need("title", show.MaxTitle), f.Text("summary", show.MaxSummary)
	sh.Host = id.User(f.Need("host", 40))
	sh.Orientation = f.One("orientation", show.Portrait, show.Landscape)
	raw := f.Need("starts", 30)
	if raw != "" {
		t, err := time.ParseInLocation(minuteForm, raw, clock.Shanghai)
		if err != nil {
			f.Add(fault.New(fault.Invalid, "desk.time").At("starts"))
		}
		sh.Starts = t
	}
	n := notice{Show: sh, Starts: raw}
	// What was typed stands again in the form, also when it is too long.
	n.Title, n.Summary = clip(r.PostFormValue("title"), 200), clip(r.PostFormValue("summary"), 2000)
	if f.Err() == nil {
		n.Show = sh
	}
	return n
}

// saveShow changes the notice.
func (h *screens) saveShow(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n := readNotice(r, f, sh)
	// A form knows minutes only: a start nobody touched stays to the second.
	if n.Show.Starts.Equal(sh.Starts.Truncate(time.Minute)) {
		n.Show.Starts = sh.Starts
	}
	if err = f.Err(); err == nil {
		_, err = h.Flow.SaveShow(r.Context(), edge.Who(r).Actor, n.Show)
	}
	if err == nil {
		return h.Redirect(w, r, planPath(sh.ID), edge.Who(r).P.T("desk.saved"))
	}
	return h.planAgain(w, r, err, func(v *planView) { n.Hosts = v.Notice.Hosts; n.Wrong = v.words(err); v.Notice = n })
}

func hostOptions(n notice) []ui.Option {
	var out []ui.Option
	known := n.Host == ""
	for _, u := range n.Hosts {
		if u.State == account.Active || u.ID == n.Host {
			out = append(out, ui.Option{Value: string(u.ID), Label: u.Name})
			known = known || u.ID == n.Host
		}
	}
	if !known {
		out = append(out, ui.Option{Value: string(n.Host), Label: "–"})
	}
	return out
}
