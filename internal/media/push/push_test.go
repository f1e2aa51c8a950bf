package push_test

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bluenviron/gortmplib"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/push"
)

// TestOnePictureToSeveral: what is published here arrives there whole, from a
// key frame on, in order, with its sound; a target that is taken off stops, the
// others go on.
func TestOnePictureToSeveral(t *testing.T) {
	hub, p := near(t, nil)
	a, b := newFar(t), newFar(t)
	p.Set(map[string][]push.Target{"show": {a.target("a", "k-one"), b.target("b", "k-two")}})
	if s := p.Status("show", "a"); s.State != push.Idle {
		t.Errorf("before the picture: %+v", s)
	}
	play(t, hub, "show", false, 0)
	until(t, "both have it", func() bool { return len(a.got()) > 100 && len(b.got()) > 100 })
	var video, audio time.Duration
	for i, u := range a.got() {
		switch {
		case i == 0 && (!u.Video || !u.Key || u.Format.Audio == nil || u.Format.Video.Width != 160):
			t.Errorf("the first unit is %+v", u)
		case u.Video && u.DTS < video, !u.Video && u.DTS < audio:
			t.Fatalf("unit %d goes back to %v", i, u.DTS)
		case u.Video:
			video = u.DTS
		default:
			audio = u.DTS
		}
	}
	if d := video - audio; d > time.Second || d < -time.Second {
		t.Errorf("the picture is at %v, the sound at %v", video, audio)
	}
	if s := p.Status("show", "b"); s.State != push.Sending || s.Bytes == 0 || s.Why != "" {
		t.Errorf("%+v", s)
	}
	p.Set(map[string][]push.Target{"show": {b.target("b", "k-two")}})
	until(t, "a is off", func() bool { return a.hub.State("one") == media.Away && p.Status("show", "a").State == push.Off })
	n := len(b.got())
	until(t, "b goes on", func() bool { return len(b.got()) > n+50 })
	hub.End("show")
	until(t, "the end arrives", func() bool { return b.hub.State("two") == media.Away && p.Status("show", "b").State == push.Idle })
}

// TestPublisherComesBack: a new publisher goes on over the same connection, on
// the same time line.
func TestPublisherComesBack(t *testing.T) {
	hub, p := near(t, nil)
	b := newFar(t)
	p.Set(map[string][]push.Target{"show": {b.target("b", "k-two")}})
	stop := play(t, hub, "show", false, 0)
	until(t, "it plays", func() bool { return len(b.got()) > 60 })
	stop()
	until(t, "the target sees nothing more", func() bool { return b.hub.State("two") == media.Away })
	n, last := len(b.got()), b.got()[len(b.got())-1].DTS
	play(t, hub, "show", false, 0)
	until(t, "it goes on", func() bool { return len(b.got()) > n+60 })
	for _, u := range b.got()[n:] {
		if u.Video && u.DTS < last || u.Session != 1 {
			t.Fatalf("after %v comes %v of session %d", last, u.DTS, u.Session)
		}
	}
	if s := p.Status("show", "b"); s.Tries != 0 || s.State != push.Sending {
		t.Errorf("%+v", s)
	}
}

