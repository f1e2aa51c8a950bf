package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
)

// errFull says that the disk has less room than MinFree.
var errFull = fault.New(fault.Unavailable, "record.full")

// writer appends the groups of one stream to chunks. One goroutine uses it.
type writer struct {
	r            *Recorder
	stream, kind string

	init   []byte
	format *media.Format
	run    string // "" at the beginning of a run

	f       *os.File
	name    string // of the chunk, without extension
	size    int64
	length  time.Duration
	synced  time.Time // by the hub's clock
	failing bool      // the last write failed
	again   time.Time // no try before
}

// piece takes what the cutter gives.
func (w *writer) piece(p hls.Piece) {
	if p.Init != nil {
		w.finish()
		w.init, w.format, w.run = p.Init, p.Format, ""
		return
	}
	now := w.r.Clock.Now()
	if w.failing && now.Before(w.again) {
		w.lose(p)
		return
	}
	if err := w.group(p, now); err != nil {
		w.broke(err, now)
		w.lose(p)
		return
	}
	if w.failing {
		w.failing = false
		w.r.recovered(w.stream)
	}
}

// group appends one group, opening and closing chunks around it.
func (w *writer) group(p hls.Piece, now time.Time) error {
	if err := w.r.room(); err != nil {
		return err
	}
	if w.f != nil && (w.length >= w.r.ChunkFor || w.size >= w.r.ChunkBytes) {
		w.finish()
	}
	track := uint32(1)
	if w.format != nil && w.format.Video == nil {
		track = 2
	}
	b := prft(track, p.Date, 0)
	if w.f == nil {
		if err := w.open(); err != nil {
			return err
		}
		b = append(append([]byte{}, w.init...), b...)
	}
	b = append(b, p.Group...)
	if _, err := w.r.write(w.f, b); err != nil {
		return fmt.Errorf("record: write: %w", err)
	}
	w.size += int64(len(b))
	w.length += p.Duration
	w.r.wrote(len(b))
	if now.Sub(w.synced) >= w.r.SyncEvery || now.Before(w.synced) {
		w.synced = now
		if err := w.f.Sync(); err != nil {
			return fmt.Errorf("record: sync: %w", err)
		}
	}
	return nil
}

// open begins a chunk.
func (w *writer) open() error {
	chunk := id.New[string]()
	if w.run == "" {
		w.run = chunk
	}
	w.name = fileName(w.stream, chunk, w.run, w.kind)
	f, err := os.OpenFile(filepath.Join(w.r.Dir, w.name+openExt), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("record: open: %w", err)
	}
	w.f, w.size, w.length, w.synced = f, 0, 0, w.r.Clock.Now()
	return nil
}

// finish closes the chunk under way and gives it to be kept.
func (w *writer) finish() {
	f := w.f
	if f == nil {
		return
	}
	w.f = nil
	from := filepath.Join(w.r.Dir, w.name+openExt)
	if w.size == 0 {
		_ = errors.Join(f.Close(), os.Remove(from)) // nothing in it; if it stays, the next start removes it
		return
	}
	if err := errors.Join(f.Sync(), f.Close(), os.Rename(from, filepath.Join(w.r.Dir, w.name+wholeExt))); err != nil {
		w.r.Log.Error("record: a chunk waits for the next start", "stream", w.stream, "chunk", w.name, "err", err)
		return
	}
	w.r.kick()
}

// broke cuts off what was half written, ends the chunk before it, and is loud.
func (w *writer) broke(err error, now time.Time) {
	if w.f != nil {
		if cut := w.f.Truncate(w.size); cut != nil {
			w.r.Log.Error("record: a torn tail stays until the next start", "stream", w.stream, "err", cut)
		}
		w.finish()
	}
	w.run = "" // there is a hole now
	w.again = now.Add(w.r.RetryAfter)
	if !w.failing {
		w.failing = true
		w.r.stopped(w.stream, err)
	}
}

// lose counts what could not be written.
func (w *writer) lose(p hls.Piece) { w.r.lost(p.Duration) }

// close ends the recording of this stream for now.
func (w *writer) close() {
	w.finish()
	if w.failing {
		w.r.forget(w.stream) // nothing is lost any more
	}
}
