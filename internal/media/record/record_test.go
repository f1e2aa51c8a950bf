package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"lindu.example/lindu/internal/blob/s3"
	"lindu.example/lindu/internal/blob/s3test"
	"lindu.example/lindu/internal/media"
)

// TestAShowIsWrittenDown: what a publisher sends comes out as chunks that play,
// with the world's time in them.
func TestAShowIsWrittenDown(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	b := newBench(t, func(r *Recorder) { r.ChunkFor = 2 * c.Length() })
	const turns = 5
	b.publish(t, c, turns, nil)
	b.hub.End(stream)
	until(t, "the whole show is kept", func() bool {
		chunks, _ := b.out.all()
		return total(chunks) > turns*c.Length()-200*time.Millisecond && b.Status().Waiting == 0
	})
	chunks, files := b.out.all()
	if len(chunks) < 2 {
		t.Fatalf("%d chunks: a chunk has no end", len(chunks))
	}
	at := noon
	for i, x := range chunks {
		if d := x.Starts.Sub(at); d < -50*time.Millisecond || d > 50*time.Millisecond {
			t.Errorf("chunk %d starts %v after the one before it ended", i, d)
		}
		at = x.Starts.Add(x.Duration)
		if x.Run != chunks[0].ID || x.Kind != "live" || x.Stream != stream || x.Width == 0 || !strings.HasPrefix(x.Codecs, "avc1.") {
			t.Errorf("chunk %d: %+v", i, x)
		}
		for _, g := range x.Groups {
			if !g.Key {
				t.Errorf("chunk %d: a group at %d that no decoder can start at", i, g.Offset)
			}
		}
		plays(t, files[i])
	}
}

func total(chunks []Chunk) (d time.Duration) {
	for _, c := range chunks {
		d += c.Duration
	}
	return d
}

