package tree

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"
	"k8s.io/klog/v2"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/tlog"
)

// Errors of Open and Step.
var (
	ErrLocked = errors.New("tree: another process follows this log")
	ErrOther  = errors.New("tree: the database's log is signed by another key than this data folder's")
	ErrAhead  = errors.New("tree: the log holds entries that the database does not know; was it restored from an older copy? 'lindu log adopt' takes them in")
	ErrForked = errors.New("tree: the log's entries are not the database's leaves")
	ErrOrder  = errors.New("tree: the log gave an entry another index than its place")
)

// Timing and sizes.
const (
	batch       = 1024
	batchAge    = 100 * time.Millisecond
	publishes   = time.Second
	placeAtOnce = 4096
	headEvery   = time.Minute // how often a root is kept
)

// quiet sends Tessera's own messages to our log, for the whole process.
var quiet sync.Once

// Options of Open.
type Options struct {
	Dir      string
	KeyFile  string
	Name     string // of the key and the log, for a log that begins: "shop.example/log"
	Log      *slog.Logger
	Witness  []string      // verifier keys of who may cosign
	Interval time.Duration // between looks at the rows; 0: half a second
}

// Log is the log of a database.
type Log struct {
	Folder
	d        *db.DB
	log      *slog.Logger
	interval time.Duration

	appender *tessera.Appender
	reader   tessera.LogReader
	shutdown func(context.Context) error
	lock     *os.File

	mu       sync.Mutex // one Step at a time
	lastHead time.Time
	keptHead int64

	stop   context.CancelFunc
	cancel context.CancelFunc // Tessera's
	done   chan struct{}
}

// Open opens the log in a folder, or begins it, and takes the follower's lock.
// Errors: ErrLocked, ErrOther, ErrAhead, ErrForked.
func Open(ctx context.Context, d *db.DB, o Options) (_ *Log, err error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Interval <= 0 {
		o.Interval = 500 * time.Millisecond
	}
	quiet.Do(func() { klog.SetSlogLogger(o.Log) })
	l := &Log{d: d, log: o.Log, interval: o.Interval}
	if l.Folder, err = OpenFolder(o.Dir, o.KeyFile, o.Name, o.Witness); err != nil {
		return nil, err
	}
	if l.lock, err = lock(filepath.Join(o.Dir, ".follower.lock")); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close(ctx))
		}
	}()
	if err := l.claim(ctx); err != nil {
		return nil, err
	}
	if err := l.begin(); err != nil {
		return nil, err
	}
	return l, l.compare(ctx)
}

// lock takes a file's lock; the kernel gives it back when the process ends,
// however it ends.
func lock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%w (%w)", ErrLocked, err), f.Close())
	}
	return f, nil
}

// claim holds that the database's log is ours, and says so at the first start.
func (l *Log) claim(ctx context.Context) error {
	_, vkey, err := tlog.Origin(ctx, l.d)
	if err != nil || vkey == l.Key.VKey {
		return err
	}
	if vkey != "" {
		return fmt.Errorf("%w: the database says %s", ErrOther, vkey)
	}
	return tlog.SetOrigin(ctx, l.d, l.Key.Verifier.Name(), l.Key.VKey)
}

func (l *Log) begin() error {
	var ctx context.Context
	ctx, l.cancel = context.WithCancel(context.Background())
	driver, err := posix.New(ctx, posix.Config{Path: l.Dir})
	if err != nil {
		return err
	}
	l.appender, l.shutdown, l.reader, err = tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(l.Key.Signer).WithBatching(batch, batchAge).WithCheckpointInterval(publishes))
	return err
}

// compare holds the newest bundle of the tree against the rows.
func (l *Log) compare(ctx context.Context) error {
	size, err := l.size(ctx)
	if err != nil || size == 0 {
		return err
	}
	next, err := tlog.Next(ctx, l.d)
	if err != nil {
		return err
	}
	if size > next {
		return fmt.Errorf("%w: %d entries, %d leaves", ErrAhead, size, next)
	}
	return l.compareBundle(ctx, (size-1)/bundleWidth, size)
}

