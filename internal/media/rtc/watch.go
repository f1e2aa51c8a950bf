package rtc

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// A viewer whose network can't carry the picture.
const (
	badLoss  = 85 // of 256: a third of the packets lost
	badFor   = 5 * time.Second
	badSkips = 4 // times a minute that it fell behind
)

// watching is the session of one viewer.
type watching struct {
	*session
	video, audio *webrtc.TrackLocalStaticRTP
	senders      []*webrtc.RTPSender
}

// Watch answers an offer to receive a picture. Faults: those of the offer,
// media.no_stream (nobody publishes, or it is over), rtc.b_frames, of limits
// (rtc.full_viewers, rtc.full_address), media.stopping.
func (s *Server) Watch(ctx context.Context, o Offer) (Answer, error) {
	a, err := s.watch(ctx, o)
	return s.tally(a, err)
}

func (s *Server) watch(ctx context.Context, o Offer) (Answer, error) {
	if err := check(o.SDP); err != nil {
		return Answer{}, err
	}
	st, ok := s.Hub.Stats(o.Stream)
	if !ok || st.State == media.Ended || st.State == media.Idle {
		return Answer{}, fault.New(fault.NotFound, "media.no_stream")
	}
	if slices.Contains(st.Warnings, media.WarnBFrames) {
		return Answer{}, fault.New(fault.Conflict, "rtc.b_frames")
	}
	r := viewer
	if o.Staff {
		r = staff
	}
	x, err := s.enter(r, o)
	if err != nil {
		return Answer{}, err
	}
	w := &watching{session: x}
	sdp, err := w.answer(ctx, o.SDP)
	if err != nil {
		x.leave()
		return Answer{}, err
	}
	if !s.spawn(w.run) {
		x.leave()
		return Answer{}, fault.New(fault.Unavailable, "media.stopping")
	}
	return Answer{Session: x.id, SDP: sdp}, nil
}

// answer makes the peer connection with our two tracks. The sound's is there
// even while the publisher has none that fits: the next one may.
func (w *watching) answer(ctx context.Context, offer string) (string, error) {
	pc, err := w.srv.api.NewPeerConnection(w.srv.config)
	if err != nil {
		return "", err
	}
	w.pc = pc
	w.follow()
	if w.video, err = w.add(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264, ClockRate: videoRate}, "video"); err != nil {
		return "", err
	}
	if w.audio, err = w.add(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: audioRate, Channels: 2}, "audio"); err != nil {
		return "", err
	}
	return w.srv.answer(ctx, pc, offer)
}

func (w *watching) add(c webrtc.RTPCodecCapability, name string) (*webrtc.TrackLocalStaticRTP, error) {
	t, err := webrtc.NewTrackLocalStaticRTP(c, name, "show")
	if err != nil {
		return nil, err
	}
	sender, err := w.pc.AddTrack(t)
	if err != nil {
		return nil, err
	}
	w.senders = append(w.senders, sender)
	return t, nil
}

// run is the life of the session.
func (w *watching) run() {
	defer w.leave()
	if !w.waitConnected() {
		w.srv.Log.Debug("rtc: viewer never connected", "stream", w.stream, "why", w.why)
		return
	}
	ctx, cancel := context.WithCancel(w.srv.ctx)
	defer cancel()
	fed := make(chan struct{})
	go func() { <-w.done; cancel() }()
	heard := make(chan struct{}, len(w.senders))
	for i, s := range w.senders {
		go func() { w.listen(s, i == 0); heard <- struct{}{} }()
	}
	go func() { defer close(fed); w.end(w.feed(ctx)) }()
	<-w.done
	_ = w.pc.Close() // ends the listeners, and a write that waits
	<-fed
	for range w.senders {
		<-heard
	}
	if fault.HasKey(w.why, "rtc.slow") {
		w.srv.slow.Add(1)
	}
	w.srv.Log.Debug("rtc: viewer left", "stream", w.stream, "why", w.why)
}

// feed carries the stream to the viewer until it ends, or the viewer can't take
// it. Nil is the stream's end.
func (w *watching) feed(ctx context.Context) error {
	out, err := newOutput(w)
	if err != nil {
		return err
	}
	for {
		sub, err := w.srv.Hub.Subscribe(w.stream, "whep")
		if err != nil {
			return err
		}
		err = w.pump(ctx, sub, out)
		sub.Close()
		if !errors.Is(err, media.ErrSlow) {
			return err
		}
		if !out.skip(time.Now()) {
			return fault.New(fault.Unavailable, "rtc.slow")
		}
	}
}

func (w *watching) pump(ctx context.Context, sub *media.Subscription, out *output) error {
	for {
		it, err := sub.Next(ctx)
		switch {
		case err != nil:
			if ctx.Err() != nil {
				return nil
			}
			return err // io.EOF is the end
		case it.Unit == nil:
			if it.State == media.Ended {
				return nil
			}
		default:
			if err := out.unit(it.Unit, time.Now()); err != nil {
				return err
			}
		}
	}
}

// listen reads what the viewer's side says of a track: it needs a key frame, or
// how much is lost on the way.
func (w *watching) listen(s *webrtc.RTPSender, video bool) {
	var bad time.Time // since when too much is lost
	for {
		packets, _, err := s.ReadRTCP()
		if err != nil {
			return
		}
		if !video {
			continue
		}
		for _, p := range packets {
			switch r := p.(type) {
			case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
				w.srv.Hub.AskKeyFrame(w.stream)
			case *rtcp.ReceiverReport:
				if !lossy(r) {
					bad = time.Time{}
				} else if bad.IsZero() {
					bad = time.Now()
				} else if time.Since(bad) >= badFor {
					w.end(fault.New(fault.Unavailable, "rtc.slow"))
				}
			}
		}
	}
}

func lossy(r *rtcp.ReceiverReport) bool {
	for _, rep := range r.Reports {
		if rep.FractionLost >= badLoss {
			return true
		}
	}
	return false
}
