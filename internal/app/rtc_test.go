package app_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/loop"
	"lindu.example/lindu/internal/show"
)

// told is what an offer is answered with.
type told struct {
	status   int
	body     string
	location string
	retry    string
}

// offerTo posts an offer as a browser's page does.
func offerTo(t *testing.T, a *app.App, path, token, kind, sdp string) told {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.BaseURL()+path, strings.NewReader(sdp))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Accept", "application/sdp, application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return told{res.StatusCode, string(b), res.Header.Get("Location"), res.Header.Get("Retry-After")}
}

// peer is a browser with a camera, or with a screen.
func peer(t *testing.T, camera bool) (pc *webrtc.PeerConnection, video, audio *webrtc.TrackLocalStaticRTP) {
	t.Helper()
	var e webrtc.SettingEngine
	e.SetIncludeLoopbackCandidate(true)
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(e), webrtc.WithMediaEngine(m)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	add := func(mime string, rate uint32, ch uint16, kind webrtc.RTPCodecType) *webrtc.TrackLocalStaticRTP {
		if !camera {
			if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
				t.Fatal(err)
			}
			return nil
		}
		tr, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime, ClockRate: rate, Channels: ch}, kind.String(), "cam")
		if err == nil {
			_, err = pc.AddTransceiverFromTrack(tr, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		}
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	video = add(webrtc.MimeTypeH264, 90000, 0, webrtc.RTPCodecTypeVideo)
	audio = add(webrtc.MimeTypeOpus, 48000, 2, webrtc.RTPCodecTypeAudio)
	done := webrtc.GatheringCompletePromise(pc)
	o, err := pc.CreateOffer(nil)
	if err == nil {
		err = pc.SetLocalDescription(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	<-done
	return pc, video, audio
}

// film sends the clip over and over, with sound, until the test ends.
func film(t *testing.T, video, audio *webrtc.TrackLocalStaticRTP) {
	t.Helper()
	f, err := os.Open("../media/testdata/wide.mp4")
	if err != nil {
		t.Fatal(err)
	}
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	clip, err := loop.Parse(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	enc := &rtph264.Encoder{PayloadType: 96, PacketizationMode: 1, PayloadMaxSize: 1200}
	if err := enc.Init(); err != nil {
		t.Fatal(err)
	}
	stop, gone := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(stop); <-gone; f.Close() })
	sps, pps := clip.Video()
	go func() {
		defer close(gone)
		var seq uint16
		for begin := time.Now(); ; {
			for _, s := range clip.Samples() {
				nals, _, err := s.Read()
				if err != nil || !s.Video {
					continue
				}
				if s.Key {
					nals = append([][]byte{sps, pps}, nals...)
				}
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				packets, err := enc.Encode(nals)
				if err != nil {
					t.Error(err)
					return
				}
				for _, p := range packets {
					p.Timestamp = uint32(time.Since(begin).Milliseconds() * 90)
					_ = video.WriteRTP(p) // closed when the test ends
				}
				seq++
				_ = audio.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: uint32(seq) * 960}, Payload: []byte{0xfc, 1, 2}})
			}
		}
	}()
}

