package edge_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
)

// seen is the visitor that a request through Identity makes.
func seen(t *testing.T, i *edge.Identity, from string, forwarded ...string) edge.Visitor {
	t.Helper()
	var v edge.Visitor
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = from
	r.Header["X-Forwarded-For"] = forwarded
	i.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { v = edge.Who(r) })).ServeHTTP(httptest.NewRecorder(), r)
	return v
}

func TestOnlyTrustedProxiesSayWhoAsks(t *testing.T) {
	for _, c := range []struct {
		name      string
		proxies   int
		forwarded []string
		want      string
	}{
		{"nobody is trusted", 0, []string{"203.0.113.9"}, "192.0.2.1"},
		{"what the proxy saw, not what the asker wrote", 1, []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		{"the proxy adds a line of its own", 1, []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		{"with a port", 1, []string{"198.51.100.7:4711"}, "198.51.100.7"},
		{"IPv6 with a port", 1, []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		{"no address: the proxy's own counts", 1, []string{"unknown"}, "192.0.2.1"},
		{"blank", 1, []string{"203.0.113.9, "}, "192.0.2.1"},
		{"fewer hops than proxies", 2, []string{"203.0.113.9"}, "192.0.2.1"},
	} {
		if got := seen(t, &edge.Identity{Proxies: c.proxies}, "192.0.2.1:1234", c.forwarded...).Addr; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestOneHouseholdIsOneAsker: a /64 has 2^64 addresses to wear out a limit with.
func TestOneHouseholdIsOneAsker(t *testing.T) {
	l := edge.NewLimiter(time.Hour, 1)
	i := &edge.Identity{}
	if err := l.Allow(seen(t, i, "[2001:db8:0:1::1]:1").Network()); err != nil {
		t.Error(err)
	}
	if err := l.Allow(seen(t, i, "[2001:db8:0:1:ffff::9]:1").Network()); !fault.Is(err, fault.TooMany) {
		t.Errorf("the same household: %v", err)
	}
	if err := l.Allow(seen(t, i, "[2001:db8:0:2::1]:1").Network()); err != nil {
		t.Errorf("the neighbours: %v", err)
	}
}

// guarded asks a route and gives the status and the fault's key.
func guarded(rt edge.Route, h func(http.Handler) http.Handler, r *http.Request) (status int, key string) {
	render := func(w http.ResponseWriter, _ *http.Request, f *fault.Error) {
		key = f.Key
		w.WriteHeader(f.Kind.Status())
	}
	w := httptest.NewRecorder()
	h(edge.Guard(rt, slog.New(slog.DiscardHandler), render)).ServeHTTP(w, r)
	return w.Code, key
}

// TestWhoCanNotBeLookedUpIsNoStranger: while the database is away nobody is
// told to sign in, and nobody is told to be signed out.
func TestWhoCanNotBeLookedUpIsNoStranger(t *testing.T) {
	d := dbtest.SQLite(t)
	i := &edge.Identity{DB: d}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	ok := func(http.ResponseWriter, *http.Request) error { return nil }
	for _, c := range []struct {
		method string
		access edge.Access
		want   int
	}{
		{"GET", edge.Anyone(), http.StatusOK},
		{"GET", edge.Buyers(), http.StatusServiceUnavailable},
		{"POST", edge.Anyone(), http.StatusServiceUnavailable},
	} {
		r := httptest.NewRequest(c.method, "/", nil)
		r.AddCookie(&http.Cookie{Name: "lindu", Value: strings.Repeat("a", 64)})
		if got, key := guarded(edge.Route{Access: c.access, Handle: ok}, i.Middleware, r); got != c.want {
			t.Errorf("%s %+v: %d %s, want %d", c.method, c.access, got, key, c.want)
		}
	}
	r := httptest.NewRequest("POST", "/", nil) // no session came along: nothing is unsure
	if got, key := guarded(edge.Route{Access: edge.Anyone(), Handle: ok}, i.Middleware, r); got != http.StatusOK {
		t.Errorf("a visitor: %d %s", got, key)
	}
}

// TestTextNobodyTypesIsTheAskersFault: PostgreSQL takes neither zero bytes nor
// broken UTF-8, which is no failure of ours.
func TestTextNobodyTypesIsTheAskersFault(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, bad := range []string{"a\x00b", "a\xffb"} {
			handle := func(_ http.ResponseWriter, r *http.Request) error {
				var n int64
				return d.QueryRow(r.Context(), `SELECT count(*) FROM user_account WHERE id = $1`, bad).Scan(&n)
			}
			plain := func(h http.Handler) http.Handler { return h }
			got, key := guarded(edge.Route{Access: edge.Anyone(), Handle: handle}, plain, httptest.NewRequest("GET", "/", nil))
			if got != http.StatusOK && key != "fault.form" {
				t.Errorf("%q: %d %s", bad, got, key)
			}
		}
	})
}

func TestNothingIsKeptUnlessItSaysSo(t *testing.T) {
	for given, want := range map[string]string{"": "no-store", "public, max-age=60": "public, max-age=60"} {
		w := httptest.NewRecorder()
		edge.Headers(false, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if given != "" {
				w.Header().Set("Cache-Control", given)
			}
		})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Cache-Control"); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}
