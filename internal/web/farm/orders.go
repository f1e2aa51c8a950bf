package farm

import (
	"errors"
	"net/http"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/web/ui"
)

// perPage is how many orders the list shows at once.
const perPage = 30

// tab of the list and the states it shows.
type tab struct {
	name   string
	states []order.State
}

// What is to be done comes first.
var tabs = []tab{
	{"pack", []order.State{order.Paid}},
	{"unpaid", []order.State{order.Unpaid}},
	{"shipped", []order.State{order.Shipped}},
	{"finished", []order.State{order.Received, order.Done}},
	{"closed", []order.State{order.Closed}},
}

// ordersView is the list of orders with something of mine in them.
type ordersView struct {
	frame
	Tab           string
	Tabs          []ui.Tab
	Sales         []sale
	Newest, Older string
}

func (s *screens) orders(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(w, r, "orders")
	if errors.Is(err, errNone) {
		return s.Render(w, r, noneScreen(f.Base))
	}
	if err != nil {
		return err
	}
	now, before := tabs[0], id.Order(r.URL.Query().Get("before"))
	view := ordersView{frame: f}
	for _, t := range tabs {
		if t.name == r.URL.Query().Get("tab") {
			now = t
		}
	}
	if before != "" && !id.Valid(before) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	view.Tab = now.name
	for _, t := range tabs {
		view.Tabs = append(view.Tabs, ui.Tab{Href: f.link("/farm/orders", "tab", t.name), Label: f.T("farm.tab_" + t.name), Here: t.name == now.name})
	}
	view.Sales, err = s.sales(r.Context(), order.Filter{States: now.states, Before: before, Limit: perPage + 1}, f.Who.ID)
	if err != nil {
		return err
	}
	if before != "" {
		view.Newest = f.link("/farm/orders", "tab", now.name)
	}
	if len(view.Sales) > perPage {
		view.Sales = view.Sales[:perPage]
		view.Older = f.link("/farm/orders", "tab", now.name, "before", string(view.Sales[perPage-1].ID))
	}
	return s.Render(w, r, ordersScreen(view))
}