// TestTargetsThatFail: each in its own words, again and again, and the picture
// here never waits for one of them.
func TestTargetsThatFail(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := nobody.Addr().String()
	nobody.Close()
	hangs := listener(t, func(net.Conn) {}) // accepts, reads nothing, says nothing
	closes := listener(t, func(c net.Conn) { c.Close() })
	noise := listener(t, func(c net.Conn) { _, _ = c.Write(bytes.Repeat([]byte("no RTMP here "), 1000)) })
	bomb := listener(t, func(c net.Conn) { // answers the handshake and then sends metadata without end
		_, _ = c.Write(append([]byte{3}, make([]byte, 3072)...))
		_, _ = c.Write([]byte{4, 0, 0, 0, 0x98, 0x96, 0x80, 18, 1, 0, 0, 0})
		_, _ = c.Write(bytes.Repeat([]byte{0x0a, 0, 0, 0, 1}, 2_000_000))
	})
	wrong := newFar(t)
	hub, p := near(t, func(p *push.Pusher) { p.Timeout = 300 * time.Millisecond })
	good := newFar(t)
	for id, tc := range map[string]struct {
		target push.Target
		why    string
		state  push.State
	}{
		"gone":   {at(gone, "gone"), "send.err_unreachable", push.Waiting},
		"hangs":  {at(hangs, "hangs"), "send.err_silent", push.Waiting},
		"closes": {at(closes, "closes"), "send.err_closed", push.Waiting},
		"noise":  {at(noise, "noise"), "send.err_strange", push.Waiting},
		"bomb":   {at(bomb, "bomb"), "send.err_strange", push.Waiting},
		"wrong":  {wrong.target("wrong", "guessed-key-1"), "send.err_refused", push.Refused},
		"name":   {push.Target{ID: "name", Address: push.Address{Server: "rtmp://no-such-host.invalid/live", Key: "k"}}, "send.err_name", push.Waiting},
	} {
		t.Run(id, func(t *testing.T) {
			stream := "show-" + id
			stop := play(t, hub, stream, false, 0)
			defer stop()
			p.Set(map[string][]push.Target{stream: {tc.target, good.target("good", "k-"+id)}})
			until(t, "it failed twice", func() bool { s := p.Status(stream, id); return s.Tries >= 2 && s.Why != "" })
			until(t, "in its words", func() bool {
				s := p.Status(stream, id)
				return s.State == tc.state && s.Why == tc.why && !s.Next.IsZero()
			})
			if s := p.Status(stream, id); strings.Contains(s.Said, "guessed") || strings.Contains(s.Said, "secret") {
				t.Errorf("the key is shown: %q", s.Said)
			}
			until(t, "the other target has the picture", func() bool { return good.hub.State(id) == media.Live })
			if st, _ := hub.Stats(stream); st.State != media.Live {
				t.Errorf("the show is %s", st.State)
			}
		})
	}
}

// TestTargetThatNeverReads: it takes the stream and then reads no more. The link
// ends by its deadline, what waits for it is bounded, and the hub does not notice.
func TestTargetThatNeverReads(t *testing.T) {
	stuck := make(chan struct{}, 8)
	addr := listener(t, func(c net.Conn) {
		sc := &gortmplib.ServerConn{RW: c}
		if sc.Initialize() != nil || sc.AcceptConn() != nil || sc.AcceptAction() != nil {
			return
		}
		stuck <- struct{}{}
	})
	hub, p := near(t, func(p *push.Pusher) { p.Timeout = 200 * time.Millisecond })
	good := newFar(t)
	play(t, hub, "show", false, 60_000)
	p.Set(map[string][]push.Target{"show": {at(addr, "stuck"), good.target("good", "k-good")}})
	<-stuck
	until(t, "the link gives up", func() bool {
		s := p.Status("show", "stuck")
		return s.Tries >= 1 && (s.Why == "send.err_silent" || s.Why == "send.err_slow")
	})
	<-stuck // and it tries again
	n := len(good.got())
	until(t, "the other goes on", func() bool { return len(good.got()) > n+50 })
	if st, _ := hub.Stats("show"); st.State != media.Live {
		t.Errorf("the show is %s", st.State)
	}
}

// TestStoppingDoesNotWaitForAHangingTarget: Close ends a link that is stuck in a write.
func TestStoppingDoesNotWaitForAHangingTarget(t *testing.T) {
	stuck := make(chan struct{}, 8)
	addr := listener(t, func(c net.Conn) {
		sc := &gortmplib.ServerConn{RW: c}
		if sc.Initialize() == nil && sc.AcceptConn() == nil && sc.AcceptAction() == nil {
			stuck <- struct{}{}
		}
	})
	hub, p := near(t, func(p *push.Pusher) { p.Timeout = time.Hour })
	play(t, hub, "show", false, 60_000)
	p.Set(map[string][]push.Target{"show": {at(addr, "stuck")}})
	<-stuck
	done := make(chan struct{})
	go func() { p.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		t.Fatal("Close hangs")
	}
}

