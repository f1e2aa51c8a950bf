package promise

import (
	"context"
	"errors"
	"strings"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// guardFacts checks what the lines alone can't tell: whether a host holds
// public office, and whether a recipient's agreement is signed. Both are read
// from the records, whatever the caller says. Sales touch neither account.
func guardFacts(ctx context.Context, tx *db.Tx, t ledger.Txn) error {
	for _, l := range t.Lines {
		part := strings.Split(l.Path, "/")
		switch {
		case part[0] == "host" && len(part) == 3 && !(part[2] == "paid" && l.Fen < 0) && !(part[2] == "owed" && l.Fen > 0): // what is taken back is booked in any case
			if err := guardHost(ctx, tx, Payee{Kind: "host", ID: part[1]}, t.Ref); err != nil {
				return err
			}
		case under(l.Path, "charity/paid") && len(part) == 3 && l.Fen > 0:
			if err := guardAgreement(ctx, tx, id.Agreement(part[2])); err != nil {
				return err
			}
		}
	}
	return nil
}

func guardHost(ctx context.Context, q db.Querier, host Payee, ref string) error {
	official, err := Official(ctx, q, id.User(host.ID))
	if err == nil && (official || host.Official) {
		return broken("promise.official_host", "P4", ref)
	}
	return err
}

func guardAgreement(ctx context.Context, tx *db.Tx, a id.Agreement) error {
	var n int64
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM donation_agreement
		WHERE id = $1 AND signed_us > 0 AND ended_us = 0 AND starts_day <= $2 AND ends_day >= $2`, a, int64(clock.DayOf(tx.Now))).Scan(&n)
	if err == nil && n == 0 {
		return broken("promise.no_agreement", "P2", string(a))
	}
	return err
}

// Official tells whether a host holds public office and so earns nothing.
func Official(ctx context.Context, q db.Querier, host id.User) (bool, error) {
	var official bool
	err := q.QueryRow(ctx, `SELECT official FROM official_host WHERE host_id = $1 ORDER BY id DESC LIMIT 1`, host).Scan(&official)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return official, err
}

// consented refuses an agency's part that its host did not agree to. The part
// is of all that the host earned, rounded half up.
func consented(ctx context.Context, q db.Querier, host, agency Payee, whole, part money.Fen) error {
	bp, err := Consent(ctx, q, id.User(host.ID), id.Agency(agency.ID))
	if err == nil && (agency.Kind != "agency" || part > whole.Share(bp)) {
		return fault.New(fault.Denied, "promise.no_consent", "Asked", part.String(), "Agreed", whole.Share(bp).String())
	}
	return err
}

// Consent is the part of a host's pay in basis points that the host agreed an
// agency gets; 0 if none.
func Consent(ctx context.Context, q db.Querier, host id.User, agency id.Agency) (int64, error) {
	var bp int64
	err := q.QueryRow(ctx, `SELECT share_bp FROM agency_consent WHERE host_id = $1 AND agency_id = $2 ORDER BY id DESC LIMIT 1`, host, agency).Scan(&bp)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return bp, err
}
