package hls

import (
	"fmt"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/opus"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4/seekablebuffer"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"

	"lindu.example/lindu/internal/media"
)

const (
	videoTrack = 1
	audioTrack = 2
	videoRate  = 90000 // ticks a second; holds 24, 25, 30 and 60 pictures exactly

	maxGap  = 2 * time.Second // a longer hole is a new run; as long as the hub waits
	maxBack = time.Second     // likewise a clock that goes back further than this

	// Sound this far from its picture runs by another clock: it is laid beside
	// the picture it came with. Nearer, a picture may only have stopped.
	otherClock = 10 * time.Second

	// RTMP cuts times to milliseconds and AAC frames are 21 to 23 ms long, so
	// frames are counted, and the clock is followed only beyond this.
	audioSlack = 60 * time.Millisecond
	// Sound this far behind the picture is not just interleaved late: fill it.
	audioLag     = 700 * time.Millisecond
	audioFillLag = 400 * time.Millisecond
)

// run is a stretch of media on one time line with one format. It maps the
// publisher's times to the muxer's, which never go back.
type run struct {
	session uint64
	format  *media.Format
	init    int           // number of its init section
	src     time.Duration // publisher's time of its first unit
	base    time.Duration // the same moment in media time
	date    time.Time     // the same moment in the world

	last    time.Duration // publisher's time of the newest unit that cuts
	pending *frame        // a picture whose length is not known yet
	frame   int64         // length of the last picture, ticks
	audio   int64         // where the next sound begins, ticks of its rate
	heard   bool          // some sound has come
	skew    time.Duration // what brings the sound's clock to the picture's
	quiet   []byte        // a frame of silence, nil if there is none
}

// frame is a picture that waits for the next one to know its length.
type frame struct {
	sample *fmp4.Sample
	start  int64 // ticks
}

// ticks turns a time into ticks of rate, without overflow for centuries.
func ticks(d time.Duration, rate int) int64 {
	sec, rest := int64(d/time.Second), int64(d%time.Second)
	return sec*int64(rate) + (rest*int64(rate)+int64(time.Second)/2)/int64(time.Second)
}

func fromTicks(t int64, rate int) time.Duration {
	sec, rest := t/int64(rate), t%int64(rate)
	return time.Duration(sec)*time.Second + time.Duration(rest*int64(time.Second)/int64(rate))
}

// starts tells whether a run can begin with u.
func starts(u *media.Unit) bool { return u.Key && u.Video == (u.Format.Video != nil) }

// breaks tells whether u does not go on with the run. New parameter sets count
// from the next key frame, which is where the hub lets them begin.
func (r *run) breaks(u *media.Unit) bool {
	if u.Session != r.session {
		return true
	}
	if starts(u) && u.Format != r.format {
		return true
	}
	if u.Video != (r.format.Video != nil) {
		return false // only what cuts keeps the time
	}
	gap := u.DTS - r.last
	return gap > maxGap || gap < -maxBack
}

// at is the media time of a publisher's time.
func (r *run) at(t time.Duration) time.Duration { return r.base + t - r.src }

// soundAt is the media time of a frame of sound. It is not ok when the picture
// has stopped so long ago that the sound waits for a run of its own.
func (r *run) soundAt(u *media.Unit) (at time.Duration, ok bool) {
	at = r.at(u.PTS) + r.skew
	if r.format.Video == nil {
		return at, true
	}
	switch off := at - r.at(r.last); {
	case off > otherClock, off < -otherClock:
		r.skew -= off
		return at - off, true
	case off > maxGap:
		return 0, false // else an hour of it would be kept for a picture that never comes
	}
	return at, true
}

// dateAt is the world's time at a media time.
func (r *run) dateAt(t time.Duration) time.Time { return r.date.Add(t - r.base) }

// videoSample packs a picture as MP4 wants it: lengths in front, parameter
// sets left out because the init section has them.
func videoSample(u *media.Unit) (*fmp4.Sample, error) {
	nals := u.NALs
	if u.Key {
		nals = nals[2:] // the hub's rule: SPS and PPS first
	}
	b, err := h264.AVCC(nals).Marshal()
	if err != nil {
		return nil, fmt.Errorf("hls: picture: %w", err)
	}
	off := ticks(u.PTS-u.DTS, videoRate)
	if off < -1<<31 || off >= 1<<31 {
		off = 0 // an absurd display time must not become another one by overflow
	}
	return &fmp4.Sample{PTSOffset: int32(off), IsNonSyncSample: !u.Key, Payload: b}, nil
}

// audioTicks is the length of a frame of sound.
func audioTicks(a *media.AudioFormat, frame []byte) int64 {
	if n := a.FrameTicks(); n > 0 {
		return int64(n)
	}
	return max(1, opus.PacketDuration2(frame))
}

// initSection is the header of a run: which tracks, how coded.
func initSection(f *media.Format) ([]byte, error) {
	var in fmp4.Init
	if v := f.Video; v != nil {
		in.Tracks = append(in.Tracks, &fmp4.InitTrack{ID: videoTrack, TimeScale: videoRate,
			Codec: &codecs.H264{SPS: v.SPS, PPS: v.PPS}})
	}
	if a := f.Audio; a != nil {
		t := &fmp4.InitTrack{ID: audioTrack, TimeScale: uint32(a.SampleRate)}
		if a.Codec == media.Opus {
			t.Codec = &codecs.Opus{ChannelCount: a.Channels}
		} else {
			t.Codec = &codecs.MPEG4Audio{Config: a.AAC}
		}
		in.Tracks = append(in.Tracks, t)
	}
	var buf seekablebuffer.Buffer
	if err := in.Marshal(&buf); err != nil {
		return nil, fmt.Errorf("hls: init section: %w", err)
	}
	return buf.Bytes(), nil
}
