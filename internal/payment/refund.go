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

// Reasons of a refund.
const (
	Late      = "late" // came too late, or twice
	Cancelled = "cancelled"
	AfterSale = "after_sale"
)

// States of a refund.
const (
	RefundPending = "pending" // to be sent
	RefundSent    = "sent"    // at the provider, not with the buyer yet
	RefundDone    = "done"
	RefundFailed  = "failed"
)

// Refund of a payment, whole or in part.
type Refund struct {
	ID      id.Refund // also the provider's out_refund_no
	Payment id.Payment
	Order   id.Order
	Gateway string // of the payment
	Amount  money.Fen
	Of      money.Fen // the payment's whole amount
	Reason  string    // late, cancelled, after_sale
	State   string    // pending, sent, done, failed
	Sent    time.Time // when a provider took one that was not done at once
	Ref     string    // the provider's number
	Tries   int
	Problem string // what went wrong last, a message key
	Created time.Time
	DoneAt  time.Time
}

// AddRefund promises part of a paid payment back and writes the refund to be
// sent. Fault payment.refund_over when the payment's refunds would pass it.
func AddRefund(ctx context.Context, tx *db.Tx, p Payment, amount money.Fen, reason string) (Refund, error) {
	if amount <= 0 {
		return Refund{}, fault.New(fault.Invalid, "fault.amount").At("amount")
	}
	n, err := tx.Exec(ctx, `
		UPDATE payment SET refunded_fen = refunded_fen + $2
		WHERE id = $1 AND state = 'paid' AND refunded_fen + $2 <= amount_fen`, p.ID, amount)
	switch {
	case err != nil:
		return Refund{}, err
	case n == 0:
		return Refund{}, fault.New(fault.Conflict, "payment.refund_over")
	}
	r := Refund{ID: id.New[id.Refund](), Payment: p.ID, Order: p.Order, Gateway: p.Gateway, Amount: amount, Of: p.Amount, Reason: reason, State: RefundPending, Created: tx.Now}
	_, err = tx.Exec(ctx, `
		INSERT INTO refund (id, payment_id, order_id, amount_fen, reason, state, next_us, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		r.ID, r.Payment, r.Order, r.Amount, r.Reason, r.State, tx.NowUs(), tx.NowUs())
	return r, err
}

const refundColumns = `r.id, r.payment_id, r.order_id, p.gateway, r.amount_fen, p.amount_fen, r.reason, r.state, r.gateway_ref, r.tries, r.problem, r.created_us, r.done_us, r.sent_us
	FROM refund r JOIN payment p ON p.id = r.payment_id`

func scanRefund(r *db.Rows, x *Refund) error {
	var created, done, sent int64
	err := r.Scan(&x.ID, &x.Payment, &x.Order, &x.Gateway, &x.Amount, &x.Of, &x.Reason, &x.State, &x.Ref, &x.Tries, &x.Problem, &created, &done, &sent)
	x.Created, x.DoneAt, x.Sent = clock.FromUs(created), clock.FromUs(done), clock.FromUs(sent)
	if x.State == RefundPending && sent > 0 {
		x.State = RefundSent
	}
	return err
}

// Refunds lists an order's refunds, the oldest first.
func Refunds(ctx context.Context, q db.Querier, o id.Order) ([]Refund, error) {
	rows, err := q.Query(ctx, `SELECT `+refundColumns+` WHERE r.order_id = $1 ORDER BY r.created_us, r.id`, o)
	return db.Collect(rows, err, scanRefund)
}

// RecentRefunds lists refunds in a state ("" for all), the newest first, for
// finance; at most 500.
func RecentRefunds(ctx context.Context, q db.Querier, state string, limit int) ([]Refund, error) {
	rows, err := q.Query(ctx, `SELECT `+refundColumns+` WHERE $1 = '' OR r.state = $1 ORDER BY r.created_us DESC, r.id DESC LIMIT $2`, state, bounded(limit))
	return db.Collect(rows, err, scanRefund)
}

// OpenRefunds lists refunds that are not done, the failed ones first, then the
// newest; at most 500.
func OpenRefunds(ctx context.Context, q db.Querier, limit int) ([]Refund, error) {
	rows, err := q.Query(ctx, `SELECT `+refundColumns+` WHERE r.state <> 'done'
		ORDER BY CASE r.state WHEN 'failed' THEN 0 ELSE 1 END, r.created_us DESC, r.id DESC LIMIT $1`, bounded(limit))
	return db.Collect(rows, err, scanRefund)
}

// RefundByID reads a refund; fault NotFound if there is none.
func RefundByID(ctx context.Context, q db.Querier, r id.Refund) (Refund, error) {
	rows, err := q.Query(ctx, `SELECT `+refundColumns+` WHERE r.id = $1`, r)
	list, err := db.Collect(rows, err, scanRefund)
	if err == nil && len(list) == 0 {
		return Refund{}, fault.New(fault.NotFound, "fault.not_found")
	} else if err != nil {
		return Refund{}, err
	}
	return list[0], nil
}

// RefundsAt lists the providers that are to be sent refunds.
func RefundsAt(ctx context.Context, q db.Querier, now time.Time) ([]string, error) {
	return names(q.Query(ctx, `
		SELECT DISTINCT p.gateway FROM refund r JOIN payment p ON p.id = r.payment_id
		WHERE r.state = 'pending' AND r.next_us <= $1 AND p.gateway <> 'offline' ORDER BY p.gateway`, clock.Us(now)))
}

// DueRefunds lists refunds that a provider is to be sent or asked about, the
// longest due first.
func DueRefunds(ctx context.Context, q db.Querier, gateway string, now time.Time, limit int) ([]Refund, error) {
	rows, err := q.Query(ctx, `
		SELECT `+refundColumns+` WHERE r.state = 'pending' AND r.next_us <= $1 AND p.gateway = $2
		ORDER BY r.next_us, r.id LIMIT $3`, clock.Us(now), gateway, bounded(limit))
	return db.Collect(rows, err, scanRefund)
}

// MarkSent notes that a provider took a refund that is not with the buyer yet:
// it is asked about from now on, ever more rarely, an hour apart at most.
func MarkSent(ctx context.Context, tx *db.Tx, r Refund, ref string) error {
	tries := 0
	if r.State == RefundSent {
		tries = r.Tries + 1
	}
	_, err := tx.Exec(ctx, `
		UPDATE refund SET sent_us = CASE sent_us WHEN 0 THEN $2 ELSE sent_us END, gateway_ref = $3, tries = $4, next_us = $5, problem = ''
		WHERE id = $1 AND state = 'pending'`, r.ID, tx.NowUs(), ref, tries, clock.Us(tx.Now.Add(retryWait(tries))))
	return err
}

// MarkRefunded notes that a refund is with the buyer, and reports whether that
// is new. by is who sent it by hand: an offline one, or one that the provider
// could not bring there.
func MarkRefunded(ctx context.Context, tx *db.Tx, r id.Refund, ref string, by id.User) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE refund SET state = 'done', gateway_ref = $2, done_us = $3, done_by = $4, problem = '', tries = tries + 1
		WHERE id = $1 AND (state = 'failed' AND $4 <> ''
			OR state = 'pending' AND ($4 = '' OR (SELECT p.gateway FROM payment p WHERE p.id = payment_id) = 'offline'))`, r, ref, tx.NowUs(), by)
	return n == 1, err
}

