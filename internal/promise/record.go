package promise

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// MaxNote bounds the words of a record, in characters.
const MaxNote = 500

func words(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", fault.New(fault.Invalid, "fault.required").At(field)
	case n > MaxNote:
		return "", fault.New(fault.Invalid, "fault.too_long", "Max", MaxNote).At(field)
	}
	return s, nil
}

// SetOfficial records whether a host holds public office (admin); the note
// names the office and the approval. Such a host earns nothing anywhere.
func SetOfficial(ctx context.Context, tx *db.Tx, who actor.Actor, host id.User, official bool, note string) error {
	if err := who.Need(actor.Admin); err != nil {
		return err
	}
	note, err := words("note", note)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO official_host (id, host_id, official, note, at_us, by_id) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.New[string](), host, official, note, tx.NowUs(), who.User); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "host.official", "user", host, map[string]any{"official": official})
}

// GiveConsent records that a host agrees to an agency's part of the pay, in
// basis points; 0 ends it. Only the host can.
func GiveConsent(ctx context.Context, tx *db.Tx, who actor.Actor, agency id.Agency, bp int64) error {
	if err := who.Need(actor.Host); err != nil {
		return err
	}
	if who.User == "" || agency == "" || bp < 0 || bp > 10000 {
		return fault.New(fault.Invalid, "fault.choice").At("share")
	}
	if _, err := tx.Exec(ctx, `INSERT INTO agency_consent (id, host_id, agency_id, share_bp, at_us) VALUES ($1, $2, $3, $4, $5)`,
		id.New[string](), who.User, agency, bp, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "host.agency_consent", "agency", agency, map[string]any{"share_bp": bp})
}

// Agreement is a donation agreement: drafted by one, signed by another.
type Agreement struct {
	ID         id.Agreement
	Recipient  string // name of the organisation
	Purpose    string
	Document   string // key of the scan
	Starts     clock.Day
	Ends       clock.Day
	DraftedBy  id.User
	SignedBy   id.User   // "" while a draft
	Signed     time.Time // zero while a draft
	Terminated time.Time // zero while it stands
}

// Bound tells whether the fund may pay on it on a day.
func (a Agreement) Bound(d clock.Day) bool {
	return !a.Signed.IsZero() && a.Terminated.IsZero() && a.Starts <= d && d <= a.Ends
}

// DraftAgreement writes a donation agreement (finance, admin).
func DraftAgreement(ctx context.Context, tx *db.Tx, who actor.Actor, a Agreement) (id.Agreement, error) {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return "", err
	}
	var err error
	if a.Recipient, err = words("recipient", a.Recipient); err != nil {
		return "", err
	}
	if a.Purpose, err = words("purpose", a.Purpose); err != nil {
		return "", err
	}
	if a.Starts == 0 || a.Ends < a.Starts {
		return "", fault.New(fault.Invalid, "promise.agreement_term").At("ends")
	}
	a.ID = id.New[id.Agreement]()
	if _, err := tx.Exec(ctx, `
		INSERT INTO donation_agreement (id, recipient, purpose, document, starts_day, ends_day, drafted_by, drafted_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		a.ID, a.Recipient, a.Purpose, a.Document, int64(a.Starts), int64(a.Ends), signer(who), tx.NowUs()); err != nil {
		return "", err
	}
	return a.ID, audit.Write(ctx, tx, who, "agreement.draft", "agreement", a.ID, map[string]any{"recipient": a.Recipient})
}

// SignAgreement makes a draft binding; another person than the drafter signs
// (finance, admin). Signing again changes nothing. Faults: promise.two_signers.
func SignAgreement(ctx context.Context, tx *db.Tx, who actor.Actor, a id.Agreement) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	x, err := AgreementByID(ctx, tx, a)
	if err != nil || !x.Signed.IsZero() {
		return err
	}
	if string(x.DraftedBy) == signer(who) {
		return fault.New(fault.Denied, "promise.two_signers")
	}
	if _, err := tx.Exec(ctx, `UPDATE donation_agreement SET signed_by = $2, signed_us = $3 WHERE id = $1 AND signed_us = 0`, a, signer(who), tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "agreement.sign", "agreement", a, map[string]any{})
}

// EndAgreement ends a signed agreement before its term (finance, admin).
func EndAgreement(ctx context.Context, tx *db.Tx, who actor.Actor, a id.Agreement) error {
	if err := who.Need(actor.Finance, actor.Admin); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE donation_agreement SET ended_us = $2 WHERE id = $1 AND signed_us > 0 AND ended_us = 0`, a, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "agreement.end", "agreement", a, map[string]any{})
}

// signer names who signs: the person, or the part of the system that does.
func signer(who actor.Actor) string {
	if who.SignedIn() {
		return string(who.User)
	}
	return who.Name
}

const agreementColumns = `id, recipient, purpose, document, starts_day, ends_day, drafted_by, signed_by, signed_us, ended_us`

func scanAgreement(r *db.Rows, a *Agreement) error {
	var signed, ended int64
	err := r.Scan(&a.ID, &a.Recipient, &a.Purpose, &a.Document, &a.Starts, &a.Ends, &a.DraftedBy, &a.SignedBy, &signed, &ended)
	a.Signed, a.Terminated = clock.FromUs(signed), clock.FromUs(ended)
	return err
}

// AgreementByID reads one; NotFound.
func AgreementByID(ctx context.Context, q db.Querier, a id.Agreement) (Agreement, error) {
	rows, err := q.Query(ctx, `SELECT `+agreementColumns+` FROM donation_agreement WHERE id = $1`, a)
	list, err := db.Collect(rows, err, scanAgreement)
	if err != nil || len(list) == 1 {
		return append(list, Agreement{})[0], err
	}
	return Agreement{}, fault.New(fault.NotFound, "fault.not_found")
}

// Agreements lists all, the newest first; at most 500.
func Agreements(ctx context.Context, q db.Querier) ([]Agreement, error) {
	rows, err := q.Query(ctx, `SELECT `+agreementColumns+` FROM donation_agreement ORDER BY id DESC LIMIT 500`)
	return db.Collect(rows, err, scanAgreement)
}
