package loop_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/media/rtmp"
)

func parse(t *testing.T, name string) *loop.Clip {
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

func TestParse(t *testing.T) {
	for name, want := range map[string]struct {
		length          time.Duration
		pictures, sound int
	}{
		"wide.mp4": {4 * time.Second, 120, 173}, // without the encoder's priming
		"tall.mp4": {2 * time.Second, 50, 91},   // fragmented; the sound after the picture is left out
	} {
		c := parse(t, name)
		var pictures, sound int
		last := time.Duration(-1)
		for _, s := range c.Samples() {
			nals, frame, err := s.Read()
			if err != nil || s.DTS < last || (s.Video && len(nals) == 0) || (!s.Video && len(frame) == 0) {
				t.Fatalf("%s: sample at %v: %v", name, s.DTS, err)
			}
			last = s.DTS
			if s.Video {
				pictures++
			} else {
				sound++
			}
		}
		if c.Length() != want.length || pictures != want.pictures || sound != want.sound {
			t.Errorf("%s: %v, %d pictures, %d sounds", name, c.Length(), pictures, sound)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	wide, err := os.ReadFile("../testdata/wide.mp4")
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"nothing": {}, "text": []byte(strings.Repeat("no clip ", 1000)), "cut short": wide[:900]} {
		if c, err := loop.Parse(bytes.NewReader(b), int64(len(b))); err == nil {
			t.Errorf("%s: %d samples", name, len(c.Samples()))
		}
	}
}

// gate lets keys in while it is open.
type gate struct {
	mu   sync.Mutex
	shut bool
}

func (g *gate) Authorize(_ context.Context, key string) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return "", fault.New(fault.Denied, "fault.denied")
	}
	return key, nil
}

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !cond(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestItPlaysOverTheSeamAndComesAgain: through the real port, times go on when
// the clip begins again, and a publisher that was sent away returns.
func TestItPlaysOverTheSeamAndComesAgain(t *testing.T) {
	log, auth := slog.New(slog.DiscardHandler), &gate{}
	hub := &media.Hub{Auth: auth, Log: log}
	var mu sync.Mutex
	var turns, pictures int
	last := map[bool]time.Duration{}
	session := uint64(0)
	hub.Tap(func(id string) {
		sub, err := hub.Subscribe(id, "test")
		if err != nil {
			t.Error(err)
			return
		}
		go func() {
			for {
				it, err := sub.Next(context.Background())
				if err != nil {
					return
				}
				u := it.Unit
				if u == nil {
					continue
				}
				mu.Lock()
				if u.Session != session {
					session, last = u.Session, map[bool]time.Duration{}
				}
				if before, ok := last[u.Video]; ok && (u.DTS <= before || u.DTS-before > 120*time.Millisecond) {
					t.Errorf("%v after %v", u.DTS, before)
				}
				last[u.Video] = u.DTS
				if u.Video {
					pictures++
					if u.Key {
						turns++ // the clip has one key frame
					}
				}
				mu.Unlock()
			}
		}()
	})
	srv := &rtmp.Server{Listen: "127.0.0.1:0", Hub: hub, Log: log}
	if err := errors.Join(hub.Start(), srv.Start()); err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	defer srv.Close()
	p := &loop.Publisher{URL: srv.URL() + "/show", Clip: parse(t, "tall.mp4"), Log: log}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	count := func(n *int) int {
		mu.Lock()
		defer mu.Unlock()
		return *n
	}
	until(t, "the second turn", func() bool { return count(&turns) >= 2 })
	if s, _ := hub.Stats("show"); s.State != media.Live || s.Width != 90 || s.AudioCodec == "" {
		t.Errorf("%+v", s)
	}
	auth.set(true)
	hub.Kick("show", fault.New(fault.Denied, "fault.denied"))
	until(t, "it was turned away again", func() bool { return srv.Stats().Refused >= 2 })
	if s := hub.State("show"); s != media.Away {
		t.Errorf("state %s", s)
	}
	auth.set(false)
	until(t, "it is back", func() bool { return hub.State("show") == media.Live })
	began := count(&pictures)
	p.Close()
	until(t, "it is gone", func() bool { return srv.Stats().Open == 0 })
	if s, _ := hub.Stats("show"); s.Publishing || s.Sessions != 2 || began == 0 {
		t.Errorf("after Close: %+v", s)
	}
}

func TestCloseDoesNotWaitForADeadServer(t *testing.T) {
	p := &loop.Publisher{URL: "rtmp://127.0.0.1:1/live/k", Clip: parse(t, "tall.mp4"), Log: slog.New(slog.DiscardHandler)}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		p.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("Close hangs")
	}
}

func TestStartRefuses(t *testing.T) {
	c := parse(t, "tall.mp4")
	for _, p := range []*loop.Publisher{{URL: "http://x/live/k", Clip: c}, {URL: "rtmp:///live", Clip: c}, {URL: "rtmp://h/live/k"}, {URL: "\x00", Clip: c}} {
		if err := p.Start(); err == nil {
			p.Close()
			t.Errorf("%q was started", p.URL)
		} else if strings.Contains(err.Error(), "/k") && strings.Contains(p.URL, "/k") && !strings.Contains(err.Error(), "/KEY") {
			t.Errorf("the key is in the error: %v", err)
		}
	}
}
