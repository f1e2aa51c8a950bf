package promise

import (
	"context"
	"fmt"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Share is what one producer has in an order: the fee snapshot. A producer may
// come several times, once for every lot.
type Share struct {
	Producer   id.Producer
	Local      bool
	Goods      money.Fen // = Commission + Owed + Margin
	Commission money.Fen
	Owed       money.Fen
	Margin     money.Fen // of the centre, for goods bought at an agreed price; below zero when sold cheaper
	Agreed     bool      // bought at an agreed price: only then is there a margin
}

// Sale is an order as the books see it.
type Sale struct {
	Order   id.Order
	Group   id.Placing // it was placed with; "" of orders placed one by one, before there were groups
	Placed  int64      // microseconds: the promises in force then bind
	Shares  []Share
	Freight money.Fen
	// Discount is what a coupon took off for the buyer. The centre bears it, so
	// that the shares are what they were agreed to be.
	Discount money.Fen
}

// Together is a group of sales as one, which is what is booked when they are
// placed.
func Together(group id.Placing, sales ...Sale) Sale {
	all := Sale{Group: group}
	for _, s := range sales {
		all.Shares = append(all.Shares, s.Shares...)
		all.Freight += s.Freight
	}
	return all
}

// Total is goods and freight: what the buyer and, with a coupon, the centre pay.
func (s Sale) Total() money.Fen {
	t := s.Freight
	for _, x := range s.Shares {
		t += x.Goods
	}
	return t
}

// post guards, posts, and fixes the leaves of the public log. Nothing else in this package calls the ledger's Post.
func post(ctx context.Context, tx *db.Tx, txns []ledger.Txn) error {
	_, err := postAll(ctx, tx, txns)
	return err
}

// posted is post for one transaction, and tells whether it was written or stood
// already.
func posted(ctx context.Context, tx *db.Tx, t ledger.Txn) (bool, error) {
	wrote, err := postAll(ctx, tx, []ledger.Txn{t})
	return err == nil && wrote[0], err
}

// allowed refuses a transaction that breaks a promise, in the words in force.
func allowed(ctx context.Context, tx *db.Tx, t ledger.Txn) error {
	err := Guard(t)
	if err == nil {
		err = guardFacts(ctx, tx, t)
	}
	if err != nil {
		return inWords(ctx, tx, err)
	}
	return nil
}

func postAll(ctx context.Context, tx *db.Tx, txns []ledger.Txn) ([]bool, error) {
	for _, t := range txns {
		if err := allowed(ctx, tx, t); err != nil {
			return nil, err
		}
	}
	wrote, err := ledger.Post(ctx, tx, txns...)
	if err != nil {
		return nil, fmt.Errorf("promise: %w", err)
	}
	return wrote, fix(ctx, tx, txns, wrote)
}

// OrdersPlaced books that buyers owe and producers may come to be owed, for a
// group of orders that are placed in one transaction: one booking a producer
// and one for the freight, whatever the number of orders, because a crowd
// places hundreds at once and nothing of it is earned yet. Every order names
// its group, so the sums can be taken apart again (fsck.placed).
func OrdersPlaced(ctx context.Context, tx *db.Tx, group id.Placing, sales ...Sale) error {
	for _, s := range sales {
		if err := s.check(); err != nil {
			return inWords(ctx, tx, err)
		}
	}
	all := Together(group, sales...)
	txns := placed(all)
	if err := guardSale(all, wasPlaced, txns); err != nil {
		return inWords(ctx, tx, err)
	}
	return post(ctx, tx, txns)
}

// OrderPaid books a payment that came in through a channel ('sandbox',
// 'offline'): the buyers' debt is settled, and what each producer, the
// commission and the centre's trade get is booked by the scripts of the
// promises that were in force when the order was placed.
func OrderPaid(ctx context.Context, tx *db.Tx, s Sale, channel string) error {
	if err := s.check(); err != nil {
		return inWords(ctx, tx, err)
	}
	rules, err := Load(ctx, tx)
	if err != nil {
		return err
	}
	txns, err := rules.paid(ctx, s, channel)
	if err == nil {
		err = guardSale(s, wasPaid, txns)
	}
	if err != nil {
		return inWords(ctx, tx, err)
	}
	return post(ctx, tx, txns)
}

// OrderClosed takes back what OrdersPlaced booked of orders that were never paid.
func OrderClosed(ctx context.Context, tx *db.Tx, sales ...Sale) error {
	return book(ctx, tx, sales, wasClosed, closed)
}

// OrderRefunded takes back a paid order whole and books that the buyer is owed
// the money until RefundDone.
func OrderRefunded(ctx context.Context, tx *db.Tx, s Sale) error {
	return book(ctx, tx, []Sale{s}, wasRefunded, refunded)
}

func book(ctx context.Context, tx *db.Tx, sales []Sale, e event, lines func(Sale) []ledger.Txn) error {
	var txns []ledger.Txn
	for _, s := range sales {
		if err := s.check(); err != nil {
			return inWords(ctx, tx, err)
		}
		of := lines(s)
		if err := guardSale(s, e, of); err != nil {
			return inWords(ctx, tx, err)
		}
		txns = append(txns, of...)
	}
	return post(ctx, tx, txns)
}

// LatePaid books money that came for an order already closed (or paid by
// another payment): it is the buyer's from the start.
func LatePaid(ctx context.Context, tx *db.Tx, order id.Order, payment id.Payment, fen money.Fen, channel string) error {
	return post(ctx, tx, []ledger.Txn{{
		Ref: "payment/" + string(payment) + "/late", Kind: KindLate, Memo: "order " + string(order),
		Lines: []ledger.Line{clearing(channel, fen), refundDue(-fen)},
	}})
}

// RefundDone books that a refund left through the channel.
func RefundDone(ctx context.Context, tx *db.Tx, refund id.Refund, order id.Order, fen money.Fen, channel string) error {
	return post(ctx, tx, []ledger.Txn{{
		Ref: "refund/" + string(refund) + "/done", Kind: KindRefundDone, Memo: "order " + string(order),
		Lines: []ledger.Line{refundDue(fen), clearing(channel, -fen)},
	}})
}
