package tree_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	xtlog "golang.org/x/mod/sumdb/tlog"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
	"lindu.example/lindu/internal/tlog/tree"
)

const name = "shop.test/log"

func open(t *testing.T, d *db.DB, dir string) *tree.Log {
	t.Helper()
	l, err := tree.Open(t.Context(), d, options(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close(context.Background()) })
	return l
}

func options(dir string) tree.Options {
	return tree.Options{Dir: filepath.Join(dir, "log"), KeyFile: filepath.Join(dir, "keys", "log.key"), Name: name}
}

func fix(t *testing.T, d *db.DB, from, n int) {
	t.Helper()
	err := d.Update(context.Background(), func(tx *db.Tx) error {
		var ls []tlog.Leaf
		for i := range n {
			ls = append(ls, tlog.Leaf{Kind: "order.paid", Ref: fmt.Sprintf("txn/%06d", from+i), Public: entry.Sums{Fen: map[string]int64{"a": 1, "b": -1}}, Opening: tlog.Txn{Ref: fmt.Sprint(from + i)}})
		}
		return tlog.Fix(context.Background(), tx, ls...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func step(t *testing.T, l *tree.Log, want int) {
	t.Helper()
	if n, err := l.Step(t.Context()); err != nil || n != want {
		t.Fatal("appended", n, "want", want, err)
	}
}

// published waits until the checkpoint covers n entries.
func published(t *testing.T, f tree.Folder, n int64) tree.Checkpoint {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := f.Checkpoint(t.Context())
		if err == nil && c.Size >= n {
			return c
		}
		if time.Now().After(end) {
			t.Fatalf("no checkpoint of %d entries: %+v %v", n, c, err)
		}
	}
}

func TestFollowsGoesOnAndRebuilds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		dir := t.TempDir()
		l := open(t, d, dir)
		fix(t, d, 0, 300)
		step(t, l, 300)
		step(t, l, 0)
		// A second process is kept out.
		if _, err := tree.Open(t.Context(), d, options(dir)); !errors.Is(err, tree.ErrLocked) {
			t.Error("second follower:", err)
		}
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		l = open(t, d, dir)
		fix(t, d, 300, 1500)
		step(t, l, 1500)
		c := published(t, l.Folder, 1800)
		if n, err := tree.Compare(t.Context(), d, l.Folder); err != nil || n != 1800 {
			t.Error(n, err)
		}
		again, err := tree.Rebuild(t.Context(), d, filepath.Join(dir, "again"), l.Key)
		if err != nil || again.Size != 1800 || !bytes.Equal(again.Root, c.Root) {
			t.Errorf("rebuilt %d %x, was %d %x: %v", again.Size, again.Root, c.Size, c.Root, err)
		}
		if _, err := tree.Rebuild(t.Context(), d, filepath.Join(dir, "again"), l.Key); err == nil {
			t.Error("built over a log")
		}
	})
}

// TestTornStep appends what was placed before the process died, once.
func TestTornStep(t *testing.T) {
	d, dir := dbtest.SQLite(t), t.TempDir()
	l := open(t, d, dir)
	fix(t, d, 0, 10)
	step(t, l, 10)
	published(t, l.Folder, 10)
	fix(t, d, 10, 10)
	if n, err := tlog.Place(t.Context(), d, 5); n != 5 || err != nil { // and died here
		t.Fatal(n, err)
	}
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	l = open(t, d, dir)
	step(t, l, 10)
	published(t, l.Folder, 20)
	if n, err := tree.Compare(t.Context(), d, l.Folder); n != 20 || err != nil {
		t.Error(n, err)
	}
}

func TestOlderDatabaseAndOtherKeyAreTold(t *testing.T) {
	d, dir := dbtest.SQLite(t), t.TempDir()
	l := open(t, d, dir)
	fix(t, d, 0, 5)
	step(t, l, 5)
	published(t, l.Folder, 5)
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := dbtest.SQLite(t)
	if _, err := tree.Open(t.Context(), old, options(dir)); !errors.Is(err, tree.ErrAhead) {
		t.Error("an empty database:", err)
	}
	if n, err := tree.Adopt(t.Context(), old, l.Folder); n != 5 || err != nil {
		t.Error(n, err)
	}
	if m, err := tree.Open(t.Context(), old, options(dir)); err != nil {
		t.Error("after adopting:", err)
	} else if err := m.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := tree.Open(t.Context(), d, options(t.TempDir())); !errors.Is(err, tree.ErrOther) {
		t.Error("another key:", err)
	}
	fork := dbtest.SQLite(t)
	fix(t, fork, 0, 5)
	if _, err := tlog.Place(t.Context(), fork, 100); err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Open(t.Context(), fork, options(dir)); !errors.Is(err, tree.ErrForked) {
		t.Error("other leaves:", err)
	}
}

