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

const (
	// overEvery is how often the pictures taken here are compared with the
	// records. A show that is ended by force must be dark for everybody in 2 s.
	overEvery = 500 * time.Millisecond
	// askEvery is how often those who send a picture here are asked for again: a
	// key may have been revoked by another process, which can't reach our hub.
	askEvery = 2 * time.Second
)

// endedElsewhere ends pictures that are taken here of shows which another
// process ended: it can't reach our hub. Without a picture it asks nothing.
func (a *App) endedElsewhere(ctx context.Context) error {
	var on []id.Show
	for _, s := range a.hub.All() {
		if s.State != media.Ended {
			on = append(on, id.Show(s.StreamID))
		}
	}
	over, err := show.WhichAreOver(ctx, a.DB, on...)
	ends := pictures{a.hub, a.origin}
	for _, s := range over {
		if s.Cut {
			ends.Cut(string(s.ID))
		} else {
			ends.End(string(s.ID))
		}
	}
	return err
}
