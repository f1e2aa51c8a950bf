package desk

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

const recordingsShown = 60

// recordingsView is everything that was kept, and how much room there is.
type recordingsView struct {
	page.Base
	On    bool // shows are recorded
	State record.Status
	Disk  diskView
	Rows  []recordingRow
	Older string // where older ones are, "" for none
}

// diskView is the room there is.
type diskView struct {
	Known       bool
	Free, Total int64
	Use         recording.Use
	Days        int64 // until it is full at last week's pace
	Paced       bool
}

// Tight tells that somebody has to act: a month or a tenth is left.
func (d diskView) Tight() bool {
	return d.Known && (d.Paced && d.Days < 30 || d.Total > 0 && d.Free < d.Total/10)
}

type recordingRow struct {
	recording.Sum
	Title string
	Kept  flow.Kept
}

// recordingView is one show's recording: what there is of it, whether it is
// locked, the clips.
type recordingView struct {
	page.Base
	Show     show.Show
	Rows     []recordingRow
	Gaps     []recording.Gap
	Lock     recording.Lock
	Locker   string
	Clips    []recording.Clip
	Pictures map[id.Item]string // of products, where a clip has no still
	Chapters []ui.Option
	Own      bool // the host looks, not the desk
	FFmpeg   bool
	Wrong    map[string]string
	Reason   string
}

// recordingRoutes are what was kept.
func (h *screens) recordingRoutes() []edge.Route {
	see := edge.Only(actor.Operator, actor.Moderator, actor.Service, actor.Overseer)
	own := edge.Only(actor.Host).Own("show", actor.Operator, actor.Moderator, actor.Service, actor.Overseer)
	cut := edge.Only(actor.Host).Own("show", actor.Operator)
	return []edge.Route{
		{Method: "GET", Path: "/desk/recordings", Access: see, Handle: h.recordings},
		{Method: "GET", Path: "/desk/recordings/{id}", Access: own, Handle: h.recording},
		{Method: "POST", Path: "/desk/recordings/{id}/lock", Access: edge.Only(actor.Operator, actor.Service), Handle: h.lockRecording},
		{Method: "POST", Path: "/desk/recordings/{id}/release", Access: edge.Only(actor.Admin), Handle: h.releaseRecording},
		{Method: "POST", Path: "/desk/recordings/{id}/clips", Access: cut, Handle: h.askClip},
		{Method: "POST", Path: "/desk/recordings/{id}/clips/{clip}/delete", Access: cut, Handle: h.dropClip},
		{Method: "POST", Path: "/desk/recordings/{id}/clips/{clip}/pictures", Access: cut, Handle: h.clipPoster},
	}
}

func recordingPath(s id.Show) string { return "/desk/recordings/" + string(s) }

func (h *screens) recordings(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := recordingsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("recording.title"))}
	v.Styles = []string{"desk/desk.css", "desk/recordings.css"}
	if h.Recorder != nil {
		v.State, v.On = h.Recorder()
	}
	var err error
	if v.Disk, err = h.disk(ctx, v.State); err != nil {
		return err
	}
	before := id.Show(r.URL.Query().Get("before"))
	sums, err := recording.Sums(ctx, h.DB, before, recordingsShown)
	if err != nil {
		return err
	}
	if v.Rows, err = h.recordingRows(ctx, sums); err != nil {
		return err
	}
	if len(sums) == recordingsShown {
		v.Older = "/desk/recordings?before=" + string(sums[len(sums)-1].Show)
	}
	return h.Render(w, r, recordingsScreen(v))
}

// disk tells how much room there is, and how long it lasts.
func (h *screens) disk(ctx context.Context, s record.Status) (diskView, error) {
	use, err := recording.Used(ctx, h.DB, h.DB.Clock.Now())
	d := diskView{Use: use}
	if h.FilmSpace != nil {
		d.Free, d.Total, d.Known = h.FilmSpace()
	}
	if d.Known {
		d.Days, d.Paced = use.FullIn(d.Free, s.MinFree)
	}
	return d, err
}

