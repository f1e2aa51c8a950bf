package app

import (
	"context"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/blob/s3"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/recording"
)

// openFilms opens where recordings are kept.
func openFilms(cfg config.Config) (blob.Store, error) {
	r := cfg.Recording
	if r.Store == config.RecordS3 {
		return s3.New(s3.Options{Endpoint: r.S3.Endpoint, Region: r.S3.Region, Bucket: r.S3.Bucket, Prefix: r.S3.Prefix,
			AccessKey: r.S3.AccessKey, Secret: r.S3.Secret, PathStyle: r.S3.PathStyle})
	}
	return blob.NewDir(filmsDir(cfg))
}

// filmsDir is the folder of recordings.
func filmsDir(cfg config.Config) string {
	if cfg.Recording.Dir != "" {
		return cfg.Recording.Dir
	}
	return filepath.Join(cfg.Data, "recordings")
}

// retention is how long recordings are kept.
func retention(r config.Recording) recording.Rules {
	days := func(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
	return recording.Rules{Sold: days(r.SoldDays), Shown: days(r.ShownDays), Practice: days(r.PracticeDays), Rehearsal: days(r.RehearsalDays)}
}

// ffmpeg is the program that makes stills, "" where there is none.
func ffmpeg(set string) string {
	switch set {
	case "off":
		return ""
	case "":
		set = "ffmpeg"
	}
	path, err := exec.LookPath(set)
	if err != nil {
		return ""
	}
	return path
}

// buildRecorder makes the recorder, nil where nothing is recorded.
func (a *App) buildRecorder() {
	if a.cfg.Recording.Store == config.RecordOff {
		a.log.Warn("shows are not recorded (recording.store: off); who sells live must keep what was shown for three years")
		return
	}
	free := a.cfg.Recording.MinFreeMB << 20
	if free == 0 {
		free = -1
	}
	a.recorder = &record.Recorder{Hub: a.hub, Clock: a.DB.Clock, Log: a.log, Dir: filepath.Join(a.cfg.Data, "spool"), MinFree: free,
		Want: func(ctx context.Context, stream string) (string, error) {
			return a.Flow.RecordingKind(ctx, id.Show(stream))
		},
		Keep: func(ctx context.Context, c record.Chunk, file []byte) error { return a.Flow.KeepChunk(ctx, c, file) }}
}

// recordStatus is how the recorder does; ok is false where there is none.
func (a *App) recordStatus() (s record.Status, ok bool) {
	if a.recorder == nil {
		return s, false
	}
	return a.recorder.Status(), true
}

// filmSpace is the room on the disk where recordings are kept; a bucket does not
// tell.
func (a *App) filmSpace() (free, total int64, ok bool) {
	if a.cfg.Recording.Store != config.RecordDir {
		return 0, 0, false
	}
	free, total, err := record.DiskSpace(filmsDir(a.cfg))
	return free, total, err == nil
}

// findingsTold bounds what one check of files writes into the log.
const findingsTold = 20

// checkRecordings looks once a day whether what is kept is there.
func (a *App) checkRecordings(ctx context.Context) error {
	_, wrong, err := a.Flow.CheckFiles(ctx, false, findingsTold)
	for _, w := range wrong {
		a.log.Error("a recording is not what was kept", "finding", w)
	}
	a.filesWrong.Store(int64(len(wrong)))
	return err
}

// CheckVouchers is the check of `lindu fsck` that the vouchers of what the funds
// paid are the files that were published.
func CheckVouchers(ctx context.Context, cfg config.Config, d *db.DB) (fsck.Check, error) {
	c := fsck.Check{Name: "fsck.vouchers"}
	store, err := blob.NewDir(cfg.Data + "/files")
	if err != nil {
		return c, err
	}
	f := &flow.Flow{DB: d, Store: store}
	c.Rows, c.Findings, err = f.CheckVouchers(ctx, fsck.MaxFindings)
	return c, err
}

// CheckFilms is the check of `lindu fsck` that what was kept is there.
func CheckFilms(ctx context.Context, cfg config.Config, d *db.DB) (fsck.Check, error) {
	c := fsck.Check{Name: "fsck.recordings"}
	films, err := openFilms(cfg)
	if err != nil {
		return c, err
	}
	f := &flow.Flow{DB: d, Films: films}
	c.Rows, c.Findings, err = f.CheckFiles(ctx, false, fsck.MaxFindings)
	return c, err
}

// records are the recorder's figures.
type records struct{ a *App }

var (
	recStreams = prometheus.NewDesc("lindu_recording_streams", "Pictures being written down (on), and those that should be and are not (stopped).", []string{"state"}, nil)
	recBytes   = prometheus.NewDesc("lindu_recording_written_bytes_total", "Written down since the start.", nil, nil)
	recLost    = prometheus.NewDesc("lindu_recording_lost_seconds_total", "Seconds of picture that could not be written since the start.", nil, nil)
	recWaiting = prometheus.NewDesc("lindu_recording_waiting_bytes", "Finished recordings that wait to be kept.", nil, nil)
	recFree    = prometheus.NewDesc("lindu_recording_disk_free_bytes", "Free on the disk that is recorded to.", nil, nil)
	recWrong   = prometheus.NewDesc("lindu_recording_files_wrong", "Kept files that were missing or of another length when they were last looked at.", nil, nil)
	recFloor   = prometheus.NewDesc("lindu_recording_disk_floor_bytes", "Below this much free, recording stops.", nil, nil)
)

// Describe implements prometheus.Collector.
func (r records) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{recStreams, recBytes, recLost, recWaiting, recFree, recFloor, recWrong} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (r records) Collect(ch chan<- prometheus.Metric) {
	s, ok := r.a.recordStatus()
	if !ok {
		return
	}
	send := func(d *prometheus.Desc, t prometheus.ValueType, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, t, v, labels...)
	}
	send(recStreams, prometheus.GaugeValue, float64(s.Recording-s.Stopped), "on")
	send(recStreams, prometheus.GaugeValue, float64(s.Stopped), "stopped")
	send(recBytes, prometheus.CounterValue, float64(s.Bytes))
	send(recLost, prometheus.CounterValue, s.Lost.Seconds())
	send(recWaiting, prometheus.GaugeValue, float64(s.WaitBytes))
	send(recFree, prometheus.GaugeValue, float64(s.Free))
	send(recWrong, prometheus.GaugeValue, float64(r.a.filesWrong.Load()))
	send(recFloor, prometheus.GaugeValue, float64(s.MinFree))
}
