package me_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/webtest"
)

const phone = "13800138000"

// askCode fills the phone in and gives the page with the code field.
func askCode(t *testing.T, c *webtest.Client, next string) *webtest.Page {
	t.Helper()
	p := c.Get("/signin?next=" + next).Is(200)
	return p.Form("form[action=/signin/code]").Set("phone", phone).Send().Is(200)
}

func TestSignInByPhoneAndCode(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Visitor()
	c.Get("/orders").Is(http.StatusUnauthorized)
	p := askCode(t, c, "/orders?tab=unpaid")
	p.Has("138****8000").HasNot(w.SMS.Last().Code())
	if in := p.Must("#f-code"); in.Attr("autocomplete") != "one-time-code" || in.Attr("inputmode") != "numeric" {
		t.Error("the phone's keyboard will not propose the code")
	}
	if w.SMS.Last().Phone != phone {
		t.Errorf("sent to %q", w.SMS.Last().Phone)
	}
	p.Form("form[action=/signin]").Set("code", w.SMS.Last().Code()).Send().GoesTo("/orders?tab=unpaid").Is(200)
	if c.Get("/signin?next=/me").Location() != "/me" {
		t.Error("who is signed in is asked to sign in")
	}
	c.Post("/signout", webtest.Values()).GoesToAnyway("/")
	c.Get("/me").Is(http.StatusUnauthorized)
}

func TestWrongCodeKeepsWhatWasTyped(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Visitor()
	p := askCode(t, c, "/me")
	right := w.SMS.Last().Code()
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	p = p.Form("form[action=/signin]").Set("code", wrong).Send().Is(http.StatusUnprocessableEntity)
	p.Must("#f-code-error")
	if got := p.Must("#f-phone").Attr("value"); got != phone {
		t.Errorf("the phone is lost: %q", got)
	}
	// The same page goes on with the right code, spaces and all.
	p.Form("form[action=/signin]").Set("code", right[:3]+" "+right[3:]).Send().GoesTo("/me").Is(200)
}

func TestAskingTooSoonKeepsTheFirstCode(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Visitor()
	p := askCode(t, c, "/me")
	code := w.SMS.Last().Code()
	p = p.Form("form[action=/signin/code]").Send().Is(http.StatusTooManyRequests)
	if p.Header.Get("Retry-After") != "" {
		t.Log("Retry-After is told") // the page itself counts down
	}
	p.Must(".alert")
	p.Form("form[action=/signin]").Set("code", code).Send().GoesTo("/me").Is(200)
	if w.SMS.Count() != 1 {
		t.Errorf("%d texts sent", w.SMS.Count())
	}
}

func TestBadPhoneIsToldBesideTheField(t *testing.T) {
	w := webtest.New(t, me.Routes)
	for _, bad := range []string{"", "12345", "hello", strings.Repeat("1", 300)} {
		p := w.Visitor().Post("/signin/code", webtest.Values("phone", bad, "next", "/")).Is(http.StatusUnprocessableEntity)
		p.Must("#f-phone[aria-invalid=true]")
		p.Must("#f-phone-error")
	}
	if w.SMS.Count() != 0 {
		t.Error("a text was sent")
	}
}

func TestOldCodeAsksForANewOne(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Visitor()
	p := askCode(t, c, "/me")
	w.Clock.Add(11 * time.Minute)
	p = p.Form("form[action=/signin]").Set("code", w.SMS.Last().Code()).Send().Is(http.StatusGone)
	p.None("form[action=/signin]")
	p.Must("form[action=/signin/code]")
}

func TestSignInNeverLeadsElsewhere(t *testing.T) {
	w := webtest.New(t, me.Routes)
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"} {
		p := w.Visitor().Get("/signin?next=" + strings.ReplaceAll(next, "\\", "%5C")).Is(200)
		if got := p.Must("input[name=next]").Attr("value"); got != "/" {
			t.Errorf("%s leads to %s", next, got)
		}
	}
}

