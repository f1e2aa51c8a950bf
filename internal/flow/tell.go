package flow

import (
	"context"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
)

// tell tells a show's room, after the commit.
func (f *Flow) tell(s id.Show, kind string, data any) {
	if f.Rooms != nil {
		f.Rooms.Publish(room.Channel(s), kind, data)
	}
}

// tellItem reads an item as screens show it, and tells its show's room.
func (f *Flow) tellItem(ctx context.Context, s id.Show, it id.Item) (room.Item, error) {
	if f.Desk != nil {
		f.Desk.Reopened(it)
	}
	list, err := room.Items(ctx, f.DB, it)
	if err != nil {
		return room.Item{}, err
	}
	if len(list) == 0 {
		return room.Item{}, fault.New(fault.NotFound, "fault.not_found")
	}
	f.tell(s, room.KindItem, list[0])
	if err := f.tellWaiting(ctx, map[id.Item]id.Show{it: s}, list); err != nil && f.Log != nil { // the sweep tells them
		f.Log.ErrorContext(ctx, "who waits was not told", "item", it, "err", err)
	}
	return list[0], nil
}
