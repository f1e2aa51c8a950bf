package desk

import (
	"net/http"
	"strconv"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// promiseRoutes are the making of promises: drafted by one, signed by another,
// countersigned by the overseer.
func (h *screens) promiseRoutes() []edge.Route {
	see := edge.Only(actor.Finance, actor.Admin, actor.Overseer, actor.Moderator)
	write := edge.Only(actor.Finance, actor.Admin)
	return []edge.Route{
		{Method: "GET", Path: "/desk/promises", Access: see, Handle: h.promises},
		{Method: "POST", Path: "/desk/promises", Access: write, Handle: h.draftPromise},
		{Method: "POST", Path: "/desk/promises/{no}/{version}", Access: edge.Only(actor.Finance, actor.Admin, actor.Overseer), Handle: h.movePromise},
		{Method: "POST", Path: "/desk/promises/comments/{id}/hide", Access: edge.Only(actor.Moderator), Handle: h.hidePromiseComment},
	}
}

type promisesView struct {
	page.Base
	Rows     []promiseRow
	Next     string // number of a new promise
	In       promise.NewVersion
	Wrong    map[string]string
	Tried    bool // the script was tried and keeps the promises
	Comments []promise.Comment
	Message  string
}

// promiseRow is a version with how it stands.
type promiseRow struct {
	promise.Version
	State promise.State
}

// Mine tells whether the person who looks drafted it.
func (v promisesView) Mine(x promiseRow) bool { return x.DraftedBy == v.Actor.User }

func (h *screens) promises(w http.ResponseWriter, r *http.Request) error {
	v, err := h.promisesView(w, r)
	if err != nil {
		return err
	}
	// ?edit=P1 begins a new version with the words and script in force.
	for _, x := range v.Rows {
		if x.No == r.URL.Query().Get("edit") && (x.State == promise.InForce || x.State == promise.Draft) {
			v.In = promise.NewVersion{No: x.No, Scope: x.Scope, WordsZH: x.Words["zh-CN"], WordsEN: x.Words["en"], Script: x.Script, NoticeDays: 30, CommentDays: 15}
		}
	}
	return h.Render(w, r, promisesScreen(v))
}

func (h *screens) promisesView(w http.ResponseWriter, r *http.Request) (promisesView, error) {
	ctx := r.Context()
	v := promisesView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.promises_title")), In: promise.NewVersion{Scope: promise.ForWords, NoticeDays: 30, CommentDays: 15}}
	v.Path, v.Styles = "/desk/promises", []string{"desk/desk.css"}
	all, err := promise.Versions(ctx, h.DB, true)
	if err != nil {
		return v, err
	}
	rules, err := promise.Load(ctx, h.DB)
	if err != nil {
		return v, err
	}
	last := 0
	for _, x := range all {
		row := promiseRow{x, rules.StateOf(x, h.DB.Clock.Now())}
		v.Rows = append([]promiseRow{row}, v.Rows...)
		if n, err := strconv.Atoi(x.No[1:]); err == nil {
			last = max(last, n)
		}
		if row.State == promise.Announced {
			list, err := promise.Comments(ctx, h.DB, x.No, x.Version)
			if err != nil {
				return v, err
			}
			v.Comments = append(v.Comments, list...)
		}
	}
	v.Next = "P" + strconv.Itoa(last+1)
	v.In.No = v.Next
	return v, nil
}

// promisesAgain shows the page again with what was wrong.
func (h *screens) promisesAgain(w http.ResponseWriter, r *http.Request, in promise.NewVersion, err error) error {
	f := fault.Of(err)
	if !site.Correctable(err) && f.Kind != fault.Denied {
		return err
	}
	v, verr := h.promisesView(w, r)
	if verr != nil {
		return verr
	}
	v.Wrong = ui.Errors(v.Base, err)
	if in.No != "" {
		v.In = in
	}
	return h.RenderStatus(w, r, f.Kind.Status(), promisesScreen(v))
}

// draftPromise tries a script over the examples, or keeps the draft.
func (h *screens) draftPromise(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	in := promise.NewVersion{No: f.Text("no", 3), Scope: promise.Scope(f.Text("scope", 20)), WordsZH: f.Text("words_zh", 2*promise.MaxWords), WordsEN: f.Text("words_en", 2*promise.MaxWords),
		Script: r.PostFormValue("script"), NoticeDays: f.OptInt("notice_days", 0, 9999, 0), CommentDays: f.OptInt("comment_days", 0, 9999, 0)}
	if len(in.Script) > 8<<10 {
		f.Add(fault.New(fault.Invalid, "fault.too_long", "Max", 8<<10).At("script"))
	}
	do := f.One("do", "try", "draft")
	if err := f.Err(); err != nil {
		return h.promisesAgain(w, r, in, err)
	}
	if do == "try" {
		if err := promise.Try(r.Context(), in.Scope, in.Script); err != nil {
			return h.promisesAgain(w, r, in, err)
		}
		v, err := h.promisesView(w, r)
		if err != nil {
			return err
		}
		v.In, v.Tried = in, true
		return h.Render(w, r, promisesScreen(v))
	}
	if _, err := h.Flow.DraftPromise(r.Context(), edge.Who(r).Actor, in); err != nil {
		return h.promisesAgain(w, r, in, err)
	}
	return h.Redirect(w, r, "/desk/promises", edge.Who(r).P.T("desk.promise_drafted"))
}

// movePromise signs, countersigns, withdraws or drops a version.
func (h *screens) movePromise(w http.ResponseWriter, r *http.Request) error {
	no := r.PathValue("no")
	n, err := strconv.ParseInt(r.PathValue("version"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	ctx, who := r.Context(), edge.Who(r).Actor
	switch f.One("do", "sign", "countersign", "withdraw", "drop") {
	case "sign":
		_, err = h.Flow.SignPromise(ctx, who, no, n)
	case "countersign":
		err = h.Flow.CountersignPromise(ctx, who, no, n)
	case "withdraw":
		err = h.Flow.WithdrawPromise(ctx, who, no, n)
	case "drop":
		err = h.Flow.DropPromiseDraft(ctx, who, no, n)
	default:
		err = f.Err()
	}
	if err != nil {
		return h.promisesAgain(w, r, promise.NewVersion{}, err)
	}
	return h.Redirect(w, r, "/desk/promises", edge.Who(r).P.T("desk.promise_done"))
}

func (h *screens) hidePromiseComment(w http.ResponseWriter, r *http.Request) error {
	cid, err := site.PathID[id.Comment](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	why := f.Need("why", 200)
	if err = f.Err(); err == nil {
		err = h.Flow.HidePromiseComment(r.Context(), edge.Who(r).Actor, cid, why)
	}
	if err != nil {
		return h.promisesAgain(w, r, promise.NewVersion{}, err)
	}
	return h.Redirect(w, r, "/desk/promises", edge.Who(r).P.T("desk.promise_done"))
}
