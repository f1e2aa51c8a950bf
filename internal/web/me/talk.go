package me

import (
	"net/http"
	"strings"

	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

func (s *screens) talkRoutes() []edge.Route {
	mine := edge.Buyers()
	return []edge.Route{
		{Method: "GET", Path: "/me/chat", Access: mine, Handle: s.talk},
		{Method: "POST", Path: "/me/chat/appeal", Access: mine, Handle: s.appeal},
	}
}

// talkView is how I stand in the rooms: what binds me, what of mine is not
// seen, and what became of my appeals.
type talkView struct {
	page.Base
	Binds, Over []chat.Sanction
	Messages    []chat.Message
	Appeals     map[string]chat.Appeal // by object
	Wrong       map[string]string
	Object      string // of the form that was wrong
	Typed       string
}

func (s *screens) talk(w http.ResponseWriter, r *http.Request) error {
	v, err := s.talkView(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, talkScreen(v))
}

func (s *screens) talkView(w http.ResponseWriter, r *http.Request) (talkView, error) {
	ctx, who := r.Context(), edge.Who(r)
	v := talkView{Base: s.Base(w, r, "me", who.P.T("talk.mine")), Appeals: map[string]chat.Appeal{}}
	v.Path = "/me/chat"
	v.Styles = []string{"me/me.css"}
	list, err := chat.SanctionsOf(ctx, s.DB, who.Actor.User)
	if err != nil {
		return v, err
	}
	for _, x := range list {
		if x.Binds(v.Now) {
			v.Binds = append(v.Binds, x)
		} else {
			v.Over = append(v.Over, x)
		}
	}
	if v.Messages, err = chat.Out(ctx, s.DB, who.Actor.User); err != nil {
		return v, err
	}
	appeals, err := chat.AppealsOf(ctx, s.DB, who.Actor.User)
	for _, a := range appeals {
		v.Appeals[a.Object] = a
	}
	return v, err
}

// appeal asks for a second look.
func (s *screens) appeal(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	kind, object := f.One("kind", chat.OfSanction, chat.OfMessage), f.Need("object", 40)
	words := f.Need("words", chat.MaxAppeal)
	if err = f.Err(); err == nil && !id.Valid(object) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		err = s.DB.Update(r.Context(), func(tx *db.Tx) error {
			_, err := chat.Ask(r.Context(), tx, edge.Who(r).Actor, kind, object, words)
			return err
		})
	}
	if err == nil {
		return s.Redirect(w, r, "/me/chat", edge.Who(r).P.T("talk.appeal_sent"))
	}
	if site.WantsJSON(r) || !site.Correctable(err) {
		return err
	}
	v, lerr := s.talkView(w, r)
	if lerr != nil {
		return lerr
	}
	v.Wrong, v.Object, v.Typed = ui.Errors(v.Base, err), object, r.PostFormValue("words")
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), talkScreen(v))
}

// why words the reason of a sanction or of a message that is not seen.
func why(b page.Base, reason string) string {
	words := chat.ReasonWords(reason)
	if key, ok := strings.CutPrefix(words, "@"); ok {
		return b.T(key)
	}
	return words
}
