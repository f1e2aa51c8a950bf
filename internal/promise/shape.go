package promise

import (
	"slices"
	"strings"

	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// shape is one booking there may be: which accounts of the chart it touches,
// each once, and which way. Whatever fits no shape is refused.
type shape struct {
	name string
	sign map[string]sign // by the chart's pattern; lines on others don't fit
	must []string        // accounts without which it is none
	zero [][]string      // accounts that add up to nothing among themselves
	turn bool            // the same with every sign turned fits too: it can be taken back
}

// sign says which way a line may go.
type sign int8

const (
	debit  sign = 1
	credit sign = -1
	either sign = 0
)

// shapes are all bookings of the centre. Producers' come first: the order desk
// books thousands of them a second.
var shapes = slices.Concat(saleShapes("local"), saleShapes("outside"), []shape{
	{name: "freight", sign: map[string]sign{"buyers/receivable": debit, "freight/pending": credit}, turn: true},
	{name: "payment", sign: map[string]sign{"channel/*/clearing": debit, "buyers/receivable": credit}},
	{name: "freight earned", sign: map[string]sign{"freight/pending": debit, "freight/earned": credit}},
	{name: "freight refunded", sign: map[string]sign{"freight/earned": debit, "refund/buyers/due": credit}},
	{name: "late payment, or refund sent", sign: map[string]sign{"channel/*/clearing": debit, "refund/buyers/due": credit}, turn: true},
	{name: "claim the centre bears", sign: map[string]sign{"costs/claims": debit, "refund/buyers/due": credit}},
	{name: "claim the carrier bears", sign: map[string]sign{"carrier/*/owed": debit, "refund/buyers/due": credit}},
	{name: "coupon the centre bears", sign: map[string]sign{"costs/promotion": debit, "buyers/receivable": credit}},
	{name: "coupon back", sign: map[string]sign{"refund/buyers/due": debit, "costs/promotion": credit}},
	{name: "carrier paid", sign: map[string]sign{"bank/main": debit, "carrier/*/owed": credit}, turn: true},
	{name: "quarantine", sign: map[string]sign{"channel/*/clearing": debit, "quarantine/held": credit}, turn: true},
	{name: "provider's fee", sign: map[string]sign{"costs/provider-fee": debit, "channel/*/clearing": credit}, turn: true},
	{name: "provider paid out", sign: map[string]sign{"bank/main": debit, "channel/*/clearing": credit}, turn: true},
	payout("producer/local/*/paid", "bank/main", false), payout("producer/local/*/paid", "channel/*/clearing", false),
	payout("producer/outside/*/paid", "bank/main", true), payout("producer/outside/*/paid", "channel/*/clearing", true),
	payout("host/*/paid", "bank/main", true), payout("host/*/paid", "channel/*/clearing", true),
	payout("agency/*/paid", "bank/main", true), payout("agency/*/paid", "channel/*/clearing", true),
	{name: "tax paid", sign: map[string]sign{"tax/withheld": debit, "bank/main": credit}, turn: true},
	{name: "host's share", sign: map[string]sign{"costs/host-share": debit, "host/*/owed": credit, "agency/*/owed": credit}, turn: true},
	{name: "host's wage", sign: map[string]sign{"costs/wages": debit, "host/*/owed": credit, "agency/*/owed": credit}, turn: true},
	cost("freight"), cost("packing"), cost("wages"), cost("classes"), cost("materials"), cost("other"),
	{name: "service", sign: map[string]sign{"bank/main": debit, "service/earned": credit}, turn: true},
	{name: "gift", sign: map[string]sign{"channel/*/clearing": debit, "gift/received": credit, "gift/passed": debit, "charity/fund": credit},
		zero: [][]string{{"gift/received", "gift/passed"}, {"gift/passed", "charity/fund"}}},
	{name: "gift refunded", sign: map[string]sign{"gift/received": debit, "gift/passed": credit, "charity/fund": debit, "refund/buyers/due": credit},
		zero: [][]string{{"gift/received", "gift/passed"}, {"gift/passed", "charity/fund"}}},
	fundPaid("charity"), fundPaid("growth"),
	{name: "profit to the growth fund", sign: map[string]sign{"profit/passed": debit, "growth/fund": credit}},
})

// saleShapes are what is booked of one producer's part of an order. Only an
// outside seller's has commission. What was pending is earned to the fen by
// whom it was pending for.
func saleShapes(side string) []shape {
	pending, owed := "producer/"+side+"/*/pending", "producer/"+side+"/*/owed"
	trade, margin, loss := "trade/pending/"+side, "trade/margin/"+side, "trade/loss/"+side
	placed := shape{name: "sale placed", turn: true, must: []string{"buyers/receivable", pending}, sign: map[string]sign{
		"buyers/receivable": debit, pending: credit, trade: either}}
	paid := shape{name: "sale paid", must: []string{pending, owed}, zero: [][]string{{pending, owed}, {trade, margin, loss}}, sign: map[string]sign{
		pending: debit, owed: credit, trade: either, margin: credit, loss: debit}}
	refunded := shape{name: "sale refunded", must: []string{"refund/buyers/due"}, sign: map[string]sign{
		owed: debit, margin: debit, loss: credit, "refund/buyers/due": credit}}
	if side == "outside" { // may be left with nothing of a single fen
		placed.must, paid.must = placed.must[:1], nil
		placed.sign["commission/pending"] = credit
		paid.sign["commission/pending"], paid.sign["commission/earned"] = debit, credit
		paid.zero = append(paid.zero, []string{"commission/pending", "commission/earned"})
		refunded.sign["commission/earned"] = debit
	}
	return []shape{placed, paid, refunded}
}

// payout of a payee's money; nothing is withheld of a local producer's.
func payout(payee, cash string, taxed bool) shape {
	s := shape{name: "payout", must: []string{cash}, sign: map[string]sign{payee: debit, cash: credit}, turn: true}
	if taxed {
		s.sign["tax/withheld"] = credit
	}
	return s
}

func cost(kind string) shape {
	return shape{name: "cost", sign: map[string]sign{"costs/" + kind: debit, "bank/main": credit}, turn: true}
}

// fundPaid names whom a fund paid by just as much as leaves it.
func fundPaid(fund string) shape {
	return shape{name: fund + " paid", turn: true,
		sign: map[string]sign{fund + "/fund": debit, "bank/main": credit, fund + "/paid/*": debit, fund + "/given": credit},
		zero: [][]string{{fund + "/fund", "bank/main"}, {fund + "/paid/*", fund + "/given"}, {fund + "/paid/*", "bank/main"}}}
}

// guarded is a line as a shape is compared with.
type guarded struct {
	pattern string
	fen     money.Fen
}

// read looks the lines up in the chart; false if an account is not in it, comes
// twice, is of another kind, or if two producers are touched at once.
func read(t ledger.Txn) ([]guarded, bool) {
	out := make([]guarded, len(t.Lines))
	producer := ""
	for i, l := range t.Lines {
		e, name, ok := find(l.Path)
		if !ok || l.Kind != "" && l.Kind != e.kind {
			return nil, false
		}
		if strings.HasPrefix(l.Path, "producer/") {
			if producer != "" && producer != name {
				return nil, false
			}
			producer = name
		}
		for _, before := range out[:i] {
			if before.pattern == e.pattern { // the same account, or a second of its sort
				return nil, false
			}
		}
		out[i] = guarded{e.pattern, l.Fen}
	}
	return out, true
}

// fits tells whether the lines are this booking.
func (s shape) fits(lines []guarded) bool {
	return s.fitsWay(lines, 1) || s.turn && s.fitsWay(lines, -1)
}

func (s shape) fitsWay(lines []guarded, way money.Fen) bool {
	for _, l := range lines {
		want, ok := s.sign[l.pattern]
		if !ok || want == debit && way*l.fen < 0 || want == credit && way*l.fen > 0 {
			return false
		}
	}
	for _, p := range s.must {
		if !slices.ContainsFunc(lines, func(l guarded) bool { return l.pattern == p }) {
			return false
		}
	}
	for _, group := range s.zero {
		var sum money.Fen
		for _, l := range lines {
			if slices.Contains(group, l.pattern) {
				sum += l.fen
			}
		}
		if sum != 0 {
			return false
		}
	}
	return true
}
