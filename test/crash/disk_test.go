package crash

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Size of the disk, and of the sale on it.
const (
	diskMiB     = 128
	fillsInTest = 2
)

// TestDiskFills fills the disk under the data folder while a crowd buys: orders
// are answered with a clean 503, pages go on, and once there is room orders go
// on too, without a new start.
func TestDiskFills(t *testing.T) {
	dir := smallDisk(t)
	n := cycles(t, fillsInTest)
	c := &centre{t: t, dir: dir}
	c.expect = func(line string) bool { return strings.Contains(line, "full") }
	t.Cleanup(c.end)
	s := prepare(c, killCrowd+1, plenty)
	s.start()
	r := s.sell(easy, func(r *run) {
		for range n {
			r.enough(mostAcks)
			free := fill(t, dir)
			r.refusals(5)
			s.readsGoOn()
			free()
			r.enough(mostAcks / 4)
			c.fsck()
		}
		r.lastCall(atTheEnd)
	})
	missing, oversold := r.soldOut()
	t.Logf("full disks %d, orders answered 503 %d, acknowledged %d, retried %d, missing %d, oversold %d", n, r.refused, len(r.told), r.retried, missing, oversold)
}

// readsGoOn reads what a visitor sees.
func (s *sale) readsGoOn() {
	s.t.Helper()
	base, _ := s.address()
	for _, path := range []string{"/", "/shows/" + s.want.Show, "/api/v1/shows/" + s.want.Show, "/healthz", "/status"} {
		res, err := http.Get(base + path)
		if err != nil {
			s.t.Errorf("%s: %v", path, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode >= 500 {
			s.t.Errorf("%s on a full disk: %d %v\n%.300s", path, res.StatusCode, err, body)
		}
	}
}

// smallDisk mounts a small file system of its own, which only root may.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if os.Getuid() != 0 {
		missing(t, "root, to mount a small tmpfs")
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128m"); err != nil {
		missing(t, "the right to mount a small tmpfs ("+err.Error()+")")
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill writes a file until nothing fits any more; free takes it away.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for size := diskMiB << 20; size > 0; { // large pieces first, then small ones
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return func() {
		if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
			t.Error(err)
		}
	}
}
