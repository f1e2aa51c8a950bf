package promise

import (
	"fmt"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Kinds of transactions.
const (
	KindPlaced     = "order.placed"
	KindPaid       = "order.paid"
	KindClosed     = "order.closed"
	KindRefunded   = "order.refunded"
	KindLate       = "payment.late"
	KindRefundDone = "refund.done"

	KindPartRefund         = "refund.booked"
	KindCarrierPaid        = "carrier.paid"
	KindQuarantined        = "quarantine.held"
	KindQuarantineReturned = "quarantine.returned"
	KindProviderFee        = "provider.fee"
	KindChannelPaidOut     = "channel.payout"
	KindPaidOut            = "payout.done"
	KindPayoutReversed     = "payout.reversed"
	KindTaxPaid            = "tax.paid"
	KindMoveTakenBack      = "bank.taken_back"
	KindHostEarned         = "host.earned"
	KindCost               = "cost.paid"
	KindService            = "service.earned"
	KindHostTakenBack      = "host.taken_back"
	KindCostTakenBack      = "cost.taken_back"
	KindServiceTakenBack   = "service.taken_back"
	KindGift               = "gift.received"
	KindGiftRefunded       = "gift.refunded"
	KindGiftCovered        = "gift.covered"
	KindToGrowth           = "growth.raised"
	KindFundPaid           = "fund.paid"
)

// check refuses a sale that is no sale before any line is made of it.
func (s Sale) check() error {
	if s.Order == "" || len(s.Shares) == 0 || s.Freight < 0 || s.Discount < 0 || s.Discount > 0 && s.Discount >= s.Total() {
		return fmt.Errorf("promise: order %q with %d shares, %s freight and %s off is no sale", s.Order, len(s.Shares), s.Freight, s.Discount)
	}
	for _, x := range s.Shares {
		if x.Producer == "" || x.Goods <= 0 || x.Owed < 0 || x.Commission < 0 || x.Goods != x.Commission+x.Owed+x.Margin {
			return fmt.Errorf("promise: order %s: the shares of its goods do not add up", s.Order)
		}
		if x.Local && (x.Commission != 0 || x.Margin != 0 && !x.Agreed) {
			return broken("promise.no_commission", "P1", "order/"+string(s.Order))
		}
	}
	return nil
}

// byProducer adds up the shares of each producer, in the order they come in.
// The ledger could not tell two transactions of one ref apart.
func (s Sale) byProducer() []Share {
	var out []Share
	at := map[id.Producer]int{}
	for _, x := range s.Shares {
		i, ok := at[x.Producer]
		if !ok {
			at[x.Producer] = len(out)
			out = append(out, x)
			continue
		}
		o := &out[i]
		o.Goods += x.Goods
		o.Commission += x.Commission
		o.Owed += x.Owed
		o.Margin += x.Margin
		o.Agreed = o.Agreed || x.Agreed
		o.Local = o.Local || x.Local // a contradiction is decided for the farmer, and the guard sees any commission
	}
	return out
}

func producerPath(p id.Producer, local bool, leaf string) string {
	return "producer/" + side(local) + "/" + string(p) + "/" + leaf
}

func receivable(f money.Fen) ledger.Line { return at("buyers/receivable", f) }

func refundDue(f money.Fen) ledger.Line { return at("refund/buyers/due", f) }

func clearing(channel string, f money.Fen) ledger.Line { return at(channelPath(channel), f) }

// pending and earned are the lines of a share before and after the buyer paid;
// sign -1 credits them (they grow), +1 takes them back.
func (x Share) pending(sign money.Fen) []ledger.Line {
	return lines(
		at(producerPath(x.Producer, x.Local, "pending"), sign*x.Owed),
		at("commission/pending", sign*x.Commission),
		at("trade/pending/"+side(x.Local), sign*x.Margin))
}

func (x Share) earned(sign money.Fen) []ledger.Line {
	margin := "trade/margin/"
	if x.Margin < 0 {
		margin = "trade/loss/"
	}
	return lines(
		at(producerPath(x.Producer, x.Local, "owed"), sign*x.Owed),
		at("commission/earned", sign*x.Commission),
		at(margin+side(x.Local), sign*x.Margin))
}

func promotion(f money.Fen) ledger.Line { return at("costs/promotion", f) }

func freightPending(f money.Fen) ledger.Line { return at("freight/pending", f) }

func freightEarned(f money.Fen) ledger.Line { return at("freight/earned", f) }

// lines leaves out those of nothing.
func lines(ls ...ledger.Line) []ledger.Line {
	out := ls[:0]
	for _, l := range ls {
		if l.Fen != 0 {
			out = append(out, l)
		}
	}
	return out
}

// each makes one transaction a producer and one for the freight.
func (s Sale) each(event, kind string, goods func(Share) []ledger.Line, freight func(money.Fen) []ledger.Line) []ledger.Txn {
	ref := "order/" + string(s.Order) + "/" + event + "/"
	if event == "placed" && s.Group != "" {
		ref = "placed/" + string(s.Group) + "/"
	}
	var out []ledger.Txn
	for _, x := range s.byProducer() {
		out = append(out, ledger.Txn{Ref: ref + string(x.Producer), Kind: kind, Lines: goods(x)})
	}
	if s.Freight > 0 {
		out = append(out, ledger.Txn{Ref: ref + "freight", Kind: kind, Lines: freight(s.Freight)})
	}
	return out
}

func placed(s Sale) []ledger.Txn {
	return s.each("placed", KindPlaced,
		func(x Share) []ledger.Line { return append(x.pending(-1), receivable(x.Goods)) },
		func(f money.Fen) []ledger.Line { return []ledger.Line{freightPending(-f), receivable(f)} })
}

func closed(s Sale) []ledger.Txn {
	return s.each("closed", KindClosed,
		func(x Share) []ledger.Line { return append(x.pending(1), receivable(-x.Goods)) },
		func(f money.Fen) []ledger.Line { return []ledger.Line{freightPending(f), receivable(-f)} })
}

func paid(s Sale, channel string) []ledger.Txn {
	settle := ledger.Txn{Ref: "order/" + string(s.Order) + "/paid", Kind: KindPaid,
		Lines: []ledger.Line{clearing(channel, s.Total()-s.Discount), receivable(s.Discount - s.Total())}}
	out := append(s.each("paid", KindPaid,
		func(x Share) []ledger.Line { return append(x.pending(1), x.earned(-1)...) },
		func(f money.Fen) []ledger.Line { return []ledger.Line{freightPending(f), freightEarned(-f)} }), settle)
	if s.Discount > 0 { // the centre pays what the coupon took off
		out = append(out, ledger.Txn{Ref: settle.Ref + "/coupon", Kind: KindPaid, Lines: []ledger.Line{promotion(s.Discount), receivable(-s.Discount)}})
	}
	return out
}

func refunded(s Sale) []ledger.Txn {
	out := s.each("refunded", KindRefunded,
		func(x Share) []ledger.Line { return append(x.earned(1), refundDue(-x.Goods)) },
		func(f money.Fen) []ledger.Line { return []ledger.Line{freightEarned(f), refundDue(-f)} })
	if s.Discount > 0 { // what the centre paid comes back to it, not to the buyer
		out = append(out, ledger.Txn{Ref: "order/" + string(s.Order) + "/refunded/coupon", Kind: KindRefunded,
			Lines: []ledger.Line{refundDue(s.Discount), promotion(-s.Discount)}})
	}
	return out
}

// Booked lists the transactions that stand for an order that was placed and
// then, if so, paid through a channel, closed unpaid, or refunded: what fsck
// compares the books with. What a group booked when it was placed is not among
// them: see BookedTogether.
func Booked(s Sale, channel string, wasPaid, wasClosed, wasRefunded bool) []ledger.Txn {
	var out []ledger.Txn
	if s.Group == "" {
		out = placed(s)
	}
	if wasPaid {
		out = append(out, paid(s, channel)...)
	}
	if wasClosed {
		out = append(out, closed(s)...)
	}
	if wasRefunded {
		out = append(out, refunded(s)...)
	}
	return out
}

// BookedTogether lists the transactions that stand for a group of orders since
// they were placed.
func BookedTogether(group id.Placing, sales ...Sale) []ledger.Txn {
	return placed(Together(group, sales...))
}
