package desk

import (
	"context"
	"net/http"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/review"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
)

// staff are those who have a desk.
var staff = []actor.Role{actor.Operator, actor.Moderator, actor.Selector, actor.Packer, actor.Service, actor.Finance, actor.Overseer, actor.Admin}

func (h *screens) homeRoutes() []edge.Route {
	return []edge.Route{{Method: "GET", Path: "/desk", Access: edge.Only(staff...), Handle: h.home}}
}

// todo is a card of the overview: what waits, how many, and where to go.
type todo struct {
	Href, Icon, Key string
	N               int64
	Note            string
	Waits           bool // somebody should do something
	Full            bool // there may be more than N
}

type homeView struct {
	page.Base
	Todos []todo
	Shows []show.Show // of today and on air
}

// counted bounds what the overview counts one by one.
const counted = 500

// home is what waits for the person who looks, by role.
func (h *screens) home(w http.ResponseWriter, r *http.Request) error {
	v := homeView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("desk.home_title"))}
	v.Styles = []string{"desk/desk.css"}
	for _, part := range []struct {
		roles []actor.Role
		read  func(context.Context, *homeView) error
	}{
		{[]actor.Role{actor.Operator, actor.Moderator, actor.Overseer}, h.homeShows},
		{[]actor.Role{actor.Packer, actor.Overseer}, h.homeParcels},
		{[]actor.Role{actor.Finance, actor.Overseer}, h.homeMoney},
		{[]actor.Role{actor.Service, actor.Packer, actor.Overseer}, h.homeCases},
		{[]actor.Role{actor.Moderator, actor.Service, actor.Overseer}, h.homeComplaints},
		{[]actor.Role{actor.Selector, actor.Overseer}, h.homeLots},
	} {
		if !v.Has(part.roles...) {
			continue
		}
		if err := part.read(r.Context(), &v); err != nil {
			return err
		}
	}
	return h.Render(w, r, homeScreen(v))
}

func (v *homeView) add(t todo) {
	t.Full = t.N >= counted
	v.Todos = append(v.Todos, t)
}

// homeShows are the shows on air, of the next day, and drafts that are due.
func (h *screens) homeShows(ctx context.Context, v *homeView) error {
	list, err := show.List(ctx, h.DB, show.Filter{States: []show.State{show.Live, show.Announced, show.Draft}, Limit: 200})
	if err != nil {
		return err
	}
	var drafts int64
	for _, s := range list {
		if s.State == show.Live || s.State == show.Announced && s.Starts.Before(v.Now.Add(24*time.Hour)) {
			v.Shows = append(v.Shows, s)
		}
		if s.State == show.Draft {
			drafts++
		}
	}
	if v.Has(actor.Operator) {
		v.add(todo{Href: "/desk/shows", Icon: "video", Key: "desk.todo_drafts", N: drafts, Waits: drafts > 0})
	}
	return nil
}

func (h *screens) homeParcels(ctx context.Context, v *homeView) error {
	orders, err := order.List(ctx, h.DB, order.Filter{State: order.Paid, Limit: counted})
	if err != nil {
		return err
	}
	late := int64(0)
	for _, o := range orders {
		if v.Now.Sub(o.PaidAt) > lateAfter {
			late++
		}
	}
	t := todo{Href: "/desk/parcels", Icon: "box", Key: "desk.todo_parcels", N: int64(len(orders)), Waits: len(orders) > 0}
	if late > 0 {
		t.Note = v.N("desk.todo_late", late)
	}
	v.add(t)
	return nil
}

func (h *screens) homeMoney(ctx context.Context, v *homeView) error {
	odd, err := payment.Quarantine(ctx, h.DB)
	if err != nil {
		return err
	}
	v.add(todo{Href: "/desk/finance", Icon: "alert", Key: "desk.todo_quarantine", N: int64(len(odd)), Waits: len(odd) > 0})
	failed, err := payment.RecentRefunds(ctx, h.DB, "failed", counted)
	if err != nil {
		return err
	}
	v.add(todo{Href: "/desk/finance", Icon: "refresh", Key: "desk.todo_refunds", N: int64(len(failed)), Waits: len(failed) > 0})
	unpaid, err := order.List(ctx, h.DB, order.Filter{State: order.Unpaid, Limit: counted})
	if err != nil {
		return err
	}
	v.add(todo{Href: "/desk/finance", Icon: "wallet", Key: "desk.todo_unpaid", N: int64(len(unpaid))})
	return nil
}

// homeCases are after-sale cases: those service must decide, and returns on
// their way to the packer.
func (h *screens) homeCases(ctx context.Context, v *homeView) error {
	open, err := aftersale.CountOpen(ctx, h.DB)
	if err != nil {
		return err
	}
	if v.Has(actor.Service, actor.Overseer) {
		n := open[aftersale.Requested] + open[aftersale.Back]
		v.add(todo{Href: "/desk/service", Icon: "chat", Key: "desk.todo_cases", N: n, Waits: n > 0})
	}
	if v.Has(actor.Packer) {
		v.add(todo{Href: "/desk/service", Icon: "refresh", Key: "desk.todo_returns", N: open[aftersale.Approved], Waits: open[aftersale.Approved] > 0})
	}
	return nil
}

func (h *screens) homeComplaints(ctx context.Context, v *homeView) error {
	open, err := review.Open(ctx, h.DB, "open")
	if err != nil {
		return err
	}
	v.add(todo{Href: "/desk/complaints", Icon: "flag", Key: "desk.todo_complaints", N: int64(len(open)), Waits: len(open) > 0})
	return nil
}

func (h *screens) homeLots(ctx context.Context, v *homeView) error {
	for _, x := range []struct {
		state lot.State
		icon  string
	}{{lot.Received, "lot"}, {lot.Graded, "check"}, {lot.Forecast, "calendar"}} {
		list, err := lot.List(ctx, h.DB, lot.Filter{State: x.state, Limit: counted})
		if err != nil {
			return err
		}
		v.add(todo{Href: query("/desk/lots", "state", string(x.state)), Icon: x.icon, Key: "desk.todo_lots_" + string(x.state), N: int64(len(list)), Waits: len(list) > 0 && x.state != lot.Forecast})
	}
	return nil
}
