package proof

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/tree"
	"lindu.example/lindu/internal/web/page"
)

// Caching (C2SP tlog-tiles): a tile is what it is for ever, a checkpoint only
// now.
const (
	forever = "public, max-age=31536000, immutable"
	never   = "no-cache"
)

// tilePath is what a tile's path may be: level or "entries", the index in parts
// of three digits, and a partial width.
var tilePath = regexp.MustCompile(`^(?:entries|[0-9]|[1-5][0-9]|6[0-3])(?:/x[0-9]{3})*/[0-9]{3}(?:\.p/(?:[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$`)

func none() error { return fault.New(fault.NotFound, "fault.not_found") }

// folder is the log, or a fault where there is none.
func (s *screens) folder() (tree.Folder, error) {
	if s.PublicLog == nil {
		return tree.Folder{}, none()
	}
	return *s.PublicLog, nil
}

func serve(w http.ResponseWriter, kind, cache string, b []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", cache)
	h.Set("Access-Control-Allow-Origin", "*") // anybody's page may check
	_, err := w.Write(b)
	return err
}

const text = "text/plain; charset=utf-8"

func (s *screens) checkpoint(w http.ResponseWriter, r *http.Request) error {
	f, err := s.folder()
	if err != nil {
		return err
	}
	b, err := tree.Served(r.Context(), s.DB, f)
	if errors.Is(err, fs.ErrNotExist) {
		return none()
	}
	if err != nil {
		return err
	}
	return serve(w, text, never, b)
}

func (s *screens) witnessed(w http.ResponseWriter, r *http.Request) error {
	b, err := tree.Witnessed(r.Context(), s.DB)
	if err != nil {
		return err
	}
	if b == nil {
		return none()
	}
	return serve(w, text, never, b)
}

func (s *screens) key(w http.ResponseWriter, r *http.Request) error {
	f, err := s.folder()
	if err != nil {
		return err
	}
	return serve(w, text, never, []byte(f.Key.VKey+"\n"))
}

// tile serves a file of the tree. A partial one that was cleared away because
// it became full is not there any more; readers then take the full one.
func (s *screens) tile(w http.ResponseWriter, r *http.Request) error {
	f, err := s.folder()
	if err != nil {
		return err
	}
	p := r.PathValue("path")
	if !tilePath.MatchString(p) {
		return none()
	}
	b, err := os.ReadFile(filepath.Join(f.Dir, "tile", filepath.FromSlash(p)))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return none()
	}
	if err != nil {
		return err
	}
	return serve(w, "application/octet-stream", forever, b)
}

func (s *screens) cosign(w http.ResponseWriter, r *http.Request) error {
	f, err := s.folder()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, tree.MaxNote+1))
	if err != nil {
		return fault.New(fault.Invalid, "tlog.cosign_bad").Because(err)
	}
	if err := tree.Cosign(r.Context(), s.DB, f, b); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// logView is the page of the log.
type logView struct {
	page.Base
	Begun     bool
	Key       string
	Origin    string
	Size      int64
	Root      string
	Waiting   int64
	Published time.Time
	Cosigned  []tlog.Cosignature
	Newest    []entryView
	URL       string
}

func (s *screens) log(w http.ResponseWriter, r *http.Request) error {
	v := logView{Base: s.Base(w, r, "open", edge.Who(r).P.T("proof.log_title")), URL: s.BaseURL + "/log"}
	v.Styles, v.Scripts, v.Description = []string{"proof/proof.css"}, []string{"proof/check.js"}, v.T("proof.log_lead")
	if err := s.readLog(r, &v); err != nil {
		return err
	}
	return s.Render(w, r, logScreen(v))
}

const newest = 20

func (s *screens) readLog(r *http.Request, v *logView) (err error) {
	ctx := r.Context()
	if s.PublicLog == nil {
		return nil
	}
	f := *s.PublicLog
	v.Key, v.Origin = f.Key.VKey, f.Key.Verifier.Name()
	c, err := f.Checkpoint(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	v.Begun, v.Size, v.Root = true, c.Size, base64Of(c.Root)
	if i, err := os.Stat(filepath.Join(f.Dir, "checkpoint")); err == nil {
		v.Published = i.ModTime()
	}
	if v.Waiting, _, err = tlog.Waiting(ctx, s.DB); err != nil {
		return err
	}
	if v.Cosigned, err = tlog.Cosignatures(ctx, s.DB, c.Size, 1); err != nil {
		return err
	}
	rows, err := tlog.Placed(ctx, s.DB, max(0, c.Size-newest), newest)
	for _, l := range rows {
		v.Newest = append([]entryView{publicOf(v.Base, l)}, v.Newest...)
	}
	return err
}
