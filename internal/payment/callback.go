package payment

import (
	"context"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Outcome is what became of a verified callback.
type Outcome string

const (
	Applied      Outcome = "applied"     // it paid its order
	Repeated     Outcome = "repeated"    // nothing new
	LateRefund   Outcome = "late_refund" // the order was closed or paid otherwise: the money goes back
	InQuarantine Outcome = "quarantined" // finance must look
)

// Reasons of quarantine.
const (
	ReasonUnknown = "unknown"       // no such payment at the gateway
	ReasonAmount  = "amount"        // another amount than was asked for
	ReasonSecond  = "second_charge" // the payment was paid already, by another charge
)

// Seen tells whether a provider's event has been recorded: the cheap way to
// answer the ninety-ninth copy.
func Seen(ctx context.Context, q db.Querier, gateway, event string) (bool, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM payment_callback WHERE gateway = $1 AND event_id = $2`, gateway, event).Scan(&n)
	return n > 0, err
}

// Record keeps a verified notice with its outcome and reports whether it is
// the first of its event id. reason is for quarantine.
func Record(ctx context.Context, tx *db.Tx, gateway string, n Notice, o Outcome, reason string) (bool, error) {
	rows, err := tx.Exec(ctx, `
		INSERT INTO payment_callback (id, gateway, event_id, payment_id, amount_fen, gateway_ref, outcome, reason, at_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (gateway, event_id) DO NOTHING`,
		id.New[id.Callback](), gateway, n.EventID, n.Payment, n.Amount, n.Ref, string(o), reason, tx.NowUs())
	return rows == 1, err
}

// Quarantined is a callback that finance must settle.
type Quarantined struct {
	ID      id.Callback
	Gateway string
	Payment id.Payment
	Order   id.Order // "" for an unknown payment
	Amount  money.Fen
	Want    money.Fen
	Ref     string // the provider's number
	Reason  string // unknown, amount, second_charge
	At      time.Time
}

// Quarantine lists what waits for finance, the oldest first; at most 500.
func Quarantine(ctx context.Context, q db.Querier) ([]Quarantined, error) {
	rows, err := q.Query(ctx, `
		SELECT c.id, c.gateway, c.payment_id, coalesce(p.order_id, ''), c.amount_fen, coalesce(p.amount_fen, 0), c.gateway_ref, c.reason, c.at_us
		FROM payment_callback c LEFT JOIN payment p ON p.id = c.payment_id AND p.gateway = c.gateway
		WHERE c.outcome = 'quarantined' AND c.settled_us = 0
		ORDER BY c.at_us, c.id LIMIT 500`)
	return db.Collect(rows, err, func(r *db.Rows, x *Quarantined) error {
		var at int64
		err := r.Scan(&x.ID, &x.Gateway, &x.Payment, &x.Order, &x.Amount, &x.Want, &x.Ref, &x.Reason, &at)
		x.At = clock.FromUs(at)
		return err
	})
}

// SettleQuarantine marks one as settled with a note of what was done with the
// money, 2 to 200 characters (finance).
func SettleQuarantine(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Callback, note string) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	if err := checkNote("note", note); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE payment_callback SET settled_us = $2, settled_by = $3, note = $4
		WHERE id = $1 AND outcome = 'quarantined' AND settled_us = 0`, c, tx.NowUs(), who.User, note)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.NotFound, "payment.settled")
	}
	return audit.Write(ctx, tx, who, "payment.settle", "payment_callback", c, struct{}{})
}

func checkNote(field, s string) error {
	switch n := utf8.RuneCountInString(s); {
	case n < 2:
		return fault.New(fault.Invalid, "fault.required").At(field)
	case n > 200:
		return fault.New(fault.Invalid, "fault.too_long", "Max", 200).At(field)
	}
	return nil
}
