package promise

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// CostKinds are the kinds of costs somebody may enter; provider fees, claims
// and hosts' pay come from their own records. Rent is not among them: the
// county gives rooms and equipment.
var CostKinds = []string{"freight", "packing", "wages", "classes", "materials", "other"}

// CostPaid books a cost of the centre out of the bank account; kind is one of
// CostKinds. Ref cost/<ref>. Faults: promise.rent_is_given, fault.choice.
func CostPaid(ctx context.Context, tx *db.Tx, ref, kind string, fen money.Fen, memo string) error {
	if kind == "rent" {
		return fault.New(fault.Denied, "promise.rent_is_given").At("kind")
	}
	for _, k := range CostKinds {
		if k == kind {
			return one(ctx, tx, "cost/"+ref, KindCost, memo, fen, at("costs/"+kind, fen), at("bank/main", -fen))
		}
	}
	return fault.New(fault.Invalid, "fault.choice").At("kind")
}

// ServiceEarned books income of the centre's own services (not from local
// producers' sales). Ref service/<ref>.
func ServiceEarned(ctx context.Context, tx *db.Tx, ref string, fen money.Fen, memo string) error {
	return one(ctx, tx, "service/"+ref, KindService, memo, fen, at("bank/main", fen), at("service/earned", -fen))
}

// Profit is what the centre's own trade has earned so far and not yet passed on
// to the growth fund: commission of outside sellers, margins, freight and
// services less all costs. Gifts are no part of it.
func Profit(ctx context.Context, q db.Querier) (money.Fen, error) {
	var sum money.Fen
	for _, prefix := range []string{"commission/earned", "trade/margin/", "trade/loss/", "freight/earned", "service/", "costs/", "profit/"} {
		of, err := ledger.Balances(ctx, q, prefix)
		if err != nil {
			return 0, err
		}
		for _, f := range of {
			sum -= f
		}
	}
	return sum, nil
}
