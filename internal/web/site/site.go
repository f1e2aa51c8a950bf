package site

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/watch"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/realtime"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/tlog/tree"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/page"
)

// Streams tells about the picture of a show: the media hub.
type Streams interface {
	// State is idle, live, away or ended.
	State(streamID string) string
	// Health is what the control room sees; ok is false when nothing is published.
	Health(streamID string) (StreamHealth, bool)
}

// StreamHealth is the picture as the control room sees it.
type StreamHealth struct {
	Width, Height int
	FPS           float64
	KBitPerS      int64
	KeyFrameEvery time.Duration
	Dropped       uint64 // pieces of picture or sound refused since the publisher began
	Codec         string
	Warnings      []string // message keys
	Since         time.Time
}

// Sends tells how the sending of a show's picture to other platforms does.
type Sends interface {
	Status(stream, target string) push.Status
	// Retry lets a link that waits try again now.
	Retry(stream, target string)
}

// Site is what screens work on.
type Site struct {
	Flow    *flow.Flow
	DB      *db.DB
	Vault   *vault.Vault
	Store   blob.Store
	RT      *realtime.Hub
	Rooms   *room.Cache // the truth of a room, read once for all who ask
	Streams Streams
	// Sends is nil where nothing is sent on.
	Sends Sends
	Watch *watch.Watch // alerts of running shows; nil: none are raised
	// Recorder tells how the recorder does, false where nothing is recorded;
	// FilmSpace how much room there is for recordings, false where nobody knows (a
	// bucket). Nil in tests that need neither.
	Recorder  func() (record.Status, bool)
	FilmSpace func() (free, total int64, ok bool)
	Identity  *edge.Identity
	Log       *slog.Logger
	// PublicLog is the folder of the public log; nil where there is none.
	PublicLog *tree.Folder
	Centre    page.Centre
	BaseURL   string
	// RTMPURL is what a host types into OBS as the server.
	RTMPURL string
	// FastViewers lets buyers begin with the picture without delay (WHEP).
	FastViewers bool
	// Gateways the buyer may choose, in order ("sandbox", "offline").
	Gateways []string
	// OfflineText is the account for offline transfers as buyers see it.
	OfflineText string
	// StatementCut is how often statements are made.
	StatementCut statement.Cut
	// OnScreenCode gives the sign-in code of a code id for the screen: the demo
	// only, nil otherwise.
	OnScreenCode func(codeID string) string
	// Complaints, codes and chat of anonymous or signed-in askers are limited
	// by these; app makes them.
	CodeLimit, ComplaintLimit, LikeLimit *edge.Limiter
}

// Base begins a page.
func (s *Site) Base(w http.ResponseWriter, r *http.Request, section, title string) page.Base {
	v := edge.Who(r)
	return page.Base{P: v.P, Actor: v.Actor, Title: title, Path: r.URL.Path, Query: r.URL.RawQuery,
		Large: v.Large, Centre: s.Centre, Now: s.DB.Clock.Now(), Section: section, Flash: takeFlash(w, r)}
}

// Render writes a whole page or a fragment.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	return s.render(w, r, http.StatusOK, c)
}

func (s *Site) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b strings.Builder // whole first: a component that fails must not leave half a page
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, err := w.Write([]byte(b.String()))
	return ignoreGone(r.Context(), err)
}

// JSON answers one of our own scripts.
func JSON(w http.ResponseWriter, r *http.Request, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(b)
	return ignoreGone(r.Context(), err)
}

func ignoreGone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil // the reader left: nothing to tell anyone
	}
	return err
}

// Problem is a fault as our scripts read it (the members of RFC 9457 that they use).
type Problem struct {
	Status     int               `json:"status"`
	Title      string            `json:"title"`
	Code       string            `json:"code"`             // message key
	Fields     map[string]string `json:"fields,omitempty"` // by form field
	RetryAfter int               `json:"retry_after,omitempty"`
	SignIn     string            `json:"sign_in,omitempty"` // where to sign in and come back
}

