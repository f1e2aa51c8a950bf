package blob_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/blob/blobtest"
	"lindu.example/lindu/internal/fault"
)

func open(t *testing.T, path string) blob.Store {
	t.Helper()
	s, err := blob.NewDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.(*blob.Dir).Close() })
	return s
}

func TestDirConforms(t *testing.T) {
	blobtest.Conform(t, func(t *testing.T) blob.Store { return open(t, filepath.Join(t.TempDir(), "new", "folder")) })
}

func TestDirOutlivesItsProcess(t *testing.T) {
	path := t.TempDir()
	blobtest.Put(t, open(t, path), "a/b", "kept")
	if got := blobtest.Get(t, open(t, path), "a/b"); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func TestDirRefusesLargeFiles(t *testing.T) {
	s, err := blob.NewDirMax(t.TempDir(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	blobtest.Put(t, s, "fits", strings.Repeat("x", 1000))
	if err := s.Put(t.Context(), "big", strings.NewReader(strings.Repeat("x", 1001))); !fault.HasKey(err, "blob.too_large") {
		t.Errorf("got %v", err)
	}
	if _, _, err := s.Get(t.Context(), "big"); !fault.Is(err, fault.NotFound) {
		t.Errorf("part of it stayed: %v", err)
	}
}

func TestDirFollowsNoLinkOut(t *testing.T) {
	path, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(path, "link")); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if r, _, err := s.Get(t.Context(), "link/secret"); err == nil {
		r.Close()
		t.Error("read through a link")
	}
	if err := s.Put(t.Context(), "link/x", strings.NewReader("x")); err == nil {
		t.Error("wrote through a link")
	}
	if err := s.Delete(t.Context(), "link/secret"); err == nil {
		t.Error("no error when deleting through a link")
	}
	if _, err := os.Stat(filepath.Join(outside, "secret")); err != nil {
		t.Error(err)
	}
	if keys, err := s.List(t.Context(), ""); err != nil || len(keys) != 0 {
		t.Errorf("listed %v, %v", keys, err)
	}
}

func TestDirSweepsWhatACrashLeft(t *testing.T) {
	path := t.TempDir()
	tmp := filepath.Join(path, ".tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"old": 25 * time.Hour, "young": time.Hour} {
		p := filepath.Join(tmp, name)
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(p, when, when); err != nil {
			t.Fatal(err)
		}
	}
	open(t, path)
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestDirLeavesNoEmptyFolders(t *testing.T) {
	path := t.TempDir()
	s := open(t, path)
	blobtest.Put(t, s, "picture/1/320.jpg", "x")
	if err := s.Delete(t.Context(), "picture/1/320.jpg"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(path, "picture")); !os.IsNotExist(err) {
		t.Errorf("the folder stays: %v", err)
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, s := range []string{"a/b.jpg", "../x", "/a", ".tmp/x", "a//b", "a\\..\\b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if blob.CheckKey(key) == nil && !filepath.IsLocal(filepath.FromSlash(key)) {
			t.Fatalf("%q leaves the folder", key)
		}
	})
}
