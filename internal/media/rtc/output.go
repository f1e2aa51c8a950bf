package rtc

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/pion/rtp"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

const (
	// packetSize fits every network, tunnels too, with all that SRTP and TCP add.
	packetSize = 1200
	// late is what waited in the hub for a viewer to come.
	late = 250 * time.Millisecond
	// behind is too late to be worth sending: go on at the next key frame.
	behind = 2 * time.Second
	// jump is a hole in the publisher's times that is no pause but a new beginning.
	jump = 2 * time.Second
	step = time.Millisecond // between pictures that are pushed together
)

// output turns a stream's units into the packets of one viewer, on a time line
// that goes on whatever the publisher's does. One goroutine uses it.
type output struct {
	w       *watching
	enc     *rtph264.Encoder
	seq     uint16 // of the sound
	videoTS uint32 // where the RTP times begin
	audioTS uint32

	session uint64
	live    bool          // base is set: the publisher's times are followed
	base    time.Duration // our time minus the publisher's
	last    time.Duration // of the last picture, on our line
	lastAt  time.Time     // when it was sent
	lastPTS time.Duration // of the last picture, on the publisher's line
	needKey bool
	skips   []time.Time // when the viewer was too slow
}

func newOutput(w *watching) (*output, error) {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	o := &output{w: w, needKey: true, videoTS: binary.BigEndian.Uint32(b[:4]), audioTS: binary.BigEndian.Uint32(b[4:]),
		enc: &rtph264.Encoder{PayloadType: typeH264, PacketizationMode: 1, PayloadMaxSize: packetSize}}
	if err := o.enc.Init(); err != nil {
		return nil, fmt.Errorf("rtc: encoder: %w", err)
	}
	return o, nil
}

// unit sends one unit.
func (o *output) unit(u *media.Unit, now time.Time) error {
	if u.Video {
		return o.picture(u, now)
	}
	return o.sound(u)
}

func (o *output) picture(u *media.Unit, now time.Time) error {
	if u.PTS != u.DTS {
		return fault.New(fault.Conflict, "rtc.b_frames")
	}
	waited := now.Sub(u.At)
	if waited > behind && !u.Key && o.live && !o.needKey {
		if !o.skip(now) { // a stall: catch up at a key frame
			return fault.New(fault.Unavailable, "rtc.slow")
		}
		o.w.srv.Hub.AskKeyFrame(o.w.stream)
	}
	if o.needKey && !u.Key {
		return nil
	}
	o.needKey = false
	at := o.place(u, now, waited)
	packets, err := o.enc.Encode(u.NALs)
	if err != nil {
		return fmt.Errorf("rtc: picture: %w", err)
	}
	o.last, o.lastAt, o.lastPTS, o.session = at, now, u.PTS, u.Session
	ts := o.videoTS + uint32(ticks(at, videoRate))
	for _, p := range packets {
		p.Timestamp = ts
		if err := o.w.video.WriteRTP(p); err != nil {
			return fmt.Errorf("rtc: picture: %w", err) // the connection is closed
		}
	}
	return nil
}

// skip notes that the viewer was too slow; false when it was so too often.
func (o *output) skip(now time.Time) bool {
	o.needKey = true
	for len(o.skips) > 0 && now.Sub(o.skips[0]) > time.Minute {
		o.skips = o.skips[1:]
	}
	o.skips = append(o.skips, now)
	return len(o.skips) < badSkips
}

// place finds a picture's time on our line.
func (o *output) place(u *media.Unit, now time.Time, waited time.Duration) time.Duration {
	if o.live && u.Session == o.session {
		if d := u.PTS - o.lastPTS; d > 0 && d < jump {
			return max(o.base+u.PTS, o.last+step)
		}
	}
	o.live = false
	if waited > late {
		return o.last + step // from before the viewer came: shown at once
	}
	at := o.last + step
	if !o.lastAt.IsZero() {
		at = max(at, o.last+now.Sub(o.lastAt))
	}
	o.live, o.base = true, at-u.PTS
	return at
}

// sound goes out once the picture's times are known; AAC can't.
func (o *output) sound(u *media.Unit) error {
	if !o.live || u.Session != o.session || u.Format.Audio.Codec != media.Opus || u.Format.Video == nil {
		return nil
	}
	at := o.base + u.PTS
	if at < 0 {
		return nil
	}
	o.seq++
	// A packet that does not go out is a click; the picture decides what follows.
	_ = o.w.audio.WriteRTP(&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: typeOpus, SequenceNumber: o.seq,
		Timestamp: o.audioTS + uint32(ticks(at, audioRate))}, Payload: u.Frame})
	return nil
}

// ticks turns a time into ticks of rate; the caller lets them wrap round.
func ticks(d time.Duration, rate int) int64 {
	sec, rest := int64(d/time.Second), int64(d%time.Second)
	return sec*int64(rate) + rest*int64(rate)/int64(time.Second)
}
