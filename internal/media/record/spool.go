package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/id"
)

const (
	openExt  = ".open"
	wholeExt = ".mp4"
	// badExt marks a file that is no chunk any more; it is left for a person.
	badExt = ".bad"

	firstPause = time.Second
	maxPause   = time.Minute
	// maxChunk bounds what is read of a file: ChunkBytes and one group more.
	maxChunk = 256 << 20
)

func fileName(stream, chunk, run, kind string) string {
	return stream + "-" + chunk + "-" + run + "-" + kind
}

// parseName reads a file's name back; ok is false for what is no chunk of ours.
func parseName(name string) (c Chunk, ok bool) {
	p := strings.Split(name, "-")
	if len(p) != 4 || !id.Valid(p[1]) || !id.Valid(p[2]) {
		return Chunk{}, false
	}
	return Chunk{Stream: p[0], ID: p[1], Run: p[2], Kind: p[3]}, true
}

// recover closes what a crash left open.
func (r *Recorder) recover() error {
	names, err := r.list(openExt)
	if err != nil {
		return err
	}
	for _, n := range names {
		cut, err := Close(filepath.Join(r.Dir, n))
		switch {
		case errors.Is(err, ErrEmpty):
			r.Log.Warn("record: a chunk without a whole group goes away", "chunk", n)
		case err != nil:
			return fmt.Errorf("record: %s: %w", n, err)
		default:
			r.Log.Warn("record: closed what a crash left open", "chunk", n, "torn_bytes", cut)
		}
	}
	return nil
}

// Close ends a chunk's .open file that nobody writes any more: its torn tail is
// cut off and it becomes a .mp4. It tells how many bytes were cut. A file
// without a whole group is removed: ErrEmpty.
func Close(path string) (cut int64, err error) {
	b, err := readFile(path)
	if err != nil {
		return 0, err
	}
	_, good, err := Scan(b)
	if err != nil {
		return 0, errors.Join(err, os.Remove(path))
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	err = errors.Join(f.Truncate(good), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path, strings.TrimSuffix(path, openExt)+wholeExt)
	}
	return int64(len(b)) - good, err
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxChunk+1))
	if err == nil && len(b) > maxChunk {
		err = fmt.Errorf("record: more than %d MiB", maxChunk>>20)
	}
	return b, err
}

// list gives the names in the spool with an extension, the oldest first by the
// chunk's id.
func (r *Recorder) list(ext string) ([]string, error) {
	entries, err := os.ReadDir(r.Dir)
	if err != nil {
		return nil, fmt.Errorf("record: spool: %w", err)
	}
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ext) && e.Type().IsRegular() {
			out = append(out, e.Name())
		}
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(chunkOf(a), chunkOf(b)) })
	return out, nil
}

func chunkOf(name string) string {
	_, rest, _ := strings.Cut(name, "-")
	return rest
}

// keepAll hands the whole files on until the recorder closes.
func (r *Recorder) keepAll(ctx context.Context) {
	pause := firstPause
	for {
		err := r.keepOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		r.keeping(err)
		var timer <-chan time.Time
		if err != nil {
			r.Log.Error("record: finished chunks wait to be kept, trying again", "in", pause, "err", err)
			timer = time.After(pause)
			pause = min(2*pause, maxPause)
		} else {
			pause = firstPause
		}
		// A new chunk does not shorten the pause of one that can't be kept.
		wake := r.wake
		if err != nil {
			wake = nil
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer:
		}
	}
}

// keepOnce tries each whole file once. Two failures one after the other end the
// round: then it is not the file.
func (r *Recorder) keepOnce(ctx context.Context) error {
	names, err := r.list(wholeExt)
	if err != nil {
		return err
	}
	var first error
	bad := 0
	for _, n := range names {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := r.keepFile(ctx, n); err != nil {
			first = errors.Join(first, err)
			if bad++; bad == 2 {
				break
			}
			continue
		}
		bad = 0
	}
	return first
}

// keepFile hands one file on and lets go of it.
func (r *Recorder) keepFile(ctx context.Context, name string) error {
	path := filepath.Join(r.Dir, name)
	c, ok := parseName(strings.TrimSuffix(name, wholeExt))
	if !ok {
		return r.putAside(path, errors.New("record: no name of a chunk"))
	}
	b, err := readFile(path)
	if err != nil {
		return err
	}
	is, good, err := Scan(b)
	if err != nil || good != int64(len(b)) {
		return r.putAside(path, errors.Join(err, errors.New("record: damaged while it waited")))
	}
	is.ID, is.Stream, is.Run, is.Kind = c.ID, c.Stream, c.Run, c.Kind
	if err := r.Keep(ctx, is, b); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("record: spool: %w", err)
	}
	return nil
}

// putAside takes a file that is no chunk out of the way, for a person to look at.
func (r *Recorder) putAside(path string, why error) error {
	r.Log.Error("record: put aside a file that is no chunk", "file", filepath.Base(path), "err", why)
	return os.Rename(path, path+badExt)
}
