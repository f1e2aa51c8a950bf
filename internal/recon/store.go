package recon

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// Bill is how a day's bill stands.
type Bill struct {
	Gateway string
	Day     clock.Day
	State   string // waiting, done
	Tries   int64
	Next    time.Time
	Problem string
	Rows    int64
	Paid    money.Fen
	Back    money.Fen
	Fee     money.Fen
	Done    time.Time
}

// States of a bill and of a difference.
const (
	Waiting = "waiting"
	Done    = "done"
	Open    = "open"
	Settled = "settled"
	Gone    = "gone"
)

// Ways to settle.
const (
	Noted      = "noted"
	FeeBooked  = "fee"
	Quarantine = "quarantine"
)

const billColumns = `gateway, day, state, tries, next_us, problem, rows_n, paid_fen, back_fen, fee_fen, done_us`

func scanBill(r *db.Rows, b *Bill) error {
	var next, done int64
	err := r.Scan(&b.Gateway, &b.Day, &b.State, &b.Tries, &next, &b.Problem, &b.Rows, &b.Paid, &b.Back, &b.Fee, &done)
	b.Next, b.Done = clock.FromUs(next), clock.FromUs(done)
	return err
}

// Bills lists how the bills of days stand, the newest first.
func Bills(ctx context.Context, q db.Querier, from, to clock.Day) ([]Bill, error) {
	rows, err := q.Query(ctx, `SELECT `+billColumns+` FROM recon_day WHERE day >= $1 AND day <= $2 ORDER BY day DESC, gateway LIMIT 500`, from, to)
	return db.Collect(rows, err, scanBill)
}

// BillOf reads one; false when nobody asked for it yet.
func BillOf(ctx context.Context, q db.Querier, gateway string, day clock.Day) (Bill, bool, error) {
	rows, err := q.Query(ctx, `SELECT `+billColumns+` FROM recon_day WHERE gateway = $1 AND day = $2`, gateway, day)
	list, err := db.Collect(rows, err, scanBill)
	if err != nil || len(list) == 0 {
		return Bill{}, false, err
	}
	return list[0], true, nil
}

// Later notes that a bill could not be had, and when to ask again.
func Later(ctx context.Context, tx *db.Tx, gateway string, day clock.Day, problem string, next time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO recon_day (gateway, day, state, tries, next_us, problem) VALUES ($1, $2, 'waiting', 1, $3, $4)
		ON CONFLICT (gateway, day) DO UPDATE SET tries = recon_day.tries + 1, next_us = excluded.next_us, problem = excluded.problem
		WHERE recon_day.state = 'waiting'`, gateway, day, clock.Us(next), problem)
	return err
}

// Keep keeps a bill's rows, each movement once, and notes that the day is
// there. It adds to what is there already.
func Keep(ctx context.Context, tx *db.Tx, gateway string, day clock.Day, rows []Row) error {
	for _, r := range rows {
		if _, err := tx.Exec(ctx, `
			INSERT INTO recon_row (gateway, kind, ref, ours, day, amount_fen, fee_fen, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (gateway, kind, ref, ours) DO NOTHING`, gateway, r.Kind, r.Ref, r.Ours, day, r.Amount, r.Fee, clock.Us(r.At)); err != nil {
			return fmt.Errorf("recon: keep: %w", err)
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO recon_day (gateway, day, state, next_us, rows_n, paid_fen, back_fen, fee_fen, done_us)
		SELECT $1, $2, 'done', 0, count(*), CAST(coalesce(sum(CASE WHEN kind = 'pay' THEN amount_fen ELSE 0 END), 0) AS BIGINT),
			CAST(coalesce(sum(CASE WHEN kind = 'refund' THEN amount_fen ELSE 0 END), 0) AS BIGINT), CAST(coalesce(sum(fee_fen), 0) AS BIGINT), $3
		FROM recon_row WHERE gateway = $1 AND day = $2
		ON CONFLICT (gateway, day) DO UPDATE SET state = 'done', problem = '', rows_n = excluded.rows_n, paid_fen = excluded.paid_fen,
			back_fen = excluded.back_fen, fee_fen = excluded.fee_fen, done_us = excluded.done_us`, gateway, day, tx.NowUs())
	return err
}

