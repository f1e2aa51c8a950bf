package flow

import (
	"context"
	"net/http"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// StartPayment opens a payment of the buyer's own unpaid order, or gives the
// open one, and the address to pay at.
func (f *Flow) StartPayment(ctx context.Context, who actor.Actor, o id.Order, gateway string) (payment.Payment, error) {
	panic("not built yet")
}

// HandleCallback verifies a provider's callback and applies it once.
func (f *Flow) HandleCallback(ctx context.Context, gateway string, w http.ResponseWriter, r *http.Request) {
	panic("not built yet")
}

// ApplyNotice applies a verified notice: order paid, or late and refunded, or
// quarantined; a repeated one changes nothing.
func (f *Flow) ApplyNotice(ctx context.Context, gateway string, n payment.Notice) error {
	panic("not built yet")
}

// QueryPayments asks the providers about payments that stay open: for the
// callback that never comes. It tells how many were settled.
func (f *Flow) QueryPayments(ctx context.Context) (int, error) { panic("not built yet") }

// SendRefunds sends pending refunds to the providers and tells how many are done.
func (f *Flow) SendRefunds(ctx context.Context) (int, error) { panic("not built yet") }

// ConfirmOffline books an offline transfer that finance has seen on the bank
// account; another amount than the order's is refused.
func (f *Flow) ConfirmOffline(ctx context.Context, who actor.Actor, o id.Order, amount money.Fen, proof string) (order.Order, error) {
	panic("not built yet")
}

// RefundOrder refunds a paid order whole before it is shipped (service, or CancelOrder).
func (f *Flow) RefundOrder(ctx context.Context, who actor.Actor, o id.Order, reason string) (order.Order, error) {
	panic("not built yet")
}
