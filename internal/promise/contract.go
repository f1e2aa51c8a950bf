package promise

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Bearer is who pays for a refund or a claim after the sale.
type Bearer string

// Bearers.
const (
	ByProducer Bearer = "producer" // the producer's part, the commission and the margin go back in proportion
	ByCentre   Bearer = "centre"   // the producer keeps all; the centre's costs pay
	ByCarrier  Bearer = "carrier"  // the producer keeps all; the carrier owes the centre
)

// PartRefund is part of a paid order that goes back: whole lines or an amount.
// Of each share only the part that is taken back stands here, positive; with
// another bearer than the producer only Goods is read.
type PartRefund struct {
	Refund  id.Refund
	Order   id.Order
	Shares  []Share
	Freight money.Fen
	Borne   Bearer
	Carrier string // code, with ByCarrier
}

// OrderPartRefunded books that the buyer is owed part of a paid order back
// until RefundDone. Ref refund/<id>/booked/<p>.
func OrderPartRefunded(ctx context.Context, tx *db.Tx, r PartRefund) error {
	panic("not built yet")
}

// Quarantined books money a callback brought that nobody may apply by machine:
// channel -> quarantine/held. Ref callback/<id>/held.
func Quarantined(ctx context.Context, tx *db.Tx, callback id.Callback, fen money.Fen, channel string) error {
	panic("not built yet")
}

// QuarantineReturned books that it went back whence it came. Ref
// callback/<id>/returned.
func QuarantineReturned(ctx context.Context, tx *db.Tx, callback id.Callback, fen money.Fen, channel string) error {
	panic("not built yet")
}

// ProviderFee books what a provider kept of the money that came through it
// (below zero: gave back), borne by the centre as the promise says: channel ->
// costs/provider-fee. ref is the caller's, unique.
func ProviderFee(ctx context.Context, tx *db.Tx, ref string, fen money.Fen, channel string) error {
	panic("not built yet")
}

// ChannelPaidOut books that a provider paid its balance to the centre's bank
// account: channel/<name>/clearing -> bank/main.
func ChannelPaidOut(ctx context.Context, tx *db.Tx, ref string, fen money.Fen, channel string) error {
	panic("not built yet")
}

// Payee is who may be paid: a producer, host or agency.
type Payee struct {
	Kind     string // "producer", "host", "agency"
	ID       string
	Local    bool // of a producer
	Official bool // of a host: earns nothing anywhere
}

// PaidOut books that a payee got money out of what the payee is owed. from is
// "bank" or a channel (split at the provider). tax is what was withheld of it.
func PaidOut(ctx context.Context, tx *db.Tx, ref string, to Payee, fen, tax money.Fen, from string) error {
	panic("not built yet")
}

// PayoutReversed takes PaidOut back: the bank sent it back.
func PayoutReversed(ctx context.Context, tx *db.Tx, ref string, to Payee, fen, tax money.Fen, from string) error {
	panic("not built yet")
}

// HostEarned books a host's pay, and the agency's part of it (agency may be
// empty): out of commission of outside sellers, or out of the centre's costs
// (wages). Never out of a local producer's sale; an official host is refused.
func HostEarned(ctx context.Context, tx *db.Tx, ref string, host Payee, fen money.Fen, agency Payee, agencyFen money.Fen, from string) error {
	panic("not built yet")
}

// CostPaid books a cost of the centre: kind is "freight", "packing", "wages",
// "classes", "materials", "other".
func CostPaid(ctx context.Context, tx *db.Tx, ref, kind string, fen money.Fen, memo string) error {
	panic("not built yet")
}

// ServiceEarned books income of the centre's own services (not from local
// producers' sales).
func ServiceEarned(ctx context.Context, tx *db.Tx, ref string, fen money.Fen, memo string) error {
	panic("not built yet")
}

// GiftReceived books a paid gift whole into the charity fund.
func GiftReceived(ctx context.Context, tx *db.Tx, gift string, fen money.Fen, channel string) error {
	panic("not built yet")
}

// GiftRefunded takes a gift back (a minor's, a mistake) and owes the giver the
// money until RefundDone.
func GiftRefunded(ctx context.Context, tx *db.Tx, gift string, fen money.Fen) error {
	panic("not built yet")
}

// ToGrowth books a period's profit into the growth fund.
func ToGrowth(ctx context.Context, tx *db.Tx, ref string, fen money.Fen) error {
	panic("not built yet")
}

// FundPaid books a disbursement of a fund ("charity" or "growth") from the
// bank to a recipient; for charity the agreement must be signed and named.
func FundPaid(ctx context.Context, tx *db.Tx, fund, disbursement, recipient, agreement string, fen money.Fen) error {
	panic("not built yet")
}
