package rtc

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

const (
	// payloadMax keeps a packet with all its headers below what every road
	// carries in one piece (1200 bytes, as browsers do).
	payloadMax = 1150
	// maxSlow is how often a viewer may fall behind the hub's queue.
	maxSlow = 3
)

// Playing is an answered viewer.
type Playing struct {
	Answer  string
	Session string // for End
	// Silent: the stream has sound, but not in a form that goes this way (AAC).
	Silent bool
}

// Play answers the offer of somebody who wants to watch a stream. Staff don't
// count against MaxViewers.
func (s *Server) Play(ctx context.Context, streamID, offer, remote string, staff bool) (p Playing, err error) {
	st, ok := s.Hub.Stats(streamID)
	switch {
	case !ok || st.State == media.Ended || st.State == media.Idle:
		return p, fault.New(fault.NotFound, "media.no_stream")
	case hasBFrames(st):
		return p, fault.New(fault.Conflict, "media.b_frames")
	}
	sub, err := s.Hub.Subscribe(streamID, "whep")
	if err != nil {
		return p, err
	}
	x, run, err := s.open(ctx, remote, !staff)
	if err != nil {
		sub.Close()
		return p, err
	}
	defer func() {
		if err != nil {
			sub.Close()
			s.close(x)
		}
	}()
	out := &output{server: s, session: x, run: run, stream: streamID}
	if err := out.tracks(); err != nil {
		return p, err
	}
	connected := make(chan struct{})
	s.follow(run, x, func() { close(connected) })
	if p.Answer, err = s.answer(x, offer); err != nil {
		return p, err
	}
	p.Session, p.Silent = x.id, st.AudioCodec != "" && st.AudioCodec != string(media.Opus)
	s.wg.Go(func() {
		defer s.close(x)
		out.send(sub, connected)
	})
	return p, nil
}

func hasBFrames(st media.Stats) bool {
	for _, w := range st.Warnings {
		if w == media.WarnBFrames {
			return true
		}
	}
	return false
}

// output sends a stream's units to one viewer.
type output struct {
	server  *Server
	session *session
	run     context.Context
	stream  string

	picture, sound *webrtc.TrackLocalStaticRTP
	enc            rtph264.Encoder
	soundSeq       uint16

	publisher  uint64        // whose time line the units are on
	base, last time.Duration // added to their times, and the newest time sent
	needKey    bool
	behind     bool // what comes is what came before we did
}

func (o *output) tracks() (err error) {
	const group = "lindu" // one group: the browser keeps picture and sound together
	if o.picture, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: videoRate}, "picture", group); err != nil {
		return err
	}
	if o.sound, err = webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2}, "sound", group); err != nil {
		return err
	}
	for _, t := range []webrtc.TrackLocal{o.picture, o.sound} {
		sender, err := o.session.pc.AddTrack(t)
		if err != nil {
			return err
		}
		o.server.wg.Go(func() { o.drain(sender) })
	}
	o.enc = rtph264.Encoder{PacketizationMode: 1, PayloadMaxSize: payloadMax}
	return o.enc.Init()
}

// drain reads what the viewer reports, or pion's buffers fill: only its wish
// for a key frame matters.
func (o *output) drain(sender *webrtc.RTPSender) {
	for {
		pkts, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range pkts {
			switch p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				o.server.Hub.AskKeyFrame(o.stream)
			}
		}
	}
}

// send sends until the stream ends, the viewer goes, or falls behind too often.
func (o *output) send(sub *media.Subscription, connected chan struct{}) {
	select {
	case <-connected:
	case <-o.run.Done():
		sub.Close()
		return
	}
	// What came while we connected is old: begin at the newest key frame.
	sub.Close()
	for range maxSlow {
		sub, err := o.server.Hub.Subscribe(o.stream, "whep")
		if err != nil {
			return
		}
		o.server.Hub.AskKeyFrame(o.stream)
		o.needKey, o.behind = true, true
		err = o.pump(sub)
		sub.Close()
		if !errors.Is(err, media.ErrSlow) {
			return
		}
	}
}

func (o *output) pump(sub *media.Subscription) error {
	for {
		it, err := sub.Next(o.run)
		if err != nil {
			return err
		}
		switch {
		case it.State == media.Ended:
			return io.EOF
		case it.Unit != nil:
			if err := o.unit(it.Unit); err != nil {
				return err
			}
		}
	}
}

// late is how old a picture is that is sent only to build the next ones on.
const late = 250 * time.Millisecond

// unit sends one unit. A sink begins with all pictures since the key frame;
// at their own pace the viewer would stay that far behind for ever, so they are
// sent as if they were shown at once. A new publisher's clock goes on from the
// last one's.
func (o *output) unit(u *media.Unit) error {
	if o.needKey && (!u.Video || !u.Key) {
		return nil
	}
	if u.Video && u.Key {
		o.needKey = false
	}
	if o.behind {
		if o.server.Hub.Clock.Now().Sub(u.At) > late {
			if !u.Video {
				return nil
			}
			o.last += time.Millisecond
			return o.sendPicture(u, o.last)
		}
		o.behind, o.publisher = false, 0
	}
	if u.Session != o.publisher {
		o.base = o.last + 30*time.Millisecond - u.PTS
		o.publisher = u.Session
	}
	at := u.PTS + o.base
	o.last = max(o.last, at)
	if u.Video {
		return o.sendPicture(u, at)
	}
	if u.Format.Audio == nil || u.Format.Audio.Codec != media.Opus {
		return nil
	}
	o.soundSeq++
	return o.sound.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: o.soundSeq, Timestamp: rtpTime(at, audioRate), Marker: false}, Payload: u.Frame})
}

func (o *output) sendPicture(u *media.Unit, at time.Duration) error {
	if u.PTS != u.DTS {
		return nil // pictures out of order would jump back and forth; Play refuses such streams
	}
	pkts, err := o.enc.Encode(u.NALs)
	if err != nil {
		return err
	}
	ts := rtpTime(at, videoRate)
	for _, p := range pkts {
		p.Timestamp = ts
		if err := o.picture.WriteRTP(p); err != nil {
			return err
		}
	}
	return nil
}

// rtpTime is a time in ticks, which go round after 32 bits.
func rtpTime(d time.Duration, rate int64) uint32 {
	sec, rest := int64(d/time.Second), int64(d%time.Second)
	return uint32(sec*rate + rest*rate/int64(time.Second))
}
