package promise

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Payee is who may be paid: a producer, host or agency.
type Payee struct {
	Kind     string // "producer", "host", "agency"
	ID       string
	Local    bool // of a producer
	Official bool // of a host: earns nothing anywhere
}

// path is an account of the payee. An official host has none: the path is
// outside the chart, and the guard refuses it.
func (p Payee) path(leaf string) (string, error) {
	switch {
	case p.ID == "":
	case p.Kind == "producer":
		return producerPath(id.Producer(p.ID), p.Local, leaf), nil
	case p.Kind == "host" && p.Official:
		return "host/official/" + p.ID + "/" + leaf, nil
	case p.Kind == "host", p.Kind == "agency":
		return p.Kind + "/" + p.ID + "/" + leaf, nil
	}
	return "", fmt.Errorf("promise: nobody can be paid as %q %q", p.Kind, p.ID)
}

// PaidOut books that a payee got money out of what the payee is owed. from is
// "bank" or a channel (split at the provider). tax is what was withheld of it.
// Ref payout/<ref>. Faults: promise.overpaid when it is more than is owed; not
// of a payout that was held (PayoutHeld): that money left the bank, whatever was
// taken back on its way, and the payee owes the difference.
func PaidOut(ctx context.Context, tx *db.Tx, ref string, to Payee, fen, tax money.Fen, from string) error {
	lines, err := payoutLines(to, fen, tax, from, 1)
	if err != nil {
		return err
	}
	t := ledger.Txn{Ref: "payout/" + ref, Kind: KindPaidOut, Lines: lines}
	wasHeld, err := letGo(ctx, tx, t)
	if err != nil {
		return err
	}
	wrote, err := posted(ctx, tx, t)
	if err != nil || !wrote || wasHeld {
		return err
	}
	// After the posting, which holds the payee's row: of two payouts at once the
	// second sees the first.
	left, err := Owed(ctx, tx, to)
	if err == nil && left < 0 {
		return fault.New(fault.Conflict, "promise.overpaid", "Asked", fen.String(), "Owed", (left + fen).String())
	}
	return err
}

// letGo ends the hold of a transaction that is about to be posted and tells
// whether there was one; its lines must be those that were held.
func letGo(ctx context.Context, tx *db.Tx, t ledger.Txn) (bool, error) {
	how, err := ledger.Holding(ctx, tx, t.Ref)
	if err != nil || how == "" {
		return false, err
	}
	if _, err := ledger.Release(ctx, tx, t); err != nil {
		return false, fmt.Errorf("promise: %w", err)
	}
	return how == "open", nil
}

// PayoutHeld makes a payout pending that is on its way to the bank: its amount
// can be promised to nobody again. PaidOut with the same ref settles it,
// PayoutLetGo gives it up. Faults: promise.overpaid.
func PayoutHeld(ctx context.Context, tx *db.Tx, ref string, to Payee, fen, tax money.Fen, from string) error {
	lines, err := payoutLines(to, fen, tax, from, 1)
	if err != nil {
		return err
	}
	t := ledger.Txn{Ref: "payout/" + ref, Kind: KindPaidOut, Lines: lines}
	if err := allowed(ctx, tx, t); err != nil {
		return err
	}
	wrote, err := ledger.Hold(ctx, tx, t)
	if err != nil || !wrote {
		return err
	}
	owed, err := Owed(ctx, tx, to)
	if err != nil {
		return err
	}
	a, _, err := ledger.Read(ctx, tx, lines[0].Path)
	if err == nil && a.HeldDebit > owed {
		return fault.New(fault.Conflict, "promise.overpaid", "Asked", fen.String(), "Owed", (owed - a.HeldDebit + fen).String())
	}
	return err
}

// PayoutLetGo gives a pending payout up; nothing if none is held by the ref.
func PayoutLetGo(ctx context.Context, tx *db.Tx, ref string) error {
	how, err := ledger.Holding(ctx, tx, "payout/"+ref)
	if err != nil || how != "open" {
		return err
	}
	_, err = ledger.Void(ctx, tx, "payout/"+ref)
	return err
}

