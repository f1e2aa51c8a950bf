package payment

import (
	"context"
	"regexp"
	"slices"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Moved is money that came or went, as we know it: a payment, a refund that
// left, or money in quarantine.
type Moved struct {
	Refund bool
	Held   bool // in quarantine
	ID     string
	Ref    string
	Order  id.Order
	Amount money.Fen
	At     time.Time
}

// movedText gives paid payments, refunds done ({sent}: and those that the
// provider took) and money in quarantine of a gateway; of each the id and the
// time are conditions.
const movedText = `
	SELECT 0, id, gateway_ref, order_id, amount_fen, paid_us FROM payment WHERE gateway = $1 AND state = 'paid' AND {id} AND {paid_us}
	UNION ALL SELECT 1, r.id, r.gateway_ref, r.order_id, r.amount_fen, CASE r.state WHEN 'done' THEN r.done_us ELSE r.sent_us END FROM refund r JOIN payment p ON p.id = r.payment_id
		WHERE p.gateway = $1 AND (r.state = 'done' OR {sent}) AND {r.id} AND {r.done_us}
	UNION ALL SELECT 2, payment_id, gateway_ref, '', amount_fen, at_us FROM payment_callback
		WHERE gateway = $1 AND outcome = 'quarantined' AND held AND {payment_id} AND {at_us}
	ORDER BY 6, 2, 3`

// taken marks in movedText where refunds are let in that are not done.
const taken = "{sent}"

// column marks a condition in movedText.
var column = regexp.MustCompile(`\{([a-z_.]+)\}`)

// MovedBetween lists what came and went through a gateway in [from, to).
func MovedBetween(ctx context.Context, q db.Querier, gateway string, from, to time.Time) ([]Moved, error) {
	text := column.ReplaceAllStringFunc(movedText, func(c string) string {
		if c == taken {
			return "FALSE"
		}
		if c := c[1 : len(c)-1]; c[len(c)-2:] == "us" {
			return c + " >= $2 AND " + c + " < $3"
		}
		return "TRUE"
	})
	rows, err := q.Query(ctx, text, gateway, clock.Us(from), clock.Us(to))
	return db.Collect(rows, err, scanMoved)
}

// MovedOf lists those of ids that came or went through a gateway, whenever; of
// refunds also those that it took and that are not with the buyer: a bill may
// name them.
func MovedOf(ctx context.Context, q db.Querier, gateway string, ids []string) ([]Moved, error) {
	var out []Moved
	for part := range slices.Chunk(ids, 200) {
		text := column.ReplaceAllStringFunc(movedText, func(c string) string {
			if c == taken {
				return "r.sent_us > 0"
			}
			if c := c[1 : len(c)-1]; c[len(c)-2:] != "us" {
				return c + " IN (" + db.In(2, len(part)) + ")"
			}
			return "TRUE"
		})
		rows, err := q.Query(ctx, text, append([]any{gateway}, db.Args(part)...)...)
		list, err := db.Collect(rows, err, scanMoved)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func scanMoved(r *db.Rows, m *Moved) error {
	var kind, us int64
	err := r.Scan(&kind, &m.ID, &m.Ref, &m.Order, &m.Amount, &us)
	m.Refund, m.Held, m.At = kind == 1, kind == 2, clock.FromUs(us)
	return err
}

// First is when a gateway was used first; false if never.
func First(ctx context.Context, q db.Querier, gateway string) (time.Time, bool, error) {
	var us int64
	err := q.QueryRow(ctx, `SELECT coalesce(min(created_us), 0) FROM payment WHERE gateway = $1`, gateway).Scan(&us)
	return clock.FromUs(us), us > 0, err
}
