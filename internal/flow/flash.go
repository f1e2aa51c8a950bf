package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// StartFlash sets up a flash sale of an item and tells the room: the countdown
// begins now, or so that selling begins at the time asked for. It ends by its
// time or when it is sold out; nothing needs to sweep. A price under
// the floor is show.below_floor: AskPrice asks for a second signer. Other faults: those of show.StartFlash.
func (f *Flow) StartFlash(ctx context.Context, who actor.Actor, n show.NewFlash) (show.Flash, error) {
	var made show.Flash
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if made, err = show.StartFlash(ctx, tx, who, n); err != nil {
			return err
		}
		items, err := show.ItemsByID(ctx, tx, n.Item)
		if err != nil {
			return err
		}
		it := items[n.Item]
		it.Price = made.Price
		return checkBound(ctx, tx, it, made.Normal)
	})
	if err != nil {
		return show.Flash{}, err
	}
	_, err = f.tellItem(ctx, made.Show, made.Item)
	return made, err
}

// CancelFlash ends a flash sale before its time and tells the room. Orders
// placed in it keep their price.
func (f *Flow) CancelFlash(ctx context.Context, who actor.Actor, flash id.Flash) (room.Item, error) {
	var x show.Flash
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		x, err = show.CancelFlash(ctx, tx, who, flash)
		return err
	})
	if err != nil {
		return room.Item{}, err
	}
	return f.tellItem(ctx, x.Show, x.Item)
}
