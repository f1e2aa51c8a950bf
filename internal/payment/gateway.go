package payment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Offline is the name of bank transfers that finance confirms.
const Offline = "offline"

// Errors of a Gateway beside faults. Anything else means: try again.
var (
	// ErrAlreadyPaid means Close came after the money.
	ErrAlreadyPaid = errors.New("payment: paid already")
	// ErrUnknown means the provider never heard of the payment.
	ErrUnknown = errors.New("payment: unknown to the provider")
	// ErrRefused means the provider will never do it, however often asked.
	ErrRefused = errors.New("payment: refused by the provider for good")
	// ErrProcessing means the provider took a refund that is not with the buyer
	// yet: ask RefundState.
	ErrProcessing = errors.New("payment: the refund is on its way at the provider")
	// ErrUndelivered means the provider took a refund and can't bring it to the
	// buyer: somebody must settle it there.
	ErrUndelivered = fmt.Errorf("payment: the refund does not reach the buyer: %w", ErrRefused)
)

// Notice is a verified callback, or the answer to a query.
type Notice struct {
	EventID string // the same for a callback sent again
	Payment id.Payment
	Amount  money.Fen
	Ref     string // the provider's number of the money movement
	Paid    bool
	At      time.Time // when the provider made it
}

// Gateway is a payment provider. Every call is bounded by ctx, and safe to
// repeat with the same ids.
type Gateway interface {
	Name() string
	// Pay opens a payment and gives the address the buyer pays at.
	Pay(ctx context.Context, p Payment, subject, returnURL string, expires time.Time) (payURL string, err error)
	// Query asks the provider how a payment stands; ErrUnknown if it never
	// heard of it. A paid one has an EventID of its own.
	Query(ctx context.Context, p id.Payment) (Notice, error)
	// Close makes an open payment impossible; ErrAlreadyPaid if it was faster.
	// One the provider never heard of is closed already.
	Close(ctx context.Context, p id.Payment) error
	// Refund pays back; repeated with the same refund id it pays once. No error
	// means that the provider says the buyer has it; ErrProcessing that it is on
	// its way; ErrRefused that it never will be.
	Refund(ctx context.Context, r Refund) (ref string, err error)
	// RefundState asks how a refund stands, in the words of Refund; ErrUnknown
	// if the provider never heard of it.
	RefundState(ctx context.Context, r Refund) (ref string, err error)
	// Bill downloads the provider's bill of a day that is over; ErrNoBill when
	// there is none yet.
	Bill(ctx context.Context, day clock.Day) ([]BillRow, error)
	// Verify reads a callback: forged, altered and stale ones are refused
	// with fault payment.forged or payment.stale.
	Verify(r *http.Request, body []byte, now time.Time) (Notice, error)
	// Ack answers a callback the way the provider expects; with an error it
	// will come again.
	Ack(w http.ResponseWriter, err error)
}
