package s3_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/blob/blobtest"
	"lindu.example/lindu/internal/blob/s3"
	"lindu.example/lindu/internal/blob/s3test"
)

func open(t *testing.T, web *s3test.Server, prefix string) *s3.Store {
	t.Helper()
	s, err := s3.New(s3.Options{Endpoint: web.URL, Bucket: s3test.Bucket, Prefix: prefix, AccessKey: s3test.AccessKey, Secret: s3test.Secret, PathStyle: true, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConforms(t *testing.T) {
	blobtest.Conform(t, func(t *testing.T) blob.Store { return open(t, s3test.New(t), "") })
}

func TestConformsBelowAPrefix(t *testing.T) {
	blobtest.Conform(t, func(t *testing.T) blob.Store { return open(t, s3test.New(t), "lindu/films") })
}

func TestAFileCanSeek(t *testing.T) {
	s := open(t, s3test.New(t), "p")
	blobtest.Put(t, s, "a", "0123456789")
	r, n, err := s.Get(t.Context(), "a")
	if err != nil || n != 10 {
		t.Fatal(n, err)
	}
	defer r.Close()
	sk, ok := r.(io.ReadSeeker)
	if !ok {
		t.Fatal("can't seek: a player could not jump")
	}
	if _, err := sk.Seek(-3, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(sk); err != nil || string(b) != "789" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestTheSecretIsNeverTold: neither a bucket that refuses nor one that is away
// gets the secret into an error.
func TestTheSecretIsNeverTold(t *testing.T) {
	web := s3test.New(t)
	web.Down(true)
	s := open(t, web, "")
	errs := []error{s.Put(t.Context(), "a", bytes.NewReader([]byte("x")))}
	_, _, err := s.Get(t.Context(), "a")
	errs = append(errs, err)
	if _, err = s.List(context.Background(), ""); err == nil {
		t.Error("listed what is down")
	}
	errs = append(errs, err)
	_, err = s3.New(s3.Options{Endpoint: "ftp://x", Bucket: "b", AccessKey: "a", Secret: s3test.Secret})
	for _, err := range append(errs, err) {
		if err == nil || strings.Contains(err.Error(), s3test.Secret) {
			t.Errorf("%v", err)
		}
	}
	web.Down(false)
	if err := s.Put(t.Context(), "a", strings.NewReader("x")); err != nil || blobtest.Get(t, s, "a") != "x" {
		t.Errorf("it came back: %v", err)
	}
}
