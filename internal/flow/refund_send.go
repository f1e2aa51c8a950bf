package flow

import (
	"context"
	"errors"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// SendRefunds sends pending refunds to the providers, asks about those that they
// took and have not brought to the buyer yet, and tells how many are done. The
// refund's id is the provider's idempotency key: after a crash between its answer
// and our commit the same refund is sent again and pays once.
func (f *Flow) SendRefunds(ctx context.Context) (int, error) {
	at, err := payment.RefundsAt(ctx, f.DB, f.DB.Clock.Now())
	if err != nil {
		return 0, err
	}
	return sweepAll(ctx, at, func(gateway string) ([]payment.Refund, error) {
		return payment.DueRefunds(ctx, f.DB, gateway, f.DB.Clock.Now(), sweepBatch)
	}, func(r payment.Refund) came {
		c, err := f.sendRefund(ctx, r)
		if err != nil {
			c.unkept = true
			f.Log.ErrorContext(ctx, "refund", "refund", r.ID, "err", err)
		}
		return c
	})
}

// sendRefund sends one refund, or asks about it, and writes down what came of it.
// An error means that this could not be written.
func (f *Flow) sendRefund(ctx context.Context, r payment.Refund) (c came, err error) {
	call, cancel := context.WithTimeout(ctx, gatewayTimeout)
	defer cancel()
	ref, sent := "", error(fault.New(fault.Unavailable, "payment.unknown_gateway"))
	if g := f.Gateways[r.Gateway]; g != nil {
		_, sent = guarded(func() (_ bool, err error) { ref, err = refundAt(call, g, r); return true, err })
	}
	if errors.Is(sent, payment.ErrProcessing) {
		return c, f.DB.Update(ctx, func(tx *db.Tx) error { return payment.MarkSent(ctx, tx, r, ref) })
	}
	if sent != nil {
		f.Log.WarnContext(ctx, "refund not sent", "refund", r.ID, "gateway", r.Gateway, "tries", r.Tries+1, "err", sent)
		c.silent = !errors.Is(sent, payment.ErrRefused)
		return c, f.DB.Update(ctx, func(tx *db.Tx) error {
			return payment.RefundLater(ctx, tx, r, sent, problemOf(sent))
		})
	}
	c.done, err = f.refundLeft(ctx, actor.System(r.Gateway), r, ref)
	return c, err
}

// refundAt has a provider pay back, or say how it stands with what it took.
func refundAt(ctx context.Context, g payment.Gateway, r payment.Refund) (string, error) {
	if r.State == payment.RefundSent {
		if ref, err := g.RefundState(ctx, r); !errors.Is(err, payment.ErrUnknown) {
			return ref, err
		}
	}
	return g.Refund(ctx, r)
}

// problemOf is the message key of why a refund did not get through.
func problemOf(err error) string {
	switch {
	case errors.Is(err, payment.ErrUndelivered):
		return "payment.refund_undelivered"
	case errors.Is(err, payment.ErrRefused):
		return "payment.gateway_refused"
	}
	return "payment.gateway_down"
}

// refundLeft books a refund that is with the buyer, once.
func (f *Flow) refundLeft(ctx context.Context, who actor.Actor, r payment.Refund, ref string) (is bool, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) error {
		if is, err = payment.MarkRefunded(ctx, tx, r.ID, ref, who.User); err != nil || !is {
			return err
		}
		if err := promise.RefundDone(ctx, tx, r.ID, r.Order, r.Amount, r.Gateway); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, "payment.refund", "order", r.Order, map[string]any{"refund": r.ID, "fen": r.Amount, "gateway": r.Gateway})
	})
	return is && err == nil, err
}

// ConfirmRefund books a refund that finance has sent back by hand, of an offline
// transfer, or one that failed at its provider and was settled there; proof is the
// number of it. Who granted the refund does not confirm it too, unless one person
// keeps the till (SinglePerson), and nobody their own. Faults:
// payment.offline_only for one that its provider is still to do,
// payment.refund_done, payment.two_people, payment.own_order.
func (f *Flow) ConfirmRefund(ctx context.Context, who actor.Actor, refund id.Refund, proof string) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	proof = strings.TrimSpace(proof)
	if err := checkProof(proof); err != nil {
		return err
	}
	r, err := payment.RefundByID(ctx, f.DB, refund)
	if err != nil {
		return err
	}
	if r.Gateway != payment.Offline && r.State != payment.RefundFailed && r.State != payment.RefundDone {
		return fault.New(fault.Conflict, "payment.offline_only")
	}
	if err := f.mayConfirm(ctx, who, r); err != nil {
		return err
	}
	is, err := f.refundLeft(ctx, who, r, proof)
	if err == nil && !is {
		return fault.New(fault.Conflict, "payment.refund_done")
	}
	return err
}

// mayConfirm asks for a second person. What a refund was for never changes, so
// it may be read outside the transaction.
func (f *Flow) mayConfirm(ctx context.Context, who actor.Actor, r payment.Refund) error {
	part, ok, err := aftersale.PartOf(ctx, f.DB, r.ID)
	if err != nil || !ok {
		return err
	}
	x, err := order.ByID(ctx, f.DB, r.Order)
	switch {
	case err != nil:
		return err
	case who.SignedIn() && x.Buyer == who.User:
		return fault.New(fault.Denied, "payment.own_order")
	case who.SignedIn() && part.By == who.User && !f.SinglePerson:
		return fault.New(fault.Denied, "payment.two_people")
	}
	return nil
}
