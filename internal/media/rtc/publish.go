package rtc

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// publishing is the session of one publisher.
type publishing struct {
	*session
	owner, by string
	may       func(ctx context.Context) error
	displaced []string // devices that were pushed out by this one

	tracks chan *track
	ask    chan struct{} // the hub wants a key frame
	ssrc   atomic.Uint32 // of the picture

	line    *timeline
	write   sync.Mutex // the tracks take turns at pub
	pub     *media.Publisher
	sound   bool         // the offer has sound
	shown   atomic.Bool  // a key frame was delivered
	heardAt atomic.Int64 // when the last packet came, since line.begin
}

// track is one of the peer's, with what receives it.
type track struct {
	*webrtc.TrackRemote
	recv *webrtc.RTPReceiver
}

// Publish answers an offer to send a picture. Faults: those of the offer
// (rtc.bad_offer, rtc.no_h264, rtc.no_video, rtc.offer_large), of limits
// (media.full, rtc.full_address), media.busy and rtc.elsewhere when another
// device publishes, media.stopping.
func (s *Server) Publish(ctx context.Context, o Offer) (Answer, error) {
	a, err := s.publish(ctx, o)
	return s.tally(a, err)
}

func (s *Server) publish(ctx context.Context, o Offer) (Answer, error) {
	if err := check(o.SDP); err != nil {
		return Answer{}, err
	}
	if err := s.mayPublish(o); err != nil {
		return Answer{}, err
	}
	x, err := s.enter(publisher, o)
	if err != nil {
		return Answer{}, err
	}
	p := &publishing{session: x, owner: o.Owner, by: o.By, may: o.May, tracks: make(chan *track, 2), ask: make(chan struct{}, 1)}
	sdp, err := p.answer(ctx, o.SDP)
	if err != nil {
		x.leave()
		return Answer{}, err
	}
	if !s.spawn(p.run) {
		x.leave()
		return Answer{}, fault.New(fault.Unavailable, "media.stopping")
	}
	return Answer{Session: x.id, SDP: sdp}, nil
}

// tally counts and notes the outcome of an offer.
func (s *Server) tally(a Answer, err error) (Answer, error) {
	if err != nil {
		s.refused.Add(1)
		s.Log.Info("rtc: refused", "err", err)
		return a, err
	}
	s.taken.Add(1)
	return a, nil
}

// spawn runs a session's goroutine, unless the server is closing.
func (s *Server) spawn(run func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.wg.Go(run)
	return true
}

// mayPublish refuses at once what would be refused after connecting.
func (s *Server) mayPublish(o Offer) error {
	s.mu.Lock()
	now := s.on[o.Stream]
	s.mu.Unlock()
	if now != nil && o.By != "" && now.by != o.By && slices.Contains(now.displaced, o.By) {
		return fault.New(fault.Conflict, "rtc.elsewhere")
	}
	return s.Hub.MayPublish(o.Stream, o.Owner)
}

// answer makes the peer connection and takes the offer.
func (p *publishing) answer(ctx context.Context, offer string) (string, error) {
	pc, err := p.srv.api.NewPeerConnection(p.srv.config)
	if err != nil {
		return "", err
	}
	p.pc = pc
	p.follow()
	pc.OnTrack(func(t *webrtc.TrackRemote, r *webrtc.RTPReceiver) {
		select {
		case p.tracks <- &track{t, r}:
		default: // a third track: nobody asked for it
		}
	})
	sdp, err := p.srv.answer(ctx, pc, offer)
	if err != nil {
		return "", err
	}
	video := false
	for _, t := range pc.GetTransceivers() {
		sends := t.Direction() == webrtc.RTPTransceiverDirectionRecvonly || t.Direction() == webrtc.RTPTransceiverDirectionSendrecv
		video = video || sends && t.Kind() == webrtc.RTPCodecTypeVideo
		p.sound = p.sound || sends && t.Kind() == webrtc.RTPCodecTypeAudio
	}
	if !video {
		return "", fault.New(fault.Invalid, "rtc.no_video")
	}
	return sdp, nil
}

