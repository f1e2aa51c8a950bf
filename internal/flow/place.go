package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
)

// PlaceLine is what a buyer wants: an item of a show, or a product outside one.
type PlaceLine struct {
	Item    id.Item    `json:"item,omitempty"`
	Product id.Product `json:"product,omitempty"`
	Units   int64      `json:"units" minimum:"1" maximum:"99"`
	// Price is what the buyer saw; another price now is fault order.price_changed.
	Price money.Fen `json:"price_fen"`
}

// PlaceIn is a buyer's order.
type PlaceIn struct {
	Key        string // idempotency key made by the page, 8 to 255 characters
	Show       id.Show
	Lines      []PlaceLine
	Address    id.Address
	NoReturnOK bool // ticked "can't be returned", needed where a product's return rule says so
	Note       string
}

// PlaceOrder checks and prices an order, hands it to the order desk and
// answers after the commit. The same key with the same body gives the first
// answer; with another body it is fault order.key_reused.
func (f *Flow) PlaceOrder(ctx context.Context, who actor.Actor, in PlaceIn) (order.Order, error) {
	panic("not built yet")
}

// Quote prices lines to an address without ordering: what the half-sheet shows.
type Quote struct {
	Goods    money.Fen `json:"goods_fen"`
	Freight  money.Fen `json:"freight_fen"`
	Total    money.Fen `json:"total_fen"`
	NoReturn bool      `json:"no_return"` // a tick is needed
	Deliver  bool      `json:"deliver"`
}

// QuoteOrder prices lines to a province.
func (f *Flow) QuoteOrder(ctx context.Context, lines []PlaceLine, province string) (Quote, error) {
	panic("not built yet")
}

// CancelOrder closes a buyer's own unpaid order and gives the stock back; a
// paid one that was not shipped is refunded whole.
func (f *Flow) CancelOrder(ctx context.Context, who actor.Actor, o id.Order) (order.Order, error) {
	panic("not built yet")
}

// ExpireOrders closes unpaid orders whose time is over and tells how many.
func (f *Flow) ExpireOrders(ctx context.Context) (int, error) { panic("not built yet") }

// ReadOrder reads an order its buyer, staff or a producer in it may see.
func (f *Flow) ReadOrder(ctx context.Context, who actor.Actor, o id.Order) (order.Order, error) {
	panic("not built yet")
}
