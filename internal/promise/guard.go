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
// but the lines. It names what may be booked, not what is forbidden, so that a
// fee by any other name is refused too: the lines must be those of one of the
// bookings in shape.go.
func Guard(t ledger.Txn) error {
	lines, ok := read(t)
	if ok && slices.ContainsFunc(shapes, func(s shape) bool { return s.fits(lines) }) {
		return nil
	}
	return why(t)
}

// why says which promise a transaction that fits nothing breaks: the one whose
// money it touches.
func why(t ledger.Txn) error {
	leaves := func(prefixes ...string) bool {
		return slices.ContainsFunc(t.Lines, func(l ledger.Line) bool { return l.Fen > 0 && under(l.Path, prefixes...) })
	}
	switch {
	case touches(t, "producer/local", "trade/pending/local", "trade/margin/local", "trade/loss/local"):
		return broken("promise.no_commission", "P1", t.Ref)
	case touches(t, "gift", "charity"):
		return broken("promise.gifts_to_charity", "P2", t.Ref)
	case touches(t, "host/official"):
		return broken("promise.official_host", "P4", t.Ref)
	case leaves("commission/earned", "trade/margin", "freight/earned", "service"), touches(t, "profit", "growth", "costs", "bank"):
		return broken("promise.profit_to_growth", "P3", t.Ref)
	case touches(t, "producer/outside", "commission"):
		return broken("promise.agreed_commission", "P5", t.Ref)
	}
	return fault.New(fault.Denied, "promise.no_such_booking", "Ref", t.Ref)
}

// wordsKey are the words of the promises of the first day.
var wordsKey = map[string]string{"P1": "@promise.p1", "P2": "@promise.p2", "P3": "@promise.p3", "P4": "@promise.p4", "P5": "@promise.p5"}

func broken(key, no, ref string) error {
	return fault.New(fault.Denied, key, "No", no, "Words", wordsKey[no], "Ref", ref)
}

// event is what happened to a sale.
type event string

const (
	wasPlaced   event = "placed"
	wasPaid     event = "paid"
	wasClosed   event = "closed"
	wasRefunded event = "refunded"
)

// guardSale checks the transactions of an event of a sale against its shares,
// which the order froze: every class of money moves by just as much and by no
// other account, and a local producer is booked as one, whatever the lines call
// it.
func guardSale(s Sale, e event, txns []ledger.Txn) error {
	for _, x := range s.byProducer() {
		key, no := "promise.agreed_commission", "P5"
		if x.Local {
			key, no = "promise.no_commission", "P1"
		}
		moved := false
		for _, t := range txns {
			if touches(t, "producer/"+side(!x.Local)+"/"+string(x.Producer)) {
				return broken(key, no, t.Ref)
			}
			if !touches(t, "producer/"+side(x.Local)+"/"+string(x.Producer)) && !strings.HasSuffix(t.Ref, "/"+string(x.Producer)) {
				continue
			}
			moved = true
			if !x.moves(e, t) {
				return broken(key, no, t.Ref)
			}
		}
		if !moved {
			return broken(key, no, "order/"+string(s.Order))
		}
	}
	return nil
}

// moves tells whether the lines are just what an event does to a share.
func (x Share) moves(e event, t ledger.Txn) bool {
	own, s := "producer/"+side(x.Local)+"/"+string(x.Producer)+"/", "/"+side(x.Local)
	left := len(t.Lines)
	is := func(path string, f money.Fen) bool {
		if f != 0 {
			left--
		}
		return sum(t, path) == f
	}
	pending := func(way money.Fen) bool {
		return is(own+"pending", way*x.Owed) && is("commission/pending", way*x.Commission) && is("trade/pending"+s, way*x.Margin)
	}
	earned := func(way money.Fen) bool {
		return is(own+"owed", way*x.Owed) && is("commission/earned", way*x.Commission) &&
			is("trade/margin"+s, way*max(x.Margin, 0)) && is("trade/loss"+s, way*min(x.Margin, 0))
	}
	ok := false
	switch e {
	case wasPlaced:
		ok = pending(-1) && is("buyers/receivable", x.Goods)
	case wasClosed:
		ok = pending(1) && is("buyers/receivable", -x.Goods)
	case wasPaid:
		ok = pending(1) && earned(-1)
	case wasRefunded:
		ok = earned(1) && is("refund/buyers/due", -x.Goods)
	}
	return ok && left == 0
}

// under tells whether an account is one of the prefixes itself or below it.
func under(path string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool {
		return path == p || strings.HasPrefix(path, p) && path[len(p)] == '/'
	})
}

// touches tells whether a line is under one of the prefixes.
func touches(t ledger.Txn, prefixes ...string) bool {
	return slices.ContainsFunc(t.Lines, func(l ledger.Line) bool { return under(l.Path, prefixes...) })
}

// sum adds up the lines under a prefix.
func sum(t ledger.Txn, prefix string) (f money.Fen) {
	for _, l := range t.Lines {
		if under(l.Path, prefix) {
			f += l.Fen
		}
	}
	return f
}
