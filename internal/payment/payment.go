package payment

import (
	"context"
	"net/http"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Payment is one try to pay an order.
type Payment struct {
	ID      id.Payment // also the provider's out_trade_no
	Order   id.Order
	Gateway string
	Amount  money.Fen
	State   string // open, paid, closed
	Ref     string // the provider's number
	PayURL  string
	Proof   string
	Created time.Time
	PaidAt  time.Time
}

// Refund of a payment, whole or in part.
type Refund struct {
	ID      id.Refund
	Payment id.Payment
	Order   id.Order
	Amount  money.Fen
	Reason  string // late, cancelled, after_sale
	State   string // pending, done, failed
	Ref     string
	Created time.Time
	DoneAt  time.Time
}

// Notice is a verified callback, or the answer to a query.
type Notice struct {
	EventID string
	Payment id.Payment
	Amount  money.Fen
	Ref     string
	Paid    bool
	At      time.Time // when the provider made it
}

// Gateway is a payment provider. Every call is bounded by ctx, and safe to
// repeat with the same ids.
type Gateway interface {
	Name() string
	// Pay opens a payment and gives the address the buyer pays at.
	Pay(ctx context.Context, p Payment, subject, returnURL string, expires time.Time) (payURL string, err error)
	// Query asks the provider how a payment stands.
	Query(ctx context.Context, p id.Payment) (Notice, error)
	// Close makes an open payment impossible; ErrAlreadyPaid if it was faster.
	Close(ctx context.Context, p id.Payment) error
	// Refund pays back; repeated with the same refund id it pays once.
	Refund(ctx context.Context, r Refund) (ref string, err error)
	// Verify reads a callback: forged, altered and stale ones are refused
	// with fault payment.forged or payment.stale.
	Verify(r *http.Request, body []byte, now time.Time) (Notice, error)
	// Ack answers a callback the way the provider expects.
	Ack(w http.ResponseWriter, err error)
}

// Open writes a new payment of an order.
func Open(ctx context.Context, tx *db.Tx, p Payment) error { panic("not built yet") }

// ByID reads a payment; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, p id.Payment) (Payment, error) { panic("not built yet") }

// OfOrder lists an order's payments, the newest first.
func OfOrder(ctx context.Context, q db.Querier, o id.Order) ([]Payment, error) {
	panic("not built yet")
}

// Refunds lists an order's refunds.
func Refunds(ctx context.Context, q db.Querier, o id.Order) ([]Refund, error) {
	panic("not built yet")
}

// Quarantined is a callback that finance must settle.
type Quarantined struct {
	ID      id.Callback
	Gateway string
	Payment id.Payment
	Order   id.Order
	Amount  money.Fen
	Want    money.Fen
	Reason  string
	At      time.Time
}

// Quarantine lists what waits for finance.
func Quarantine(ctx context.Context, q db.Querier) ([]Quarantined, error) { panic("not built yet") }

// SettleQuarantine marks one as settled with a note (finance).
func SettleQuarantine(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Callback, note string) error {
	panic("not built yet")
}

// Recent lists payments, the newest first, for finance.
func Recent(ctx context.Context, q db.Querier, limit int) ([]Payment, error) { panic("not built yet") }
