package promise

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
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
// Of each share only the part that is taken back stands here, positive (see
// Share.Part); with another bearer than the producer only Goods is read.
// Freight is always the centre's own that goes back.
type PartRefund struct {
	Refund  id.Refund
	Order   id.Order
	Placed  int64 // microseconds, of the order: the promises of that time bind
	Shares  []Share
	Freight money.Fen
	Borne   Bearer
	Carrier string // code, with ByCarrier
	// Discount is what of the goods a coupon had paid: it goes back to the
	// centre, and the buyer gets that much less.
	Discount money.Fen
}

func (r PartRefund) sale() Sale {
	return Sale{Order: r.Order, Shares: r.Shares, Freight: r.Freight}
}

// check refuses what is no refund.
func (r PartRefund) check() error {
	if r.Refund == "" || r.Order == "" || len(r.Shares) == 0 && r.Freight <= 0 || r.Freight < 0 {
		return fmt.Errorf("promise: refund %q of order %q with %d shares and %s freight is none", r.Refund, r.Order, len(r.Shares), r.Freight)
	}
	var goods money.Fen
	for _, x := range r.Shares {
		goods += x.Goods
	}
	if r.Discount < 0 || r.Discount > goods {
		return fmt.Errorf("promise: refund %s gives %s of %s back to the centre", r.Refund, r.Discount, goods)
	}
	switch r.Borne {
	case ByProducer:
		if len(r.Shares) > 0 {
			return r.sale().check()
		}
	case ByCentre, ByCarrier:
		for _, x := range r.Shares {
			if x.Goods <= 0 {
				return fmt.Errorf("promise: refund %s takes %s back of a share", r.Refund, x.Goods)
			}
		}
		if r.Borne == ByCarrier && r.Carrier == "" {
			return fmt.Errorf("promise: refund %s names no carrier", r.Refund)
		}
	default:
		return fmt.Errorf("promise: nobody bears refund %s (%q)", r.Refund, r.Borne)
	}
	return nil
}

func (r PartRefund) txns() []ledger.Txn {
	ref := "refund/" + string(r.Refund) + "/booked/"
	txn := func(p string, ls ...ledger.Line) ledger.Txn {
		return ledger.Txn{Ref: ref + p, Kind: KindPartRefund, Memo: "order " + string(r.Order), Lines: ls}
	}
	var out []ledger.Txn
	var goods money.Fen
	for _, x := range r.sale().byProducer() {
		goods += x.Goods
		if r.Borne == ByProducer {
			out = append(out, txn(string(x.Producer), append(x.earned(1), refundDue(-x.Goods))...))
		}
	}
	switch {
	case r.Borne == ByCentre && goods > 0:
		out = append(out, txn("centre", at("costs/claims", goods), refundDue(-goods)))
	case r.Borne == ByCarrier && goods > 0:
		out = append(out, txn("carrier", at("carrier/"+r.Carrier+"/owed", goods), refundDue(-goods)))
	}
	if r.Freight > 0 {
		out = append(out, txn("freight", freightEarned(r.Freight), refundDue(-r.Freight)))
	}
	if r.Discount > 0 {
		out = append(out, txn("coupon", refundDue(r.Discount), promotion(-r.Discount)))
	}
	return out
}

// OrderPartRefunded books that the buyer is owed part of a paid order back
// until RefundDone. Ref refund/<id>/booked/<p>, <p> a producer, "centre",
// "carrier", "freight" or "coupon".
func OrderPartRefunded(ctx context.Context, tx *db.Tx, r PartRefund) error {
	if err := r.check(); err != nil {
		return err
	}
	txns := r.txns()
	if r.Borne == ByProducer {
		if err := guardSale(r.sale(), wasRefunded, txns); err != nil {
			return inWords(ctx, tx, err)
		}
	}
	return post(ctx, tx, txns)
}

// BookedRefund lists the transactions that stand for a part refund: what fsck
// compares the books with.
func BookedRefund(r PartRefund) []ledger.Txn { return r.txns() }

// Part is the part of a share that belongs to goods of it: each class of money
// in proportion, to the fen, the remainder going to the largest fractions. A
// share that lost money to the agreed price gives the loss back in proportion.
func (x Share) Part(goods money.Fen) (Share, error) {
	if goods <= 0 || goods > x.Goods {
		return Share{}, fmt.Errorf("promise: %s is no part of a share of %s", goods, x.Goods)
	}
	out := x
	out.Goods = goods
	if x.Margin < 0 { // Owed = Goods + loss
		loss, err := (-x.Margin).Split(int64(goods), int64(x.Goods-goods))
		if err != nil {
			return Share{}, err
		}
		out.Margin, out.Owed = -loss[0], goods+loss[0]
		return out, nil
	}
	parts, err := goods.Split(int64(x.Owed), int64(x.Commission), int64(x.Margin))
	if err != nil {
		return Share{}, err
	}
	out.Owed, out.Commission, out.Margin = parts[0], parts[1], parts[2]
	return out, nil
}
