package desk

import (
	"context"
	"net/http"
	"slices"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// helpLine is a host's call for help.
type helpLine struct {
	ID    id.Help   `json:"id"`
	Show  id.Show   `json:"show"`
	Title string    `json:"title"`
	Since time.Time `json:"since"`
	By    string    `json:"by,omitempty"` // who comes; "": nobody yet
	Here  bool      `json:"here"`         // its room is on this screen
}

// helpLines are the open calls of all rooms: who watches some must hear the
// others, too.
func (h *screens) helpLines(ctx context.Context, here []id.Show) ([]helpLine, error) {
	calls, err := show.OpenHelps(ctx, h.DB)
	out := make([]helpLine, 0, len(calls))
	for _, c := range calls {
		sh, err := show.ByID(ctx, h.DB, c.Show)
		if err != nil {
			return nil, err
		}
		x := helpLine{ID: c.ID, Show: c.Show, Title: sh.Title, Since: c.Called, Here: slices.Contains(here, c.Show)}
		if !c.Answered.IsZero() {
			x.By = c.Name
		}
		out = append(out, x)
	}
	return out, err
}

// answerHelp tells the host who comes, or ends the call.
func (h *screens) answerHelp(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	do := f.One("do", "answer", "over")
	if err := f.Err(); err != nil {
		return err
	}
	who, out := edge.Who(r).Actor, map[string]string{}
	if do == "over" {
		err = h.Flow.EndHelp(r.Context(), who, sh.ID)
	} else {
		var call show.Help
		call, err = h.Flow.AnswerHelp(r.Context(), who, sh.ID)
		out["by"] = call.Name
	}
	if err != nil {
		return err
	}
	return h.answer(w, r, out, "/desk/rooms", "")
}
