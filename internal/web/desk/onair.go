package desk

import (
	"net/http"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// onAirPath is where whoever answers for the centre ends a show, without the
// tools of those who run it.
const onAirPath = "/desk/onair"

// onAirAhead is how long before its start a notice can be stopped there.
const onAirAhead = 24 * time.Hour

func (h *screens) onAirRoutes() []edge.Route {
	return []edge.Route{{Method: "GET", Path: onAirPath, Access: edge.Only(actor.Admin, actor.Operator, actor.Moderator), Handle: h.onAir}}
}

// onAirView is every show that runs or is about to.
type onAirView struct {
	page.Base
	Shows []onAirShow
	// Open is the show whose switch stands open, with what was wrong with the
	// reason that was given.
	Open  id.Show
	Wrong string
}

type onAirShow struct {
	show.Show
	Host   string
	Online int
}

func (h *screens) onAir(w http.ResponseWriter, r *http.Request) error {
	v, err := h.onAirView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, onAirScreen(v))
}

// onAirAgain shows the list once more with what was wrong with a reason.
func (h *screens) onAirAgain(w http.ResponseWriter, r *http.Request, s id.Show, cause error) error {
	if !site.Correctable(cause) {
		return cause
	}
	v, err := h.onAirView(w, r)
	if err != nil {
		return err
	}
	words := ui.Errors(v.Base, cause)
	v.Open, v.Wrong = s, words["why"]+words[""]
	return h.RenderStatus(w, r, fault.Of(cause).Kind.Status(), onAirScreen(v))
}

func (h *screens) onAirView(w http.ResponseWriter, r *http.Request) (onAirView, error) {
	v := onAirView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("compliance.onair"))}
	v.Styles = []string{"desk/desk.css", "desk/law.css"}
	list, err := h.onAirShows(r, v.Now)
	v.Shows, v.Open = list, id.Show(r.URL.Query().Get("show"))
	return v, err
}

// onAirShows are the shows that run, then those of the next day.
func (h *screens) onAirShows(r *http.Request, now time.Time) ([]onAirShow, error) {
	var out []onAirShow
	var hosts []id.User
	for _, state := range []show.State{show.Live, show.Announced} {
		list, err := show.List(r.Context(), h.DB, show.Filter{States: []show.State{state}, Limit: roomsList})
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if state == show.Announced && s.Starts.After(now.Add(onAirAhead)) {
				continue
			}
			x := onAirShow{Show: s}
			if h.RT != nil {
				x.Online = h.RT.Online(room.Channel(s.ID))
			}
			out, hosts = append(out, x), append(hosts, s.Host)
		}
	}
	us, err := account.Users(r.Context(), h.DB, hosts...)
	for i := range out {
		out[i].Host = us[out[i].Show.Host].Name
	}
	return out, err
}
