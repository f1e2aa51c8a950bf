package desk

import (
	"net/http"
	"strconv"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/relay"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// sendRoutes are where a show's picture is sent on to.
func (h *screens) sendRoutes() []edge.Route {
	run, see := edge.Only(actor.Operator), edge.Only(actor.Operator, actor.Overseer)
	return []edge.Route{
		{Method: "GET", Path: "/desk/shows/{id}/send", Access: see, Handle: h.send},
		{Method: "GET", Path: "/desk/shows/{id}/send/state", Access: see, Handle: h.sendState},
		{Method: "POST", Path: "/desk/shows/{id}/send", Access: run, Handle: h.addTarget},
		{Method: "POST", Path: "/desk/shows/{id}/send/{target}", Access: run, Handle: h.saveTarget},
		{Method: "POST", Path: "/desk/shows/{id}/send/{target}/switch", Access: run, Handle: h.switchTarget},
		{Method: "POST", Path: "/desk/shows/{id}/send/{target}/retry", Access: run, Handle: h.retryTarget},
		{Method: "POST", Path: "/desk/shows/{id}/send/{target}/remove", Access: run, Handle: h.removeTarget},
	}
}

// sendLine is a target as the page lists it.
type sendLine struct {
	relay.Target
	On    bool
	Link  linkView
	In    relay.New // what the form shows
	Wrong map[string]string
}

// linkView is how a link does, in words.
type linkView struct {
	State  string  `json:"state"`
	Tone   ui.Tone `json:"tone"`
	Word   string  `json:"word"`
	Detail string  `json:"detail"`
	Said   string  `json:"said,omitempty"`
	Retry  bool    `json:"retry"` // waits, and may be told to try now
}

type sendView struct {
	page.Base
	Show  show.Show
	List  []sendLine
	Edit  bool
	Sound bool // phone shows can be sent with their sound
	Key   string
	In    relay.New
	Wrong map[string]string
}

func sendPath(s id.Show) string { return roomPath(s) + "/send" }

func (h *screens) send(w http.ResponseWriter, r *http.Request) error {
	v, err := h.readSend(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, sendScreen(v))
}

func (h *screens) readSend(w http.ResponseWriter, r *http.Request) (v sendView, err error) {
	v = sendView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("send.title")), Sound: h.Flow.FFmpeg != "", Key: id.New[string]()}
	v.Styles, v.Scripts = []string{"desk/desk.css", "desk/send.css"}, []string{"desk/send.js"}
	if v.Show, err = h.theShow(r); err != nil {
		return v, err
	}
	v.Path = sendPath(v.Show.ID)
	v.Edit = v.Has(actor.Operator)
	list, err := relay.List(r.Context(), h.DB)
	if err != nil {
		return v, err
	}
	on, err := relay.Uses(r.Context(), h.DB, v.Show.ID)
	if err != nil {
		return v, err
	}
	for _, t := range list {
		v.List = append(v.List, sendLine{Target: t, On: on[t.ID], Link: h.linkOf(v.Base, v.Show, t.ID, on[t.ID]), In: relay.New{Name: t.Name, Server: t.Server}})
	}
	return v, nil
}

// sendState is what changes on the page, for its script.
func (h *screens) sendState(w http.ResponseWriter, r *http.Request) error {
	v, err := h.readSend(w, r)
	if err != nil {
		return err
	}
	out := make(map[id.Relay]linkView, len(v.List))
	for _, t := range v.List {
		out[t.ID] = t.Link
	}
	return site.JSON(w, r, out)
}

var linkTones = map[push.State]ui.Tone{push.Idle: "info", push.Connecting: "info", push.Sending: "ok", push.Waiting: "warn", push.Refused: "bad"}

// linkOf puts a link into words.
func (h *screens) linkOf(b page.Base, sh show.Show, t id.Relay, on bool) linkView {
	switch {
	case !on:
		return linkView{State: "off", Word: b.T("send.state_off")}
	case sh.State != show.Live:
		return linkView{State: "ready", Tone: "info", Word: b.T("send.state_ready")}
	case h.Sends == nil:
		return linkView{State: "off", Word: b.T("send.state_off")}
	}
	s := h.Sends.Status(string(sh.ID), string(t))
	if s.State == push.Off {
		s.State = push.Connecting // switched on a moment ago
	}
	v := linkView{State: string(s.State), Tone: linkTones[s.State], Word: b.T("send.state_" + string(s.State)), Said: s.Said}
	switch s.State {
	case push.Sending:
		v.Detail = b.T("send.flows", "Rate", speed(s.Rate), "Minutes", int(b.Now.Sub(s.Since)/time.Minute))
		if s.Lost > 0 {
			v.Detail += " " + b.T("send.lost", "N", s.Lost)
		}
	case push.Waiting, push.Refused:
		v.Retry = true
		v.Detail = b.T(s.Why) + " " + b.T("send.again", "Seconds", max(1, int(s.Next.Sub(b.Now).Round(time.Second)/time.Second)), "Tries", s.Tries)
	case push.Idle:
		v.Detail = b.T("send.idle_why")
	}
	return v
}

