package desk

import (
	"bytes"
	"net/http"

	"lindu.example/lindu/internal/edge"
)

// recordZIP is a show's record with its chat, in one file with its sums.
func (h *screens) recordZIP(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := h.Flow.ShowEvidence(r.Context(), edge.Who(r).Actor, sh.ID, &b); err != nil {
		return err
	}
	return sendZIP(w, "show-"+string(sh.ID), &b)
}

// orderEvidence is what is kept of an order, for an inspector.
func (h *screens) orderEvidence(w http.ResponseWriter, r *http.Request) error {
	var b bytes.Buffer
	no := r.PathValue("no")
	if err := h.Flow.OrderEvidence(r.Context(), edge.Who(r).Actor, no, &b); err != nil {
		return err
	}
	return sendZIP(w, "order-"+no, &b)
}

// sendZIP sends a bundle that is whole: an error on the way is no half file.
func sendZIP(w http.ResponseWriter, name string, b *bytes.Buffer) error {
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.zip"`)
	_, err := b.WriteTo(w)
	return err
}
