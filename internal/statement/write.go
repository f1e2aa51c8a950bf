package statement

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// TakePeriod takes the period of a payee for a new statement and keeps other
// issuers waiting until tx ends. Faults: statement.not_over,
// statement.period_closed when a statement reaches into the period.
func TakePeriod(ctx context.Context, tx *db.Tx, p Payee, from, to clock.Day) error {
	if to < from || to >= clock.DayOf(tx.Now) {
		return fault.New(fault.Invalid, "statement.not_over", "Day", to.String()).At("to")
	}
	if _, err := tx.Exec(ctx, `INSERT INTO statement_payee (payee_kind, payee_id, upto_day) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`, p.Kind, p.ID); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE statement_payee SET upto_day = $3 WHERE payee_kind = $1 AND payee_id = $2 AND upto_day < $4`, p.Kind, p.ID, int64(to), int64(from))
	if err != nil || n == 1 {
		return err
	}
	upto, err := ClosedUntil(ctx, tx, p)
	if err != nil {
		return err
	}
	return closed(upto).At("from")
}

func closed(upto clock.Day) *fault.Error {
	return fault.New(fault.Conflict, "statement.period_closed", "Day", upto.String(), "Next", upto.Add(1).String())
}

// ClosedUntil is the last day of a payee's newest statement, 0 for none: nothing
// is entered for a day up to it any more.
func ClosedUntil(ctx context.Context, q db.Querier, p Payee) (clock.Day, error) {
	var upto clock.Day
	err := q.QueryRow(ctx, `SELECT upto_day FROM statement_payee WHERE payee_kind = $1 AND payee_id = $2`, p.Kind, p.ID).Scan(&upto)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return upto, err
}

// NeedOpen refuses a day that a payee's statements reach to already. Fault
// statement.period_closed.
func NeedOpen(ctx context.Context, q db.Querier, p Payee, day clock.Day) error {
	upto, err := ClosedUntil(ctx, q, p)
	if err == nil && day <= upto {
		return closed(upto).At("day")
	}
	return err
}

// Write issues a statement whose period was taken in the same transaction.
func Write(ctx context.Context, tx *db.Tx, who actor.Actor, s Statement, lines []Line) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO statement (id, no, payee_kind, payee_id, payee_name, place, local, from_day, to_day, lines, gross_fen, back_fen, commission_fen,
			net_fen, elsewhere_fen, carried_fen, pay_fen, carry_fen, tax_fen, tax_income_fen, tax_months, tax_before_fen, promise_no, issued_by, issued_us, state)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, 'issued')`,
		s.ID, s.No, s.Payee.Kind, s.Payee.ID, s.Name, s.Place, s.Local, int64(s.From), int64(s.To), s.LineCount, s.Gross, s.Back, s.Commission,
		s.Net, s.Elsewhere, s.Carried, s.Pay, s.Carry, s.Tax, s.TaxYear.Income, s.TaxYear.Months, s.TaxYear.Withheld, s.PromiseNo, signer(who), tx.NowUs()); err != nil {
		return fmt.Errorf("statement: issue: %w", err)
	}
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{string(s.ID), int64(i + 1), l.Source, l.Kind, int64(l.Day), string(l.Order), l.OrderNo, l.What, l.LotNo, l.Grade, l.Unit, l.Units,
			int64(l.Price), int64(l.Buyer), int64(l.Gross), int64(l.Commission), l.CommissionBP, int64(l.Net), l.Bearer, l.Reason, s.Local}
	}
	if len(rows) > 0 {
		if err := tx.Insert(ctx, "statement_line", []string{"statement_id", "seq", "source", "kind", "day", "order_id", "order_no", "what", "lot_no", "grade", "unit", "units",
			"price_fen", "buyer_fen", "gross_fen", "commission_fen", "commission_bp", "net_fen", "bearer", "reason", "local"}, rows); err != nil {
			return fmt.Errorf("statement: lines: %w", err)
		}
	}
	if err := fixLeaf(ctx, tx, s); err != nil {
		return err
	}
	return step(ctx, tx, who, s.ID, StepIssued, "", map[string]any{"no": s.No, "fen": s.Pay, "lines": s.LineCount})
}

// NewNo is a number for people: the last day of the period and the id's tail.
func NewNo(to clock.Day, s id.Statement) string {
	return fmt.Sprintf("%08d-%s", int(to), strings.ToUpper(string(s[len(s)-6:])))
}

// signer names who signs: the person, or the part of the system that does.
func signer(who actor.Actor) string {
	if who.SignedIn() {
		return string(who.User)
	}
	return who.Name
}

