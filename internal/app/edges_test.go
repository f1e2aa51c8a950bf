package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// get asks with a token ("" for nobody) and header lines, and gives the answer
// without its body.
func get(t *testing.T, a *app.App, path, token string, lines ...string) *http.Response {
	t.Helper()
	return send(t, a, "GET", path, token, "", lines...)
}

func send(t *testing.T, a *app.App, method, path, token, body string, lines ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(lines); i += 2 {
		if lines[i] == "Host" {
			req.Host = lines[i+1]
		}
		req.Header.Set(lines[i], lines[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res
}

func TestMetricsAreForThisMachine(t *testing.T) {
	a := open(t)
	if got := get(t, a, "/metrics", "").StatusCode; got != http.StatusOK {
		t.Errorf("from here: %d", got)
	}
	for _, through := range [][]string{{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "127.0.0.1"}, {"Forwarded", "for=203.0.113.9"},
		{"X-Real-Ip", "203.0.113.9"}, {"Host", "lindu.example"}} {
		if got := get(t, a, "/metrics", "", through...).StatusCode; got != http.StatusNotFound {
			t.Errorf("through a proxy, %v: %d", through, got)
		}
	}
}

func TestPrivateAnswersAreNotKept(t *testing.T) {
	a := open(t)
	token := member(t, a, 1, actor.Buyer)
	for _, path := range []string{"/api/v1/me", "/api/v1/addresses", "/api/v1/orders", "/me", "/orders"} {
		res := get(t, a, path, token)
		if got := res.Header.Values("Cache-Control"); res.StatusCode != http.StatusOK || len(got) != 1 || got[0] != "no-store" {
			t.Errorf("%s: %d, Cache-Control %q", path, res.StatusCode, got)
		}
	}
}

// TestGuessingCodesIsLimited: each try writes, whoever tries.
func TestGuessingCodesIsLimited(t *testing.T) {
	a := open(t)
	guess := func() int {
		return send(t, a, "POST", "/api/v1/sessions", "", `{"code_id":"`+id.New[string]()+`","code":"123456"}`).StatusCode
	}
	for range 100 {
		switch got := guess(); got {
		case http.StatusGone:
		case http.StatusTooManyRequests:
			return
		default:
			t.Fatalf("a code that nobody asked for: %d", got)
		}
	}
	t.Error("a hundred guesses in a row were taken")
}

// TestRehearsalIsNotPublic: the address of a show's picture follows from its
// id, so before the show the picture itself must be closed. That the origin was
// asked shows in the header it puts on every answer.
func TestRehearsalIsNotPublic(t *testing.T) {
	a := open(t)
	host := person(t, a, 1, actor.Host)
	people := map[string]id.User{"nobody": "", "buyer": person(t, a, 2, actor.Buyer), "another host": person(t, a, 3, actor.Host), "packer": person(t, a, 4, actor.Packer),
		"host": host, "operator": person(t, a, 5, actor.Operator), "overseer": person(t, a, 6, actor.Overseer)}
	tokens := map[string]string{}
	for who, user := range people {
		if tokens[who] = ""; user != "" {
			tokens[who] = session(t, a, user)
		}
	}
	var sid id.Show
	do := func(fn func(tx *db.Tx) error) {
		t.Helper()
		if err := a.DB.Update(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	do(func(tx *db.Tx) (err error) {
		sid, err = show.Save(t.Context(), tx, app.System, show.Show{Title: "Blueberries", Host: host, Orientation: show.Portrait, Starts: tx.Now.Add(time.Hour)})
		return err
	})
	move := func(to show.State) {
		t.Helper()
		do(func(tx *db.Tx) error { _, err := show.Move(t.Context(), tx, app.System, sid, to); return err })
	}
	check := func(state string, open func(who string) bool, cache string) {
		t.Helper()
		for who, token := range tokens {
			res := get(t, a, "/live/"+string(sid)+"/index.m3u8", token)
			asked := res.Header.Get("Access-Control-Allow-Origin") != ""
			if asked != open(who) {
				t.Errorf("%s show, %s: reaches the picture: %v", state, who, asked)
			}
			if got := res.Header.Get("Cache-Control"); asked && cache != "" && got != cache {
				t.Errorf("%s show, %s: Cache-Control %q", state, who, got)
			}
		}
	}
	rehearsal := func(who string) bool { return who == "host" || who == "operator" || who == "overseer" }
	everyone := func(string) bool { return true }
	joins := func(state string, open func(who string) bool) {
		t.Helper()
		for who, user := range people {
			if err := a.CanJoin(t.Context(), string(user), room.Channel(sid)); (err == nil) != open(who) {
				t.Errorf("%s show, %s: listens to its room: %v", state, who, err)
			}
		}
	}
	check("draft", rehearsal, "private, no-store")
	joins("draft", rehearsal)
	move(show.Announced)
	check("announced", rehearsal, "private, no-store")
	joins("announced", everyone)
	move(show.Live)
	check("live", everyone, "")
	move(show.Ended)
	check("ended", everyone, "")
}
