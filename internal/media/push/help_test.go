package push_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/media/push"
	"lindu.example/lindu/internal/media/rtmp"
)

// keys lets a key "k-x" publish to stream "x".
type keys struct{}

func (keys) Authorize(_ context.Context, key string) (string, error) {
	id, ok := strings.CutPrefix(key, "k-")
	if !ok {
		return "", fault.New(fault.Denied, "fault.denied")
	}
	return id, nil
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); !cond(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func newHub(t *testing.T) *media.Hub {
	t.Helper()
	h := &media.Hub{Auth: keys{}, Log: slog.New(slog.DiscardHandler)}
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// far is another server that takes pictures, and keeps what came.
type far struct {
	hub *media.Hub
	srv *rtmp.Server

	mu    sync.Mutex
	units []*media.Unit
}

func newFar(t *testing.T) *far {
	t.Helper()
	f := &far{hub: newHub(t)}
	f.srv = &rtmp.Server{Listen: "127.0.0.1:0", Hub: f.hub, Log: slog.New(slog.DiscardHandler)}
	f.hub.Tap(func(id string) {
		sub, err := f.hub.Subscribe(id, "test")
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
				if it.Unit != nil {
					f.mu.Lock()
					f.units = append(f.units, it.Unit)
					f.mu.Unlock()
				}
			}
		}()
	})
	if err := f.srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.srv.Close)
	return f
}

func (f *far) got() []*media.Unit {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.units[:len(f.units):len(f.units)]
}

func (f *far) target(id, key string) push.Target {
	return push.Target{ID: id, Address: push.Address{Server: "rtmp://" + f.srv.Addr().String() + "/live", Key: key}}
}

// near is what sends: a hub with a pusher that may send to this machine.
func near(t *testing.T, change func(*push.Pusher)) (*media.Hub, *push.Pusher) {
	t.Helper()
	h := newHub(t)
	p := &push.Pusher{Hub: h, Log: slog.New(slog.DiscardHandler), AllowPrivate: true, Timeout: 5 * time.Second}
	p.Quick(10*time.Millisecond, 40*time.Millisecond, time.Hour, time.Minute, time.Minute)
	if change != nil {
		change(p)
	}
	p.Start()
	t.Cleanup(p.Close)
	return h, p
}

func clip(t testing.TB) *loop.Clip {
	t.Helper()
	b, err := os.ReadFile("../testdata/wide.mp4")
	if err != nil {
		t.Fatal(err)
	}
	c, err := loop.Parse(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// play publishes the test clip to a stream of the hub, again and again, some ten
// times as fast as it is, until the test ends or stop is called. pad makes
// pictures larger by filler.
func play(t *testing.T, h *media.Hub, stream string, opus bool, pad int) (stop func()) {
	t.Helper()
	p, err := h.PublishTo(stream, media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	c := clip(t)
	sps, pps := c.Video()
	if err := p.ConfigH264(sps, pps); err != nil {
		t.Fatal(err)
	}
	if opus {
		err = p.ConfigOpus(2)
	} else {
		err = p.ConfigAAC(*c.Audio())
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer p.Close()
		extra := append([]byte{6}, bytes.Repeat([]byte{0xff}, pad)...) // supplemental information: decoders pass it over
		for turn := time.Duration(0); ; turn += c.Length() {
			sound := time.Duration(0)
			for _, s := range c.Samples() {
				nals, frame, err := s.Read()
				if err != nil {
					return
				}
				switch {
				case s.Video:
					if pad > 0 {
						nals = append(nals[:len(nals):len(nals)], extra)
					}
					err = p.WriteH264(turn+s.PTS, turn+s.DTS, nals)
				case !opus:
					err = p.WriteAudio(turn+s.PTS, frame)
				}
				for ; opus && s.Video && err == nil && sound < s.DTS; sound += 20 * time.Millisecond {
					err = p.WriteAudio(turn+sound, []byte{0xfc, 0xff, 0xfe}) // 20 ms of silence
				}
				if err != nil {
					return
				}
				select {
				case <-time.After(2 * time.Millisecond):
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// listener is a target of our own making: serve has each connection.
func listener(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var open []net.Conn
	t.Cleanup(func() {
		ln.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			c.Close()
		}
	})
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			go serve(c)
		}
	}()
	return ln.Addr().String()
}

func at(addr, id string) push.Target {
	return push.Target{ID: id, Address: push.Address{Server: "rtmp://" + addr + "/live", Key: "secret-key-123"}}
}