// RowsOf reads a bill's rows.
func RowsOf(ctx context.Context, q db.Querier, gateway string, day clock.Day) ([]Row, error) {
	rows, err := q.Query(ctx, `
		SELECT kind, ours, ref, day, amount_fen, fee_fen, at_us FROM recon_row WHERE gateway = $1 AND day = $2 ORDER BY at_us, kind, ref, ours`, gateway, day)
	return db.Collect(rows, err, scanRow)
}

func scanRow(r *db.Rows, x *Row) error {
	var us int64
	err := r.Scan(&x.Kind, &x.Ours, &x.Ref, &x.Day, &x.Amount, &x.Fee, &us)
	x.At = clock.FromUs(us)
	return err
}

// Named tells which of our movements any bill of the gateway names: by kind
// and our number, and for money in quarantine by the provider's.
func Named(ctx context.Context, q db.Querier, gateway string, ms []Movement) (map[string]bool, error) {
	out := map[string]bool{}
	for i := 0; i < len(ms); i += maxIn {
		part := ms[i:min(i+maxIn, len(ms))]
		args := []any{gateway}
		for _, m := range part {
			args = append(args, m.ID)
		}
		rows, err := q.Query(ctx, `SELECT kind, ours, ref FROM recon_row WHERE gateway = $1 AND ours IN (`+db.In(2, len(part))+`) ORDER BY kind, ours, ref`, args...)
		list, err := db.Collect(rows, err, func(r *db.Rows, x *Row) error { return r.Scan(&x.Kind, &x.Ours, &x.Ref) })
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			out[x.Kind+"/"+x.Ours] = true
			out[x.Kind+"/"+x.Ours+"/"+x.Ref] = true
		}
	}
	return out, nil
}

// maxIn bounds the list of one statement.
const maxIn = 200

// Replace writes what a look at a day found: new differences are opened, open
// ones that are found no more are gone, settled ones stay. It tells how many
// are new.
func Replace(ctx context.Context, tx *db.Tx, gateway string, day clock.Day, found []Difference) (int, error) {
	news := 0
	keep := []any{gateway, day, tx.NowUs()}
	for _, d := range found {
		n, err := tx.Exec(ctx, `
			INSERT INTO recon_difference (id, gateway, day, what, kind, object, ours, ref, order_id, ours_fen, theirs_fen, state, found_us)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', $12)
			ON CONFLICT (gateway, what) DO UPDATE SET ours_fen = excluded.ours_fen, theirs_fen = excluded.theirs_fen,
				state = 'open', done_us = 0
			WHERE recon_difference.state <> 'settled' AND (recon_difference.state = 'gone' OR recon_difference.ours_fen <> excluded.ours_fen
				OR recon_difference.theirs_fen <> excluded.theirs_fen)`,
			id.New[string](), gateway, day, d.What, string(d.Kind), d.Object, d.Ours, d.Ref, d.Order, d.OursFen, d.Theirs, tx.NowUs())
		if err != nil {
			return 0, fmt.Errorf("recon: difference: %w", err)
		}
		news += int(n)
		keep = append(keep, d.What)
	}
	cond := ""
	if len(found) > 0 {
		cond = ` AND what NOT IN (` + db.In(4, len(found)) + `)`
	}
	_, err := tx.Exec(ctx, `UPDATE recon_difference SET state = 'gone', done_us = $3 WHERE gateway = $1 AND day = $2 AND state = 'open'`+cond, keep...)
	return news, err
}

// MaxDifferences bounds what one day may show: more means that the bill is of
// another shop, and is said so.
const MaxDifferences = 5000

const columns = `id, gateway, day, what, kind, object, ours, ref, order_id, ours_fen, theirs_fen, state, how, note, found_us, done_us, done_by`

func scan(r *db.Rows, d *Difference) error {
	var found, done int64
	err := r.Scan(&d.ID, &d.Gateway, &d.Day, &d.What, &d.Kind, &d.Object, &d.Ours, &d.Ref, &d.Order, &d.OursFen, &d.Theirs, &d.State, &d.How, &d.Note, &found, &done, &d.By)
	d.Found, d.Done = clock.FromUs(found), clock.FromUs(done)
	return err
}

