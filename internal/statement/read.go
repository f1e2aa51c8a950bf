package statement

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

const columns = `id, no, payee_kind, payee_id, payee_name, place, local, from_day, to_day, lines, gross_fen, back_fen, commission_fen, net_fen,
	elsewhere_fen, carried_fen, pay_fen, carry_fen, tax_fen, tax_income_fen, tax_months, tax_before_fen, promise_no, issued_by, issued_us,
	state, checked_by, checked_us, approved_by, approved_us, paid_us, asked`

func scan(r *db.Rows, s *Statement) error {
	var us [4]int64
	err := r.Scan(&s.ID, &s.No, &s.Payee.Kind, &s.Payee.ID, &s.Name, &s.Place, &s.Local, &s.From, &s.To, &s.LineCount, &s.Gross, &s.Back, &s.Commission, &s.Net,
		&s.Elsewhere, &s.Carried, &s.Pay, &s.Carry, &s.Tax, &s.TaxYear.Income, &s.TaxYear.Months, &s.TaxYear.Withheld, &s.PromiseNo, &s.IssuedBy, &us[0],
		&s.State, &s.CheckedBy, &us[1], &s.ApprovedBy, &us[2], &us[3], &s.Asked)
	s.IssuedAt, s.CheckedAt, s.ApprovedAt, s.PaidAt = clock.FromUs(us[0]), clock.FromUs(us[1]), clock.FromUs(us[2]), clock.FromUs(us[3])
	return err
}

// ByID reads a statement; NotFound.
func ByID(ctx context.Context, q db.Querier, s id.Statement) (Statement, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM statement WHERE id = $1`, s)
	list, err := db.Collect(rows, err, scan)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Statement{}, err
	}
	return list[0], nil
}

// Filter of List; empty fields do not narrow.
type Filter struct {
	Payee Payee
	Kind  string // of payees
	State State
	Asked bool
	To    clock.Day // periods that end on it
	Limit int       // at most 500, 100 if 0
}

// List reads statements, the newest period first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Statement, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM statement
		WHERE ($1 = '' OR payee_kind = $1) AND ($2 = '' OR payee_id = $2) AND ($3 = '' OR state = $3) AND ($4 = FALSE OR asked) AND ($5 = 0 OR to_day = $5)
		ORDER BY to_day DESC, id DESC LIMIT $6`,
		f.kind(), f.Payee.ID, string(f.State), f.Asked, int64(f.To), min(f.Limit, 500))
	return db.Collect(rows, err, scan)
}

func (f Filter) kind() string {
	if f.Payee.Kind != "" {
		return f.Payee.Kind
	}
	return f.Kind
}

// Count is how many statements are in each state, and how many wait for an
// answer.
func Count(ctx context.Context, q db.Querier) (byState map[State]int64, asked int64, err error) {
	rows, err := q.Query(ctx, `SELECT state, count(*), coalesce(sum(CASE WHEN asked THEN 1 ELSE 0 END), 0) FROM statement GROUP BY state ORDER BY state`)
	type row struct {
		state    State
		n, asked int64
	}
	list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.state, &x.n, &x.asked) })
	byState = map[State]int64{}
	for _, x := range list {
		byState[x.state] = x.n
		asked += x.asked
	}
	return byState, asked, err
}

// Lines of a statement in their order, from after a sequence number; limit 0
// for all.
func Lines(ctx context.Context, q db.Querier, s id.Statement, after int64, limit int) ([]Line, error) {
	if limit <= 0 {
		limit = MaxLines
	}
	rows, err := q.Query(ctx, `
		SELECT source, kind, day, order_id, order_no, what, lot_no, grade, unit, units, price_fen, buyer_fen, gross_fen, commission_fen, commission_bp, net_fen, bearer, reason
		FROM statement_line WHERE statement_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`, s, after, limit)
	return db.Collect(rows, err, func(r *db.Rows, l *Line) error {
		return r.Scan(&l.Source, &l.Kind, &l.Day, &l.Order, &l.OrderNo, &l.What, &l.LotNo, &l.Grade, &l.Unit, &l.Units, &l.Price, &l.Buyer, &l.Gross, &l.Commission, &l.CommissionBP, &l.Net, &l.Bearer, &l.Reason)
	})
}

// Steps of a statement, the oldest first.
func Steps(ctx context.Context, q db.Querier, s id.Statement) ([]Step, error) {
	rows, err := q.Query(ctx, `SELECT id, step, by_id, by_name, note, at_us FROM statement_step WHERE statement_id = $1 ORDER BY id`, s)
	return db.Collect(rows, err, func(r *db.Rows, x *Step) error {
		var us int64
		err := r.Scan(&x.ID, &x.Step, &x.By, &x.Name, &x.Note, &us)
		x.At = clock.FromUs(us)
		return err
	})
}

// CarriedFrom is what the last statement of a payee left to carry.
func CarriedFrom(ctx context.Context, q db.Querier, p Payee) (money.Fen, error) {
	var f money.Fen
	err := q.QueryRow(ctx, `SELECT carry_fen FROM statement WHERE payee_kind = $1 AND payee_id = $2 ORDER BY to_day DESC LIMIT 1`, p.Kind, p.ID).Scan(&f)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return f, err
}

// YearOf is a host's tax year before a statement of a period that ends on day.
func YearOf(ctx context.Context, q db.Querier, host string, day clock.Day) (Year, error) {
	var y Year
	jan := day - day%10000 + 101
	err := q.QueryRow(ctx, `
		SELECT CAST(coalesce(sum(pay_fen), 0) AS BIGINT), CAST(coalesce(sum(tax_fen), 0) AS BIGINT), coalesce(min(CASE WHEN pay_fen > 0 THEN to_day END), 0)
		FROM statement WHERE payee_kind = 'host' AND payee_id = $1 AND to_day >= $2 AND to_day < $3`, host, int64(jan), int64(day)).Scan(&y.Income, &y.Withheld, &y.First)
	return y, err
}

// Stated are the sources of a payee's lines of a kind.
func Stated(ctx context.Context, q db.Querier, p Payee, kind string) (map[string]bool, error) {
	rows, err := q.Query(ctx, `
		SELECT l.source FROM statement_line l JOIN statement s ON s.id = l.statement_id
		WHERE s.payee_kind = $1 AND s.payee_id = $2 AND l.kind = $3 ORDER BY l.source`, p.Kind, p.ID, kind)
	list, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out, err
}
