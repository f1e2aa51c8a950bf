package promise

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Share is what one producer has in an order: the fee snapshot.
type Share struct {
	Producer   id.Producer
	Local      bool
	Goods      money.Fen // = Commission + Owed + Margin
	Commission money.Fen
	Owed       money.Fen
	Margin     money.Fen
}

// Sale is an order as the books see it.
type Sale struct {
	Order   id.Order
	Shares  []Share
	Freight money.Fen
}

// Total is goods and freight.
func (s Sale) Total() money.Fen {
	t := s.Freight
	for _, x := range s.Shares {
		t += x.Goods
	}
	return t
}

// OrderPlaced books that buyers owe and producers may come to be owed.
func OrderPlaced(ctx context.Context, tx *db.Tx, sales ...Sale) error { panic("not built yet") }

// OrderPaid books a payment that came in through a channel ('sandbox',
// 'offline'): the buyers' debt is settled, the producers are owed.
func OrderPaid(ctx context.Context, tx *db.Tx, s Sale, channel string) error {
	panic("not built yet")
}

// OrderClosed takes back what OrderPlaced booked of an order that was never paid.
func OrderClosed(ctx context.Context, tx *db.Tx, s Sale) error { panic("not built yet") }

// OrderRefunded takes back a paid order whole and books that the buyer is owed
// the money until RefundDone.
func OrderRefunded(ctx context.Context, tx *db.Tx, s Sale) error { panic("not built yet") }

// LatePaid books money that came for an order already closed: it is the
// buyer's from the start.
func LatePaid(ctx context.Context, tx *db.Tx, order id.Order, payment id.Payment, fen money.Fen, channel string) error {
	panic("not built yet")
}

// RefundDone books that a refund left through the channel.
func RefundDone(ctx context.Context, tx *db.Tx, refund id.Refund, order id.Order, fen money.Fen, channel string) error {
	panic("not built yet")
}

// ProducerMoney is what a producer sees.
type ProducerMoney struct {
	Pending money.Fen // ordered, not yet paid by buyers
	Owed    money.Fen // paid by buyers, to be paid out
	Paid    money.Fen // paid out
}

// Money reads a producer's balances.
func Money(ctx context.Context, q db.Querier, p id.Producer, local bool) (ProducerMoney, error) {
	panic("not built yet")
}

// Totals are the public running totals of the promises.
type Totals struct {
	LocalGoods      money.Fen // paid for goods of local producers
	LocalCommission money.Fen // taken of that: must be 0, and is read, not assumed
	Commission      money.Fen // from outside sellers
	Freight         money.Fen
	Gifts           money.Fen
	Charity         money.Fen
}

// ReadTotals computes the totals from the ledger.
func ReadTotals(ctx context.Context, q db.Querier) (Totals, error) { panic("not built yet") }
