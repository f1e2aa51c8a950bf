package tree

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
)

// Rebuild builds the log of the placed leaves in an empty folder, signed by the
// key, and gives its checkpoint. The root is the old one's: the tree is a pure
// function of the rows.
func Rebuild(ctx context.Context, q db.Querier, dir string, k Key) (c Checkpoint, err error) {
	if list, err := os.ReadDir(dir); err == nil && len(list) > 0 {
		return c, fmt.Errorf("tree: %s is not empty", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return c, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return c, err
	}
	a, shutdown, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(k.Signer).WithBatching(batch, batchAge).WithCheckpointInterval(publishes))
	if err != nil {
		return c, err
	}
	var next int64
	for {
		rows, err := tlog.Placed(ctx, q, next, batch)
		if err != nil {
			return c, err
		}
		if len(rows) == 0 {
			break
		}
		if err := appendRows(ctx, a, rows, next); err != nil {
			return c, err
		}
		next += int64(len(rows))
	}
	if err := shutdown(ctx); err != nil {
		return c, err
	}
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(k.VKey+"\n"), 0o644); err != nil {
		return c, err
	}
	return Folder{Dir: dir, Key: k}.Checkpoint(ctx)
}

// Compare holds every entry of the folder against the rows and tells the first
// that differs (ErrForked, ErrAhead).
func Compare(ctx context.Context, q db.Querier, f Folder) (int64, error) {
	return eachEntry(ctx, f, 0, func(seq int64, body []byte) error {
		rows, err := tlog.Placed(ctx, q, seq, 1)
		switch {
		case err != nil:
			return err
		case len(rows) == 0 || rows[0].Seq != seq:
			return fmt.Errorf("%w: entry %d", ErrAhead, seq)
		case rows[0].Body != string(body):
			return fmt.Errorf("%w: entry %d", ErrForked, seq)
		}
		return nil
	})
}

// Adopt writes rows for the entries that the database lost, and tells how many.
func Adopt(ctx context.Context, d *db.DB, f Folder) (n int, err error) {
	next, err := tlog.Next(ctx, d)
	if err != nil {
		return 0, err
	}
	_, err = eachEntry(ctx, f, next, func(seq int64, body []byte) error {
		e, err := entry.Parse(body)
		if err != nil {
			return fmt.Errorf("entry %d: %w", seq, err)
		}
		n++
		return d.Update(ctx, func(tx *db.Tx) error { return tlog.AdoptLost(ctx, tx, seq, e.Kind, string(body)) })
	})
	return n, err
}

// eachEntry walks the entries of the newest checkpoint from an index on, and
// tells how many there are.
func eachEntry(ctx context.Context, f Folder, from int64, fn func(seq int64, body []byte) error) (int64, error) {
	c, err := f.Checkpoint(ctx)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for b := from / bundleWidth; b*bundleWidth < c.Size; b++ {
		bundle, err := client.GetEntryBundle(ctx, client.FileFetcher{Root: f.Dir}.ReadEntryBundle, uint64(b), uint64(c.Size))
		if err != nil {
			return 0, err
		}
		for i, e := range bundle.Entries {
			if seq := b*bundleWidth + int64(i); seq >= from {
				if err := fn(seq, e); err != nil {
					return 0, err
				}
			}
		}
	}
	return c.Size, nil
}
