package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	flog "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"
)

const bundleWidth = 256

// Folder is the log as files, for those who only read it.
type Folder struct {
	Dir       string
	Key       Key
	Witnesses []note.Verifier
}

// OpenFolder opens a log's folder and key, and makes them where there are none.
func OpenFolder(dir, keyFile, name string, witnesses []string) (Folder, error) {
	f := Folder{Dir: dir}
	var err error
	if f.Key, err = OpenKey(keyFile, name); err != nil {
		return f, err
	}
	for _, w := range witnesses {
		v, err := Witness(w)
		if err != nil {
			return f, fmt.Errorf("tree: the witness key %q: %w", w, err)
		}
		f.Witnesses = append(f.Witnesses, v)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return f, err
	}
	// The key lies beside the tiles, so that a copy of the folder can be checked.
	return f, os.WriteFile(filepath.Join(dir, "key"), []byte(f.Key.VKey+"\n"), 0o644)
}

// Checkpoint is a published state of the tree.
type Checkpoint struct {
	Size int64
	Root []byte
	Note []byte // as signed
}

// Checkpoint reads the newest published checkpoint; os.ErrNotExist before the
// first one.
func (f Folder) Checkpoint(ctx context.Context) (Checkpoint, error) {
	b, err := client.FileFetcher{Root: f.Dir}.ReadCheckpoint(ctx)
	if err != nil {
		return Checkpoint{}, err
	}
	return f.parse(b)
}

func (f Folder) parse(b []byte) (Checkpoint, error) {
	c, _, _, err := flog.ParseCheckpoint(b, f.Key.Verifier.Name(), f.Key.Verifier, f.Witnesses...)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("tree: checkpoint: %w", err)
	}
	return Checkpoint{Size: int64(c.Size), Root: c.Hash, Note: b}, nil
}

// ErrPending is an entry that no published checkpoint covers yet: a second
// later one does.
var ErrPending = errors.New("tree: the entry is not published yet")

// Proof that an entry stands in the tree of a checkpoint.
type Proof struct {
	Index      int64
	Hashes     [][]byte // from the leaf up (RFC 6962, 2.1.1)
	Checkpoint Checkpoint
}

// Prove makes the inclusion proof of an index in the newest checkpoint.
func (f Folder) Prove(ctx context.Context, index int64) (Proof, error) {
	c, err := f.Checkpoint(ctx)
	if errors.Is(err, os.ErrNotExist) || err == nil && (index < 0 || index >= c.Size) {
		return Proof{}, ErrPending
	}
	if err != nil {
		return Proof{}, err
	}
	b, err := client.NewProofBuilder(ctx, uint64(c.Size), client.FileFetcher{Root: f.Dir}.ReadTile)
	if err != nil {
		return Proof{}, err
	}
	hashes, err := b.InclusionProof(ctx, uint64(index))
	return Proof{Index: index, Hashes: hashes, Checkpoint: c}, err
}

// cosigned tells the witnesses who signed a checkpoint of ours.
func (f Folder) cosigned(b []byte) (Checkpoint, []string, error) {
	c, _, n, err := flog.ParseCheckpoint(b, f.Key.Verifier.Name(), f.Key.Verifier, f.Witnesses...)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	var names []string
	for _, s := range n.Sigs {
		for _, w := range f.Witnesses {
			if s.Name == w.Name() && s.Hash == w.KeyHash() {
				names = append(names, s.Name)
			}
		}
	}
	return Checkpoint{Size: int64(c.Size), Root: c.Hash, Note: b}, names, nil
}

// signatures are the lines of a note after its text.
func signatures(b []byte) [][]byte {
	_, sigs, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok {
		return nil
	}
	var out [][]byte
	for l := range bytes.Lines(sigs) {
		if len(bytes.TrimSpace(l)) > 0 {
			out = append(out, bytes.TrimSuffix(l, []byte("\n")))
		}
	}
	return out
}

// merge adds the signatures of notes of one text to the first.
func merge(notes ...[]byte) []byte {
	out := bytes.TrimSuffix(notes[0], []byte("\n"))
	have := map[string]bool{}
	for _, l := range signatures(notes[0]) {
		have[string(l)] = true
	}
	for _, n := range notes[1:] {
		for _, l := range signatures(n) {
			if !have[string(l)] {
				have[string(l)] = true
				out = append(append(bytes.Clone(out), '\n'), l...)
			}
		}
	}
	return append(out, '\n')
}
