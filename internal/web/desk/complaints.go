package desk

import (
	"net/http"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

type complaintsView struct {
	page.Base
	State string
	Tabs  []ui.Tab
	List  []review.Complaint
}

var complaintStates = []string{"open", "upheld", "dismissed"}

// complaints lists what people reported, the newest first.
func (h *screens) complaints(w http.ResponseWriter, r *http.Request) error {
	v := complaintsView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.complaints_title")), State: "open"}
	v.Styles = []string{"desk/desk.css"}
	for _, s := range complaintStates {
		if r.URL.Query().Get("state") == s {
			v.State = s
		}
	}
	for _, s := range complaintStates {
		v.Tabs = append(v.Tabs, ui.Tab{Href: query("/desk/complaints", "state", s), Label: v.T("ui.report_" + s), Here: s == v.State})
	}
	var err error
	if v.List, err = review.Open(r.Context(), h.DB, v.State); err != nil {
		return err
	}
	return h.Render(w, r, complaintsScreen(v))
}

// answerComplaint settles one; the person who complained can read the answer.
func (h *screens) answerComplaint(w http.ResponseWriter, r *http.Request) error {
	cid, err := site.PathID[id.Report](r, "id")
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	answer, verdict := f.Need("answer", 500), f.One("verdict", "upheld", "dismissed")
	if err := f.Err(); err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
		return review.Answer(r.Context(), tx, edge.Who(r).Actor, cid, verdict == "upheld", answer)
	})
	if err != nil {
		return err
	}
	return h.Redirect(w, r, "/desk/complaints", edge.Who(r).P.T("desk.answered_ok"))
}

// about is where the thing stands that a complaint is about, "" if nowhere.
func about(c review.Complaint) string {
	switch c.ObjectKind {
	case "show":
		return "/room/" + c.ObjectID
	case "product":
		return "/goods/" + c.ObjectID
	}
	return ""
}
