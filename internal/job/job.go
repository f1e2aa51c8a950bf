package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"lindu.example/lindu/internal/db"
)

// Limits of the queue.
const (
	// workers is how many sweeps run at once; they mostly wait for others'
	// servers, and share two cores with the shop.
	workers = 4
	// timeout ends a sweep that hangs; each takes a bounded batch.
	timeout = 2 * time.Minute
	// tries of a kicked sweep; River waits 1, 16, 81, … s between them. The
	// period of the sweep comes sooner most times.
	tries = 5
	// poll is how often the queue looks for work when nothing wakes it.
	poll = time.Second
	// stopWithin bounds the wait for running sweeps at Stop.
	stopWithin = 20 * time.Second
	// deadFor is how long a sweep at most stays away that a killed process left.
	deadFor = 30 * time.Second
	// again is when a sweep comes back that found its twin still running.
	again = time.Second
)

// ErrUnknown means a name that no Handle call has introduced.
var ErrUnknown = errors.New("job: no sweep of this name")

// names River takes as a kind.
var validName = regexp.MustCompile(`^[a-z][a-z0-9_.-]{1,60}$`)

// Queue runs named sweeps; see the package comment. Handle and Every come
// before Start.
type Queue struct {
	db  *db.DB
	log *slog.Logger

	mu      sync.Mutex
	sweeps  map[string]*sweep
	periods []period
	started bool
	river   engine
}

type sweep struct {
	name    string
	fn      func(context.Context) error
	running sync.Mutex
}

type period struct {
	name  string
	every time.Duration
}

// New makes a queue on an open database that Migrate has seen.
func New(d *db.DB, log *slog.Logger) *Queue {
	return &Queue{db: d, log: log, sweeps: map[string]*sweep{}}
}

// Handle says what a sweep does. It panics on a bad or repeated name, which
// is a mistake in wiring.
func (q *Queue) Handle(name string, fn func(context.Context) error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !validName.MatchString(name) || q.sweeps[name] != nil || q.started {
		panic("job: bad, repeated or late name " + name)
	}
	q.sweeps[name] = &sweep{name: name, fn: fn}
}

// Every runs a handled sweep at start and then periodically.
func (q *Queue) Every(name string, interval time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sweeps[name] == nil || interval <= 0 || q.started {
		panic("job: no such sweep, no interval, or too late: " + name)
	}
	q.periods = append(q.periods, period{name, interval})
}

// Start begins to work. Stop must be called before the database is closed.
func (q *Queue) Start(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.started {
		return errors.New("job: started already")
	}
	e, err := newEngine(q.db, q.config())
	if err != nil {
		return fmt.Errorf("job: %w", err)
	}
	if err := e.start(ctx); err != nil {
		return fmt.Errorf("job: start: %w", err)
	}
	q.river, q.started = e, true
	return nil
}

// Stop lets running sweeps finish, for at most 20 s or until ctx ends, then
// cancels them. A cancelled sweep is retried after the next start.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	e := q.river
	q.river, q.started = nil, false
	q.mu.Unlock()
	if e == nil {
		return nil
	}
	soft, cancel := context.WithTimeout(ctx, stopWithin)
	defer cancel()
	if err := e.stop(soft); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return e.cancel(hard)
}

// Kick enqueues a sweep in tx, unless one like it waits to start. On a nil
// Queue, and before Start, it does nothing: the sweep runs at start anyway if
// it is periodic. An unknown name gives ErrUnknown.
func (q *Queue) Kick(ctx context.Context, tx *db.Tx, name string) error {
	if q == nil {
		return nil
	}
	q.mu.Lock()
	e, known := q.river, q.sweeps[name] != nil
	q.mu.Unlock()
	switch {
	case e == nil:
		return nil
	case !known:
		return fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	var waiting int64
	err := tx.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE kind = $1 AND state = 'available'`, name).Scan(&waiting)
	if err != nil || waiting > 0 {
		return err
	}
	return e.insert(ctx, tx, args{name}, &river.InsertOpts{MaxAttempts: tries})
}

// Failed counts the sweeps that were given up in the last week: for the status
// page and metrics.
func Failed(ctx context.Context, d db.Querier) (int64, error) {
	var n int64
	err := d.QueryRow(ctx, `SELECT count(*) FROM river_job WHERE state = 'discarded'`).Scan(&n)
	return n, err
}

// args is the job as River sees it: a kind and nothing else.
type args struct{ name string }

func (a args) Kind() string { return a.name }

type worker struct {
	river.WorkerDefaults[args]
	sweep *sweep
}

func (w *worker) Work(ctx context.Context, j *river.Job[args]) error {
	if !w.sweep.running.TryLock() {
		return river.JobSnooze(again)
	}
	defer w.sweep.running.Unlock()
	return w.sweep.fn(ctx)
}

// config is River's, of what was handled so far.
func (q *Queue) config() *river.Config {
	ws := river.NewWorkers()
	for name, s := range q.sweeps {
		river.AddWorkerArgs(ws, args{name}, &worker{sweep: s})
	}
	return &river.Config{
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:                     ws,
		PeriodicJobs:                q.periodic(),
		Logger:                      slog.New(quiet{q.log.Handler()}),
		ErrorHandler:                reporter{q.log},
		JobTimeout:                  timeout,
		FetchPollInterval:           poll,
		RescueStuckJobsAfter:        2*timeout + time.Minute,
		CompletedJobRetentionPeriod: 10 * time.Minute,
		CancelledJobRetentionPeriod: 10 * time.Minute,
		DiscardedJobRetentionPeriod: 7 * 24 * time.Hour,
	}
}

func (q *Queue) periodic() []*river.PeriodicJob {
	var out []*river.PeriodicJob
	for _, p := range q.periods {
		// A period that finds the sweep still waiting or running adds none. But
		// what a killed process left as running counts for its stretch of time
		// only: River takes it for dead after minutes, and payments can't wait.
		opts := &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: max(p.every, deadFor), ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
		out = append(out, river.NewPeriodicJob(river.PeriodicInterval(p.every),
			func() (river.JobArgs, *river.InsertOpts) { return args{p.name}, opts },
			&river.PeriodicJobOpts{ID: p.name, RunOnStart: true}))
	}
	return out
}
