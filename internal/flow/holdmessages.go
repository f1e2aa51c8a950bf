package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// releaseAtOnce bounds what the clock shows in one transaction.
const releaseAtOnce = 2 * chat.MaxHeld

// ReleaseMessages shows the held messages whose time has come and tells their
// rooms; the clock calls it every other second.
func (f *Flow) ReleaseMessages(ctx context.Context) (int, error) {
	var out []chat.Message
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		out, err = chat.ReleaseDue(ctx, tx, releaseAtOnce)
		return err
	})
	if err != nil {
		return 0, err
	}
	f.tellMessage(out...)
	return len(out), nil
}

// SetChat sets a room's slow mode and how long its messages wait for
// moderators, both in seconds (moderator, operator). What waits and is due by
// the new rule is shown at once, before anybody can write by it.
func (f *Flow) SetChat(ctx context.Context, who actor.Actor, s id.Show, slow, hold int) error {
	var out []chat.Message
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := show.ByID(ctx, tx, s); err != nil {
			return err
		}
		if err := show.SetSlowMode(ctx, tx, who, s, slow); err != nil {
			return err
		}
		if err := chat.SetHold(ctx, tx, who, s, hold); err != nil {
			return err
		}
		var err error
		out, err = chat.ReleaseDue(ctx, tx, releaseAtOnce)
		return err
	})
	if err != nil {
		return err
	}
	f.tell(s, room.KindRules, room.Rules{SlowMode: slow})
	f.tellMessage(out...)
	return nil
}

// ReleaseMessage shows a held message now.
func (f *Flow) ReleaseMessage(ctx context.Context, who actor.Actor, m id.Message) (chat.Message, error) {
	x, err := f.message(ctx, func(tx *db.Tx) (chat.Message, error) { return chat.Release(ctx, tx, who, m) })
	if err == nil {
		f.tellMessage(x)
	}
	return x, err
}

// RefuseMessage keeps a held message from the room.
func (f *Flow) RefuseMessage(ctx context.Context, who actor.Actor, m id.Message, reason string) (chat.Message, error) {
	x, err := f.message(ctx, func(tx *db.Tx) (chat.Message, error) { return chat.Refuse(ctx, tx, who, m, reason) })
	if err == nil {
		f.tell(x.Show, room.KindQueue, struct{}{})
	}
	return x, err
}
