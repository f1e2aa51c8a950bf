package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"lindu.example/lindu/internal/fault"
)

// Source tells who publishes.
type Source struct {
	Kind   string // "rtmp", "whip"
	Remote string // its address, for the operator
	// Kick is called once when the publisher has to go, from any goroutine. It
	// must not wait. The next write returns the same reason.
	Kick func(reason error)
	// Owner names the person or key behind the connection, "" for nobody known:
	// who comes back after the network broke takes their own place at once,
	// without waiting until the old connection is noticed to be dead.
	Owner string
	// May is asked again now and then (Hub.Recheck) whether the source may still
	// publish; a fault of kind Denied, Gone or NotFound sends it away with those
	// words. nil: nobody asks. Publish sets it to ask Auth for its key.
	May func(ctx context.Context) error
	// KeyFrame asks the encoder for a key frame; nil when it can't be asked. It
	// must not wait nor call back into the hub. Browsers make none by themselves, so the hub asks for one
	// KeyEvery, and sooner when a viewer needs it (Hub.AskKeyFrame).
	KeyFrame func()
}

// Publisher is one connection's right to publish. One goroutine uses it.
type Publisher struct {
	stream  *stream
	src     Source
	session uint64

	// Below: guarded by stream.mu.
	reason error         // set when the right is gone
	begun  time.Duration // on the hub's stopwatch, as all durations here
	wrote  time.Duration // last sign of life

	format           *Format
	needKey          bool // nothing is delivered before the next key frame
	meter            meter
	lastKeyM, audioM time.Duration
	lastKeyDTS       time.Duration
	lastDTS          time.Duration
	keyGap           time.Duration
	lastKey          time.Time
	askedKey         time.Duration // when the source was last asked for a key frame
	bFrames, jumped  bool
}

// errClosed is what a write gets after Close.
var errClosed = errors.New("media: publisher is closed")

// StreamID names the stream that is published.
func (p *Publisher) StreamID() string { return p.stream.id }

// Close gives the right back; the stream becomes away. Further calls do nothing.
func (p *Publisher) Close() {
	st := p.stream
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.pub == p {
		st.detach(errClosed)
	}
}

func (p *Publisher) told(reason error) {
	if p.src.Kick != nil {
		p.src.Kick(reason)
	}
}

// ConfigH264 sets the parameter sets. New ones take effect at the next key
// frame; nothing is delivered until it comes. An error means they make no
// sense: media.malformed (Invalid).
func (p *Publisher) ConfigH264(sps, pps []byte) error {
	p.stream.mu.Lock()
	defer p.stream.mu.Unlock()
	return p.setVideo(sps, pps)
}

// setVideo: the caller holds stream.mu.
func (p *Publisher) setVideo(sps, pps []byte) error {
	var f Format
	if p.format != nil {
		f = *p.format
	}
	if v := f.Video; v != nil {
		if pps == nil {
			pps = v.PPS
		}
		if sps == nil {
			sps = v.SPS
		}
		if bytes.Equal(v.SPS, sps) && bytes.Equal(v.PPS, pps) {
			return nil
		}
	}
	v, err := videoFormat(sps, pps)
	if err != nil {
		return fault.New(fault.Invalid, "media.malformed").Because(err)
	}
	f.Video = v
	p.format, p.needKey = &f, true
	return nil
}

// ConfigAAC sets the sound. An error means it can't be played: media.malformed.
func (p *Publisher) ConfigAAC(c mpeg4audio.AudioSpecificConfig) error {
	a, err := aacFormat(c)
	if err != nil {
		return fault.New(fault.Invalid, "media.malformed").Because(err)
	}
	p.stream.mu.Lock()
	defer p.stream.mu.Unlock()
	var f Format
	if p.format != nil {
		f = *p.format
	}
	if f.Audio != nil && f.Audio.Codec == AAC && f.Audio.AAC == c {
		return nil
	}
	f.Audio = a
	p.format = &f
	return nil
}

// ConfigOpus sets the sound to Opus, with one channel or two: Format.Audio has
// Codec Opus and SampleRate 48000 (RFC 7587, 4.1), and no AAC. A unit's Frame is
// one Opus packet, which tells its own length (2.5 to 120 ms; RFC 6716, 3.1). An
// error means it can't be played: media.malformed.
func (p *Publisher) ConfigOpus(channels int) error {
	if channels != 1 && channels != 2 {
		return fault.New(fault.Invalid, "media.malformed").Because(fmt.Errorf("media: Opus with %d channels", channels))
	}
	p.stream.mu.Lock()
	defer p.stream.mu.Unlock()
	var f Format
	if p.format != nil {
		f = *p.format
	}
	if f.Audio != nil && f.Audio.Codec == Opus && f.Audio.Channels == channels {
		return nil
	}
	f.Audio = &AudioFormat{Codec: Opus, SampleRate: opusRate, Channels: channels}
	p.format = &f
	return nil
}

// WriteH264 publishes one access unit. The slices are kept: the caller must not
// change them. A unit before the first key frame, or too large, is counted and
// dropped; the only errors are the reason the publisher must go and
// media.malformed.
func (p *Publisher) WriteH264(pts, dts time.Duration, au [][]byte) error {
	pic := normalise(au)
	st := p.stream
	st.mu.Lock()
	if st.pub != p {
		defer st.mu.Unlock()
		return p.reason
	}
	u, err := p.videoUnit(pts, dts, pic)
	st.mu.Unlock()
	if u == nil || err != nil {
		return err
	}
	return st.deliver(p, u, true)
}

