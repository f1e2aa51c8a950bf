package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/relay"
	"lindu.example/lindu/internal/show"
)

// Relays is what is to be sent on now: by stream, the targets that are on for a
// show that is on air. A practice show and a rehearsal are nobody else's to see.
func (f *Flow) Relays(ctx context.Context) (map[string][]push.Target, error) {
	live, err := show.List(ctx, f.DB, show.Filter{States: []show.State{show.Live}})
	if err != nil {
		return nil, err
	}
	var ids []id.Show
	for _, s := range live {
		if !s.Practice {
			ids = append(ids, s.ID)
		}
	}
	on, err := relay.On(ctx, f.DB, f.Vault, ids...)
	out := make(map[string][]push.Target, len(on))
	for s, targets := range on {
		out[string(s)] = targets
	}
	return out, err
}

// SwitchRelay says whether a show is sent to a target (operator). Faults: those
// of relay.Switch, show.over, send.practice, send.in_use while another show on
// air uses it, because a platform's room takes one picture.
func (f *Flow) SwitchRelay(ctx context.Context, who actor.Actor, s id.Show, t id.Relay, on bool) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		sh, err := show.ByID(ctx, tx, s)
		if err != nil {
			return err
		}
		if on && sh.Over() {
			return fault.New(fault.Conflict, "show.over")
		}
		if on && sh.Practice {
			return fault.New(fault.Conflict, "send.practice")
		}
		if on {
			if err := relayFree(ctx, tx, s, t); err != nil {
				return err
			}
		}
		return relay.Switch(ctx, tx, who, s, t, on)
	})
}

// relayFree refuses a target that another show on air uses.
func relayFree(ctx context.Context, q db.Querier, s id.Show, t id.Relay) error {
	used, err := relay.UsedBy(ctx, q, t)
	if err != nil {
		return err
	}
	for _, other := range used {
		if other == s {
			continue
		}
		o, err := show.ByID(ctx, q, other)
		if err != nil {
			return err
		}
		if o.State == show.Live {
			return fault.New(fault.Conflict, "send.in_use", "Show", o.Title)
		}
	}
	return nil
}
