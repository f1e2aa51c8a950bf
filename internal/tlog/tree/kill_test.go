package tree_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
	"lindu.example/lindu/internal/tlog/tree"
)

// TestMain is also the process that TestKill kills.
func TestMain(m *testing.M) {
	if dsn := os.Getenv("LINDU_TEST_LOG_DSN"); dsn != "" {
		if err := victim(dsn, os.Getenv("LINDU_TEST_LOG_DIR"), os.Getenv("LINDU_TEST_LOG_LIFE")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// victim fixes leaves from several writers, tells each once it is committed,
// and follows, until it is killed.
func victim(dsn, dir, life string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, dsn, db.Options{})
	if err != nil {
		return err
	}
	o := options(dir)
	o.Interval = 5 * time.Millisecond
	l, err := tree.Open(ctx, d, o)
	if err != nil {
		return err
	}
	l.Start()
	said := make(chan string)
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				ref := fmt.Sprintf("txn/%s/%d/%d", life, w, i)
				err := d.Update(ctx, func(tx *db.Tx) error {
					return tlog.Fix(ctx, tx, tlog.Leaf{Kind: "order.paid", Ref: ref, Public: entry.Sums{Fen: map[string]int64{"a": 1, "b": -1}}, Opening: tlog.Txn{Ref: ref}})
				})
				if err == nil {
					said <- ref
				}
			}
		}()
	}
	for ref := range said {
		fmt.Println(ref)
	}
	return nil
}

// TestKill kills the follower and its writers 20 times with SIGKILL: every leaf
// that was acknowledged stands in the log, once, and every other entry too is a
// leaf of the database.
func TestKill(t *testing.T) {
	const kills = 20
	me, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for kind, dsn := range map[string]string{"sqlite": filepath.Join(t.TempDir(), "t.db"), "postgres": ""} {
		t.Run(kind, func(t *testing.T) {
			if dsn == "" {
				dsn = dbtest.Postgres(t)
			}
			d, err := db.Open(t.Context(), dsn, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if _, err := d.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			acked := map[string]bool{}
			for n := range kills {
				live(t, me, dsn, dir, n, acked)
			}
			holdsAll(t, d, dir, acked)
		})
	}
}

// live runs the victim until it told some leaves, and kills it.
func live(t *testing.T, me, dsn, dir string, n int, acked map[string]bool) {
	t.Helper()
	cmd := exec.Command(me)
	cmd.Env = append(os.Environ(), "LINDU_TEST_LOG_DSN="+dsn, "LINDU_TEST_LOG_DIR="+dir, fmt.Sprint("LINDU_TEST_LOG_LIFE=", n))
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// A victim that tells nothing is killed too, and is a failure below.
	late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var told atomic.Int64
	want := int64(20 + rand.IntN(200))
	for s := bufio.NewScanner(out); s.Scan(); {
		acked[s.Text()] = true
		if told.Add(1) == want {
			_ = cmd.Process.Kill() // what is still in the pipe was acknowledged too
		}
	}
	_ = cmd.Wait()
	if told.Load() < want {
		t.Fatalf("life %d ended by itself after %d leaves: %s", n, told.Load(), said.String())
	}
}

// holdsAll follows to the end and reads the log.
func holdsAll(t *testing.T, d *db.DB, dir string, acked map[string]bool) {
	t.Helper()
	l, err := tree.Open(t.Context(), d, options(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close(context.Background())
	if _, err := l.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	next, err := tlog.Next(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	published(t, l.Folder, next)
	if n, err := tree.Compare(t.Context(), d, l.Folder); err != nil || n != next {
		t.Errorf("the log has %d entries, the database %d: %v", n, next, err)
	}
	rows, err := tlog.Placed(t.Context(), d, 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		delete(acked, r.Ref)
	}
	if len(acked) > 0 {
		t.Errorf("%d acknowledged leaves are lost", len(acked))
	}
	// Proven, not only there: the newest and the oldest.
	for _, at := range []int64{0, next / 2, next - 1} {
		if _, err := l.Prove(t.Context(), at); err != nil {
			t.Errorf("no proof of %d: %v", at, err)
		}
	}
	t.Logf("%d entries", next)
}
