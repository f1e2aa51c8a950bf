package app

import (
	"context"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
	"lindu.example/lindu/internal/show"
)

// pictures ends streams for the flow.
type pictures struct {
	hub    *media.Hub
	origin *hls.Origin
}

func (p pictures) End(streamID string) { p.hub.End(streamID) }

func (p pictures) Cut(streamID string) {
	p.origin.Cut(streamID) // first: who waits is woken by the end
	p.hub.End(streamID)
}

func (p pictures) Kick(streamID string, reason error) { p.hub.Kick(streamID, reason) }

// overEvery is how often the pictures taken here are compared with the records.
// A show that is ended by force must be dark for everybody within 2 s.
const overEvery = 500 * time.Millisecond

// askEvery is how often those who send a picture here are asked for again.
const askEvery = 2 * time.Second

// deniedElsewhere sends those away who send a picture here with a key that
// another process has revoked: it can't reach our hub.
func (a *App) deniedElsewhere(ctx context.Context) {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := a.hub.Recheck(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("who may send a picture", "err", err)
		}
	}
}

// endedElsewhere ends pictures that are taken here of shows which another
// process ended: it can't reach our hub. Without a picture it asks nothing.
func (a *App) endedElsewhere(ctx context.Context) {
	tick := time.NewTicker(overEvery)
	defer tick.Stop()
	ends := pictures{a.hub, a.origin}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var on []id.Show
		for _, s := range a.hub.All() {
			if s.State != media.Ended {
				on = append(on, id.Show(s.StreamID))
			}
		}
		over, err := show.WhichAreOver(ctx, a.DB, on...)
		if err != nil {
			if ctx.Err() == nil {
				a.log.Error("shows that are over", "err", err)
			}
			continue
		}
		for _, s := range over {
			if s.Cut {
				ends.Cut(string(s.ID))
			} else {
				ends.End(string(s.ID))
			}
		}
	}
}
