package promise

import (
	"slices"
	"strings"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Guard checks a finished transaction against the promises and refuses one
// that breaks any, with the promise's number and words. It looks at nothing
// but the lines.
func Guard(t ledger.Txn) error {
	switch {
	case !noCommission(t):
		return broken("promise.no_commission", "P1", "@promise.p1", t.Ref)
	case !giftsToCharity(t):
		return broken("promise.gifts_to_charity", "P2", "@promise.p2", t.Ref)
	case !profitToGrowth(t):
		return broken("promise.profit_to_growth", "P3", "@promise.p3", t.Ref)
	}
	return nil
}

func broken(key, no, words, ref string) error {
	return fault.New(fault.Denied, key, "No", no, "Words", words, "Ref", ref)
}

// guardSale checks the transactions of a sale against its shares: a local
// producer is booked as one, whatever the lines call it.
func guardSale(s Sale, txns []ledger.Txn) error {
	for _, x := range s.Shares {
		if !x.Local {
			continue
		}
		seen := x.Owed == 0
		for _, t := range txns {
			if touches(t, "producer/outside/"+string(x.Producer)) {
				return broken("promise.no_commission", "P1", "@promise.p1", t.Ref)
			}
			seen = seen || touches(t, "producer/local/"+string(x.Producer))
		}
		if !seen {
			return broken("promise.no_commission", "P1", "@promise.p1", "order/"+string(s.Order))
		}
	}
	return nil
}

// under tells whether an account is one of the prefixes itself or below it.
func under(path string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return path == p || strings.HasPrefix(path, p+"/")
	})
}

// touches tells whether a line is under one of the prefixes.
func touches(t ledger.Txn, prefixes ...string) bool {
	return slices.ContainsFunc(t.Lines, func(l ledger.Line) bool { return under(l.Path, prefixes...) })
}

// only tells whether every line is under one of the prefixes.
func only(t ledger.Txn, prefixes ...string) bool {
	return !slices.ContainsFunc(t.Lines, func(l ledger.Line) bool { return !under(l.Path, prefixes...) })
}

// sum adds up the lines under the prefixes.
func sum(t ledger.Txn, prefixes ...string) (f money.Fen) {
	for _, l := range t.Lines {
		if under(l.Path, prefixes...) {
			f += l.Fen
		}
	}
	return f
}

// noCommission is P1. It names what is allowed and not what is forbidden, so
// that a fee by any other name is refused too.
func noCommission(t ledger.Txn) bool {
	if !touches(t, "producer/local") {
		// The margin of a local producer's goods can't be booked without what
		// the producer gets; later it may leave for the growth fund and costs.
		return !touches(t, "trade/pending/local", "trade/margin/local", "trade/loss/local") ||
			only(t, "trade/margin", "commission/earned", "growth", "costs")
	}
	own := ""
	for _, l := range t.Lines {
		if !under(l.Path, "producer/local") {
			continue
		}
		part := strings.Split(l.Path, "/") // producer/local/<id>/<leaf>
		if len(part) != 4 || own != "" && own != part[2] {
			return false
		}
		own = part[2]
	}
	// Money leaves to the producer through a channel, and then nothing else is
	// touched: no slice is taken on the way.
	return only(t, "producer/local/"+own, "channel") ||
		only(t, "producer/local/"+own, "buyers/receivable", "refund/buyers/due",
			"trade/pending/local", "trade/margin/local", "trade/loss/local") && !sliceToMargin(t)
}

// sliceToMargin tells whether the centre's trade gets what a local producer
// loses: a commission by another name. Both move together with the buyer's
// side; only taking back a sale below the agreed price gives the centre its
// loss back, and then the buyer's side gets the rest.
func sliceToMargin(t ledger.Txn) bool {
	if sum(t, "producer/local") <= 0 {
		return false
	}
	return sum(t, "trade/margin/local") < 0 || sum(t, "trade") < 0 && sum(t, "buyers/receivable", "refund/buyers/due") >= 0
}

// giftsToCharity is P2. A gift passes through: gift/received is credited,
// gift/passed debited, and the fund gets just as much.
func giftsToCharity(t ledger.Txn) bool {
	if touches(t, "gift") {
		return only(t, "gift/received", "gift/passed", "charity/fund", "channel", "refund/buyers/due") &&
			sum(t, "gift") == 0 && sum(t, "charity/fund") == sum(t, "gift/received")
	}
	return passesOn(t, "charity", "channel")
}

// passesOn tells whether what leaves a fund is all accounted for by whom it was
// paid to: <fund>/paid/… is debited as much as <fund>/fund, against
// <fund>/given. Only accounts of from are touched besides.
func passesOn(t ledger.Txn, fund string, from ...string) bool {
	if !touches(t, fund) {
		return true
	}
	paid := sum(t, fund+"/paid")
	return only(t, append([]string{fund + "/fund", fund + "/paid", fund + "/given"}, from...)...) &&
		sum(t, fund+"/paid", fund+"/given") == 0 && max(sum(t, fund+"/fund"), 0) == max(paid, 0)
}

// profitToGrowth is P3.
func profitToGrowth(t ledger.Txn) bool {
	if !passesOn(t, "growth", "channel", "commission/earned", "trade/margin", "freight/earned", "costs") {
		return false
	}
	if sum(t, "commission/earned") <= 0 && sum(t, "trade/margin") <= 0 {
		return true // nothing leaves
	}
	if only(t, "commission/earned", "trade/margin", "growth", "costs") {
		return true
	}
	// What else takes of it is a refund, which takes from the producer as well.
	for _, l := range t.Lines {
		if under(l.Path, "producer") && l.Fen < 0 {
			return false
		}
	}
	return only(t, "commission/earned", "trade/margin", "trade/loss", "producer", "refund/buyers/due")
}
