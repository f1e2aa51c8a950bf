package desk

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/watch"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Limits of the screen of many rooms.
const (
	maxTiles  = 6
	minTiles  = 4 // fewer rooms leave places that say what comes next
	roomsChat = 30
	roomsList = 50 // shows to choose from
	soonAfter = time.Hour
)

// roomsRoutes are the screen of many rooms.
func (h *screens) roomsRoutes() []edge.Route {
	see := edge.Only(actor.Operator, actor.Moderator, actor.Overseer)
	talk := edge.Only(actor.Operator, actor.Moderator)
	return []edge.Route{
		{Method: "GET", Path: "/desk/rooms", Access: see, Handle: h.rooms},
		{Method: "GET", Path: "/desk/rooms/pulse", Access: see, Handle: h.roomsPulse},
		{Method: "POST", Path: "/desk/rooms/quiet", Access: talk, Handle: h.quietAlert},
		{Method: "POST", Path: "/desk/shows/{id}/help", Access: talk, Handle: h.answerHelp},
	}
}

// roomsView is the screen of many rooms.
type roomsView struct {
	page.Base
	State  roomsState
	Shows  []show.Show // all that can be chosen
	Chosen map[id.Show]bool
	Next   []show.Show // what the empty places tell
	Empty  int
	Run    bool
	Talk   bool
	Money  bool
	// TooMany tells that the address asks for more rooms than fit.
	TooMany bool
}

// roomsState is what rooms.js begins with.
type roomsState struct {
	Rooms []room.State `json:"rooms"`
	Pulse roomsPulse   `json:"pulse"`
}

// roomsPulse is what of all rooms is no event; read again every few seconds.
type roomsPulse struct {
	Rooms  map[id.Show]roomPulse `json:"rooms"`
	Alerts []alertLine           `json:"alerts"`
	Help   []helpLine            `json:"help"`
	// More tells of rooms that are on air and on no tile here.
	More []id.Show `json:"more,omitempty"`
	At   time.Time `json:"at"`
}

type roomPulse struct {
	State   string      `json:"state"`
	Stream  string      `json:"stream"`
	Counts  room.Counts `json:"counts"`
	Figures *figures    `json:"figures,omitempty"` // nil for who must see no money
	All     []id.Item   `json:"all,omitempty"`     // items that sell all there is: nothing to add
	Unready string      `json:"unready,omitempty"` // in words what keeps it from beginning
}

// alertLine is an alert in words.
type alertLine struct {
	ID    string    `json:"id"`
	Topic string    `json:"topic"`
	Show  id.Show   `json:"show"`
	Kind  string    `json:"kind"`
	Bad   bool      `json:"bad,omitempty"`
	Text  string    `json:"text"`
	Do    string    `json:"do,omitempty"`
	Item  id.Item   `json:"item,omitempty"`
	Since time.Time `json:"since"`
}

// rooms shows several rooms at once.
func (h *screens) rooms(w http.ResponseWriter, r *http.Request) error {
	all, err := show.List(r.Context(), h.DB, show.Filter{States: []show.State{show.Live, show.Announced}, Limit: roomsList})
	if err != nil {
		return err
	}
	v := roomsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("rooms.title")), Shows: all, Chosen: map[id.Show]bool{}}
	v.Run, v.Talk, v.Money = v.Has(actor.Operator), v.Has(actor.Operator, actor.Moderator), seesMoney(v.Actor)
	v.Full = true
	v.Styles, v.Scripts = []string{"desk/desk.css", "desk/selling.css", "desk/rooms.css"}, []string{"desk/rooms.js"}
	v.TooMany = len(r.URL.Query()["show"]) > maxTiles
	shown := h.tiles(r, all, v.Now)
	for _, s := range shown {
		v.Chosen[s.ID] = true
		st, err := room.Read(r.Context(), h.DB, s.ID, roomsChat)
		if err != nil {
			return err
		}
		st.HLS, st.HLSPlain = "/live/"+string(s.ID)+"/index.m3u8", "/live/"+string(s.ID)+"/plain.m3u8"
		v.State.Rooms = append(v.State.Rooms, st)
	}
	for _, s := range all {
		if !v.Chosen[s.ID] && s.State == show.Announced {
			v.Next = append(v.Next, s)
		}
	}
	v.Empty = max(0, minTiles-len(shown))
	if v.State.Pulse, err = h.readRooms(r, shown, all); err != nil {
		return err
	}
	for i := range v.State.Rooms {
		p := v.State.Pulse.Rooms[v.State.Rooms[i].ID]
		v.State.Rooms[i].Stream, v.State.Rooms[i].Counts = p.Stream, p.Counts
	}
	return h.Render(w, r, roomsScreen(v))
}

