package blob

import (
	"context"
	"io"
	"strings"

	"lindu.example/lindu/internal/fault"
)

// Store keeps files by key ("picture/<id>/640.jpg"). A key is relative, with
// letters, digits, '-', '_', '.', '/' only; see CheckKey.
type Store interface {
	// Put writes a whole file; readers see all of it or nothing. Faults:
	// blob.key, blob.too_large.
	Put(ctx context.Context, key string, r io.Reader) error
	// Get opens a file and tells its size; fault NotFound if there is none.
	// What it gives is an io.Seeker too where the store can seek.
	Get(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// Delete removes a file; a missing one is no error.
	Delete(ctx context.Context, key string) error
	// List gives the keys that begin with prefix in byte order; "" for all.
	// Fault blob.too_many beyond MaxList.
	List(ctx context.Context, prefix string) ([]string, error)
}

const (
	// MaxKey is the longest key in characters.
	MaxKey = 200
	// MaxFile is the largest file in bytes that NewDir takes.
	MaxFile = 1 << 30
	// MaxList is how many keys List gives at most.
	MaxList = 100_000

	maxDepth = 8
)

// CheckKey refuses what is no key with fault blob.key: empty parts, parts that
// begin with a dot, other characters, too long or too deep.
func CheckKey(key string) error {
	bad := fault.New(fault.Invalid, "blob.key")
	if key == "" || len(key) > MaxKey || strings.Count(key, "/") >= maxDepth {
		return bad
	}
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part[0] == '.' || strings.IndexFunc(part, odd) >= 0 {
			return bad
		}
	}
	return nil
}

func odd(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		return false
	}
	return true
}

// checkPrefix takes what a key may begin with.
func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return CheckKey(strings.TrimSuffix(prefix, "/"))
}
