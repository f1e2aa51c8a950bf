package promise

import (
	"context"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/ledger"
)

// PaidThrough lists what a payee was paid by payment providers themselves
// (split settlement) up to a day, not from the centre's bank account; Fen is
// below zero for one that was reversed.
func PaidThrough(ctx context.Context, q db.Querier, to Payee, upTo clock.Day) ([]Entry, error) {
	path, err := to.path("paid")
	if err != nil {
		return nil, err
	}
	return ledger.Beside(ctx, q, path, "channel/", upTo)
}

// Would tells whether a sale could be booked, by the same checks and the same
// guard that a real one goes through; nothing is written. It gives the fault
// of the promise that forbids it, in the words in force.
func Would(ctx context.Context, q db.Querier, s Sale) error {
	return inWords(ctx, q, would(s))
}

func would(s Sale) error {
	if err := s.check(); err != nil {
		return err
	}
	for e, txns := range map[event][]ledger.Txn{wasPlaced: placed(s), wasPaid: paid(s, "none")} {
		if err := guardSale(s, e, txns); err != nil {
			return err
		}
		for _, t := range txns {
			if err := Guard(t); err != nil {
				return err
			}
		}
	}
	return nil
}
