package verify

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"github.com/transparency-dev/tessera/api/layout"

	"lindu.example/lindu/internal/tlog/entry"
)

// item is an entry as the walk read it.
type item struct {
	entry entry.Entry
	sums  entry.Sums
	bad   error // its form
}

// bundle is up to 256 entries, hashed and read.
type bundle struct {
	n      int64
	raw    [][]byte
	hashes []Hash
	items  []item
	root   Hash
	tile   []Hash // what the tree's lowest tile says of them
	gone   bool   // the file is not there
	err    error
}

// walk reads all bundles of a tree by several readers at once and gives them to
// fn in order. It holds few of them at a time.
func walk(ctx context.Context, s Source, size int64, fn func(*bundle) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan *bundle, 4*runtime.GOMAXPROCS(0))
	go func() {
		defer close(queue)
		for n := int64(0); n*width < size; n++ {
			c := make(chan *bundle, 1)
			select {
			case queue <- c: // blocks while enough are under way
				go func() { c <- readBundle(ctx, s, n, size) }()
			case <-ctx.Done():
				return
			}
		}
	}()
	for c := range queue {
		b := <-c
		if b.err != nil {
			return b.err
		}
		if err := fn(b); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func readBundle(ctx context.Context, s Source, n, size int64) *bundle {
	b := &bundle{n: n}
	w := uint8(min(size-n*width, width) % width)
	raw, err := partial(ctx, s, func(w uint8) string { return layout.EntriesPath(uint64(n), w) }, w)
	if errors.Is(err, fs.ErrNotExist) {
		b.gone = true
		return b
	}
	if err != nil {
		b.err = err
		return b
	}
	want := int(min(size-n*width, width))
	for len(b.raw) < want && len(raw) >= 2 {
		l := int(binary.BigEndian.Uint16(raw))
		if len(raw) < 2+l {
			break
		}
		b.raw, raw = append(b.raw, raw[2:2+l]), raw[2+l:]
	}
	for _, e := range b.raw {
		b.hashes = append(b.hashes, hashLeaf(e))
		b.items = append(b.items, readItem(e))
	}
	b.root = rootOf(b.hashes)
	b.tile, b.err = readTile(ctx, s, 0, n, want)
	return b
}

func readItem(e []byte) (i item) {
	if i.entry, i.bad = entry.Parse(e); i.bad != nil {
		return i
	}
	i.sums, i.bad = i.entry.Sums()
	return i
}

// readTile reads the first n hashes of a tile; nil where it is not there or is
// shorter.
func readTile(ctx context.Context, s Source, level, index int64, n int) ([]Hash, error) {
	b, err := partial(ctx, s, func(w uint8) string { return layout.TilePath(uint64(level), uint64(index), w) }, uint8(n%width))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil || len(b) < n*len(Hash{}) {
		return nil, err
	}
	out := make([]Hash, n)
	r := bytes.NewReader(b)
	for i := range out {
		if _, err := r.Read(out[i][:]); err != nil {
			return nil, fmt.Errorf("tile %d/%d: %w", level, index, err)
		}
	}
	return out, nil
}
