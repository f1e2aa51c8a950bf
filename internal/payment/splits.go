package payment

import (
	"context"
	"errors"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// States of a split.
const (
	SplitPending = "pending"
	SplitDone    = "done"
	SplitFailed  = "failed"
	SplitGivenUp = "given_up"
)

// Splitting is what a provider shares of a payment with producers, once its
// order is done.
//
//	pending -> done    every producer has got the part, the rest is the centre's
//	pending -> failed  the provider refuses for good: finance must look
//	failed  -> pending finance wants it tried again
//	failed  -> done    the provider had paid after all
//	failed  -> given_up nobody got anything of it: the statement pays by bank
type Splitting struct {
	ID      id.Split // also the provider's number of it
	Payment id.Payment
	Order   id.Order
	Gateway string
	PaidRef string // the provider's number of the payment
	State   string
	Ref     string // the provider's number of the split
	Tries   int
	Problem string // what went wrong last, a message key
	Created time.Time
	Parts   []ProducerPart
}

// ProducerPart is what one producer gets.
type ProducerPart struct {
	Producer id.Producer
	Local    bool
	Amount   money.Fen
}

// AddSplit writes a split to be sent; false if the payment has one already.
func AddSplit(ctx context.Context, tx *db.Tx, s Splitting) (bool, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO split (id, payment_id, order_id, state, next_us, created_us) VALUES ($1, $2, $3, 'pending', $4, $4)
		ON CONFLICT DO NOTHING`, s.ID, s.Payment, s.Order, tx.NowUs())
	if err != nil || n == 0 {
		return false, err
	}
	for _, p := range s.Parts {
		if _, err := tx.Exec(ctx, `INSERT INTO split_part (split_id, producer_id, local, amount_fen) VALUES ($1, $2, $3, $4)`, s.ID, p.Producer, p.Local, p.Amount); err != nil {
			return false, err
		}
	}
	return true, nil
}

// SplitsAt lists the providers that are to be sent splits.
func SplitsAt(ctx context.Context, q db.Querier, now time.Time) ([]string, error) {
	return names(q.Query(ctx, `
		SELECT DISTINCT p.gateway FROM split s JOIN payment p ON p.id = s.payment_id
		WHERE s.state = 'pending' AND s.next_us <= $1 ORDER BY p.gateway`, clock.Us(now)))
}

// DueSplits lists pending splits that a provider is to be sent, the longest due
// first.
func DueSplits(ctx context.Context, q db.Querier, gateway string, now time.Time, limit int) ([]Splitting, error) {
	return splits(ctx, q, `s.state = 'pending' AND s.next_us <= $1 AND p.gateway = $2 ORDER BY s.next_us, s.id LIMIT $3`, clock.Us(now), gateway, bounded(limit))
}

// OpenSplits lists splits that are neither done nor given up, the oldest first,
// for finance; at most 500.
func OpenSplits(ctx context.Context, q db.Querier) ([]Splitting, error) {
	return splits(ctx, q, `s.state IN ('pending','failed') ORDER BY s.created_us, s.id LIMIT 500`)
}

// SplitOf is the split of a payment, if there is one.
func SplitOf(ctx context.Context, q db.Querier, p id.Payment) (Splitting, bool, error) {
	list, err := splits(ctx, q, `s.payment_id = $1`, p)
	if err != nil || len(list) == 0 {
		return Splitting{}, false, err
	}
	return list[0], true, nil
}

// SplitByID reads one split. Fault fault.not_found.
func SplitByID(ctx context.Context, q db.Querier, s id.Split) (Splitting, error) {
	list, err := splits(ctx, q, `s.id = $1`, s)
	if err != nil || len(list) == 0 {
		if err == nil {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		return Splitting{}, err
	}
	return list[0], nil
}

func splits(ctx context.Context, q db.Querier, where string, args ...any) ([]Splitting, error) {
	rows, err := q.Query(ctx, `
		SELECT s.id, s.payment_id, s.order_id, p.gateway, p.gateway_ref, s.state, s.gateway_ref, s.tries, s.problem, s.created_us
		FROM split s JOIN payment p ON p.id = s.payment_id WHERE `+where, args...)
	list, err := db.Collect(rows, err, func(r *db.Rows, s *Splitting) error {
		var created int64
		err := r.Scan(&s.ID, &s.Payment, &s.Order, &s.Gateway, &s.PaidRef, &s.State, &s.Ref, &s.Tries, &s.Problem, &created)
		s.Created = clock.FromUs(created)
		return err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids, at := make([]id.Split, len(list)), map[id.Split]int{}
	for i, s := range list {
		ids[i], at[s.ID] = s.ID, i
	}
	type part struct {
		of id.Split
		ProducerPart
	}
	rows, err = q.Query(ctx, `SELECT split_id, producer_id, local, amount_fen FROM split_part WHERE split_id IN (`+db.In(1, len(ids))+`) ORDER BY split_id, producer_id`, db.Args(ids)...)
	parts, err := db.Collect(rows, err, func(r *db.Rows, p *part) error { return r.Scan(&p.of, &p.Producer, &p.Local, &p.Amount) })
	for _, p := range parts {
		s := &list[at[p.of]]
		s.Parts = append(s.Parts, p.ProducerPart)
	}
	return list, err
}

// MarkSplit notes that everybody has got the part, and reports whether that is
// new. A failed one may turn out to be done when its provider is asked.
func MarkSplit(ctx context.Context, tx *db.Tx, s id.Split, ref string) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE split SET state = 'done', gateway_ref = $2, done_us = $3, problem = '', tries = tries + 1 WHERE id = $1 AND state IN ('pending','failed')`, s, ref, tx.NowUs())
	return n == 1, err
}

// SplitLater puts a split that is not through back in the queue, and after a
// refusal for good sets it aside for finance. problem is a message key.
func SplitLater(ctx context.Context, tx *db.Tx, s Splitting, sent error, problem string) error {
	state := SplitPending
	if errors.Is(sent, ErrRefused) {
		state = SplitFailed
	}
	_, err := tx.Exec(ctx, `UPDATE split SET state = $2, tries = tries + 1, next_us = $3, problem = $4 WHERE id = $1 AND state = 'pending'`,
		s.ID, state, clock.Us(tx.Now.Add(retryWait(s.Tries))), problem)
	return err
}

// RetrySplit sends a failed split on its way again (finance). Fault
// payment.split_not_failed.
func RetrySplit(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Split) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE split SET state = 'pending', tries = 0, next_us = $2 WHERE id = $1 AND state = 'failed'`, s, tx.NowUs())
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "payment.split_not_failed")
	}
	return audit.Write(ctx, tx, who, "payment.split_retry", "split", s, struct{}{})
}

// HoldSplit takes a waiting split out of the queue, so that it can be given up
// (finance). One that is set aside already is left as it is.
func HoldSplit(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Split) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE split SET state = 'failed' WHERE id = $1 AND state = 'pending'`, s)
	return err
}

// GiveUpSplit leaves what a failed split was to pay to the producers'
// statements (finance). The caller has made sure that the provider paid nobody.
// Fault payment.split_not_failed.
func GiveUpSplit(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Split) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE split SET state = 'given_up' WHERE id = $1 AND state = 'failed'`, s)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "payment.split_not_failed")
	}
	return audit.Write(ctx, tx, who, "payment.split_give_up", "split", s, struct{}{})
}
