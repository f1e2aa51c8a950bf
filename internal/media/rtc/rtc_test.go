package rtc

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/pion/rtcp"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// TestPhoneToScreen: WHIP in, WHEP out, over UDP and over nothing but TCP. The
// first picture a viewer gets is whole, the times go on, the sound is there.
func TestPhoneToScreen(t *testing.T) {
	for name, r := range map[string]road{"udp": {}, "tcp": {tcp: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			_, stop := w.publish(r, Offer{Stream: "a", Remote: "192.0.2.1"})
			defer stop()
			w.live("a")
			v := w.watch(r, Offer{Stream: "a", Remote: "192.0.2.2"})
			until(t, "30 pictures and sound", func() bool { p, s := v.seen(); return len(p) >= 30 && s >= 30 })
			pics, _ := v.seen()
			if !pics[0].key || !pics[0].head {
				t.Errorf("the first picture: %+v", pics[0])
			}
			for i := 1; i < len(pics); i++ {
				if d := int32(pics[i].ts - pics[i-1].ts); d <= 0 || d > videoRate {
					t.Errorf("picture %d is %d ticks after the one before", i, d)
				}
			}
			st, _ := w.hub.Stats("a")
			if st.Source != "whip" || st.AudioCodec != "opus" || st.VideoCodec != "avc1.42c00b" || st.Width != 160 {
				t.Errorf("%+v", st)
			}
			if s := w.srv.Stats(); s.Publishers != 1 || s.Viewers != 1 || s.Taken != 2 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestLeaving: by DELETE, and by closing.
func TestLeaving(t *testing.T) {
	w := newWorld(t, nil)
	p, stop := w.publish(road{}, Offer{Stream: "a"})
	defer stop()
	w.live("a")
	v := w.watch(road{}, Offer{Stream: "a"})
	until(t, "a picture", func() bool { p, _ := v.seen(); return len(p) > 0 })
	if w.srv.Leave("nonsense") {
		t.Error("left by a name that is none")
	}
	if !w.srv.Leave(v.session) {
		t.Error("the viewer's session is not known")
	}
	until(t, "the viewer is gone", func() bool { return w.srv.Stats().Viewers == 0 })
	if w.srv.Leave(v.session) {
		t.Error("left twice")
	}
	_ = p.pc.Close() // says goodbye
	until(t, "the publisher is gone", func() bool { return w.srv.Stats().Publishers == 0 })
	if s := w.hub.State("a"); s != media.Away {
		t.Errorf("state %s", s)
	}
}

// TestWhoVanishes says no goodbye: the socket is dead, as when a phone loses its
// network. The room is away in two seconds, the session ends by itself.
func TestWhoVanishes(t *testing.T) {
	w := newWorld(t, func(s *Server) {
		s.silent, s.quiet, s.lost = 3*time.Second, 1500*time.Millisecond, 1500*time.Millisecond
	})
	p, stop := w.publish(road{}, Offer{Stream: "a", Owner: "wang", By: "page"})
	defer stop()
	w.live("a")
	v := w.watch(road{}, Offer{Stream: "a"})
	until(t, "a picture", func() bool { p, _ := v.seen(); return len(p) > 0 })
	p.conn.Close()
	v.conn.Close()
	// The host is back before anybody noticed, on the same page.
	q, stopQ := w.publish(road{}, Offer{Stream: "a", Owner: "wang", By: "page"})
	defer stopQ()
	until(t, "the new session publishes", func() bool { s, _ := w.hub.Stats("a"); return s.Sessions == 2 && s.State == media.Live })
	until(t, "the dead sessions are gone", func() bool { s := w.srv.Stats(); return s.Viewers == 0 && s.Publishers == 1 })
	q.conn.Close()
	until(t, "away", func() bool { return w.hub.State("a") == media.Away })
	until(t, "nobody is left", func() bool { return w.srv.Stats().Publishers == 0 })
}

// TestTakingTurns: another device of the same host takes over at once; the first
// one's retries do not take it back, but its host's wish does. A stranger waits.
func TestTakingTurns(t *testing.T) {
	w := newWorld(t, nil)
	_, stop := w.publish(road{}, Offer{Stream: "a", Owner: "wang", By: "phone"})
	defer stop()
	w.live("a")
	stranger := newPeer(t, road{})
	stranger.camera(false)
	if _, err := w.srv.Publish(t.Context(), Offer{Stream: "a", Owner: "li", By: "x", SDP: stranger.offer()}); !fault.HasKey(err, "media.busy") {
		t.Errorf("a stranger: %v", err)
	}
	v := w.watch(road{}, Offer{Stream: "a"})
	until(t, "a picture", func() bool { p, _ := v.seen(); return len(p) > 5 })

	_, stopTablet := w.publish(road{}, Offer{Stream: "a", Owner: "wang", By: "tablet"})
	defer stopTablet()
	until(t, "the tablet publishes", func() bool { s, _ := w.hub.Stats("a"); return s.Sessions == 2 && s.State == media.Live })
	retry := newPeer(t, road{})
	retry.camera(false)
	sdp := retry.offer()
	if _, err := w.srv.Publish(t.Context(), Offer{Stream: "a", Owner: "wang", By: "phone", SDP: sdp}); !fault.HasKey(err, "rtc.elsewhere") {
		t.Errorf("the phone's retry: %v", err)
	}
	if _, err := w.srv.Publish(t.Context(), Offer{Stream: "a", Owner: "wang", By: "phone, pressed again", SDP: sdp}); err != nil {
		t.Errorf("the host's wish: %v", err)
	}
	// The viewer saw it all on one line of time.
	n, _ := v.seen()
	until(t, "pictures of the tablet", func() bool { p, _ := v.seen(); return len(p) > len(n)+10 })
	pics, _ := v.seen()
	for i := 1; i < len(pics); i++ {
		if d := int32(pics[i].ts - pics[i-1].ts); d <= 0 {
			t.Errorf("picture %d is %d ticks after the one before", i, d)
		}
	}
}

// TestKeyFramesByRequest: a viewer's wish reaches the camera, and the timer's too.
func TestKeyFramesByRequest(t *testing.T) {
	w := newWorld(t, nil)
	_, stop := w.publish(road{}, Offer{Stream: "a"})
	defer stop()
	w.live("a")
	v := w.watch(road{}, Offer{Stream: "a"})
	keys := func() (n int) {
		pics, _ := v.seen()
		for _, p := range pics {
			if p.key {
				n++
			}
		}
		return n
	}
	until(t, "three key frames by the timer", func() bool { return keys() >= 3 })
	// Many wishes within a second are one.
	var asked atomic.Int64
	pub, err := w.hub.PublishTo("b", media.Source{Kind: "test", KeyFrame: func() { asked.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.WriteH264(0, 0, w.aus[0]); err != nil {
		t.Fatal(err)
	}
	vb := w.watch(road{}, Offer{Stream: "b"})
	until(t, "a picture", func() bool { p, _ := vb.seen(); return len(p) > 0 })
	before := asked.Load()
	for range 20 {
		if err := vb.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: vb.ssrc}}); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "it is asked", func() bool { return asked.Load() > before })
	if n := asked.Load() - before; n > 2 { // one of the viewer, one of the timer at most
		t.Errorf("asked %d times", n)
	}
}

// TestNoKeyFrames: who sends none is told so, and nobody watches a black screen
// for ever.
func TestNoKeyFrames(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.picture = 2 * time.Second })
	p := newPeer(t, road{})
	p.camera(true)
	p.take(w.srv.Publish(t.Context(), Offer{Stream: "a", SDP: p.offer()}))
	stop := p.film(w, false)
	defer stop()
	until(t, "the session ends", func() bool { s := w.srv.Stats(); return s.Taken == 1 && s.Publishers == 0 })
	if s, _ := w.hub.Stats("a"); s.State != media.Idle || s.Units != 0 {
		t.Errorf("%+v", s)
	}
}

// TestNeverConnected: an answered offer whose sender never comes costs a place
// for seconds only.
func TestNeverConnected(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.connect, s.MaxPublishers = 500*time.Millisecond, 1 })
	p := newPeer(t, road{})
	p.camera(false)
	sdp := p.offer()
	if _, err := w.srv.Publish(t.Context(), Offer{Stream: "a", SDP: sdp}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.srv.Publish(t.Context(), Offer{Stream: "b", SDP: sdp}); !fault.HasKey(err, "media.full") {
		t.Errorf("a second one: %v", err)
	}
	until(t, "the place is free", func() bool { return w.srv.Stats().Publishers == 0 })
	if _, ok := w.hub.Stats("a"); ok {
		t.Error("it took the stream without ever connecting")
	}
}

