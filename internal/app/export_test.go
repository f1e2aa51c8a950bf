package app

import (
	"context"

	"lindu.example/lindu/internal/media"
)

// StopSweeps ends what the centre does by itself, for tests that look at
// whether a request changed anything.
func (a *App) StopSweeps() error { return a.jobs.Stop(context.Background()) }

// Hub is where pictures are taken.
func (a *App) Hub() *media.Hub { return a.hub }

// OverEvery is the clock of endedElsewhere.
const OverEvery = overEvery

// CanJoin is whom a room's socket lets in.
func (a *App) CanJoin(ctx context.Context, visitor, room string) error {
	return a.canJoin(ctx, visitor, room)
}
