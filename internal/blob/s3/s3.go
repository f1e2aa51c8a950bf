package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/fault"
)

// Options of a store.
type Options struct {
	Endpoint  string // https://host[:port]; http only for a store on one's own network
	Region    string // default us-east-1, which most others take too
	Bucket    string
	Prefix    string // of every key, without a slash at the end; "" for none
	AccessKey string
	Secret    string
	PathStyle bool   // bucket in the path and not in the host's name: MinIO, Garage
	TempDir   string // for what can't seek; default the system's
	Transport http.RoundTripper
}

// Store keeps files in a bucket.
type Store struct {
	c    *minio.Client
	o    Options
	root string // prefix with its slash
}

var _ blob.Store = (*Store)(nil)

// tries of a request; who calls tries again anyway.
const tries = 3

// New makes a store. It asks the bucket nothing: a bucket that is away now may
// be back when something is to be kept.
func New(o Options) (*Store, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" && u.Path != "/" {
		return nil, errors.New("s3: the endpoint must be https://host or http://host")
	}
	if o.Bucket == "" || o.AccessKey == "" || o.Secret == "" {
		return nil, errors.New("s3: needs a bucket, an access key and a secret")
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	s := &Store{o: o}
	if o.Prefix != "" {
		if err := blob.CheckKey(o.Prefix); err != nil {
			return nil, fmt.Errorf("s3: prefix: %w", err)
		}
		s.root = o.Prefix + "/"
	}
	lookup := minio.BucketLookupDNS
	if o.PathStyle {
		lookup = minio.BucketLookupPath
	}
	s.c, err = minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(o.AccessKey, o.Secret, ""), Secure: u.Scheme == "https",
		Region: o.Region, BucketLookup: lookup, Transport: o.Transport, MaxRetries: tries})
	if err != nil {
		return nil, fmt.Errorf("s3: %w", err)
	}
	return s, nil
}

// Put uploads a file.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	body, size, done, err := s.counted(r)
	if err != nil {
		return err
	}
	defer done()
	if size > blob.MaxFile {
		return fault.New(fault.TooLarge, "blob.too_large", "Max", fmt.Sprintf("%d MB", blob.MaxFile>>20))
	}
	_, err = s.c.PutObject(ctx, s.o.Bucket, s.root+key, body, size, minio.PutObjectOptions{ContentType: contentType(key)})
	return wrong("put", err)
}

// counted gives a body whose length is known.
func (s *Store) counted(r io.Reader) (body io.Reader, size int64, done func(), err error) {
	if sk, ok := r.(io.Seeker); ok {
		at, err := sk.Seek(0, io.SeekCurrent)
		if err == nil {
			var end int64
			if end, err = sk.Seek(0, io.SeekEnd); err == nil {
				_, err = sk.Seek(at, io.SeekStart)
			}
			if err == nil {
				return r, end - at, func() {}, nil
			}
		}
	}
	f, err := os.CreateTemp(s.o.TempDir, "s3-*")
	if err != nil {
		return nil, 0, nil, fmt.Errorf("s3: put: %w", err)
	}
	done = func() { _ = errors.Join(f.Close(), os.Remove(f.Name())) } // a temporary file
	n, err := io.Copy(f, io.LimitReader(r, blob.MaxFile+1))
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		done()
		return nil, 0, nil, fmt.Errorf("s3: put: %w", err)
	}
	return f, n, done, nil
}

func contentType(key string) string {
	switch {
	case strings.HasSuffix(key, ".mp4"):
		return "video/mp4"
	case strings.HasSuffix(key, ".jpg"):
		return "image/jpeg"
	}
	return "application/octet-stream"
}

// Get opens a file; it can seek, which costs a request.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, 0, err
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	f, err := s.open(ctx, s.root+key)
	if err != nil {
		return nil, 0, wrong("get", err)
	}
	return f, f.size, nil
}

// Delete removes a file.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := wrong("delete", s.c.RemoveObject(ctx, s.o.Bucket, s.root+key, minio.RemoveObjectOptions{}))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// List gives the keys that begin with prefix.
func (s *Store) List(ctx context.Context, prefix string) ([]string, error) {
	if prefix != "" {
		if err := blob.CheckKey(strings.TrimSuffix(prefix, "/")); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx) // or the lister goes on when we stop
	defer cancel()
	var keys []string
	for o := range s.c.ListObjects(ctx, s.o.Bucket, minio.ListObjectsOptions{Prefix: s.root + prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, wrong("list", o.Err)
		}
		if len(keys) == blob.MaxList {
			return nil, fault.New(fault.TooLarge, "blob.too_many", "Max", blob.MaxList)
		}
		keys = append(keys, strings.TrimPrefix(o.Key, s.root))
	}
	slices.Sort(keys)
	return keys, nil
}

// wrong puts a store's error into ours.
func wrong(what string, err error) error {
	if err == nil {
		return nil
	}
	switch minio.ToErrorResponse(err).Code {
	case minio.NoSuchKey, "NotFound":
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return fmt.Errorf("s3: %s: %w", what, err)
}
