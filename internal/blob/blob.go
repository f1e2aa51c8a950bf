package blob

import (
	"context"
	"io"
)

// Store keeps files by key ("picture/<id>/640.jpg"). A key is relative, with
// letters, digits, '-', '_', '.', '/' only.
type Store interface {
	// Put writes a whole file; readers see all of it or nothing.
	Put(ctx context.Context, key string, r io.Reader) error
	// Get opens a file; fault NotFound if there is none.
	Get(ctx context.Context, key string) (io.ReadCloser, int64, error)
	// Delete removes a file; a missing one is no error.
	Delete(ctx context.Context, key string) error
	// List gives the keys under a prefix in order.
	List(ctx context.Context, prefix string) ([]string, error)
}

// NewDir keeps files in a folder.
func NewDir(path string) (Store, error) { panic("not built yet") }
