package rtc

import (
	"sync"
	"time"
)

// clockSlack is how far picture and sound may be apart before the sound is
// moved: less than anybody sees (ITU-R BT.1359: 45 ms early, 125 ms late).
const clockSlack = 40 * time.Millisecond

// timeline brings picture and sound, whose RTP times begin anywhere, to one
// line that begins with the session.
type timeline struct {
	mu           sync.Mutex
	begin        time.Time
	video, audio clockLine
	shift        time.Duration // of the sound, as the sender's clocks tell
}

// clockLine is one track's RTP time, without its wrapping round.
type clockLine struct {
	rate  int
	known bool
	last  uint32
	ticks int64         // of last, since the first packet
	start time.Duration // when the first packet came

	told bool          // a sender report has come
	wall time.Duration // the sender's clock minus this line, by the newest report
}

func newTimeline(now time.Time) *timeline {
	return &timeline{begin: now, video: clockLine{rate: videoRate}, audio: clockLine{rate: audioRate}}
}

// at is the time of a packet on the line.
func (t *timeline) at(l *clockLine, rtp uint32, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !l.known {
		l.known, l.last, l.start = true, rtp, now.Sub(t.begin)
	}
	l.ticks += int64(int32(rtp - l.last))
	l.last = rtp
	d := l.start + duration(l.ticks, l.rate)
	if l == &t.audio {
		d += t.shift
	}
	return d
}

// report takes what a sender report says: this moment of the sender's clock is
// this RTP time (RFC 3550, 6.4.1). When both tracks have told, the sound is
// moved to where it belongs.
func (t *timeline) report(l *clockLine, ntp uint64, rtp uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !l.known {
		return // nothing to compare with yet
	}
	here := l.start + duration(l.ticks+int64(int32(rtp-l.last)), l.rate)
	l.told, l.wall = true, ntpTime(ntp)-here
	if !t.video.told || !t.audio.told {
		return
	}
	// The sound's line is late by this much.
	off := t.audio.wall - t.video.wall - t.shift
	if off < 0 {
		off = -off
	}
	// Clocks seconds apart are broken, not shifted.
	if want := t.audio.wall - t.video.wall; off > clockSlack && want < 2*time.Second && want > -2*time.Second {
		t.shift = want
	}
}

// duration of ticks, without overflow for centuries.
func duration(ticks int64, rate int) time.Duration {
	r := int64(rate)
	return time.Duration(ticks/r)*time.Second + time.Duration(ticks%r*int64(time.Second)/r)
}

// ntpTime is an NTP time (32 bits of seconds, 32 of their fraction) as a duration.
func ntpTime(ntp uint64) time.Duration {
	return time.Duration(ntp>>32)*time.Second + time.Duration((ntp&0xffffffff)*uint64(time.Second)>>32)
}
