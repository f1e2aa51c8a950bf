package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Source gives the files of a log by their paths in it: "checkpoint",
// "tile/0/000". A file that is not there is fs.ErrNotExist.
type Source interface {
	Read(ctx context.Context, path string) ([]byte, error)
}

// Limits of what is read of one file.
const maxFile = 17 << 20 // a bundle of 256 entries of 64 KB

// Open finds the source of an address: http(s)://… of a centre or of its log,
// or a folder.
func Open(address string) (Source, error) {
	if u, err := url.Parse(address); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		if u.Path = strings.TrimSuffix(u.Path, "/"); !strings.HasSuffix(u.Path, "/log") {
			u.Path += "/log"
		}
		u.RawQuery, u.Fragment = "", ""
		return &Web{Base: u.String(), Client: &http.Client{Timeout: time.Minute}}, nil
	}
	if i, err := os.Stat(address); err != nil || !i.IsDir() {
		return nil, fmt.Errorf("%s is neither an address that begins with http:// or https:// nor a folder", address)
	}
	return Dir(address), nil
}

// Dir is a log as files.
type Dir string

// Read implements Source.
func (d Dir) Read(_ context.Context, path string) ([]byte, error) {
	f, err := os.Open(filepath.Join(string(d), filepath.FromSlash(path)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAll(f)
}

// Web is a log at an address.
type Web struct {
	Base   string // without a slash at its end
	Client *http.Client
}

// Read implements Source. What fails for a moment is tried again.
func (s *Web) Read(ctx context.Context, path string) (b []byte, err error) {
	for try := range 4 {
		if try > 0 {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Duration(try*try) * 200 * time.Millisecond):
			}
		}
		var again bool
		if b, again, err = s.once(ctx, path); err == nil || !again {
			return b, err
		}
	}
	return nil, err
}

func (s *Web) once(ctx context.Context, path string) (b []byte, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Base+"/"+path, nil)
	if err != nil {
		return nil, false, err
	}
	res, err := s.Client.Do(req)
	if err != nil {
		return nil, true, err
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusGone:
		return nil, false, fmt.Errorf("%s/%s: %w", s.Base, path, fs.ErrNotExist)
	case res.StatusCode != http.StatusOK:
		return nil, res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests, fmt.Errorf("%s/%s: %s", s.Base, path, res.Status)
	}
	b, err = readAll(res.Body)
	return b, err != nil, err
}

func readAll(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = errors.New("the file is larger than any of a log can be")
	}
	return b, err
}

// partial reads a file of a partial width, or the full one where the partial
// was cleared away because it became full.
func partial(ctx context.Context, s Source, path func(width uint8) string, width uint8) ([]byte, error) {
	b, err := s.Read(ctx, path(width))
	if width > 0 && errors.Is(err, fs.ErrNotExist) {
		return s.Read(ctx, path(0))
	}
	return b, err
}