// tiles picks the rooms of the screen: those asked for, else what is on air,
// rehearses or begins soon.
func (h *screens) tiles(r *http.Request, all []show.Show, now time.Time) []show.Show {
	asked := r.URL.Query()["show"]
	var out []show.Show
	for _, s := range all {
		want := s.State == show.Live || s.Starts.Sub(now) < soonAfter || h.streamOf(s.ID) == "live"
		if len(asked) > 0 {
			want = slices.Contains(asked, string(s.ID))
		}
		if want && len(out) < maxTiles {
			out = append(out, s)
		}
	}
	return out
}

func (h *screens) streamOf(s id.Show) string {
	if h.Streams == nil {
		return "idle"
	}
	return h.Streams.State(string(s))
}

// roomsPulse answers every few seconds for the rooms on the screen.
func (h *screens) roomsPulse(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()["show"]
	if len(asked) > maxTiles {
		return fault.New(fault.Invalid, "rooms.too_many", "Max", maxTiles)
	}
	var shown []show.Show
	for _, s := range asked {
		if !id.Valid(id.Show(s)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		sh, err := show.ByID(r.Context(), h.DB, id.Show(s))
		if err != nil {
			return err
		}
		shown = append(shown, sh)
	}
	live, err := show.List(r.Context(), h.DB, show.Filter{States: []show.State{show.Live}, Limit: roomsList})
	if err != nil {
		return err
	}
	p, err := h.readRooms(r, shown, live)
	if err != nil {
		return err
	}
	return site.JSON(w, r, p)
}

func (h *screens) readRooms(r *http.Request, shown, all []show.Show) (roomsPulse, error) {
	ctx, v := r.Context(), edge.Who(r)
	out := roomsPulse{Rooms: map[id.Show]roomPulse{}, Alerts: []alertLine{}, Help: []helpLine{}, At: h.DB.Clock.Now()}
	ids := make([]id.Show, len(shown))
	for i, s := range shown {
		ids[i] = s.ID
	}
	for _, s := range all {
		if s.State == show.Live && !slices.Contains(ids, s.ID) {
			out.More = append(out.More, s.ID)
		}
	}
	items, err := show.ItemsOfShows(ctx, h.DB, ids...)
	if err != nil {
		return out, err
	}
	for _, s := range shown {
		p, err := h.roomPulse(ctx, s, seesMoney(v.Actor))
		if err != nil {
			return out, err
		}
		if p.Unready != "" {
			p.Unready = v.P.T(p.Unready)
		}
		for _, it := range items[s.ID] {
			if it.Released == show.AllThereIs {
				p.All = append(p.All, it.ID)
			}
		}
		out.Rooms[s.ID] = p
	}
	if out.Help, err = h.helpLines(ctx, ids); err != nil {
		return out, err
	}
	if out.Alerts, err = h.alertLines(ctx, v, ids); err != nil {
		return out, err
	}
	prices, err := h.priceAlerts(ctx, v, ids)
	out.Alerts = append(out.Alerts, prices...)
	return out, err
}

func (h *screens) roomPulse(ctx context.Context, s show.Show, money bool) (p roomPulse, err error) {
	p.State, p.Stream = string(s.State), "ended"
	if !s.Over() {
		p.Stream = h.streamOf(s.ID)
	}
	if s.State == show.Announced {
		if p.Unready, err = h.Flow.Unready(ctx, h.DB, s); err != nil {
			return p, err
		}
	}
	if p.Counts, err = h.counts(ctx, s.ID); err != nil || !money {
		return p, err
	}
	p.Figures, err = h.figures(ctx, s.ID, p.Counts.Entered)
	return p, err
}

// alertLines are the alerts of rooms that somebody has not silenced, in words.
// Stock is no matter of moderators: they see no goods.
func (h *screens) alertLines(ctx context.Context, v edge.Visitor, ids []id.Show) ([]alertLine, error) {
	out := []alertLine{}
	if h.Watch == nil {
		return out, nil
	}
	list, err := watch.Loud(ctx, h.DB, v.Actor.User, h.Watch.Alerts(ids...))
	if err != nil {
		return out, err
	}
	for _, a := range list {
		if a.Kind == watch.Stock && !seesMoney(v.Actor) {
			continue
		}
		x := alertLine{ID: a.ID, Topic: a.Topic, Show: a.Show, Kind: string(a.Kind), Bad: a.Bad, Item: a.Item, Since: a.Since}
		args := inWords(v, a.Args)
		x.Text = v.P.T(a.Key, args...)
		if a.Do != "" {
			x.Do = v.P.T(a.Do, args...)
		}
		out = append(out, x)
	}
	return out, nil
}

// inWords puts arguments that are message keys ("@key") into the visitor's words.
func inWords(v edge.Visitor, args []any) []any {
	out := slices.Clone(args)
	for i, a := range out {
		if key, ok := strings.CutPrefix(asText(a), "@"); ok {
			out[i] = v.P.T(key)
		}
	}
	return out
}

func asText(a any) string {
	s, _ := a.(string)
	return s
}

// quietAlert notes that somebody has seen an alert, or puts it off.
func (h *screens) quietAlert(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	s, alert, how := id.Show(f.Need("show", 40)), f.Need("alert", 120), f.One("for", "seen", "later")
	if err := f.Err(); err != nil {
		return err
	}
	if _, err := show.ByID(r.Context(), h.DB, s); err != nil {
		return err
	}
	d := map[string]time.Duration{"seen": watch.SeenFor, "later": watch.SnoozeFor}[how]
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error { return watch.Quiet(r.Context(), tx, edge.Who(r).Actor, s, alert, d) })
	if err != nil {
		return err
	}
	return h.answer(w, r, map[string]string{"alert": alert}, "/desk/rooms", "")
}

