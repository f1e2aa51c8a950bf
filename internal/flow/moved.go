package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/bank"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
)

// MoneyMoved keeps and books what finance saw move on the bank account
// (finance). Told again with the same reference of the bank it is the same move,
// and added is false. Faults: those of bank.Add, promise.more_than_there.
func (f *Flow) MoneyMoved(ctx context.Context, who actor.Actor, m bank.Move) (is bank.Move, added bool, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) error {
		is, added, err = bank.Add(ctx, tx, who, m)
		if err != nil || !added {
			return err
		}
		return bookMove(ctx, tx, is)
	})
	return is, added, err
}

// TakeBackMove takes back what was entered wrongly (finance); its reference can
// then be entered anew. Again changes nothing.
func (f *Flow) TakeBackMove(ctx context.Context, who actor.Actor, of id.Move, reason string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		m, added, err := bank.TakeBack(ctx, tx, who, of, reason)
		if err != nil || !added {
			return err
		}
		return promise.MoveTakenBack(ctx, tx, string(m.Back.ID), promise.Standing{Kind: m.Kind, Party: m.Party}, m.Fen)
	})
}

func bookMove(ctx context.Context, tx *db.Tx, m bank.Move) error {
	// An account that nothing was ever booked on is a slip of the hand, not an
	// account with nothing on it.
	all, err := promise.Standings(ctx, tx)
	if err != nil {
		return err
	}
	known := false
	for _, s := range all {
		known = known || s.Kind == m.Kind && s.Party == m.Party
	}
	ref := string(m.ID)
	switch {
	case !known:
		return fault.New(fault.Invalid, "fault.choice").At("account")
	case m.Kind == bank.Channel:
		return promise.ChannelPaidOut(ctx, tx, ref, m.Fen, m.Party)
	case m.Kind == bank.Carrier:
		return promise.CarrierPaid(ctx, tx, ref, m.Party, m.Fen)
	}
	return promise.TaxPaid(ctx, tx, ref, m.Fen)
}
