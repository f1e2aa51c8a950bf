package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
)

// VideoServe is the hidden command of a server of bench video: our origin with a
// generated stream, or the same pieces as files behind net/http's file server.
// Each second it notes the CPU time it has spent; at the end of its standard
// input it prints them.
type VideoServe struct {
	Files   string        `help:"Folder of the pieces; empty: our origin."`
	Part    time.Duration `help:"PART-TARGET." default:"500ms"`
	Profile string        `help:"Write a CPU profile there."`
}

// videoStream is the name of the stream.
const videoStream = "bench"

// noteEvery is how often a server notes its CPU time.
const noteEvery = 100 * time.Millisecond

// note of the CPU time at a moment of the machine's clock.
type note struct {
	At  int64 `json:"at"` // unix ns
	CPU int64 `json:"cpu"`
}

// Run serves.
func (s *VideoServe) Run(ctx context.Context) error {
	debug.SetGCPercent(400) // as the product does
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent
		cancel()
	}()
	hub := &media.Hub{Auth: nobody{}, Log: slog.New(slog.DiscardHandler)}
	origin := &hls.Origin{Hub: hub, Log: slog.New(slog.DiscardHandler), PartTarget: s.Part}
	var h http.Handler = origin
	if s.Files != "" {
		w := &fileWriter{dir: s.Files}
		if err := os.MkdirAll(filepath.Join(s.Files, "live", videoStream), 0o755); err != nil {
			return err
		}
		origin.Export, h = w.export, http.FileServer(http.Dir(s.Files))
	}
	if err := errors.Join(origin.Start(), hub.Start()); err != nil {
		return err
	}
	defer origin.Close()
	defer hub.Close()
	go generate(ctx, hub)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute} // as the product's
	go func() { _ = srv.Serve(ln) }()
	defer srv.Close()
	if s.Profile != "" {
		defer profile(s.Profile)()
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready{ln.Addr().String()}); err != nil {
		return err
	}
	var notes []note
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			notes = append(notes, note{now.UnixNano(), int64(usage())})
		case <-ctx.Done():
			return json.NewEncoder(os.Stdout).Encode(notes)
		}
	}
}

// nobody publishes by key here.
type nobody struct{}

func (nobody) Authorize(context.Context, string) (string, error) { return "", errors.New("no") }

// The generated stream: 30 pictures a second, a key frame every 2 s, 2 Mbit/s.
const (
	pictures   = 30
	groupLen   = 60
	groupBytes = 2_000_000 / 8 * groupLen / pictures
	keyBytes   = 40_000
	restBytes  = (groupBytes - keyBytes) / (groupLen - 1)
)

// Parameter sets of a real encoder; the pictures themselves are noise, which
// nobody decodes.
var (
	benchSPS = []byte{0x67, 0x42, 0xc0, 0x0b, 0xda, 0x0a, 0x37, 0xe4, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf2, 0x3c, 0x50, 0xaa, 0x80}
	benchPPS = []byte{0x68, 0xce, 0x02, 0x9c, 0x80}
)

// generate publishes until the context ends.
func generate(ctx context.Context, hub *media.Hub) {
	p, err := hub.PublishTo(videoStream, media.Source{Kind: "bench"})
	if err != nil {
		slog.Error("bench: publish", "err", err)
		return
	}
	defer p.Close()
	if err := p.ConfigH264(benchSPS, benchPPS); err != nil {
		slog.Error("bench: publish", "err", err)
		return
	}
	r := rand.NewChaCha8([32]byte{1})
	began := time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		at := time.Duration(n) * time.Second / pictures
		time.Sleep(time.Until(began.Add(at)))
		b := make([]byte, restBytes)
		b[0] = 0x41
		if n%groupLen == 0 {
			b = make([]byte, keyBytes)
			b[0] = 0x65
		}
		_, _ = r.Read(b[1:])
		if err := p.WriteH264(at, at, [][]byte{b}); err != nil {
			return
		}
	}
}

// fileWriter keeps what the origin cuts as files, with a playlist beside them.
type fileWriter struct {
	dir  string
	mu   sync.Mutex
	init string
	list []hls.Exported
	all  int
}

// listed is how many segments the playlist names: as many as ours does.
const listed = 18

func (w *fileWriter) export(e hls.Exported) {
	w.mu.Lock()
	defer w.mu.Unlock()
	dir := filepath.Join(w.dir, "live", videoStream)
	if err := os.WriteFile(filepath.Join(dir, e.Name), e.Data, 0o644); err != nil {
		slog.Error("bench: files", "err", err)
	}
	if e.Init {
		w.init = e.Name
		return
	}
	w.all++
	w.list = append(w.list, e)
	if len(w.list) > listed {
		w.list = w.list[1:]
	}
	b := fmt.Appendf(nil, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:%d\n#EXT-X-MAP:URI=\"%s\"\n", w.all-len(w.list), w.init)
	for _, x := range w.list {
		b = fmt.Appendf(b, "#EXT-X-PROGRAM-DATE-TIME:%s\n#EXTINF:%.5f,\n%s\n", x.Date.UTC().Format("2006-01-02T15:04:05.000Z07:00"), x.Duration.Seconds(), x.Name)
	}
	tmp := filepath.Join(dir, "plain.tmp")
	if err := errors.Join(os.WriteFile(tmp, b, 0o644), os.Rename(tmp, filepath.Join(dir, "plain.m3u8"))); err != nil {
		slog.Error("bench: files", "err", err)
	}
}

// videoChild is a server process.
type videoChild struct{ *child }

func startVideo(ctx context.Context, args ...string) (*videoChild, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"bench", "video-serve"}, args...)...)
	c, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	return &videoChild{c}, settled(ctx, c.addr)
}

// settled waits until the stream is as long as viewers begin behind, so that
// none of them gets its first pieces while it counts.
func settled(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+videoPath+"plain.m3u8", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			b, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err == nil && res.StatusCode == http.StatusOK && len(parseList(b).segments) > behind {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("bench: the stream does not begin")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// stop ends the server and tells the CPU time it spent between two moments.
func (c *videoChild) stop(from, to int64) (cpu, took time.Duration, err error) {
	c.in.Close()
	late := time.AfterFunc(stopWithin, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	var notes []note
	err = errors.Join(c.out.Decode(&notes), c.cmd.Wait())
	var first, last *note
	for i := range notes {
		n := &notes[i]
		if n.At >= from && first == nil {
			first = n
		}
		if n.At <= to {
			last = n
		}
	}
	if err == nil && (first == nil || last == nil || last.At <= first.At) {
		err = errors.New("bench: the server noted nothing")
	}
	if err != nil {
		return 0, 0, err
	}
	return time.Duration(last.CPU - first.CPU), time.Duration(last.At - first.At), nil
}
