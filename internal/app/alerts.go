package app

import (
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/watch"
	"lindu.example/lindu/internal/id"
)

// buildWatch makes what looks after running shows.
func (a *App) buildWatch() *watch.Watch {
	return &watch.Watch{DB: a.DB, Rules: a.cfg.Alerts.Rules(), See: a.see}
}

// see is what this process sees of a show.
func (a *App) see(s id.Show) watch.Sight {
	x := watch.Sight{Online: a.rt.Online(room.Channel(s)), Stream: string(a.hub.State(string(s)))}
	st, ok := a.hub.Stats(string(s))
	if !ok || !st.Publishing {
		return x
	}
	x.FPS, x.KBit, x.Drops = st.FPS, int64(st.BitsPerSecond/1000), st.Dropped
	for _, w := range st.Warnings {
		x.Warnings = append(x.Warnings, w.Key())
	}
	return x
}