// step keeps a signature and its trace.
func step(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Statement, what, note string, detail map[string]any) error {
	if _, err := tx.Exec(ctx, `INSERT INTO statement_step (id, statement_id, step, by_id, by_name, note, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id.New[string](), s, what, signer(who), who.Name, note, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "statement."+what, "statement", s, detail)
}

// Check signs that a statement was looked through (finance). Checking again
// changes nothing. Faults: statement.moved_on.
func Check(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Statement) error {
	if err := who.Need(actor.Finance); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE statement SET state = 'checked', checked_by = $2, checked_us = $3 WHERE id = $1 AND state = 'issued'`, s, signer(who), tx.NowUs())
	if err != nil {
		return err
	}
	if n == 0 {
		x, err := ByID(ctx, tx, s)
		if err == nil && x.CheckedBy != signer(who) {
			err = fault.New(fault.Conflict, "statement.moved_on")
		}
		return err
	}
	return step(ctx, tx, who, s, StepChecked, "", map[string]any{})
}

// Approve signs that it may be paid; another person than the checker
// (finance, admin). Approving again changes nothing. Faults:
// statement.two_people, statement.asked, statement.moved_on.
func Approve(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Statement) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `
		UPDATE statement SET state = CASE WHEN pay_fen = 0 THEN 'paid' ELSE 'approved' END, approved_by = $2, approved_us = CAST($3 AS BIGINT),
			paid_us = CASE WHEN pay_fen = 0 THEN CAST($3 AS BIGINT) ELSE 0 END
		WHERE id = $1 AND state = 'checked' AND checked_by <> $2 AND asked = FALSE`, s, signer(who), tx.NowUs())
	if err != nil {
		return err
	}
	if n == 1 {
		return step(ctx, tx, who, s, StepApproved, "", map[string]any{})
	}
	x, err := ByID(ctx, tx, s)
	switch {
	case err != nil:
		return err
	case x.State == Checked && x.CheckedBy == signer(who):
		return fault.New(fault.Denied, "statement.two_people")
	case x.State == Checked && x.Asked:
		return fault.New(fault.Conflict, "statement.asked")
	case x.ApprovedBy == signer(who):
		return nil
	}
	return fault.New(fault.Conflict, "statement.moved_on")
}

// setPaid notes that the money left, or (paid false) that it came back.
func setPaid(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Statement, paid bool, note string) error {
	from, to, what, us := "approved", "paid", StepPaid, tx.NowUs()
	if !paid {
		from, to, what, us = "paid", "approved", StepReversed, 0
	}
	n, err := tx.Exec(ctx, `UPDATE statement SET state = $3, paid_us = $4 WHERE id = $1 AND state = $2`, s, from, to, us)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "statement.moved_on")
	}
	if err != nil {
		return err
	}
	return step(ctx, tx, who, s, what, note, map[string]any{})
}

// Ask keeps a payee's question; whose statement it is the caller has checked.
// Faults: statement.too_many.
func Ask(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Statement, words string) error {
	words, err := clean("words", words, maxNote)
	if err != nil {
		return err
	}
	return talk(ctx, tx, who, s, StepAsked, words)
}

// Answer answers the open question (service, finance).
func Answer(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Statement, words string) error {
	if err := who.Need(actor.Service, actor.Finance); err != nil {
		return err
	}
	words, err := clean("words", words, maxNote)
	if err != nil {
		return err
	}
	return talk(ctx, tx, who, s, StepAnswered, words)
}

func talk(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Statement, what, words string) error {
	if _, err := tx.Exec(ctx, `UPDATE statement SET asked = $2 WHERE id = $1`, s, what == StepAsked); err != nil {
		return err
	}
	var n, same int64
	if err := tx.QueryRow(ctx, `
		SELECT count(*), coalesce(sum(CASE WHEN step = $2 AND note = $3 AND by_id = $4 THEN 1 ELSE 0 END), 0) FROM statement_step WHERE statement_id = $1`,
		s, what, words, signer(who)).Scan(&n, &same); err != nil {
		return err
	}
	switch {
	case n == 0:
		return fault.New(fault.NotFound, "fault.not_found")
	case same > 0: // sent twice
		return nil
	case n >= MaxSteps:
		return fault.New(fault.TooMany, "statement.too_many")
	}
	return step(ctx, tx, who, s, what, words, map[string]any{})
}

// clean is a text that must be there, of at most n characters.
func clean(field, s string, n int) (string, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return "", fault.New(fault.Invalid, "fault.required").At(field)
	case !utf8.ValidString(s) || utf8.RuneCountInString(s) > n:
		return "", fault.New(fault.Invalid, "fault.too_long", "Max", n).At(field)
	}
	return s, nil
}
