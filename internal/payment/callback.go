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

// Waits tells whether a charge is in quarantine already, or was settled there:
// a callback and the answer to a query tell of one charge under two event ids.
func Waits(ctx context.Context, q db.Querier, gateway string, n Notice) (bool, error) {
	var found int64
	err := q.QueryRow(ctx, `
		SELECT count(*) FROM payment_callback
		WHERE payment_id = $1 AND gateway = $2 AND gateway_ref = $3 AND amount_fen = $4 AND outcome = 'quarantined'`,
		n.Payment, gateway, n.Ref, n.Amount).Scan(&found)
	return found > 0, err
}

// Record keeps a verified notice with its outcome and reports whether it is
// the first of its event id. reason is for quarantine. Of money in quarantine
// the caller books that it is held.
func Record(ctx context.Context, tx *db.Tx, gateway string, n Notice, o Outcome, reason string) (id.Callback, bool, error) {
	c := id.New[id.Callback]()
	rows, err := tx.Exec(ctx, `
		INSERT INTO payment_callback (id, gateway, event_id, payment_id, amount_fen, gateway_ref, outcome, reason, held, at_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (gateway, event_id) DO NOTHING`,
		c, gateway, n.EventID, n.Payment, n.Amount, n.Ref, string(o), reason, o == InQuarantine && n.Amount > 0, tx.NowUs())
	return c, rows == 1, err
}

// What becomes of money in quarantine.
const (
	HowReturned = "returned" // sent back to the payer by hand, at the provider
	HowVoid     = "void"     // the provider says that nothing ever came
)

// Quarantined is a callback that finance must settle. One of finance proposes
// how, another signs.
type Quarantined struct {
	ID         id.Callback
	Gateway    string
	Payment    id.Payment
	Order      id.Order // "" for an unknown payment
	Amount     money.Fen
	Want       money.Fen
	Ref        string // the provider's number
	Reason     string // unknown, amount, second_charge
	Held       bool   // booked as held
	How        string // proposed: returned, void
	Note       string
	ProposedBy id.User
	At         time.Time
}

// Quarantine lists what waits for finance, the oldest first; at most 500.
func Quarantine(ctx context.Context, q db.Querier) ([]Quarantined, error) {
	return quarantined(ctx, q, `c.settled_us = 0 ORDER BY c.at_us, c.id LIMIT 500`)
}

func quarantined(ctx context.Context, q db.Querier, where string, args ...any) ([]Quarantined, error) {
	rows, err := q.Query(ctx, `
		SELECT c.id, c.gateway, c.payment_id, coalesce(p.order_id, ''), c.amount_fen, coalesce(p.amount_fen, 0), c.gateway_ref, c.reason, c.held,
			c.how, c.note, c.proposed_by, c.at_us
		FROM payment_callback c LEFT JOIN payment p ON p.id = c.payment_id AND p.gateway = c.gateway
		WHERE c.outcome = 'quarantined' AND `+where, args...)
	return db.Collect(rows, err, func(r *db.Rows, x *Quarantined) error {
		var at int64
		err := r.Scan(&x.ID, &x.Gateway, &x.Payment, &x.Order, &x.Amount, &x.Want, &x.Ref, &x.Reason, &x.Held, &x.How, &x.Note, &x.ProposedBy, &at)
		x.At = clock.FromUs(at)
		return err
	})
}

// ProposeQuarantine says what becomes of money in quarantine, with a note of
// what was done, 2 to 200 characters (finance). Said again it is replaced.
func ProposeQuarantine(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Callback, how, note string) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	if how != HowReturned && how != HowVoid {
		return fault.New(fault.Invalid, "fault.choice").At("how")
	}
	if err := checkNote("note", note); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE payment_callback SET how = $2, note = $3, proposed_by = $4, proposed_us = $5
		WHERE id = $1 AND outcome = 'quarantined' AND settled_us = 0`, c, how, note, who.User, tx.NowUs())
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.NotFound, "payment.settled")
	}
	return audit.Write(ctx, tx, who, "payment.propose", "payment_callback", c, map[string]any{"how": how})
}

// SignQuarantine settles what another of finance has proposed and gives it;
// alone lets the same person sign. Faults: payment.settled, payment.unproposed,
// payment.two_people.
func SignQuarantine(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Callback, alone bool) (Quarantined, error) {
	if err := who.Need(actor.Finance); err != nil {
		return Quarantined{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE payment_callback SET how = how WHERE id = $1`, c); err != nil {
		return Quarantined{}, err
	}
	list, err := quarantined(ctx, tx, `c.settled_us = 0 AND c.id = $1`, c)
	switch {
	case err != nil:
		return Quarantined{}, err
	case len(list) == 0:
		return Quarantined{}, fault.New(fault.NotFound, "payment.settled")
	case list[0].How == "":
		return Quarantined{}, fault.New(fault.Conflict, "payment.unproposed")
	case list[0].ProposedBy == who.User && !alone:
		return Quarantined{}, fault.New(fault.Denied, "payment.two_people")
	}
	if _, err = tx.Exec(ctx, `UPDATE payment_callback SET settled_us = $2, settled_by = $3 WHERE id = $1`, c, tx.NowUs(), who.User); err != nil {
		return Quarantined{}, err
	}
	return list[0], audit.Write(ctx, tx, who, "payment.settle", "payment_callback", c,
		map[string]any{"how": list[0].How, "fen": list[0].Amount, "proposed_by": list[0].ProposedBy})
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