// run is the life of the session.
func (p *publishing) run() {
	defer p.leave()
	if !p.waitConnected() {
		p.log("rtc: publisher never connected")
		return
	}
	if err := p.claim(); err != nil {
		p.end(err)
		p.log("rtc: publisher refused")
		return
	}
	defer p.release()
	var readers sync.WaitGroup
	defer readers.Wait()
	defer func() { _ = p.pc.Close() }() // ends the readers
	p.watchOver(&readers)
	p.log("rtc: publisher left")
}

func (p *publishing) log(msg string) {
	p.srv.Log.Info(msg, "stream", p.stream, "why", p.why)
}

// claim takes the stream now that media can flow.
func (p *publishing) claim() error {
	p.line = newTimeline(time.Now())
	pub, err := p.srv.Hub.PublishTo(p.stream, media.Source{Kind: "whip", Remote: p.remote, Owner: p.owner, May: p.may, Kick: func(why error) { p.end(why) }, KeyFrame: p.wantKey})
	if err != nil {
		return err
	}
	if p.sound {
		if err := pub.ConfigOpus(2); err != nil {
			pub.Close()
			return err
		}
	}
	p.pub = pub
	s := p.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.on[p.stream]; old != nil && old.by != p.by {
		p.displaced = append(slices.Clone(old.displaced), old.by)
		p.displaced = slices.DeleteFunc(p.displaced, func(by string) bool { return by == p.by || by == "" })
		if n := len(p.displaced); n > 8 {
			p.displaced = p.displaced[n-8:]
		}
	} else if old != nil {
		p.displaced = old.displaced
	}
	s.on[p.stream] = p
	return nil
}

func (p *publishing) release() {
	p.pub.Close()
	s := p.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on[p.stream] == p {
		delete(s.on, p.stream)
	}
}

// wantKey is the hub's wish for a key frame; it must not wait.
func (p *publishing) wantKey() {
	select {
	case p.ask <- struct{}{}:
	default:
	}
}

// watchOver starts the tracks' readers and looks after the session until its end.
func (p *publishing) watchOver(readers *sync.WaitGroup) {
	tick := time.NewTicker(min(time.Second, p.srv.silent/4))
	defer tick.Stop()
	for {
		select {
		case t := <-p.tracks:
			p.read(readers, t)
		case <-p.ask:
			p.sendPLI()
		case <-tick.C:
			now := time.Since(p.line.begin)
			switch {
			case now-time.Duration(p.heardAt.Load()) >= p.srv.silent:
				p.end(fault.New(fault.Invalid, "media.silent", "Seconds", int(p.srv.silent/time.Second)))
			case !p.shown.Load() && now >= p.srv.picture:
				p.end(fault.New(fault.Invalid, "rtc.no_picture", "Seconds", int(p.srv.picture/time.Second)))
			}
		case <-p.done:
			return
		}
	}
}

func (p *publishing) sendPLI() {
	if ssrc := p.ssrc.Load(); ssrc != 0 {
		p.send(&rtcp.PictureLossIndication{MediaSSRC: ssrc})
	}
}

// read starts the goroutines of one track.
func (p *publishing) read(readers *sync.WaitGroup, t *track) {
	line, in := &p.line.audio, p.sounds
	if t.Kind() == webrtc.RTPCodecTypeVideo {
		line, in = &p.line.video, p.pictures
		p.ssrc.Store(uint32(t.SSRC()))
		p.sendPLI() // the first key frame, without waiting for the hub's timer
	}
	readers.Go(func() { in(t) })
	readers.Go(func() {
		for {
			packets, _, err := t.recv.ReadRTCP()
			if err != nil {
				return
			}
			for _, r := range packets {
				if sr, ok := r.(*rtcp.SenderReport); ok && sr.SSRC == uint32(t.SSRC()) {
					p.line.report(line, sr.NTPTime, sr.RTPTime)
				}
			}
		}
	})
}
