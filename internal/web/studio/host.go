package studio

import (
	"net/http"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/practice"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/waitlist"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// hostRoutes are host mode, from which a host goes live with a phone alone, and
// the practice room.
func (h *screens) hostRoutes() []edge.Route {
	host := edge.Only(actor.Host)
	own, play := host.Own("show"), host.Own("practice")
	sheet := edge.Only(actor.Host, actor.Operator, actor.Teacher, actor.Overseer).Own("practice", actor.Operator, actor.Teacher, actor.Overseer)
	return []edge.Route{
		{Method: "GET", Path: "/studio/shows/{id}/live", Access: own, Handle: h.live},
		{Method: "GET", Path: "/studio/shows/{id}/live/state", Access: own, Handle: h.liveState},
		{Method: "POST", Path: "/studio/shows/{id}/help", Access: own, Handle: h.help},
		{Method: "POST", Path: "/studio/shows/{id}/answered", Access: play, Handle: h.answered},
		{Method: "POST", Path: "/studio/shows/{id}/sound", Access: play, Handle: h.sound},
		{Method: "POST", Path: "/studio/practice", Access: host, Handle: h.practise},
		{Method: "GET", Path: "/studio/practice/{id}", Access: sheet, Handle: h.sheet},
	}
}

// hostState is what host.js draws.
type hostState struct {
	studioState
	Help *helpNow `json:"help,omitempty"`
	// Waits is who waits for more of a sold-out item: worth a word to them.
	Waits map[id.Item]waitlist.Demand `json:"waits,omitempty"`
	Play  *playNow                    `json:"play,omitempty"` // practice only
}

// helpNow is the host's open call.
type helpNow struct {
	Name string `json:"name,omitempty"` // of who comes; "": nobody has said so yet
}

// playNow is what the scripted audience does, with the coach's lines.
type playNow struct {
	flow.PracticeNow
	Coach map[string]string `json:"coach"` // by topic
}

func (h *screens) readHost(r *http.Request) (hostState, show.Show, error) {
	st, sh, err := h.read(r)
	if err != nil {
		return hostState{}, sh, err
	}
	out := hostState{studioState: st}
	if err := h.readHelp(r, sh, &out); err != nil {
		return out, sh, err
	}
	if sh.Practice {
		return out, sh, h.readPlay(r, sh, &out)
	}
	out.Waits, err = waitlist.DemandOf(r.Context(), h.DB, sh.ID)
	return out, sh, err
}

func (h *screens) readHelp(r *http.Request, sh show.Show, out *hostState) error {
	call, open, err := show.OpenHelp(r.Context(), h.DB, sh.ID)
	if err == nil && open {
		out.Help = &helpNow{Name: call.Name}
	}
	return err
}

// readCheck tells what of the checklist is missing, and that a colleague signs.
func (h *screens) readCheck(r *http.Request, sh show.Show, out *studioState) error {
	if sh.Practice || sh.State != show.Announced {
		return nil
	}
	p, err := h.Flow.ReadPrestart(r.Context(), h.DB, sh.ID)
	why := p.Why()
	if err != nil || why == "" {
		return err
	}
	v := edge.Who(r).P
	out.Unready = v.T(why)
	for _, k := range p.List.Missing(flow.HandPoints...) {
		out.Missing = append(out.Missing, v.T("compliance.point_"+k))
	}
	return nil
}

func (h *screens) readPlay(r *http.Request, sh show.Show, out *hostState) error {
	now, err := h.Flow.PracticeState(r.Context(), sh.ID)
	if err != nil {
		return err
	}
	out.Play = &playNow{PracticeNow: now, Coach: map[string]string{}}
	out.Counts = now.Counts
	for _, q := range now.Open {
		out.Play.Coach[q.Topic] = edge.Who(r).P.T("practice.coach_" + q.Topic)
	}
	return nil
}

type hostView struct {
	page.Base
	State hostState
	Show  show.Show
}

// live is host mode: one screen, one big button, nothing to type.
func (h *screens) live(w http.ResponseWriter, r *http.Request) error {
	st, sh, err := h.readHost(r)
	if err != nil {
		return err
	}
	if sh.Practice && sh.Over() {
		return h.Redirect(w, r, sheetPath(sh.ID), "")
	}
	v := hostView{Base: h.Base(w, r, "studio", sh.Title), State: st, Show: sh}
	v.Full = true
	v.Styles, v.Scripts = []string{"studio/host.css"}, []string{"studio/host.js"}
	return h.Render(w, r, hostScreen(v))
}

func (h *screens) liveState(w http.ResponseWriter, r *http.Request) error {
	st, _, err := h.readHost(r)
	if err != nil {
		return err
	}
	return site.JSON(w, r, st)
}

// help calls for somebody (on=1), or says that it is over (on=0).
func (h *screens) help(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	on := f.One("on", "0", "1")
	if err := f.Err(); err != nil {
		return err
	}
	who := edge.Who(r).Actor
	if on == "0" {
		if err := h.Flow.EndHelp(r.Context(), who, sh.ID); err != nil {
			return err
		}
		return h.answer(w, r, struct{}{}, sh.ID, "")
	}
	call, err := h.Flow.CallHelp(r.Context(), who, sh.ID)
	if err != nil {
		return err
	}
	return h.answer(w, r, helpNow{Name: call.Name}, sh.ID, edge.Who(r).P.T("host.help_called"))
}

// practise opens the host's practice room, or leads back to the one that runs.
func (h *screens) practise(w http.ResponseWriter, r *http.Request) error {
	v := edge.Who(r)
	s, err := h.Flow.StartPractice(r.Context(), v.Actor, i18n.Lang(v.P.Lang()))
	if err != nil {
		return err
	}
	return h.Redirect(w, r, livePath(s), "")
}

// answered notes that the host has answered a question of the practice audience.
func (h *screens) answered(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	m := id.Message(f.Need("message", 40))
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.AnswerPractice(r.Context(), edge.Who(r).Actor, sh.ID, m); err != nil {
		return err
	}
	return h.answer(w, r, struct{}{}, sh.ID, "")
}

// maxBeat is the longest stretch of sound a page tells of at once.
const maxBeat = int64(time.Minute / time.Millisecond)

// sound notes for how long the microphone heard a voice; no sound comes here.
func (h *screens) sound(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	ms := func(name string, most int64) time.Duration {
		return time.Duration(f.Int(name, 0, most)) * time.Millisecond
	}
	x := practice.Sound{Heard: ms("heard", maxBeat), Talk: ms("talk", maxBeat), Pause: ms("pause", int64(practice.Length/time.Millisecond))}
	if err := f.Err(); err != nil {
		return err
	}
	if !sh.Practice {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := h.Flow.HearPractice(r.Context(), edge.Who(r).Actor, sh.ID, x); err != nil {
		return err
	}
	return h.answer(w, r, struct{}{}, sh.ID, "")
}

func livePath(s id.Show) string  { return path(s) + "/live" }
func sheetPath(s id.Show) string { return "/studio/practice/" + string(s) }

// hostWords are the texts that host.js needs.
func hostWords(b page.Base) map[string]string {
	out := map[string]string{}
	for _, k := range []string{
		"go", "go_again", "go_practice", "wait_sign", "opening", "starting", "retrying", "away", "live", "live_practice", "ended", "draft",
		"mic_ok", "mic_soft", "mic_loud", "mic_off", "light_good", "light_dark", "light_backlit", "light_bright",
		"net_good", "net_weak", "net_bad", "net_lost", "net_none",
		"help", "help_waiting", "help_coming", "help_take_back", "help_done", "stop_sure", "stop", "stop_practice_sure",
		"next", "prev", "next_named", "no_next", "no_script", "no_items", "none_now", "now", "left", "waits", "online", "orders", "no_chat",
		"answered", "answered_done", "coach", "read_on", "read_off", "says", "slate", "slate_sub", "practice_mark", "again_try",
	} {
		out[k] = b.T("host.js_" + k)
	}
	for _, k := range []string{"insecure", "wechat", "inapp", "browser", "denied", "nocamera", "busy", "camera", "failed", "elsewhere", "blocked", "unsupported"} {
		out["bad_"+k], out["do_"+k] = b.T("host.bad_"+k), b.T("host.do_"+k)
	}
	for _, s := range []string{"coming", "on_sale", "sold_out", "off"} {
		out["item_"+s] = b.T("ui.item_" + s)
	}
	for _, s := range []string{"host", "staff"} {
		out[s] = b.T("studio.js_" + s)
	}
	return out
}
