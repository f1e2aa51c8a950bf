package desk

import (
	"io"
	"net/http"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// talkTabs are the pages of the chat desk that hold in all rooms.
func talkTabs(b page.Base, here string) []ui.Tab {
	var out []ui.Tab
	for _, t := range []struct{ href, key string }{{"/desk/words", "talk.words"}, {"/desk/bans", "talk.bans"}, {"/desk/appeals", "talk.appeals"}} {
		out = append(out, ui.Tab{Href: t.href, Label: b.T(t.key), Here: t.href == here})
	}
	return out
}

type bansView struct {
	page.Base
	Over  bool
	List  []chat.Sanction
	Names map[id.User]account.User
}

// bans lists who may not write in any room, or what of that is over.
func (h *screens) bans(w http.ResponseWriter, r *http.Request) error {
	v := bansView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("talk.bans")), Over: r.URL.Query().Get("list") == "over"}
	v.Styles = []string{"desk/desk.css", "desk/talk.css"}
	var err error
	if v.List, err = chat.Bans(r.Context(), h.DB, v.Over); err != nil {
		return err
	}
	v.Names, err = h.namesOf(r.Context(), func(add func(id.User)) {
		for _, x := range v.List {
			add(x.User)
			add(x.By)
			add(x.LiftedBy)
		}
	})
	if err != nil {
		return err
	}
	return h.Render(w, r, bansScreen(v))
}

// liftBan lets somebody write again.
func (h *screens) liftBan(w http.ResponseWriter, r *http.Request) error {
	sid, err := site.PathID[id.Sanction](r, "sanction")
	if err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error { return chat.Lift(r.Context(), tx, edge.Who(r).Actor, sid) })
	if err != nil {
		return err
	}
	return h.answer(w, r, map[string]string{"text": edge.Who(r).P.T("talk.done_lift")}, "/desk/bans", edge.Who(r).P.T("talk.done_lift"))
}

// appealLine is an appeal with what it is about.
type appealLine struct {
	chat.Appeal
	Sanction *chat.Sanction
	Message  *chat.Message
}

type appealsView struct {
	page.Base
	State string
	Tabs  []ui.Tab
	List  []appealLine
	Names map[id.User]account.User
}

var appealStates = []string{chat.Open, chat.Granted, chat.Denied}

// appeals lists who wants a second look.
func (h *screens) appeals(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v := appealsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("talk.appeals")), State: chat.Open}
	v.Styles = []string{"desk/desk.css", "desk/talk.css"}
	if s := r.URL.Query().Get("state"); slices.Contains(appealStates, s) {
		v.State = s
	}
	for _, s := range appealStates {
		v.Tabs = append(v.Tabs, ui.Tab{Href: query("/desk/appeals", "state", s), Label: v.T("talk.appeal_" + s), Here: s == v.State})
	}
	list, err := chat.Appeals(ctx, h.DB, v.State)
	if err != nil {
		return err
	}
	for _, a := range list {
		x := appealLine{Appeal: a}
		if a.Kind == chat.OfSanction {
			s, err := chat.SanctionByID(ctx, h.DB, id.Sanction(a.Object))
			if err != nil {
				return err
			}
			x.Sanction = &s
			a.Object = string(s.Message)
		}
		if id.Valid(a.Object) {
			m, err := chat.ByID(ctx, h.DB, id.Message(a.Object))
			if err == nil {
				x.Message = &m
			} else if !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		v.List = append(v.List, x)
	}
	v.Names, err = h.namesOf(ctx, func(add func(id.User)) {
		for _, x := range v.List {
			add(x.User)
			add(x.Against)
			add(x.DoneBy)
		}
	})
	if err != nil {
		return err
	}
	return h.Render(w, r, appealsScreen(v))
}

// answerAppeal settles one; the person reads the answer.
func (h *screens) answerAppeal(w http.ResponseWriter, r *http.Request) error {
	aid, err := site.PathID[id.Appeal](r, "appeal")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	words, verdict := f.Need("answer", chat.MaxAppeal), f.One("verdict", "grant", "refuse")
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.AnswerAppeal(r.Context(), edge.Who(r).Actor, aid, verdict == "grant", words); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/appeals", edge.Who(r).P.T("talk.appeal_done"))
}

// wordsShown bounds the page of own words; a search finds the others.
const wordsShown = 200

type wordsView struct {
	page.Base
	Kind, Find string
	List       []review.Word
	Count      map[string]int64
	All        int // words of the running list, the product's too
	Edit       bool
	Try        string
	Tried      bool
	Seller     []review.Hit
	Buyer      []review.Hit
	Wrong      map[string]string
	In         review.Word
}

