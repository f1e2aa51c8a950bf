package desk

import (
	"net/http"
	"strings"

	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/web/page"
)

// eventsShown is a page of the trail.
const eventsShown = 100

type auditView struct {
	page.Base
	Events []audit.Event
	Kind   string
	Object string
	Actor  id.User
	Newest string
	Older  string
}

// audit is the trail: who did what to what, the newest first.
func (h *screens) audit(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	v := auditView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.audit_title")), Kind: clip(q.Get("kind"), 40), Object: clip(q.Get("object"), 64), Actor: id.User(clip(q.Get("actor"), 32))}
	v.Styles = []string{"desk/desk.css"}
	before := id.Event(q.Get("before"))
	if !id.Valid(before) {
		before = ""
	}
	var err error
	v.Events, err = audit.List(r.Context(), h.DB, audit.Filter{ObjectKind: v.Kind, ObjectID: v.Object, Actor: v.Actor, Before: before, Limit: eventsShown})
	if err != nil {
		return err
	}
	link := func(before id.Event) string {
		return query("/desk/audit", "kind", v.Kind, "object", v.Object, "actor", string(v.Actor), "before", string(before))
	}
	if before != "" {
		v.Newest = link("")
	}
	if len(v.Events) == eventsShown {
		v.Older = link(v.Events[len(v.Events)-1].ID)
	}
	return h.Render(w, r, auditScreen(v))
}

// actionWords are the trail's technical name of an action, easier on the eye.
func actionWords(action string) string {
	return strings.NewReplacer(".", " · ", "_", " ").Replace(action)
}

// actorName is who did it; somebody without a name is told by the end of the id.
func actorName(e audit.Event) string {
	if e.ActorName != "" {
		return e.ActorName
	}
	return "…" + string(e.Actor)[max(0, len(e.Actor)-6):]
}
