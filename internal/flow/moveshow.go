package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// MoveShow announces, starts, stops or cancels a show and tells its room.
// Stopping unpins, turns items off sale and ends the stream. Announcing looks
// through the words of the notice first. Faults: those of show.Move,
// review.word.
func (f *Flow) MoveShow(ctx context.Context, who actor.Actor, s id.Show, to show.State) (show.Show, error) {
	var sh show.Show
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if sh, err = show.Move(ctx, tx, who, s, to); err != nil || to != show.Announced {
			return err
		}
		return f.checkNotice(sh)
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
	return sh, nil
}
