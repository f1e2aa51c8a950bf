package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// Order as programs see one. The address stays sealed.
type Order struct {
	ID          id.Order   `json:"id"`
	No          string     `json:"no" doc:"order number for people, 20 digits"`
	Show        id.Show    `json:"show,omitempty"`
	State       string     `json:"state" enum:"unpaid,paid,shipped,received,done,closed"`
	CloseReason string     `json:"close_reason,omitempty" enum:",expired,cancelled,refunded"`
	Goods       money.Fen  `json:"goods_fen"`
	Freight     money.Fen  `json:"freight_fen"`
	Discount    money.Fen  `json:"discount_fen,omitempty" doc:"taken off by a coupon, which the centre bears"`
	Total       money.Fen  `json:"total_fen" doc:"what the buyer pays: goods and freight less the discount"`
	Lines       []Line     `json:"lines"`
	Placed      time.Time  `json:"placed"`
	Expires     *time.Time `json:"expires,omitempty" doc:"an unpaid order closes by itself then"`
	Paid        *time.Time `json:"paid,omitempty"`
	Shipped     *time.Time `json:"shipped,omitempty"`
	Received    *time.Time `json:"received,omitempty"`
}

// Line of an order, as it was shown when it was ordered.
type Line struct {
	ID         id.Line    `json:"id"`
	Item       id.Item    `json:"item,omitempty"`
	Product    id.Product `json:"product"`
	Name       string     `json:"name"`
	SellUnit   string     `json:"sell_unit"`
	Units      int64      `json:"units"`
	Price      money.Fen  `json:"price_fen"`
	Goods      money.Fen  `json:"goods_fen"`
	ReturnRule string     `json:"return_rule"`
}

type placeIn struct {
	Key  string `header:"Idempotency-Key" required:"true" minLength:"8" maxLength:"255" doc:"made by the caller before the first try, the same for each retry"`
	Body struct {
		Show       id.Show          `json:"show,omitempty"`
		Lines      []flow.PlaceLine `json:"lines" minItems:"1" maxItems:"20"`
		Address    id.Address       `json:"address"`
		NoReturnOK bool             `json:"no_return_ok,omitempty" doc:"the buyer has ticked that fresh goods can't be returned without reason"`
		Note       string           `json:"note,omitempty" maxLength:"400"`
	}
}
type orderOut struct{ Body Order }
type placeOut struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true: this key was answered before, and this is that answer"`
	Body     Order
}
type orderIn struct {
	ID id.Order `path:"id" pattern:"^[0-9a-f]{32}$"`
}
type ordersIn struct {
	State  order.State `query:"state" enum:"unpaid,paid,shipped,received,done,closed"`
	Before id.Order    `query:"before" doc:"page on: orders older than this one"`
	Limit  int         `query:"limit" minimum:"1" maximum:"100" default:"20"`
}
type ordersOut struct {
	Body struct {
		Orders []Order `json:"orders"`
	}
}
type quoteIn struct {
	Body struct {
		Lines    []flow.PlaceLine `json:"lines" minItems:"1" maxItems:"20"`
		Province string           `json:"province" maxLength:"30"`
	}
}
type quoteOut struct{ Body flow.Quote }
type payIn struct {
	ID   id.Order `path:"id" pattern:"^[0-9a-f]{32}$"`
	Body struct {
		Gateway string `json:"gateway" maxLength:"30"`
	}
}
type payOut struct {
	Body struct {
		Payment id.Payment `json:"payment"`
		Amount  money.Fen  `json:"amount_fen"`
		PayURL  string     `json:"pay_url" doc:"where the buyer pays"`
	}
}

func (a *API) orders() {
	op(a, edge.Buyers(), huma.Operation{OperationID: "quote", Method: http.MethodPost, Path: "/api/v1/quote", Summary: "Price lines to a province without ordering", Tags: []string{"orders"}}, a.quote)
	op(a, edge.Buyers(), huma.Operation{OperationID: "place-order", Method: http.MethodPost, Path: "/api/v1/orders", Summary: "Place an order", Description: placeDoc, Tags: []string{"orders"}, DefaultStatus: 201}, a.placeOrder)
	a.useFast(http.MethodPost, "/api/v1/orders", a.placeFast)
	op(a, edge.Buyers(), huma.Operation{OperationID: "list-orders", Method: http.MethodGet, Path: "/api/v1/orders", Summary: "My orders, the newest first", Tags: []string{"orders"}}, a.listOrders)
	own := edge.Buyers().Own("order")
	op(a, edge.Buyers().Own("order", actor.Operator, actor.Packer, actor.Service, actor.Finance, actor.Overseer, actor.Producer), huma.Operation{OperationID: "get-order", Method: http.MethodGet, Path: "/api/v1/orders/{id}", Summary: "An order", Tags: []string{"orders"}}, a.getOrder)
	op(a, own, huma.Operation{OperationID: "pay-order", Method: http.MethodPost, Path: "/api/v1/orders/{id}/pay", Summary: "Open a payment", Tags: []string{"orders"}, DefaultStatus: 201}, a.payOrder)
	op(a, own, huma.Operation{OperationID: "cancel-order", Method: http.MethodPost, Path: "/api/v1/orders/{id}/cancel", Summary: "Cancel an order that was not shipped", Tags: []string{"orders"}}, a.cancelOrder)
	op(a, own, huma.Operation{OperationID: "receive-order", Method: http.MethodPost, Path: "/api/v1/orders/{id}/receive", Summary: "It has arrived", Tags: []string{"orders"}}, a.receiveOrder)
}

