// Package s3test is a bucket for tests: a server that speaks the part of S3 that
// package s3 needs, in memory, and can be told to fail. It reads the chunked
// uploads that clients sign on plain HTTP, and refuses another access key.
package s3test

import (
	"bufio"
	"bytes"
	"crypto/md5" //nolint:gosec // S3's ETag is an MD5
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Names the server knows.
const (
	Bucket    = "films"
	AccessKey = "test-access"
	Secret    = "test-secret-0123456789"
)

// Server is a bucket.
type Server struct {
	URL string

	mu      sync.Mutex
	objects map[string][]byte
	down    bool
	log     []string // method and key of every request that was answered
}

// New starts a server that the test stops.
func New(t testing.TB) *Server {
	s := &Server{objects: map[string][]byte{}}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	s.URL = web.URL
	return s
}

// Down makes every request fail with 503, or no longer.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Object is what a key holds.
func (s *Server) Object(key string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.objects[key]
	return b, ok
}

// Keys are all keys in order.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for k := range s.objects {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Log is the method and key of every request so far.
func (s *Server) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, ok := strings.CutPrefix(strings.TrimPrefix(r.URL.Path, "/"), Bucket)
	key = strings.TrimPrefix(key, "/")
	s.mu.Lock()
	down := s.down
	s.mu.Unlock()
	switch {
	case down:
		fail(w, http.StatusServiceUnavailable, "SlowDown")
		return
	case !strings.Contains(r.Header.Get("Authorization"), "Credential="+AccessKey+"/"):
		fail(w, http.StatusForbidden, "InvalidAccessKeyId")
		return
	case !ok:
		fail(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	s.mu.Lock()
	s.log = append(s.log, r.Method+" "+key)
	s.mu.Unlock()
	switch {
	case r.Method == http.MethodPut:
		s.put(w, r, key)
	case key == "" && r.Method == http.MethodGet:
		s.list(w, r)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		s.get(w, r, key)
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, key)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	default:
		fail(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func (s *Server) put(w http.ResponseWriter, r *http.Request, key string) {
	body, err := io.ReadAll(r.Body)
	if err == nil && strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		body, err = unchunk(body)
		if want := r.Header.Get("X-Amz-Decoded-Content-Length"); err == nil && want != strconv.Itoa(len(body)) {
			err = fmt.Errorf("%d bytes of %s", len(body), want)
		}
	}
	if err != nil {
		fail(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	s.mu.Lock()
	s.objects[key] = body
	s.mu.Unlock()
	w.Header().Set("ETag", etag(body))
}

func etag(b []byte) string {
	sum := md5.Sum(b) //nolint:gosec // S3's ETag is an MD5
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// unchunk reads aws-chunked: LENGTH;chunk-signature=…\r\n, the data, \r\n.
func unchunk(b []byte) ([]byte, error) {
	r := bufio.NewReader(bytes.NewReader(b))
	var out []byte
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n == 0 {
			return out, err
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return nil, err
		}
		out = append(out, chunk[:n]...)
	}
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, key string) {
	b, ok := s.Object(key)
	if !ok {
		fail(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	w.Header().Set("ETag", etag(b))
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(b))
}

type listing struct {
	XMLName     xml.Name `xml:"ListBucketResult"`
	Name        string
	Prefix      string
	KeyCount    int
	MaxKeys     int
	IsTruncated bool
	Contents    []object
}

type object struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	prefix := r.URL.Query().Get("prefix")
	out := listing{Name: Bucket, Prefix: prefix, MaxKeys: 1000}
	for _, k := range s.Keys() {
		if strings.HasPrefix(k, prefix) {
			b, _ := s.Object(k)
			out.Contents = append(out.Contents, object{Key: k, LastModified: "2026-01-01T00:00:00.000Z", ETag: etag(b), Size: len(b)})
		}
	}
	out.KeyCount = len(out.Contents)
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(out) // the client may be gone
}

func fail(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
}