// TestPrivateAddressesAreRefusedWhenConnecting: also behind a name, and in every
// way to write one.
func TestPrivateAddressesAreRefusedWhenConnecting(t *testing.T) {
	var met atomic.Int64
	addr := listener(t, func(net.Conn) { met.Add(1) })
	_, port, _ := net.SplitHostPort(addr)
	hub, p := near(t, func(p *push.Pusher) { p.AllowPrivate = false })
	play(t, hub, "show", false, 0)
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.1.2.3", "169.254.169.254"} {
		p.Set(map[string][]push.Target{"show": {at(host+":"+port, host)}})
		until(t, host+" is refused", func() bool {
			s := p.Status("show", host)
			return s.State == push.Refused && s.Why == "send.err_private"
		})
	}
	if met.Load() != 0 {
		t.Errorf("%d connections were made", met.Load())
	}
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2400:3200::1": true, "1.1.1.1": true,
		"10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "100.64.0.1": false, "169.254.1.1": false, "127.1.2.3": false, "0.1.2.3": false,
		"224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.2.1": false, "240.0.0.1": false,
		"::": false, "::1": false, "fe80::1": false, "fd00::1": false, "ff02::1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:db8::1": false, "::a00:1": false,
	} {
		if push.Public(netip.MustParseAddr(text)) != want {
			t.Errorf("%s is public: %v", text, !want)
		}
	}
}

func TestAddressesAsPeoplePasteThem(t *testing.T) {
	for _, tc := range []struct{ server, key, wantServer, wantKey, wrong string }{
		{"rtmp://push.example.com/live", "abc?x=1&y=2", "rtmp://push.example.com/live", "abc?x=1&y=2", ""},
		{" rtmps://Push.Example.com:443/app/inst/ ", " abc ", "rtmps://push.example.com:443/app/inst", "abc", ""},
		{"rtmp://push.example.com/live/abc?x=1", "", "rtmp://push.example.com/live", "abc?x=1", ""},
		{"rtmp://push.example.com/live", "", "", "", "send.no_key"},
		{"rtmp://push.example.com", "abc", "", "", "send.bad_address"},
		{"https://push.example.com/live", "abc", "", "", "send.bad_address"},
		{"rtmp://u:p@push.example.com/live", "abc", "", "", "send.bad_address"},
		{"rtmp://push.example.com/live?k=1", "abc", "", "", "send.bad_address"},
		{"rtmp:///live", "abc", "", "", "send.bad_address"},
		{"push.example.com/live", "abc", "", "", "send.bad_address"},
		{"rtmp://push.example.com/live", "a b", "", "", "send.bad_key"},
		{"rtmp://push.example.com/live", strings.Repeat("k", push.MaxKey+1), "", "", "send.bad_key"},
	} {
		a, err := push.Parse(tc.server, tc.key)
		if tc.wrong != "" {
			if fault.Of(err).Key != tc.wrong {
				t.Errorf("%q %q: %v, want %s", tc.server, tc.key, err, tc.wrong)
			}
			continue
		}
		if err != nil || a.Server != tc.wantServer || a.Key != tc.wantKey {
			t.Errorf("%q %q: %+v, %v", tc.server, tc.key, a, err)
		}
	}
}

func TestWhatATargetSaysIsCleaned(t *testing.T) {
	got := push.Clean("no stream \x1b[31mroom-42?sign=abcdef012\x00\u202e here "+strings.Repeat("x", 500), "room-42?sign=abcdef012")
	if strings.ContainsAny(got, "\x1b\x00\u202e") || strings.Contains(got, "abcdef012") || len([]rune(got)) > 161 {
		t.Errorf("%q", got)
	}
}

