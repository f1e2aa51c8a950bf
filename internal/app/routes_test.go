package app_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/id"
)

// open starts nothing: it builds a centre whose handler the test asks.
func open(t *testing.T) *app.App {
	t.Helper()
	cfg, err := config.Load("", func() []string { return nil }, []string{"http=127.0.0.1:0", "rtmp=", "rtc.udp=", "rtc.tcp=", "data=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// TestEveryRouteKeepsItsDoor walks route × role. A role that the route's line
// does not name gets 401 or 403, whatever it asks for; one that it names gets
// past the door (what it finds there is the screens' own tests' business).
func TestEveryRouteKeepsItsDoor(t *testing.T) {
	a := open(t)
	// A session for each request: some routes end the one that asks.
	people := map[actor.Role]id.User{"": ""}
	for i, r := range actor.Roles {
		people[r] = person(t, a, i, r)
	}
	for _, rt := range a.Routes() {
		if strings.HasPrefix(rt.Path, "/rt/") {
			continue // a socket
		}
		for role, user := range people {
			token := ""
			if user != "" {
				token = session(t, a, user)
			}
			who := actor.Actor{}
			if role != "" {
				who = actor.Actor{User: "x", Roles: []actor.Role{role}}
			}
			want := rt.Access.Check(who)
			status := ask(t, a, rt, token)
			name := fmt.Sprintf("%s as %q", rt.Pattern(), role)
			switch {
			case want == nil && (status == http.StatusUnauthorized || status == http.StatusForbidden && rt.Access.Kind == ""):
				t.Errorf("%s: %d, but the table lets them in", name, status)
			case want != nil && role == "" && status != http.StatusUnauthorized:
				t.Errorf("%s: %d, want 401", name, status)
			case want != nil && role != "" && status != http.StatusForbidden:
				t.Errorf("%s: %d, want 403", name, status)
			case status >= 500:
				t.Errorf("%s: %d: a stranger's request is no reason to break", name, status)
			}
		}
	}
}

// TestNothingIsServedBesideTheTable asks for addresses that no line names.
func TestNothingIsServedBesideTheTable(t *testing.T) {
	a := open(t)
	for _, path := range []string{"/debug/pprof/", "/admin", "/api/v1/users", "/.git/config", "/data/lindu.db", "/static/../lindu.db", "/enter?token=x"} {
		res, err := http.Get(a.BaseURL() + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestAnotherSitesPageCanNotPost(t *testing.T) {
	a := open(t)
	token := member(t, a, 90, actor.Operator)
	for _, h := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}} {
		req, _ := http.NewRequest("POST", a.BaseURL()+"/signout", nil)
		req.AddCookie(&http.Cookie{Name: "lindu", Value: token})
		for k, v := range h {
			req.Header.Set(k, v)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("%v: %d, want 403", h, res.StatusCode)
		}
	}
}

func TestHeadersAreStrict(t *testing.T) {
	a := open(t)
	res, err := http.Get(a.BaseURL() + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	csp := res.Header.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "script-src 'self'") || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers: %v", res.Header)
	}
}

func member(t *testing.T, a *app.App, n int, r actor.Role) string {
	t.Helper()
	return session(t, a, person(t, a, n, r))
}

// person makes somebody with a role.
func person(t *testing.T, a *app.App, n int, r actor.Role) id.User {
	t.Helper()
	var u account.User
	err := a.DB.Update(t.Context(), func(tx *db.Tx) (err error) {
		var roles []actor.Role
		if r != actor.Buyer {
			roles = []actor.Role{r}
		}
		u, err = account.Create(t.Context(), tx, a.Vault, app.System, fmt.Sprintf("1380000%04d", n), "member", roles...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// session signs somebody in.
func session(t *testing.T, a *app.App, u id.User) string {
	t.Helper()
	var token string
	err := a.DB.Update(t.Context(), func(tx *db.Tx) (err error) {
		token, err = account.OpenSession(t.Context(), tx, u, account.Web, "test", "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// ask sends a request to a route with ids that nothing has.
func ask(t *testing.T, a *app.App, rt edge.Route, token string) int {
	t.Helper()
	path := rt.Path
	for strings.Contains(path, "{") {
		from, to := strings.Index(path, "{"), strings.Index(path, "}")
		name := path[from+1 : to]
		value := id.New[string]()
		if name == "$" {
			value = ""
		}
		path = path[:from] + value + path[to+1:]
	}
	var body *strings.Reader = strings.NewReader("")
	if rt.Method != http.MethodGet {
		body = strings.NewReader("{}")
	}
	req := httptest.NewRequest(rt.Method, a.BaseURL()+path, body)
	req.RequestURI = ""
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "lindu", Value: token})
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(req)
	if err != nil {
		t.Fatalf("%s: %v", rt.Pattern(), err)
	}
	res.Body.Close()
	return res.StatusCode
}