func TestLimits(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.MaxViewers, s.MaxPerShow, s.MaxStaff, s.MaxPerIP = 3, 2, 1, 4 })
	for _, id := range []string{"a", "b"} {
		pub, err := w.hub.PublishTo(id, media.Source{Kind: "test"})
		if err != nil {
			t.Fatal(err)
		}
		if err := pub.WriteH264(0, 0, w.aus[0]); err != nil {
			t.Fatal(err)
		}
	}
	p := newPeer(t, road{})
	p.screen()
	sdp := p.offer()
	for i, c := range []struct {
		o    Offer
		want string
	}{
		{Offer{Stream: "nobody"}, "media.no_stream"},
		{Offer{Stream: "a", Remote: "1"}, ""},
		{Offer{Stream: "a", Remote: "1"}, ""},
		{Offer{Stream: "a", Remote: "2"}, "rtc.full_viewers"}, // of the show
		{Offer{Stream: "b", Remote: "1"}, ""},
		{Offer{Stream: "b", Remote: "2"}, "rtc.full_viewers"}, // of all
		{Offer{Stream: "a", Remote: "1", Staff: true}, ""},    // staff beside them
		{Offer{Stream: "a", Remote: "2", Staff: true}, "rtc.full_viewers"},
		{Offer{Stream: "a", Remote: "1", Staff: true}, "rtc.full_address"},
	} {
		c.o.SDP = sdp
		_, err := w.srv.Watch(t.Context(), c.o)
		if c.want == "" && err != nil || c.want != "" && !fault.HasKey(err, c.want) {
			t.Errorf("%d: %v, want %q", i, err, c.want)
		}
	}
	if s := w.srv.Stats(); s.Viewers != 3 || s.Staff != 1 || s.Refused != 5 {
		t.Errorf("%+v", s)
	}
}

