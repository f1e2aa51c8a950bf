package flow

import (
	"context"
	"errors"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
)

// freed is put behind a split's number for the number of what freed its payment:
// asking for the split itself must never find that.
const freed = "-free"

// GiveUpSplit has the statements pay by bank what the provider did not (finance).
// The provider is asked first, and has the last word: what it has paid is booked
// instead, and what it froze is freed, so that a try still on its way finds
// nothing to share any more. It tells whether the split was given up (false: it
// was done). Faults: payment.split_under_way, payment.split_partly,
// payment.split_not_failed, payment.gateway_down, payment.gateway_refused.
func (f *Flow) GiveUpSplit(ctx context.Context, who actor.Actor, sid id.Split) (bool, error) {
	if err := f.DB.Update(ctx, func(tx *db.Tx) error { return payment.HoldSplit(ctx, tx, who, sid) }); err != nil {
		return false, err
	}
	s, err := payment.SplitByID(ctx, f.DB, sid)
	if err != nil {
		return false, err
	}
	if s.State != payment.SplitFailed {
		return false, fault.New(fault.Conflict, "payment.split_not_failed")
	}
	ref, err := f.freeSplit(ctx, s)
	if err != nil {
		return false, err
	}
	return ref == "", f.DB.Update(ctx, func(tx *db.Tx) error {
		if ref == "" {
			return payment.GiveUpSplit(ctx, tx, who, sid)
		}
		return bookSplit(ctx, tx, s, ref)
	})
}

// freeSplit frees a payment that nothing was paid out of, or gives the number of
// the split that was done after all.
func (f *Flow) freeSplit(ctx context.Context, s payment.Splitting) (done string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 3*gatewayTimeout)
	defer cancel()
	g, ok := f.Gateways[s.Gateway].(payment.Splitter)
	if !ok {
		return "", fault.New(fault.Unavailable, "payment.unknown_gateway")
	}
	ref, err := g.SplitState(ctx, string(s.ID), s.PaidRef)
	switch {
	case err == nil:
		return ref, nil
	case errors.Is(err, payment.ErrUnknown):
		if _, err = g.Split(ctx, payment.Split{ID: string(s.ID) + freed, Ref: s.PaidRef}); err == nil {
			return "", nil
		}
	case errors.Is(err, payment.ErrNotShared) && len(s.Parts) == 1:
		return "", nil // the only receiver did not get it
	case errors.Is(err, payment.ErrNotShared):
		return "", fault.New(fault.Conflict, "payment.split_partly")
	}
	if errors.Is(err, payment.ErrSplitting) {
		return "", fault.New(fault.Conflict, "payment.split_under_way")
	}
	return "", fault.New(fault.Unavailable, problemOf(err)).Because(err)
}
