package app

import (
	"net/http"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// picture lets the picture of a show out: to everyone once the show has begun;
// before, while the host rehearses, only to the host and to who runs shows. The
// address follows from the show's id, so not telling it would hide nothing.
func (a *App) picture(w http.ResponseWriter, r *http.Request) {
	stream, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/live/"), "/")
	sid := id.Show(stream)
	// A show never goes back to before its beginning, so this is asked once a
	// show and not for every piece of every viewer.
	if _, begun := a.begun.Load(sid); begun || !id.Valid(sid) {
		a.origin.ServeHTTP(w, r)
		return
	}
	sh, err := show.ByID(r.Context(), a.DB, sid)
	switch {
	case fault.Is(err, fault.NotFound):
		http.Error(w, "not found", http.StatusNotFound)
	case err != nil:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "service unavailable", http.StatusServiceUnavailable)
	case sh.Cut:
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "gone", http.StatusGone)
	case !sh.Practice && (sh.State == show.Live || sh.State == show.Ended):
		a.begun.Store(sid, true)
		a.origin.ServeHTTP(w, r)
	case rehearses(edge.Who(r).Actor, sh):
		a.origin.ServeHTTP(&unshared{ResponseWriter: w}, r)
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

func rehearses(who actor.Actor, sh show.Show) bool {
	return who.SignedIn() && who.User == sh.Host || who.Has(actor.Operator, actor.Moderator, actor.Overseer)
}

// unshared keeps what only some may see out of caches on the way.
type unshared struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader overrules what the origin says of caching.
func (u *unshared) WriteHeader(status int) {
	u.begun = true
	u.Header().Set("Cache-Control", "private, no-store")
	u.ResponseWriter.WriteHeader(status)
}

func (u *unshared) Write(b []byte) (int, error) {
	if !u.begun {
		u.WriteHeader(http.StatusOK)
	}
	return u.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController the writer below.
func (u *unshared) Unwrap() http.ResponseWriter { return u.ResponseWriter }
