package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/compliance"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// Correct says in a room what was said wrongly and what is right: staff, and
// the host of the show; while it runs, and afterwards for the replay.
func (f *Flow) Correct(ctx context.Context, who actor.Actor, s id.Show, wrong, right string) (compliance.Correction, error) {
	var c compliance.Correction
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		sh, err := show.ByID(ctx, tx, s)
		switch {
		case err != nil:
			return err
		case sh.State != show.Live && sh.State != show.Ended:
			return fault.New(fault.Conflict, "compliance.not_begun")
		case sh.Host != who.User && !who.Has(actor.Operator, actor.Moderator, actor.Admin):
			return fault.New(fault.Denied, "show.not_yours")
		}
		c, err = compliance.Correct(ctx, tx, who, s, wrong, right)
		return err
	})
	if err == nil {
		f.tell(s, room.KindCorrection, room.CorrectionOf(c))
	}
	return c, err
}

// SetAI says which parts of a show AI makes and tells its room.
func (f *Flow) SetAI(ctx context.Context, who actor.Actor, s id.Show, parts []string) (show.Show, error) {
	var sh show.Show
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		sh, err = show.SetAI(ctx, tx, who, s, parts)
		return err
	})
	if err == nil {
		f.tell(s, room.KindAI, room.AIEvent{AI: sh.AI})
	}
	return sh, err
}
