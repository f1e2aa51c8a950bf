package payment

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// DayTotal is what came and went through a gateway on a day.
type DayTotal struct {
	Day     clock.Day
	Gateway string
	Paid    money.Fen
	PaidN   int64
	Back    money.Fen // refunds that left
	BackN   int64
	Held    money.Fen // came into quarantine that day, settled since or not
	HeldN   int64
}

// Days lie at midnight in Shanghai, which has no summer time.
const (
	dayUs    = int64(24 * time.Hour / time.Microsecond)
	eastOfUs = int64(8 * time.Hour / time.Microsecond)
)

// Totals adds up what came and went in [from, to) by day and gateway, the
// newest day first. gateway "" is all.
func Totals(ctx context.Context, q db.Querier, from, to time.Time, gateway string) ([]DayTotal, error) {
	rows, err := q.Query(ctx, `
		SELECT d, gateway, CAST(sum(a) AS BIGINT), CAST(sum(an) AS BIGINT), CAST(sum(b) AS BIGINT), CAST(sum(bn) AS BIGINT), CAST(sum(c) AS BIGINT), CAST(sum(cn) AS BIGINT) FROM (
			SELECT (paid_us + $4) / $5 AS d, gateway, amount_fen AS a, 1 AS an, 0 AS b, 0 AS bn, 0 AS c, 0 AS cn FROM payment
				WHERE state = 'paid' AND paid_us >= $1 AND paid_us < $2
			UNION ALL SELECT (r.done_us + $4) / $5, p.gateway, 0, 0, r.amount_fen, 1, 0, 0 FROM refund r JOIN payment p ON p.id = r.payment_id
				WHERE r.state = 'done' AND r.done_us >= $1 AND r.done_us < $2
			UNION ALL SELECT (at_us + $4) / $5, gateway, 0, 0, 0, 0, amount_fen, 1 FROM payment_callback
				WHERE outcome = 'quarantined' AND at_us >= $1 AND at_us < $2) x
		WHERE $3 = '' OR gateway = $3
		GROUP BY d, gateway ORDER BY d DESC, gateway`, clock.Us(from), clock.Us(to), gateway, eastOfUs, dayUs)
	return db.Collect(rows, err, func(r *db.Rows, t *DayTotal) error {
		var d int64
		err := r.Scan(&d, &t.Gateway, &t.Paid, &t.PaidN, &t.Back, &t.BackN, &t.Held, &t.HeldN)
		t.Day = clock.DayOf(clock.FromUs(d*dayUs - eastOfUs))
		return err
	})
}

// Filter of List; empty fields do not narrow.
type Filter struct {
	Gateway  string
	From, To time.Time // of its making
	Before   id.Payment
	Limit    int // at most 500, 100 if 0
}

// List reads payments, the newest first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Payment, error) {
	before := string(f.Before)
	if before == "" {
		before = "~" // after every id
	}
	to := clock.Us(f.To)
	if f.To.IsZero() {
		to = 1 << 62
	}
	return list(q.Query(ctx, `
		SELECT `+columns+` FROM payment WHERE created_us >= $1 AND created_us < $2 AND ($3 = '' OR gateway = $3) AND id < $4
		ORDER BY id DESC LIMIT $5`, clock.Us(f.From), to, f.Gateway, before, bounded(f.Limit)))
}
