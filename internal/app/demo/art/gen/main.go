package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// One run is bounded: the clip takes about two minutes on two slow cores.
const runLimit = 15 * time.Minute

// maxUpload bounds one posted file; a raw clip frame is 2 MB, the largest SVG under 1 MB.
const maxUpload = 16 << 20

type options struct {
	dir, icons       string
	chromium, ffmpeg string
	only             string
	clip             bool
}

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.dir, "dir", "internal/app/demo/art", "folder of package art")
	flag.StringVar(&o.icons, "icons", "internal/web/static/img", "folder of the site icons")
	flag.StringVar(&o.chromium, "chromium", "chromium", "Chromium to rasterise with")
	flag.StringVar(&o.ffmpeg, "ffmpeg", "ffmpeg", "ffmpeg to encode the clip with")
	flag.StringVar(&o.only, "only", "", "draw only pictures whose name contains this")
	flag.BoolVar(&o.clip, "clip", false, "render the show clip instead of the pictures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, runLimit)
	defer cancel()
	if err := run(ctx, o); err != nil {
		log.Fatal("gen: ", err)
	}
}

// run serves the studio, lets Chromium work in it, and returns when it says it is done.
func run(ctx context.Context, o options) error {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &studio{options: o, done: make(chan error, 1)}
	query := url.Values{"only": {o.only}}
	page := "pictures.html"
	if o.clip {
		page = "clip.html"
		if s.clip, err = startClip(ctx, o); err != nil {
			return err
		}
	}
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(ln) }()
	defer server.Close()

	browserCtx, closeBrowser := context.WithCancel(ctx)
	defer closeBrowser()
	exited, err := openBrowser(browserCtx, o.chromium, "http://"+ln.Addr().String()+"/studio/"+page+"?"+query.Encode())
	if err != nil {
		return err
	}
	select {
	case err = <-s.done:
	case <-exited:
		err = errors.New("chromium ended before the work was done")
	case <-ctx.Done():
		err = ctx.Err()
	}
	if s.clip != nil {
		err = errors.Join(err, s.clip.finish())
	}
	// The profile folder can only be removed once the browser has let go of it.
	closeBrowser()
	<-exited
	return err
}

// openBrowser starts a headless Chromium with a profile of its own; the channel closes when it has ended.
func openBrowser(ctx context.Context, bin, address string) (<-chan struct{}, error) {
	profile, err := os.MkdirTemp("", "lindu-art-")
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, bin, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--remote-debugging-port=0", "--user-data-dir="+profile, address)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(profile))
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = cmd.Wait() // we end it ourselves, so its exit code says nothing
		_ = os.RemoveAll(profile)
	}()
	return exited, nil
}

// studio is the server the drawing page talks to.
type studio struct {
	options
	clip *clipEncoder
	done chan error
}

func (s *studio) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /studio/", http.StripPrefix("/studio/", http.FileServer(http.Dir(filepath.Join(s.dir, "gen", "studio")))))
	mux.HandleFunc("POST /save", s.save)
	mux.HandleFunc("POST /frame", s.frame)
	mux.HandleFunc("POST /log", func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(http.MaxBytesReader(nil, r.Body, 4096))
		log.Print(string(b))
	})
	mux.HandleFunc("POST /done", s.finished)
	return mux
}

// save writes one finished file; the path stays inside the art or the icons folder.
func (s *studio) save(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("path")
	root := s.dir
	if rest, ok := strings.CutPrefix(name, "icons/"); ok {
		root, name = s.icons, rest
	}
	if !filepath.IsLocal(name) {
		http.Error(w, "path leaves the folder", http.StatusBadRequest)
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	if err == nil {
		err = writeFile(filepath.Join(root, name), data)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	log.Printf("%-32s %7d bytes", name, len(data))
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

func (s *studio) frame(w http.ResponseWriter, r *http.Request) {
	if s.clip == nil {
		http.Error(w, "not rendering the clip", http.StatusConflict)
		return
	}
	if _, err := io.Copy(s.clip.frames, http.MaxBytesReader(w, r.Body, maxUpload)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// finished ends the run; a body is the page's error.
func (s *studio) finished(_ http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 4096))
	if err == nil && len(b) > 0 {
		err = fmt.Errorf("studio: %s", b)
	}
	select {
	case s.done <- err:
	default: // the first word counts
	}
}
