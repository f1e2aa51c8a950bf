package studio_test

import (
	"context"
	"net/http"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/studio"
	"lindu.example/lindu/internal/web/webtest"
)

// planned is an announced show of a host, with one item.
func planned(t *testing.T, w *webtest.World, host *webtest.Client) (path string, item id.Item) {
	t.Helper()
	ctx := context.Background()
	p := w.Product("Rice", 3380)
	w.Lot(p, w.Producer("Li"), 30)
	s, err := w.Flow.SaveShow(ctx, webtest.System, show.Show{Title: "New rice", Host: host.User.ID, Orientation: show.Portrait, Starts: webtest.Start})
	if err != nil {
		t.Fatal(err)
	}
	it, err := w.Flow.AddItem(ctx, webtest.System, s, show.Item{Product: p.ID, Price: 3380, Released: -1, State: show.OnSale, Script: "milled today"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Flow.MoveShow(ctx, webtest.System, s, show.Announced); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Flow.SignShow(ctx, webtest.System, s, "", flow.HandPoints...); err != nil {
		t.Fatal(err)
	}
	return "/studio/shows/" + string(s), it.ID
}

func TestAHostRunsTheOwnShow(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	host := w.Person("Host", actor.Host)
	path, item := planned(t, w, host)
	host.Get("/studio").Is(http.StatusOK).Has("New rice")
	host.In(i18n.English).Get(path).Is(http.StatusOK).None(".how code")
	host.Get(path + "/qr.png").Is(http.StatusNotFound)
	host.Post(path+"/key", nil).GoesTo(path).Must(".how code")
	if ct := host.Get(path + "/qr.png").Is(http.StatusOK).Header.Get("Content-Type"); ct != "image/png" {
		t.Errorf("the code is %s", ct)
	}

	host.PostJSON(path+"/pin", webtest.Values("item", string(item))).Is(http.StatusConflict) // not on air yet
	host.PostJSON(path+"/move", webtest.Values("to", "live")).Is(http.StatusOK)
	host.PostJSON(path+"/pin", webtest.Values("item", string(item))).Is(http.StatusOK)
	host.PostJSON(path+"/say", webtest.Values("body", "welcome")).Is(http.StatusOK)
	host.PostJSON(path+"/say", webtest.Values("body", "")).Is(http.StatusUnprocessableEntity)
	var st struct {
		State, Pinned string
		Script        map[id.Item]string
		Chat          []struct{ Body, Badge string }
	}
	host.GetJSON(path + "/state").Is(http.StatusOK).JSON(&st)
	if st.State != "live" || st.Pinned != string(item) || st.Script[item] != "milled today" || len(st.Chat) != 1 || st.Chat[0].Badge != "host" {
		t.Errorf("state: %+v", st)
	}
	host.PostJSON(path+"/move", webtest.Values("to", "cancelled")).Is(http.StatusUnprocessableEntity)
	host.PostJSON(path+"/move", webtest.Values("to", "ended")).Is(http.StatusOK)
	host.Get(path).Is(http.StatusOK).None("#start").None("#say")
	host.PostJSON(path+"/move", webtest.Values("to", "live")).Is(http.StatusConflict)
}

func TestAnotherHostsShowIsNotThere(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	path, item := planned(t, w, w.Person("Host", actor.Host))
	other := w.Person("Other", actor.Host)
	other.Get("/studio").Is(http.StatusOK).None(".my-show")
	for _, p := range []string{"", "/state", "/qr.png"} {
		other.Get(path + p).Is(http.StatusNotFound)
	}
	for p, form := range map[string][]string{"/pin": {"item", string(item)}, "/move": {"to", "live"}, "/key": nil, "/say": {"body", "hi"}} {
		other.PostJSON(path+p, webtest.Values(form...)).Is(http.StatusNotFound)
	}
	for _, c := range []*webtest.Client{w.Person("Buyer"), w.Person("Op", actor.Operator), w.Person("Over", actor.Overseer)} {
		c.Get(path).Is(http.StatusForbidden)
	}
}
