package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/show"
)

// CutShow ends a show at once for everybody: its state, and with it orders and
// chat; its key; its picture on every way (playlists refuse, sessions close, the
// publisher is sent away); and its room is told. Again does nothing.
func (f *Flow) CutShow(ctx context.Context, who actor.Actor, s id.Show, why string) (show.Show, error) {
	var sh show.Show
	var back []id.Lot
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if sh, err = show.Cut(ctx, tx, who, s, why); err != nil {
			return err
		}
		if back, err = lot.TakeBackShow(ctx, tx, who, s); err == nil {
			err = coupon.EndOfShow(ctx, tx, s)
		}
		return err
	})
	if err != nil {
		return show.Show{}, err
	}
	if f.Media != nil {
		f.Media.Cut(string(s)) // first the picture: nobody must see more of it
	}
	f.tell(s, room.KindShow, room.ShowEvent{State: string(sh.State), Cut: sh.CutWhy})
	f.tell(s, room.KindPin, room.PinEvent{})
	return sh, f.lotsChanged(ctx, back...)
}

// Watchable tells which of these shows everybody can watch again: those with a
// recording, but none that was ended by force. What had to stop is for the
// centre and its host to look at, and is not shown once more.
func (f *Flow) Watchable(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show]bool, error) {
	has, err := recording.Has(ctx, q, shows...)
	if err != nil {
		return nil, err
	}
	cut, err := show.WereCut(ctx, q, shows...)
	for s := range cut {
		delete(has, s)
	}
	return has, err
}
