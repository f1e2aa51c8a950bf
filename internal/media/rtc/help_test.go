package rtc

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/pmp4"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/media"
)

// world is a hub with a server, and what its peers need.
type world struct {
	t   *testing.T
	hub *media.Hub
	srv *Server
	sps []byte
	pps []byte
	aus [][][]byte // a second or so of pictures, the first one a key frame
}

type nobody struct{}

func (nobody) Authorize(_ context.Context, key string) (string, error) { return key, nil }

func newWorld(t *testing.T, change func(*Server)) *world {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	w := &world{t: t, hub: &media.Hub{Auth: nobody{}, Log: log}}
	before := runtime.NumGoroutine()
	if err := w.hub.Start(); err != nil {
		t.Fatal(err)
	}
	w.srv = &Server{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Hub: w.hub, Log: log}
	if change != nil {
		change(w.srv)
	}
	if err := w.srv.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.srv.Close()
		w.hub.Close()
		if s := w.srv.Stats(); s.Publishers+s.Viewers+s.Staff != 0 {
			t.Errorf("after Close: %+v", s)
		}
		// What was started is gone; a few of the runtime's own may come and go.
		deadline := time.Now().Add(10 * time.Second)
		for runtime.NumGoroutine() > before+2 && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond)
		}
		if n := runtime.NumGoroutine(); n > before+2 {
			buf := make([]byte, 1<<20)
			t.Errorf("%d goroutines, %d before:\n%s", n, before, buf[:runtime.Stack(buf, true)])
		}
	})
	w.load("../testdata/wide.mp4")
	return w
}

// load reads a clip's pictures.
func (w *world) load(name string) {
	w.t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	var p pmp4.Presentation
	if err := p.Unmarshal(bytes.NewReader(b)); err != nil {
		w.t.Fatal(err)
	}
	w.aus = nil
	for _, tr := range p.Tracks {
		c, ok := tr.Codec.(*codecs.H264)
		if !ok {
			continue
		}
		w.sps, w.pps = c.SPS, c.PPS
		for _, s := range tr.Samples {
			payload, err := s.GetPayload()
			if err != nil {
				w.t.Fatal(err)
			}
			var au h264.AVCC
			if err := au.Unmarshal(payload); err != nil {
				w.t.Fatal(err)
			}
			if !s.IsNonSyncSample {
				if len(w.aus) > 0 {
					return // one group is enough
				}
				au = append([][]byte{c.SPS, c.PPS}, au...)
			}
			w.aus = append(w.aus, au)
		}
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// peer is a browser.
type peer struct {
	t       *testing.T
	pc      *webrtc.PeerConnection
	session string
	conn    net.PacketConn // its UDP socket, if it has one of its own

	// of a publisher
	video, audio *webrtc.TrackLocalStaticRTP
	plis         chan struct{}

	// of a viewer
	mu     sync.Mutex
	pics   []picture
	sounds []uint32 // RTP times
	ssrc   uint32
}

type picture struct {
	key  bool
	head bool // SPS and PPS came with it
	ts   uint32
}

// how a peer reaches the server.
type road struct {
	tcp bool
	via string // port that stands before the server's TCP port, for slow roads
}

func newPeer(t *testing.T, r road) *peer {
	t.Helper()
	m := &webrtc.MediaEngine{}
	if err := registerCodecs(m); err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, plis: make(chan struct{}, 100)}
	var e webrtc.SettingEngine
	e.LoggerFactory = logger{slog.New(slog.DiscardHandler)}
	e.SetIncludeLoopbackCandidate(true)
	if r.tcp {
		e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	} else {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		p.conn = c
		mux := webrtc.NewICEUDPMux(e.LoggerFactory.NewLogger("t"), c)
		e.SetICEUDPMux(mux)
		e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
		t.Cleanup(func() { mux.Close(); c.Close() })
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(e)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	p.pc = pc
	t.Cleanup(func() { _ = pc.Close() })
	return p
}

// offer makes a description with everything in it.
func (p *peer) offer() string {
	p.t.Helper()
	done := webrtc.GatheringCompletePromise(p.pc)
	o, err := p.pc.CreateOffer(nil)
	if err == nil {
		err = p.pc.SetLocalDescription(o)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	<-done
	return p.pc.LocalDescription().SDP
}

func (p *peer) take(a Answer, err error) {
	p.t.Helper()
	if err == nil {
		err = p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: a.SDP})
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.session = a.Session
}

// camera adds what a publisher sends.
func (p *peer) camera(sound bool) {
	p.t.Helper()
	add := func(mime string, rate uint32, channels uint16, name string) *webrtc.TrackLocalStaticRTP {
		tr, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime, ClockRate: rate, Channels: channels}, name, "cam")
		if err != nil {
			p.t.Fatal(err)
		}
		x, err := p.pc.AddTransceiverFromTrack(tr, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
		if err != nil {
			p.t.Fatal(err)
		}
		go func() {
			for {
				packets, _, err := x.Sender().ReadRTCP()
				if err != nil {
					return
				}
				for _, k := range packets {
					if _, ok := k.(*rtcp.PictureLossIndication); ok {
						select {
						case p.plis <- struct{}{}:
						default:
						}
					}
				}
			}
		}()
		return tr
	}
	p.video = add(webrtc.MimeTypeH264, videoRate, 0, "v")
	if sound {
		p.audio = add(webrtc.MimeTypeOpus, audioRate, 2, "a")
	}
}

// film sends pictures (25 a second) and sound until stop, beginning anew with a
// key frame whenever one is asked for; without keys there is never one.
func (p *peer) film(w *world, keys bool) (stop func()) {
	p.t.Helper()
	enc := &rtph264.Encoder{PayloadType: typeH264, PacketizationMode: 1, PayloadMaxSize: packetSize}
	if err := enc.Init(); err != nil {
		p.t.Fatal(err)
	}
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(40 * time.Millisecond)
		defer tick.Stop()
		begin, i := time.Now(), 0
		var seq uint16
		for {
			select {
			case <-done:
				return
			case <-p.plis:
				i = 0
				continue
			case <-tick.C:
			}
			if i >= len(w.aus) {
				i = 1 // goes on without a key frame, as browsers do
			}
			if !keys && i == 0 {
				i = 1
			}
			at := time.Since(begin)
			packets, err := enc.Encode(w.aus[i])
			if err != nil {
				p.t.Error(err)
				return
			}
			for _, k := range packets {
				k.Timestamp = 1000 + uint32(ticks(at, videoRate))
				_ = p.video.WriteRTP(k) // closed at the end of a test
			}
			i++
			for n := 0; p.audio != nil && n < 2; n++ {
				seq++
				_ = p.audio.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: 4_294_900_000 + uint32(seq)*960}, Payload: []byte{0xfc, 1, 2}})
			}
		}
	}()
	return func() { close(done); <-gone }
}