func TestTimesNeverGoBack(t *testing.T) {
	var line push.Times
	line.Run()
	last := time.Duration(-1)
	see := func(d time.Duration) {
		t.Helper()
		if d < last {
			t.Fatalf("%v after %v", d, last)
		}
		last = d
	}
	if v := line.Video(time.Hour); v != 0 {
		t.Errorf("it begins at %v", v)
	}
	for _, d := range []time.Duration{40, 80, 60, 100, 120_000, 120_040, 5, 45, -100_000, -99_960} { // ms: steps back, jumps ahead and back
		see(line.Video(time.Hour + d*time.Millisecond))
	}
	if last > time.Second {
		t.Errorf("jumps were taken for time: %v", last)
	}
	if _, ok := line.Sound(0); ok {
		t.Error("sound of another clock went out")
	}
	line.Run()
	see(line.Video(7 * time.Second))
	if a, ok := line.Sound(7*time.Second + 20*time.Millisecond); !ok || a < last || a > last+time.Second {
		t.Errorf("sound at %v, %v", a, ok)
	}
}

// TestPhoneSound: Opus goes out as AAC where there is a program for it, and is
// refused in words where there is none.
func TestPhoneSound(t *testing.T) {
	b := newFar(t)
	hub, p := near(t, nil)
	play(t, hub, "show", true, 0)
	p.Set(map[string][]push.Target{"show": {b.target("b", "k-two")}})
	until(t, "it is refused", func() bool { s := p.Status("show", "b"); return s.State == push.Refused && s.Why == "send.err_no_aac" })

	program, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("no ffmpeg on this machine")
	}
	hub2, p2 := near(t, func(p *push.Pusher) { p.FFmpeg = program })
	play(t, hub2, "show", true, 0)
	p2.Set(map[string][]push.Target{"show": {b.target("b", "k-two")}})
	sounds := func() (n int) {
		for _, u := range b.got() {
			if !u.Video && u.Format.Audio.Codec == media.AAC {
				n++
			}
		}
		return n
	}
	until(t, "picture and AAC arrive", func() bool { return sounds() > 50 && b.hub.State("two") == media.Live })
	if u := b.got()[0]; !u.Video || !u.Key || u.Format.Audio.SampleRate != 48000 {
		t.Errorf("the first unit is %+v of %+v", u, u.Format.Audio)
	}
	p2.Close() // the child ends with it, or the test does not
}

// TestProgramThatFails: a child that ends, or is none, is an error of the link.
func TestProgramThatFails(t *testing.T) {
	for _, program := range []string{"/bin/false", "/no/such/program", "/bin/cat"} {
		b := newFar(t)
		hub, p := near(t, func(p *push.Pusher) { p.FFmpeg = program })
		play(t, hub, "show", true, 0)
		p.Set(map[string][]push.Target{"show": {b.target("b", "k-two")}})
		until(t, program+" fails", func() bool { s := p.Status("show", "b"); return s.State == push.Waiting && s.Why == "send.err_aac" })
	}
}

// TestKeysStayOutOfTheLog over everything that goes wrong above.
func TestKeysStayOutOfTheLog(t *testing.T) {
	var log bytes.Buffer
	r, w := io.Pipe()
	copied := make(chan struct{})
	go func() { _, _ = io.Copy(&log, r); close(copied) }()
	b := newFar(t)
	hub, p := near(t, func(p *push.Pusher) {
		p.Log = slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	play(t, hub, "show", false, 0)
	p.Set(map[string][]push.Target{"show": {b.target("b", "very-secret-key"), at("127.0.0.1:1", "c")}})
	until(t, "both failed", func() bool { return p.Status("show", "b").Tries > 0 && p.Status("show", "c").Tries > 0 })
	p.Close()
	w.Close()
	<-copied
	if log.Len() == 0 || strings.Contains(log.String(), "secret") {
		t.Errorf("%s", log.String())
	}
}
