package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// CallHelp calls staff to a host's room; tapping again calls once.
func (f *Flow) CallHelp(ctx context.Context, who actor.Actor, s id.Show) (h show.Help, err error) {
	return h, f.help(ctx, s, func(tx *db.Tx) error {
		h, err = show.CallHelp(ctx, tx, who, s)
		return err
	})
}

// AnswerHelp tells the host who comes.
func (f *Flow) AnswerHelp(ctx context.Context, who actor.Actor, s id.Show) (h show.Help, err error) {
	return h, f.help(ctx, s, func(tx *db.Tx) error {
		h, err = show.AnswerHelp(ctx, tx, who, s)
		return err
	})
}

// EndHelp closes a call: helped, or taken back.
func (f *Flow) EndHelp(ctx context.Context, who actor.Actor, s id.Show) error {
	return f.help(ctx, s, func(tx *db.Tx) error { return show.EndHelp(ctx, tx, who, s) })
}

func (f *Flow) help(ctx context.Context, s id.Show, change func(tx *db.Tx) error) error {
	err := f.DB.Update(ctx, change)
	if err == nil {
		f.tell(s, room.KindHelp, room.Help{})
	}
	return err
}
