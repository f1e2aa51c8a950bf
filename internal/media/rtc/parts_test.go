package rtc

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/sdp/v3"

	"lindu.example/lindu/internal/media"
)

// TestPublicAddress: behind NAT the answer names the outside first, and it still
// reads as a description.
func TestPublicAddress(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	s := &Server{Public: []string{"203.0.113.7", "[2001:db8::1]:4000"}, udp: udp, tcp: tcp}
	const answer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n" +
		"a=candidate:1 1 udp 2130706431 10.0.0.5 8189 typ host\r\na=end-of-candidates\r\n"
	got, err := s.announce(answer)
	if err != nil {
		t.Fatal(err)
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(got); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, a := range d.MediaDescriptions[0].Attributes {
		if a.Key == "candidate" {
			lines = append(lines, a.Value)
		}
	}
	_, up, _ := net.SplitHostPort(udp.LocalAddr().String())
	_, tp, _ := net.SplitHostPort(tcp.Addr().String())
	want := []string{
		"pu0 1 udp 2130706431 203.0.113.7 " + up + " typ host",
		"pt0 1 tcp 1526726655 203.0.113.7 " + tp + " typ host tcptype passive",
		"pu1 1 udp 2130706175 2001:db8::1 4000 typ host",
		"pt1 1 tcp 1526726399 2001:db8::1 4000 typ host tcptype passive",
		"1 1 udp 2130706431 10.0.0.5 8189 typ host",
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	for _, bad := range []string{"lindu.example", "1.2.3", "1.2.3.4:x", ""} {
		if _, err := ParsePublic([]string{bad}); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}

// TestOneLineOfTime: RTP times wrap round, and the sender's clocks tell how far
// picture and sound are apart.
func TestOneLineOfTime(t *testing.T) {
	t0 := time.Unix(1000, 0)
	l := newTimeline(t0)
	at := func(c *clockLine, rtp uint32, after time.Duration) time.Duration { return l.at(c, rtp, t0.Add(after)) }
	if d := at(&l.video, 0xffffff00, 100*time.Millisecond); d != 100*time.Millisecond {
		t.Errorf("first picture at %v", d)
	}
	var one uint32 = videoRate
	if d := at(&l.video, 0xffffff00+one, time.Hour); d != 1100*time.Millisecond {
		t.Errorf("a second later, over the end: %v", d)
	}
	if d := at(&l.video, 0xffffff00+one-3000, time.Hour); d.Round(time.Millisecond) != 1067*time.Millisecond {
		t.Errorf("one out of order: %v", d)
	}
	if d := at(&l.audio, 5000, 300*time.Millisecond); d != 300*time.Millisecond {
		t.Errorf("first sound at %v", d)
	}
	// By the sender's clock that sound was made 0.12 s after the first picture, and
	// not 0.2 s as it arrived.
	ntp := func(d time.Duration) uint64 {
		return uint64(3_900_000_000+d/time.Second)<<32 | uint64(d%time.Second)<<32/uint64(time.Second)
	}
	l.report(&l.video, ntp(0), 0xffffff00)
	if d := at(&l.audio, 5960, 0); d != 320*time.Millisecond {
		t.Errorf("before both clocks are known: %v", d)
	}
	l.report(&l.audio, ntp(120*time.Millisecond), 5000)
	if d := at(&l.audio, 5960+960, 0).Round(time.Millisecond); d != 260*time.Millisecond {
		t.Errorf("after: %v", d)
	}
	l.report(&l.audio, ntp(time.Hour), 5000) // a clock that makes no sense
	if d := at(&l.audio, 5960+1920, 0).Round(time.Millisecond); d != 280*time.Millisecond {
		t.Errorf("after nonsense: %v", d)
	}
}

// TestAViewersTime goes on whatever the publisher's does.
func TestAViewersTime(t *testing.T) {
	o := &output{w: &watching{session: &session{srv: &Server{Log: slog.New(slog.DiscardHandler)}}}}
	t0 := time.Unix(1000, 0)
	put := func(session uint64, pts, waited, after time.Duration) time.Duration {
		now := t0.Add(after)
		u := &media.Unit{Session: session, PTS: pts, DTS: pts, At: now.Add(-waited)}
		at := o.place(u, now, waited)
		o.last, o.lastAt, o.lastPTS, o.session = at, now, pts, session
		return at
	}
	ms := time.Millisecond
	for i, c := range []struct {
		session            uint64
		pts, waited, after time.Duration
		want               time.Duration
	}{
		{1, 50 * time.Second, 2000 * ms, 0, 1 * ms}, // waited for the viewer: one millisecond each
		{1, 51 * time.Second, 1000 * ms, 0, 2 * ms},
		{1, 52 * time.Second, 10 * ms, 0, 3 * ms}, // and this is now
		{1, 52*time.Second + 40*ms, 0, 38 * ms, 43 * ms},
		{1, 52*time.Second + 80*ms, 0, 95 * ms, 83 * ms}, // late on the way: its own time counts
		{2, 0, 0, 1095 * ms, 1083 * ms},                  // somebody else a second later
		{2, 40 * ms, 0, 1135 * ms, 1123 * ms},
		{2, 10 * time.Second, 0, 1235 * ms, 1223 * ms}, // its clock jumps
		{2, 9 * time.Second, 0, 1335 * ms, 1323 * ms},  // and back
	} {
		if got := put(c.session, c.pts, c.waited, c.after); got != c.want {
			t.Errorf("%d: %v, want %v", i, got, c.want)
		}
	}
}