func (l *Log) compareBundle(ctx context.Context, n, size int64) error {
	b, err := client.GetEntryBundle(ctx, l.reader.ReadEntryBundle, uint64(n), uint64(size))
	if err != nil {
		return err
	}
	rows, err := tlog.Placed(ctx, l.d, n*bundleWidth, len(b.Entries))
	if err != nil {
		return err
	}
	for i, e := range b.Entries {
		if i >= len(rows) || rows[i].Body != string(e) {
			return fmt.Errorf("%w: entry %d", ErrForked, n*bundleWidth+int64(i))
		}
	}
	return nil
}

func (l *Log) size(ctx context.Context) (int64, error) {
	n, err := l.reader.IntegratedSize(ctx)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	return int64(n), err
}

// Start follows until Close. A step that fails is tried again: the rows wait.
func (l *Log) Start() {
	ctx, cancel := context.WithCancel(context.Background())
	l.stop, l.done = cancel, make(chan struct{})
	go func() {
		defer close(l.done)
		t := time.NewTicker(l.interval)
		defer t.Stop()
		for {
			if _, err := l.Step(ctx); err != nil && ctx.Err() == nil {
				l.log.Error("the public log can't be followed", "err", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
		}
	}()
}

// Step places what waits, adds the day's totals, appends what is not in the
// tree yet, and tells how many entries it appended.
func (l *Log) Step(ctx context.Context) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := tlog.AddTotals(ctx, l.d); err != nil {
		return 0, err
	}
	for {
		n, err := tlog.Place(ctx, l.d, placeAtOnce)
		if err != nil {
			return 0, err
		}
		if n < placeAtOnce {
			break
		}
	}
	n, err := l.appendPlaced(ctx)
	if err != nil {
		return n, err
	}
	return n, l.keepHead(ctx, false)
}

// appendPlaced appends from the tree's size on. A batch is handed over in
// order and waited for before the next, so the order of the tree is that of
// the places.
func (l *Log) appendPlaced(ctx context.Context) (int, error) {
	next, err := l.size(ctx)
	if err != nil {
		return 0, err
	}
	for done := 0; ; {
		rows, err := tlog.Placed(ctx, l.d, next, batch)
		if err != nil || len(rows) == 0 {
			return done, err
		}
		if err := appendRows(ctx, l.appender, rows, next); err != nil {
			return done, err
		}
		done += len(rows)
		next += int64(len(rows))
	}
}

func appendRows(ctx context.Context, a *tessera.Appender, rows []tlog.Row, from int64) error {
	futures := make([]tessera.IndexFuture, len(rows))
	for i, r := range rows {
		if r.Seq != from+int64(i) {
			return fmt.Errorf("%w: leaf %s has the place %d where %d is next", ErrOrder, r.ID, r.Seq, from+int64(i))
		}
		futures[i] = a.Add(ctx, tessera.NewEntry([]byte(r.Body)))
	}
	for i, f := range futures {
		at, err := f()
		if err != nil {
			return err
		}
		if at.Index != uint64(rows[i].Seq) {
			return fmt.Errorf("%w: place %d, index %d", ErrOrder, rows[i].Seq, at.Index)
		}
	}
	return nil
}

// keepHead writes the published root beside the rows, now and then.
func (l *Log) keepHead(ctx context.Context, now bool) error {
	if !now && time.Since(l.lastHead) < headEvery {
		return nil
	}
	c, err := l.Checkpoint(ctx)
	if errors.Is(err, os.ErrNotExist) || err == nil && (c.Size == 0 || c.Size == l.keptHead) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := tlog.WriteHead(ctx, l.d, c.Size, hex.EncodeToString(c.Root)); err != nil {
		return err
	}
	l.lastHead, l.keptHead = time.Now(), c.Size
	return nil
}

// Close stops following, waits until what was appended is published, and lets
// go of the folder.
func (l *Log) Close(ctx context.Context) error {
	if l.stop != nil {
		l.stop()
		<-l.done
	}
	var errs []error
	if l.shutdown != nil {
		if err := l.shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("tree: the last checkpoint was not published: %w", err))
		} else if l.stop != nil {
			errs = append(errs, l.keepHead(ctx, true))
		}
	}
	if l.cancel != nil {
		l.cancel()
	}
	if l.lock != nil {
		errs = append(errs, l.lock.Close())
		l.lock = nil
	}
	return errors.Join(errs...)
}
