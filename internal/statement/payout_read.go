package statement

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

const batchQuery = `
	SELECT b.id, b.no, b.state, b.note, b.made_by, b.made_us, b.released_by, b.released_us,
		count(p.id), coalesce(sum(CASE WHEN p.state = 'waiting' THEN 1 ELSE 0 END), 0), CAST(coalesce(sum(p.amount_fen), 0) AS BIGINT), CAST(coalesce(sum(p.tax_fen), 0) AS BIGINT)
	FROM payout_batch b LEFT JOIN payout p ON p.batch_id = b.id`

const batchGroup = ` GROUP BY b.id, b.no, b.state, b.note, b.made_by, b.made_us, b.released_by, b.released_us`

func scanBatch(r *db.Rows, b *Batch) error {
	var made, rel int64
	err := r.Scan(&b.ID, &b.No, &b.State, &b.Note, &b.MadeBy, &made, &b.ReleasedBy, &rel, &b.Count, &b.Open, &b.Sum, &b.Tax)
	b.Made, b.Released = clock.FromUs(made), clock.FromUs(rel)
	return err
}

// Batches lists the newest first; at most 100.
func Batches(ctx context.Context, q db.Querier) ([]Batch, error) {
	rows, err := q.Query(ctx, batchQuery+batchGroup+` ORDER BY b.id DESC LIMIT 100`)
	return db.Collect(rows, err, scanBatch)
}

// BatchByID reads one; NotFound.
func BatchByID(ctx context.Context, q db.Querier, b id.Batch) (Batch, error) {
	rows, err := q.Query(ctx, batchQuery+` WHERE b.id = $1`+batchGroup, b)
	list, err := db.Collect(rows, err, scanBatch)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Batch{}, err
	}
	return list[0], nil
}

const payoutQuery = `
	SELECT p.id, p.batch_id, p.statement_id, s.no, s.payee_kind, s.payee_id, s.payee_name, s.local, p.account_id, p.amount_fen, p.tax_fen, p.state,
		p.bank_ref, p.paid_us, p.back_us, p.back_why
	FROM payout p JOIN statement s ON s.id = p.statement_id`

func scanPayout(r *db.Rows, p *Payout) error {
	var paid, back int64
	err := r.Scan(&p.ID, &p.Batch, &p.Statement, &p.No, &p.Payee.Kind, &p.Payee.ID, &p.Name, &p.Local, &p.Account, &p.Amount, &p.Tax, &p.State, &p.BankRef, &paid, &back, &p.BackWhy)
	p.PaidAt, p.BackAt = clock.FromUs(paid), clock.FromUs(back)
	return err
}

// Payouts of a batch.
func Payouts(ctx context.Context, q db.Querier, b id.Batch) ([]Payout, error) {
	rows, err := q.Query(ctx, payoutQuery+` WHERE p.batch_id = $1 ORDER BY p.id`, b)
	return db.Collect(rows, err, scanPayout)
}

// PayoutsOf a statement, the oldest first: more than one if the bank sent it
// back.
func PayoutsOf(ctx context.Context, q db.Querier, s id.Statement) ([]Payout, error) {
	rows, err := q.Query(ctx, payoutQuery+` WHERE p.statement_id = $1 AND p.state <> 'dropped' ORDER BY p.id`, s)
	return db.Collect(rows, err, scanPayout)
}

// PayoutByID reads one; NotFound.
func PayoutByID(ctx context.Context, q db.Querier, p id.Payout) (Payout, error) {
	rows, err := q.Query(ctx, payoutQuery+` WHERE p.id = $1`, p)
	list, err := db.Collect(rows, err, scanPayout)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Payout{}, err
	}
	return list[0], nil
}

// ExportRow is one line of the bank's file.
type ExportRow struct {
	Holder, Bank, Number string
	Payout               Payout
}

// Exported is a file that was made.
type Exported struct {
	Format, Reason, SHA256, By string
	At                         time.Time
}

// Exports of a batch, the newest first.
func Exports(ctx context.Context, q db.Querier, b id.Batch) ([]Exported, error) {
	rows, err := q.Query(ctx, `SELECT format, reason, sha256, by_id, at_us FROM payout_export WHERE batch_id = $1 ORDER BY id DESC LIMIT 50`, b)
	return db.Collect(rows, err, func(r *db.Rows, x *Exported) error {
		var us int64
		err := r.Scan(&x.Format, &x.Reason, &x.SHA256, &x.By, &us)
		x.At = clock.FromUs(us)
		return err
	})
}