// RenderFault shows a fault: JSON to our scripts, a fragment to htmx, else a page.
func (s *Site) RenderFault(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	v := edge.Who(r)
	status := f.Kind.Status()
	switch {
	case WantsJSON(r):
		p := Problem{Status: status, Title: v.P.Err(f), Code: f.Key, RetryAfter: int(f.RetryAfter.Seconds())}
		for _, o := range f.All() {
			if o.Field != "" {
				if p.Fields == nil {
					p.Fields = map[string]string{}
				}
				p.Fields[o.Field] = v.P.Err(o)
			}
		}
		if f.Kind == fault.Unauthenticated {
			p.SignIn = "/signin?next=" + url.QueryEscape(backTo(r))
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(p) // the reader may be gone
	case r.Header.Get("HX-Request") != "":
		if f.Kind == fault.Unauthenticated {
			w.Header().Set("HX-Redirect", "/signin?next="+url.QueryEscape(backTo(r)))
		}
		if err := s.render(w, r, status, page.Alert(allText(v, f))); err != nil {
			s.Log.Error("error fragment failed", "err", err)
		}
	default:
		b := s.Base(w, r, "shop", v.P.T("page.oops"))
		if r.Method != http.MethodGet {
			b.Path, b.Query = "/", "" // a form's address is no page to come back to
		}
		if err := s.render(w, r, status, page.Oops(b, status, allText(v, f), f.Kind == fault.Unauthenticated)); err != nil {
			s.Log.Error("error page failed", "err", err)
		}
	}
}

func allText(v edge.Visitor, f *fault.Error) string {
	var t []string
	for _, o := range f.All() {
		t = append(t, v.P.Err(o))
	}
	return strings.Join(t, " ")
}

// WantsJSON tells whether one of our scripts asks.
func WantsJSON(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "application/json")
}

// backTo is the page to come back to: this one, or for a script or a form the
// page it stands on.
func backTo(r *http.Request) string {
	if r.Method == http.MethodGet && !WantsJSON(r) && r.Header.Get("HX-Request") == "" {
		return r.URL.RequestURI()
	}
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
		return u.RequestURI()
	}
	return "/"
}

// Next is where to go after a sign-in: a path of this site, never another's.
func Next(r *http.Request) string {
	n := r.FormValue("next")
	if u, err := url.Parse(n); err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(n, "/") || strings.HasPrefix(n, "//") || strings.ContainsAny(n, "\\\r\n\t") {
		return "/"
	}
	return n
}

// PathID reads an id from the path; what is no id can't be found.
func PathID[T ~string](r *http.Request, name string) (T, error) {
	v := T(r.PathValue(name))
	if !id.Valid(v) {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	return v, nil
}

// Redirect goes on to a page with a message to show there.
func (s *Site) Redirect(w http.ResponseWriter, r *http.Request, to, okText string) error {
	if okText != "" {
		s.setFlash(w, page.Flash{Kind: "ok", Text: okText})
	}
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		return nil
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

const flashCookie = "flash"

func (s *Site) setFlash(w http.ResponseWriter, f page.Flash) {
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Value: url.QueryEscape(f.Kind + ":" + f.Text), Path: "/", MaxAge: 30, HttpOnly: true, Secure: s.Identity.Secure, SameSite: http.SameSiteLaxMode})
}

func takeFlash(w http.ResponseWriter, r *http.Request) page.Flash {
	c, err := r.Cookie(flashCookie)
	if err != nil {
		return page.Flash{}
	}
	http.SetCookie(w, &http.Cookie{Name: flashCookie, Path: "/", MaxAge: -1})
	raw, err := url.QueryUnescape(c.Value)
	kind, text, ok := strings.Cut(raw, ":")
	if err != nil || !ok || kind != "ok" && kind != "error" {
		return page.Flash{}
	}
	return page.Flash{Kind: kind, Text: text}
}
