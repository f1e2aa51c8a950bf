package open

import (
	"net/http"
	"strconv"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// versionView is one wording of a promise, for ever: words, script, who signed,
// what people said, and all other versions.
type versionView struct {
	page.Base
	Version  promise.Version
	State    promise.State
	All      []promise.Version // of the same promise, the newest first
	States   map[int64]promise.State
	Comments []promise.Comment
	Body     string // what was typed
	Wrong    string
}

func (s *screens) version(w http.ResponseWriter, r *http.Request) error {
	v, err := s.versionView(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, versionScreen(v))
}

func (s *screens) versionView(w http.ResponseWriter, r *http.Request) (versionView, error) {
	ctx := r.Context()
	no := r.PathValue("no")
	v := versionView{Base: s.Base(w, r, "open", edge.Who(r).P.T("open.no", "No", no)), States: map[int64]promise.State{}}
	v.Styles = []string{"open/open.css"}
	n, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil {
		return v, fault.New(fault.NotFound, "fault.not_found")
	}
	all, err := promise.Versions(ctx, s.DB, false)
	if err != nil {
		return v, err
	}
	rules, err := promise.Load(ctx, s.DB)
	if err != nil {
		return v, err
	}
	for _, x := range all {
		if x.No != no {
			continue
		}
		v.All = append([]promise.Version{x}, v.All...)
		v.States[x.Version] = rules.StateOf(x, s.DB.Clock.Now())
		if x.Version == n {
			v.Version, v.State = x, v.States[n]
		}
	}
	if v.Version.No == "" { // drafts are nobody's business yet
		return v, fault.New(fault.NotFound, "fault.not_found")
	}
	v.Path = versionPath(v.Version)
	v.Comments, err = promise.Comments(ctx, s.DB, no, n)
	return v, err
}

// comment takes what somebody has to say to an announced version.
func (s *screens) comment(w http.ResponseWriter, r *http.Request) error {
	v, err := s.versionView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	body := f.Need("body", 500)
	if err = f.Err(); err == nil {
		_, err = s.Flow.CommentPromise(r.Context(), edge.Who(r).Actor, v.Version.No, v.Version.Version, body)
	}
	if err == nil {
		return s.Redirect(w, r, v.Path+"#comments", v.T("open.comment_ok"))
	}
	if !site.Correctable(err) {
		return err
	}
	v.Body, v.Wrong = r.PostFormValue("body"), v.P.Err(fault.Of(err))
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), versionScreen(v))
}
