package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
)

// HideMessage takes a message out of sight, with a reason for its writer, and
// tells the room.
func (f *Flow) HideMessage(ctx context.Context, who actor.Actor, m id.Message, reason string) error {
	hidden, err := f.message(ctx, func(tx *db.Tx) (chat.Message, error) { return chat.Hide(ctx, tx, who, m, reason) })
	if err != nil {
		return err
	}
	f.tell(hidden.Show, room.KindHide, room.MessageRef{ID: m})
	return nil
}

// UnhideMessage lets a message be seen again.
func (f *Flow) UnhideMessage(ctx context.Context, who actor.Actor, m id.Message) error {
	x, err := f.message(ctx, func(tx *db.Tx) (chat.Message, error) { return chat.Unhide(ctx, tx, who, m) })
	if err == nil {
		f.tellMessage(x)
	}
	return err
}

func (f *Flow) message(ctx context.Context, fn func(tx *db.Tx) (chat.Message, error)) (m chat.Message, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		m, err = fn(tx)
		return err
	})
	return m, err
}

// PinComment puts a message above a room's chat, or nothing (""), and tells the
// room.
func (f *Flow) PinComment(ctx context.Context, who actor.Actor, s id.Show, m id.Message) error {
	var pinned *chat.Message
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if err = chat.PinComment(ctx, tx, who, s, m); err == nil {
			pinned, err = chat.Pinned(ctx, tx, s)
		}
		return err
	})
	if err != nil {
		return err
	}
	f.tell(s, room.KindComment, room.Comment(pinned))
	return nil
}
