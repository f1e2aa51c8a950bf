package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
)

// file is an object that is being read. It asks for the object once, whole, and
// again from where it was sought to; an object that was replaced meanwhile is
// an error and never a mixture.
type file struct {
	ctx  context.Context
	s    *Store
	name string
	etag string
	size int64

	body io.ReadCloser // nil: to be asked for
	at   int64         // where the reader is
	from int64         // where body is
}

func (s *Store) open(ctx context.Context, name string) (*file, error) {
	body, info, _, err := minio.Core{Client: s.c}.GetObject(ctx, s.o.Bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	return &file{ctx: ctx, s: s, name: name, etag: info.ETag, size: info.Size, body: body}, nil
}

// Read implements io.Reader.
func (f *file) Read(p []byte) (int, error) {
	if f.at >= f.size {
		return 0, io.EOF
	}
	if f.body == nil || f.from != f.at {
		if err := f.reopen(); err != nil {
			return 0, err
		}
	}
	n, err := f.body.Read(p)
	f.at += int64(n)
	f.from = f.at
	if errors.Is(err, io.EOF) && f.at < f.size {
		err = io.ErrUnexpectedEOF // the connection went before the object did
	}
	return n, err
}

func (f *file) reopen() error {
	if err := f.Close(); err != nil {
		return err
	}
	var o minio.GetObjectOptions
	if err := errors.Join(o.SetRange(f.at, f.size-1), o.SetMatchETag(f.etag)); err != nil {
		return fmt.Errorf("s3: get: %w", err)
	}
	body, _, _, err := minio.Core{Client: f.s.c}.GetObject(f.ctx, f.s.o.Bucket, f.name, o)
	if err != nil {
		return wrong("get", err)
	}
	f.body, f.from = body, f.at
	return nil
}

// Seek implements io.Seeker; the next Read asks for the rest.
func (f *file) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return 0, errors.New("s3: before the beginning")
	}
	f.at = offset
	return offset, nil
}

// Close lets go of the connection.
func (f *file) Close() error {
	if f.body == nil {
		return nil
	}
	b := f.body
	f.body = nil
	return b.Close()
}
