package rtc

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/gortsplib/v5/pkg/rtpreceiver"
	"github.com/bluenviron/gortsplib/v5/pkg/rtptime"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// Ticks a second of the time lines (RFC 6184, 8.2.1; RFC 7587, 4.1).
const (
	videoRate = 90000
	audioRate = 48000
)

// Publish answers the offer of somebody who wants to publish. begin is called
// with the source before the answer and gives its right to publish, as
// Hub.Publish and Hub.PublishTo do. session ends it (see End).
func (s *Server) Publish(ctx context.Context, offer, remote, owner string, begin func(media.Source) (*media.Publisher, error)) (answer, session string, err error) {
	x, run, err := s.open(ctx, remote, false)
	if err != nil {
		return "", "", err
	}
	defer func() {
		if err != nil {
			s.close(x)
		}
	}()
	in := &ingest{server: s, session: x, run: run, ask: make(chan struct{}, 1)}
	in.times.Initialize()
	if answer, err = s.prepare(x, offer, in); err != nil {
		return "", "", err
	}
	pub, err := begin(media.Source{Kind: "whip", Remote: remote, Owner: owner, KeyFrame: in.wantKey,
		Kick: func(error) { go s.close(x) }})
	if err != nil {
		return "", "", err
	}
	s.mu.Lock()
	x.pub = pub
	s.mu.Unlock()
	in.pub = pub
	if in.stereo = strings.Contains(offer, "stereo=1"); in.audio {
		if err := pub.ConfigOpus(in.channels()); err != nil {
			return "", "", err
		}
	}
	close(in.ready)
	return answer, x.id, nil
}

// prepare agrees on one picture and one sound, both only to receive.
func (s *Server) prepare(x *session, offer string, in *ingest) (string, error) {
	in.ready = make(chan struct{})
	x.pc.OnTrack(in.track)
	s.follow(in.run, x, func() {})
	answer, err := s.answer(x, offer)
	if err != nil {
		return "", err
	}
	for _, t := range x.pc.GetTransceivers() {
		in.audio = in.audio || t.Kind() == webrtc.RTPCodecTypeAudio
		in.video = in.video || t.Kind() == webrtc.RTPCodecTypeVideo
	}
	if !strings.Contains(answer, "H264/90000") {
		return "", fault.New(fault.Invalid, "media.rtc_offer").Because(errors.New("rtc: no H.264 in the offer"))
	}
	s.wg.Go(in.askKeys)
	return answer, nil
}

// ingest turns the packets of one publisher into access units. Its two tracks
// are read by two goroutines; the publisher's right is used by one at a time.
type ingest struct {
	server       *Server
	session      *session
	run          context.Context
	pub          *media.Publisher
	ready        chan struct{} // closed when pub may be used
	audio, video bool
	stereo       bool
	times        rtptime.GlobalDecoder
	write        lock
	ask          chan struct{} // holds one token while a key frame is wanted
	ssrc         chanSSRC
}

func (in *ingest) channels() int {
	if in.stereo {
		return 2
	}
	return 1
}

// wantKey is the hub's wish; it must not wait.
func (in *ingest) wantKey() {
	select {
	case in.ask <- struct{}{}:
	default:
	}
}

// askKeys sends the wishes on.
func (in *ingest) askKeys() {
	for {
		select {
		case <-in.run.Done():
			return
		case <-in.ask:
		}
		if ssrc, ok := in.ssrc.get(); ok {
			_ = in.session.pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}}) // the next wish comes
		}
	}
}

// clocked gives a track's time line its rate.
type clocked struct{ rate int }

func (c *clocked) ClockRate() int                { return c.rate }
func (c *clocked) PTSEqualsDTS(*rtp.Packet) bool { return true }

// track reads one track until it ends.
func (in *ingest) track(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
	select {
	case <-in.ready:
	case <-in.run.Done():
		return
	}
	var take func(*rtp.Packet, time.Duration) error
	c := &clocked{audioRate}
	if t.Kind() == webrtc.RTPCodecTypeVideo {
		c.rate = videoRate
		in.ssrc.set(uint32(t.SSRC()))
		in.wantKey()
		take = in.pictures()
	} else {
		take = in.sound
	}
	if err := in.read(t, c, take); err != nil && in.run.Err() == nil {
		in.server.Log.Info("rtc: publisher ended", "stream", in.pub.StreamID(), "track", t.Kind().String(), "err", err)
		in.server.close(in.session)
	}
}

// reports of what arrived go to the sender as pion's own do; this period only
// drives the receiver's figures, which nobody reads.
const figuresEvery = time.Minute

func (in *ingest) read(t *webrtc.TrackRemote, c *clocked, take func(*rtp.Packet, time.Duration) error) error {
	rr := &rtpreceiver.Receiver{ClockRate: c.rate, UnrealiableTransport: true, Period: figuresEvery, WritePacketRTCP: func(rtcp.Packet) {}}
	if err := rr.Initialize(); err != nil {
		return err
	}
	defer rr.Close()
	for {
		pkt, _, err := t.ReadRTP()
		if err != nil {
			return err
		}
		ordered, lost := rr.ProcessPacket2(pkt, time.Now(), true)
		if lost > 0 && c.rate == videoRate {
			in.server.Hub.AskKeyFrame(in.pub.StreamID())
		}
		for _, p := range ordered {
			if len(p.Payload) == 0 { // Chromium probes the network with padding
				continue
			}
			pts, ok := in.times.Decode(c, p)
			if !ok {
				continue
			}
			if err := take(p, time.Duration(pts)*time.Second/time.Duration(c.rate)); err != nil {
				return err
			}
		}
	}
}

// pictures puts packets together to access units.
func (in *ingest) pictures() func(*rtp.Packet, time.Duration) error {
	d := &rtph264.Decoder{PacketizationMode: 1}
	_ = d.Init() // the mode is a known one
	return func(p *rtp.Packet, pts time.Duration) error {
		au, err := d.Decode(p)
		switch {
		case errors.Is(err, rtph264.ErrMorePacketsNeeded):
			return nil
		case err != nil: // a hole: the picture can't be shown, nor what builds on it
			in.server.Hub.AskKeyFrame(in.pub.StreamID())
			return nil
		}
		return in.write.do(func() error { return in.pub.WriteH264(pts, pts, au) })
	}
}

func (in *ingest) sound(p *rtp.Packet, pts time.Duration) error {
	return in.write.do(func() error { return in.pub.WriteAudio(pts, p.Payload) })
}