func (a *API) quote(ctx context.Context, _ actor.Actor, in *quoteIn) (*quoteOut, error) {
	q, err := a.Flow.QuoteOrder(ctx, in.Body.Lines, in.Body.Province)
	return &quoteOut{q}, err
}

const placeDoc = "The Idempotency-Key makes it safe to send the same request again, as Stripe's does. " +
	"The same key with the same body is given the first answer: the order as it was first told of (status 201, whatever has become of it since; read it for that), or the refusal (409) it got. " +
	"Such an answer carries Idempotent-Replayed: true. The same key with another body is refused with order.key_reused (409). " +
	"Nothing is remembered of answers that decide nothing: 401, 413, 422 (the request itself is wrong), 429 and 503 (try again after Retry-After, with the same key), 5xx, " +
	"and order.sold_out when the shelf was known to be empty before anything was begun. " +
	"A refusal is kept for 24 hours, or less when there are more than two million of them (the oldest go first, and their keys decide anew); an order's key as long as the order. Keys are 8 to 255 characters and a buyer's own. One that begins with the time, as a UUID of version 7 does, costs the database least."

func (a *API) placeOrder(ctx context.Context, who actor.Actor, in *placeIn) (*placeOut, error) {
	b := in.Body
	o, err := a.Flow.PlaceOrder(ctx, who, flow.PlaceIn{Key: in.Key, Show: b.Show, Lines: b.Lines, Address: b.Address, NoReturnOK: b.NoReturnOK, Note: b.Note})
	if err != nil {
		return nil, err
	}
	out := &placeOut{Body: orderOf(o)}
	if o.Again {
		out.Replayed = "true"
	}
	return out, nil
}

func (a *API) listOrders(ctx context.Context, who actor.Actor, in *ordersIn) (*ordersOut, error) {
	os, err := order.List(ctx, a.DB, order.Filter{Buyer: who.User, State: in.State, Before: in.Before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &ordersOut{}
	out.Body.Orders = make([]Order, 0, len(os))
	for _, o := range os {
		out.Body.Orders = append(out.Body.Orders, orderOf(o))
	}
	return out, nil
}

func (a *API) getOrder(ctx context.Context, who actor.Actor, in *orderIn) (*orderOut, error) {
	return orderAnswer(a.Flow.ReadOrder(ctx, who, in.ID))
}

func (a *API) payOrder(ctx context.Context, who actor.Actor, in *payIn) (*payOut, error) {
	p, err := a.Flow.StartPayment(ctx, who, in.ID, in.Body.Gateway)
	if err != nil {
		return nil, err
	}
	out := &payOut{}
	out.Body.Payment, out.Body.Amount, out.Body.PayURL = p.ID, p.Amount, a.payURL(p)
	return out, nil
}

// payURL is where a browser pays: a code is shown by a page of ours.
func (a *API) payURL(p payment.Payment) string {
	if strings.HasPrefix(p.PayURL, payment.QR) {
		return a.Flow.BaseURL + "/pay/code/" + string(p.ID)
	}
	return p.PayURL
}

func (a *API) cancelOrder(ctx context.Context, who actor.Actor, in *orderIn) (*orderOut, error) {
	return orderAnswer(a.Flow.CancelOrder(ctx, who, in.ID))
}

func (a *API) receiveOrder(ctx context.Context, who actor.Actor, in *orderIn) (*orderOut, error) {
	return orderAnswer(a.Flow.ReceiveOrder(ctx, who, in.ID))
}

func orderAnswer(o order.Order, err error) (*orderOut, error) {
	if err != nil {
		return nil, err
	}
	return &orderOut{orderOf(o)}, nil
}

func orderOf(o order.Order) Order {
	out := Order{ID: o.ID, No: o.No, Show: o.Show, State: string(o.State), CloseReason: o.CloseReason, Goods: o.Goods, Freight: o.Freight, Discount: o.Discount, Total: o.Total,
		Placed: o.Placed, Paid: optional(o.PaidAt), Shipped: optional(o.ShippedAt), Received: optional(o.ReceivedAt), Lines: make([]Line, 0, len(o.Lines))}
	if o.State == order.Unpaid {
		out.Expires = optional(o.Expires)
	}
	for _, l := range o.Lines {
		out.Lines = append(out.Lines, Line{ID: l.ID, Item: l.Item, Product: l.Product, Name: l.Name, SellUnit: l.SellUnit, Units: l.Units, Price: l.Price, Goods: l.Goods, ReturnRule: l.ReturnRule})
	}
	return out
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
