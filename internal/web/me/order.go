package me

import (
	"context"
	"net/http"
	"slices"
	"time"

	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// orderView is one order of mine: where it stands, whose goods are in it, and
// what happens next.
type orderView struct {
	page.Base
	Order    order.Order
	Lines    []lineView
	Steps    []stepView
	To       shipping.Recipient
	Whole    bool         // the address is shown whole
	Parcels  []parcelView // that have left
	PaidBy   string       // gateway of the payment that came in
	Refunds  []payment.Refund
	Cases    []aftersale.Case
	CanAsk   bool // something can be asked for after the sale
	Gateways []string
	// AutoReceive and AutoDone are when the order moves on by itself.
	AutoReceive, AutoDone time.Time
	Wrong                 string // what went wrong with the last button
	Replay                bool   // its minute can be watched again
}

// lineView is a line with the lots it was filled from.
type lineView struct {
	order.Line
	Picture string
	From    []fromView
}

// fromView is one lot behind a line: whose goods, and who gets the money.
type fromView struct {
	order.Share
	Lot      lot.Lot
	Producer catalog.Producer
}

// stepView is a step of the way: done, being waited for, or still to come.
type stepView struct {
	Key  string
	At   time.Time
	Done bool
	Now  bool
}

func (s *screens) order(w http.ResponseWriter, r *http.Request) error {
	view, err := s.orderView(w, r)
	if err != nil {
		return err
	}
	return s.Render(w, r, orderScreen(view))
}

// myOrder reads the order in the path, if it is the asker's own. Staff see
// others' orders at the desk, not here.
func (s *screens) myOrder(r *http.Request) (order.Order, error) {
	o, err := site.PathID[id.Order](r, "id")
	if err != nil {
		return order.Order{}, err
	}
	who := edge.Who(r).Actor
	x, err := s.Flow.ReadOrder(r.Context(), who, o)
	if err != nil {
		return x, err
	}
	if x.Buyer != who.User {
		return x, fault.New(fault.NotFound, "fault.not_found")
	}
	return x, nil
}

func (s *screens) orderView(w http.ResponseWriter, r *http.Request) (orderView, error) {
	o, err := s.myOrder(r)
	if err != nil {
		return orderView{}, err
	}
	ctx, v := r.Context(), edge.Who(r)
	view := orderView{Base: s.Base(w, r, "me", v.P.T("me.order_title", "No", o.No)), Order: o, Steps: stepsOf(o),
		AutoReceive: after(o.ShippedAt, s.Flow.ReceivedAfter), AutoDone: after(o.ReceivedAt, s.Flow.DoneAfter)}
	if view.Gateways, err = s.Flow.PayWays(ctx, o.ID, waysFor(r, s.Gateways)); err != nil {
		return view, err
	}
	view.Path, view.Query = "/orders/"+string(o.ID), ""
	view.Styles, view.Scripts = []string{"me/me.css"}, []string{"me/order.js"}
	view.Whole = r.URL.Query().Get("address") == "whole"
	if view.To, err = s.Flow.Recipient(ctx, v.Actor, o, view.Whole); err != nil {
		return view, err
	}
	if !view.Whole {
		view.To = view.To.Masked()
	}
	if view.Lines, err = s.orderLines(ctx, o); err != nil {
		return view, err
	}
	if view.Parcels, err = s.parcelsOf(ctx, o); err != nil {
		return view, err
	}
	if view.PaidBy, err = s.paidBy(ctx, o.ID); err != nil {
		return view, err
	}
	if view.Refunds, err = payment.Refunds(ctx, s.DB, o.ID); err != nil {
		return view, err
	}
	if view.Cases, err = aftersale.OfOrder(ctx, s.DB, o.ID); err != nil {
		return view, err
	}
	has, err := s.Flow.Watchable(ctx, s.DB, o.Show)
	if err != nil {
		return view, err
	}
	view.Replay = has[o.Show]
	_, lines, err := s.Flow.AfterSaleOptions(ctx, v.Actor, o.ID)
	for _, l := range lines {
		view.CanAsk = view.CanAsk || slices.ContainsFunc(askKinds, l.May)
	}
	return view, err
}

// after is d after t, never after a time that has not come.
func after(t time.Time, d time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(d)
}

func (s *screens) paidBy(ctx context.Context, o id.Order) (string, error) {
	all, err := payment.OfOrder(ctx, s.DB, o)
	for _, p := range all {
		if p.State == payment.StatePaid {
			return p.Gateway, err
		}
	}
	return "", err
}

// orderLines puts pictures, lots and producers behind an order's lines.
func (s *screens) orderLines(ctx context.Context, o order.Order) ([]lineView, error) {
	shares, err := order.Shares(ctx, s.DB, o.ID)
	if err != nil {
		return nil, err
	}
	var lots []id.Lot
	var producers []id.Producer
	for _, x := range shares {
		lots, producers = append(lots, x.Lot), append(producers, x.Producer)
	}
	byLot, err := lot.ByID(ctx, s.DB, unique(lots)...)
	if err != nil {
		return nil, err
	}
	byProducer, err := catalog.Producers(ctx, s.DB, unique(producers)...)
	if err != nil {
		return nil, err
	}
	pics, err := s.pictures(ctx, []order.Order{o})
	if err != nil {
		return nil, err
	}
	var out []lineView
	for _, l := range o.Lines {
		v := lineView{Line: l, Picture: pics[l.Product]}
		for _, x := range shares {
			if x.Line == l.ID {
				v.From = append(v.From, fromView{x, byLot[x.Lot], byProducer[x.Producer]})
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func unique[T ~string](ids []T) []T {
	slices.Sort(ids)
	return slices.Compact(ids)
}

// stepsOf is the way of an order. A closed one ends where it was closed.
func stepsOf(o order.Order) []stepView {
	way := []stepView{
		{Key: "me.step_placed", At: o.Placed, Done: true},
		{Key: "me.step_paid", At: o.PaidAt},
		{Key: "me.step_shipped", At: o.ShippedAt},
		{Key: "me.step_received", At: o.ReceivedAt},
		{Key: "me.step_done", At: o.DoneAt},
	}
	if o.State == order.Closed {
		way = slices.DeleteFunc(way, func(x stepView) bool { return x.At.IsZero() })
		way = append(way, stepView{Key: "me.step_closed_" + o.CloseReason, At: o.ClosedAt})
	}
	for i := range way {
		way[i].Done = !way[i].At.IsZero()
		if !way[i].Done {
			way[i].Now = true // the first one that has not come
			break
		}
	}
	return way
}

// stateJSON is how an order stands, for a page that waits.
type stateJSON struct {
	State       order.State `json:"state"`
	Paid        bool        `json:"paid"`
	CloseReason string      `json:"close_reason,omitempty"`
	Refunds     int         `json:"refunds"`
	Expires     time.Time   `json:"expires"`
	Now         time.Time   `json:"now"`
}

// orderState tells a waiting page how the order stands.
func (s *screens) orderState(w http.ResponseWriter, r *http.Request) error {
	o, err := s.myOrder(r)
	if err != nil {
		return err
	}
	refunds, err := payment.Refunds(r.Context(), s.DB, o.ID)
	if err != nil {
		return err
	}
	return site.JSON(w, r, stateJSON{o.State, !o.PaidAt.IsZero(), o.CloseReason, len(refunds), o.Expires, s.DB.Clock.Now()})
}

// cancelOrder closes an unpaid order, or gives the money of a paid one back.
func (s *screens) cancelOrder(w http.ResponseWriter, r *http.Request) error {
	o, err := s.myOrder(r)
	if err != nil {
		return err
	}
	x, err := s.Flow.CancelOrder(r.Context(), edge.Who(r).Actor, o.ID)
	if err != nil {
		return s.orderAgain(w, r, err)
	}
	text := "me.cancelled"
	if x.CloseReason == order.Refunded {
		text = "me.cancelled_refund"
	}
	return s.orderMoved(w, r, x, text)
}

// receiveOrder is "it has arrived".
func (s *screens) receiveOrder(w http.ResponseWriter, r *http.Request) error {
	o, err := s.myOrder(r)
	if err != nil {
		return err
	}
	x, err := s.Flow.ReceiveOrder(r.Context(), edge.Who(r).Actor, o.ID)
	if err != nil {
		return s.orderAgain(w, r, err)
	}
	return s.orderMoved(w, r, x, "me.received_thanks")
}

func (s *screens) orderMoved(w http.ResponseWriter, r *http.Request, o order.Order, text string) error {
	if site.WantsJSON(r) {
		return site.JSON(w, r, stateJSON{State: o.State, Paid: !o.PaidAt.IsZero(), CloseReason: o.CloseReason, Expires: o.Expires, Now: s.DB.Clock.Now()})
	}
	return s.Redirect(w, r, "/orders/"+string(o.ID), edge.Who(r).P.T(text))
}

// orderAgain shows the order as it stands now with why a button did not work.
func (s *screens) orderAgain(w http.ResponseWriter, r *http.Request, err error) error {
	if !site.Correctable(err) || site.WantsJSON(r) {
		return err
	}
	view, e := s.orderView(w, r)
	if e != nil {
		return e
	}
	view.Wrong = view.P.Err(fault.Of(err))
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), orderScreen(view))
}

// refundWord is what a buyer reads of a refund: that it is on its way, until the
// provider says that it has come. What went wrong in between is finance's work.
func refundWord(x payment.Refund) string {
	if x.State == payment.RefundDone {
		return payment.RefundDone
	}
	return payment.RefundSent
}
