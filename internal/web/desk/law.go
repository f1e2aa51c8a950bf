package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/compliance"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// lawRoutes are what the law asks of a show: the checks before it, corrections,
// the AI label, the switch that ends it, and the record of all of it.
func (h *screens) lawRoutes() []edge.Route {
	see := edge.Only(actor.Operator, actor.Moderator, actor.Overseer)
	run := edge.Only(actor.Operator)
	watch := edge.Only(actor.Operator, actor.Moderator)
	pull := edge.Only(actor.Operator, actor.Moderator, actor.Admin)
	prove := edge.Only(actor.Operator, actor.Service, actor.Finance, actor.Overseer)
	read := edge.Only(actor.Operator, actor.Overseer)
	return []edge.Route{
		{Method: "GET", Path: "/desk/shows/{id}/check", Access: see, Handle: h.check},
		{Method: "POST", Path: "/desk/shows/{id}/sign", Access: run, Handle: h.signShow},
		{Method: "POST", Path: "/desk/shows/{id}/ai", Access: run, Handle: h.setAI},
		{Method: "POST", Path: "/desk/shows/{id}/correct", Access: watch, Handle: h.correct},
		{Method: "POST", Path: "/desk/shows/{id}/cut", Access: pull, Handle: h.cutShow},
		{Method: "GET", Path: "/desk/shows/{id}/record", Access: read, Handle: h.record},
		{Method: "GET", Path: "/desk/shows/{id}/record.json", Access: read, Handle: h.recordJSON},
		{Method: "GET", Path: "/desk/shows/{id}/record.zip", Access: read, Handle: h.recordZIP},
		{Method: "GET", Path: "/desk/evidence/{no}", Access: prove, Handle: h.orderEvidence},
	}
}

// checkView is the list of what is looked at before a show.
type checkView struct {
	page.Base
	Show        show.Show
	Host        string
	Pre         flow.Prestart
	Corrections []compliance.Correction
	Ticked      map[string]bool
	Wrong       map[string]string // of the form that was refused
	Form        string            // which one: sign, ai, correct, cut
	Run, Watch  bool
}

func checkPath(s show.Show) string { return roomPath(s.ID) + "/check" }

func (h *screens) checkView(w http.ResponseWriter, r *http.Request) (v checkView, err error) {
	if v.Show, err = h.theShow(r); err != nil {
		return v, err
	}
	ctx := r.Context()
	v.Base = h.Base(w, r, "desk", edge.Who(r).P.T("compliance.title"))
	v.Styles = append(v.Styles, "desk/desk.css", "desk/law.css")
	v.Run = v.Has(actor.Operator)
	v.Watch = v.Has(actor.Operator, actor.Moderator)
	if v.Pre, err = h.Flow.ReadPrestart(ctx, h.DB, v.Show.ID); err != nil {
		return v, err
	}
	if v.Corrections, err = compliance.Corrections(ctx, h.DB, v.Show.ID); err != nil {
		return v, err
	}
	us, err := account.Users(ctx, h.DB, v.Show.Host)
	v.Host = us[v.Show.Host].Name
	return v, err
}

func (h *screens) check(w http.ResponseWriter, r *http.Request) error {
	v, err := h.checkView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, checkScreen(v))
}

// checkAgain shows the page once more with what was wrong.
func (h *screens) checkAgain(w http.ResponseWriter, r *http.Request, form string, cause error) error {
	if !site.Correctable(cause) || site.WantsJSON(r) {
		return cause
	}
	v, err := h.checkView(w, r)
	if err != nil {
		return err
	}
	v.Form, v.Wrong, v.Ticked = form, ui.Errors(v.Base, cause), map[string]bool{}
	for _, k := range r.PostForm["tick"] {
		v.Ticked[k] = true
	}
	return h.RenderStatus(w, r, fault.Of(cause).Kind.Status(), checkScreen(v))
}

func (h *screens) signShow(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	digest := f.Need("digest", 64)
	if err := f.Err(); err != nil {
		return err
	}
	if _, err := h.Flow.SignShow(r.Context(), edge.Who(r).Actor, sh.ID, digest, r.PostForm["tick"]...); err != nil {
		return h.checkAgain(w, r, "sign", err)
	}
	return h.Redirect(w, r, checkPath(sh), edge.Who(r).P.T("compliance.fresh"))
}

