package flow

import (
	"context"
	"errors"
	"fmt"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// Split settlement: goods that the centre does not buy and sell itself are paid
// to their producers by the payment provider, out of the buyer's payment, so
// that the money of others is never the centre's (law: State Council order
// 768). The payment is opened frozen for it; when its order is done, the
// after-sale window closed, the producers get what they are owed, and the rest
// is freed for the centre.

// SweepSplits sends splits; app gives it a period.
const SweepSplits = "payments.split"

// NeedsSplit tells whether goods of the payment's order are settled by split:
// then its gateway opens it so. Gifts never are.
func (f *Flow) NeedsSplit(ctx context.Context, p payment.Payment) (bool, error) {
	if p.Purpose == payment.ForGift {
		return false, nil
	}
	return hasSplit(ctx, f.DB, p.Order)
}

func hasSplit(ctx context.Context, q db.Querier, o id.Order) (bool, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM order_share WHERE order_id = $1 AND settlement = 'split'`, o).Scan(&n)
	return n > 0, err
}

// PayWays leaves out the ways that can't take an order's money: goods settled
// by split are paid through a provider that splits, where there is one.
func (f *Flow) PayWays(ctx context.Context, o id.Order, all []string) ([]string, error) {
	split, err := hasSplit(ctx, f.DB, o)
	if err != nil || !split || !f.canSplit() {
		return all, err
	}
	var out []string
	for _, g := range all {
		if _, ok := f.Gateways[g].(payment.Splitter); ok {
			out = append(out, g)
		}
	}
	return out, nil
}

func (f *Flow) canSplit() bool {
	for _, g := range f.Gateways {
		if _, ok := g.(payment.Splitter); ok {
			return true
		}
	}
	return false
}

// mayPayBy refuses a way that can't take the order's money. Fault
// payment.cannot_split.
func (f *Flow) mayPayBy(ctx context.Context, q db.Querier, o id.Order, gateway string) error {
	if _, ok := f.Gateways[gateway].(payment.Splitter); ok || !f.canSplit() {
		return nil
	}
	split, err := hasSplit(ctx, q, o)
	if err == nil && split {
		return fault.New(fault.Conflict, "payment.cannot_split").At("gateway")
	}
	return err
}

// makeSplits writes what providers are to share of orders that are done. What
// was taken back of a share counts no more.
func (f *Flow) makeSplits(ctx context.Context, tx *db.Tx, orders []id.Order) error {
	for _, o := range orders {
		split, err := hasSplit(ctx, tx, o)
		if err != nil {
			return err
		}
		if !split {
			continue
		}
		p, ok, err := payment.PaidOf(ctx, tx, o)
		if err != nil {
			return err
		}
		if _, can := f.Gateways[p.Gateway].(payment.Splitter); !ok || !can || p.Refunded == p.Amount {
			continue // paid before there was such a way, or nothing is left: the statement has it
		}
		parts, err := splitParts(ctx, tx, o)
		if err != nil {
			return err
		}
		if _, err = payment.AddSplit(ctx, tx, payment.Splitting{ID: id.New[id.Split](), Payment: p.ID, Order: o, Parts: parts}); err != nil {
			return err
		}
		if err := f.Jobs.Kick(ctx, tx, SweepSplits); err != nil {
			return err
		}
	}
	return nil
}

// splitParts is what each producer is owed of an order's goods that are settled
// by split.
func splitParts(ctx context.Context, q db.Querier, o id.Order) ([]payment.ProducerPart, error) {
	rows, err := q.Query(ctx, `
		SELECT producer_id, local, CAST(sum(fen) AS BIGINT) FROM (
			SELECT producer_id, local, owed_fen AS fen FROM order_share WHERE order_id = $1 AND settlement = 'split'
			UNION ALL SELECT producer_id, local, -owed_fen FROM refund_share WHERE order_id = $1 AND settlement = 'split') x
		GROUP BY producer_id, local HAVING sum(fen) > 0 ORDER BY producer_id`, o)
	return db.Collect(rows, err, func(r *db.Rows, p *payment.ProducerPart) error { return r.Scan(&p.Producer, &p.Local, &p.Amount) })
}

// SendSplits sends due splits to their providers and tells how many are done.
// The split's id is the provider's idempotency key.
func (f *Flow) SendSplits(ctx context.Context) (int, error) {
	at, err := payment.SplitsAt(ctx, f.DB, f.DB.Clock.Now())
	if err != nil {
		return 0, err
	}
	return sweepAll(ctx, at, func(gateway string) ([]payment.Splitting, error) {
		return payment.DueSplits(ctx, f.DB, gateway, f.DB.Clock.Now(), sweepBatch)
	}, func(s payment.Splitting) came {
		c, err := f.sendSplit(ctx, s)
		if err != nil {
			c.unkept = true
			f.Log.ErrorContext(ctx, "split", "split", s.ID, "err", err)
		}
		return c
	})
}

// Why a split waits.
var (
	errNoReceiver = errors.New("a producer has no confirmed receiver")
	errOwedLess   = errors.New("a producer is owed less than the part")
)

// sendSplit sends one split and writes down what came of it. An error means
// that this could not be written.
func (f *Flow) sendSplit(ctx context.Context, s payment.Splitting) (came, error) {
	var ref string
	_, sent := guarded(func() (_ bool, err error) { ref, err = f.split(ctx, s); return true, err })
	if sent == nil {
		sent = f.DB.Update(ctx, func(tx *db.Tx) error { return bookSplit(ctx, tx, s, ref) })
		if sent == nil {
			return came{done: true}, nil
		}
		if !fault.HasKey(sent, "promise.overpaid") {
			return came{}, sent
		}
		// The provider has paid and the books refuse: somebody must look.
		sent = fmt.Errorf("%w: %w: %w", payment.ErrRefused, errOwedLess, sent)
	}
	f.Log.WarnContext(ctx, "split not done", "split", s.ID, "gateway", s.Gateway, "tries", s.Tries+1, "err", sent)
	return came{silent: splitProblem(sent) == "payment.gateway_down"}, f.DB.Update(ctx, func(tx *db.Tx) error {
		return payment.SplitLater(ctx, tx, s, sent, splitProblem(sent))
	})
}

func splitProblem(err error) string {
	switch {
	case errors.Is(err, errNoReceiver):
		return "payment.split_no_receiver"
	case errors.Is(err, errOwedLess):
		return "payment.split_owed_less"
	case errors.Is(err, payment.ErrSplitting):
		return "payment.split_under_way"
	}
	return problemOf(err)
}

// split has the provider share a payment.
func (f *Flow) split(ctx context.Context, s payment.Splitting) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*gatewayTimeout)
	defer cancel()
	g, ok := f.Gateways[s.Gateway].(payment.Splitter)
	if !ok {
		return "", fault.New(fault.Unavailable, "payment.unknown_gateway")
	}
	if s.Tries > 0 { // it may have got there before
		ref, err := g.SplitState(ctx, string(s.ID), s.PaidRef)
		if !errors.Is(err, payment.ErrUnknown) {
			return ref, err
		}
	}
	out := payment.Split{ID: string(s.ID), Ref: s.PaidRef}
	of := make([]id.Producer, len(s.Parts))
	for i, p := range s.Parts {
		of[i] = p.Producer
	}
	to, err := payment.ReceiversOf(ctx, f.DB, s.Gateway, of)
	if err != nil {
		return "", err
	}
	for _, p := range s.Parts {
		r, ok := to[p.Producer]
		if !ok {
			return "", errNoReceiver
		}
		owed, err := promise.Owed(ctx, f.DB, payeeOfPart(p))
		if err != nil {
			return "", err
		}
		if owed < p.Amount {
			return "", errOwedLess
		}
		if err := g.AddReceiver(ctx, r); err != nil {
			return "", err
		}
		out.Parts = append(out.Parts, payment.SplitPart{To: r, Amount: p.Amount, What: string(s.Order)})
	}
	return g.Split(ctx, out)
}

func payeeOfPart(p payment.ProducerPart) promise.Payee {
	return promise.Payee{Kind: "producer", ID: string(p.Producer), Local: p.Local}
}

// bookSplit books that every producer has got the part, once.
func bookSplit(ctx context.Context, tx *db.Tx, s payment.Splitting, ref string) error {
	is, err := payment.MarkSplit(ctx, tx, s.ID, ref)
	if err != nil || !is {
		return err
	}
	var sum money.Fen
	for _, p := range s.Parts {
		if err := promise.PaidOut(ctx, tx, "split/"+string(s.ID)+"/"+string(p.Producer), payeeOfPart(p), p.Amount, 0, s.Gateway); err != nil {
			return err
		}
		sum += p.Amount
	}
	return audit.Write(ctx, tx, actor.System(s.Gateway), "payment.split", "order", s.Order, map[string]any{"split": s.ID, "fen": sum})
}

// RetrySplit sends a failed split on its way again (finance).
func (f *Flow) RetrySplit(ctx context.Context, who actor.Actor, s id.Split) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		if err := payment.RetrySplit(ctx, tx, who, s); err != nil {
			return err
		}
		return f.Jobs.Kick(ctx, tx, SweepSplits)
	})
}

// SetReceiver writes where a producer's parts go at a gateway (finance); where
// one person keeps the whole till (SinglePerson) it is confirmed at once, else
// another confirms.
func (f *Flow) SetReceiver(ctx context.Context, who actor.Actor, p id.Producer, gateway string, to payment.Receiver) error {
	if _, ok := f.Gateways[gateway].(payment.Splitter); !ok {
		return fault.New(fault.Invalid, "payment.unknown_gateway").At("gateway")
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		if err := payment.SetReceiver(ctx, tx, who, p, gateway, to); err != nil || !f.SinglePerson {
			return err
		}
		return payment.ConfirmReceiver(ctx, tx, who, p, gateway, to.Account, true)
	})
}

// ConfirmReceiver confirms where a producer's parts go, as the asker saw it.
func (f *Flow) ConfirmReceiver(ctx context.Context, who actor.Actor, p id.Producer, gateway, account string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		return payment.ConfirmReceiver(ctx, tx, who, p, gateway, account, f.SinglePerson)
	})
}
