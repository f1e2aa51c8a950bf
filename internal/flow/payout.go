package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// payeeOf is a payee as the books name it.
func payeeOf(p statement.Payee, local bool) promise.Payee {
	return promise.Payee{Kind: p.Kind, ID: p.ID, Local: local}
}

// MakePayouts gathers the approved statements that can be paid into a batch
// (finance). Faults: statement.nothing_payable.
func (f *Flow) MakePayouts(ctx context.Context, who actor.Actor, note string) (id.Batch, error) {
	var b id.Batch
	return b, f.DB.Update(ctx, func(tx *db.Tx) error {
		ready, _, err := Payable(ctx, tx)
		if err == nil {
			b, err = statement.MakeBatch(ctx, tx, who, note, ready)
		}
		return err
	})
}

// Reasons why an approved statement can't be paid yet.
const (
	NoAccount   = "no_account"
	Unconfirmed = "unconfirmed" // the account waits for a second person
	OwedLess    = "owed_less"   // a refund of the meantime took more than is left
	InOffice    = "in_office"   // the host came to hold public office (P4)
)

// Held is an approved statement that can't be paid yet.
type Held struct {
	statement.Statement
	Why string
}

// Payable lists the approved statements that are in no batch: those that can
// be paid, and those that can't with the reason.
func Payable(ctx context.Context, q db.Querier) (ready []statement.Statement, held []Held, err error) {
	list, lacking, err := statement.Payable(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	for _, l := range lacking {
		why := NoAccount
		if l.Waits {
			why = Unconfirmed
		}
		held = append(held, Held{l.Statement, why})
	}
	asked := map[statement.Payee]money.Fen{}
	for _, s := range list {
		if s.Payee.Kind == statement.Host {
			official, err := promise.Official(ctx, q, id.User(s.Payee.ID))
			if err != nil {
				return nil, nil, err
			}
			if official { // one of them would keep the whole batch from everybody
				held = append(held, Held{s, InOffice})
				continue
			}
		}
		owed, err := promise.Owed(ctx, q, payeeOf(s.Payee, s.Local))
		if err != nil {
			return nil, nil, err
		}
		if asked[s.Payee]+s.Pay > owed {
			held = append(held, Held{s, OwedLess})
			continue
		}
		asked[s.Payee] += s.Pay
		ready = append(ready, s)
	}
	return ready, held, nil
}

// ReleaseBatch lets a batch go to the bank: its payouts are pending in the books
// from now on, so that no other can promise the same money. Another person
// than who made it (finance, admin). Faults: those of statement.Release,
// promise.overpaid.
func (f *Flow) ReleaseBatch(ctx context.Context, who actor.Actor, b id.Batch) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		if err := statement.Release(ctx, tx, who, b); err != nil {
			return err
		}
		list, err := statement.Payouts(ctx, tx, b)
		for _, p := range list {
			if err == nil && p.State == statement.Waiting {
				err = promise.PayoutHeld(ctx, tx, string(p.ID), payeeOf(p.Payee, p.Local), p.Amount, p.Tax, "bank")
			}
		}
		return err
	})
}

// DropBatch gives a batch up that has not been paid from, and what it held.
func (f *Flow) DropBatch(ctx context.Context, who actor.Actor, b id.Batch) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		list, err := statement.Payouts(ctx, tx, b)
		if err == nil {
			err = statement.Drop(ctx, tx, who, b)
		}
		for _, p := range list {
			if err == nil {
				err = promise.PayoutLetGo(ctx, tx, string(p.ID))
			}
		}
		return err
	})
}

// PayoutPaid notes that the bank paid and books it. Telling again changes
// nothing.
func (f *Flow) PayoutPaid(ctx context.Context, who actor.Actor, p id.Payout, bankRef string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return payoutPaid(ctx, tx, who, p, bankRef) })
}

func payoutPaid(ctx context.Context, tx *db.Tx, who actor.Actor, p id.Payout, bankRef string) error {
	did, err := statement.MarkPaid(ctx, tx, who, p, bankRef)
	if err != nil || !did {
		return err
	}
	x, err := statement.PayoutByID(ctx, tx, p)
	if err != nil {
		return err
	}
	return promise.PaidOut(ctx, tx, string(p), payeeOf(x.Payee, x.Local), x.Amount, x.Tax, "bank")
}

// BatchPaid notes one bank number for all payouts of a batch that wait.
func (f *Flow) BatchPaid(ctx context.Context, who actor.Actor, b id.Batch, bankRef string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		list, err := statement.Payouts(ctx, tx, b)
		for _, p := range list {
			if err == nil && p.State == statement.Waiting {
				err = payoutPaid(ctx, tx, who, p.ID, bankRef)
			}
		}
		return err
	})
}

// PayoutBack notes that the bank sent a payout back and takes its booking back;
// the statement is payable again.
func (f *Flow) PayoutBack(ctx context.Context, who actor.Actor, p id.Payout, why string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		did, err := statement.MarkReversed(ctx, tx, who, p, why)
		if err != nil || !did {
			return err
		}
		x, err := statement.PayoutByID(ctx, tx, p)
		if err != nil {
			return err
		}
		return promise.PayoutReversed(ctx, tx, string(p), payeeOf(x.Payee, x.Local), x.Amount, x.Tax, "bank")
	})
}

// HostPay books what a host earned for a show, with the agency's part by the
// host's consent (finance). The same key is booked once. Faults: those of
// statement.AddEarning and promise.HostEarned, statement.period_closed for a day
// that a sheet was issued for.
func (f *Flow) HostPay(ctx context.Context, who actor.Actor, e statement.Earning) error {
	if e.Kind != promise.FromWages && e.Kind != promise.FromCommission {
		return fault.New(fault.Invalid, "fault.choice").At("kind")
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		if e.Agency != "" {
			bp, err := promise.Consent(ctx, tx, e.Host, e.Agency)
			if err != nil {
				return err
			}
			if bp == 0 {
				return fault.New(fault.Denied, "promise.no_consent", "Asked", e.HostFen.String(), "Agreed", "0.00").At("agency")
			}
			e.AgencyFen = e.HostFen.Share(bp)
			e.HostFen -= e.AgencyFen
		}
		e.ID = id.New[id.Earning]()
		added, err := statement.AddEarning(ctx, tx, who, e)
		if err != nil || !added {
			return err
		}
		agency := promise.Payee{}
		if e.AgencyFen > 0 {
			agency = promise.Payee{Kind: "agency", ID: string(e.Agency)}
		}
		if err := promise.HostEarned(ctx, tx, string(e.ID), promise.Payee{Kind: "host", ID: string(e.Host)}, e.HostFen, agency, e.AgencyFen, e.Kind); err != nil {
			return err
		}
		return needOpen(ctx, tx, e)
	})
}

// needOpen refuses pay of a day that is on the sheets of host or agency already.
func needOpen(ctx context.Context, q db.Querier, e statement.Earning) error {
	err := statement.NeedOpen(ctx, q, statement.Payee{Kind: statement.Host, ID: string(e.Host)}, e.Day)
	if err == nil && e.AgencyFen > 0 {
		err = statement.NeedOpen(ctx, q, statement.Payee{Kind: statement.Agency, ID: string(e.Agency)}, e.Day)
	}
	return err
}