// words is the centre's own word list, with a place to try a sentence.
func (h *screens) words(w http.ResponseWriter, r *http.Request) error {
	v, err := h.readWords(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, wordsScreen(v))
}

func (h *screens) readWords(w http.ResponseWriter, r *http.Request) (v wordsView, err error) {
	q := r.URL.Query()
	v = wordsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("talk.words")), Find: clip(q.Get("find"), review.MaxWord), Try: clip(q.Get("try"), chat.MaxRunes)}
	v.Path = "/desk/words"
	v.Styles = []string{"desk/desk.css", "desk/talk.css"}
	v.Edit = v.Has(actor.Operator, actor.Moderator)
	v.In.Kind = review.Absolute
	if k := q.Get("kind"); slices.Contains(review.Kinds, k) {
		v.Kind = k
	}
	if v.List, err = review.Own(r.Context(), h.DB, v.Kind, v.Find, wordsShown); err != nil {
		return v, err
	}
	if v.Count, err = review.CountOwn(r.Context(), h.DB); err != nil {
		return v, err
	}
	if h.Flow.Words != nil {
		v.All = h.Flow.Words.Size()
		if v.Tried = v.Try != ""; v.Tried {
			hits := h.Flow.Words.Find(v.Try)
			v.Seller, v.Buyer = review.For(true, hits), review.For(false, hits)
		}
	}
	return v, nil
}

// wording is what a hit proposes.
func wording(b page.Base, x review.Hit) string {
	if x.Wording != "" {
		return x.Wording
	}
	return b.T(x.Proposal())
}

func (h *screens) changeWords(r *http.Request, fn func(tx *db.Tx) error) error {
	if err := h.DB.Update(r.Context(), fn); err != nil {
		return err
	}
	if h.Flow.Words == nil {
		return nil
	}
	return h.Flow.Words.Renew(r.Context(), h.DB) // the other nodes see it within seconds
}

// putWord adds one of the centre's own words, or changes it.
func (h *screens) putWord(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	x := review.Word{Text: f.Need("word", review.MaxWord), Kind: f.One("kind", review.Kinds...), Wording: f.Text("wording", review.MaxWording)}
	if err = f.Err(); err == nil {
		err = h.changeWords(r, func(tx *db.Tx) error { return review.Put(r.Context(), tx, edge.Who(r).Actor, x) })
	}
	if err != nil {
		return h.wordsAgain(w, r, err, x)
	}
	return h.Redirect(w, r, "/desk/words", edge.Who(r).P.T("talk.word_saved", "Word", x.Text))
}

// wordsAgain shows the page once more with what was wrong.
func (h *screens) wordsAgain(w http.ResponseWriter, r *http.Request, cause error, x review.Word) error {
	if site.WantsJSON(r) || !site.Correctable(cause) {
		return cause
	}
	v, err := h.readWords(w, r)
	if err != nil {
		return err
	}
	v.Wrong, v.In = ui.Errors(v.Base, cause), x
	for _, o := range fault.Of(cause).All()[1:] { // a file has several wrong lines
		if o.Field == "file" {
			v.Wrong["file"] += " " + v.P.Err(o)
		}
	}
	return h.RenderStatus(w, r, fault.Of(cause).Kind.Status(), wordsScreen(v))
}

// dropWord takes one out.
func (h *screens) dropWord(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	text := f.Need("word", 200)
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.changeWords(r, func(tx *db.Tx) error { return review.Drop(r.Context(), tx, edge.Who(r).Actor, text) }); err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/words", edge.Who(r).P.T("talk.word_dropped", "Word", text))
}

// importWords takes a file of words; with a wrong line in it, none of them.
func (h *screens) importWords(w http.ResponseWriter, r *http.Request) error {
	words, err := readWordFile(r)
	if err == nil {
		err = h.changeWords(r, func(tx *db.Tx) error { return review.Put(r.Context(), tx, edge.Who(r).Actor, words...) })
	}
	if err != nil {
		return h.wordsAgain(w, r, err, review.Word{Kind: review.Absolute})
	}
	return h.Redirect(w, r, "/desk/words", edge.Who(r).P.N("talk.imported", int64(len(words))))
}

func readWordFile(r *http.Request) ([]review.Word, error) {
	if err := r.ParseMultipartForm(review.MaxFile); err != nil {
		return nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	kind := r.FormValue("kind")
	if !slices.Contains(review.Kinds, kind) {
		return nil, fault.New(fault.Invalid, "fault.choice").At("kind")
	}
	f, _, err := r.FormFile("file")
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.required").At("file")
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, review.MaxFile+1))
	if err != nil {
		return nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	return review.ParseFile(string(b), kind)
}
