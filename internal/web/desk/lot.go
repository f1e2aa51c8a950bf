package desk

import (
	"net/http"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

type lotView struct {
	page.Base
	Lot     lotLine
	Moves   []lot.Movement
	People  map[id.User]account.User
	Wrong   map[string]string
	Kind    string
	Qty     string
	Reason  string
	Trouble string
	Key     string // of the next movement: a double tap counts once
	Allots  allotView
}

func (h *screens) lot(w http.ResponseWriter, r *http.Request) error {
	v, err := h.lotView(w, r)
	if err != nil {
		return err
	}
	return h.Render(w, r, lotScreen(v))
}

func (h *screens) lotView(w http.ResponseWriter, r *http.Request) (lotView, error) {
	lid, err := site.PathID[id.Lot](r, "id")
	if err != nil {
		return lotView{}, err
	}
	m, err := lot.ByID(r.Context(), h.DB, lid)
	if err != nil {
		return lotView{}, err
	}
	l, ok := m[lid]
	if !ok {
		return lotView{}, fault.New(fault.NotFound, "fault.not_found")
	}
	v := lotView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.lot_no", "No", l.No))}
	v.Styles = []string{"desk/desk.css"}
	lines, err := h.lotLines(r, []lot.Lot{l})
	if err != nil {
		return v, err
	}
	v.Lot = lines[0]
	if v.Moves, err = lot.Movements(r.Context(), h.DB, lid); err != nil {
		return v, err
	}
	slices.Reverse(v.Moves)
	var who []id.User
	for _, x := range v.Moves {
		if x.Actor != "" {
			who = append(who, x.Actor)
		}
	}
	v.Key = id.New[string]()
	if v.People, err = account.Users(r.Context(), h.DB, who...); err != nil {
		return v, err
	}
	return v, h.readAllots(r, &v)
}

// moveLot signs a movement: received, counted, lost, rejected.
func (h *screens) moveLot(w http.ResponseWriter, r *http.Request) error {
	v, err := h.lotView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	v.Kind, v.Qty, v.Reason = f.One("kind", "receive", "count", "shrink", "reject"), f.Need("qty", 20), f.Text("reason", 200)
	var qty int64
	if v.Qty != "" {
		qty = quantity(f, "qty", v.Qty, v.Lot.Goods.BaseUnit, false)
	}
	if kind := lot.MoveKind(v.Kind); (kind == lot.Shrink || kind == lot.Reject) && qty > 0 {
		qty = -qty // "lost 2 kg" means two less
	}
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			return lot.MoveOnce(r.Context(), tx, edge.Who(r).Actor, f.Text("key", 255), v.Lot.ID, lot.MoveKind(v.Kind), qty, v.Reason)
		})
	}
	return h.lotDone(w, r, v, err)
}

// setLotState moves a lot on.
func (h *screens) setLotState(w http.ResponseWriter, r *http.Request) error {
	v, err := h.lotView(w, r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	to := f.One("to", string(lot.Graded), string(lot.OnSale), string(lot.Closed))
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			return lot.SetState(r.Context(), tx, edge.Who(r).Actor, v.Lot.ID, lot.State(to))
		})
	}
	return h.lotDone(w, r, v, err)
}

// lotDone goes back to the lot and tells the rooms, or shows what was wrong.
func (h *screens) lotDone(w http.ResponseWriter, r *http.Request, v lotView, err error) error {
	if err == nil {
		h.Flow.StockChanged(r.Context(), v.Lot.Product)
		return h.Redirect(w, r, "/desk/lots/"+string(v.Lot.ID), v.T("desk.saved"))
	}
	if !site.Correctable(err) {
		return err
	}
	v.Wrong = ui.Errors(v.Base, err)
	v.Trouble = v.Wrong[""]
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), lotScreen(v))
}

// next are the states a lot may move to, the usual one first; closing last.
func next(s lot.State) []lot.State {
	switch s {
	case lot.Received:
		return []lot.State{lot.Graded, lot.Closed}
	case lot.Graded:
		return []lot.State{lot.OnSale, lot.Closed}
	case lot.OnSale:
		return []lot.State{lot.Graded, lot.Closed}
	case lot.Forecast:
		return []lot.State{lot.Closed}
	}
	return nil
}
