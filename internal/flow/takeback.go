package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// TakeBackPay takes a host's pay back, or fen of it, and the agency's part in
// proportion (finance): the next sheets have it below zero. Faults: those of
// statement.TakeBack.
func (f *Flow) TakeBackPay(ctx context.Context, who actor.Actor, of id.Earning, fen money.Fen, reason string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		e, added, err := statement.TakeBack(ctx, tx, who, of, fen, reason)
		if err != nil || !added {
			return err
		}
		agency := promise.Payee{}
		if e.Back.AgencyFen > 0 {
			agency = promise.Payee{Kind: "agency", ID: string(e.Agency)}
		}
		return promise.HostTakenBack(ctx, tx, string(e.Back.ID), promise.Payee{Kind: "host", ID: string(e.Host)}, e.Back.HostFen, agency, e.Back.AgencyFen, e.Kind)
	})
}

// TakeBackCost takes a cost or an income that finance entered back, or fen of
// it (finance). It counts on the day it is taken back. Faults: those of
// breakeven.TakeBack.
func (f *Flow) TakeBackCost(ctx context.Context, who actor.Actor, of id.Cost, fen money.Fen, reason string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		b, added, err := breakeven.TakeBack(ctx, tx, who, of, fen, reason)
		if err != nil || !added {
			return err
		}
		return promise.CostTakenBack(ctx, tx, string(b.ID), b.Kind, -b.Fen, b.Memo)
	})
}
