package push

import (
	"context"
	"errors"
	"time"

	"github.com/bluenviron/gortmplib"
	"github.com/bluenviron/gortmplib/pkg/codecs"

	"lindu.example/lindu/internal/media"
)

func opus(f *media.Format) bool { return f.Audio != nil && f.Audio.Codec == media.Opus }

// lagWithin: a link that lags twice within this is too slow for this target now.
const lagWithin = time.Minute

// out takes the units of a run.
type out interface {
	unit(u *media.Unit) error
	close()
}

// feed sends the stream from its newest key frame on.
func (l *link) feed(ctx context.Context, c *session) error {
	sub, err := l.p.Hub.Subscribe(l.stream, "push")
	if err != nil {
		return away(err)
	}
	defer func() { sub.Close() }()
	f := &feeder{link: l, ctx: ctx, conn: c}
	defer f.end()
	var lagged time.Time
	for {
		it, err := f.next(sub)
		switch {
		case errors.Is(err, media.ErrSlow):
			if time.Since(lagged) < lagWithin {
				return errLagging
			}
			lagged = time.Now()
			f.begun = false // from the next key frame on
			l.lost()
			if sub, err = l.p.Hub.Subscribe(l.stream, "push"); err != nil {
				return away(err)
			}
		case err != nil:
			return away(err)
		case it.Unit == nil:
			f.away = it.State == media.Away
		default:
			if err := f.unit(it.Unit); err != nil {
				return err
			}
		}
	}
}

func (l *link) lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.Lost++
}

// feeder follows a stream over its runs on one connection.
type feeder struct {
	*link
	ctx  context.Context
	conn *session

	away    bool // no picture now
	begun   bool
	session uint64
	format  *media.Format
	out     out
	line    timeline
}

// next waits for the next item; while the picture is away not for ever.
func (f *feeder) next(sub *media.Subscription) (media.Item, error) {
	if !f.away {
		return sub.Next(f.ctx)
	}
	ctx, cancel := context.WithTimeoutCause(f.ctx, f.p.away, errAway)
	defer cancel()
	it, err := sub.Next(ctx)
	if err != nil && context.Cause(ctx) == errAway {
		return it, errAway
	}
	return it, err
}

func (f *feeder) unit(u *media.Unit) error {
	f.away = false
	if !f.begun || u.Session != f.session || u.Video && u.Key && u.Format != f.format {
		if !u.Video || !u.Key {
			return nil // until a picture that stands alone
		}
		if err := f.begin(u); err != nil {
			return err
		}
	}
	return f.out.unit(u)
}

// begin opens a run: the target is told how it is coded.
func (f *feeder) begin(u *media.Unit) (err error) {
	f.begun = true
	if f.out != nil && u.Session == f.session && u.Format == f.format {
		return nil // it goes on after a lag
	}
	f.end()
	f.session, f.format = u.Session, u.Format
	if opus(u.Format) {
		if f.p.FFmpeg == "" {
			return errNoAAC
		}
		f.out, err = f.transcode(u.Format)
	} else {
		f.out, err = f.native(u.Format)
	}
	if err == nil {
		f.set(Sending, func(s *Status) { s.Why, s.Said = "", "" })
	}
	return err
}

func (f *feeder) end() {
	if f.out != nil {
		f.out.close()
		f.out = nil
	}
}

// native sends units as they are.
type native struct {
	f            *feeder
	w            *gortmplib.Writer
	video, audio *gortmplib.Track
}

func (f *feeder) native(m *media.Format) (out, error) {
	n := &native{f: f, w: &gortmplib.Writer{Conn: f.conn}}
	n.video = &gortmplib.Track{Codec: &codecs.H264{SPS: m.Video.SPS, PPS: m.Video.PPS}}
	n.w.Tracks = append(n.w.Tracks, n.video)
	if a := m.Audio; a != nil {
		cfg := a.AAC
		n.audio = &gortmplib.Track{Codec: &codecs.MPEG4Audio{Config: &cfg}}
		n.w.Tracks = append(n.w.Tracks, n.audio)
	}
	f.line.run()
	return n, n.w.Initialize()
}

func (n *native) unit(u *media.Unit) error {
	if u.Video {
		at := n.f.line.video(u.DTS)
		nals := u.NALs
		if u.Key {
			nals = nals[2:] // the parameter sets were sent ahead
		}
		return n.w.WriteH264(n.video, at+max(0, u.PTS-u.DTS), at, nals)
	}
	if n.audio == nil || u.Format.Audio != n.f.format.Audio {
		return nil // of another coding: it begins with the next run
	}
	at, ok := n.f.line.sound(u.PTS)
	if !ok {
		return nil
	}
	return n.w.WriteMPEG4Audio(n.audio, at, u.Frame)
}

func (n *native) close() {}

// timeline maps the times of runs to one that begins at zero and never goes
// back, as RTMP servers expect.
type timeline struct {
	fresh        bool // the next picture begins a run
	src, base    time.Duration
	seen         time.Duration // newest picture, source time
	lastV, lastA time.Duration // newest, sent
}

const (
	// maxStep: pictures further apart, or further back than backStep, mean that
	// the clock jumped.
	maxStep  = 10 * time.Second
	backStep = 500 * time.Millisecond
	// nextFrame is put between two runs.
	nextFrame = 40 * time.Millisecond
	// maxApart: sound further from the picture than this belongs to another clock.
	maxApart = 5 * time.Second
)

func (t *timeline) run() { t.fresh = true }

// video is where a picture goes.
func (t *timeline) video(dts time.Duration) time.Duration {
	if step := dts - t.seen; t.fresh || step > maxStep || step < -backStep {
		if t.lastV > 0 || t.lastA > 0 || t.src != 0 || t.seen != 0 {
			t.base = max(t.lastV, t.lastA) + nextFrame
		}
		t.src, t.fresh = dts, false
	}
	t.seen = dts
	t.lastV = max(t.lastV, t.base+dts-t.src)
	return t.lastV
}

// sound is where a frame of sound goes; ok is false for one of another clock.
func (t *timeline) sound(pts time.Duration) (at time.Duration, ok bool) {
	if d := pts - t.seen; t.fresh || d > maxApart || d < -maxApart {
		return 0, false
	}
	t.lastA = max(t.lastA, t.base+pts-t.src, 0)
	return t.lastA, true
}
