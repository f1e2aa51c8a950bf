package media

import (
	"bytes"
	"fmt"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/opus"
)

// Codec names a way of coding picture or sound.
type Codec string

// The codecs the hub carries. Every current browser plays all of them in MP4.
const (
	H264 Codec = "h264"
	AAC  Codec = "aac"
	Opus Codec = "opus" // from WHIP
)

// opusRate is the tick of every Opus time line, whatever was recorded (RFC 7587, 4.1).
const opusRate = 48000

// Format says how the units of a stream are coded. It is never changed: a
// change of resolution or of sound makes a new one, so two units belong to the
// same run when their Format pointers are equal.
type Format struct {
	Video *VideoFormat // nil: no picture
	Audio *AudioFormat // nil: no sound
}

// VideoFormat is the coding of the picture.
type VideoFormat struct {
	Codec         Codec
	SPS, PPS      []byte // H.264 parameter sets (ITU-T H.264, 7.3.2)
	Width, Height int    // pixels as shown, after cropping
}

// String is the codec as a playlist names it (RFC 6381; ISO/IEC 14496-15
// annex E for H.264): "avc1.42c01e".
func (v *VideoFormat) String() string {
	return fmt.Sprintf("avc1.%02x%02x%02x", v.SPS[1], v.SPS[2], v.SPS[3])
}

// AudioFormat is the coding of the sound.
type AudioFormat struct {
	Codec      Codec
	AAC        mpeg4audio.AudioSpecificConfig // set when Codec is AAC
	SampleRate int                            // hertz; the tick of the sound's time line
	Channels   int
}

// String is the codec as a playlist names it (RFC 6381): "mp4a.40.2".
func (a *AudioFormat) String() string {
	if a.Codec == Opus {
		return "opus"
	}
	return fmt.Sprintf("mp4a.40.%d", a.AAC.Type)
}

// FrameTicks is the length of one AAC frame in samples (ISO/IEC 14496-3,
// 4.5.1.1); 0 for Opus, whose packets tell their own length.
func (a *AudioFormat) FrameTicks() int {
	switch {
	case a.Codec != AAC:
		return 0
	case a.AAC.FrameLengthFlag:
		return 960
	default:
		return 1024
	}
}

// takes tells whether a frame can be one of this sound. An Opus packet tells its
// own length, and one that says more than 120 ms (RFC 6716, 3.1), or nothing,
// would move every sound after it.
func (a *AudioFormat) takes(frame []byte) bool {
	if len(frame) == 0 || len(frame) > maxFrameBytes {
		return false
	}
	if a.Codec != Opus {
		return true
	}
	n := opus.PacketDuration2(frame)
	return n > 0 && n <= opusRate*120/1000
}

// videoFormat reads the parameter sets. A picture must have a size; more than
// 8192 pixels a side is no camera's but an attack on the viewers' decoders.
func videoFormat(sps, pps []byte) (*VideoFormat, error) {
	var p h264.SPS
	if err := p.Unmarshal(sps); err != nil {
		return nil, fmt.Errorf("media: SPS: %w", err)
	}
	w, h := p.Width(), p.Height()
	if w <= 0 || h <= 0 || w > 8192 || h > 8192 || len(sps) < 4 || len(pps) == 0 {
		return nil, fmt.Errorf("media: SPS gives %dx%d", w, h)
	}
	return &VideoFormat{Codec: H264, SPS: bytes.Clone(sps), PPS: bytes.Clone(pps), Width: w, Height: h}, nil
}

func aacFormat(c mpeg4audio.AudioSpecificConfig) (*AudioFormat, error) {
	ch := int(c.ChannelConfig)
	if ch == 7 {
		ch = 8 // 7.1, ISO/IEC 14496-3 table 1.19
	}
	if c.SampleRate <= 0 || ch <= 0 || ch > 8 {
		return nil, fmt.Errorf("media: AAC with %d Hz, channel layout %d", c.SampleRate, c.ChannelConfig)
	}
	return &AudioFormat{Codec: AAC, AAC: c, SampleRate: c.SampleRate, Channels: ch}, nil
}
