package studio

import (
	"net/http"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/report"
)

// report is the after-show sheet of the host's own show.
func (h *screens) report(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.own(r)
	if err != nil {
		return err
	}
	b := h.Base(w, r, "studio", edge.Who(r).P.T("report.title"))
	b.Styles = []string{"studio/studio.css"}
	v, err := report.Read(r.Context(), h.Site, b, sh, report.Host)
	if err != nil {
		return err
	}
	v.Back = path(sh.ID)
	if format := r.URL.Query().Get("format"); format != "" {
		return report.Send(w, r, v, format)
	}
	return h.Render(w, r, reportScreen(v))
}
