package desk

import (
	"net/http"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/report"
)

func (h *screens) reportRoutes() []edge.Route {
	return []edge.Route{{Method: "GET", Path: "/desk/shows/{id}/report", Access: edge.Only(actor.Operator, actor.Moderator, actor.Finance, actor.Overseer), Handle: h.report}}
}

// report is the after-show sheet; a moderator sees no money in it.
func (h *screens) report(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	b := h.Base(w, r, "desk", edge.Who(r).P.T("report.title"))
	b.Styles = []string{"desk/desk.css"}
	scope := report.Room
	if b.Has(actor.Operator, actor.Finance, actor.Overseer) {
		scope = report.All
	}
	v, err := report.Read(r.Context(), h.Site, b, sh, scope)
	if err != nil {
		return err
	}
	if b.Has(actor.Operator, actor.Moderator, actor.Overseer) {
		v.Back = roomPath(sh.ID)
	}
	if format := r.URL.Query().Get("format"); format != "" {
		return report.Send(w, r, v, format)
	}
	return h.Render(w, r, reportScreen(v))
}
