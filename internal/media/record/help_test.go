package record

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
)

var noon = time.Date(2026, 9, 12, 4, 0, 0, 0, time.UTC)

const stream = "0123456789abcdef0123456789abcdef"

func testClip(t testing.TB, name string) *loop.Clip {
	t.Helper()
	b, err := os.ReadFile("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := loop.Parse(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// source makes units as the hub does, from clips, one session after the other.
type source struct {
	t       testing.TB
	at      time.Duration // of the publisher
	now     time.Time     // of the world
	session uint64
	format  *media.Format
}

func newSource(t testing.TB, c *loop.Clip) *source {
	return &source{t: t, at: time.Minute, now: noon, session: 1, format: formatOf(c)}
}

func formatOf(c *loop.Clip) *media.Format {
	sps, pps := c.Video()
	f := &media.Format{Video: &media.VideoFormat{Codec: media.H264, SPS: sps, PPS: pps}}
	if a := c.Audio(); a != nil {
		f.Audio = &media.AudioFormat{Codec: media.AAC, AAC: *a, SampleRate: a.SampleRate, Channels: int(a.ChannelConfig)}
	}
	return f
}

// play gives the clip's units n times to fn.
func (s *source) play(c *loop.Clip, n int, fn func(u *media.Unit)) {
	s.t.Helper()
	for range n {
		for _, x := range c.Samples() {
			nals, frame, err := x.Read()
			if err != nil {
				s.t.Fatal(err)
			}
			u := &media.Unit{Session: s.session, Format: s.format, Video: x.Video, Key: x.Key, DTS: s.at + x.DTS, PTS: s.at + x.PTS, At: s.now.Add(x.DTS), NALs: nals, Frame: frame}
			if x.Video && x.Key {
				u.NALs = append([][]byte{s.format.Video.SPS, s.format.Video.PPS}, bare(nals)...)
			}
			fn(u)
		}
		s.at += c.Length()
		s.now = s.now.Add(c.Length())
	}
}

// bare leaves parameter sets and delimiters out, as the hub does.
func bare(nals [][]byte) (out [][]byte) {
	for _, n := range nals {
		if k := n[0] & 0x1f; k != 7 && k != 8 && k != 9 {
			out = append(out, n)
		}
	}
	return out
}

// kept is where a test's recorder puts what is finished.
type kept struct {
	mu     sync.Mutex
	chunks []Chunk
	files  [][]byte
	err    error
	came   chan struct{}
}

func newKept() *kept { return &kept{came: make(chan struct{}, 1000)} }

func (k *kept) keep(_ context.Context, c Chunk, file []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.err != nil {
		return k.err
	}
	k.chunks, k.files = append(k.chunks, c), append(k.files, bytes.Clone(file))
	k.came <- struct{}{}
	return nil
}

func (k *kept) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err = err
}

func (k *kept) all() ([]Chunk, [][]byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]Chunk(nil), k.chunks...), append([][]byte(nil), k.files...)
}

// wait until n chunks were kept.
func (k *kept) wait(t testing.TB, n int) ([]Chunk, [][]byte) {
	t.Helper()
	for end := time.After(30 * time.Second); ; {
		if c, f := k.all(); len(c) >= n {
			return c, f
		}
		select {
		case <-k.came:
		case <-end:
			c, _ := k.all()
			t.Fatalf("%d chunks kept, want %d", len(c), n)
		}
	}
}

type anyone struct{}

func (anyone) Authorize(context.Context, string) (string, error) { return stream, nil }

var quiet = slog.New(slog.DiscardHandler)

// bench is a hub with a recorder.
type bench struct {
	*Recorder
	hub *media.Hub
	out *kept
	clk *clock.Fake
}

func newBench(t testing.TB, change func(r *Recorder)) *bench {
	t.Helper()
	b := &bench{out: newKept(), clk: clock.NewFake(noon)}
	b.hub = &media.Hub{Auth: anyone{}, Log: quiet, Clock: b.clk}
	b.Recorder = &Recorder{Hub: b.hub, Log: quiet, Clock: b.clk, Dir: filepath.Join(t.TempDir(), "spool"), MinFree: -1, ask: 5 * time.Millisecond,
		Want: func(context.Context, string) (string, error) { return "live", nil }, Keep: b.out.keep}
	if change != nil {
		change(b.Recorder)
	}
	if err := errors.Join(b.Start(), b.hub.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.hub.Close(); b.Close() })
	return b
}

// publish sends a clip n times through the hub, as fast as the sinks take it:
// after each turn it waits until done says that enough has arrived.
func (b *bench) publish(t testing.TB, c *loop.Clip, n int, after func(turn int)) {
	t.Helper()
	p, err := b.hub.Publish(t.Context(), "key", media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	b.send(t, p, c, 0, n, after)
}

func (b *bench) send(t testing.TB, p *media.Publisher, c *loop.Clip, from time.Duration, n int, after func(turn int)) {
	t.Helper()
	sps, pps := c.Video()
	if err := p.ConfigH264(sps, pps); err != nil {
		t.Fatal(err)
	}
	if a := c.Audio(); a != nil {
		if err := p.ConfigAAC(*a); err != nil {
			t.Fatal(err)
		}
	}
	start := b.clk.Now()
	before, sent := b.units.Load(), uint64(0)
	for i := range n {
		turn := from + time.Duration(i)*c.Length()
		for _, s := range c.Samples() {
			nals, frame, err := s.Read()
			if err != nil {
				t.Fatal(err)
			}
			if d := start.Add(turn - from + s.DTS).Sub(b.clk.Now()); d > 0 {
				b.clk.Add(d)
			}
			if s.Video {
				err = p.WriteH264(turn+s.PTS, turn+s.DTS, nals)
			} else {
				err = p.WriteAudio(turn+s.PTS, frame)
			}
			if err != nil {
				t.Fatal(err)
			}
			sent++
			for end := time.Now().Add(5 * time.Second); sent == 1 && b.Status().Recording == 0 && time.Now().Before(end); { // where anything is recorded at all
				time.Sleep(time.Millisecond)
			}
			if b.Status().Recording > 0 { // no faster than the recorder takes it
				until(t, "the recorder follows", func() bool { return b.units.Load()+300 > before+sent || b.Status().Recording == 0 })
			}
		}
		if after != nil {
			after(i)
		}
	}
}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in 30 s: %s", what)
		}
	}
}

// plays decodes a file with ffmpeg, where there is one, and fails on any error
// it tells of.
func plays(t testing.TB, file []byte) {
	t.Helper()
	ff, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Log("no ffmpeg here: only our own parser looked")
		return
	}
	path := filepath.Join(t.TempDir(), "x.mp4")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), ff, "-hide_banner", "-loglevel", "error", "-nostdin", "-i", path, "-f", "null", "-").CombinedOutput()
	if err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("ffmpeg: %v\n%s", err, out)
	}
}