// PayoutReversed takes PaidOut back: the bank sent it back. Ref
// payout-reversed/<ref>.
func PayoutReversed(ctx context.Context, tx *db.Tx, ref string, to Payee, fen, tax money.Fen, from string) error {
	lines, err := payoutLines(to, fen, tax, from, -1)
	if err != nil {
		return err
	}
	return post(ctx, tx, []ledger.Txn{{Ref: "payout-reversed/" + ref, Kind: KindPayoutReversed, Lines: lines}})
}

func payoutLines(to Payee, fen, tax money.Fen, from string, sign money.Fen) ([]ledger.Line, error) {
	path, err := to.path("paid")
	if err == nil && (fen <= 0 || tax < 0 || tax > fen) {
		err = fmt.Errorf("promise: a payout of %s with %s tax", fen, tax)
	}
	if err != nil {
		return nil, err
	}
	return lines(at(path, sign*fen), at("tax/withheld", -sign*tax), at(cashPath(from), -sign*(fen-tax))), nil
}

// Owed is what a payee is still to get: earned less paid, below zero when a
// later refund took more than was left.
func Owed(ctx context.Context, q db.Querier, to Payee) (money.Fen, error) {
	var sum money.Fen
	for _, leaf := range []string{"owed", "paid"} {
		path, err := to.path(leaf)
		if err != nil {
			return 0, err
		}
		f, err := ledger.Balance(ctx, q, path)
		if err != nil {
			return 0, err
		}
		sum -= f
	}
	return sum, nil
}

// Sources of a host's pay.
const (
	FromCommission = "commission" // of outside sellers
	FromWages      = "wages"      // the centre's own costs
)

// HostEarned books a host's pay, and the agency's part of it (agency may be
// empty): out of commission of outside sellers, or out of the centre's costs
// (wages). Never out of a local producer's sale; an official host is refused,
// and an agency the host did not agree to. Ref host/<ref>. Faults:
// promise.official_host, promise.no_consent, promise.share_exceeds_commission.
func HostEarned(ctx context.Context, tx *db.Tx, ref string, host Payee, fen money.Fen, agency Payee, agencyFen money.Fen, from string) error {
	cost, ok := map[string]string{FromCommission: "costs/host-share", FromWages: "costs/wages"}[from]
	if !ok || host.Kind != "host" || fen < 0 || agencyFen < 0 || fen+agencyFen == 0 {
		return fmt.Errorf("promise: %s %q earned %s and %s out of %q", host.Kind, host.ID, fen, agencyFen, from)
	}
	path, err := host.path("owed")
	if err != nil {
		return err
	}
	if err := guardHost(ctx, tx, host, "host/"+ref); err != nil { // also when the agency would get all of it
		return inWords(ctx, tx, err)
	}
	to := "agency/none/owed"
	if agencyFen > 0 {
		if err := consented(ctx, tx, host, agency, fen+agencyFen, agencyFen); err != nil {
			return err
		}
		if to, err = agency.path("owed"); err != nil {
			return err
		}
	}
	v, err := rule(ctx, tx, ForHost)
	if err != nil {
		return err
	}
	t, err := v.pay(ctx, ref, cost, path, to, fen+agencyFen, agencyFen)
	if err != nil {
		return inWords(ctx, tx, err)
	}
	wrote, err := posted(ctx, tx, t)
	if err != nil || !wrote || from != FromCommission {
		return err
	}
	return shareWithinCommission(ctx, tx)
}

// shareWithinCommission holds that hosts never got more out of commission than
// outside sellers paid: the rest would be somebody else's money.
func shareWithinCommission(ctx context.Context, q db.Querier) error {
	earned, err := ledger.Balance(ctx, q, "commission/earned")
	if err != nil {
		return err
	}
	given, err := ledger.Balance(ctx, q, "costs/host-share")
	if err == nil && given > -earned {
		return fault.New(fault.Conflict, "promise.share_exceeds_commission", "Commission", (-earned).String(), "Shares", given.String())
	}
	return err
}
