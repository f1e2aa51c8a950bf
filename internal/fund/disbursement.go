package fund

import (
	"context"
	"errors"
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

// Funds.
const (
	Charity = "charity"
	Growth  = "growth"
)

// States.
const (
	Draft     = "draft"
	Approved  = "approved"
	Paid      = "paid"
	Cancelled = "cancelled"
	Done      = "done"
)

// Kinds of vouchers.
const (
	Picture = "picture"
	PDF     = "pdf"
)

// Disbursement of a fund.
type Disbursement struct {
	ID          id.Disbursement
	No          string
	Fund        string
	Agreement   id.Agreement // charity only
	Recipient   string
	Payee       string // what the account is called by: the agreement, or a short name made of the id
	Purpose     string
	Fen         money.Fen
	Voucher     string // key of the file
	VoucherKind string
	VoucherHash string // SHA-256 of the file, 64 hex digits
	State       string
	DraftedBy   id.User
	Drafted     time.Time
	ApprovedBy  id.User
	Approved    time.Time
	PaidBy      id.User
	PaidAt      time.Time
	BankRef     string
	Note        string
}

// VoucherKey is where a disbursement's voucher is stored.
func VoucherKey(d id.Disbursement, kind string) string {
	if kind == PDF {
		return "voucher/" + string(d) + ".pdf"
	}
	return "voucher/" + string(d) + ".jpg"
}

// Write drafts a disbursement (finance). d.ID is made by the caller, who has
// stored the voucher under VoucherKey.
func Write(ctx context.Context, tx *db.Tx, who actor.Actor, d Disbursement) (Disbursement, error) {
	if err := who.Need(actor.Finance); err != nil {
		return d, err
	}
	d.Recipient, d.Purpose = strings.TrimSpace(d.Recipient), strings.TrimSpace(d.Purpose)
	if err := d.check(); err != nil {
		return d, err
	}
	d.No, d.State, d.DraftedBy, d.Drafted = id.OrderNo(clock.DayOf(tx.Now)), Draft, signer(who), clock.FromUs(tx.NowUs())
	d.Voucher, d.Payee = VoucherKey(d.ID, d.VoucherKind), string(d.Agreement)
	if d.Fund == Growth {
		d.Payee = "d-" + string(d.ID)
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO disbursement (id, no, fund, agreement_id, recipient, payee, purpose, fen, voucher, voucher_kind, voucher_sha256, state, drafted_by, drafted_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		d.ID, d.No, d.Fund, d.Agreement, d.Recipient, d.Payee, d.Purpose, d.Fen, d.Voucher, d.VoucherKind, d.VoucherHash, d.State, d.DraftedBy, tx.NowUs()); err != nil {
		return d, err
	}
	return d, audit.Write(ctx, tx, who, "fund.draft", "disbursement", d.ID, map[string]any{"fund": d.Fund, "fen": d.Fen})
}

func (d Disbursement) check() error {
	var fund, agreement, amount, voucher *fault.Error
	if d.Fund != Charity && d.Fund != Growth {
		fund = fault.New(fault.Invalid, "fault.choice").At("fund")
	}
	if (d.Fund == Charity) != (d.Agreement != "") {
		agreement = fault.New(fault.Invalid, "fund.agreement").At("agreement")
	}
	if d.Fen <= 0 || d.Fen > money.MaxFen {
		amount = fault.New(fault.Invalid, "fault.amount").At("fen")
	}
	if d.VoucherKind != Picture && d.VoucherKind != PDF {
		voucher = fault.New(fault.Invalid, "fund.voucher").At("voucher")
	}
	return fault.Join(fund, agreement, amount, voucher, text("recipient", d.Recipient, 60), text("purpose", d.Purpose, 200))
}

func text(field, s string, most int) *fault.Error {
	switch n := utf8.RuneCountInString(s); {
	case n < 2:
		return fault.New(fault.Invalid, "fault.required").At(field)
	case n > most:
		return fault.New(fault.Invalid, "fault.too_long", "Max", most).At(field)
	}
	return nil
}

// signer names who signs: the person, or the part of the system that does.
func signer(who actor.Actor) id.User {
	if who.SignedIn() {
		return who.User
	}
	return id.User(who.Name)
}

// Approve is the second signature (finance, admin). Approving again changes
// nothing. Faults: fund.two_signers, fund.cancelled.
func Approve(ctx context.Context, tx *db.Tx, who actor.Actor, d id.Disbursement) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	x, err := ByID(ctx, tx, d)
	switch {
	case err != nil:
		return err
	case x.State == Approved || x.State == Paid:
		return nil
	case x.State == Cancelled:
		return fault.New(fault.Conflict, "fund.cancelled")
	case x.DraftedBy == signer(who):
		return fault.New(fault.Denied, "fund.two_signers")
	}
	n, err := tx.Exec(ctx, `UPDATE disbursement SET state = 'approved', approved_by = $2, approved_us = $3 WHERE id = $1 AND state = 'draft'`, d, signer(who), tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "fund.approve", "disbursement", d, map[string]any{})
}

// MarkPaid notes that an approved one was paid, with the bank's number of it
// (finance), and puts what it was for into the public log; false if it was paid before. Faults: fund.not_approved.
func MarkPaid(ctx context.Context, tx *db.Tx, who actor.Actor, d id.Disbursement, bankRef string) (bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return false, err
	}
	bankRef = strings.TrimSpace(bankRef)
	if err := text("bank_ref", bankRef, 60); err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE disbursement SET state = 'paid', paid_by = $2, paid_us = $3, bank_ref = $4 WHERE id = $1 AND state = 'approved'`, d, signer(who), tx.NowUs(), bankRef)
	if err != nil {
		return false, err
	}
	if n == 0 {
		x, err := ByID(ctx, tx, d)
		if err == nil && x.State != Paid {
			err = fault.New(fault.Conflict, "fund.not_approved")
		}
		return false, err
	}
	x, err := ByID(ctx, tx, d)
	if err != nil {
		return false, err
	}
	if err := fix(ctx, tx, x); err != nil {
		return false, err
	}
	return true, audit.Write(ctx, tx, who, "fund.pay", "disbursement", d, map[string]any{})
}

// Cancel takes back one that is not paid (finance, admin), with the reason.
func Cancel(ctx context.Context, tx *db.Tx, who actor.Actor, d id.Disbursement, note string) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	note = strings.TrimSpace(note)
	if err := text("note", note, 200); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE disbursement SET state = 'cancelled', note = $2 WHERE id = $1 AND state IN ('draft','approved')`, d, note)
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "fund.final")
	}
	return audit.Write(ctx, tx, who, "fund.cancel", "disbursement", d, map[string]any{})
}

