package statement

import (
	"context"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

// Columns as the vault knows them.
const (
	colHolder = "payee_account.holder"
	colNumber = "payee_account.number"
)

// NewAccount is an account as it is typed in.
type NewAccount struct {
	Payee   Payee
	Holder  string
	Bank    string
	Number  string // digits, spaces allowed
	Consent string // how the payee agreed that it is kept
}

// Account is where a payee is paid, as screens show it.
type Account struct {
	ID        id.Account
	Payee     Payee
	Bank      string
	Consent   string
	EnteredBy string
	Entered   time.Time
	Confirmed time.Time // zero: a second person has not looked yet
	holder    string    // sealed
	number    string    // sealed
}

func (a *NewAccount) check() error {
	var bad []*fault.Error
	for _, f := range []struct {
		name string
		text *string
		max  int
	}{{"holder", &a.Holder, maxText}, {"bank", &a.Bank, maxText}, {"consent", &a.Consent, 200}} {
		s, err := clean(f.name, *f.text, f.max)
		if *f.text = s; err != nil {
			bad = append(bad, fault.Of(err))
		}
	}
	a.Number = strings.ReplaceAll(strings.TrimSpace(a.Number), " ", "")
	if n := len(a.Number); n < 8 || n > 32 || strings.Trim(a.Number, "0123456789") != "" {
		bad = append(bad, fault.New(fault.Invalid, "statement.account_number").At("number"))
	}
	return fault.Join(bad...)
}

// SetAccount keeps where a payee is to be paid (finance). It counts once
// another person has confirmed it; until then the one before does.
func SetAccount(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, a NewAccount) (id.Account, error) {
	if err := who.Need(actor.Finance); err != nil {
		return "", err
	}
	if err := a.check(); err != nil {
		return "", err
	}
	holder, err := v.Seal(colHolder, a.Holder)
	if err != nil {
		return "", err
	}
	number, err := v.Seal(colNumber, a.Number)
	if err != nil {
		return "", err
	}
	aid := id.New[id.Account]()
	if _, err := tx.Exec(ctx, `
		INSERT INTO payee_account (id, payee_kind, payee_id, holder_enc, bank, number_enc, consent, entered_by, entered_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, aid, a.Payee.Kind, a.Payee.ID, holder, a.Bank, number, a.Consent, signer(who), tx.NowUs()); err != nil {
		return "", err
	}
	return aid, audit.Write(ctx, tx, who, "account.enter", a.Payee.Kind, a.Payee.ID, map[string]any{"account": aid})
}

// ConfirmAccount makes an account count; another person than who entered it
// (finance, admin). Confirming again changes nothing. Faults:
// statement.two_people.
func ConfirmAccount(ctx context.Context, tx *db.Tx, who actor.Actor, aid id.Account) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE payee_account SET confirmed_by = $2, confirmed_us = $3 WHERE id = $1 AND confirmed_us = 0 AND entered_by <> $2`, aid, signer(who), tx.NowUs())
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT `+accountColumns+` FROM payee_account WHERE id = $1`, aid)
	list, err := db.Collect(rows, err, scanAccount)
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return fault.New(fault.NotFound, "fault.not_found")
	case n == 0 && list[0].Confirmed.IsZero():
		return fault.New(fault.Denied, "statement.two_people")
	case n == 0:
		return nil
	}
	return audit.Write(ctx, tx, who, "account.confirm", list[0].Payee.Kind, list[0].Payee.ID, map[string]any{"account": aid})
}

const accountColumns = `id, payee_kind, payee_id, holder_enc, bank, number_enc, consent, entered_by, entered_us, confirmed_us`

func scanAccount(r *db.Rows, a *Account) error {
	var in, ok int64
	err := r.Scan(&a.ID, &a.Payee.Kind, &a.Payee.ID, &a.holder, &a.Bank, &a.number, &a.Consent, &a.EnteredBy, &in, &ok)
	a.Entered, a.Confirmed = clock.FromUs(in), clock.FromUs(ok)
	return err
}

// Accounts reads the account that counts for a payee and the newer one that
// waits to be confirmed; either may be nil.
func Accounts(ctx context.Context, q db.Querier, p Payee) (counts, waits *Account, err error) {
	rows, err := q.Query(ctx, `SELECT `+accountColumns+` FROM payee_account WHERE payee_kind = $1 AND payee_id = $2 ORDER BY id DESC LIMIT 50`, p.Kind, p.ID)
	list, err := db.Collect(rows, err, scanAccount)
	for i, a := range list {
		switch {
		case !a.Confirmed.IsZero():
			return &list[i], waits, err
		case waits == nil:
			waits = &list[i]
		}
	}
	return nil, waits, err
}

// Tail is the last four digits of the number.
func (a Account) Tail(v *vault.Vault) (string, error) {
	n, err := v.Open(colNumber, a.number)
	if err != nil || len(n) < 4 {
		return "", err
	}
	return n[len(n)-4:], nil
}

// Masked is the holder's name as screens show it.
func (a Account) Masked(v *vault.Vault) (string, error) {
	n, err := v.Open(colHolder, a.holder)
	if err != nil {
		return "", err
	}
	return vault.Name(n), nil
}

// open gives the holder and the number: for the bank's file only.
func (a Account) open(v *vault.Vault) (holder, number string, err error) {
	if holder, err = v.Open(colHolder, a.holder); err != nil {
		return "", "", err
	}
	number, err = v.Open(colNumber, a.number)
	return holder, number, err
}
