package promise

import (
	"context"
	"slices"
	"strings"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// ProducerMoney is what a producer sees.
type ProducerMoney struct {
	Pending money.Fen // ordered, not yet paid by buyers
	Owed    money.Fen // paid by buyers, to be paid out
	Paid    money.Fen // paid out
}

// Money reads a producer's balances.
func Money(ctx context.Context, q db.Querier, p id.Producer, local bool) (ProducerMoney, error) {
	var m ProducerMoney
	var earned money.Fen
	for leaf, to := range map[string]*money.Fen{"pending": &m.Pending, "owed": &earned, "paid": &m.Paid} {
		f, err := ledger.Balance(ctx, q, producerPath(p, local, leaf))
		if err != nil {
			return ProducerMoney{}, err
		}
		*to = f
	}
	m.Pending, m.Owed = -m.Pending, -(earned + m.Paid)
	return m, nil
}

// Entry is a movement on a producer's earnings, for the producer's page.
type Entry = ledger.Entry

// Earned lists what moved a producer's earnings (sales that were paid,
// refunds), the newest first; Fen is positive when the producer earns.
func Earned(ctx context.Context, q db.Querier, p id.Producer, local bool, limit int) ([]Entry, error) {
	es, err := ledger.Entries(ctx, q, producerPath(p, local, "owed"), limit)
	for i := range es {
		es[i].Fen = -es[i].Fen
	}
	return es, err
}

// Totals are the public running totals of the promises.
type Totals struct {
	LocalGoods      money.Fen // paid for goods of local producers
	LocalCommission money.Fen // taken of that: must be 0, and is read, not assumed
	LocalMargin     money.Fen // of that the centre's own trade: goods it bought at an agreed price and sold dearer
	LocalProducers  int       // local producers who have earned something
	Margin          money.Fen // of all its own trade, local or not
	Commission      money.Fen // from outside sellers
	Freight         money.Fen
	Gifts           money.Fen
	Charity         money.Fen // in the charity fund
	Growth          money.Fen // in the growth fund
}

// ReadTotals computes the totals from the ledger.
func ReadTotals(ctx context.Context, q db.Querier) (Totals, error) {
	var t Totals
	all, err := ledger.Balances(ctx, q, "")
	if err != nil {
		return t, err
	}
	var fees []string
	for path, f := range all {
		if under(path, "producer/local") && strings.HasSuffix(path, "/owed") && f < 0 {
			t.LocalProducers++
		}
		if under(path, "trade/margin", "trade/loss") {
			t.Margin -= f
		}
		if under(path, "trade/margin/local", "trade/loss/local") {
			t.LocalMargin -= f
		}
		switch {
		case under(path, "producer/local") && strings.HasSuffix(path, "/owed"), path == "trade/margin/local", path == "trade/loss/local":
			t.LocalGoods -= f
		case path == "commission/earned":
			t.Commission -= f
		case path == "freight/earned":
			t.Freight -= f
		case path == "gift/received":
			t.Gifts -= f
		case path == "charity/fund":
			t.Charity -= f
		case path == "growth/fund":
			t.Growth -= f
		}
		if under(path, "commission", "fee") {
			fees = append(fees, path)
		}
	}
	slices.Sort(fees)
	taken, err := ledger.Across(ctx, q, "producer/local/", fees...)
	t.LocalCommission = -taken
	return t, err
}
