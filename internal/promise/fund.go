package promise

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// rule is the version of a scope in force now.
func rule(ctx context.Context, tx *db.Tx, s Scope) (Version, error) {
	rules, err := Load(ctx, tx)
	if err != nil {
		return Version{}, err
	}
	return rules.For(s, tx.NowUs())
}

// GiftReceived books a paid gift whole into the charity fund, by the script of
// promise 2. Ref gift/<gift>/paid.
func GiftReceived(ctx context.Context, tx *db.Tx, gift string, fen money.Fen, channel string) error {
	if fen <= 0 {
		return fmt.Errorf("promise: a gift of %s", fen)
	}
	v, err := rule(ctx, tx, ForGift)
	if err != nil {
		return err
	}
	t, err := v.gift(ctx, gift, fen, channel)
	if err != nil {
		return inWords(ctx, tx, err)
	}
	return post(ctx, tx, []ledger.Txn{t})
}

// GiftRefunded takes a gift back (a minor's, a mistake) and owes the giver the
// money until RefundDone. Ref gift/<gift>/refunded. ledger.ErrLimit if the fund
// has spent it.
func GiftRefunded(ctx context.Context, tx *db.Tx, gift string, fen money.Fen) error {
	return one(ctx, tx, "gift/"+gift+"/refunded", KindGiftRefunded, "", fen,
		at("gift/received", fen), at("gift/passed", -fen), at("charity/fund", fen), refundDue(-fen))
}

// GiftCovered owes a giver the money of a gift that the fund has spent already:
// the centre bears it and the gift stays given. Ref gift/<gift>/covered.
func GiftCovered(ctx context.Context, tx *db.Tx, gift string, fen money.Fen) error {
	return one(ctx, tx, "gift/"+gift+"/covered", KindGiftCovered, "", fen, at("costs/claims", fen), refundDue(-fen))
}

// CharityHolds is what the charity fund holds.
func CharityHolds(ctx context.Context, q db.Querier) (money.Fen, error) {
	f, err := ledger.Balance(ctx, q, "charity/fund")
	return -f, err
}

// GrowthHolds is what the growth fund holds.
func GrowthHolds(ctx context.Context, q db.Querier) (money.Fen, error) {
	f, err := ledger.Balance(ctx, q, "growth/fund")
	return -f, err
}

// ToGrowth books a period's profit into the growth fund, by the script of
// promise 3. Ref growth/<ref>.
// Faults: promise.profit_exceeded when it is more than the profit so far.
func ToGrowth(ctx context.Context, tx *db.Tx, ref string, fen money.Fen) error {
	if fen <= 0 {
		return fmt.Errorf("promise: a profit of %s", fen)
	}
	v, err := rule(ctx, tx, ForProfit)
	if err != nil {
		return err
	}
	t, err := v.profit(ctx, ref, fen)
	if err != nil {
		return inWords(ctx, tx, err)
	}
	wrote, err := posted(ctx, tx, t)
	if err != nil || !wrote {
		return err
	}
	// After the posting: of two at once the second sees the first.
	left, err := Profit(ctx, tx)
	if err == nil && left < 0 {
		return fault.New(fault.Conflict, "promise.profit_exceeded", "Asked", fen.String(), "Profit", (left + fen).String())
	}
	return err
}

// Funds.
const (
	Charity = "charity"
	Growth  = "growth"
)

// FundPaid books a disbursement of a fund from the bank to a recipient. For
// charity the agreement must be signed, in term and named: it is what the
// account is called by, and recipient is left to the caller's records; for
// growth recipient is a short name of lower-case letters, digits and hyphens.
// Ref fund/<fund>/<disbursement>. Faults: promise.no_agreement,
// promise.fund_empty.
func FundPaid(ctx context.Context, tx *db.Tx, fund, disbursement, recipient, agreement string, fen money.Fen) error {
	switch fund {
	case Charity:
		recipient = agreement
	case Growth:
	default:
		return fmt.Errorf("promise: there is no fund %q", fund)
	}
	if fund == Charity && agreement == "" {
		return Broken(ctx, tx, "promise.no_agreement", "P2", disbursement)
	}
	ref := "fund/" + fund + "/" + disbursement
	if err := notOverdrawn(ctx, tx, fund, ref, fen); err != nil {
		return err
	}
	return one(ctx, tx, ref, KindFundPaid, "", fen,
		at(fund+"/fund", fen), at("bank/main", -fen), at(fund+"/paid/"+recipient, fen), at(fund+"/given", -fen))
}

// notOverdrawn says in words what the limit of the fund's account would refuse
// anyway: a database that has refused a statement can't be asked any more.
func notOverdrawn(ctx context.Context, q db.Querier, fund, ref string, fen money.Fen) error {
	held, err := ledger.Balance(ctx, q, fund+"/fund")
	if err != nil || fen <= -held {
		return err
	}
	told, err := ledger.Find(ctx, q, ref)
	if err != nil || len(told) > 0 { // booked before: told again
		return err
	}
	return fault.New(fault.Conflict, "promise.fund_empty", "Asked", fen.String(), "Held", (-held).String())
}
