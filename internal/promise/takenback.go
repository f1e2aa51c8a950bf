package promise

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// HostTakenBack takes back what HostEarned booked of a host's pay, or part of
// it, and of the agency's part: a posting the other way round. Also of a host
// who came to hold public office since. What the payees were paid already they
// owe from then on. Ref host-back/<ref>.
func HostTakenBack(ctx context.Context, tx *db.Tx, ref string, host Payee, fen money.Fen, agency Payee, agencyFen money.Fen, from string) error {
	cost, ok := map[string]string{FromCommission: "costs/host-share", FromWages: "costs/wages"}[from]
	if !ok || host.Kind != "host" || fen < 0 || agencyFen < 0 || fen+agencyFen == 0 {
		return fmt.Errorf("promise: %s and %s of %s %q taken back out of %q", fen, agencyFen, host.Kind, host.ID, from)
	}
	path, err := host.path("owed")
	if err != nil {
		return err
	}
	ls := []ledger.Line{at(path, fen), at(cost, -fen-agencyFen)}
	if agencyFen > 0 {
		to, err := agency.path("owed")
		if err != nil {
			return err
		}
		ls = append(ls, at(to, agencyFen))
	}
	return post(ctx, tx, []ledger.Txn{{Ref: "host-back/" + ref, Kind: KindHostTakenBack, Lines: lines(ls...)}})
}

// CostTakenBack takes back what CostPaid or (kind "service") ServiceEarned
// booked, or part of it. Ref cost-back/<ref>, service-back/<ref>.
func CostTakenBack(ctx context.Context, tx *db.Tx, ref, kind string, fen money.Fen, memo string) error {
	if kind == "service" {
		return one(ctx, tx, "service-back/"+ref, KindServiceTakenBack, memo, fen, at("service/earned", fen), at("bank/main", -fen))
	}
	return one(ctx, tx, "cost-back/"+ref, KindCostTakenBack, memo, fen, at("bank/main", fen), at("costs/"+kind, -fen))
}
