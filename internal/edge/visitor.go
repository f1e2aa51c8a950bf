package edge

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
)

// Visitor is who asks, as far as the request tells.
type Visitor struct {
	Actor   actor.Actor
	Session id.Session
	Large   bool   // large type wanted
	Name    string // for sockets and counts: the user id, or "a" and a random cookie
	P       *i18n.Printer
	Addr    string // network address of the asker
	// Unsure is why the session that came with the request could not be looked
	// up: the visitor is shown as anonymous, but may well be signed in.
	Unsure error
}

// Network is whom a limit counts as one asker: an address, or an IPv6
// household, which has 2^64 of them.
func (v Visitor) Network() string { return account.Network(v.Addr) }

type visitorKey struct{}

// Who is the request's visitor. Outside the middleware it is an anonymous one.
func Who(r *http.Request) Visitor { return FromContext(r.Context()) }

// FromContext is Who for code that has only the context.
func FromContext(ctx context.Context) Visitor {
	if v, ok := ctx.Value(visitorKey{}).(Visitor); ok {
		return v
	}
	return Visitor{P: i18n.For(i18n.Chinese)}
}

// WithVisitor puts a visitor into a context: for tests.
func WithVisitor(ctx context.Context, v Visitor) context.Context {
	return context.WithValue(ctx, visitorKey{}, v)
}

// Names of our cookies. With TLS they carry the __Host- prefix, which pins
// them to this host and to HTTPS.
const (
	sessionCookie = "lindu"
	visitorCookie = "lindu_v"
)

// Identity finds out who asks: by the session cookie, or by a bearer token.
type Identity struct {
	DB     *db.DB
	Secure bool // the public address is https
	// Proxies is how many proxies stand in front and add to X-Forwarded-For.
	Proxies int

	once  sync.Once
	signs *db.Memo[string, account.Sign]
}

// sign looks a token up together with those of everybody else who asks now, or
// remembers it while no account changes: a crowd costs few queries, and a
// session that was ended is never taken.
func (i *Identity) sign(ctx context.Context, token string) (account.Sign, bool, error) {
	i.once.Do(func() {
		i.signs = &db.Memo[string, account.Sign]{DB: i.DB, Tables: account.SignTables, Read: func(ctx context.Context, tokens []string) (map[string]account.Sign, error) {
			return account.ByTokens(ctx, i.DB, i.DB.Clock.Now(), tokens)
		}}
	})
	s, ok, err := i.signs.Get(ctx, token)
	return s, ok && s.Session.Expires.After(i.DB.Clock.Now()), err
}

func (i *Identity) cookieName(base string) string {
	if i.Secure {
		return "__Host-" + base
	}
	return base
}

// Middleware puts the Visitor into the request's context.
func (i *Identity) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := Visitor{Addr: i.addr(r), P: i18n.For(i18n.FromRequest(r))}
		token, via := i.token(r)
		if token != "" {
			sign, ok, err := i.sign(r.Context(), token)
			u, s := sign.User, sign.Session
			v.Unsure = err
			if err == nil && ok {
				v.Actor = actor.Actor{User: u.ID, Name: u.Name, Roles: u.Roles, Via: via}
				v.Session, v.Large, v.Name = s.ID, u.LargeType, string(u.ID)
				i.touch(r, s)
			}
		}
		if v.Name == "" {
			v.Name = i.anonymous(w, r)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitorKey{}, v)))
	})
}

// touchEvery is how stale "last seen" of a session may be; writing it at every
// request would turn each page view into a write.
const touchEvery = time.Hour

func (i *Identity) touch(r *http.Request, s account.Session) {
	if i.DB.Clock.Now().Sub(s.Seen) < touchEvery {
		return
	}
	// A failed note of "last seen" must not fail the page.
	_ = i.DB.Update(r.Context(), func(tx *db.Tx) error { return account.Touch(r.Context(), tx, s.ID) })
}

func (i *Identity) token(r *http.Request) (token, via string) {
	if t, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return t, "api"
	}
	if c, err := r.Cookie(i.cookieName(sessionCookie)); err == nil {
		return c.Value, "web"
	}
	return "", ""
}

// anonymous names a visitor who is not signed in by a random cookie, which
// says nothing about the person and lets the room count heads.
func (i *Identity) anonymous(w http.ResponseWriter, r *http.Request) string {
	name := i.cookieName(visitorCookie)
	if c, err := r.Cookie(name); err == nil && id.Valid(c.Value) {
		return "a" + c.Value
	}
	v := id.New[string]()
	if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.SetCookie(w, &http.Cookie{Name: name, Value: v, Path: "/", HttpOnly: true, Secure: i.Secure, SameSite: http.SameSiteLaxMode, MaxAge: 365 * 24 * 3600})
	}
	return "a" + v
}

// SetSession hands the browser its session.
func (i *Identity) SetSession(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{Name: i.cookieName(sessionCookie), Value: token, Path: "/", HttpOnly: true, Secure: i.Secure, SameSite: http.SameSiteLaxMode, MaxAge: 30 * 24 * 3600})
}

// ClearSession takes it back.
func (i *Identity) ClearSession(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{Name: i.cookieName(sessionCookie), Path: "/", HttpOnly: true, Secure: i.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}

// addr is the asker's address: the socket's, or what the trusted proxies say.
func (i *Identity) addr(r *http.Request) string {
	if i.Proxies > 0 {
		// All lines: a proxy may add one of its own below what the asker sent.
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if n := len(hops) - i.Proxies; n >= 0 {
			if a, ok := parseAddr(strings.TrimSpace(hops[n])); ok {
				return a
			}
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// parseAddr reads an address as proxies write it: some add the port.
func parseAddr(s string) (string, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().String(), true
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return a.Unmap().String(), err == nil
}
