package studio

import (
	"context"
	"net/http"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/practice"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// Pace of a practice, in percent of the time with a voice.
const (
	paceLow  = 40
	paceHigh = 90
)

type sheetView struct {
	page.Base
	Show  show.Show
	Sheet practice.Sheet
	Items map[id.Item]room.Item
	Mine  bool // the host's own: they may practise again
	Most  int  // most people in a minute, for the picture
}

// sheet tells how a practice went.
func (h *screens) sheet(w http.ResponseWriter, r *http.Request) error {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return err
	}
	who := edge.Who(r).Actor
	sh, sheet, err := h.Flow.PracticeSheet(r.Context(), who, sid)
	if err != nil {
		return err
	}
	v := sheetView{Base: h.Base(w, r, "studio", edge.Who(r).P.T("practice.sheet")), Show: sh, Sheet: sheet, Items: map[id.Item]room.Item{}, Mine: sh.Host == who.User, Most: 1}
	v.Styles = []string{"studio/host.css", "studio/practice.css"}
	for _, m := range sheet.Minutes {
		v.Most = max(v.Most, m.Online)
	}
	items, err := show.Items(r.Context(), h.DB, sid)
	if err != nil {
		return err
	}
	ids := make([]id.Item, len(items))
	for i, it := range items {
		ids[i] = it.ID
	}
	cards, err := room.Items(r.Context(), h.DB, ids...)
	if err != nil {
		return err
	}
	for _, c := range cards {
		v.Items[c.ID] = c
	}
	return h.Render(w, r, sheetScreen(v))
}

// span is a length of time in words: 3 min 20 s.
func span(b page.Base, d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s < 60 {
		return b.T("practice.seconds", "S", s)
	}
	return b.T("practice.minutes", "M", s/60, "S", s%60)
}

// paceTip is what to make of the pace.
func paceTip(percent int) string {
	switch {
	case percent < paceLow:
		return "practice.pace_tip_low"
	case percent > paceHigh:
		return "practice.pace_tip_high"
	}
	return "practice.pace_tip_good"
}

// practiceHome is what the studio's home tells of practice.
func (h *screens) practiceHome(ctx context.Context, who actor.Actor) (running id.Show, past []show.Show, err error) {
	list, err := show.List(ctx, h.DB, show.Filter{Host: who.User, Practice: true, Limit: 20})
	for _, s := range list {
		switch {
		case !s.Over():
			running = s.ID
		case s.State == show.Ended:
			past = append(past, s)
		}
	}
	return running, past, err
}

// The picture of a practice, in units of an SVG.
const (
	barWide  = 12
	barHigh  = 100
	barSpace = 3
)

func barX(i int) int { return i * (barWide + barSpace) }

func (v sheetView) wide() int { return max(barX(len(v.Sheet.Minutes)), 10*barX(1)) }

func (v sheetView) barOf(m practice.Minute) int { return m.Online * barHigh / v.Most }

// shade tells items of the strip apart by their place in the running order.
func (v sheetView) shade(m practice.Minute) string {
	if m.Item == "" {
		return "none"
	}
	return "shade-" + string(rune('0'+v.Items[m.Item].No%6))
}
