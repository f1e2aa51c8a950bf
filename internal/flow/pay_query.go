package flow

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// QueryPayments asks the providers about payments that stay open: for the
// callback that never comes. What was paid is applied like a callback; what
// can't pay its order any more is closed at the provider, so that no more
// money comes. It tells how many were settled. A provider that does not answer
// is asked again later and holds up no other: see sweepAll.
func (f *Flow) QueryPayments(ctx context.Context) (int, error) {
	at, err := payment.QueriesAt(ctx, f.DB, f.DB.Clock.Now())
	if err != nil {
		return 0, err
	}
	return sweepAll(ctx, at, func(gateway string) ([]payment.Payment, error) {
		return payment.DueQueries(ctx, f.DB, gateway, f.DB.Clock.Now(), sweepBatch)
	}, func(p payment.Payment) came {
		done, err := guarded(func() (bool, error) { return f.queryPayment(ctx, p) })
		if err != nil {
			f.Log.WarnContext(ctx, "payment not settled", "payment", p.ID, "gateway", p.Gateway, "err", err)
		}
		// Also after a notice was taken: one in quarantine leaves the payment
		// open, and without a later time it would be asked about for ever, in
		// front of all others. What is settled is not open and stays as it is.
		later := f.DB.Update(ctx, func(tx *db.Tx) error { return payment.QueryLater(ctx, tx, p) })
		return came{done: done, silent: err != nil, unkept: later != nil}
	})
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