func TestOffersThatAreNone(t *testing.T) {
	w := newWorld(t, nil)
	pub, err := w.hub.PublishTo("a", media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.WriteH264(0, 0, w.aus[0]); err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, road{})
	p.camera(true)
	good := p.offer()
	only := func(kind string) string { // sections of one kind
		parts := strings.Split(good, "m=")
		out := parts[0]
		for _, m := range parts[1:] {
			if strings.HasPrefix(m, kind) {
				out += "m=" + m
			}
		}
		return out
	}
	many := good
	for range 20 {
		many += "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
	}
	for name, c := range map[string]struct{ sdp, want string }{
		"nothing":          {"", "rtc.bad_offer"},
		"garbage":          {"\x00\xff not at all", "rtc.bad_offer"},
		"half":             {good[:len(good)/2], ""}, // whatever it is, it must not harm
		"no section":       {strings.Split(good, "m=")[0], "rtc.bad_offer"},
		"too many":         {many, "rtc.bad_offer"},
		"too large":        {good + strings.Repeat("a=x\r\n", MaxOffer/5), "rtc.offer_large"},
		"sound only":       {only("audio"), "rtc.no_video"},
		"another codec":    {strings.ReplaceAll(good, "H264/90000", "VP8/90000"), "rtc.no_h264"},
		"no fingerprint":   {strings.ReplaceAll(good, "a=fingerprint", "a=nothing"), "rtc.bad_offer"},
		"no ICE":           {strings.ReplaceAll(good, "a=ice-ufrag", "a=nothing"), "rtc.bad_offer"},
		"receives instead": {strings.ReplaceAll(good, "a=sendonly", "a=recvonly"), "rtc.no_video"},
	} {
		_, err := w.srv.Publish(t.Context(), Offer{Stream: "x", SDP: c.sdp})
		if err == nil && c.want != "" || c.want != "" && !fault.HasKey(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if _, err := w.srv.Watch(t.Context(), Offer{Stream: "a", SDP: c.sdp}); c.want != "" && c.want != "rtc.no_video" && !fault.HasKey(err, c.want) {
			t.Errorf("%s, watching: %v, want %s", name, err, c.want)
		}
	}
	until(t, "nothing is left of them", func() bool {
		s := w.srv.Stats()
		return s.Publishers+s.Viewers <= 2 // the halves may have been answered
	})
}

// TestFromRTMP: AAC can't be heard here, B-frames can't be shown.
func TestFromRTMP(t *testing.T) {
	w := newWorld(t, nil)
	pub, err := w.hub.PublishTo("a", media.Source{Kind: "rtmp"})
	if err != nil {
		t.Fatal(err)
	}
	if err := pub.ConfigAAC(mpeg4audio.AudioSpecificConfig{Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 44100, ChannelConfig: 2}); err != nil {
		t.Fatal(err)
	}
	var at time.Duration
	write := func(n int, shift time.Duration) {
		t.Helper()
		for i := range n {
			if err := pub.WriteH264(at+shift, at, w.aus[i%len(w.aus)]); err != nil {
				t.Fatal(err)
			}
			if err := pub.WriteAudio(at, []byte{1, 2, 3}); err != nil {
				t.Fatal(err)
			}
			at += 40 * time.Millisecond
		}
	}
	write(20, 0)
	v := w.watch(road{}, Offer{Stream: "a"})
	// All that waited is there at once, pushed together.
	until(t, "20 pictures", func() bool { p, _ := v.seen(); return len(p) >= 20 })
	write(5, 0)
	until(t, "5 more", func() bool { p, _ := v.seen(); return len(p) >= 25 })
	pics, sounds := v.seen()
	if d := pics[19].ts - pics[0].ts; d > videoRate || sounds != 0 {
		t.Errorf("what waited is shown over %d ticks; %d sounds", d, sounds)
	}
	write(5, 80*time.Millisecond)
	until(t, "the viewer is let go", func() bool { return w.srv.Stats().Viewers == 0 })
	until(t, "the warning is up", func() bool {
		s, _ := w.hub.Stats("a")
		return slices.Contains(s.Warnings, media.WarnBFrames)
	})
	q := newPeer(t, road{})
	q.screen()
	if _, err := w.srv.Watch(t.Context(), Offer{Stream: "a", SDP: q.offer()}); !fault.HasKey(err, "rtc.b_frames") {
		t.Errorf("another viewer: %v", err)
	}
}

// TestTheEnd of a show ends every session of it, and Close all of them.
func TestTheEnd(t *testing.T) {
	w := newWorld(t, nil)
	_, stopA := w.publish(road{}, Offer{Stream: "a"})
	defer stopA()
	_, stopB := w.publish(road{tcp: true}, Offer{Stream: "b"})
	defer stopB()
	w.live("a")
	w.live("b")
	v := w.watch(road{}, Offer{Stream: "a"})
	u := w.watch(road{tcp: true}, Offer{Stream: "b", Staff: true})
	until(t, "pictures", func() bool { p, _ := v.seen(); q, _ := u.seen(); return len(p) > 0 && len(q) > 0 })
	w.hub.End("a")
	until(t, "the sessions of a are gone", func() bool {
		s := w.srv.Stats()
		return s.Publishers == 1 && s.Viewers == 0 && s.Staff == 1
	})
	w.srv.Close()
	if _, err := w.srv.Watch(t.Context(), Offer{Stream: "b", SDP: u.pc.LocalDescription().SDP}); !fault.HasKey(err, "media.stopping") {
		t.Errorf("after Close: %v", err)
	}
}

// slowRoad stands before the server's TCP port; once slow, what comes back is a
// thousand bytes a second.
func slowRoad(t *testing.T, to string, slow *atomic.Bool) (port string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	relay := func(dst, src net.Conn, slow *atomic.Bool) {
		defer dst.Close()
		defer src.Close()
		b := make([]byte, 16<<10)
		for {
			n := len(b)
			if slow != nil && slow.Load() {
				n = 100
				time.Sleep(100 * time.Millisecond)
			}
			n, err := src.Read(b[:n])
			if err != nil {
				return
			}
			if _, err := dst.Write(b[:n]); err != nil {
				return
			}
		}
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", to)
			if err != nil {
				c.Close()
				continue
			}
			go relay(up, c, nil)
			go relay(c, up, slow)
		}
	}()
	_, port, _ = net.SplitHostPort(ln.Addr().String()) // a listener's address always splits
	return port
}

