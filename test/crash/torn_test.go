package crash

import (
	"context"
	endian "encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
)

const (
	copiesInTest = 5
	calm         = 2 * time.Second // pace: the copies are checked while people buy, and grow
)

// TestTornCopies stands for a power cut, which kill -9 is not: it freezes the
// centre at random moments of a sale, copies its database and log as they are
// at that instant, and lets it go on. Each copy is opened by itself:
//
//   - as it is: every order acknowledged before is there;
//   - with the end of the log cut off anywhere, or written over with noise, as
//     when the disk had not got so far (never what is in the database file
//     already: SQLite syncs the log before it copies from it): a whole and
//     consistent earlier state.
func TestTornCopies(t *testing.T) {
	n := cycles(t, copiesInTest)
	c := &centre{t: t, dir: t.TempDir()}
	t.Cleanup(c.end)
	s := prepare(c, killCrowd+1, plenty)
	s.start()
	torn, shorter := 0, 0
	r := s.sell(calm, func(r *run) {
		for range n {
			r.enough(mostAcks / 4)
			pause(mostPause)
			told := r.ids()
			image := c.freeze()
			if lost := image.check(t, told); lost != 0 {
				t.Errorf("%d of %d acknowledged orders are not in the copy", lost, len(told))
			}
			for _, noise := range []bool{false, true} {
				if image.tear(t, noise).check(t, told) > 0 {
					shorter++ // as it may be: these bytes were on no disk yet
				}
				torn++
			}
		}
		r.lastCall(atTheEnd)
	})
	missing, oversold := r.soldOut()
	t.Logf("copies %d, torn %d (%d of them an earlier state), acknowledged %d, missing %d, oversold %d", n, torn, shorter, len(r.told), missing, oversold)
}

// ids are the orders acknowledged so far.
func (r *run) ids() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]bool{}
	for _, a := range r.told {
		out[a.id] = true
	}
	return out
}

// image is a database as a disk had it.
type image struct {
	file, wal []byte
	safe      int // so much of the log is in the file already, or was copied from
}

// freeze copies the files of the running centre at one instant.
func (c *centre) freeze() image {
	c.t.Helper()
	p := c.process.cmd.Process
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		c.t.Fatal(err)
	}
	defer p.Signal(syscall.SIGCONT) //nolint:errcheck // it was there a moment ago
	waitFor(c.t, "the centre to stand still", func() bool { return standsStill(p.Pid) })
	read := func(suffix string) []byte {
		b, err := os.ReadFile(filepath.Join(c.dir, "lindu.db"+suffix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			c.t.Fatal(err)
		}
		return b
	}
	x := image{file: read(""), wal: read("-wal")}
	if shm := read("-shm"); len(shm) >= 100 && len(x.wal) >= 32 {
		// nBackfillAttempted and nBackfill of the index (sqlite.org/walformat.html).
		frames := max(endian.NativeEndian.Uint32(shm[96:]), endian.NativeEndian.Uint32(shm[128:]))
		page := endian.BigEndian.Uint32(x.wal[8:])
		x.safe = min(len(x.wal), 32+int(frames)*int(24+page))
	}
	return x
}

// standsStill tells whether every thread of a process has stopped.
func standsStill(pid int) bool {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	if err != nil || len(tasks) == 0 {
		return false
	}
	for _, t := range tasks {
		b, err := os.ReadFile(t)
		if err != nil {
			return false
		}
		for i := len(b) - 1; i > 0; i-- { // the state follows the name in brackets
			if b[i] == ')' {
				if i+2 >= len(b) || b[i+2] != 'T' {
					return false
				}
				break
			}
		}
	}
	return true
}

// tear is the image of a disk that did not get to the end of the log.
func (x image) tear(t *testing.T, noise bool) image {
	t.Helper()
	if x.safe >= len(x.wal) {
		return x
	}
	at := x.safe + rand.IntN(len(x.wal)-x.safe)
	wal := append([]byte(nil), x.wal...)
	if !noise {
		return image{x.file, wal[:at], x.safe}
	}
	for i := at; i < min(len(wal), at+4096); i++ {
		wal[i] = byte(rand.Uint32())
	}
	return image{x.file, wal, x.safe}
}

// check opens an image and holds that it is whole. It tells how many of the
// orders are not in it.
func (x image) check(t *testing.T, told map[string]bool) (lost int) {
	t.Helper()
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "lindu.db")
	if err := errors.Join(os.WriteFile(path, x.file, 0o600), os.WriteFile(path+"-wal", x.wal, 0o600)); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(ctx, path, db.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var verdict string
	if err := d.QueryRow(ctx, `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("a torn copy: %s %v", verdict, err)
		return len(told)
	}
	rep, err := fsck.Run(ctx, d)
	if err != nil {
		t.Error(err)
	}
	for _, k := range rep.Checks {
		for _, f := range k.Findings {
			t.Errorf("a torn copy: %s: %s", k.Name, f)
		}
	}
	rows, err := d.Query(ctx, `SELECT id FROM sale_order`)
	there, err := db.Collect(rows, err, func(r *db.Rows, id *string) error { return r.Scan(id) })
	if err != nil {
		t.Error(err)
	}
	has := map[string]bool{}
	for _, id := range there {
		has[id] = true
	}
	for id := range told {
		if !has[id] {
			lost++
		}
	}
	return lost
}
