package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
)

// books are the figures of the checks of the books. They are read when asked
// for: with several nodes on one database, one of them makes the checks.
type books struct{ db *db.DB }

var (
	fsckFindings = prometheus.NewDesc("lindu_fsck_findings", "What the newest checks of the books found and nobody mended; -1 before the first.", nil, nil)
	fsckLast     = prometheus.NewDesc("lindu_fsck_last_seconds", "Seconds since the last check, of what changed (recent) and of everything (full).", []string{"run"}, nil)
	fsckTook     = prometheus.NewDesc("lindu_fsck_took_seconds", "How long it took.", []string{"run"}, nil)
	fsckRows     = prometheus.NewDesc("lindu_fsck_rows", "How many records it looked at, once a check.", []string{"run"}, nil)
)

// Describe implements prometheus.Collector.
func (b books) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{fsckFindings, fsckLast, fsckTook, fsckRows} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. A database that does not answer
// gives no figures.
func (b books) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	is, err := fsck.Stand(ctx, b.db)
	if err != nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	found := -1.0
	for run, r := range map[string]struct {
		fsck.Report
		at time.Time
	}{"full": {is.Full, is.FullAt}, "recent": {is.Recent, is.RecentAt}} {
		if r.at.IsZero() {
			continue
		}
		found = float64(is.Findings())
		gauge(fsckLast, b.db.Clock.Now().Sub(r.at).Seconds(), run)
		gauge(fsckTook, r.Took.Seconds(), run)
		gauge(fsckRows, float64(r.Rows()), run)
	}
	gauge(fsckFindings, found)
}
