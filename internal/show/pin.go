package show

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// PinItem shows an item as "explaining now", or nothing ("") (operator, or the
// show's host). Pinning what is pinned changes nothing. Faults: show.not_live,
// show.item_off, NotFound for an item of another show.
func PinItem(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, it id.Item) error {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return err
	}
	sh, err := lockOpen(ctx, tx, s)
	if err != nil {
		return err
	}
	if err := mayRun(who, sh); err != nil {
		return err
	}
	switch {
	case sh.State != Live:
		return fault.New(fault.Conflict, "show.not_live")
	case sh.Pinned == it:
		return nil
	}
	if it != "" {
		items, err := ItemsByID(ctx, tx, it)
		if err != nil {
			return err
		}
		i, ok := items[it]
		if !ok || i.Show != s {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if i.State == Off {
			return fault.New(fault.Conflict, "show.item_off")
		}
	}
	return setPin(ctx, tx, who, &sh, it)
}

func setPin(ctx context.Context, tx *db.Tx, who actor.Actor, sh *Show, it id.Item) error {
	if _, err := tx.Exec(ctx, `UPDATE live_show SET pinned_item = $2 WHERE id = $1`, sh.ID, it); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO show_pin (id, show_id, item_id, at_us, actor_id) VALUES ($1, $2, $3, $4, $5)`,
		id.New[id.Event](), sh.ID, it, tx.NowUs(), who.User)
	if err != nil {
		return err
	}
	sh.Pinned = it
	return audit.Write(ctx, tx, who, "show.pin", "show", sh.ID, map[string]any{"item": it})
}