// TestSlowViewer reads 1 KB a second over TCP: it is let go, with a word for the
// log, and neither the publisher nor the others notice.
func TestSlowViewer(t *testing.T) {
	w := newWorld(t, nil)
	pub, err := w.hub.PublishTo("a", media.Source{Kind: "test"})
	if err != nil {
		t.Fatal(err)
	}
	stop, gone := make(chan struct{}), make(chan struct{})
	go func() { // 20 Mbit/s, so that every buffer on the way is full soon
		defer close(gone)
		begin := time.Now()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
			au := [][]byte{append([]byte{0x41}, make([]byte, 50_000)...)}
			if i%25 == 0 {
				au = append([][]byte{w.sps, w.pps}, append([]byte{0x65}, make([]byte, 50_000)...))
			}
			at := time.Since(begin)
			if pub.WriteH264(at, at, au) != nil {
				return
			}
		}
	}()
	defer func() { close(stop); <-gone }()
	w.live("a")
	var slow atomic.Bool
	good := w.watch(road{tcp: true}, Offer{Stream: "a", Staff: true})
	bad := w.watch(road{tcp: true, via: slowRoad(t, w.srv.TCPAddr(), &slow)}, Offer{Stream: "a"})
	until(t, "both see it", func() bool { p, _ := good.seen(); q, _ := bad.seen(); return len(p) > 0 && len(q) > 0 })
	slow.Store(true)
	deadline := time.Now().Add(60 * time.Second) // the kernel's buffers are megabytes
	for w.srv.Stats().Viewers > 0 && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	s := w.srv.Stats()
	if s.Viewers != 0 || s.Slow != 1 || s.Staff != 1 {
		t.Fatalf("%+v", s)
	}
	n, _ := good.seen()
	until(t, "the other one goes on", func() bool { p, _ := good.seen(); return len(p) > len(n)+10 })
	slow.Store(false)
}

// TestFloodOfConnections: who opens connections and says nothing gets so many
// and no more, and who comes after them still gets in.
func TestFloodOfConnections(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.MaxPerIP = 4 })
	var all []net.Conn
	defer func() {
		for _, c := range all {
			c.Close()
		}
	}()
	cut := 0
	for range tcpSpare + 4 + 20 {
		c, err := net.Dial("tcp", w.srv.TCPAddr())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	for _, c := range all[tcpSpare+4:] {
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == io.EOF || strings.Contains(fmt.Sprint(err), "reset") {
			cut++
		}
	}
	if cut != 20 {
		t.Errorf("%d of 20 were cut", cut)
	}
	for _, c := range all[:8] {
		c.Close()
	}
	_, stop := w.publish(road{tcp: true}, Offer{Stream: "a"})
	defer stop()
	w.live("a")
}
