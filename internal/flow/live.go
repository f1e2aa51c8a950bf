package flow

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// MoveShow announces, starts, stops or cancels a show and tells its room.
// Stopping unpins, turns items off sale and ends the stream.
func (f *Flow) MoveShow(ctx context.Context, who actor.Actor, s id.Show, to show.State) (show.Show, error) {
	panic("not built yet")
}

// AddItem appends a product to a running order and tells the room.
func (f *Flow) AddItem(ctx context.Context, who actor.Actor, s id.Show, it show.Item) (room.Item, error) {
	panic("not built yet")
}

// SetItem changes an item (price, state, released units, limit) and tells the
// room. A price under the lots' floor is refused with show.below_floor.
func (f *Flow) SetItem(ctx context.Context, who actor.Actor, it show.Item) (room.Item, error) {
	panic("not built yet")
}

// ReleaseMore puts n more units of an item up for sale and tells the room.
func (f *Flow) ReleaseMore(ctx context.Context, who actor.Actor, it id.Item, n int64) (room.Item, error) {
	panic("not built yet")
}

// PinItem shows an item as "explaining now" ("" for none) and tells the room.
func (f *Flow) PinItem(ctx context.Context, who actor.Actor, s id.Show, it id.Item) error {
	panic("not built yet")
}

// Say posts a chat message: length, rate, mute and word list are checked; a
// hit is fault chat.word with a proposal. It tells the room.
func (f *Flow) Say(ctx context.Context, who actor.Actor, s id.Show, body string) (chat.Message, error) {
	panic("not built yet")
}

// HideMessage takes a message out of sight and tells the room.
func (f *Flow) HideMessage(ctx context.Context, who actor.Actor, m id.Message) error {
	panic("not built yet")
}

// MutePerson silences a person in a room.
func (f *Flow) MutePerson(ctx context.Context, who actor.Actor, s id.Show, u id.User, d time.Duration, reason string) error {
	panic("not built yet")
}

// StockChanged tells the rooms that offer these products about their new
// stock, after the commit: orders, expiry, movements.
func (f *Flow) StockChanged(ctx context.Context, products ...id.Product) { panic("not built yet") }

// SendReminders texts those who asked, 10 minutes before a show, and tells how many.
func (f *Flow) SendReminders(ctx context.Context) (int, error) { panic("not built yet") }