// screen receives.
func (p *peer) screen() {
	p.t.Helper()
	for _, k := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
		if _, err := p.pc.AddTransceiverFromKind(k, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			p.t.Fatal(err)
		}
	}
	p.pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		d := &rtph264.Decoder{PacketizationMode: 1}
		_ = d.Init() // mode 1 is one it knows
		for {
			k, _, err := t.ReadRTP()
			if err != nil {
				return
			}
			if t.Kind() == webrtc.RTPCodecTypeAudio {
				p.mu.Lock()
				p.sounds = append(p.sounds, k.Timestamp)
				p.mu.Unlock()
				continue
			}
			au, err := d.Decode(k)
			if err != nil {
				continue
			}
			p.mu.Lock()
			p.ssrc = uint32(t.SSRC())
			p.pics = append(p.pics, picture{key: isKey(au), head: len(au) > 2 && au[0][0]&31 == 7 && au[1][0]&31 == 8, ts: k.Timestamp})
			p.mu.Unlock()
		}
	})
}

func (p *peer) seen() (pics []picture, sounds int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]picture(nil), p.pics...), len(p.sounds)
}

// publish connects a camera and films.
func (w *world) publish(r road, o Offer) (*peer, func()) {
	w.t.Helper()
	p := newPeer(w.t, r)
	p.camera(true)
	o.SDP = p.offer()
	p.take(w.srv.Publish(w.t.Context(), o))
	return p, p.film(w, true)
}

// watch connects a screen.
func (w *world) watch(r road, o Offer) *peer {
	w.t.Helper()
	p := newPeer(w.t, r)
	p.screen()
	o.SDP = p.offer()
	a, err := w.srv.Watch(w.t.Context(), o)
	if r.via != "" {
		_, port, _ := net.SplitHostPort(w.srv.TCPAddr()) // our own address always splits
		a.SDP = strings.ReplaceAll(a.SDP, " "+port+" typ host", " "+r.via+" typ host")
	}
	p.take(a, err)
	return p
}

func (w *world) live(stream string) {
	w.t.Helper()
	until(w.t, stream+" is live", func() bool { return w.hub.State(stream) == media.Live })
}
