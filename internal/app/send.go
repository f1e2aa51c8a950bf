package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lindu.example/lindu/internal/media/push"
)

// sendEvery is how soon a change of what is sent where takes effect.
const sendEvery = time.Second

// buildPusher makes what sends shows on to other platforms. It has nothing to
// send before sending tells it what.
func (a *App) buildPusher() {
	a.pusher = &push.Pusher{Hub: a.hub, Clock: a.DB.Clock, Log: a.log, AllowPrivate: a.cfg.Live.SendPrivate, FFmpeg: a.Flow.FFmpeg}
	a.pusher.Start()
}

// sending keeps the pusher at what the records say. A database that does not
// answer changes nothing: what is being sent goes on.
func (a *App) sending(ctx context.Context) {
	tick := time.NewTicker(sendEvery)
	defer tick.Stop()
	for {
		want, err := a.Flow.Relays(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			a.log.Error("what is sent on", "err", err)
		default:
			a.pusher.Set(want)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// links are the pusher's figures.
type links struct{ a *App }

var linkCount = prometheus.NewDesc("lindu_send_links", "Links to other platforms by state.", []string{"state"}, nil)

// Describe implements prometheus.Collector.
func (l links) Describe(ch chan<- *prometheus.Desc) { ch <- linkCount }

// Collect implements prometheus.Collector.
func (l links) Collect(ch chan<- prometheus.Metric) {
	n := l.a.pusher.Counts()
	for _, s := range []push.State{push.Idle, push.Connecting, push.Sending, push.Waiting, push.Refused} {
		ch <- prometheus.MustNewConstMetric(linkCount, prometheus.GaugeValue, float64(n[s]), string(s))
	}
}
