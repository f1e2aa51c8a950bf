package payment

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/money"
)

// ErrSplitting means that the provider is still at it: ask again.
var ErrSplitting = errors.New("payment: the split is not finished yet")

// ErrNotShared means that the provider is through with a split and a receiver
// did not get the part; it comes with ErrRefused.
var ErrNotShared = errors.New("payment: a receiver did not get the part")

// Splitter is a Gateway that can pay producers their part of a payment by
// itself, so that the money of others is never the centre's (law: State Council
// order 768). Every call is safe to repeat with the same id.
type Splitter interface {
	// AddReceiver makes somebody known who may get a part.
	AddReceiver(ctx context.Context, r Receiver) error
	// Split pays the parts out of a payment and frees the rest for the centre.
	// It gives the provider's number when all have got theirs, ErrSplitting
	// while it takes time.
	Split(ctx context.Context, s Split) (ref string, err error)
	// SplitState asks how a split stands: as Split answers.
	SplitState(ctx context.Context, id, ref string) (string, error)
}

// Receiver of a part: a merchant of the provider, or a person.
type Receiver struct {
	Account string
	Person  bool
}

// Split of one payment.
type Split struct {
	ID    string // ours, the provider's idempotency key
	Ref   string // the provider's number of the payment
	Parts []SplitPart
}

// SplitPart is what one receiver gets.
type SplitPart struct {
	To     Receiver
	Amount money.Fen
	What   string // shown to the receiver
}