// roomsWords are the texts that rooms.js needs.
func roomsWords(b page.Base) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"tile", "chosen", "online", "orders", "paid", "now", "now_none", "left", "no_chat", "no_picture", "starts", "host", "staff", "gift",
		"pinned_done", "unpinned_done", "price_done", "stock_done", "sale_on_done", "sale_off_done", "said_done", "hidden_done", "unhidden_done", "muted_done", "slow_done", "slow_off_done", "started_done", "ended_done", "undone",
		"comment_done", "comment_off_done", "released_done", "refused_done", "unmuted_done", "hold_done", "hold_off_done", "hold_all_done", "flash_done", "flash_off_done", "coupon_done", "corrected_done",
		"no_item", "no_number", "no_stock", "no_slow", "no_hold", "no_pin", "no_price", "no_message", "no_next", "all_there_is", "not_live", "staff_message", "nothing_undo", "only_look", "only_talk",
		"pin_label", "price_label", "stock_label", "reply_label", "slow_label", "hold_label", "flash_label", "flash_off", "flash_off_sure", "release", "refuse", "lift", "unhide", "list_held", "list_prices", "list_coupons", "list_silenced", "list_hidden", "list_none", "do", "start", "start_sure", "end", "end_sure", "price_sure", "undo", "undo_price", "undo_pin", "undo_sale", "undo_hide",
		"seen", "later", "alerts_none", "help_calls", "help_answer", "help_taken", "help_over", "help_title", "help_waits", "more_rooms", "link_lost", "stale", "picked", "sound_on", "sound_off", "ring_on", "ring_is_on", "selected", "over"} {
		out[k] = b.T("rooms.js_" + k)
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
