package sandbox

import (
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// What goes over the wire. Times are RFC 3339.

// payRequest opens a payment.
type payRequest struct {
	PaymentID id.Payment `json:"payment_id"`
	AmountFen money.Fen  `json:"amount_fen"`
	Subject   string     `json:"subject"`
	ReturnURL string     `json:"return_url"`
	NotifyURL string     `json:"notify_url"`
	Expires   time.Time  `json:"expires"`
}

// payAnswer says where the buyer pays: below the address of the provider's
// pages.
type payAnswer struct {
	PagePath string `json:"page_path"`
}

// standing is how a payment stands.
type standing struct {
	PaymentID id.Payment `json:"payment_id"`
	AmountFen money.Fen  `json:"amount_fen"`
	State     string     `json:"state"` // open, paid, closed
	Ref       string     `json:"ref,omitempty"`
	PaidAt    time.Time  `json:"paid_at,omitzero"`
	Refunded  money.Fen  `json:"refunded_fen"`
}

type refundRequest struct {
	RefundID  id.Refund  `json:"refund_id"`
	PaymentID id.Payment `json:"payment_id"`
	AmountFen money.Fen  `json:"amount_fen"`
	Reason    string     `json:"reason"`
}

type refundAnswer struct {
	Ref string `json:"ref"`
}

// billAnswer is what was paid and paid back on a day.
type billAnswer struct {
	Rows []billRow `json:"rows"`
}

// billRow is one movement.
type billRow struct {
	Kind   string    `json:"kind"` // pay, refund
	ID     string    `json:"id"`   // payment_id or refund_id
	Ref    string    `json:"ref"`
	Amount money.Fen `json:"amount_fen"`
	At     time.Time `json:"at"`
}

// problem is an answer that is none.
type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Codes of problems.
const (
	codeParam    = "PARAM_ERROR"
	codeSign     = "SIGN_ERROR"
	codeUnknown  = "NOT_FOUND"
	codePaid     = "ALREADY_PAID"
	codeConflict = "CONFLICT"
	codeOver     = "REFUND_OVER"
	codeFull     = "TOO_MANY"
	codeNoBill   = "NO_BILL"
	codeSystem   = "SYSTEM_ERROR"
)

// Event is a callback's body.
type Event struct {
	ID       string    `json:"id"`
	Type     string    `json:"type"`
	Merchant string    `json:"merchant"`
	Created  time.Time `json:"created"`
	Payment  standing  `json:"payment"`
}

// EventPaid is the only type of event.
const EventPaid = "payment.paid"

// PaidEvent makes the body of a callback. Tests make every kind with it; the
// server makes only true ones.
func PaidEvent(eventID, merchant string, p id.Payment, amount money.Fen, ref string, at time.Time) Event {
	return Event{ID: eventID, Type: EventPaid, Merchant: merchant, Created: at,
		Payment: standing{PaymentID: p, AmountFen: amount, State: statePaid, Ref: ref, PaidAt: at}}
}
