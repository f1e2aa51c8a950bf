package desk

import (
	"net/http"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// clockTime is a moment of an evening, to the second.
func clockTime(t time.Time) string { return t.In(clock.Shanghai).Format("15:04:05") }

// lockRecording keeps a recording whatever its age.
func (h *screens) lockRecording(w http.ResponseWriter, r *http.Request) error {
	return h.changeLock(w, r, "recording.done_locked", func(s id.Show, reason string) error {
		return h.Flow.LockRecording(r.Context(), edge.Who(r).Actor, s, reason)
	})
}

// releaseRecording takes that back.
func (h *screens) releaseRecording(w http.ResponseWriter, r *http.Request) error {
	return h.changeLock(w, r, "recording.done_released", func(s id.Show, why string) error {
		return h.Flow.ReleaseRecording(r.Context(), edge.Who(r).Actor, s, why)
	})
}

func (h *screens) changeLock(w http.ResponseWriter, r *http.Request, done string, do func(s id.Show, reason string) error) error {
	sh, err := h.recordedShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	reason := f.Text("reason", recording.MaxReason)
	if err = f.Err(); err == nil {
		err = do(sh.ID, reason)
	}
	if err != nil {
		return h.recordingAgain(w, r, err, reason)
	}
	return h.Redirect(w, r, recordingPath(sh.ID), edge.Who(r).P.T(done))
}

// recordingAgain shows the page again with what was wrong; what was typed stays.
func (h *screens) recordingAgain(w http.ResponseWriter, r *http.Request, err error, reason string) error {
	f := fault.Of(err)
	if f == nil || f.Kind == fault.Internal || f.Kind == fault.Denied || f.Kind == fault.NotFound {
		return err
	}
	v, bad := h.recordingView(w, r)
	if bad != nil {
		return bad
	}
	v.Wrong, v.Reason = map[string]string{}, reason
	for _, o := range f.All() {
		v.Wrong[o.Field] = v.P.Err(o)
	}
	return h.RenderStatus(w, r, f.Kind.Status(), recordingScreen(v))
}

// maxShift is how far a clip may reach beyond its chapter, in seconds.
const maxShift = 600

// askClip asks for a chapter as a clip, some seconds more or less at each end.
func (h *screens) askClip(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.recordedShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n := f.Int("chapter", 0, 100_000)
	before, after := f.Int("before", -maxShift, maxShift), f.Int("after", -maxShift, maxShift)
	if err := f.Err(); err != nil {
		return h.recordingAgain(w, r, err, "")
	}
	pins, err := show.Pins(r.Context(), h.DB, sh.ID)
	if err != nil {
		return err
	}
	if n >= int64(len(pins)) || pins[n].Item == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	c := recording.Clip{Show: sh.ID, Item: pins[n].Item, From: pins[n].At.Add(-time.Duration(before) * time.Second),
		To: h.pinEnds(pins, int(n), sh).Add(time.Duration(after) * time.Second)}
	if _, err := h.Flow.AskClip(r.Context(), edge.Who(r).Actor, c); err != nil {
		return h.recordingAgain(w, r, err, "")
	}
	return h.Redirect(w, r, recordingPath(sh.ID), edge.Who(r).P.T("recording.done_clip"))
}

// dropClip deletes a clip.
func (h *screens) dropClip(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.recordedShow(r)
	if err != nil {
		return err
	}
	c, err := site.PathID[id.Clip](r, "clip")
	if err != nil {
		return err
	}
	if err := h.Flow.DropClip(r.Context(), edge.Who(r).Actor, sh.ID, c); err != nil {
		return err
	}
	return h.Redirect(w, r, recordingPath(sh.ID), edge.Who(r).P.T("recording.done_clip_deleted"))
}

// clipPoster takes the still that a browser of the staff drew from the clip.
func (h *screens) clipPoster(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.recordedShow(r)
	if err != nil {
		return err
	}
	c, err := site.PathID[id.Clip](r, "clip")
	if err != nil {
		return err
	}
	if err := h.Flow.ClipPoster(r.Context(), edge.Who(r).Actor, sh.ID, c, http.MaxBytesReader(w, r.Body, 4<<20)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
