package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Dir keeps files in a folder.
type Dir struct {
	root *os.Root
	max  int64
}

var _ Store = (*Dir)(nil)

// tmpDir holds files that are being written. Its name is no key, so they are
// never listed or read.
const tmpDir = ".tmp"

// staleAfter is the age at which an unfinished file was left by a crash. It is
// long, for another process may be writing into the same folder.
const staleAfter = 24 * time.Hour

// NewDir keeps files in a folder, which is made if it does not exist.
func NewDir(path string) (Store, error) { return NewDirMax(path, MaxFile) }

// NewDirMax is NewDir with another bound for the size of a file in bytes.
func NewDirMax(path string, max int64) (Store, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	d := &Dir{root: root, max: max}
	if err := d.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("blob: %w", err), root.Close())
	}
	return d, nil
}

// sweep removes what a crash left half-written.
func (d *Dir) sweep() error {
	if err := d.root.MkdirAll(tmpDir, 0o700); err != nil {
		return err
	}
	entries, err := fs.ReadDir(d.root.FS(), tmpDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || time.Since(info.ModTime()) < staleAfter {
			continue // gone, or another process is at it
		}
		if err := d.root.Remove(path.Join(tmpDir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Put writes a file beside the others, makes it safe on disk and then moves
// it to its name, so that readers see all of it or nothing.
func (d *Dir) Put(ctx context.Context, key string, r io.Reader) (err error) {
	if err := CheckKey(key); err != nil {
		return err
	}
	tmp := path.Join(tmpDir, id.New[string]())
	defer func() {
		if err != nil {
			_ = d.root.Remove(tmp) // if it stays, sweep finds it
		}
	}()
	if err := d.write(ctx, tmp, r); err != nil {
		return err
	}
	if err := d.place(tmp, key); err != nil {
		return fmt.Errorf("blob: put: %w", err)
	}
	return nil
}

func (d *Dir) write(ctx context.Context, name string, r io.Reader) error {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("blob: put: %w", err)
	}
	n, err := io.Copy(f, io.LimitReader(ctxReader{ctx, r}, d.max+1))
	if err == nil && n > d.max {
		err = fault.New(fault.TooLarge, "blob.too_large", "Max", fmt.Sprintf("%d MB", d.max>>20))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// place renames a finished file to its key. A Delete at the same time may take
// an empty folder away between its making and its use, hence the repeats.
func (d *Dir) place(tmp, key string) error {
	dir := path.Dir(key)
	for try := 0; ; try++ {
		err := d.root.MkdirAll(dir, 0o700)
		if err == nil {
			err = d.root.Rename(tmp, key)
		}
		if err == nil {
			break
		}
		// Exists: another writer made the folder between two steps of MkdirAll.
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) || try == 10 {
			return err
		}
	}
	return d.syncUp(dir)
}

// syncUp makes the new names safe: the file's in its folder, and each new
// folder's in the one above.
func (d *Dir) syncUp(dir string) error {
	for ; ; dir = path.Dir(dir) {
		f, err := d.root.Open(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted since: nothing to keep
		}
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
		if dir == "." {
			return nil
		}
	}
}

// Get opens a file; it can seek.
func (d *Dir) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := CheckKey(key); err != nil {
		return nil, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	f, err := d.root.Open(key)
	if missing(err) {
		return nil, 0, fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return nil, 0, fmt.Errorf("blob: get: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("blob: get: %w", err), f.Close())
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.Join(fault.New(fault.NotFound, "fault.not_found"), f.Close())
	}
	return f, info.Size(), nil
}

// missing tells whether there is no such file, also because a part of the key
// is a file and no folder.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// Delete removes a file, and folders that it leaves empty.
func (d *Dir) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	info, err := d.root.Lstat(key)
	if missing(err) || err == nil && info.IsDir() {
		return nil
	}
	if err == nil {
		err = d.root.Remove(key)
	}
	if err != nil && !missing(err) {
		return fmt.Errorf("blob: delete: %w", err)
	}
	for dir := path.Dir(key); dir != "."; dir = path.Dir(dir) {
		if d.root.Remove(dir) != nil {
			break // not empty, which is the usual thing
		}
	}
	return nil
}

// List walks the folder the prefix lies in.
func (d *Dir) List(ctx context.Context, prefix string) ([]string, error) {
	if err := checkPrefix(prefix); err != nil {
		return nil, err
	}
	start := path.Dir(prefix + "x") // the folder of keys with this prefix
	var keys []string
	err := fs.WalkDir(d.root.FS(), start, func(p string, e fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case missing(err):
			return nil // deleted while we walk
		case err != nil:
			return err
		case e.IsDir():
			if strings.HasPrefix(e.Name(), ".") && p != "." || p != "." && !strings.HasPrefix(p+"/", prefix) && !strings.HasPrefix(prefix, p+"/") {
				return fs.SkipDir
			}
		case strings.HasPrefix(p, prefix) && e.Type().IsRegular():
			if len(keys) == MaxList {
				return fault.New(fault.TooLarge, "blob.too_many", "Max", MaxList)
			}
			keys = append(keys, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(keys) // folder order is not byte order: "a-b" < "a/b"
	return keys, nil
}

// Close lets go of the folder.
func (d *Dir) Close() error { return d.root.Close() }

// ctxReader stops reading when the context ends.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
