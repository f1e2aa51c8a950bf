package shop

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// film is a show's recording as somebody may see it.
type film struct {
	Show   show.Show
	Kind   string
	Public bool // everybody may see it
	Chunks []recording.Chunk
	Spans  []recording.Span
}

// chapter is a stretch of the replay in which an item was on the card.
type chapter struct {
	Item     room.Item
	From, To time.Time
	Pos      time.Duration
}

// replayItem is an item as it was shown and as it can be bought today.
type replayItem struct {
	room.Item
	Today offer
}

// Buyable tells whether it can be ordered today.
func (i replayItem) Buyable() bool { return i.Today.State == string(show.OnSale) && i.Today.Stock > 0 }

// replayView is the page.
type replayView struct {
	roomView
	Film     film
	Chapters []chapter
	Goods    []replayItem
	Length   time.Duration
	Gaps     []recording.Gap
	Asked    time.Time // the moment in the address, zero without one
	Exact    bool      // there is a picture of it
	Tail     string    // of the addresses that follow: ?kind= for the staff
	Data     replayData
}

// replayData is what replay.js reads.
type replayData struct {
	ID       id.Show       `json:"id"`
	Playlist string        `json:"playlist"`
	Chat     string        `json:"chat"`
	Length   float64       `json:"length"`
	Start    float64       `json:"start"` // where to begin
	Spans    []spanData    `json:"spans"`
	Chapters []chapterData `json:"chapters"`
	Portrait bool          `json:"portrait"`
}

// spanData maps the replay's seconds to the world's milliseconds.
type spanData struct {
	At  int64   `json:"at"`
	Pos float64 `json:"pos"`
	Dur float64 `json:"dur"`
}

type chapterData struct {
	Item id.Item `json:"item"`
	No   int     `json:"no"`
	Name string  `json:"name"`
	Pos  float64 `json:"pos"`
}

// film finds the recording in the path for whoever asks, without its files. The public sees what it
// could have seen: a show that has ended, and was not ended by force. A rehearsal or a practice show is for
// the staff that runs shows and its host.
func (s *screens) film(r *http.Request) (film, error) {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return film{}, err
	}
	sh, err := show.ByID(r.Context(), s.DB, sid)
	if err != nil {
		return film{}, err
	}
	who := edge.Who(r).Actor
	inside := who.SignedIn() && who.User == sh.Host || who.Has(actor.Operator, actor.Moderator, actor.Service, actor.Overseer)
	f := film{Show: sh, Kind: recording.Live, Public: sh.State == show.Ended && !sh.Practice && !sh.Cut}
	switch {
	case !f.Public && !inside:
		return film{}, fault.New(fault.NotFound, "fault.not_found")
	case sh.Practice:
		f.Kind = recording.Practice
	case sh.State != show.Ended && sh.State != show.Live:
		f.Kind = recording.Rehearsal
	}
	if inside && r.URL.Query().Get("kind") == recording.Rehearsal {
		f.Kind, f.Public = recording.Rehearsal, false
	}
	return f, nil
}

// wholeFilm is film with its files.
func (s *screens) wholeFilm(r *http.Request) (film, error) {
	f, err := s.film(r)
	if err != nil {
		return f, err
	}
	f.Chunks, err = recording.Chunks(r.Context(), s.DB, f.Show.ID, f.Kind)
	f.Spans = recording.Spans(f.Chunks)
	return f, err
}

// replay is a show that is over, to be watched again: /replay/{id}?at=UNIXMS.
func (s *screens) replay(w http.ResponseWriter, r *http.Request) error {
	f, err := s.wholeFilm(r)
	if err != nil {
		return s.replayElse(w, r, err)
	}
	st, err := s.Rooms.Read(r.Context(), f.Show.ID)
	if err != nil {
		return err
	}
	v := replayView{roomView: roomView{Base: s.Base(w, r, "shop", st.Title), State: roomState{truth: st}, Link: s.BaseURL + "/replay/" + string(st.ID), Demo: s.Centre.Demo}, Film: f}
	if v.Producers, err = s.Flow.WhoseGoods(r.Context(), f.Show); err != nil {
		return err
	}
	if err := s.fillReplay(r, &v); err != nil {
		return err
	}
	v.Styles, v.Scripts = []string{"shop/replay.css", "shop/buy.css", "shop/law.css"}, []string{"shop/replay.js"}
	v.Description, v.Picture = st.Summary, s.absolute(st.Cover)
	return s.Render(w, r, replayScreen(v))
}

// replayElse sends who came too early to the room: a show that runs is watched
// there.
func (s *screens) replayElse(w http.ResponseWriter, r *http.Request, err error) error {
	sid, bad := site.PathID[id.Show](r, "id")
	if bad != nil || !fault.Is(err, fault.NotFound) {
		return err
	}
	sh, bad := show.ByID(r.Context(), s.DB, sid)
	if bad != nil || sh.Practice || sh.State != show.Live && sh.State != show.Announced {
		return err
	}
	http.Redirect(w, r, "/room/"+string(sid), http.StatusSeeOther)
	return nil
}

// fillReplay adds chapters, goods and the map of time.
func (s *screens) fillReplay(r *http.Request, v *replayView) error {
	ctx := r.Context()
	v.Length, v.Gaps = recording.Total(v.Film.Chunks), recording.Gaps(v.Film.Spans)
	if v.Film.Kind == recording.Rehearsal {
		v.Tail = "?kind=" + recording.Rehearsal
	}
	pins, err := show.Pins(ctx, s.DB, v.State.ID)
	if err != nil {
		return err
	}
	v.Chapters = chapters(v.State.Items, pins, v.Film.Spans)
	if v.Goods, err = s.replayGoods(ctx, v.State.Items); err != nil {
		return err
	}
	var start time.Duration
	if ms, err := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64); err == nil && ms > 0 && ms < 1<<50 {
		v.Asked = time.UnixMilli(ms)
		start, v.Exact = recording.Position(v.Film.Spans, v.Asked)
	}
	v.Data = v.data(start)
	return nil
}

