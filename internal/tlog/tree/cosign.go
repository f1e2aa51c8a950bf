package tree

import (
	"bytes"
	"context"
	"fmt"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/tlog"
)

// MaxNote bounds a checkpoint that somebody sends.
const MaxNote = 16 << 10

// Cosign takes a checkpoint of ours that a configured witness signed. Sending
// it again changes nothing. Faults: tlog.cosign_bad (not our checkpoint, or no
// configured witness's signature), tlog.cosign_old (not of this tree).
func Cosign(ctx context.Context, d *db.DB, f Folder, b []byte) error {
	if len(b) > MaxNote {
		return fault.New(fault.TooLarge, "tlog.cosign_bad")
	}
	c, names, err := f.cosigned(b)
	if err != nil || len(names) == 0 {
		return fault.New(fault.Invalid, "tlog.cosign_bad").Because(err)
	}
	if err := f.holds(ctx, c); err != nil {
		return fault.New(fault.Conflict, "tlog.cosign_old").Because(err)
	}
	for _, name := range names {
		if err := tlog.WriteCosignature(ctx, d, tlog.Cosignature{Size: c.Size, Name: name, Note: string(b)}); err != nil {
			return err
		}
	}
	return nil
}

// holds tells whether a checkpoint is of the tree as it is: a root of its size.
func (f Folder) holds(ctx context.Context, c Checkpoint) error {
	now, err := f.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if c.Size > now.Size {
		return fmt.Errorf("tree: a checkpoint of %d entries, the tree has %d", c.Size, now.Size)
	}
	b, err := client.NewProofBuilder(ctx, uint64(now.Size), client.FileFetcher{Root: f.Dir}.ReadTile)
	if err != nil {
		return err
	}
	p, err := b.ConsistencyProof(ctx, uint64(c.Size), uint64(now.Size))
	if err != nil {
		return err
	}
	return proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(c.Size), uint64(now.Size), p, c.Root, now.Root)
}

// Served is the newest checkpoint with the cosignatures it has.
func Served(ctx context.Context, q db.Querier, f Folder) ([]byte, error) {
	c, err := f.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	return withCosignatures(ctx, q, c.Size, c.Note, c.Size)
}

// Witnessed is the newest checkpoint that a witness cosigned, nil for none.
func Witnessed(ctx context.Context, q db.Querier) ([]byte, error) {
	return withCosignatures(ctx, q, 1<<62, nil, -1)
}

const maxWitnesses = 20

// withCosignatures adds to a note the cosignatures of the size, or takes those
// of the newest size that has any.
func withCosignatures(ctx context.Context, q db.Querier, upTo int64, note []byte, size int64) ([]byte, error) {
	list, err := tlog.Cosignatures(ctx, q, upTo, maxWitnesses)
	if err != nil {
		return nil, err
	}
	text, _, _ := bytes.Cut(note, []byte("\n\n"))
	for _, c := range list {
		if size < 0 {
			size = c.Size
		}
		if c.Size != size {
			break
		}
		if note == nil {
			note = []byte(c.Note)
			text, _, _ = bytes.Cut(note, []byte("\n\n"))
			continue
		}
		if t, _, _ := bytes.Cut([]byte(c.Note), []byte("\n\n")); bytes.Equal(t, text) {
			note = merge(note, []byte(c.Note))
		}
	}
	return note, nil
}
