package app

import "context"

// StopSweeps ends what the centre does by itself, for tests that look at
// whether a request changed anything.
func (a *App) StopSweeps() error { return a.jobs.Stop(context.Background()) }
