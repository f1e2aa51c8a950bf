package flow

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// SetItem changes an item (price, state, released units, limit, script) and
// tells the room. A price outside the guard is refused with show.below_floor or
// show.above_ceiling, unless the item goes off: AskPrice asks for a second
// signer. Other faults: those of show.SetItem, review.word on the script.
func (f *Flow) SetItem(ctx context.Context, who actor.Actor, it show.Item) (room.Item, error) {
	if err := who.Need(actor.Operator); err != nil {
		return room.Item{}, err
	}
	if err := f.Words.Check(true, "script", it.Script); err != nil {
		return room.Item{}, err
	}
	var now show.Item
	var pinned bool
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if pinned, err = isPinned(ctx, tx, it.ID); err != nil {
			return err
		}
		was, err := show.ItemsByID(ctx, tx, it.ID)
		if err != nil {
			return err
		}
		if now, err = show.SetItem(ctx, tx, who, it); err != nil || now.State == show.Off {
			return err
		}
		return checkBound(ctx, tx, now, was[it.ID].Price)
	})
	if err != nil {
		return room.Item{}, err
	}
	if pinned && now.State == show.Off { // show.SetItem has unpinned it
		f.tell(now.Show, room.KindPin, room.PinEvent{})
	}
	return f.tellItem(ctx, now.Show, now.ID)
}

// ChangeItem changes some fields of an item and leaves the others as they stand,
// so that two people at the desk don't undo each other. seen is the version the
// page showed, when it sends a whole form: if somebody has changed the item
// since, nothing is written (show.changed_meanwhile). A zero seen changes what
// it names in any case.
func (f *Flow) ChangeItem(ctx context.Context, who actor.Actor, i id.Item, seen time.Time, change func(*show.Item)) (room.Item, error) {
	for try := 1; ; try++ {
		items, err := show.ItemsByID(ctx, f.DB, i)
		if err != nil {
			return room.Item{}, err
		}
		it, ok := items[i]
		if !ok {
			return room.Item{}, fault.New(fault.NotFound, "fault.not_found")
		}
		if !seen.IsZero() {
			it.Changed = seen
		}
		change(&it)
		now, err := f.SetItem(ctx, who, it)
		if seen.IsZero() && try < 4 && fault.HasKey(err, "show.changed_meanwhile") {
			continue // between reading and writing: once more
		}
		return now, err
	}
}

func isPinned(ctx context.Context, q db.Querier, it id.Item) (bool, error) {
	items, err := show.ItemsByID(ctx, q, it)
	if err != nil || items[it].ID == "" {
		return false, err
	}
	sh, err := show.ByID(ctx, q, items[it].Show)
	return sh.Pinned == it, err
}