const columns = `id, no, fund, agreement_id, recipient, payee, purpose, fen, voucher, voucher_kind, voucher_sha256, state, drafted_by, drafted_us, approved_by, approved_us, paid_by, paid_us, bank_ref, note`

func scan(r interface{ Scan(...any) error }, d *Disbursement) error {
	var drafted, approved, paid int64
	err := r.Scan(&d.ID, &d.No, &d.Fund, &d.Agreement, &d.Recipient, &d.Payee, &d.Purpose, &d.Fen, &d.Voucher, &d.VoucherKind, &d.VoucherHash, &d.State,
		&d.DraftedBy, &drafted, &d.ApprovedBy, &approved, &d.PaidBy, &paid, &d.BankRef, &d.Note)
	d.Drafted, d.Approved, d.PaidAt = clock.FromUs(drafted), clock.FromUs(approved), clock.FromUs(paid)
	return err
}

// ByID reads one; fault NotFound.
func ByID(ctx context.Context, q db.Querier, d id.Disbursement) (Disbursement, error) {
	var out Disbursement
	err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM disbursement WHERE id = $1`, d), &out)
	if errors.Is(err, db.ErrNoRows) {
		return Disbursement{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return out, err
}

// All lists a fund's disbursements ("" for both), the newest first; at most
// 500.
func All(ctx context.Context, q db.Querier, fund string) ([]Disbursement, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM disbursement WHERE $1 = '' OR fund = $1 ORDER BY id DESC LIMIT 500`, fund)
	return db.Collect(rows, err, func(r *db.Rows, d *Disbursement) error { return scan(r, d) })
}

// EveryPaid lists all that both funds ever paid, for a check of everything.
func EveryPaid(ctx context.Context, q db.Querier) ([]Disbursement, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM disbursement WHERE state = 'paid' ORDER BY id`)
	return db.Collect(rows, err, func(r *db.Rows, d *Disbursement) error { return scan(r, d) })
}

// PaidOut lists what a fund paid ("" for both) from a time until before
// another, the newest first; at most limit.
func PaidOut(ctx context.Context, q db.Querier, fund string, from, to time.Time, limit int) ([]Disbursement, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM disbursement WHERE state = 'paid' AND ($1 = '' OR fund = $1) AND paid_us >= $2 AND paid_us < $3 ORDER BY paid_us DESC, id DESC LIMIT $4`,
		fund, clock.Us(from), clock.Us(to), min(max(limit, 1), 500))
	return db.Collect(rows, err, func(r *db.Rows, d *Disbursement) error { return scan(r, d) })
}