func (h *screens) setAI(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	if _, err := site.ReadForm(r); err != nil {
		return err
	}
	if _, err := h.Flow.SetAI(r.Context(), edge.Who(r).Actor, sh.ID, r.PostForm["ai"]); err != nil {
		return h.checkAgain(w, r, "ai", err)
	}
	return h.Redirect(w, r, checkPath(sh), edge.Who(r).P.T("compliance.ai_saved"))
}

func (h *screens) correct(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	c, err := h.Flow.Correct(r.Context(), edge.Who(r).Actor, sh.ID, f.Text("wrong", 10*compliance.MaxWords), f.Text("right", 10*compliance.MaxWords))
	if err != nil {
		return h.checkAgain(w, r, "correct", err)
	}
	return h.answer(w, r, c, back(r, checkPath(sh)), edge.Who(r).P.T("compliance.correct_done"))
}

// cutShow ends a show at once for everybody.
func (h *screens) cutShow(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	sh, err = h.Flow.CutShow(r.Context(), edge.Who(r).Actor, sh.ID, f.Text("why", 10*show.MaxCutWhy))
	if err != nil && r.PostFormValue("back") == onAirPath && !site.WantsJSON(r) {
		return h.onAirAgain(w, r, id.Show(r.PathValue("id")), err)
	}
	if err != nil {
		return h.checkAgain(w, r, "cut", err)
	}
	return h.answer(w, r, map[string]string{"state": string(sh.State)}, back(r, checkPath(sh)), edge.Who(r).P.T("compliance.cut_done"))
}

// back is where a form came from, if that is a page of the desk.
func back(r *http.Request, otherwise string) string {
	if to := r.PostFormValue("back"); strings.HasPrefix(to, "/desk/") && !strings.ContainsAny(to, "\\\r\n") {
		return to
	}
	return otherwise
}

// record is everything kept of a show for whoever asks years later.
func (h *screens) record(w http.ResponseWriter, r *http.Request) error {
	rec, err := h.readRecord(r)
	if err != nil {
		return err
	}
	v := recordView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("compliance.record")), Record: rec}
	v.Styles = append(v.Styles, "desk/desk.css", "desk/law.css")
	return h.Render(w, r, recordScreen(v))
}

func (h *screens) recordJSON(w http.ResponseWriter, r *http.Request) error {
	rec, err := h.readRecord(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="show-`+string(rec.Show.ID)+`.json"`)
	return site.JSON(w, r, rec)
}

func (h *screens) readRecord(r *http.Request) (flow.Record, error) {
	sh, err := h.theShow(r)
	if err != nil {
		return flow.Record{}, err
	}
	return h.Flow.ReadRecord(context.WithoutCancel(r.Context()), sh.ID)
}

type recordView struct {
	page.Base
	Record flow.Record
}

// acts are the changes of a show that have words of their own in its record.
var acts = []string{"show.create", "show.change", "show.announced", "show.live", "show.ended", "show.cancelled", "show.sign", "show.correct", "show.ai", "show.cut", "show.pin", "show.key_new", "show.key_revoke", "show.reorder", "show.slow_mode", "show.help_call", "show.help_answer", "show.help_over", "chat.hold", "chat.pin", "relay.switch", "coupon.make", "coupon.drop", "coupon.end", "catalog.add_picture", "recording.locked", "recording.released", "recording.deleted"}

// actText is what somebody did, in words.
func actText(b page.Base, action string) string {
	if slices.Contains(acts, action) {
		return b.T("compliance.act_" + strings.ReplaceAll(action, ".", "_"))
	}
	return actionWords(action)
}

// labelText names the AI parts after a change of the label.
func labelText(b page.Base, e flow.RecordEvent) string {
	var d struct{ After []string }
	if e.Action != "show.ai" || json.Unmarshal([]byte(e.Detail), &d) != nil {
		return ""
	}
	var names []string
	for _, p := range d.After {
		if slices.Contains(show.AIParts, p) {
			names = append(names, b.T("compliance.label_"+p))
		}
	}
	if len(names) == 0 {
		return b.T("compliance.record_ai_none")
	}
	return strings.Join(names, b.T("compliance.label_and"))
}

// sayInstead is a proposed wording: the centre's own, or the one of its kind.
func sayInstead(b page.Base, say string) string {
	if k, ok := strings.CutPrefix(say, "@"); ok {
		return b.T(k)
	}
	return say
}