// TestTurningThePhoneBeginsANewRun: another picture size, and a publisher who
// comes back, go on in new files of their own.
func TestTurningThePhoneBeginsANewRun(t *testing.T) {
	t.Parallel()
	wide, tall := testClip(t, "wide.mp4"), testClip(t, "tall.mp4")
	b := newBench(t, nil)
	p, err := b.hub.Publish(t.Context(), "key", media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	b.send(t, p, wide, 0, 2, nil)
	b.send(t, p, tall, 2*wide.Length(), 2, nil)
	p.Close()
	b.out.wait(t, 2)
	b.clk.Add(time.Minute) // away
	b.publish(t, wide, 2, nil)
	b.hub.End(stream)
	chunks, files := b.out.wait(t, 3)
	if chunks[0].Width <= chunks[0].Height || chunks[1].Width >= chunks[1].Height || chunks[2].Width <= chunks[2].Height {
		t.Errorf("sizes %dx%d %dx%d %dx%d", chunks[0].Width, chunks[0].Height, chunks[1].Width, chunks[1].Height, chunks[2].Width, chunks[2].Height)
	}
	for i, x := range chunks {
		if x.Run != x.ID {
			t.Errorf("chunk %d belongs to the run of another", i)
		}
		plays(t, files[i])
	}
	if gap := chunks[2].Starts.Sub(chunks[1].Starts.Add(chunks[1].Duration)); gap < 55*time.Second || gap > 65*time.Second {
		t.Errorf("the minute away shows as %v", gap)
	}
}

// TestOnlyWhatIsWantedIsWritten: nothing before the show, and a rehearsal apart
// from the show it becomes.
func TestOnlyWhatIsWantedIsWritten(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	var kind atomic.Value
	kind.Store("")
	b := newBench(t, func(r *Recorder) {
		r.Want = func(context.Context, string) (string, error) {
			k, _ := kind.Load().(string)
			return k, nil
		}
	})
	sinks := func(n int) func() bool {
		return func() bool { s, _ := b.hub.Stats(stream); return s.Sinks == n }
	}
	p, err := b.hub.Publish(t.Context(), "key", media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	b.send(t, p, c, 0, 1, nil)
	if s := b.Status(); s.Recording != 0 || s.Bytes != 0 {
		t.Errorf("recorded before anybody wanted it: %+v", s)
	}
	kind.Store("rehearsal")
	until(t, "the rehearsal is recorded", sinks(1))
	b.send(t, p, c, c.Length(), 2, nil)
	kind.Store("live")
	b.out.wait(t, 1)
	until(t, "the show is recorded", sinks(1))
	b.send(t, p, c, 3*c.Length(), 2, nil)
	b.hub.End(stream)
	chunks, _ := b.out.wait(t, 2)
	if chunks[0].Kind != "rehearsal" || chunks[1].Kind != "live" {
		t.Errorf("kinds %s, %s", chunks[0].Kind, chunks[1].Kind)
	}
}

// TestAFullDiskStopsTheRecordingAndNotTheShow: a write that fails half-way and a
// disk without room are loud, leave whole chunks, and are over when there is room.
func TestAFullDiskStopsTheRecordingAndNotTheShow(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	var full, low atomic.Bool
	var mu sync.Mutex
	var alerts []string
	b := newBench(t, func(r *Recorder) {
		r.MinFree = 1 << 20
		r.RetryAfter = time.Millisecond
		r.Space = func(string) (int64, int64, error) {
			if low.Load() {
				return 1<<20 - 1, 1 << 30, nil
			}
			return 1 << 29, 1 << 30, nil
		}
		r.write = func(f *os.File, p []byte) (int, error) {
			if full.Load() {
				n, _ := f.Write(p[:len(p)/2])
				return n, syscall.ENOSPC
			}
			return f.Write(p)
		}
		r.Alert = func(s string, why error) {
			mu.Lock()
			defer mu.Unlock()
			alerts = append(alerts, fmt.Sprint(s == stream, why != nil))
		}
	})
	var seen atomic.Int64 // pictures, by a viewer beside the recorder
	viewer := make(chan int, 1)
	p, err := b.hub.Publish(t.Context(), "key", media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := b.hub.Subscribe(stream, "viewer")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		n := 0
		for {
			it, err := sub.Next(context.Background())
			if err != nil {
				viewer <- n
				return
			}
			if it.Unit != nil && it.Unit.Video {
				n++
				seen.Store(int64(n))
			}
		}
	}()
	at := time.Duration(0)
	perTurn := int64(0)
	for _, s := range c.Samples() {
		if s.Video {
			perTurn++
		}
	}
	turns := func(n int) {
		for range n {
			b.send(t, p, c, at, 1, nil)
			at += c.Length()
			until(t, "the viewer follows", func() bool { return seen.Load() == perTurn*int64(at/c.Length()) })
		}
	}
	turns(2)
	until(t, "something is written", func() bool { return b.Status().Bytes > 0 })
	for _, bad := range []*atomic.Bool{&full, &low} {
		before := b.Status().Lost
		bad.Store(true)
		until(t, "the recording stops", func() bool { turns(1); return b.Broken(stream) && b.Status().Lost > before })
		bad.Store(false)
		until(t, "it goes on", func() bool { turns(1); return !b.Broken(stream) })
		turns(2)
	}
	b.hub.End(stream)
	pictures := <-viewer
	until(t, "all is kept", func() bool { return b.Status().Waiting == 0 && b.Status().Recording == 0 })
	chunks, files := b.out.wait(t, 3)
	if len(chunks) < 3 { // how much is lost while the disk is full depends on the machine
		t.Errorf("%d chunks, %v", len(chunks), total(chunks))
	}
	for _, f := range files {
		if _, good, err := Scan(f); err != nil || good != int64(len(f)) {
			t.Errorf("a torn chunk was kept: %d of %d, %v", good, len(f), err)
		}
		plays(t, f)
	}
	want := 0
	for _, s := range c.Samples() {
		if s.Video {
			want++
		}
	}
	if turns := int(at / c.Length()); pictures != want*turns {
		t.Errorf("the viewer saw %d pictures of %d", pictures, want*turns)
	}
	until(t, "the last word is good", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(alerts) > 0 && alerts[len(alerts)-1] == "true false"
	})
	mu.Lock()
	defer mu.Unlock()
	// A slow machine tries again, and tells again, while the disk is full.
	if n := len(alerts); n < 2 || alerts[0] != "true true" || alerts[n-1] != "true false" {
		t.Errorf("alerts %v", alerts)
	}
}

// TestABucketThatIsAwayLosesNothing: chunks wait in the spool while the bucket is
// down, also over a restart, and are kept once it is back.
func TestABucketThatIsAwayLosesNothing(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	web := s3test.New(t)
	store, err := s3.New(s3.Options{Endpoint: web.URL, Bucket: s3test.Bucket, AccessKey: s3test.AccessKey, Secret: s3test.Secret, PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	keep := func(ctx context.Context, x Chunk, file []byte) error {
		return store.Put(ctx, "r/"+x.ID, strings.NewReader(string(file)))
	}
	web.Down(true)
	b := newBench(t, func(r *Recorder) { r.Keep = keep })
	b.publish(t, c, 3, nil)
	b.hub.End(stream)
	until(t, "a chunk waits, and somebody is told", func() bool { s := b.Status(); return s.Waiting == 1 && s.KeepErr != "" })
	b.hub.Close()
	b.Close()
	if len(web.Keys()) != 0 {
		t.Fatalf("kept by a bucket that is down: %v", web.Keys())
	}
	web.Down(false)
	again := &Recorder{Hub: &media.Hub{Auth: anyone{}, Log: quiet}, Log: quiet, Dir: b.Dir, Want: b.Want, Keep: keep}
	if err := again.Start(); err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	until(t, "the chunk is kept", func() bool { return again.Status().Waiting == 0 && len(web.Keys()) == 1 })
	file, _ := web.Object(web.Keys()[0])
	plays(t, file)
}

// TestOneBadFileDoesNotHoldTheOthersUp: what is no chunk is put aside for a
// person; one that can't be kept waits and the next is tried.
func TestOneBadFileDoesNotHoldTheOthersUp(t *testing.T) {
	t.Parallel()
	c := testClip(t, "wide.mp4")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "holiday.mp4"), []byte("no chunk"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(r *Recorder) { r.Dir, r.ChunkFor = dir, c.Length() })
	refused := errors.New("not this one")
	var first atomic.Value
	keep := b.out.keep
	b.Keep = func(ctx context.Context, x Chunk, file []byte) error {
		if first.CompareAndSwap(nil, x.ID) || first.Load() == x.ID {
			return refused
		}
		return keep(ctx, x, file)
	}
	b.publish(t, c, 6, nil)
	b.hub.End(stream)
	b.out.wait(t, 2)
	if _, err := os.Stat(filepath.Join(dir, "holiday.mp4"+badExt)); err != nil {
		t.Errorf("the stranger is not put aside: %v", err)
	}
}
