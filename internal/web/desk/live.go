package desk

import (
	"net/http"
	"strconv"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// liveRoutes are the shows: their list, their plan and their control room.
func (h *screens) liveRoutes() []edge.Route {
	see := edge.Only(actor.Operator, actor.Moderator, actor.Overseer)
	plan := edge.Only(actor.Operator, actor.Overseer)
	run := edge.Only(actor.Operator)
	return []edge.Route{
		{Method: "GET", Path: "/desk/shows", Access: see, Handle: h.shows},
		{Method: "GET", Path: "/desk/shows/new", Access: run, Handle: h.newShow},
		{Method: "POST", Path: "/desk/shows", Access: run, Handle: h.createShow},

		{Method: "GET", Path: "/desk/shows/{id}/plan", Access: plan, Handle: h.plan},
		{Method: "POST", Path: "/desk/shows/{id}", Access: run, Handle: h.saveShow},
		{Method: "POST", Path: "/desk/shows/{id}/pictures", Access: run, Handle: h.coverShow},
		{Method: "POST", Path: "/desk/shows/{id}/key", Access: run, Handle: h.newKey},
		{Method: "POST", Path: "/desk/shows/{id}/items", Access: run, Handle: h.addItem},
		{Method: "POST", Path: "/desk/shows/{id}/items/{item}/order", Access: run, Handle: h.orderItem},
		{Method: "POST", Path: "/desk/shows/{id}/items/{item}/remove", Access: run, Handle: h.removeItem},

		{Method: "GET", Path: "/desk/shows/{id}", Access: see, Handle: h.control},
		{Method: "GET", Path: "/desk/shows/{id}/state", Access: see, Handle: h.controlState},
		{Method: "GET", Path: "/desk/shows/{id}/pulse", Access: see, Handle: h.controlPulse},
		{Method: "POST", Path: "/desk/shows/{id}/move", Access: run, Handle: h.moveShow},
		{Method: "POST", Path: "/desk/shows/{id}/pin", Access: run, Handle: h.pinItem},
		{Method: "POST", Path: "/desk/shows/{id}/items/{item}", Access: run, Handle: h.setItem},
		{Method: "POST", Path: "/desk/shows/{id}/items/{item}/release", Access: run, Handle: h.releaseItem},
		{Method: "POST", Path: "/desk/shows/{id}/items/{item}/flash", Access: run, Handle: h.startFlash},
		{Method: "POST", Path: "/desk/shows/{id}/items/{item}/flash/{flash}/cancel", Access: run, Handle: h.cancelFlash},
	}
}

// theShow reads the show in the path.
func (h *screens) theShow(r *http.Request) (show.Show, error) {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return show.Show{}, err
	}
	return show.ByID(r.Context(), h.DB, sid)
}

// theItem reads the item in the path, which must be the show's.
func (h *screens) theItem(r *http.Request) (show.Item, error) {
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return show.Item{}, err
	}
	iid, err := site.PathID[id.Item](r, "item")
	if err != nil {
		return show.Item{}, err
	}
	items, err := show.ItemsByID(r.Context(), h.DB, iid)
	if err != nil {
		return show.Item{}, err
	}
	it, ok := items[iid]
	if !ok || it.Show != sid {
		return show.Item{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return it, nil
}

// answer tells our script what came of it, and a plain form where to go on.
func (h *screens) answer(w http.ResponseWriter, r *http.Request, v any, to, text string) error {
	if site.WantsJSON(r) {
		return site.JSON(w, r, v)
	}
	return h.Redirect(w, r, to, text)
}

func roomPath(s id.Show) string { return "/desk/shows/" + string(s) }
func planPath(s id.Show) string { return roomPath(s) + "/plan" }

// moveShow announces, starts, stops or cancels.
func (h *screens) moveShow(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	to := f.One("to", string(show.Announced), string(show.Live), string(show.Ended), string(show.Cancelled))
	if err := f.Err(); err != nil {
		return err
	}
	sh, err = h.Flow.MoveShow(r.Context(), edge.Who(r).Actor, sh.ID, show.State(to))
	if err != nil {
		return err
	}
	back := planPath(sh.ID)
	if sh.State == show.Live {
		back = roomPath(sh.ID)
	}
	return h.answer(w, r, room.ShowEvent{State: string(sh.State)}, back, edge.Who(r).P.T("desk.moved_"+string(sh.State)))
}

// pinItem puts an item on the card "explaining now"; an empty one takes it off.
func (h *screens) pinItem(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	it := id.Item(f.Text("item", 40))
	if it != "" && !id.Valid(it) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := h.Flow.PinItem(r.Context(), edge.Who(r).Actor, sh.ID, it); err != nil {
		return err
	}
	return h.answer(w, r, room.PinEvent{Item: it}, roomPath(sh.ID), "")
}

// setItem changes what the form holds of an item; the rest stays.
func (h *screens) setItem(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	readItem(r, f, &it)
	seen := seenAt(f)
	if err := f.Err(); err != nil {
		return h.itemAgain(w, r, it.ID, err)
	}
	now, err := h.Flow.ChangeItem(r.Context(), edge.Who(r).Actor, it.ID, seen, func(x *show.Item) { readItem(r, f, x) })
	if err != nil {
		return h.itemAgain(w, r, it.ID, err)
	}
	return h.answer(w, r, now, planPath(it.Show), edge.Who(r).P.T("desk.saved"))
}

// seenAt is the version of an item that a whole form was made of.
func seenAt(f *site.Form) time.Time {
	us, err := strconv.ParseInt(f.Text("seen", 20), 10, 64)
	if err != nil || us <= 0 {
		return time.Time{}
	}
	return clock.FromUs(us)
}

// readItem takes those fields of an item that were sent.
func readItem(r *http.Request, f *site.Form, it *show.Item) {
	sent := func(name string) bool { return r.PostForm.Has(name) }
	if sent("state") {
		it.State = show.ItemState(f.One("state", string(show.Coming), string(show.OnSale), string(show.Off)))
	}
	if sent("price") {
		it.Price = f.Yuan("price", false)
	}
	if sent("was") {
		it.Was = f.Yuan("was", true)
	}
	if sent("released") {
		it.Released = f.OptInt("released", 0, show.MaxUnits, show.AllThereIs)
	}
	if sent("per_person") {
		it.PerPerson = f.OptInt("per_person", 0, show.MaxUnits, 0)
	}
	if sent("script") {
		it.Script = f.Text("script", show.MaxScript)
	}
}

// itemAgain shows the plan once more with what was wrong in one item.
func (h *screens) itemAgain(w http.ResponseWriter, r *http.Request, it id.Item, cause error) error {
	if site.WantsJSON(r) || !site.Correctable(cause) {
		return cause
	}
	return h.planAgain(w, r, cause, func(v *planView) { v.WrongItem, v.Wrong = it, v.words(cause) })
}

// releaseItem puts more units of an item up for sale.
func (h *screens) releaseItem(w http.ResponseWriter, r *http.Request) error {
	it, err := h.theItem(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	n := f.Int("n", 1, show.MaxUnits)
	if err := f.Err(); err != nil {
		return err
	}
	now, err := h.Flow.ReleaseMore(r.Context(), edge.Who(r).Actor, f.Text("key", 255), it.ID, n)
	if err != nil {
		return err
	}
	return h.answer(w, r, now, planPath(it.Show), "")
}
