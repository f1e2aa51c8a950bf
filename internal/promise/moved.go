package promise

import (
	"context"
	"errors"
	"strings"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Standing is what stands on an account that money moves to or from the bank
// account: at a payment channel, owed by a carrier, withheld for the tax office.
type Standing struct {
	Kind  string // "channel", "carrier", "tax"
	Party string // channel or carrier
	Fen   money.Fen
}

// Standings lists those accounts that were ever booked on, tax always; what a
// channel's held transactions will take is not counted.
func Standings(ctx context.Context, q db.Querier) ([]Standing, error) {
	var out []Standing
	for _, kind := range []string{"channel", "carrier"} {
		paths, err := ledger.Paths(ctx, q, kind+"/")
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			s := Standing{Kind: kind, Party: strings.Split(p, "/")[1]}
			if s.Fen, err = s.read(ctx, q); err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	tax := Standing{Kind: "tax"}
	var err error
	tax.Fen, err = tax.read(ctx, q)
	return append(out, tax), err
}

func (s Standing) path() string {
	switch s.Kind {
	case "channel":
		return channelPath(s.Party)
	case "carrier":
		return "carrier/" + s.Party + "/owed"
	}
	return "tax/withheld"
}

func (s Standing) read(ctx context.Context, q db.Querier) (money.Fen, error) {
	a, _, err := ledger.Read(ctx, q, s.path())
	if s.Kind == "tax" { // a debt: credit
		return -a.Balance - a.HeldDebit, err
	}
	return a.Balance - a.HeldCredit, err
}

// moved books a transaction that takes fen off a standing. Fault
// promise.more_than_there when there is less.
func (s Standing) moved(ctx context.Context, tx *db.Tx, ref, kind string, fen money.Fen, lines ...ledger.Line) error {
	there, err := s.read(ctx, tx)
	if err != nil {
		return err
	}
	more := fault.New(fault.Conflict, "promise.more_than_there", "Asked", fen.String(), "There", max(there, 0).String()).At("amount")
	err = one(ctx, tx, ref, kind, "", fen, lines...)
	if errors.Is(err, ledger.ErrLimit) {
		return more.Because(err)
	}
	if err != nil {
		return err
	}
	// After the posting, which holds the account's row: of two moves at once the
	// second sees the first.
	if left, err := s.read(ctx, tx); err != nil || left >= 0 {
		return err
	}
	return more
}

// ChannelPaidOut books that a provider paid its balance to the centre's bank
// account: channel/<name>/clearing -> bank/main. Ref channel-payout/<ref>.
// Faults: promise.more_than_there.
func ChannelPaidOut(ctx context.Context, tx *db.Tx, ref string, fen money.Fen, channel string) error {
	return Standing{Kind: "channel", Party: channel}.moved(ctx, tx, "channel-payout/"+ref, KindChannelPaidOut, fen,
		at("bank/main", fen), clearing(channel, -fen))
}

// CarrierPaid books that a carrier paid what it owed for a claim. Ref
// carrier/<ref>. Faults: promise.more_than_there.
func CarrierPaid(ctx context.Context, tx *db.Tx, ref, carrier string, fen money.Fen) error {
	return Standing{Kind: "carrier", Party: carrier}.moved(ctx, tx, "carrier/"+ref, KindCarrierPaid, fen,
		at("bank/main", fen), at("carrier/"+carrier+"/owed", -fen))
}

// TaxPaid books that withheld tax went to the tax office. Ref tax/<ref>.
// Faults: promise.more_than_there.
func TaxPaid(ctx context.Context, tx *db.Tx, ref string, fen money.Fen) error {
	return Standing{Kind: "tax"}.moved(ctx, tx, "tax/"+ref, KindTaxPaid, fen, at("tax/withheld", fen), at("bank/main", -fen))
}

// MoveTakenBack takes back what ChannelPaidOut, CarrierPaid or TaxPaid booked of
// a move that was entered wrongly: it stands where it stood before. Ref
// bank-back/<ref>.
func MoveTakenBack(ctx context.Context, tx *db.Tx, ref string, of Standing, fen money.Fen) error {
	sign := money.Fen(1)
	if of.Kind == "tax" {
		sign = -1
	}
	return one(ctx, tx, "bank-back/"+ref, KindMoveTakenBack, "", fen, at(of.path(), sign*fen), at("bank/main", -sign*fen))
}
