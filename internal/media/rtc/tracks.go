package rtc

import (
	"errors"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/bluenviron/gortsplib/v5/pkg/rtpreceiver"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// How many packets wait for one that is late, a power of two. Lost pictures are
// sent again and come a third of a second later; lost sound is not.
const (
	lateVideo = 64
	lateAudio = 8
)

// sorter puts packets in order and tells about holes.
type sorter struct {
	r *rtpreceiver.Receiver
}

func newSorter(rate, size int) (*sorter, error) {
	// Receiver reports are the engine's: these are never written.
	r := &rtpreceiver.Receiver{ClockRate: rate, UnrealiableTransport: true, BufferSize: size, Period: 24 * time.Hour, WritePacketRTCP: func(rtcp.Packet) {}}
	return &sorter{r}, r.Initialize()
}

// packets reads a track to its end and gives what comes in order. lost is true
// when something before the packet will not come any more.
func (p *publishing) packets(t *track, rate, size int, take func(pkt *rtp.Packet, lost bool) bool) {
	s, err := newSorter(rate, size)
	if err != nil {
		p.end(err)
		return
	}
	defer s.r.Close()
	for {
		pkt, _, err := t.ReadRTP()
		if err != nil {
			return // closed, by us or by the peer
		}
		now := time.Now()
		p.heardAt.Store(int64(now.Sub(p.line.begin)))
		sorted, lost := s.r.ProcessPacket2(pkt, now, true)
		for _, k := range sorted {
			if !take(k, lost > 0) {
				return
			}
			lost = 0
		}
	}
}

// pictures reads the video track.
func (p *publishing) pictures(t *track) {
	d := &rtph264.Decoder{PacketizationMode: 1}
	if err := d.Init(); err != nil {
		p.end(err)
		return
	}
	broken := false // something is missing: wait for a key frame
	p.packets(t, videoRate, lateVideo, func(pkt *rtp.Packet, lost bool) bool {
		if lost && !broken {
			broken = true
			p.wantKey()
		}
		if len(pkt.Payload) == 0 {
			return true // padding, sent to measure the network
		}
		at := p.line.at(&p.line.video, pkt.Timestamp, time.Now())
		au, err := d.Decode(pkt)
		switch {
		case errors.Is(err, rtph264.ErrMorePacketsNeeded), errors.Is(err, rtph264.ErrNonStartingPacketAndNoPrevious):
			return true
		case err != nil:
			if !broken {
				broken = true
				p.wantKey()
			}
			return true
		}
		key := isKey(au)
		if broken && !key {
			return true
		}
		broken = false
		return p.picture(at, au, key)
	})
}

func isKey(au [][]byte) bool {
	for _, n := range au {
		if len(n) > 0 && n[0]&0x1f == 5 { // IDR slice (ITU-T H.264, table 7-1)
			return true
		}
	}
	return false
}

func (p *publishing) picture(at time.Duration, au [][]byte, key bool) bool {
	p.write.Lock()
	defer p.write.Unlock()
	if err := p.pub.WriteH264(at, at, au); err != nil {
		p.end(err)
		return false
	}
	if key {
		p.shown.Store(true)
	}
	return true
}

// sounds reads the audio track. What comes before the first picture is dropped:
// a stream with a picture must not begin as one without.
func (p *publishing) sounds(t *track) {
	p.packets(t, audioRate, lateAudio, func(pkt *rtp.Packet, _ bool) bool {
		if len(pkt.Payload) == 0 {
			return true
		}
		at := p.line.at(&p.line.audio, pkt.Timestamp, time.Now())
		if !p.shown.Load() || at < 0 {
			return true
		}
		p.write.Lock()
		defer p.write.Unlock()
		if err := p.pub.WriteAudio(at, pkt.Payload); err != nil {
			p.end(err)
			return false
		}
		return true
	})
}
