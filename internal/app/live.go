package app

import (
	"context"
	"strings"
	"time"

	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

func trimRoom(r string) string { return strings.TrimPrefix(r, "show:") }

// streamChanged tells a show's room that its picture came or went.
func (a *App) streamChanged(streamID string, s media.State) {
	a.log.Info("stream", "show", streamID, "state", s)
	a.rt.Publish(room.Channel(id.Show(streamID)), room.KindStream, room.StreamEvent{State: string(s)})
}

func (a *App) liveStreams() int {
	n := 0
	for _, s := range a.hub.All() {
		if s.State == media.Live {
			n++
		}
	}
	return n
}

// streams shows the hub to the screens.
type streams struct {
	hub      *media.Hub
	recorder *record.Recorder
}

// State implements site.Streams.
func (s streams) State(streamID string) string { return string(s.hub.State(streamID)) }

// Health implements site.Streams.
func (s streams) Health(streamID string) (site.StreamHealth, bool) {
	st, ok := s.hub.Stats(streamID)
	if !ok || !st.Publishing {
		return site.StreamHealth{}, false
	}
	h := site.StreamHealth{Width: st.Width, Height: st.Height, FPS: st.FPS, KBitPerS: int64(st.BitsPerSecond / 1000),
		KeyFrameEvery: st.KeyInterval, Dropped: st.Dropped, Codec: strings.Trim(st.VideoCodec+" "+st.AudioCodec, " "), Since: st.Since}
	for _, w := range st.Warnings {
		h.Warnings = append(h.Warnings, w.Key())
	}
	if s.recorder != nil && s.recorder.Broken(streamID) {
		h.Warnings = append(h.Warnings, "recording.warn_stopped")
	}
	return h, true
}

// Clocks of what the server looks after by itself.
const (
	countEvery = 2 * time.Second  // how often a room's counts are looked at
	visitEvery = 10 * time.Second // how often who is there is written down
	maxVisits  = 5000             // most visitors written down at a time and room
)

// watch tells rooms their true counts and writes down who was there.
func (a *App) watch(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	last := map[id.Show]room.Counts{}
	var visited time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		a.talk(ctx)
		a.practise(ctx)
		shows, err := show.List(ctx, a.DB, show.Filter{States: []show.State{show.Live, show.Announced}})
		if err != nil {
			a.log.Error("counts", "err", err)
			continue
		}
		write := time.Since(visited) >= visitEvery
		for _, s := range shows {
			if write && s.State == show.Live {
				a.writeVisits(ctx, s.ID)
			}
			a.tellCounts(ctx, s.ID, last)
		}
		if write {
			visited = time.Now()
		}
	}
}

// talk shows held messages whose time has come, writes down who opened what,
// and takes over what another process changed in the word list.
func (a *App) talk(ctx context.Context) {
	if _, err := a.Flow.ReleaseMessages(ctx); err != nil && ctx.Err() == nil {
		a.log.Error("held messages", "err", err)
	}
	if err := a.Flow.WriteClicks(ctx); err != nil && ctx.Err() == nil {
		a.log.Error("clicks", "err", err)
	}
	if _, err := a.Flow.Words.Reload(ctx, a.DB); err != nil && ctx.Err() == nil {
		a.log.Error("word list", "err", err)
	}
}

func (a *App) tellCounts(ctx context.Context, s id.Show, last map[id.Show]room.Counts) {
	entered, likes, err := show.Audience(ctx, a.DB, s)
	if err != nil {
		a.log.Error("counts", "err", err)
		return
	}
	c := room.Counts{Online: a.rt.Online(room.Channel(s)), Entered: entered, Likes: likes}
	if last[s] != c {
		last[s] = c
		a.rt.Publish(room.Channel(s), room.KindCount, c)
	}
}

// every calls fn in steady steps until ctx ends; what goes wrong is logged, and
// the next step tries again.
func (a *App) every(ctx context.Context, step time.Duration, what string, fn func(context.Context) error) {
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			a.log.Error(what, "err", err)
		}
	}
}
