package rtmp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortmplib"
	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/codecs"
	"github.com/bluenviron/gortmplib/pkg/message"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/media/rtmp"
)

type keys struct{}

func (keys) Authorize(_ context.Context, key string) (string, error) {
	switch id, ok := strings.CutPrefix(key, "k-"); {
	case ok:
		return id, nil
	case key == "broken":
		return "", errors.New("database password is hunter2")
	}
	return "", fault.New(fault.Denied, "fault.denied")
}

type house struct {
	t   *testing.T
	hub *media.Hub
	srv *rtmp.Server
}

func newHouse(t *testing.T, change func(*rtmp.Server)) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	h := &house{t: t, hub: &media.Hub{Auth: keys{}, Log: log}}
	h.srv = &rtmp.Server{Listen: "127.0.0.1:0", Hub: h.hub, Log: log, Words: func(err error) string { return fault.Of(err).Key }}
	if change != nil {
		change(h.srv)
	}
	if err := errors.Join(h.hub.Start(), h.srv.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		h.srv.Close()
		h.hub.Close()
	})
	return h
}

// dial connects as a publisher or a player; path comes after the host.
func (h *house) dial(path string, publish bool) (*gortmplib.Client, error) {
	u, err := url.Parse("rtmp://" + h.srv.Addr().String() + path)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(h.t.Context(), 10*time.Second)
	defer cancel()
	c := &gortmplib.Client{URL: u, Publish: publish}
	if err := c.Initialize(ctx); err != nil {
		return nil, err
	}
	h.t.Cleanup(c.Close)
	return c, nil
}

