package webtest

import (
	"context"
	"path/filepath"
	"time"

	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/tree"
)

// PublicLog gives the centre a public log; what it returns publishes everything
// that waits for it.
func (w *World) PublicLog() (publish func()) {
	w.t.Helper()
	ctx, dir := context.Background(), w.t.TempDir()
	l, err := tree.Open(ctx, w.DB, tree.Options{Dir: filepath.Join(dir, "log"), KeyFile: filepath.Join(dir, "log.key"), Name: "shop.test/log"})
	w.must(err)
	w.t.Cleanup(func() { _ = l.Close(ctx) })
	w.Site.PublicLog = &l.Folder
	return func() {
		w.t.Helper()
		for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			_, err := l.Step(ctx)
			w.must(err)
			waits, _, err := tlog.Waiting(ctx, w.DB)
			w.must(err)
			next, err := tlog.Next(ctx, w.DB)
			w.must(err)
			if at, err := l.Folder.Checkpoint(ctx); err == nil && waits == 0 && at.Size == next {
				return
			}
			if time.Now().After(end) {
				w.t.Fatal("the log does not get on")
			}
		}
	}
}
