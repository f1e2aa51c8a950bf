package studio

import (
	"context"
	"net/http"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/site"
)

// agencyView is an agency and what part of the host's pay the host agreed to.
type agencyView struct {
	statement.AgencyOf
	Percent int64 // 0: none
}

func (h *screens) agencies(ctx context.Context, who actor.Actor) ([]agencyView, error) {
	list, err := statement.Agencies(ctx, h.DB)
	out := make([]agencyView, len(list))
	for i, a := range list {
		if err == nil {
			out[i].AgencyOf = a
			out[i].Percent, err = promise.Consent(ctx, h.DB, who.User, a.ID)
			out[i].Percent /= 100
		}
	}
	return out, err
}

// consent is the host's word to an agency's part: nobody else can give it, and
// 0 takes it back for what is earned from now on.
func (h *screens) consent(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	agency, err := site.PathID[id.Agency](r, "id")
	if err != nil {
		return err
	}
	percent := f.Int("percent", 0, 100)
	if err := f.Err(); err != nil {
		return err
	}
	list, err := statement.Agencies(r.Context(), h.DB)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(a statement.AgencyOf) bool { return a.ID == agency }) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := h.DB.Update(r.Context(), func(tx *db.Tx) error {
		return promise.GiveConsent(r.Context(), tx, edge.Who(r).Actor, agency, percent*100)
	}); err != nil {
		return err
	}
	return h.Redirect(w, r, "/studio", edge.Who(r).P.T("studio.agency_saved"))
}
