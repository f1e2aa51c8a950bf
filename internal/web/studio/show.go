package studio

import (
	"net/http"

	qrcode "github.com/skip2/go-qrcode"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// chatTail is how much of the chat a host sees: large type, few lines.
const chatTail = 40

// qrPixels is large enough for a phone that looks at another phone's screen.
const qrPixels = 480

type homeView struct {
	page.Base
	Next, Past []show.Show
	Practice   id.Show     // the practice that runs, "" for none
	Practised  []show.Show // the ones that ended
	Agencies   []agencyView
}

// home is the host's own shows: what comes, and what was.
func (h *screens) home(w http.ResponseWriter, r *http.Request) error {
	v := homeView{Base: h.Base(w, r, "studio", edge.Who(r).P.T("studio.title"))}
	v.Styles = []string{"studio/studio.css", "studio/host.css"}
	list, err := show.List(r.Context(), h.DB, show.Filter{Host: v.Actor.User, Limit: 100})
	if err != nil {
		return err
	}
	if v.Practice, v.Practised, err = h.practiceHome(r.Context(), v.Actor); err != nil {
		return err
	}
	if v.Agencies, err = h.agencies(r.Context(), v.Actor); err != nil {
		return err
	}
	for _, s := range list {
		if s.Over() {
			v.Past = append(v.Past, s)
		} else {
			v.Next = append(v.Next, s)
		}
	}
	return h.Render(w, r, homeScreen(v))
}

// own reads the show in the path; another host's is not there.
func (h *screens) own(r *http.Request) (show.Show, error) {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return show.Show{}, err
	}
	sh, err := show.ByID(r.Context(), h.DB, sid)
	if err == nil && sh.Host != edge.Who(r).Actor.User {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, err
}

// studioState is what studio.js draws.
type studioState struct {
	truth
	Script map[id.Item]string `json:"script"`
	Health *health            `json:"health,omitempty"`
	// Unready says why the show can't begin yet.
	Unready string `json:"unready,omitempty"`
	// Missing are the points of the checklist that are open.
	Missing []string `json:"missing,omitempty"`
}

type truth = room.State

// health of the picture, in words a host can act on.
type health struct {
	Size     string   `json:"size"`
	Warnings []string `json:"warnings,omitempty"`
}

func (h *screens) read(r *http.Request) (studioState, show.Show, error) {
	sh, err := h.own(r)
	if err != nil {
		return studioState{}, sh, err
	}
	st, err := room.Read(r.Context(), h.DB, sh.ID, chatTail)
	if err != nil {
		return studioState{}, sh, err
	}
	out := studioState{truth: st, Script: map[id.Item]string{}}
	items, err := show.Items(r.Context(), h.DB, sh.ID)
	if err != nil {
		return studioState{}, sh, err
	}
	for _, it := range items {
		if it.Script != "" {
			out.Script[it.ID] = it.Script
		}
	}
	if h.RT != nil {
		out.Counts.Online = h.RT.Online(room.Channel(sh.ID))
	}
	out.Stream, out.Health = h.picture(sh, edge.Who(r))
	return out, sh, h.readCheck(r, sh, &out)
}

func (h *screens) picture(sh show.Show, v edge.Visitor) (string, *health) {
	if sh.Over() || h.Streams == nil {
		return "ended", nil
	}
	x, ok := h.Streams.Health(string(sh.ID))
	if !ok {
		return h.Streams.State(string(sh.ID)), nil
	}
	out := &health{Size: v.P.T("studio.size", "W", x.Width, "H", x.Height, "FPS", int(x.FPS+0.5))}
	for _, k := range x.Warnings {
		out.Warnings = append(out.Warnings, v.P.T(k))
	}
	return h.Streams.State(string(sh.ID)), out
}

type showView struct {
	page.Base
	State  studioState
	Show   show.Show
	Server string
	Key    string
	Shares []share // goods only this host may sell
}

// show is the one screen of a show: how to go live, what to say next, who asks.
func (h *screens) show(w http.ResponseWriter, r *http.Request) error {
	st, sh, err := h.read(r)
	if err != nil {
		return err
	}
	v := showView{Base: h.Base(w, r, "studio", sh.Title), State: st, Show: sh, Server: h.RTMPURL}
	v.Styles, v.Scripts = []string{"studio/studio.css", "studio/host.css"}, []string{"studio/studio.js"}
	if !sh.Over() {
		if v.Shares, err = h.shares(r.Context(), sh); err != nil {
			return err
		}
		if v.Key, err = show.Key(r.Context(), h.DB, h.Vault, v.Actor, sh.ID); err != nil {
			return err
		}
	}
	return h.Render(w, r, showScreen(v))
}

// state answers "reload the truth".
func (h *screens) state(w http.ResponseWriter, r *http.Request) error {
	st, _, err := h.read(r)
	if err != nil {
		return err
	}
	return site.JSON(w, r, st)
}

// qr holds server and key as one address, which streaming apps for phones scan.
func (h *screens) qr(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	key, err := show.Key(r.Context(), h.DB, h.Vault, edge.Who(r).Actor, sh.ID)
	if err != nil {
		return err
	}
	if key == "" || sh.Over() {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	png, err := qrcode.Encode(h.RTMPURL+"/"+key, qrcode.Medium, qrPixels)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(png)
	if r.Context().Err() != nil {
		return nil // the reader left
	}
	return err
}

func path(s id.Show) string { return "/studio/shows/" + string(s) }

// answer tells our script what came of it, and a plain form where to go on.
func (h *screens) answer(w http.ResponseWriter, r *http.Request, v any, s id.Show, text string) error {
	if site.WantsJSON(r) {
		return site.JSON(w, r, v)
	}
	return h.Redirect(w, r, path(s), text)
}

// pin puts an item on the card "explaining now", or nothing.
func (h *screens) pin(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	it := id.Item(f.Text("item", 40))
	if it != "" && !id.Valid(it) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := h.Flow.PinItem(r.Context(), edge.Who(r).Actor, sh.ID, it); err != nil {
		return err
	}
	return h.answer(w, r, room.PinEvent{Item: it}, sh.ID, "")
}

// move starts or stops the host's own show.
func (h *screens) move(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	to := f.One("to", string(show.Live), string(show.Ended))
	if err := f.Err(); err != nil {
		return err
	}
	if sh, err = h.Flow.MoveShow(r.Context(), edge.Who(r).Actor, sh.ID, show.State(to)); err != nil {
		return err
	}
	return h.answer(w, r, room.ShowEvent{State: string(sh.State)}, sh.ID, edge.Who(r).P.T("studio.moved_"+string(sh.State)))
}

// newKey makes a fresh stream key.
func (h *screens) newKey(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	if _, err := h.Flow.NewStreamKey(r.Context(), edge.Who(r).Actor, sh.ID); err != nil {
		return err
	}
	return h.Redirect(w, r, path(sh.ID), edge.Who(r).P.T("studio.key_made"))
}

// say answers in the chat as the host.
func (h *screens) say(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	body := f.Need("body", 1000)
	if err := f.Err(); err != nil {
		return err
	}
	m, err := h.Flow.Say(r.Context(), edge.Who(r).Actor, sh.ID, body)
	if err != nil {
		return err
	}
	return h.answer(w, r, room.Messages(m)[0], sh.ID, "")
}

// studioWords are the texts that studio.js needs.
func studioWords(b page.Base) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"now", "next", "say", "tap", "left", "online", "start", "start_sure", "stop", "stop_sure", "no_chat", "no_items", "no_script", "healthy", "host", "staff", "none_now"} {
		out[k] = b.T("studio.js_" + k)
	}
	for _, s := range []string{"coming", "on_sale", "sold_out", "off"} {
		out["item_"+s] = b.T("ui.item_" + s)
	}
	for _, s := range show.States {
		out["show_"+string(s)] = b.T("ui.show_" + string(s))
	}
	for _, s := range []string{"idle", "live", "away", "ended"} {
		out["stream_"+s] = b.T("ui.stream_" + s)
	}
	return out
}