func (h *screens) recordingRows(ctx context.Context, sums []recording.Sum) ([]recordingRow, error) {
	ids := make([]id.Show, len(sums))
	for i, s := range sums {
		ids[i] = s.Show
	}
	if len(ids) == 0 {
		return nil, nil
	}
	locks, err := recording.Locks(ctx, h.DB, ids...)
	if err != nil {
		return nil, err
	}
	disputed, err := h.Flow.Disputed(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]recordingRow, len(sums))
	for i, s := range sums {
		sh, err := show.ByID(ctx, h.DB, s.Show)
		if err != nil {
			return nil, err
		}
		out[i] = recordingRow{Sum: s, Title: sh.Title}
		if out[i].Kept, err = h.Flow.KeptUntil(ctx, h.DB, s, disputed, locks); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// recordedShow is the show in the path: anyone's for the desk, a host's own.
func (h *screens) recordedShow(r *http.Request) (show.Show, error) {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return show.Show{}, err
	}
	sh, err := show.ByID(r.Context(), h.DB, sid)
	who := edge.Who(r).Actor
	if err == nil && sh.Host != who.User && !who.Has(actor.Operator, actor.Moderator, actor.Service, actor.Overseer) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, err
}

func (h *screens) recording(w http.ResponseWriter, r *http.Request) error {
	v, err := h.recordingView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, recordingScreen(v))
}

func (h *screens) recordingView(w http.ResponseWriter, r *http.Request) (recordingView, error) {
	ctx := r.Context()
	sh, err := h.recordedShow(r)
	if err != nil {
		return recordingView{}, err
	}
	v := recordingView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("recording.one_title", "Show", sh.Title)), Show: sh, FFmpeg: h.Flow.FFmpeg != ""}
	v.Own = !v.Has("operator", "moderator", "service", "overseer")
	v.Path, v.Query = recordingPath(sh.ID), ""
	v.Styles, v.Scripts = []string{"desk/desk.css", "desk/recordings.css"}, []string{"desk/clips.js"}
	sums, err := recording.SumsOf(ctx, h.DB, sh.ID)
	if err != nil {
		return v, err
	}
	if v.Rows, err = h.recordingRows(ctx, sums[sh.ID]); err != nil {
		return v, err
	}
	chunks, err := recording.Chunks(ctx, h.DB, sh.ID, recording.Live)
	if err != nil {
		return v, err
	}
	v.Gaps = recording.Gaps(recording.Spans(chunks))
	locks, err := recording.Locks(ctx, h.DB, sh.ID)
	if err != nil {
		return v, err
	}
	v.Lock = locks[sh.ID]
	if v.Lock.By != "" {
		us, err := account.Users(ctx, h.DB, v.Lock.By)
		if err != nil {
			return v, err
		}
		v.Locker = us[v.Lock.By].Name
	}
	return v, h.fillClips(ctx, &v)
}

// fillClips reads the clips, and the chapters that more can be cut from.
func (h *screens) fillClips(ctx context.Context, v *recordingView) (err error) {
	if v.Clips, err = recording.Clips(ctx, h.DB, v.Show.ID); err != nil {
		return err
	}
	items, err := show.Items(ctx, h.DB, v.Show.ID)
	if err != nil {
		return err
	}
	products := make([]id.Product, 0, len(items))
	byID := map[id.Item]show.Item{}
	for _, it := range items {
		products, byID[it.ID] = append(products, it.Product), it
	}
	var ps map[id.Product]catalog.Product
	if len(products) > 0 {
		if ps, err = catalog.Products(ctx, h.DB, products...); err != nil {
			return err
		}
	}
	v.Pictures = map[id.Item]string{}
	for _, it := range items {
		v.Pictures[it.ID] = ui.First(ps[it.Product].Pictures).URL(320)
	}
	pins, err := show.Pins(ctx, h.DB, v.Show.ID)
	if err != nil {
		return err
	}
	for i, p := range pins {
		it, ok := byID[p.Item]
		if !ok {
			continue
		}
		to := h.pinEnds(pins, i, v.Show)
		v.Chapters = append(v.Chapters, ui.Option{Value: strconv.Itoa(i),
			Label: fmt.Sprintf("%d %s · %s – %s", it.No, ps[it.Product].Name, clockTime(p.At), clockTime(to))})
	}
	return nil
}

// pinEnds is when a pin ended: the next one, the show's end, or now.
func (h *screens) pinEnds(pins []show.Pin, i int, sh show.Show) time.Time {
	switch {
	case i+1 < len(pins):
		return pins[i+1].At
	case !sh.EndedAt.IsZero():
		return sh.EndedAt
	}
	return h.DB.Clock.Now()
}
