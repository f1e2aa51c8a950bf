package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
)

// HideMessage takes a message out of sight and tells the room.
func (f *Flow) HideMessage(ctx context.Context, who actor.Actor, m id.Message) error {
	var hidden chat.Message
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		hidden, err = chat.Hide(ctx, tx, who, m)
		return err
	})
	if err != nil {
		return err
	}
	f.tell(hidden.Show, room.KindHide, room.MessageRef{ID: m})
	return nil
}