// Differences lists open differences, the oldest first, or all the newest
// first; at most 500.
func Differences(ctx context.Context, q db.Querier, all bool) ([]Difference, error) {
	where, order := ` WHERE state = 'open'`, `day, id`
	if all {
		where, order = ``, `day DESC, id DESC`
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM recon_difference`+where+` ORDER BY `+order+` LIMIT 500`)
	return db.Collect(rows, err, scan)
}

// CountOpen counts open differences.
func CountOpen(ctx context.Context, q db.Querier) (n int64, err error) {
	return n, q.QueryRow(ctx, `SELECT count(*) FROM recon_difference WHERE state = 'open'`).Scan(&n)
}

// OpenDays lists the days of a gateway with open differences since a day.
func OpenDays(ctx context.Context, q db.Querier, gateway string, since clock.Day) ([]clock.Day, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT day FROM recon_difference WHERE gateway = $1 AND state = 'open' AND day >= $2 ORDER BY day`, gateway, since)
	return db.Collect(rows, err, func(r *db.Rows, d *clock.Day) error { return r.Scan(d) })
}

// Fees finds what the provider kept on a day's bill and nobody has booked: one
// difference, or none. A bill that grows after its fee was settled gives
// another.
func Fees(ctx context.Context, q db.Querier, gateway string, day clock.Day) ([]Difference, error) {
	var fee money.Fen
	var settled int64
	err := q.QueryRow(ctx, `
		SELECT CAST(coalesce(sum(fee_fen), 0) AS BIGINT), (SELECT count(*) FROM recon_difference WHERE gateway = $1 AND day = $2 AND kind = 'fee' AND state = 'settled')
		FROM recon_row WHERE gateway = $1 AND day = $2 AND fee_in = ''`, gateway, day).Scan(&fee, &settled)
	if err != nil || fee == 0 {
		return nil, err
	}
	return []Difference{{Day: day, Kind: FeeKept, Object: Fee, Theirs: fee, What: fmt.Sprintf("fee/%d/%d", day, settled)}}, nil
}

// Settle settles an open difference with a reason (finance) and gives it. For a
// fee the rows it covers are marked. Faults: recon.settled, recon.how.
func Settle(ctx context.Context, tx *db.Tx, who actor.Actor, difference, how, note string) (Difference, error) {
	if err := who.Need(actor.Finance); err != nil {
		return Difference{}, err
	}
	note = strings.TrimSpace(note)
	if n := utf8.RuneCountInString(note); n < 2 {
		return Difference{}, fault.New(fault.Invalid, "fault.required").At("note")
	} else if n > 200 {
		return Difference{}, fault.New(fault.Invalid, "fault.too_long", "Max", 200).At("note")
	}
	var d Difference
	rows, err := tx.Query(ctx, `UPDATE recon_difference SET state = state WHERE id = $1 AND state = 'open' RETURNING `+columns, difference)
	list, err := db.Collect(rows, err, scan)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.Conflict, "recon.settled")
	}
	if err != nil {
		return d, err
	}
	if d = list[0]; !d.May(how) {
		return d, fault.New(fault.Invalid, "recon.how").At("how")
	}
	if _, err := tx.Exec(ctx, `UPDATE recon_difference SET state = 'settled', how = $2, note = $3, done_us = $4, done_by = $5 WHERE id = $1`, d.ID, how, note, tx.NowUs(), who.User); err != nil {
		return d, err
	}
	if d.Kind == FeeKept {
		if d.Theirs, err = coverFees(ctx, tx, d); err != nil {
			return d, err
		}
	}
	return d, audit.Write(ctx, tx, who, "recon.settle", "recon_difference", d.ID, map[string]any{"kind": d.Kind, "how": how, "ours_fen": d.OursFen, "theirs_fen": d.Theirs, "gateway": d.Gateway, "day": d.Day})
}

// coverFees marks the rows whose fee a difference books, and adds them up as
// they stand now.
func coverFees(ctx context.Context, tx *db.Tx, d Difference) (money.Fen, error) {
	rows, err := tx.Query(ctx, `UPDATE recon_row SET fee_in = $3 WHERE gateway = $1 AND day = $2 AND fee_in = '' RETURNING fee_fen`, d.Gateway, d.Day, d.ID)
	fees, err := db.Collect(rows, err, func(r *db.Rows, f *money.Fen) error { return r.Scan(f) })
	var all money.Fen
	for _, f := range fees {
		all += f
	}
	if err == nil && len(fees) == 0 {
		err = errors.New("recon: a fee of no rows")
	}
	return all, err
}

// May tells whether a difference can be settled so.
func (d Difference) May(how string) bool {
	switch how {
	case Noted:
		return d.Kind != FeeKept
	case FeeBooked:
		return d.Kind == FeeKept
	case Quarantine:
		return d.Object == Pay && (d.Kind == MissingHere || d.Kind == Double)
	}
	return false
}
