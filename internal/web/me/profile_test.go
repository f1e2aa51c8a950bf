package me_test

import (
	"net/http"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/webtest"
)

func TestProfile(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei", actor.Host, actor.Packer)
	p := c.Get("/me").Is(200).Has("Li Lei", "138****0001")
	p.HasNot("13800000001")
	p.Must("a[href=/studio]")
	p.Must("a[href=/desk]")
	p.None("a[href=/farm]")
	p.Must("a[href=/me/addresses]")

	p = p.Form("form[action=/me]").Set("name", "Han Mei").Set("lang", "en").Set("large", "1").Send().GoesTo("/me").Is(200)
	p.Has("Han Mei", "Signed-in devices")
	p.Must("html.large")
	if got := p.Form("form[action=/me]").Values; got.Get("lang") != "en" || got.Get("large") != "1" || got.Get("name") != "Han Mei" {
		t.Error(got)
	}
}

func TestBadNameLosesNothing(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei")
	const listed = "WECHAT" // what chat refuses is no name either
	for _, bad := range []string{"", strings.Repeat("x", 21), "call 13800138000", "a\u202eb", listed} {
		p := c.Get("/me").Form("form[action=/me]").Set("name", bad).Set("lang", "en").Send().Is(http.StatusUnprocessableEntity)
		p.Must("#f-name[aria-invalid=true]")
		f := p.Form("form[action=/me]").Values
		if f.Get("lang") != "en" {
			t.Errorf("%q: the other fields are lost: %v", bad, f)
		}
	}
	c.Get("/me").Has("Li Lei")
}

func TestSessionsCanBeEnded(t *testing.T) {
	w := webtest.New(t, me.Routes)
	phone := w.Person("Li Lei")
	pc, tablet := w.As(phone.User.ID), w.As(phone.User.ID)
	stranger := w.Person("Zhao")

	p := phone.Get("/me").Is(200)
	ends := p.All(".sessions form")
	if len(ends) != 2 || len(p.All(".sessions > li")) != 3 {
		t.Fatalf("%d of %d sessions can be ended", len(ends), len(p.All(".sessions > li")))
	}
	action := ends[0].Attr("action")
	stranger.Post(action, webtest.Values()).Is(http.StatusNotFound) // another's session does not exist
	phone.Post(action, webtest.Values()).GoesToAnyway("/me#sessions")
	alive := 0
	for _, c := range []*webtest.Client{pc, tablet} {
		if c.Get("/me").Status == 200 {
			alive++
		}
	}
	if alive != 1 {
		t.Errorf("%d of 2 other devices are signed in", alive)
	}

	phone.Post("/me/sessions/others/end", webtest.Values()).GoesToAnyway("/me#sessions")
	pc.Get("/me").Is(http.StatusUnauthorized)
	tablet.Get("/me").Is(http.StatusUnauthorized)
	phone.Get("/me").Is(200)
	stranger.Get("/me").Is(200)
}