// chapters are the pins that there is a picture of.
func chapters(items []room.Item, pins []show.Pin, spans []recording.Span) []chapter {
	byID := map[id.Item]room.Item{}
	for _, it := range items {
		byID[it.ID] = it
	}
	var end time.Time
	if n := len(spans); n > 0 {
		end = spans[n-1].At.Add(spans[n-1].Dur)
	}
	var out []chapter
	for i, p := range pins {
		it, ok := byID[p.Item]
		if !ok || !p.At.Before(end) {
			continue
		}
		c := chapter{Item: it, From: p.At, To: end}
		if i+1 < len(pins) && pins[i+1].At.Before(end) {
			c.To = pins[i+1].At
		}
		c.Pos, _ = recording.Position(spans, p.At)
		out = append(out, c)
	}
	return out
}

// replayGoods are the items with what their products cost today.
func (s *screens) replayGoods(ctx context.Context, items []room.Item) ([]replayItem, error) {
	if len(items) == 0 {
		return nil, nil
	}
	ids := make([]id.Product, len(items))
	for i, it := range items {
		ids[i] = it.Product
	}
	ps, err := catalog.Products(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	stocks, err := lot.OnSaleStock(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]replayItem, len(items))
	for i, it := range items {
		out[i] = replayItem{Item: it, Today: offerOf(ps[it.Product], stocks[it.Product])}
	}
	return out, nil
}

func (v replayView) data(start time.Duration) replayData {
	base := "/replay/" + string(v.State.ID)
	d := replayData{ID: v.State.ID, Playlist: base + "/index.m3u8" + v.Tail, Chat: base + "/chat" + v.Tail, Length: v.Length.Seconds(), Start: start.Seconds(),
		Portrait: v.Portrait(), Spans: []spanData{}, Chapters: []chapterData{}}
	for _, s := range v.Film.Spans {
		d.Spans = append(d.Spans, spanData{At: s.At.UnixMilli(), Pos: s.Pos.Seconds(), Dur: s.Dur.Seconds()})
	}
	for _, c := range v.Chapters {
		d.Chapters = append(d.Chapters, chapterData{Item: c.Item.ID, No: c.Item.No, Name: c.Item.Name, Pos: c.Pos.Seconds()})
	}
	return d
}

// Portrait tells whether the picture stands upright: as it was recorded, or else
// as it was announced.
func (v replayView) Portrait() bool {
	for _, c := range v.Film.Chunks {
		if c.Width > 0 && c.Height > 0 {
			return c.Height >= c.Width
		}
	}
	return v.State.Orientation != show.Landscape
}

// FirstOf is the first chapter of an item; ok is false if it was never shown.
func (v replayView) FirstOf(it id.Item) (c chapter, ok bool) {
	for _, c := range v.Chapters {
		if c.Item.ID == it {
			return c, true
		}
	}
	return chapter{}, false
}

// MomentPath is the address of a moment.
func (v replayView) MomentPath(at time.Time) string {
	p := "/replay/" + string(v.State.ID) + "?at=" + strconv.FormatInt(at.UnixMilli(), 10)
	if v.Tail != "" {
		p += "&" + v.Tail[1:]
	}
	return p
}

// Limits of the chat beside a replay: what one question gets.
const (
	replayChatSpan = 5 * time.Minute
	replayChatMost = 500
)

// replayLine is a line of the chat beside a replay.
type replayLine struct {
	ID    id.Message `json:"id"`
	Name  string     `json:"name"`
	Badge string     `json:"badge,omitempty"`
	Body  string     `json:"body"`
	At    int64      `json:"at"` // milliseconds
}

// replayChat gives five minutes of what was said: ?from=UNIXMS. Gifts are not
// among it, and what moderators took away is not either.
func (s *screens) replayChat(w http.ResponseWriter, r *http.Request) error {
	f, err := s.film(r)
	if err != nil {
		return err
	}
	ms, err := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
	if err != nil || ms < 0 || ms >= 1<<50 {
		return fault.New(fault.Invalid, "fault.form").At("from")
	}
	from := time.UnixMilli(ms)
	list, err := chat.Between(r.Context(), s.DB, f.Show.ID, from, from.Add(replayChatSpan), replayChatMost)
	if err != nil {
		return err
	}
	out := make([]replayLine, len(list))
	for i, m := range list {
		out[i] = replayLine{ID: m.ID, Name: m.Name, Badge: m.Badge, Body: m.Body, At: m.At.UnixMilli()}
	}
	return site.JSON(w, r, map[string]any{"lines": out})
}

// markReplays notes which of these shows can be watched again.
func (s *screens) markReplays(ctx context.Context, cards []card) error {
	ids := make([]id.Show, len(cards))
	for i, c := range cards {
		ids[i] = c.ID
	}
	has, err := s.Flow.Watchable(ctx, s.DB, ids...)
	for i := range cards {
		cards[i].Replay = has[cards[i].ID]
	}
	return err
}

// path is where a card leads: the replay, or the notice.
func (c card) path() string {
	if c.Replay {
		return "/replay/" + string(c.ID)
	}
	return "/shows/" + string(c.ID)
}