// Waits between two tries of a refund: 10 s, doubled each time, an hour at most.
const (
	firstRetry = 10 * time.Second
	maxRetry   = time.Hour
)

func retryWait(tries int) time.Duration {
	if tries >= 9 {
		return maxRetry
	}
	return min(firstRetry<<tries, maxRetry)
}

// RefundLater puts a refund that did not get through back in the queue, and
// after a refusal for good sets it aside for finance. problem is a message key.
func RefundLater(ctx context.Context, tx *db.Tx, r Refund, sent error, problem string) error {
	state := RefundPending
	if errors.Is(sent, ErrRefused) {
		state = RefundFailed
	}
	_, err := tx.Exec(ctx, `
		UPDATE refund SET state = $2, tries = tries + 1, next_us = $3, problem = $4
		WHERE id = $1 AND state = 'pending'`, r.ID, state, clock.Us(tx.Now.Add(retryWait(r.Tries))), problem)
	return err
}

// RetryRefund sends a failed refund on its way again, or has its provider asked
// again if it took it (finance).
func RetryRefund(ctx context.Context, tx *db.Tx, who actor.Actor, r id.Refund) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE refund SET state = 'pending', tries = 0, next_us = $2 WHERE id = $1 AND state = 'failed'`, r, tx.NowUs())
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "payment.refund_not_failed")
	}
	return audit.Write(ctx, tx, who, "payment.refund_retry", "refund", r, struct{}{})
}
