package me

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/ui"
)

// perPage is how many orders a list shows at once.
const perPage = 20

// orderTab is a tab of the list and the states it shows; none means all.
type orderTab struct {
	name   string
	states []order.State
}

var orderTabs = []orderTab{
	{"all", nil},
	{"unpaid", []order.State{order.Unpaid}},
	{"paid", []order.State{order.Paid}},
	{"shipped", []order.State{order.Shipped}},
	{"finished", []order.State{order.Received, order.Done}},
	{"closed", []order.State{order.Closed}},
}

// ordersView is "my orders".
type ordersView struct {
	page.Base
	Tab    string
	Tabs   []ui.Tab
	Orders []order.Order
	Pics   map[id.Product]string
	Newest string // link to the first page, on later ones
	Older  string
}

func (s *screens) orders(w http.ResponseWriter, r *http.Request) error {
	tab, err := tabOf(r)
	if err != nil {
		return err
	}
	before := id.Order(r.URL.Query().Get("before"))
	if before != "" && !id.Valid(before) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	v := edge.Who(r)
	list, err := s.listOrders(r.Context(), v.Actor.User, tab, before)
	if err != nil {
		return err
	}
	view := ordersView{Base: s.Base(w, r, "me", v.P.T("me.orders_title")), Tab: tab.name, Orders: list}
	view.Styles = []string{"me/me.css"}
	for _, t := range orderTabs {
		view.Tabs = append(view.Tabs, ui.Tab{Href: "/orders?tab=" + t.name, Label: view.T("me.tab_" + t.name), Here: t.name == tab.name})
	}
	if before != "" {
		view.Newest = "/orders?tab=" + tab.name
	}
	if len(list) > perPage {
		view.Orders = list[:perPage]
		view.Older = "/orders?" + url.Values{"tab": {tab.name}, "before": {string(list[perPage-1].ID)}}.Encode()
	}
	if view.Pics, err = s.pictures(r.Context(), view.Orders); err != nil {
		return err
	}
	return s.Render(w, r, ordersScreen(view))
}

// tabOf is the tab asked for.
func tabOf(r *http.Request) (orderTab, error) {
	name := r.URL.Query().Get("tab")
	if name == "" {
		return orderTabs[0], nil
	}
	for _, t := range orderTabs {
		if t.name == name {
			return t, nil
		}
	}
	return orderTab{}, fault.New(fault.NotFound, "fault.not_found")
}

// listOrders reads one order more than a page shows, the newest first.
func (s *screens) listOrders(ctx context.Context, buyer id.User, tab orderTab, before id.Order) ([]order.Order, error) {
	return order.List(ctx, s.DB, order.Filter{Buyer: buyer, States: tab.states, Before: before, Limit: perPage + 1})
}

// pictures is the small picture of each product in the orders.
func (s *screens) pictures(ctx context.Context, orders []order.Order) (map[id.Product]string, error) {
	var ids []id.Product
	for _, o := range orders {
		for _, l := range o.Lines {
			ids = append(ids, l.Product)
		}
	}
	slices.Sort(ids)
	products, err := catalog.Products(ctx, s.DB, slices.Compact(ids)...)
	out := make(map[id.Product]string, len(products))
	for p, x := range products {
		if pic := ui.First(x.Pictures); pic.ID != "" {
			out[p] = pic.URL(160)
		}
	}
	return out, err
}