// speed in the unit people compare with their uplink.
func speed(bits float64) string { return strconv.FormatFloat(bits/1e6, 'f', 1, 64) + " Mbit/s" }

// theTarget reads the target in the path.
func theTarget(r *http.Request) (id.Relay, error) { return site.PathID[id.Relay](r, "target") }

// newTarget reads the form of a target.
func newTarget(f *site.Form) relay.New {
	return relay.New{Name: f.Text("name", relay.MaxName), Server: f.Text("server", push.MaxAddress+push.MaxKey), Key: f.Text("stream_key", push.MaxKey)}
}

// addTarget keeps a new target and switches it on for the show.
func (h *screens) addTarget(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n, who := newTarget(f), edge.Who(r)
	var t relay.Target
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			t, err = relay.Add(r.Context(), tx, h.Vault, who.Actor, f.Need("key", 64), n)
			return err
		})
	}
	if err != nil {
		return h.sendAgain(w, r, err, "", n)
	}
	// That it is kept stands, also when it can't be switched on here.
	if err := h.Flow.SwitchRelay(r.Context(), who.Actor, sh.ID, t.ID, true); err != nil && !site.Correctable(err) {
		return err
	} else if err != nil {
		return h.Redirect(w, r, sendPath(sh.ID), who.P.T("send.kept_off", "Name", t.Name, "Why", who.P.Err(fault.Of(err))))
	}
	return h.Redirect(w, r, sendPath(sh.ID), who.P.T("send.added", "Name", t.Name))
}

// saveTarget changes a target; without a new key the old one stays.
func (h *screens) saveTarget(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	t, err := theTarget(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n := newTarget(f)
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			return relay.Change(r.Context(), tx, h.Vault, edge.Who(r).Actor, t, n)
		})
	}
	if err != nil {
		return h.sendAgain(w, r, err, t, n)
	}
	return h.Redirect(w, r, sendPath(sh.ID), edge.Who(r).P.T("send.saved", "Name", n.Name))
}

// sendAgain shows the page once more with what was wrong, without the key.
func (h *screens) sendAgain(w http.ResponseWriter, r *http.Request, cause error, t id.Relay, n relay.New) error {
	if site.WantsJSON(r) || !site.Correctable(cause) {
		return cause
	}
	v, err := h.readSend(w, r)
	if err != nil {
		return err
	}
	wrong := ui.Errors(v.Base, cause)
	if m, ok := wrong["key"]; ok {
		wrong["stream_key"] = m
	}
	n.Key = ""
	if t == "" {
		v.In, v.Wrong = n, wrong
	}
	for i := range v.List {
		if v.List[i].ID == t {
			v.List[i].In, v.List[i].Wrong = n, wrong
		}
	}
	return h.RenderStatus(w, r, fault.Of(cause).Kind.Status(), sendScreen(v))
}

// switchTarget turns a target on or off for the show.
func (h *screens) switchTarget(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	t, err := theTarget(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	to := f.One("to", "on", "off")
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.SwitchRelay(r.Context(), edge.Who(r).Actor, sh.ID, t, to == "on"); err != nil {
		return h.sendAgain(w, r, err, "", relay.New{})
	}
	return h.Redirect(w, r, sendPath(sh.ID), edge.Who(r).P.T("send.switched_"+to))
}

// retryTarget lets a link that waits try now.
func (h *screens) retryTarget(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	t, err := theTarget(r)
	if err != nil {
		return err
	}
	if h.Sends != nil {
		h.Sends.Retry(string(sh.ID), string(t))
	}
	return h.Redirect(w, r, sendPath(sh.ID), edge.Who(r).P.T("send.retried"))
}

// removeTarget takes a target away for all shows.
func (h *screens) removeTarget(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	t, err := theTarget(r)
	if err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error { return relay.Remove(r.Context(), tx, edge.Who(r).Actor, t) })
	if err != nil {
		return err
	}
	return h.Redirect(w, r, sendPath(sh.ID), edge.Who(r).P.T("send.removed"))
}
