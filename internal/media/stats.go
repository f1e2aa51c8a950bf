package media

import (
	"time"
)

// Warning is something the publisher should change. Key gives its words.
type Warning string

const (
	WarnNoVideo       Warning = "no_video"        // sound only
	WarnNoAudio       Warning = "no_audio"        // no sound, or it stopped for 5 s
	WarnNoKeyFrame    Warning = "no_key_frame"    // no key frame for 10 s, or none at all for 3 s
	WarnSlowKeyFrames Warning = "slow_key_frames" // more than 4.2 s apart: viewers start late
	WarnBFrames       Warning = "b_frames"        // pictures out of order: a second more delay, no WHEP
	WarnLowFrameRate  Warning = "low_frame_rate"  // fewer than 10 pictures a second
	WarnTimestamps    Warning = "timestamps"      // the encoder's clock jumped
)

// Key is the message key of the warning.
func (w Warning) Key() string { return "media.warn_" + string(w) }

// Stats is the health of one stream at one moment.
type Stats struct {
	StreamID string
	State    State
	Since    time.Time // of the state

	Publishing bool      // somebody is connected, whether or not a picture moves
	Source     string    // "rtmp", "loop", …
	Remote     string    // the publisher's address
	Started    time.Time // of the present publisher
	Sessions   uint64    // publishers so far

	VideoCodec, AudioCodec string // RFC 6381; "" for none
	Width, Height          int    // pixels
	FPS                    float64
	BitsPerSecond          float64       // over the last seconds, picture and sound
	KeyInterval            time.Duration // between the last two key frames
	LastUnit, LastKey      time.Time

	Units    uint64 // delivered
	Dropped  uint64 // refused: before the first key frame, too large, damaged
	Sinks    int
	Slow     uint64 // sinks dropped because they were too slow
	Warnings []Warning
}

// meter counts over the last seconds in buckets of one second.
type meter struct {
	sec     [meterLen]int64
	bytes   [meterLen]int64
	picture [meterLen]int64
}

const (
	meterLen  = 8
	meterSpan = 5 // full seconds looked back on
)

func (m *meter) add(now time.Duration, bytes int, video bool) {
	s := int64(now / time.Second)
	i := s % meterLen
	if m.sec[i] != s {
		m.sec[i], m.bytes[i], m.picture[i] = s, 0, 0
	}
	m.bytes[i] += int64(bytes)
	if video {
		m.picture[i]++
	}
}

// rates are bits and pictures a second over the full seconds since from, at
// most meterSpan; zero before the first full second.
func (m *meter) rates(from, now time.Duration) (bits, fps float64) {
	cur := int64(now / time.Second)
	first := max(cur-meterSpan, int64(from/time.Second)+1)
	if first >= cur {
		return 0, 0
	}
	var b, p int64
	for s := first; s < cur; s++ {
		if i := s % meterLen; m.sec[i] == s {
			b += m.bytes[i]
			p += m.picture[i]
		}
	}
	n := float64(cur - first)
	return float64(b) * 8 / n, float64(p) / n
}
