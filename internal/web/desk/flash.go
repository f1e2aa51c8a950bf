package desk

import (
	"context"
	"net/http"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// What the form of a flash sale begins with.
const (
	flashCountdown = 30 // seconds
	flashMinutes   = 5
	flashPerPerson = 1
)

// flashLine is a flash sale of the show as the desk lists it.
type flashLine struct {
	ID     id.Flash        `json:"id"`
	No     int             `json:"no"`
	State  show.FlashState `json:"state"`
	Price  money.Fen       `json:"price_fen"`
	Total  int64           `json:"total"`
	Sold   int64           `json:"sold"`
	Starts time.Time       `json:"starts"`
	Ends   time.Time       `json:"ends"`
}

// flashLines lists a show's flash sales, the newest first.
func (h *screens) flashLines(ctx context.Context, s id.Show) ([]flashLine, error) {
	list, err := show.Flashes(ctx, h.DB, s)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	items, err := show.Items(ctx, h.DB, s)
	if err != nil {
		return nil, err
	}
	no := make(map[id.Item]int, len(items))
	for _, it := range items {
		no[it.ID] = it.No
	}
	now := h.DB.Clock.Now()
	out := make([]flashLine, len(list))
	for i, f := range list {
		out[i] = flashLine{ID: f.ID, No: no[f.Item], State: f.State(now), Price: f.Price, Total: f.Total, Sold: f.Sold, Starts: f.Starts, Ends: f.Ends}
	}
	return out, nil
}

// startFlash sets up a flash sale of an item, now or at a time of today (or
// tomorrow, when that time is over).
func (h *screens) startFlash(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n := show.NewFlash{Key: f.Need("key", 255), Item: it.ID, Price: f.Yuan("price", false), Total: f.Int("total", 1, show.MaxUnits),
		PerPerson: f.OptInt("per_person", 0, show.MaxUnits, 0),
		Countdown: time.Duration(f.Int("countdown", int64(show.MinCountdown/time.Second), int64(show.MaxCountdown/time.Second))) * time.Second,
		Run:       time.Duration(f.Int("minutes", int64(show.MinRun/time.Minute), int64(show.MaxRun/time.Minute))) * time.Minute}
	n.At = timeOfDay(f, "at", h.DB.Clock.Now())
	if err := f.Err(); err != nil {
		return err
	}
	if _, err := h.Flow.StartFlash(r.Context(), edge.Who(r).Actor, n); err != nil {
		return err
	}
	return h.itemAnswer(w, r, it)
}

// timeOfDay reads "20:15" as the next such time in the county.
func timeOfDay(f *site.Form, field string, now time.Time) time.Time {
	text := f.Text(field, 5)
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		f.Add(fault.New(fault.Invalid, "fault.form").At(field))
		return time.Time{}
	}
	day := now.In(clock.Shanghai)
	at := time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, clock.Shanghai)
	if !at.After(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// cancelFlash ends a flash sale before its time.
func (h *screens) cancelFlash(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	fid, err := site.PathID[id.Flash](r, "flash")
	if err != nil {
		return err
	}
	x, err := show.FlashByID(r.Context(), h.DB, fid)
	if err != nil {
		return err
	}
	if x.Item != it.ID {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if _, err := h.Flow.CancelFlash(r.Context(), edge.Who(r).Actor, fid); err != nil {
		return err
	}
	return h.itemAnswer(w, r, it)
}

func (h *screens) itemAnswer(w http.ResponseWriter, r *http.Request, it show.Item) error {
	list, err := room.Items(r.Context(), h.DB, it.ID)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return h.answer(w, r, list[0], roomPath(it.Show), "")
}
