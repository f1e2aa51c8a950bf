package open

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/job"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// oldCheck is when a check of the books is too old to mean much: the server
// looks at what changed every minute, and at everything once a day.
const (
	oldCheck = 15 * time.Minute
	oldFull  = 50 * time.Hour
)

// lastCheck is where the books stand by the newest checks, cut down to what
// anyone may see: the findings' number, not their text.
type lastCheck struct {
	Made         bool
	At           time.Time // of the newest
	Findings     int
	Checks       []checkView
	Old          bool
	Full, Recent runView
}

// runView is one run over the books.
type runView struct {
	At     time.Time // zero: never
	Rows   int64
	Took   time.Duration
	Behind time.Time // zero: it saw everything
}

// Seconds is how long it took, "0.3".
func (r runView) Seconds() string { return strconv.FormatFloat(r.Took.Seconds(), 'f', 1, 64) }

type checkView struct {
	Name     string
	Rows     int64
	Findings int
	PutOff   bool
}

// OK tells whether the books were checked lately and agree.
func (c lastCheck) OK() bool { return c.Made && !c.Old && c.Findings == 0 }

func (s *screens) lastCheck(ctx context.Context) (lastCheck, error) {
	is, err := fsck.Stand(ctx, s.DB)
	if err != nil {
		return lastCheck{}, err
	}
	out := lastCheck{Full: viewRun(is.Full, is.FullAt), Recent: viewRun(is.Recent, is.RecentAt), At: is.FullAt, Findings: is.Findings()}
	if is.RecentAt.After(out.At) {
		out.At = is.RecentAt
	}
	now := s.DB.Clock.Now()
	out.Made = !out.At.IsZero()
	out.Old = now.Sub(out.At) > oldCheck || !is.FullAt.IsZero() && now.Sub(is.FullAt) > oldFull
	for _, c := range is.Checks {
		out.Checks = append(out.Checks, checkView{c.Name, c.Rows, len(c.Findings), c.PutOff})
	}
	return out, nil
}

// busyAfter: a run that ended this long before its end has more to look at.
const busyAfter = time.Minute

func viewRun(r fsck.Report, at time.Time) runView {
	v := runView{At: at, Rows: r.Rows(), Took: r.Took}
	if !r.UpTo.IsZero() && at.Sub(r.UpTo) > busyAfter {
		v.Behind = r.UpTo
	}
	return v
}

// statusView is the state of the service.
type statusView struct {
	page.Base
	DB     bool // answers
	Failed int64
	Record recordState
	Check  lastCheck
}

// OK tells whether there is nothing to worry about.
func (v statusView) OK() bool { return v.DB && v.Failed == 0 && !v.Record.bad() && v.Check.OK() }

// recordState is how the keeping of shows stands.
type recordState string

const (
	recordOff     recordState = "off" // nothing is recorded here
	recordOK      recordState = "ok"
	recordWaiting recordState = "waiting" // what is finished can't be put away; it stays on the spool
	recordStopped recordState = "stopped" // a picture that should be kept is not: no room, or a write failed
)

func (r recordState) bad() bool { return r == recordWaiting || r == recordStopped }

func (s *screens) recordState() recordState {
	if s.Recorder == nil {
		return recordOff
	}
	st, on := s.Recorder()
	switch {
	case !on:
		return recordOff
	case st.Stopped > 0 || st.Free >= 0 && st.Free < st.MinFree:
		return recordStopped
	case st.KeepErr != "":
		return recordWaiting
	}
	return recordOK
}

// statusJSON is the same for programs.
type statusJSON struct {
	OK        bool        `json:"ok"`
	Database  bool        `json:"database"`
	Failed    int64       `json:"failed_jobs_7d"`
	Recording recordState `json:"recording"`  // ok, waiting, stopped; off where nothing is recorded
	CheckedAt *time.Time  `json:"checked_at"` // null before the first check
	FullAt    *time.Time  `json:"checked_everything_at"`
	Findings  int         `json:"findings"`
	Checks    []checkJSON `json:"checks"`
}

type checkJSON struct {
	Name     string `json:"name"`
	Rows     int64  `json:"rows"`
	Findings int    `json:"findings"`
}

func (s *screens) status(w http.ResponseWriter, r *http.Request) error {
	view := statusView{Base: s.Base(w, r, "open", edge.Who(r).P.T("open.status_title"))}
	view.Styles = []string{"open/open.css"}
	view.Record = s.recordState()
	status := http.StatusOK
	if err := s.readStatus(r.Context(), &view); err != nil {
		s.Log.Error("status page", "err", err)
		view.DB, status = false, http.StatusServiceUnavailable
	}
	if site.WantsJSON(r) {
		return s.statusJSON(w, r, view)
	}
	return s.RenderStatus(w, r, status, statusScreen(view))
}

// readStatus asks the database, which is the one thing that can be down while
// this page is served.
func (s *screens) readStatus(ctx context.Context, view *statusView) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := s.DB.Ping(ctx); err != nil {
		return err
	}
	view.DB = true
	if view.Failed, err = job.Failed(ctx, s.DB); err != nil {
		return err
	}
	view.Check, err = s.lastCheck(ctx)
	return err
}

func (s *screens) statusJSON(w http.ResponseWriter, r *http.Request, v statusView) error {
	out := statusJSON{OK: v.OK(), Database: v.DB, Failed: v.Failed, Recording: v.Record, Findings: v.Check.Findings, Checks: []checkJSON{}}
	if v.Check.Made {
		out.CheckedAt = &v.Check.At
	}
	if !v.Check.Full.At.IsZero() {
		out.FullAt = &v.Check.Full.At
	}
	for _, c := range v.Check.Checks {
		out.Checks = append(out.Checks, checkJSON{c.Name, c.Rows, c.Findings})
	}
	return site.JSON(w, r, out)
}