func (h *house) mustDial(path string) *gortmplib.Client {
	h.t.Helper()
	c, err := h.dial(path, true)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// words reads until the server says why, or closes.
func words(c *gortmplib.Client) string {
	for {
		msg, err := c.Read()
		if err != nil {
			return "closed"
		}
		if cmd, ok := msg.(*message.CommandAMF0); ok && cmd.Name == "onStatus" && len(cmd.Arguments) > 1 {
			o, _ := cmd.Arguments[1].(amf0.Object)
			if level, _ := o.GetString("level"); level == "error" {
				s, _ := o.GetString("description")
				return s
			}
		}
	}
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !cond(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
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

// send publishes the clip as fast as it goes, keep choosing the samples.
func send(c *gortmplib.Client, cl *loop.Clip, keep func(loop.Sample) bool) error {
	sps, pps := cl.Video()
	video := &gortmplib.Track{Codec: &codecs.H264{SPS: sps, PPS: pps}}
	audio := &gortmplib.Track{Codec: &codecs.MPEG4Audio{Config: cl.Audio()}}
	w := &gortmplib.Writer{Conn: c, Tracks: []*gortmplib.Track{video, audio}}
	if err := w.Initialize(); err != nil {
		return err
	}
	for _, s := range cl.Samples() {
		nals, frame, err := s.Read()
		if err != nil {
			return err
		}
		switch {
		case keep != nil && !keep(s):
		case s.Video:
			err = w.WriteH264(video, s.PTS, s.DTS, nals)
		default:
			err = w.WriteMPEG4Audio(audio, s.PTS, frame)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestPublishArrivesWhole(t *testing.T) {
	h := newHouse(t, nil)
	c := clip(t)
	var mu sync.Mutex
	var units []*media.Unit
	h.hub.Tap(func(id string) {
		sub, err := h.hub.Subscribe(id, "test")
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
					mu.Lock()
					units = append(units, it.Unit)
					mu.Unlock()
				}
			}
		}()
	})
	cl := h.mustDial("/live/k-show")
	if err := send(cl, c, nil); err != nil {
		t.Fatal(err)
	}
	until(t, "all units arrive", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(units) >= len(c.Samples())-1 // a sound before the first picture is dropped
	})
	cl.Close()
	until(t, "away", func() bool { return h.hub.State("show") == media.Away })
	mu.Lock()
	defer mu.Unlock()
	if u := units[0]; !u.Video || !u.Key || u.Format.Audio == nil || u.Format.Video.Width != 160 {
		t.Errorf("first unit %+v: the sound must be known before the picture begins", u)
	}
	for _, u := range units {
		if u.Video && u.Key && (u.NALs[0][0]&31 != 7 || u.NALs[1][0]&31 != 8 || u.NALs[2][0]&31 == 7) {
			t.Errorf("key frame of %x", u.NALs[0][0])
		}
	}
	if s, _ := h.hub.Stats("show"); s.Source != "rtmp" || s.Remote != "127.0.0.1" || s.Sessions != 1 {
		t.Errorf("%+v", s)
	}
}

func TestRefusals(t *testing.T) {
	h := newHouse(t, nil)
	if err := send(h.mustDial("/live/k-taken"), clip(t), nil); err != nil {
		t.Fatal(err)
	}
	until(t, "live", func() bool { return h.hub.State("taken") == media.Live })
	for name, tc := range map[string]struct {
		path    string
		publish bool
		want    string
	}{
		"wrong key":         {"/live/guess", true, "fault.denied"},
		"no key":            {"/live", true, "media.bad_address"},
		"another app":       {"/vod/k-show", true, "media.bad_address"},
		"too deep":          {"/live/k-show/x", true, "media.bad_address"},
		"a very long key":   {"/live/k-" + strings.Repeat("x", 300), true, "media.bad_address"},
		"second publisher":  {"/live/k-taken", true, "media.busy"},
		"playing":           {"/live/k-taken", false, "media.no_play"},
		"our own mistake":   {"/live/broken", true, "fault.internal"},
		"key with a query":  {"/live/k-other?a=b", true, ""},
		"key as OBS has it": {"/live#k-obs", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.dial(tc.path, tc.publish)
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want+"}") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// TestWordsAreForPeople: without a hook of its own a server speaks both
// languages, and never an internal error's text.
func TestWordsAreForPeople(t *testing.T) {
	h := newHouse(t, func(s *rtmp.Server) { s.Words = nil })
	for key, want := range map[string]string{"guess": "您的账号没有这项权限", "broken": "我们这边出了点问题"} {
		_, err := h.dial("/live/"+key, true)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), " / ") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestOtherCodecsAreNamed(t *testing.T) {
	h := newHouse(t, func(s *rtmp.Server) {
		s.Words = func(err error) string { f := fault.Of(err); return fmt.Sprint(f.Key, " ", f.Args["Codec"]) }
	})
	for want, tracks := range map[string][]*gortmplib.Track{
		"media.codec_video HEVC (H.265)": {{Codec: &codecs.H265{}}},
		"media.codec_video AV1":          {{Codec: &codecs.AV1{}}},
		"media.codec_video VP9":          {{Codec: &codecs.VP9{}}},
	} {
		c := h.mustDial("/live/k-show")
		if err := (&gortmplib.Writer{Conn: c, Tracks: tracks}).Initialize(); err != nil {
			t.Fatal(err)
		}
		if got := words(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		until(t, "it has gone", func() bool { s, _ := h.hub.Stats("show"); return !s.Publishing })
	}
	for want, msg := range map[string]message.Message{
		"media.codec_video HEVC (H.265)": &message.Video{ChunkStreamID: 6, MessageStreamID: 1, Codec: message.CodecH265, IsKeyFrame: true, Type: message.VideoTypeAU, AU: []byte{0, 0, 0, 1, 0x26}},
		"media.codec_audio MP3":          &message.Audio{ChunkStreamID: 4, MessageStreamID: 1, Codec: message.CodecMPEG1Audio, AU: []byte{1, 2, 3}},
		"media.codec_audio G.711":        &message.Audio{ChunkStreamID: 4, MessageStreamID: 1, Codec: message.CodecPCMA, AU: []byte{1, 2, 3}},
		"media.codec_audio PCM":          &message.Audio{ChunkStreamID: 4, MessageStreamID: 1, Codec: message.CodecLPCM, AU: []byte{1, 2, 3}},
		"media.codec_audio Opus":         &message.AudioExCodedFrames{ChunkStreamID: 4, MessageStreamID: 1, FourCC: message.FourCCOpus, Payload: []byte{1, 2}},
		"media.malformed <nil>":          &message.Video{ChunkStreamID: 6, MessageStreamID: 1, Codec: message.CodecH264, IsKeyFrame: true, Type: message.VideoTypeAU, AU: []byte{0, 0, 9, 1, 0x26}},
	} {
		c := h.mustDial("/live/k-show")
		if err := c.Write(msg); err != nil {
			t.Fatal(err)
		}
		if got := words(c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		until(t, "it has gone", func() bool { s, _ := h.hub.Stats("show"); return !s.Publishing })
	}
	if s := h.srv.Stats(); s.Refused != 9 {
		t.Errorf("%+v", s)
	}
}

// TestGarbageCostsNothing: other protocols, noise, and a peer that writes a
// byte at a time are closed and counted, and the server goes on.
func TestGarbageCostsNothing(t *testing.T) {
	h := newHouse(t, func(s *rtmp.Server) { s.Timeout = 150 * time.Millisecond })
	noise := bytes.Repeat([]byte{0xff, 0x00, 0x5a}, 40000)
	flood := append([]byte{3}, make([]byte, 1<<20)...) // a handshake, then zeros without end
	for name, payload := range map[string][]byte{
		"http":      []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"tls":       {0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3},
		"noise":     noise,
		"flood":     flood,
		"nothing":   nil,
		"handshake": flood[:1537],
	} {
		before := h.srv.Stats().Garbage
		nc, err := net.Dial("tcp", h.srv.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = nc.Write(payload) }() // may well fail
		if err := nc.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, nc); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: still connected", name)
		}
		nc.Close()
		until(t, name+" is counted", func() bool { return h.srv.Stats().Garbage == before+1 })
	}
	// Slow-loris: a byte every 40 ms never ends the handshake in time.
	nc, err := net.Dial("tcp", h.srv.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	until(t, "the slow one is closed", func() bool {
		time.Sleep(40 * time.Millisecond)
		_, err := nc.Write([]byte{3})
		return err != nil
	})
	until(t, "nobody is connected", func() bool { return h.srv.Stats().Open == 0 })
	if len(h.hub.All()) != 0 {
		t.Error("garbage made a stream")
	}
	until(t, "the door is open", func() bool { // not at the first try on a busy machine
		_, err := h.dial("/live/k-show", true)
		return err == nil || strings.Contains(err.Error(), "media.busy")
	})
}

// TestStrangerMayNotTalkForEver: valid messages, but never a key. The
// connection ends at its budget of bytes, long before its time is over.
func TestStrangerMayNotTalkForEver(t *testing.T) {
	h := newHouse(t, func(s *rtmp.Server) { s.Timeout = time.Hour })
	nc, err := net.Dial("tcp", h.srv.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	hello := make([]byte, 1537)
	hello[0] = 3
	if _, err := nc.Write(hello); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(nc, make([]byte, 3073)); err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Write(make([]byte, 1536)); err != nil {
		t.Fatal(err)
	}
	ack := []byte{2, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 9} // a whole acknowledgement
	many := bytes.Repeat(ack, 4096)
	for sent := 0; ; sent += len(many) {
		if sent > 64<<20 {
			t.Fatal("64 MB were read from a stranger")
		}
		if _, err := nc.Write(many); err != nil {
			break
		}
	}
	until(t, "it is counted", func() bool { return h.srv.Stats().Garbage == 1 })
}

func TestConnectionsAreLimited(t *testing.T) {
	h := newHouse(t, func(s *rtmp.Server) { s.MaxPerIP = 2 })
	a, b := h.mustDial("/live/k-a"), h.mustDial("/live/k-b")
	if _, err := h.dial("/live/k-c", true); err == nil {
		t.Error("a third connection from one address")
	}
	if s := h.srv.Stats(); s.Limited != 1 || s.Open != 2 {
		t.Errorf("%+v", s)
	}
	a.Close()
	until(t, "there is room", func() bool { return h.srv.Stats().Open == 1 })
	h.mustDial("/live/k-c")
	b.Close()
}

// TestSilentPublisherIsSentAway: a phone that died keeps no place.
func TestSilentPublisherIsSentAway(t *testing.T) {
	h := newHouse(t, func(s *rtmp.Server) { s.Timeout = time.Second })
	c := h.mustDial("/live/k-show")
	if err := send(c, clip(t), nil); err != nil {
		t.Fatal(err)
	}
	if got := words(c); got != "media.silent" {
		t.Errorf("got %q", got)
	}
	until(t, "away", func() bool { return h.hub.State("show") == media.Away })
}

func TestKickedPublisherReadsWhy(t *testing.T) {
	h := newHouse(t, nil)
	c := h.mustDial("/live/k-show")
	if err := send(c, clip(t), nil); err != nil {
		t.Fatal(err)
	}
	until(t, "live", func() bool { return h.hub.State("show") == media.Live })
	h.hub.End("show")
	if got := words(c); got != "media.ended" {
		t.Errorf("got %q", got)
	}
	until(t, "it has gone", func() bool { return h.srv.Stats().Open == 0 })
}

// TestCloseTellsAndWaits: publishers, and one in the middle of its handshake.
func TestCloseTellsAndWaits(t *testing.T) {
	before := runtime.NumGoroutine()
	h := newHouse(t, nil)
	c := h.mustDial("/live/k-show")
	half, err := net.Dial("tcp", h.srv.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	until(t, "both are in", func() bool { return h.srv.Stats().Open == 2 })
	said := make(chan string, 1)
	go func() {
		said <- words(c)
		c.Close()
	}()
	h.srv.Close()
	if got := <-said; got != "media.stopping" {
		t.Errorf("got %q", got)
	}
	if s := h.srv.Stats(); s.Open != 0 {
		t.Errorf("%d connections after Close", s.Open)
	}
	if _, err := net.Dial("tcp", h.srv.Addr().String()); err == nil {
		t.Error("still listening")
	}
	h.hub.Close()
	until(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before+2 })
}

func TestNoKeyFramesIsAWarningAndNoMore(t *testing.T) {
	h := newHouse(t, nil)
	c := h.mustDial("/live/k-show")
	if err := send(c, clip(t), func(s loop.Sample) bool { return !s.Video || !s.Key }); err != nil {
		t.Fatal(err)
	}
	until(t, "everything is counted", func() bool { s, _ := h.hub.Stats("show"); return s.Dropped > 280 })
	if s, _ := h.hub.Stats("show"); s.State != media.Idle || s.Units != 0 || !s.Publishing {
		t.Errorf("%+v", s)
	}
	until(t, "the warning", func() bool {
		s, _ := h.hub.Stats("show")
		return slices.Contains(s.Warnings, media.WarnNoKeyFrame)
	})
}

func TestSoundOnlyAndPictureOnly(t *testing.T) {
	h := newHouse(t, nil)
	cl := clip(t)
	sps, pps := cl.Video()
	for kind, track := range map[string]*gortmplib.Track{
		"picture": {Codec: &codecs.H264{SPS: sps, PPS: pps}},
		"sound":   {Codec: &codecs.MPEG4Audio{Config: cl.Audio()}},
	} {
		c := h.mustDial("/live/k-" + kind)
		w := &gortmplib.Writer{Conn: c, Tracks: []*gortmplib.Track{track}}
		if err := w.Initialize(); err != nil {
			t.Fatal(err)
		}
		for _, s := range cl.Samples() {
			nals, frame, err := s.Read()
			if err == nil && s.Video && kind == "picture" {
				err = w.WriteH264(track, s.PTS, s.DTS, nals)
			} else if err == nil && !s.Video && kind == "sound" {
				err = w.WriteMPEG4Audio(track, s.PTS, frame)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		until(t, kind+" is live", func() bool { return h.hub.State(kind) == media.Live })
		s, _ := h.hub.Stats(kind)
		if (s.VideoCodec != "") != (kind == "picture") || (s.AudioCodec != "") != (kind == "sound") {
			t.Errorf("%s: %q %q", kind, s.VideoCodec, s.AudioCodec)
		}
	}
}
