package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// ReleaseMore puts n more units of an item up for sale and tells the room. key
// is the page's: a double tap counts once.
func (f *Flow) ReleaseMore(ctx context.Context, who actor.Actor, key string, it id.Item, n int64) (room.Item, error) {
	var now show.Item
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		now, err = show.ReleaseMore(ctx, tx, who, key, it, n)
		return err
	})
	if err != nil {
		return room.Item{}, err
	}
	return f.tellItem(ctx, now.Show, now.ID)
}
