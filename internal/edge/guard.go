package edge

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
)

// ErrorRenderer answers a request with a fault, in the form its edge speaks.
type ErrorRenderer func(w http.ResponseWriter, r *http.Request, f *fault.Error)

// Mount puts routes on a mux, each behind its Access.
func Mount(mux *http.ServeMux, log *slog.Logger, render ErrorRenderer, routes ...Route) {
	for _, rt := range routes {
		mux.Handle(rt.Pattern(), Guard(rt, log, render))
	}
}

// Guard is a route's handler behind its access check and error rendering.
func Guard(rt Route, log *slog.Logger, render ErrorRenderer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := Who(r)
		err := rt.Access.Check(v.Actor)
		if v.Unsure != nil && (err != nil || r.Method != http.MethodGet && r.Method != http.MethodHead) {
			// "Sign in first" would be wrong, and so would doing a signed-in
			// person's wish as a stranger's: signing out, say.
			err = unsure(r, log, v.Unsure)
		}
		if err == nil && rt.Raw != nil {
			rt.Raw.ServeHTTP(w, r)
			return
		}
		if err == nil {
			err = rt.Handle(w, r)
		}
		if err != nil {
			Fail(w, r, log, render, err)
		}
	})
}

func unsure(r *http.Request, log *slog.Logger, err error) error {
	if r.Context().Err() == nil {
		log.Error("session not looked up", "route", r.Pattern, "err", err)
	}
	return fault.New(fault.Unavailable, "fault.stopping").After(5 * time.Second).Because(err)
}

// Fail renders an error once: what is no fault is logged and told as internal.
func Fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, render ErrorRenderer, err error) {
	if r.Context().Err() != nil {
		return // nobody is there any more
	}
	f := fault.Of(err)
	switch {
	case db.IsStorage(err):
		f = fault.New(fault.Unavailable, "fault.storage").After(10 * time.Second)
		log.Error("storage failed", "route", r.Pattern, "err", err)
	case errors.Is(err, db.ErrAway):
		f = fault.New(fault.Unavailable, "fault.stopping").After(2 * time.Second)
		log.Error("the database does not answer", "route", r.Pattern, "err", err)
	case db.IsBadText(err):
		f = fault.New(fault.Invalid, "fault.form")
	case f.Kind == fault.Internal:
		log.Error("request failed", "route", r.Pattern, "err", err)
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int((f.RetryAfter+time.Second-1)/time.Second))))
	}
	render(w, r, f)
}

// Recover turns a panic into an internal fault and a log line.
func Recover(log *slog.Logger, render ErrorRenderer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			log.Error("panic", "route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			render(w, r, fault.New(fault.Internal, "fault.internal"))
		}()
		next.ServeHTTP(w, r)
	})
}

// SameOrigin refuses state changes that another site's page asks for (the
// standard library's CrossOriginProtection: Sec-Fetch-Site, else Origin).
func SameOrigin(render ErrorRenderer, trusted ...string) (func(http.Handler) http.Handler, error) {
	p := http.NewCrossOriginProtection()
	for _, o := range trusted {
		if err := p.AddTrustedOrigin(o); err != nil {
			return nil, fmt.Errorf("trusted origin %q: %w", o, err)
		}
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		render(w, r, fault.New(fault.Denied, "fault.cross_site"))
	}))
	return p.Handler, nil
}

// Headers sets what every answer carries. Scripts come from our own files
// only; there is no inline script and no inline style. A program's answer is no
// page and says only that (OWASP's REST cheat sheet, "security headers").
func Headers(secure bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["Cache-Control"] = noStore // what may be kept says so itself
		h["X-Content-Type-Options"] = noSniff
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h["Content-Security-Policy"] = noPage
		} else {
			h.Set("Content-Security-Policy", policy(r.Host))
			h["Referrer-Policy"] = sameOrigin
			h["X-Frame-Options"] = deny
			h["Cross-Origin-Opener-Policy"] = sameOrigin
			h["Permissions-Policy"] = devices
		}
		if secure {
			h["Strict-Transport-Security"] = onlyTLS
		}
		next.ServeHTTP(w, r)
	})
}

// Values that are the same in every answer. Whoever adds to one gets a copy, as
// they are full; nobody writes into them.
var (
	noStore    = []string{"no-store"}
	noSniff    = []string{"nosniff"}
	noPage     = []string{"default-src 'none'; frame-ancestors 'none'"}
	sameOrigin = []string{"same-origin"}
	deny       = []string{"DENY"}
	devices    = []string{"camera=(self), microphone=(self), geolocation=()"}
	onlyTLS    = []string{"max-age=31536000"}
)

func policy(host string) string {
	ws := ""
	if !strings.ContainsAny(host, " ;,'\"") { // older Safari does not count sockets as 'self'
		ws = " ws://" + host + " wss://" + host
	}
	return "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
		"connect-src 'self'" + ws + "; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

// maxBody bounds a form or JSON body; uploads and media have limits of their own.
const maxBody = 1 << 20

// LimitBody bounds request bodies, but on paths that set their own limit.
func LimitBody(own func(r *http.Request) bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !own(r) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		}
		next.ServeHTTP(w, r)
	})
}

// Limiter bounds how often one asker does one thing. It forgets askers that
// stay away, and refuses new ones rather than grow without end.
type Limiter struct {
	every rate.Limit
	burst int
	mu    sync.Mutex
	m     map[string]*bucket
}

type bucket struct {
	lim  *rate.Limiter
	seen time.Time
}

const maxBuckets = 100_000

// NewLimiter lets each asker do burst things at once and then one per interval.
func NewLimiter(interval time.Duration, burst int) *Limiter {
	return &Limiter{every: rate.Every(interval), burst: burst, m: map[string]*bucket{}}
}

// Allow counts one thing of an asker, or gives fault.busy with when to retry.
func (l *Limiter) Allow(who string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	b := l.m[who]
	if b == nil {
		if len(l.m) >= maxBuckets {
			l.forget(now)
		}
		if len(l.m) >= maxBuckets {
			return fault.New(fault.TooMany, "fault.busy").After(10 * time.Second)
		}
		b = &bucket{lim: rate.NewLimiter(l.every, l.burst)}
		l.m[who] = b
	}
	b.seen = now
	if r := b.lim.ReserveN(now, 1); r.DelayFrom(now) > 0 {
		d := r.DelayFrom(now)
		r.CancelAt(now)
		return fault.New(fault.TooMany, "fault.busy").After(d)
	}
	return nil
}

func (l *Limiter) forget(now time.Time) {
	for k, b := range l.m {
		if now.Sub(b.seen) > 10*time.Minute {
			delete(l.m, k)
		}
	}
}