// TestSignInInline is the half-sheet's way: JSON all along.
func TestSignInInline(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Visitor()
	var sent struct {
		CodeID    string `json:"code_id"`
		SentTo    string `json:"sent_to"`
		ResendIn  int    `json:"resend_in"`
		ExpiresIn int    `json:"expires_in"`
		OnScreen  string `json:"on_screen"`
	}
	c.PostJSON("/signin/code", webtest.Values("phone", "+86 138 0013 8000")).Is(200).JSON(&sent)
	if sent.SentTo != "138****8000" || sent.ResendIn != 60 || sent.ExpiresIn != 600 || sent.OnScreen != "" {
		t.Errorf("%+v", sent)
	}
	var problem site.Problem
	c.PostJSON("/signin", webtest.Values("code_id", sent.CodeID, "code", "")).Is(http.StatusUnprocessableEntity).JSON(&problem)
	if problem.Fields["code"] == "" {
		t.Errorf("%+v", problem)
	}
	var in struct {
		Name string `json:"name"`
	}
	c.PostJSON("/signin", webtest.Values("code_id", sent.CodeID, "code", w.SMS.Last().Code())).Is(200).JSON(&in)
	if in.Name == "" || c.Cookie("lindu") == "" {
		t.Errorf("%+v, cookie %q", in, c.Cookie("lindu"))
	}
	c.PostJSON("/signin/code", webtest.Values("phone", "x")).Is(http.StatusUnprocessableEntity).JSON(&problem)
	if problem.Fields["phone"] == "" {
		t.Errorf("%+v", problem)
	}
}

func TestCodeOnScreenInTheDemoOnly(t *testing.T) {
	w := webtest.New(t, me.Routes)
	w.Site.OnScreenCode = func(codeID string) string {
		if codeID == "" {
			t.Error("asked without a code")
		}
		return w.SMS.Last().Code()
	}
	p := askCode(t, w.Visitor(), "/")
	if got := p.Must("[data-code]").Text(); got != w.SMS.Last().Code() || got == "" {
		t.Errorf("%q", got)
	}
}

func TestNoTextSentIsTold(t *testing.T) {
	w := webtest.New(t, me.Routes)
	w.SMS.Fail = fault.New(fault.Unavailable, "sms.failed")
	p := w.Visitor().Post("/signin/code", webtest.Values("phone", phone, "next", "/")).Is(http.StatusServiceUnavailable)
	p.Must(".alert")
	p.None("form[action=/signin]")
}

func TestSignInIsLimitedByAddress(t *testing.T) {
	w := webtest.New(t, me.Routes)
	w.Site.CodeLimit = edge.NewLimiter(time.Hour, 2)
	for range 2 {
		w.Visitor().Post("/signin/code", webtest.Values("phone", "1", "next", "/")).Is(http.StatusUnprocessableEntity)
	}
	w.Visitor().Post("/signin/code", webtest.Values("phone", "1", "next", "/")).Is(http.StatusTooManyRequests)
	w.Visitor().Post("/signin", webtest.Values("code", "123456", "next", "/")).Is(http.StatusTooManyRequests)
}

func TestNewSignInEndsTheOldSessionOfTheBrowser(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei")
	old := c.Cookie("lindu")
	p := c.PostJSON("/signin/code", webtest.Values("phone", phone)).Is(200)
	var sent struct {
		CodeID string `json:"code_id"`
	}
	p.JSON(&sent)
	c.PostJSON("/signin", webtest.Values("code_id", sent.CodeID, "code", w.SMS.Last().Code())).Is(200)
	if c.Cookie("lindu") == old {
		t.Error("the session was not changed")
	}
	thief := w.Visitor()
	thief.SetCookie("lindu", old)
	thief.Get("/me").Is(http.StatusUnauthorized)
}

func TestEnterIsForTheDemoOnly(t *testing.T) {
	w := webtest.New(t, me.Routes)
	w.Person("Li Lei").Get("/enter?token=x").Is(http.StatusNotFound)

	w = webtest.New(t, func(s *site.Site) []edge.Route {
		s.Centre.Demo = true
		return me.Routes(s)
	})
	host := w.Person("Wang Fang", actor.Host)
	c := w.Visitor()
	c.Get("/enter?token=wrong&next=/me").Is(http.StatusGone)
	c.Get("/enter?token=" + host.Token + "&next=/me").GoesTo("/me").Is(200).Has("Wang Fang")
	c.Get("/enter?token=" + host.Token + "&next=//evil.example").GoesToAnyway("/")
}

func TestOtherSitesCantSignAnyoneInOrOut(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei")
	for _, path := range []string{"/signin", "/signin/code", "/signout", "/me"} {
		r := c.Request("POST", path, webtest.Values("phone", phone))
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		c.Do(r).Is(http.StatusForbidden)
	}
	c.Get("/me").Is(200)
}

func TestSignInSpeaksEnglish(t *testing.T) {
	w := webtest.New(t, me.Routes)
	w.Visitor().In(i18n.English).Get("/signin").Is(200).Has("Sign in", "Mobile phone")
	w.Visitor().Get("/signin").Is(200).Has("手机号登录")
}