// TestWHIPAndWHEP over HTTP: who may, who may not and in which words; the sound
// of a phone in HLS; the end of a session.
func TestWHIPAndWHEP(t *testing.T) {
	dir := t.TempDir()
	a := serveAt(t, dir, "", "rtc.udp=127.0.0.1:0", "rtc.tcp=127.0.0.1:0", "rtc.max_viewers=1")
	t.Cleanup(func() { a.Close() })
	s := shoptest.New(t, a.DB)
	hostWho, operatorWho := s.Person(actor.Host), s.Person(actor.Operator)
	s.Do(func(tx *db.Tx) (err error) { // a show whose host can sign in
		s.Show, err = show.Save(context.Background(), tx, actor.System("test"), show.Show{Title: "Berries", Host: hostWho.User, Orientation: show.Portrait, Starts: tx.Now.Add(time.Minute)})
		return err
	})
	s.Move(show.Announced)
	s.Move(show.Live)
	token := func(u id.User) (out string) {
		s.Do(func(tx *db.Tx) (err error) {
			out, err = account.OpenSession(context.Background(), tx, u, account.API, "test", "")
			return err
		})
		return out
	}
	var key string
	s.Do(func(tx *db.Tx) (err error) {
		key, err = show.NewKey(context.Background(), tx, a.Vault, operatorWho, s.Show)
		return err
	})
	host, operator := token(hostWho.User), token(operatorWho.User)
	buyer, _ := s.Buyer()
	stranger := token(s.Person(actor.Host).User)
	whip, whep := "/whip/"+string(s.Show), "/whep/"+string(s.Show)
	const sdp = "application/sdp"
	cam, video, audio := peer(t, true)
	good := cam.LocalDescription().SDP
	screen, _, _ := peer(t, false)
	wish := screen.LocalDescription().SDP

	for name, c := range map[string]struct {
		path, token, kind, sdp string
		status                 int
		code                   string
	}{
		"nobody":             {whip, "", sdp, good, 401, ""},
		"a wrong key":        {whip, "ABCD-EFGH", sdp, good, 403, "show.key_wrong"},
		"another host":       {whip, stranger, sdp, good, 403, "rtc.not_host"},
		"the operator":       {whip, operator, sdp, good, 403, "rtc.not_host"},
		"no such show":       {"/whip/0000000000000000000000", host, sdp, good, 404, ""},
		"key of another":     {"/whip/0000000000000000000000", key, sdp, good, 403, "show.key_wrong"},
		"no key, no show":    {"/whip", host, sdp, good, 422, "rtc.bad_key"},
		"JSON":               {whip, host, "application/json", good, 422, "rtc.offer_type"},
		"garbage":            {whip, host, sdp, "hello", 422, "rtc.bad_offer"},
		"a megabyte":         {whip, host, sdp, strings.Repeat("a=x\r\n", 200_000), 413, "rtc.offer_large"},
		"watching nothing":   {whep, operator, sdp, wish, 404, "media.no_stream"},
		"a buyer, too early": {whep, "", sdp, wish, 404, "media.no_stream"},
	} {
		got := offerTo(t, a, c.path, c.token, c.kind, c.sdp)
		if got.status != c.status || !strings.Contains(got.body, c.code) {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.body, c.status, c.code)
		}
	}

	ok := offerTo(t, a, whip, host, sdp, good)
	if ok.status != 201 || !strings.HasPrefix(ok.location, whip+"/") {
		t.Fatalf("%+v", ok)
	}
	if err := cam.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: ok.body}); err != nil {
		t.Fatal(err)
	}
	film(t, video, audio)
	hear := func() string {
		res, err := http.Get(a.BaseURL() + "/live/" + string(s.Show) + "/index.m3u8")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body) // what is missing is seen below
		return string(b)
	}
	deadline := time.Now().Add(20 * time.Second)
	for !strings.Contains(hear(), "avc1.42c00b,opus") {
		if time.Now().After(deadline) {
			t.Fatalf("the phone's picture and sound never came to HLS: %s", hear())
		}
		time.Sleep(50 * time.Millisecond)
	}

	if got := offerTo(t, a, whep, token(buyer.User), sdp, wish); got.status != 201 || !strings.HasPrefix(got.location, whep+"/") {
		t.Errorf("a buyer: %+v", got)
	}
	if got := offerTo(t, a, whep, "", sdp, wish); got.status != 503 || got.retry == "" || !strings.Contains(got.body, "rtc.full_viewers") {
		t.Errorf("one too many: %+v", got)
	}
	if got := offerTo(t, a, whep, operator, sdp, wish); got.status != 201 {
		t.Errorf("staff: %+v", got)
	}

	for _, want := range []int{204, 404} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, a.BaseURL()+ok.location, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("DELETE: %d, want %d", res.StatusCode, want)
		}
	}
	// OBS brings nothing but the key, and reads plain words.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.BaseURL()+"/whip", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", sdp)
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body) // what is missing is seen below
	if ct := res.Header.Get("Content-Type"); !strings.HasPrefix(ct, "text/plain") || len(b) < 10 || strings.Contains(string(b), "rtc.") {
		t.Errorf("%s %q", ct, b)
	}
	s.Move(show.Ended)
	if got := offerTo(t, a, whip, host, sdp, good); got.status != 410 {
		t.Errorf("after the end: %+v", got)
	}
}

// TestFromAnotherSite: a page of somebody else can't publish with our cookie.
func TestFromAnotherSite(t *testing.T) {
	a := open(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.BaseURL()+"/whip/x", strings.NewReader("v=0"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/sdp")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", res.StatusCode)
	}
	if p := res.Header.Get("Permissions-Policy"); !strings.Contains(p, "camera=(self)") || !strings.Contains(p, "microphone=(self)") {
		t.Errorf("Permissions-Policy %q", p)
	}
}
