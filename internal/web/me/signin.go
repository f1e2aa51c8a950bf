package me

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// resendAfter is when a phone may ask for another code; account enforces it.
const resendAfter = time.Minute

// signInView is the page: the phone first, then, below it, the code.
type signInView struct {
	page.Base
	Next     string
	Phone    string            // as typed, so that nothing has to be typed twice
	CodeID   string            // "" until a code was sent
	SentTo   string            // masked
	OnScreen string            // the code itself, in the demo only
	Resend   int               // seconds until another code may be asked for
	Wrong    map[string]string // by field, see ui.Errors
}

// signInPage asks for the phone.
func (s *screens) signInPage(w http.ResponseWriter, r *http.Request) error {
	if edge.Who(r).Actor.SignedIn() {
		return s.Redirect(w, r, site.Next(r), "")
	}
	return s.Render(w, r, signInScreen(s.signInView(w, r)))
}

func (s *screens) signInView(w http.ResponseWriter, r *http.Request) signInView {
	b := s.Base(w, r, "me", edge.Who(r).P.T("me.signin_title"))
	b.Path, b.Query = "/signin", "next="+url.QueryEscape(site.Next(r)) // also on the answer to a form, for the language switch
	b.Styles, b.Scripts = []string{"me/signin.css"}, []string{"me/signin.js"}
	return signInView{Base: b, Next: site.Next(r)}
}

// sentCode is the JSON answer to our scripts.
type sentCode struct {
	CodeID    string `json:"code_id"`
	SentTo    string `json:"sent_to"` // masked
	ResendIn  int    `json:"resend_in"`
	ExpiresIn int    `json:"expires_in"`
	OnScreen  string `json:"on_screen,omitempty"`
}

// askCode sends a code to the phone.
func (s *screens) askCode(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	phone, before := f.Need("phone", 40), f.Text("code_id", 40)
	v := edge.Who(r)
	err = f.Err()
	if err == nil {
		err = allow(s.CodeLimit, v.Network())
	}
	var c account.Code
	if err == nil {
		c, err = s.Flow.AskCode(r.Context(), phone, v.Addr, v.P)
	}
	if err != nil {
		// The code asked for before still works: keep its step open.
		return s.signInAgain(w, r, err, phone, before)
	}
	out := sentCode{CodeID: c.ID, SentTo: masked(phone), ResendIn: int(resendAfter.Seconds()),
		ExpiresIn: int(c.Expires.Sub(s.DB.Clock.Now()).Seconds()), OnScreen: s.onScreen(c.ID)}
	if site.WantsJSON(r) {
		return site.JSON(w, r, out)
	}
	view := s.signInView(w, r)
	view.Phone, view.CodeID, view.SentTo, view.OnScreen, view.Resend = phone, out.CodeID, out.SentTo, out.OnScreen, out.ResendIn
	return s.Render(w, r, signInScreen(view))
}

// signIn checks the code and hands out the session.
func (s *screens) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	codeID, code, phone := f.Text("code_id", 40), strings.ReplaceAll(f.Need("code", 20), " ", ""), f.Text("phone", 40)
	v := edge.Who(r)
	err = f.Err()
	if err == nil {
		err = allow(s.CodeLimit, v.Network())
	}
	var u account.User
	var token string
	if err == nil {
		u, token, err = account.SignIn(r.Context(), s.DB, s.Vault, codeID, code, "web", r.UserAgent(), v.Addr)
	}
	if err != nil {
		return s.signInAgain(w, r, err, phone, codeID)
	}
	s.endOld(r)
	s.Identity.SetSession(w, token)
	if site.WantsJSON(r) {
		return site.JSON(w, r, map[string]string{"name": u.Name})
	}
	return s.Redirect(w, r, site.Next(r), edge.Who(r).P.T("me.welcome", "Name", u.Name))
}

// endOld ends the session this browser had before: a browser holds one.
func (s *screens) endOld(r *http.Request) {
	v := edge.Who(r)
	if v.Session == "" {
		return
	}
	err := s.DB.Update(r.Context(), func(tx *db.Tx) error { return account.Revoke(r.Context(), tx, v.Actor, v.Session) })
	if err != nil {
		s.Log.Error("old session not ended", "err", err) // it runs out by itself; the sign-in stands
	}
}

// signInAgain shows the form once more with what was wrong and all that was
// typed.
func (s *screens) signInAgain(w http.ResponseWriter, r *http.Request, err error, phone, codeID string) error {
	if !site.Correctable(err) || site.WantsJSON(r) {
		return err
	}
	view := s.signInView(w, r)
	view.Wrong = ui.Errors(view.Base, err)
	view.Phone = phone
	if fault.Of(err).Kind != fault.Gone { // a code that is over can't be typed again
		view.CodeID, view.OnScreen = codeID, s.onScreen(codeID)
		view.SentTo = masked(phone)
	}
	if wait := fault.Of(err).RetryAfter; wait > 0 {
		view.Resend = int(min(wait, resendAfter).Seconds())
	}
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), signInScreen(view))
}

func (s *screens) onScreen(codeID string) string {
	if s.OnScreenCode == nil || codeID == "" {
		return ""
	}
	return s.OnScreenCode(codeID)
}

// masked is a phone number as typed, masked; "" if it is none.
func masked(phone string) string {
	p, err := account.ParsePhone(phone)
	if err != nil {
		return ""
	}
	return vault.Phone(p)
}

// allow counts one thing of an asker; a site without a limiter allows all.
func allow(l *edge.Limiter, who string) error {
	if l == nil {
		return nil
	}
	return l.Allow(who)
}

// signOut ends this session, here and on the server.
func (s *screens) signOut(w http.ResponseWriter, r *http.Request) error {
	v := edge.Who(r)
	if v.Session != "" {
		err := s.DB.Update(r.Context(), func(tx *db.Tx) error { return account.Revoke(r.Context(), tx, v.Actor, v.Session) })
		if err != nil {
			return err // the person must not believe to be signed out
		}
	}
	s.Identity.ClearSession(w)
	return s.Redirect(w, r, "/", v.P.T("me.bye"))
}
