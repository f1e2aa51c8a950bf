package flow

import (
	"context"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// What a producer's statement is made of. These reads walk over tables of
// several modules, as fsck's do; they write nothing. $1 is the producer, $2 the
// end of the period.

// settled is when a share is due: its order is done, the after-sale window
// closed; or it was closed by a refund that the producer did not bear alone, so
// that something of it is left. What was taken back before stands beside it.
const settled = `(o.state = 'done' AND o.done_us < $2
	OR o.state = 'closed' AND o.close_reason = 'refunded' AND o.closed_us < $2
		AND EXISTS (SELECT 1 FROM refund_share b WHERE b.order_id = o.id AND b.producer_id = s.producer_id AND b.bearer <> 'producer'))`

// notHeld leaves out what the payment provider is still to pay itself, so that
// no statement pays it by bank as well. Once the split is done, the sale stands
// on the statement together with what was paid elsewhere (see PaidThrough, whose
// last day ends where the period does); once finance gave it up, alone.
const notHeld = ` AND (s.settlement <> 'split' OR NOT EXISTS (
	SELECT 1 FROM split w WHERE w.order_id = s.order_id AND (w.state IN ('pending', 'failed') OR w.state = 'done' AND w.done_us >= $2)))`

const fromSales = `
	FROM order_share s JOIN sale_order o ON o.id = s.order_id
	WHERE ` + settled + notHeld + `
		AND NOT EXISTS (SELECT 1 FROM statement_line x WHERE x.source = 'sale/' || s.order_id || '/' || s.reservation_id)`

const fromRefunds = `
	FROM refund_share s JOIN sale_order o ON o.id = s.order_id
	WHERE ` + settled + notHeld + ` AND s.at_us < $2
		AND NOT EXISTS (SELECT 1 FROM statement_line x WHERE x.source = 'refund/' || s.refund_id || '/' || s.reservation_id)`

// producersDue lists producers with something that is due by a time and stands
// on no statement.
func producersDue(ctx context.Context, q db.Querier, before time.Time) ([]id.Producer, error) {
	rows, err := q.Query(ctx, strings.ReplaceAll(
		`SELECT s.producer_id `+fromSales+` UNION SELECT s.producer_id `+fromRefunds+` ORDER BY 1`, "$2", "$1"), clock.Us(before))
	return db.Collect(rows, err, func(r *db.Rows, p *id.Producer) error { return r.Scan(p) })
}

// producerLines are the lines of a producer's statement: sales, then what went
// back, then what the provider paid itself.
func producerLines(ctx context.Context, q db.Querier, p id.Producer, local bool, to clock.Day) ([]statement.Line, error) {
	before := clock.Us(to.Add(1).Time())
	sales, err := saleLines(ctx, q, p, before)
	if err != nil {
		return nil, err
	}
	backs, err := backLines(ctx, q, p, before)
	if err != nil {
		return nil, err
	}
	out := append(sales, backs...)
	through, err := promise.PaidThrough(ctx, q, promise.Payee{Kind: "producer", ID: string(p), Local: local}, to)
	if err != nil || len(through) == 0 {
		return out, err
	}
	stated, err := statement.Stated(ctx, q, statement.Payee{Kind: statement.Producer, ID: string(p)}, statement.Elsewhere)
	for _, e := range through {
		if l := (statement.Line{Source: "elsewhere/" + e.Ref, Kind: statement.Elsewhere, Day: e.Day, Gross: -e.Fen, Net: -e.Fen}); !stated[l.Source] {
			out = append(out, l)
		}
	}
	return out, err
}

func saleLines(ctx context.Context, q db.Querier, p id.Producer, before int64) ([]statement.Line, error) {
	rows, err := q.Query(ctx, `
		SELECT 'sale/' || s.order_id || '/' || s.reservation_id, o.paid_us, o.id, o.no, l.name, t.no, t.grade, l.sell_unit, s.units, s.goods_fen,
			s.owed_fen + s.commission_fen, s.commission_fen, s.commission_bp, s.owed_fen
		`+joined(fromSales)+` ORDER BY o.paid_us, o.id, s.reservation_id LIMIT $3`, p, before, statement.MaxLines)
	return db.Collect(rows, err, func(r *db.Rows, l *statement.Line) error {
		var us int64
		err := r.Scan(&l.Source, &us, &l.Order, &l.OrderNo, &l.What, &l.LotNo, &l.Grade, &l.Unit, &l.Units, &l.Buyer, &l.Gross, &l.Commission, &l.CommissionBP, &l.Net)
		l.Kind, l.Day = statement.Sale, clock.DayOf(clock.FromUs(us))
		if l.Units > 0 {
			l.Price = l.Gross / money.Fen(l.Units)
		}
		return err
	})
}

func backLines(ctx context.Context, q db.Querier, p id.Producer, before int64) ([]statement.Line, error) {
	rows, err := q.Query(ctx, `
		SELECT 'refund/' || s.refund_id || '/' || s.reservation_id, s.at_us, o.id, o.no, l.name, t.no, t.grade, l.sell_unit, s.units, -s.goods_fen,
			-(s.owed_fen + s.commission_fen), -s.commission_fen, -s.owed_fen, s.bearer, (SELECT p.reason FROM refund_part p WHERE p.refund_id = s.refund_id)
		`+joined(fromRefunds)+` ORDER BY s.at_us, s.refund_id, s.reservation_id LIMIT $3`, p, before, statement.MaxLines)
	return db.Collect(rows, err, func(r *db.Rows, l *statement.Line) error {
		var us int64
		err := r.Scan(&l.Source, &us, &l.Order, &l.OrderNo, &l.What, &l.LotNo, &l.Grade, &l.Unit, &l.Units, &l.Buyer, &l.Gross, &l.Commission, &l.Net, &l.Bearer, &l.Reason)
		l.Kind, l.Day = statement.Refund, clock.DayOf(clock.FromUs(us))
		if l.Bearer != "producer" {
			l.Kind = statement.Claim
		}
		return err
	})
}

// joined adds the words of a line to what is due of one producer.
func joined(from string) string {
	return strings.Replace(from, "WHERE", `
		JOIN order_line l ON l.order_id = s.order_id AND l.id = s.line_id JOIN lot t ON t.id = s.lot_id
		WHERE s.producer_id = $1 AND`, 1)
}
