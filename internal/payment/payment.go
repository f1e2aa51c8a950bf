package payment

import (
	"context"
	"errors"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// States of a payment.
const (
	StateOpen   = "open"
	StatePaid   = "paid"
	StateClosed = "closed"
)

// What a payment pays.
const (
	ForOrder = "order"
	ForGift  = "gift"
)

// Payment is one try to pay an order, or a gift.
type Payment struct {
	ID       id.Payment // also the provider's out_trade_no
	Order    id.Order   // or the gift's id, see Purpose
	Purpose  string     // ForOrder, ForGift; "" when written means ForOrder
	Gateway  string
	Amount   money.Fen
	State    string // open, paid, closed
	Late     bool   // the order was closed, or paid by another payment: goes back whole
	Ref      string // the provider's number
	PayURL   string
	Proof    string    // of an offline transfer: what finance saw
	Refunded money.Fen // sum of its refunds, sent or not
	Created  time.Time
	Expires  time.Time
	PaidAt   time.Time
}

// firstQuery is when the provider is asked for the first time about a payment
// that says nothing: most are paid and told within that time.
const firstQuery = 15 * time.Second

// Open writes a new payment of an order, open unless p.State says paid (an
// offline transfer finance has seen). Fault payment.open when the order has an
// open one at the gateway.
func Open(ctx context.Context, tx *db.Tx, p Payment) error {
	if p.State == "" {
		p.State = StateOpen
	}
	if p.Purpose == "" {
		p.Purpose = ForOrder
	}
	if p.Created.IsZero() {
		p.Created = tx.Now
	}
	// The conflict is asked for, not run into: PostgreSQL could not go on.
	n, err := tx.Exec(ctx, `
		INSERT INTO payment (id, order_id, gateway, amount_fen, state, gateway_ref, pay_url, proof, created_us, expires_us, paid_us, query_us, purpose)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
		p.ID, p.Order, p.Gateway, p.Amount, p.State, p.Ref, p.PayURL, p.Proof,
		clock.Us(p.Created), clock.Us(p.Expires), clock.Us(p.PaidAt), clock.Us(p.Created.Add(firstQuery)), p.Purpose)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "payment.open")
	}
	return err
}

const columns = `id, order_id, gateway, amount_fen, state, late, gateway_ref, pay_url, proof, refunded_fen, created_us, expires_us, paid_us, purpose`

func scan(r interface{ Scan(...any) error }, p *Payment) error {
	var created, expires, paid int64
	err := r.Scan(&p.ID, &p.Order, &p.Gateway, &p.Amount, &p.State, &p.Late, &p.Ref, &p.PayURL, &p.Proof, &p.Refunded, &created, &expires, &paid, &p.Purpose)
	p.Created, p.Expires, p.PaidAt = clock.FromUs(created), clock.FromUs(expires), clock.FromUs(paid)
	return err
}

func list(rows *db.Rows, err error) ([]Payment, error) {
	return db.Collect(rows, err, func(r *db.Rows, p *Payment) error { return scan(r, p) })
}

// ByID reads a payment; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, p id.Payment) (Payment, error) {
	var out Payment
	err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM payment WHERE id = $1`, p), &out)
	if errors.Is(err, db.ErrNoRows) {
		return Payment{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return out, err
}

// Lock reads a payment and keeps others from changing it until tx ends; false
// if the gateway has none of the id.
func Lock(ctx context.Context, tx *db.Tx, gateway string, p id.Payment) (Payment, bool, error) {
	var out Payment
	err := scan(tx.QueryRow(ctx, `UPDATE payment SET state = state WHERE id = $1 AND gateway = $2 RETURNING `+columns, p, gateway), &out)
	if errors.Is(err, db.ErrNoRows) {
		return Payment{}, false, nil
	}
	return out, err == nil, err
}

// OfOrder lists an order's payments, the newest first.
func OfOrder(ctx context.Context, q db.Querier, o id.Order) ([]Payment, error) {
	return list(q.Query(ctx, `SELECT `+columns+` FROM payment WHERE order_id = $1 ORDER BY created_us DESC, id DESC`, o))
}

// OpenOf is the order's open payment at a gateway, if any.
func OpenOf(ctx context.Context, q db.Querier, o id.Order, gateway string) (Payment, bool, error) {
	return one(list(q.Query(ctx, `SELECT `+columns+` FROM payment WHERE order_id = $1 AND gateway = $2 AND state = 'open' ORDER BY id`, o, gateway)))
}

// PaidOf is the payment that paid the order, if any; late ones don't count.
func PaidOf(ctx context.Context, q db.Querier, o id.Order) (Payment, bool, error) {
	return one(list(q.Query(ctx, `SELECT `+columns+` FROM payment WHERE order_id = $1 AND state = 'paid' AND late = FALSE ORDER BY id`, o)))
}

func one(ps []Payment, err error) (Payment, bool, error) {
	if err != nil || len(ps) == 0 {
		return Payment{}, false, err
	}
	return ps[0], true, nil
}

// Recent lists payments, the newest first, for finance; at most 500.
func Recent(ctx context.Context, q db.Querier, limit int) ([]Payment, error) {
	return list(q.Query(ctx, `SELECT `+columns+` FROM payment ORDER BY created_us DESC, id DESC LIMIT $1`, bounded(limit)))
}

// bounded is a page size: 100 if none is asked for, at most 500.
func bounded(n int) int {
	if n <= 0 {
		return 100
	}
	return min(n, 500)
}

// SetPayURL keeps where the buyer pays.
func SetPayURL(ctx context.Context, tx *db.Tx, p id.Payment, payURL string) error {
	_, err := tx.Exec(ctx, `UPDATE payment SET pay_url = $2 WHERE id = $1 AND state = 'open'`, p, payURL)
	return err
}

// MarkPaid notes that the money came and reports whether that is new. late
// says that it does not pay the order.
func MarkPaid(ctx context.Context, tx *db.Tx, p id.Payment, ref string, late bool) (bool, error) {
	n, err := tx.Exec(ctx, `
		UPDATE payment SET state = 'paid', late = $2, gateway_ref = $3, paid_us = $4
		WHERE id = $1 AND state IN ('open','closed')`, p, late, ref, tx.NowUs())
	return n == 1, err
}

// MarkClosed notes that an open payment is impossible now, and reports whether
// it was open.
func MarkClosed(ctx context.Context, tx *db.Tx, p id.Payment) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE payment SET state = 'closed', closed_us = $2 WHERE id = $1 AND state = 'open'`, p, tx.NowUs())
	return n == 1, err
}

// QueriesAt lists the providers that are to be asked about open payments.
func QueriesAt(ctx context.Context, q db.Querier, now time.Time) ([]string, error) {
	return names(q.Query(ctx, `SELECT DISTINCT gateway FROM payment WHERE state = 'open' AND query_us <= $1 AND gateway <> 'offline' ORDER BY gateway`, clock.Us(now)))
}

func names(rows *db.Rows, err error) ([]string, error) {
	return db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
}

// DueQueries lists open payments that a provider is to be asked about, the
// longest due first.
func DueQueries(ctx context.Context, q db.Querier, gateway string, now time.Time, limit int) ([]Payment, error) {
	return list(q.Query(ctx, `
		SELECT `+columns+` FROM payment WHERE state = 'open' AND query_us <= $1 AND gateway = $2
		ORDER BY query_us, id LIMIT $3`, clock.Us(now), gateway, bounded(limit)))
}

// Bounds of the wait between two queries of one payment. The longest plus the
// sweep's own period stays under a minute, within which a payment whose
// callback never comes must be settled.
const (
	minQueryGap = 10 * time.Second
	maxQueryGap = 40 * time.Second
)

// QueryLater sets when the provider is asked again: the older the payment, the
// rarer.
func QueryLater(ctx context.Context, tx *db.Tx, p Payment) error {
	gap := min(max(tx.Now.Sub(p.Created)/2, minQueryGap), maxQueryGap)
	_, err := tx.Exec(ctx, `UPDATE payment SET query_us = $2 WHERE id = $1 AND state = 'open'`, p.ID, clock.Us(tx.Now.Add(gap)))
	return err
}
