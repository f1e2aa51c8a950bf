package desk

import (
	"context"
	"net/http"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Limits of what the control room shows at once.
const (
	controlChat = 100
	feedShown   = 30
)

// truth is room.State under a name that leaves its field State reachable.
type truth = room.State

// controlState is what control.js draws: the room as everybody sees it, and
// what only the desk knows.
type controlState struct {
	truth
	Pulse pulse `json:"pulse"`
}

// pulse is what the desk knows beside the room; read again every few seconds.
type pulse struct {
	Items   map[id.Item]deskItem `json:"items,omitempty"`
	Figures *figures             `json:"figures,omitempty"` // nil for who must see no money
	Feed    []fed                `json:"feed,omitempty"`
	Health  *health              `json:"health,omitempty"` // nil when nothing is published
	Stream  string               `json:"stream"`
	Talk    *talkState           `json:"talk,omitempty"` // nil for who may not moderate
	Flashes []flashLine          `json:"flashes,omitempty"`
	Selling selling              `json:"selling"`
	// Unready says in words what keeps the show from beginning, or that it
	// changed since it was signed for.
	Unready string      `json:"unready,omitempty"`
	Counts  room.Counts `json:"counts"`
	At      time.Time   `json:"at"`
}

// deskItem is an item as only the desk sees it, in sell units.
type deskItem struct {
	Released int64  `json:"released"` // -1: all there is
	Sold     int64  `json:"sold"`
	Lots     int64  `json:"lots"` // what the lots on sale can still fill
	Script   string `json:"script,omitempty"`
	// BelowFloor are units that lots hold but that must not be sold at the
	// item's price: a dearer lot has joined.
	BelowFloor int64 `json:"below_floor,omitempty"`
}

// figures of a show by the field's names; docs/domain.md defines them.
type figures struct {
	Orders     int64     `json:"orders"`
	PaidOrders int64     `json:"paid_orders"`
	GMV        money.Fen `json:"gmv_fen"`
	Buyers     int64     `json:"buyers"`
	GPM        money.Fen `json:"gpm_fen"`
	Farmers    int64     `json:"farmers"`
	Clickers   int64     `json:"clickers"` // people who opened a product
}

// gpm is the paid goods value of a thousand people who entered.
func gpm(paid money.Fen, entered int64) money.Fen {
	if entered <= 0 {
		return 0
	}
	return paid * 1000 / money.Fen(entered)
}

// fed is a line of the order feed: no name, no phone.
type fed struct {
	ID       id.Order  `json:"id"`
	At       time.Time `json:"at"`
	Province string    `json:"province"`
	What     string    `json:"what"`
	Units    int64     `json:"units"`
	More     int       `json:"more,omitempty"` // further lines
	Total    money.Fen `json:"total_fen"`
	State    string    `json:"state"`
}

// health of the picture, with its warnings in words.
type health struct {
	Width    int       `json:"width"`
	Height   int       `json:"height"`
	FPS      float64   `json:"fps"`
	KBit     int64     `json:"kbit"`
	KeyS     float64   `json:"key_s"`
	Dropped  uint64    `json:"dropped"`
	Codec    string    `json:"codec"`
	Warnings []string  `json:"warnings,omitempty"`
	Since    time.Time `json:"since"`
}

// controlView is the control room's page.
type controlView struct {
	page.Base
	State controlState
	Run   bool // may change the show
	Talk  bool // may moderate
	Money bool // may see goods and money
}

func (h *screens) control(w http.ResponseWriter, r *http.Request) error {
	st, err := h.readControl(r)
	if err != nil {
		return err
	}
	v := controlView{Base: h.Base(w, r, "desk", st.Title), State: st}
	v.Run, v.Talk, v.Money = v.Has(actor.Operator), v.Has(actor.Operator, actor.Moderator), seesMoney(v.Actor)
	v.Full = true
	v.Styles, v.Scripts = []string{"desk/desk.css", "desk/control.css", "desk/selling.css", "desk/talk.css"}, []string{"desk/control.js"}
	return h.Render(w, r, controlScreen(v))
}

// seesMoney tells whether somebody may see what is sold: a moderator may not.
func seesMoney(who actor.Actor) bool { return who.Has(actor.Operator, actor.Overseer) }

// controlState answers "reload the truth".
func (h *screens) controlState(w http.ResponseWriter, r *http.Request) error {
	st, err := h.readControl(r)
	if err != nil {
		return err
	}
	return site.JSON(w, r, st)
}

func (h *screens) readControl(r *http.Request) (controlState, error) {
	sh, err := h.theShow(r)
	if err != nil {
		return controlState{}, err
	}
	st, err := room.Read(r.Context(), h.DB, sh.ID, controlChat)
	if err != nil {
		return controlState{}, err
	}
	out := controlState{truth: st}
	if out.Pulse, err = h.readPulse(r, sh); err != nil {
		return controlState{}, err
	}
	out.Stream, out.Counts = out.Pulse.Stream, out.Pulse.Counts
	if !sh.Over() { // the desk sees a rehearsal too
		out.HLS, out.HLSPlain = "/live/"+string(sh.ID)+"/index.m3u8", "/live/"+string(sh.ID)+"/plain.m3u8"
	}
	return out, nil
}

// controlPulse answers every few seconds with what is no event of the room.
func (h *screens) controlPulse(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	p, err := h.readPulse(r, sh)
	if err != nil {
		return err
	}
	return site.JSON(w, r, p)
}

func (h *screens) readPulse(r *http.Request, sh show.Show) (pulse, error) {
	ctx, v := r.Context(), edge.Who(r)
	p := pulse{At: h.DB.Clock.Now()}
	p.Stream, p.Health = h.picture(sh, v)
	var err error
	if p.Counts, err = h.counts(ctx, sh.ID); err != nil {
		return p, err
	}
	why, err := h.Flow.Unready(ctx, h.DB, sh)
	if err != nil {
		return p, err
	}
	if why != "" {
		p.Unready = v.P.T(why)
	}
	if v.Actor.Has(actor.Operator, actor.Moderator) {
		if p.Talk, err = h.talkOf(ctx, sh); err != nil {
			return p, err
		}
	}
	if !seesMoney(v.Actor) {
		return p, nil
	}
	if p.Items, err = h.deskItems(ctx, sh.ID); err != nil {
		return p, err
	}
	if p.Flashes, err = h.flashLines(ctx, sh.ID); err != nil {
		return p, err
	}
	if p.Selling, err = h.readSelling(ctx, v.Actor, sh.ID); err != nil {
		return p, err
	}
	if p.Figures, err = h.figures(ctx, sh.ID, p.Counts.Entered); err != nil {
		return p, err
	}
	if _, p.Figures.Clickers, err = show.Clicks(ctx, h.DB, sh.ID); err != nil {
		return p, err
	}
	p.Feed, err = h.feed(ctx, sh.ID)
	return p, err
}

func (h *screens) counts(ctx context.Context, s id.Show) (room.Counts, error) {
	entered, likes, err := show.Audience(ctx, h.DB, s)
	c := room.Counts{Entered: entered, Likes: likes}
	if h.RT != nil {
		c.Online = h.RT.Online(room.Channel(s))
	}
	return c, err
}

// picture tells about the stream.
func (h *screens) picture(sh show.Show, v edge.Visitor) (string, *health) {
	if sh.Over() || h.Streams == nil {
		return "ended", nil
	}
	state := h.Streams.State(string(sh.ID))
	x, ok := h.Streams.Health(string(sh.ID))
	if !ok {
		return state, nil
	}
	out := &health{Width: x.Width, Height: x.Height, FPS: x.FPS, KBit: x.KBitPerS, KeyS: x.KeyFrameEvery.Seconds(), Dropped: x.Dropped, Codec: x.Codec, Since: x.Since}
	for _, k := range x.Warnings {
		out.Warnings = append(out.Warnings, v.P.T(k))
	}
	return state, out
}

// deskItems reads what stands behind the items: released, sold, and what the
// lots still hold.
func (h *screens) deskItems(ctx context.Context, s id.Show) (map[id.Item]deskItem, error) {
	items, err := show.Items(ctx, h.DB, s)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	products := make([]id.Product, len(items))
	for i, it := range items {
		products[i] = it.Product
	}
	goods, err := catalog.Products(ctx, h.DB, products...)
	if err != nil {
		return nil, err
	}
	stock, err := lot.OnSaleStock(ctx, h.DB, products...)
	if err != nil {
		return nil, err
	}
	hosts, err := show.Hosts(ctx, h.DB, s)
	if err != nil {
		return nil, err
	}
	out := make(map[id.Item]deskItem, len(items))
	for _, it := range items {
		all := show.Item{Released: show.AllThereIs}
		ask := lot.Ask{Show: s, Host: hosts[s]}
		x := deskItem{Released: it.Released, Sold: it.Sold, Lots: room.Stock(all, ask, goods[it.Product].BasePerUnit, stock[it.Product]), Script: it.Script}
		ask.Price = it.Price
		x.BelowFloor = x.Lots - room.Stock(all, ask, goods[it.Product].BasePerUnit, stock[it.Product])
		out[it.ID] = x
	}
	return out, nil
}

func (h *screens) figures(ctx context.Context, s id.Show, entered int64) (*figures, error) {
	f, err := order.Figures(ctx, h.DB, s)
	if err != nil {
		return nil, err
	}
	return &figures{Orders: f.Orders, PaidOrders: f.PaidOrders, GMV: f.PaidGoods, Buyers: f.Buyers, GPM: gpm(f.PaidGoods, entered), Farmers: f.Farmers}, nil
}

func (h *screens) feed(ctx context.Context, s id.Show) ([]fed, error) {
	orders, err := order.List(ctx, h.DB, order.Filter{Show: s, Limit: feedShown})
	if err != nil {
		return nil, err
	}
	out := make([]fed, 0, len(orders))
	for _, o := range orders {
		x := fed{ID: o.ID, At: o.Placed, Province: o.Province, Total: o.Total, State: string(o.State)}
		if len(o.Lines) > 0 {
			x.What, x.Units, x.More = o.Lines[0].Name, o.Lines[0].Units, len(o.Lines)-1
		}
		out = append(out, x)
	}
	return out, nil
}

// controlWords are the texts that control.js needs.
func controlWords(b page.Base) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"pin", "unpin", "pinned", "price", "was", "save", "state", "left", "sold", "lots", "all", "more", "more_n", "per_500g",
		"no_goods", "no_match", "no_chat", "no_orders", "no_picture", "no_picture_text", "resolution", "fps", "bitrate", "key_every", "dropped", "gave", "gave_named", "codec", "since", "healthy",
		"start", "start_sure", "stop", "stop_sure", "hide", "unmute", "muted_until", "host", "staff", "stale", "sound_on", "sound_off", "sound_later", "more_lines", "low", "actions", "below_floor",
		"flash", "flash_planned", "flash_countdown", "flash_running", "flash_sold", "flash_cancel", "flash_cancel_sure"} {
		out[k] = b.T("desk.js_" + k)
	}
	for _, k := range talkWords {
		out["talk_"+k] = b.T("talk.js_" + k)
	}
	for _, s := range []string{"coming", "on_sale", "sold_out", "off"} {
		out["item_"+s] = b.T("ui.item_" + s)
	}
	for _, s := range []show.FlashState{show.FlashScheduled, show.FlashCountdown, show.FlashRunning, show.FlashEnded, show.FlashCancelled} {
		out["flash_state_"+string(s)] = b.T("ui.flash_" + string(s))
	}
	for _, s := range show.States {
		out["show_"+string(s)] = b.T("ui.show_" + string(s))
	}
	for _, s := range []string{"idle", "live", "away", "ended"} {
		out["stream_"+s] = b.T("ui.stream_" + s)
	}
	for _, s := range order.States {
		out["order_"+string(s)] = b.T("ui.order_" + string(s))
	}
	return out
}

// readOnly says why somebody has no buttons: it names the text.
func readOnly(v controlView) string {
	if v.Talk {
		return "chat"
	}
	return "all"
}