func TestReceiptProves(t *testing.T) {
	d, dir := dbtest.SQLite(t), t.TempDir()
	l := open(t, d, dir)
	fix(t, d, 0, 700)
	if r, err := tree.ReceiptOf(t.Context(), d, l.Folder, "http://x/log", "txn/000600"); err != nil || r.Pending != 1 || len(r.Items) != 0 {
		t.Fatal(r, err)
	}
	step(t, l, 700)
	c := published(t, l.Folder, 700)
	r, err := tree.ReceiptOf(t.Context(), d, l.Folder, "http://x/log", "txn/000600")
	if err != nil || len(r.Items) != 1 || r.Checkpoint != string(c.Note) {
		t.Fatal(r, err)
	}
	// Checked by the Go team's client of transparency logs.
	it := r.Items[0]
	var p xtlog.RecordProof
	for _, h := range it.Proof {
		p = append(p, xtlog.Hash(h))
	}
	if err := xtlog.CheckRecord(p, c.Size, xtlog.Hash(c.Root), it.Index, xtlog.RecordHash([]byte(it.Entry))); err != nil {
		t.Error(err)
	}
	if err := xtlog.CheckRecord(p, c.Size, xtlog.Hash(c.Root), it.Index, xtlog.RecordHash([]byte(it.Entry+" "))); err == nil {
		t.Error("another entry was proven")
	}
}

// TestTotalsOnceADay adds up a day's entries once the day is over.
func TestTotalsOnceADay(t *testing.T) {
	clk := clock.NewFake(time.Date(2026, 11, 23, 20, 0, 0, 0, clock.Shanghai))
	dbtest.EachAt(t, func() clock.Clock { return clk }, func(t *testing.T, d *db.DB) {
		at := time.Date(2026, 11, 23, 20, 0, 0, 0, clock.Shanghai)
		d.Clock = clock.NewFake(at)
		l := open(t, d, t.TempDir())
		gift := func(n int) {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				return tlog.Fix(t.Context(), tx, tlog.Leaf{Kind: "gift.received", Ref: fmt.Sprintf("txn/gift/%d", n), Public: entry.Sums{Hidden: true},
					Opening: tlog.Txn{Ref: fmt.Sprint(n), Fen: map[string]int64{"charity.fund": -500, "gift.received": 500}}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		fix(t, d, 0, 4)
		gift(1)
		step(t, l, 5)
		d.Clock.(*clock.Fake).Add(5 * time.Hour)
		step(t, l, 1)
		step(t, l, 0)
		gift(2)
		gift(3)
		step(t, l, 2)
		d.Clock.(*clock.Fake).Add(24 * time.Hour)
		step(t, l, 1)
		rows, err := tlog.Placed(t.Context(), d, 0, 100)
		if err != nil || len(rows) != 9 {
			t.Fatal(len(rows), err)
		}
		check := entry.NewSumming()
		for i, r := range rows {
			e, err := entry.Parse([]byte(r.Body))
			if err != nil {
				t.Fatal(err)
			}
			if e.Kind == entry.KindTotals {
				got, err := e.ReadTotals()
				want := check.Totals(int64(i))
				if err != nil || fmt.Sprint(got.Count, got.Fen, got.From, got.To) != fmt.Sprint(want.Count, want.Fen, want.From, want.To) {
					t.Errorf("%d: %+v, want %+v", i, got, want)
				}
				h := got.Hidden["gift.received"]
				if i == 5 && (h.Count != 1 || h.Fen != nil) || i == 8 && (h.Count != 3 || h.From != 0 || h.Fen["gift.received"] != 1500) {
					t.Errorf("%d: hidden %+v", i, h)
				}
			}
			if err := check.Add(e, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestTesserasOwnFsck runs the checker that comes with Tessera over our files.
func TestTesserasOwnFsck(t *testing.T) {
	d, dir := dbtest.SQLite(t), t.TempDir()
	l := open(t, d, dir)
	fix(t, d, 0, 1300)
	step(t, l, 1300)
	published(t, l.Folder, 1300)
	check := func() error {
		return fsck.New(name, l.Key.Verifier, client.FileFetcher{Root: l.Dir}, hashBundle, fsck.Opts{N: 2}).Check(t.Context())
	}
	if err := check(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(l.Dir, "tile", "entries", "001")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(b, []byte(`"a":1`), []byte(`"a":2`), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := check(); err == nil {
		t.Error("an altered entry was not found")
	}
}

func hashBundle(b []byte) ([][]byte, error) {
	var e api.EntryBundle
	if err := e.UnmarshalText(b); err != nil {
		return nil, err
	}
	var out [][]byte
	for _, x := range e.Entries {
		out = append(out, rfc6962.DefaultHasher.HashLeaf(x))
	}
	return out, nil
}