// videoUnit makes the unit, or nil when it is dropped. The caller holds stream.mu.
func (p *Publisher) videoUnit(pts, dts time.Duration, pic picture) (*Unit, error) {
	now := p.stream.hub.mono()
	p.wrote = now
	if pic.sps != nil || pic.pps != nil {
		if p.format == nil && (pic.sps == nil || pic.pps == nil) {
			return nil, nil // half a configuration: wait for the rest
		}
		if err := p.setVideo(pic.sps, pic.pps); err != nil {
			return nil, err
		}
	}
	if len(pic.nals) == 0 {
		return nil, nil // parameter sets alone
	}
	p.meter.add(now, pic.size, true)
	if p.format == nil || p.format.Video == nil || pic.size > maxUnitBytes || (p.needKey && !pic.key) {
		p.needKey = p.needKey || pic.size > maxUnitBytes
		p.stream.last.Dropped++
		return nil, nil
	}
	p.follow(pts, dts, pic.key, now)
	u := &Unit{Session: p.session, Format: p.format, Video: true, Key: pic.key, DTS: dts, PTS: pts,
		At: p.stream.hub.Clock.Now(), NALs: pic.nals, size: pic.size}
	if pic.key {
		v := p.format.Video
		u.NALs = append([][]byte{v.SPS, v.PPS}, pic.nals...)
		u.size += len(v.SPS) + len(v.PPS)
		p.needKey, p.lastKey = false, u.At
	}
	return u, nil
}

// follow keeps the figures of the picture's time line. The caller holds stream.mu.
func (p *Publisher) follow(pts, dts time.Duration, key bool, now time.Duration) {
	if pts != dts {
		p.bFrames = true
	}
	if p.lastKeyM != 0 && (dts < p.lastDTS || dts-p.lastDTS > 10*time.Second) {
		p.jumped = true
	}
	p.lastDTS = dts
	if key {
		if p.lastKeyM != 0 {
			p.keyGap = max(0, dts-p.lastKeyDTS)
		}
		p.lastKeyDTS, p.lastKeyM = dts, now
	}
}

// WriteAudio publishes one frame of the configured sound. It is dropped, and
// counted, before the first picture of a stream that has one.
func (p *Publisher) WriteAudio(pts time.Duration, frame []byte) error {
	st := p.stream
	st.mu.Lock()
	if st.pub != p {
		defer st.mu.Unlock()
		return p.reason
	}
	now := st.hub.mono()
	p.wrote, p.audioM = now, now
	f := p.format
	if f == nil || f.Audio == nil || !f.Audio.takes(frame) || (f.Video != nil && p.needKey) {
		st.last.Dropped++
		st.mu.Unlock()
		return nil
	}
	p.meter.add(now, len(frame), false)
	u := &Unit{Session: p.session, Format: f, Key: true, DTS: pts, PTS: pts,
		At: st.hub.Clock.Now(), Frame: frame, size: len(frame)}
	st.mu.Unlock()
	return st.deliver(p, u, f.Video == nil)
}

// Limits after which a publisher is warned.
const (
	warmUp        = 3 * time.Second // nothing is said about the first seconds
	warnNoKey     = 10 * time.Second
	warnSlowKey   = 4200 * time.Millisecond
	warnNoAudio   = 5 * time.Second
	warnFrameRate = 10
)

// fill adds the figures of the present publisher. The caller holds stream.mu.
func (p *Publisher) fill(s *Stats, now time.Duration) {
	s.Publishing = true
	s.KeyInterval, s.LastKey = p.keyGap, p.lastKey
	s.BitsPerSecond, s.FPS = p.meter.rates(p.begun, now)
	if f := p.format; f != nil {
		if f.Video != nil {
			s.VideoCodec, s.Width, s.Height = f.Video.String(), f.Video.Width, f.Video.Height
		}
		if f.Audio != nil {
			s.AudioCodec = f.Audio.String()
		}
	}
	if now-p.begun < warmUp {
		return
	}
	warn := func(on bool, w Warning) {
		if on {
			s.Warnings = append(s.Warnings, w)
		}
	}
	video := p.format != nil && p.format.Video != nil
	warn(!video, WarnNoVideo)
	warn(s.AudioCodec == "" || now-max(p.audioM, p.begun) >= warnNoAudio, WarnNoAudio)
	warn(video && (p.lastKeyM == 0 || now-p.lastKeyM >= warnNoKey), WarnNoKeyFrame)
	warn(p.keyGap > warnSlowKey, WarnSlowKeyFrames)
	warn(p.bFrames, WarnBFrames)
	warn(video && s.State == Live && s.FPS > 0 && s.FPS < warnFrameRate, WarnLowFrameRate)
	warn(p.jumped, WarnTimestamps)
}

// KeyEvery is how far apart the key frames of a source are that makes them when
// it is asked: segments and joining viewers wait for them. keyAtMost is the
// least time between two that viewers ask for.
const (
	KeyEvery  = 2 * time.Second
	keyAtMost = time.Second
)

// askKey tells whether the source is to be asked for a key frame now: the last
// one is since ago, and it was not asked a moment before. One that was asked for
// and has not come is asked for again. The caller holds stream.mu and then asks.
func (p *Publisher) askKey(now, since time.Duration) bool {
	if p.src.KeyFrame == nil || now-p.lastKeyM < since || p.askedKey != 0 && now-p.askedKey < keyAtMost {
		return false
	}
	p.askedKey = now
	return true
}
