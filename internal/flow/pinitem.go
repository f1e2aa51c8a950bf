package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// PinItem shows an item as "explaining now" ("" for none) and tells the room.
func (f *Flow) PinItem(ctx context.Context, who actor.Actor, s id.Show, it id.Item) error {
	err := f.DB.Update(ctx, func(tx *db.Tx) error { return show.PinItem(ctx, tx, who, s, it) })
	if err != nil {
		return err
	}
	f.tell(s, room.KindPin, room.PinEvent{Item: it})
	return nil
}
