package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
)

// ShipOrder notes the parcel of a paid order (packer): stock leaves by movements.
func (f *Flow) ShipOrder(ctx context.Context, who actor.Actor, o id.Order, carrier, trackingNo string) (order.Order, error) {
	panic("not built yet")
}

// ReceiveOrder is the buyer's "it has arrived".
func (f *Flow) ReceiveOrder(ctx context.Context, who actor.Actor, o id.Order) (order.Order, error) {
	panic("not built yet")
}

// AdvanceOrders receives shipped orders and finishes received ones whose time
// has come, and tells how many moved.
func (f *Flow) AdvanceOrders(ctx context.Context) (int, error) { panic("not built yet") }

// Recipient opens an order's address: whole for the buyer, and for a packer
// (audited); masked for others who may see the order.
func (f *Flow) Recipient(ctx context.Context, who actor.Actor, o order.Order, reveal bool) (shipping.Recipient, error) {
	panic("not built yet")
}
