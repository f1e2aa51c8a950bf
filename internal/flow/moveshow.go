package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
)

// MoveShow announces, starts, stops or cancels a show and tells its room.
// Stopping unpins, turns items off sale, ends flash sales and the stream, and
// gives the show's allotments back. Announcing looks
// through the words of the notice first; starting needs a signature under what
// is there (SignShow). Faults: those of show.Move, review.word,
// compliance.unsigned, compliance.stale, compliance.reopened.
func (f *Flow) MoveShow(ctx context.Context, who actor.Actor, s id.Show, to show.State) (show.Show, error) {
	var sh show.Show
	var back []id.Lot
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		before, err := show.ByID(ctx, tx, s)
		if err != nil {
			return err
		}
		sh, err = show.Move(ctx, tx, who, s, to)
		switch {
		case err != nil:
			return err
		case to == show.Live && before.State != show.Live:
			return f.needSignoff(ctx, tx, sh)
		case to == show.Announced:
			return f.checkNotice(sh)
		case sh.Over(): // what only it could sell is for all again
			if back, err = lot.TakeBackShow(ctx, tx, who, s); err == nil {
				err = coupon.EndOfShow(ctx, tx, s)
			}
		}
		return err
	})
	if err != nil {
		return show.Show{}, err
	}
	f.tell(s, room.KindShow, room.ShowEvent{State: string(sh.State)})
	if sh.Over() {
		f.tell(s, room.KindPin, room.PinEvent{})
		if f.Media != nil {
			f.Media.End(string(s)) // after the commit: an encoder that comes back is refused
		}
	}
	return sh, f.lotsChanged(ctx, back...)
}
