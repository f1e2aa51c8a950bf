package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
)

// Assets serves the static files of all screens under one address that
// changes with their content, so that browsers may keep them for a year and
// ES modules import one another by relative path.
type Assets struct {
	files map[string]*asset
	hash  string
}

type asset struct {
	body, gz, br []byte
	kind         string
	once         sync.Once
}

// current is the set in use; page addresses are asked for in many components.
var current = &Assets{hash: "none", files: map[string]*asset{}}

// UseAssets collects the files of several trees: name of the tree -> files.
// The tree "" is mounted at the root.
func UseAssets(trees map[string]fs.FS) error {
	a := &Assets{files: map[string]*asset{}}
	for prefix, tree := range trees {
		err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !servable(p) {
				return err
			}
			b, err := fs.ReadFile(tree, p)
			if err != nil {
				return err
			}
			a.files[path.Join(prefix, p)] = &asset{body: lean(p, b), kind: kindOf(p)}
			return nil
		})
		if err != nil {
			return err
		}
	}
	names := make([]string, 0, len(a.files))
	for n := range a.files {
		names = append(names, n)
	}
	sort.Strings(names)
	h := sha256.New()
	for _, n := range names {
		io.WriteString(h, n)
		h.Write(a.files[n].body)
	}
	a.hash = hex.EncodeToString(h.Sum(nil)[:6])
	current = a
	return nil
}

func servable(name string) bool {
	if strings.HasSuffix(name, ".test.js") {
		return false
	}
	switch path.Ext(name) {
	case ".css", ".js", ".svg", ".png", ".jpg", ".webp", ".ico", ".woff2", ".webmanifest", ".txt", ".mp4":
		return true
	}
	return false
}

var (
	lineComment  = regexp.MustCompile(`(?m)^[ \t]*//.*$`)
	blockComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	indent       = regexp.MustCompile(`(?m)^\s+`)
)

// lean drops the comments of our own scripts and styles: they are for whoever
// reads the repository, not for a phone on a village's network. Of a script
// only whole lines go, and the line stays, so that an error names the right
// one; a style sheet loses its indentation and empty lines too.
func lean(name string, b []byte) []byte {
	switch {
	case strings.HasPrefix(name, "vendor/"):
		return b
	case path.Ext(name) == ".js":
		return lineComment.ReplaceAll(b, nil)
	case path.Ext(name) == ".css":
		return indent.ReplaceAll(blockComment.ReplaceAll(b, nil), nil)
	}
	return b
}

func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// Static is the address of a file: Static("img/logo.svg").
func Static(name string) string { return "/static/" + current.hash + "/" + name }

// Exists tells whether a static file is there.
func Exists(name string) bool { return current.files[name] != nil }

// ServeStatic answers /static/{hash}/{name...}. An old hash gets the present
// file without the long cache time, so a page left open still works.
func ServeStatic(w http.ResponseWriter, r *http.Request) {
	f := current.files[r.PathValue("name")]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	if r.PathValue("hash") == current.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	body := f.body
	if compressible(f.kind) {
		h.Set("Vary", "Accept-Encoding")
		f.once.Do(f.compress)
		// Browsers offer Brotli over HTTPS (and to this machine) only.
		switch takes := r.Header.Get("Accept-Encoding"); {
		case strings.Contains(takes, "br"):
			h.Set("Content-Encoding", "br")
			body = f.br
		case strings.Contains(takes, "gzip"):
			h.Set("Content-Encoding", "gzip")
			body = f.gz
		}
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func compressible(kind string) bool {
	return strings.HasPrefix(kind, "text/") || strings.Contains(kind, "svg") || strings.Contains(kind, "json")
}

// brotliQuality is the best that still compresses the player within a second.
const brotliQuality = 9

func (f *asset) compress() {
	var gz, br bytes.Buffer
	z, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		panic(err) // a constant level
	}
	for w := range slices.Values([]io.WriteCloser{z, brotli.NewWriterLevel(&br, brotliQuality)}) {
		w.Write(f.body) // into memory: can't fail
		w.Close()
	}
	f.gz, f.br = gz.Bytes(), br.Bytes()
}
