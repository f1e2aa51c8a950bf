package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
	"lindu.example/lindu/internal/tlog/tree"
	"lindu.example/lindu/internal/tlog/verify"
)

// LogResult are the figures of the public log.
type LogResult struct {
	LogPerS        float64 `json:"log_entries_per_s"` // placed, appended, in the tree and published
	VerifyMillionS float64 `json:"verify_million_s"`  // seconds a million entries, checked as an outsider does
	ProofBytes     float64 `json:"proof_bytes"`       // hashes of an inclusion proof
	ProofUs        float64 `json:"proof_us"`          // to check one
}

// benchLog fixes leaves as the books do, lets the follower take them, and
// checks proofs of entries spread over the log.
func benchLog(ctx context.Context, dir string, entries int64) (LogResult, error) {
	var res LogResult
	d, err := db.Open(ctx, filepath.Join(dir, "log.db"), db.Options{})
	if err != nil {
		return res, err
	}
	defer d.Close()
	if err := app.Migrate(ctx, d); err != nil {
		return res, err
	}
	if err := fixLeaves(ctx, d, entries); err != nil {
		return res, err
	}
	l, err := tree.Open(ctx, d, tree.Options{Dir: filepath.Join(dir, "log"), KeyFile: filepath.Join(dir, "log.key"), Name: "bench.example/log"})
	if err != nil {
		return res, err
	}
	start := time.Now()
	n, err := l.Step(ctx)
	if err != nil {
		return res, err
	}
	if err := l.Close(ctx); err != nil { // waits until all is published
		return res, err
	}
	res.LogPerS = round(float64(n)/time.Since(start).Seconds(), 0)
	if err := proofs(ctx, d, l.Folder, int64(n), &res); err != nil {
		return res, err
	}
	start = time.Now()
	rep, err := verify.Check(ctx, verify.Options{Source: verify.Dir(l.Dir), Key: l.Key.VKey})
	if err != nil {
		return res, err
	}
	if rep.Size != int64(n) || len(rep.Findings) > 0 {
		return res, fmt.Errorf("%d of %d entries verified, findings: %v", rep.Size, n, rep.Findings)
	}
	res.VerifyMillionS = round(time.Since(start).Seconds()*1e6/float64(n), 1)
	return res, nil
}

// fixLeaves fixes leaves of paid sales.
func fixLeaves(ctx context.Context, d *db.DB, entries int64) error {
	const at = 2000
	for from := int64(0); from < entries; from += at {
		leaves := make([]tlog.Leaf, 0, at)
		for i := from; i < min(from+at, entries); i++ {
			ref := fmt.Sprintf("order/%032d/paid/%032d", i, i%100)
			fen := map[string]int64{"producer/local/pending": 1000 + i, "producer/local/owed": -1000 - i}
			leaves = append(leaves, tlog.Leaf{Kind: "order.paid", Ref: tlog.TxnRef(ref), Public: entry.Sums{Fen: fen},
				Opening: tlog.Txn{Ref: ref, Kind: "order.paid", Lines: []tlog.Line{
					{Path: fmt.Sprintf("producer/local/%032d/pending", i%100), Fen: 1000 + i}, {Path: fmt.Sprintf("producer/local/%032d/owed", i%100), Fen: -1000 - i}}}})
		}
		if err := d.Update(ctx, func(tx *db.Tx) error { return tlog.Fix(ctx, tx, leaves...) }); err != nil {
			return err
		}
	}
	return nil
}

// proofs makes and checks inclusion proofs of entries spread over the log.
func proofs(ctx context.Context, d *db.DB, f tree.Folder, size int64, res *LogResult) error {
	const count = 200
	var took time.Duration
	var bytes, checked int64
	for i := range int64(count) {
		at := i * size / count
		rows, err := tlog.Placed(ctx, d, at, 1)
		if err != nil {
			return err
		}
		p, err := f.Prove(ctx, at)
		if err != nil {
			return err
		}
		for _, h := range p.Hashes {
			bytes += int64(len(h))
		}
		start := time.Now()
		leaf := rfc6962.DefaultHasher.HashLeaf([]byte(rows[0].Body))
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(at), uint64(p.Checkpoint.Size), leaf, p.Hashes, p.Checkpoint.Root); err != nil {
			return fmt.Errorf("entry %d: %w", at, err)
		}
		took += time.Since(start)
		checked++
	}
	res.ProofBytes = round(float64(bytes)/float64(checked), 0)
	res.ProofUs = round(float64(took.Nanoseconds())/1000/float64(checked), 1)
	return nil
}
