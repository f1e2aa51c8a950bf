package db

import (
	"context"
	"database/sql"
	"strconv"
	"sync"
	"sync/atomic"
)

const (
	// foldRows is after how many written rows the log is folded into the file:
	// those of some 1,700 orders, which with their indexes are 4,000 pages.
	foldRows = 10_000
	// pausePages is how long the log may be before the writer is made to pause,
	// restartPages before it waits for readers, too, and patience how long.
	pausePages   = 2000
	restartPages = 8000
	patience     = "200" // ms
)

// folder folds SQLite's write-ahead log into the file beside the writer. When
// the writer does it, as SQLite would by itself, every order in the queue waits
// for it. The log can begin again only once all of it is folded in, which never
// happens while somebody writes: so the writer is paused for the last few
// pages. wal_autocheckpoint stays as a net, and an error (a full disk, say)
// loses nothing: the log keeps its pages.
type folder struct {
	rows  atomic.Int64 // written since the last time
	due   chan struct{}
	once  sync.Once // closing twice is no error
	stop  chan struct{}
	ended chan struct{}
}

// newFolder folds over a connection of its own, which it closes.
func newFolder(own, writer *sql.DB) *folder {
	f := &folder{due: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(f.ended)
		defer own.Close()
		for {
			select {
			case <-f.stop:
				return
			case <-f.due:
			}
			f.rows.Store(0)
			pages, err := fold(own)
			if err == nil && pages > pausePages {
				pages, _ = fold(own) // what came meanwhile, so that the pause is short
				_ = pause(writer, pages > restartPages)
			}
		}
	}()
	return f
}

// wrote counts rows of a transaction that was committed.
func (f *folder) wrote(rows int64) {
	if f.rows.Add(rows) >= foldRows {
		select {
		case f.due <- struct{}{}:
		default: // it knows
		}
	}
}

func (f *folder) close() {
	f.once.Do(func() { close(f.stop) })
	<-f.ended
}

// querier is a pool or one connection of it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// fold copies what it can and tells how many pages the log holds.
func fold(d querier) (pages int64, err error) {
	var busy, done int64
	err = d.QueryRowContext(context.Background(), `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &pages, &done)
	return pages, err
}

// pause folds the rest in while nobody writes.
func pause(writer *sql.DB, restart bool) error {
	ctx := context.Background()
	c, err := writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err = fold(c); err != nil || !restart {
		return err
	}
	var ms, busy, pages, done int64
	if err := c.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&ms); err != nil {
		return err
	}
	defer c.ExecContext(ctx, `PRAGMA busy_timeout = `+strconv.FormatInt(ms, 10)) //nolint:errcheck // it takes any number
	if _, err := c.ExecContext(ctx, `PRAGMA busy_timeout = `+patience); err != nil {
		return err
	}
	return c.QueryRowContext(ctx, `PRAGMA wal_checkpoint(RESTART)`).Scan(&busy, &pages, &done)
}
