package flow

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// Bounds of one sweep over payments or refunds.
const (
	sweepBatch   = 100
	sweepBatches = 20
	sweepAtOnce  = 4 // calls to providers at the same time
)

// QueryPayments asks the providers about payments that stay open: for the
// callback that never comes. What was paid is applied like a callback; what
// can't pay its order any more is closed at the provider, so that no more
// money comes. It tells how many were settled. A provider that does not answer
// is asked again later and holds up no other.
func (f *Flow) QueryPayments(ctx context.Context) (int, error) {
	var settled atomic.Int64
	for range sweepBatches {
		due, err := payment.DueQueries(ctx, f.DB, f.DB.Clock.Now(), sweepBatch)
		if err != nil || len(due) == 0 {
			return int(settled.Load()), err
		}
		var failed atomic.Bool
		each(due, func(p payment.Payment) {
			done, err := guarded(func() (bool, error) { return f.queryPayment(ctx, p) })
			if err != nil {
				f.Log.WarnContext(ctx, "payment not settled", "payment", p.ID, "gateway", p.Gateway, "err", err)
			}
			if done {
				settled.Add(1)
			}
			// Also after a notice was taken: one in quarantine leaves the payment
			// open, and without a later time it would be asked about for ever, in
			// front of all others. What is settled is not open and stays as it is.
			if err := f.DB.Update(ctx, func(tx *db.Tx) error { return payment.QueryLater(ctx, tx, p) }); err != nil {
				failed.Store(true)
			}
		})
		if failed.Load() || ctx.Err() != nil { // the same would come up again
			return int(settled.Load()), ctx.Err()
		}
	}
	return int(settled.Load()), nil
}

// queryPayment asks about one payment and reports whether it is settled.
func (f *Flow) queryPayment(ctx context.Context, p payment.Payment) (bool, error) {
	g := f.Gateways[p.Gateway]
	if g == nil {
		return false, fault.New(fault.Unavailable, "payment.unknown_gateway")
	}
	ctx, cancel := context.WithTimeout(ctx, gatewayTimeout)
	defer cancel()
	n, err := g.Query(ctx, p.ID)
	if err != nil && !errors.Is(err, payment.ErrUnknown) {
		return false, err
	}
	if n.Paid {
		return true, f.ApplyNotice(ctx, p.Gateway, n)
	}
	waits, err := f.waitsFor(ctx, p)
	if err != nil || waits {
		return false, err // the buyer may still pay
	}
	return f.closePayment(ctx, g, p)
}

// waitsFor tells whether what a payment pays still waits to be paid.
func (f *Flow) waitsFor(ctx context.Context, p payment.Payment) (bool, error) {
	if p.Purpose == payment.ForGift {
		g, err := gift.ByID(ctx, f.DB, id.Gift(p.Order))
		return g.State == gift.Unpaid, err
	}
	x, err := order.ByID(ctx, f.DB, p.Order)
	return x.State == order.Unpaid, err
}

// closePayment makes a payment impossible whose order needs none any more. If
// the buyer was faster, the money is taken and sent back.
func (f *Flow) closePayment(ctx context.Context, g payment.Gateway, p payment.Payment) (bool, error) {
	err := g.Close(ctx, p.ID)
	if errors.Is(err, payment.ErrAlreadyPaid) {
		n, err := g.Query(ctx, p.ID)
		if err != nil || !n.Paid {
			return false, err
		}
		return true, f.ApplyNotice(ctx, p.Gateway, n)
	} else if err != nil {
		return false, err
	}
	return true, f.DB.Update(ctx, func(tx *db.Tx) error {
		_, err := payment.MarkClosed(ctx, tx, p.ID)
		return err
	})
}

// guarded turns a panic into an error: one bad payment must not end the process
// and hold up all others. Where it panicked goes into the log with it.
func guarded(fn func() (bool, error)) (done bool, err error) {
	defer func() {
		if x := recover(); x != nil {
			done, err = false, fmt.Errorf("panic: %v\n%s", x, debug.Stack())
		}
	}()
	return fn()
}

// each runs fn on every element, a few at once, and waits.
func each[T any](list []T, fn func(T)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, sweepAtOnce)
	for _, x := range list {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			fn(x)
		})
	}
	wg.Wait()
}
