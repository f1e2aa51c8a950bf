package job_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/job"
)

const deadline = 30 * time.Second // far beyond any poll; only a failure waits this long

// start migrates, wires and starts a queue that stops with the test.
func start(t *testing.T, d *db.DB, wire func(*job.Queue)) *job.Queue {
	t.Helper()
	if err := job.Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	q := job.New(d, slog.New(slog.DiscardHandler))
	wire(q)
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return q
}

func kick(t *testing.T, d *db.DB, q *job.Queue, name string, then error) {
	t.Helper()
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		if err := q.Kick(t.Context(), tx, name); err != nil {
			return err
		}
		return then
	})
	if !errors.Is(err, then) {
		t.Fatalf("kick: %v, want %v", err, then)
	}
}

func next(t *testing.T, ch <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(deadline):
		t.Fatal("never came: " + what)
	}
}

func TestKickRunsOnlyWhatCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran, other := make(chan struct{}, 10), make(chan struct{}, 10)
		q := start(t, d, func(q *job.Queue) {
			q.Handle("rolled.back", func(context.Context) error { ran <- struct{}{}; return nil })
			q.Handle("committed", func(context.Context) error { other <- struct{}{}; return nil })
		})
		kick(t, d, q, "rolled.back", errors.New("no"))
		kick(t, d, q, "committed", nil)
		next(t, other, "the committed sweep")
		if len(ran) != 0 {
			t.Error("a sweep of a transaction that was rolled back ran")
		}
	})
}

func TestKickWaitsOnceButIsNotLostWhileOneRuns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		began, release := make(chan struct{}, 10), make(chan struct{})
		var runs atomic.Int64
		q := start(t, d, func(q *job.Queue) {
			q.Handle("slow", func(context.Context) error {
				began <- struct{}{}
				if runs.Add(1) == 1 {
					<-release
				}
				return nil
			})
		})
		kick(t, d, q, "slow", nil)
		next(t, began, "the first run")
		// The first run has read its rows: it can't see these. In one
		// transaction, so that River can't take one from between them.
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			for range 5 {
				if err := q.Kick(t.Context(), tx, "slow"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// In River's hands or waiting, it is one beside the one that runs.
		var live int64
		if err := d.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'slow' AND finalized_at IS NULL`).Scan(&live); err != nil {
			t.Fatal(err)
		}
		if live != 2 {
			t.Errorf("%d sweeps run or wait, want 2", live)
		}
		close(release)
		next(t, began, "the run after the kick")
	})
}

func TestEverySweepsAgainAndAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran := make(chan struct{}, 100)
		start(t, d, func(q *job.Queue) {
			q.Handle("clock", func(context.Context) error { ran <- struct{}{}; return nil })
			q.Every("clock", time.Second)
		})
		for range 3 {
			next(t, ran, "a period")
		}
	})
}

func TestFailedSweepIsRetriedAndAPanicHarmsNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var tries atomic.Int64
		done := make(chan struct{}, 1)
		q := start(t, d, func(q *job.Queue) {
			q.Handle("shaky", func(context.Context) error {
				if tries.Add(1) == 1 {
					panic("first try")
				}
				done <- struct{}{}
				return nil
			})
		})
		kick(t, d, q, "shaky", nil)
		next(t, done, "the second try")
	})
}

func TestStopWaitsForTheRunningSweep(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		began, release := make(chan struct{}, 1), make(chan struct{})
		var finished atomic.Bool
		q := start(t, d, func(q *job.Queue) {
			q.Handle("long", func(context.Context) error {
				began <- struct{}{}
				<-release
				finished.Store(true)
				return nil
			})
		})
		kick(t, d, q, "long", nil)
		next(t, began, "the run")
		stopped := make(chan error, 1)
		go func() { stopped <- q.Stop(context.Background()) }()
		select {
		case <-stopped:
			t.Fatal("Stop did not wait")
		default:
		}
		close(release)
		select {
		case err := <-stopped:
			if err != nil || !finished.Load() {
				t.Errorf("stop: %v, finished %v", err, finished.Load())
			}
		case <-time.After(deadline):
			t.Fatal("Stop hangs")
		}
	})
}

func TestKickRefusesUnknownNamesAndANilQueueIsQuiet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q := start(t, d, func(q *job.Queue) { q.Handle("one", func(context.Context) error { return nil }) })
		kick(t, d, q, "typo", job.ErrUnknown)
		kick(t, d, nil, "anything", nil)
		if n, err := job.Failed(t.Context(), d); err != nil || n != 0 {
			t.Errorf("failed = %d, %v", n, err)
		}
	})
}

func TestMigrateTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for range 2 {
			if err := job.Migrate(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	})
}
