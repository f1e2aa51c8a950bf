package hls

import (
	"bytes"
	"log/slog"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"

	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/loop"
)

var noon = time.Date(2026, 9, 12, 4, 0, 0, 0, time.UTC)

func clip(t testing.TB, name string) *loop.Clip {
	t.Helper()
	b, err := os.ReadFile("../testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := loop.Parse(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func formatOf(c *loop.Clip, w, h int) *media.Format {
	sps, pps := c.Video()
	f := &media.Format{Video: &media.VideoFormat{Codec: media.H264, SPS: sps, PPS: pps, Width: w, Height: h}}
	if a := c.Audio(); a != nil {
		f.Audio = &media.AudioFormat{Codec: media.AAC, AAC: *a, SampleRate: a.SampleRate, Channels: int(a.ChannelConfig)}
	}
	return f
}

// feed is a publisher in front of a muxer: it makes units as the hub does,
// with RTMP's whole milliseconds, and a clock of its own.
type feed struct {
	t       testing.TB
	m       *muxer
	now     time.Time     // of the world
	at      time.Duration // of the publisher
	session uint64
	exports []Exported
	lastKey *media.Unit
}

func newFeed(t testing.TB, change func(*config)) *feed {
	o := &Origin{}
	o.defaults()
	f := &feed{t: t, now: noon, at: 90 * time.Second, session: 1}
	cfg := o.config()
	cfg.export = func(e Exported) { f.exports = append(f.exports, e) }
	if change != nil {
		change(&cfg)
	}
	f.m = newMuxer(cfg, "s", noon, slog.New(slog.DiscardHandler))
	f.m.setState(media.Live)
	return f
}

// play sends the clip n times, keep choosing and changing the units.
func (f *feed) play(c *loop.Clip, format *media.Format, n int, keep func(*media.Unit) bool) {
	f.t.Helper()
	for range n {
		f.stretch(c, format, 0, c.Length(), keep)
		f.at += c.Length()
		f.now = f.now.Add(c.Length())
	}
}

// stretch sends what lies between two times of the clip.
func (f *feed) stretch(c *loop.Clip, format *media.Format, from, to time.Duration, keep func(*media.Unit) bool) {
	f.t.Helper()
	ms := func(d time.Duration) time.Duration { return d.Truncate(time.Millisecond) }
	for _, s := range c.Samples() {
		if s.DTS < from || s.DTS >= to {
			continue
		}
		nals, frame, err := s.Read()
		if err != nil {
			f.t.Fatal(err)
		}
		u := &media.Unit{Session: f.session, Format: format, Video: s.Video, Key: s.Key || !s.Video,
			DTS: ms(f.at + s.DTS), PTS: ms(f.at + s.PTS), At: f.now.Add(s.DTS), NALs: nals, Frame: frame}
		if s.Video && s.Key {
			u.NALs = append([][]byte{format.Video.SPS, format.Video.PPS}, onlySlices(nals)...)
		}
		if keep == nil || keep(u) {
			f.m.unit(u)
		}
	}
}

func onlySlices(nals [][]byte) [][]byte {
	return slices.DeleteFunc(slices.Clone(nals), func(n []byte) bool { return n[0]&31 == 7 || n[0]&31 == 8 })
}

func (f *feed) view() *view { return f.m.shelf.now.Load() }

func (f *feed) low() *mPlaylist { f.t.Helper(); return parseTB(f.t, f.view().low.raw) }

func parseTB(t testing.TB, raw []byte) *mPlaylist {
	t.Helper()
	p, err := parsePlaylist(string(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	return p
}

func (f *feed) file(name string) []byte {
	f.t.Helper()
	b, _ := f.m.shelf.file(name)
	if b == nil {
		f.t.Fatalf("%s is listed and does not exist", name)
	}
	return b
}

// check reads a stream as a player does and holds every promise of doc.go.
func (f *feed) check() *mPlaylist {
	t := f.t
	t.Helper()
	p := f.low()
	if p.version != 9 || p.target != 4 || p.partTarget != defaultPartTarget || p.control["CAN-BLOCK-RELOAD"] != "YES" {
		t.Errorf("head: %+v", p)
	}
	all := p.segments
	if p.open != nil {
		all = append(slices.Clone(all), *p.open)
	}
	end := map[int]time.Duration{} // by track: where the media ended
	var dateEnd time.Time
	for i, g := range all {
		var in fmp4.Init
		if err := in.Unmarshal(bytes.NewReader(f.file(g.init))); err != nil {
			t.Fatalf("%s: %v", g.init, err)
		}
		if i > 0 && g.disc == (g.init == all[i-1].init) {
			t.Errorf("segment %d: discontinuity %v, init %s after %s", g.msn, g.disc, g.init, all[i-1].init)
		}
		if g.date.Before(dateEnd.Add(-2*time.Millisecond)) || (!g.disc && i > 0 && g.date.Sub(dateEnd).Abs() > 2*time.Millisecond) {
			t.Errorf("segment %d: date %v after %v", g.msn, g.date, dateEnd)
		}
		dateEnd = g.date.Add(g.dur)
		raw, whole := f.segmentBytes(g)
		got := f.checkMedia(g, raw, in, end)
		if whole && (got-g.dur).Abs() > 100*time.Microsecond {
			t.Errorf("segment %d: EXTINF %v, holds %v", g.msn, g.dur, got)
		}
		if whole && int(math.Round(g.dur.Seconds())) > p.target {
			t.Errorf("segment %d: %v is over the target", g.msn, g.dur)
		}
		for k, pt := range g.parts {
			if pt.dur > p.partTarget {
				t.Errorf("part %s: %v is over the target", pt.uri, pt.dur)
			}
			if k == 0 && !pt.independent {
				t.Errorf("part %s: a segment's first part is not independent", pt.uri)
			}
		}
	}
	return p
}

// segmentBytes joins a segment's parts, and compares with the segment itself.
func (f *feed) segmentBytes(g mSegment) (raw []byte, whole bool) {
	f.t.Helper()
	for _, pt := range g.parts {
		raw = append(raw, f.file(pt.uri)...)
	}
	if g.uri == "" {
		return raw, false
	}
	b := f.file(g.uri)
	if len(g.parts) > 0 && !bytes.Equal(raw, b) {
		f.t.Errorf("segment %s is not its parts", g.uri)
	}
	return b, true
}

// checkMedia decodes a segment's boxes: it begins with a key frame, and each
// track goes on where it ended. It gives the length of what cuts.
func (f *feed) checkMedia(g mSegment, raw []byte, in fmp4.Init, end map[int]time.Duration) time.Duration {
	t := f.t
	t.Helper()
	var parts fmp4.Parts
	if err := parts.Unmarshal(raw); err != nil {
		t.Fatalf("segment %d: %v", g.msn, err)
	}
	rate := map[int]int{}
	for _, tr := range in.Tracks {
		rate[tr.ID] = int(tr.TimeScale)
	}
	lead := in.Tracks[0].ID // the picture, if there is one
	var length time.Duration
	for i, p := range parts {
		if p.Tracks[0].ID != lead {
			t.Errorf("segment %d part %d has no %d", g.msn, i, lead)
		}
		for _, tr := range p.Tracks {
			at := int64(tr.BaseTime)
			off := fromTicks(at, rate[tr.ID]) - end[tr.ID]
			if e := end[tr.ID]; e != 0 && off.Abs() > time.Microsecond && (!g.disc || i > 0 || off < 0 || off > 100*time.Millisecond) {
				t.Errorf("segment %d part %d: track %d begins %v off its end", g.msn, i, tr.ID, off)
			}
			for _, s := range tr.Samples {
				at += int64(s.Duration)
				if tr.ID == lead {
					length += fromTicks(int64(s.Duration), rate[tr.ID])
				}
			}
			end[tr.ID] = fromTicks(at, rate[tr.ID])
		}
		if i == 0 && lead == videoTrack {
			checkKeyFrame(t, g, p.Tracks[0].Samples[0], in)
		}
	}
	return length
}

func checkKeyFrame(t testing.TB, g mSegment, s *fmp4.Sample, in fmp4.Init) {
	t.Helper()
	var au h264.AVCC
	if err := au.Unmarshal(s.Payload); err != nil || !h264.IsRandomAccess(au) || s.IsNonSyncSample {
		t.Errorf("segment %d does not begin with a key frame: %v", g.msn, err)
	}
	for _, n := range au {
		if k := n[0] & 31; k == 7 || k == 8 || k == 9 {
			t.Errorf("segment %d: NAL unit of type %d in a sample", g.msn, k)
		}
	}
	if c, ok := in.Tracks[0].Codec.(*codecs.H264); !ok || len(c.SPS) == 0 || len(c.PPS) == 0 {
		t.Errorf("segment %d: no parameter sets in the init section", g.msn)
	}
}

func TestAStreamReadsAsPromised(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	f.play(c, formatOf(c, 160, 90), 3, nil)
	p := f.check()
	if n := len(p.segments); n != 11 { // 12 s with a key frame each second; the twelfth is under way
		t.Errorf("%d segments", n)
	}
	for _, g := range p.segments {
		if g.dur != time.Second || g.disc || len(g.parts) > 0 && len(g.parts) != 5 {
			t.Errorf("segment %d: %v, %d parts, disc %v", g.msn, g.dur, len(g.parts), g.disc)
		}
	}
	if p.segments[0].date != noon || p.msn != noon.Unix() || p.dseq != 0 || p.hint == "" {
		t.Errorf("first date %v, msn %d, dseq %d, hint %q", p.segments[0].date, p.msn, p.dseq, p.hint)
	}
	if want := "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-STREAM-INF:BANDWIDTH="; !bytes.HasPrefix(f.view().index.raw, []byte(want)) ||
		!bytes.Contains(f.view().index.raw, []byte(",RESOLUTION=160x90,CODECS=\"avc1.42c00b,mp4a.40.2\"\nlow.m3u8\n")) {
		t.Errorf("index:\n%s", f.view().index.raw)
	}
	f.checkPlain(p)
	f.checkExports(p)
}

// checkPlain: the same segments, and no tag that an old player stumbles over.
func (f *feed) checkPlain(low *mPlaylist) {
	f.t.Helper()
	raw := f.view().plain.raw
	p := parseTB(f.t, raw)
	for _, tag := range []string{"PART", "SERVER-CONTROL", "PRELOAD", "SKIP"} {
		if bytes.Contains(raw, []byte(tag)) {
			f.t.Errorf("plain playlist has %s", tag)
		}
	}
	if p.version != 7 || p.target != low.target || p.msn != low.msn || len(p.segments) != len(low.segments) {
		f.t.Errorf("plain playlist:\n%s", raw)
	}
}

// checkExports: what a recording was given is what is served.
func (f *feed) checkExports(p *mPlaylist) {
	f.t.Helper()
	got := map[string]Exported{}
	for _, e := range f.exports {
		got[e.Name] = e
	}
	for _, g := range p.segments {
		e, in := got[g.uri], got[g.init]
		if !bytes.Equal(e.Data, f.file(g.uri)) || e.Duration.Round(10*time.Microsecond) != g.dur || e.Discontinuity != g.disc || e.Stream != "s" ||
			e.InitName != g.init || !in.Init || !bytes.Equal(in.Data, f.file(g.init)) {
			f.t.Errorf("export of %s: %d bytes, %v, disc %v", g.uri, len(e.Data), e.Duration, e.Discontinuity)
		}
	}
}

// TestRepublishAndRotation: a new publisher with times of its own, then another
// resolution in the same session. Numbers, dates and media time go on.
func TestRepublishAndRotation(t *testing.T) {
	f := newFeed(t, nil)
	wide, tall := clip(t, "wide.mp4"), clip(t, "tall.mp4")
	wf, tf := formatOf(wide, 160, 90), formatOf(tall, 90, 160)
	f.play(wide, wf, 1, nil)
	f.m.setState(media.Away)
	away := f.low()
	if !away.tailDisc || away.hint != "" || away.open != nil || len(away.segments) != 4 {
		t.Fatalf("away:\n%s", f.view().low.raw)
	}
	f.session, f.at, f.now = 2, 5*time.Hour, f.now.Add(7*time.Second)
	f.m.setState(media.Live)
	f.play(wide, wf, 1, nil)
	f.play(tall, tf, 2, nil)
	p := f.check()
	var disc []int64
	inits := map[string]bool{}
	for _, g := range p.segments {
		inits[g.init] = true
		if g.disc {
			disc = append(disc, g.msn-p.msn)
		}
	}
	if !slices.Equal(disc, []int64{4, 8}) || len(inits) != 3 {
		t.Errorf("discontinuities at %v, %d init sections", disc, len(inits))
	}
	if d := p.segments[4].date.Sub(noon); d != 11*time.Second {
		t.Errorf("the second run is dated %v after the first began, want 11 s", d)
	}
	if !bytes.Contains(f.view().index.raw, []byte("RESOLUTION=90x160")) {
		t.Errorf("index:\n%s", f.view().index.raw)
	}
}

// TestDiscontinuityIsToldBeforeTheSegment: hls.js counts discontinuities for
// the segment to come; the tag may not appear later than the playlist in which
// that segment is next (it answered "discontinuity sequence mismatch").
func TestDiscontinuityIsToldBeforeTheSegment(t *testing.T) {
	f := newFeed(t, nil)
	wide, tall := clip(t, "wide.mp4"), clip(t, "tall.mp4")
	f.play(wide, formatOf(wide, 160, 90), 1, nil)
	var views []*mPlaylist
	s := tall.Samples()
	f.play(tall, formatOf(tall, 90, 160), 1, func(u *media.Unit) bool {
		views = append(views, f.low())
		return true
	})
	if len(views) != len(s) {
		t.Fatal("nothing was sent")
	}
	told := int64(-1)
	for _, p := range append(views, f.low()) {
		count := p.dseq
		for _, g := range p.segments {
			count = g.dseq
		}
		if p.open != nil {
			count = p.open.dseq
		} else if p.tailDisc {
			count++
		}
		next := p.msn + int64(len(p.segments)) // the segment under way or to come
		if next == told && count != 1 {
			t.Fatalf("segment %d changed its discontinuity sequence to %d", next, count)
		}
		if count == 1 && told < 0 {
			told = next
		}
	}
	if told < 0 {
		t.Error("no discontinuity")
	}
}

// TestDatesNeverGoBack: the machine's clock is set back an hour between runs.
func TestDatesNeverGoBack(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	f.play(c, formatOf(c, 160, 90), 1, nil)
	f.session, f.now = 2, f.now.Add(-time.Hour)
	f.play(c, formatOf(c, 160, 90), 1, nil)
	p := f.check() // holds the dates
	if len(p.segments) < 7 {
		t.Errorf("%d segments", len(p.segments))
	}
}

func TestNamesAreNotUsedTwice(t *testing.T) {
	a, b := newFeed(t, nil), newFeed(t, nil)
	if a.m.shelf.prefix == b.m.shelf.prefix || len(a.m.shelf.prefix) != 8 {
		t.Errorf("prefixes %q and %q", a.m.shelf.prefix, b.m.shelf.prefix)
	}
	// A restart a minute later: numbers and media time are ahead of before.
	c := newMuxer(a.m.cfg, "s", noon.Add(time.Minute), a.m.log)
	if c.shelf.next <= a.m.shelf.next || c.end <= a.m.end {
		t.Errorf("after a restart: msn %d after %d, media time %v after %v", c.shelf.next, a.m.shelf.next, c.end, a.m.end)
	}
}

// TestSilenceFillsMissingSound: the microphone is off for two seconds, and
// another time the sound begins late. A player must not wait for it.
func TestSilenceFillsMissingSound(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	from := f.at
	f.play(c, formatOf(c, 160, 90), 3, func(u *media.Unit) bool {
		at := u.DTS - from
		return u.Video || at > 500*time.Millisecond && at < 4*time.Second || at > 6*time.Second
	})
	p := f.check()
	var sound, silent int64
	for _, g := range p.segments {
		var parts fmp4.Parts
		if err := parts.Unmarshal(f.file(g.uri)); err != nil {
			t.Fatal(err)
		}
		for _, pt := range parts {
			for _, tr := range pt.Tracks {
				for _, s := range tr.Samples {
					if tr.ID == audioTrack {
						sound += int64(s.Duration)
						if bytes.Equal(s.Payload, f.m.run.quiet) {
							silent += int64(s.Duration)
						}
					}
				}
			}
		}
	}
	if d := fromTicks(sound, 44100); d < 10600*time.Millisecond || d > 11200*time.Millisecond {
		t.Errorf("%v of sound for 11 s of picture", d)
	}
	if d := fromTicks(silent, 44100); d < 2300*time.Millisecond || d > 2700*time.Millisecond {
		t.Errorf("%v of silence, want 2.5 s", d)
	}
}

// TestSoundThatNeverComesBack: parts carry silence while it is missing, not
// only once it has returned.
func TestSoundThatNeverComesBack(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	from := f.at
	f.play(c, formatOf(c, 160, 90), 2, func(u *media.Unit) bool { return u.Video || u.DTS-from < time.Second })
	p := f.check()
	for _, g := range p.segments {
		var parts fmp4.Parts
		if err := parts.Unmarshal(f.file(g.uri)); err != nil {
			t.Fatal(err)
		}
		var picture, sound time.Duration
		for _, pt := range parts {
			for _, tr := range pt.Tracks {
				at := int64(tr.BaseTime)
				for _, s := range tr.Samples {
					at += int64(s.Duration)
				}
				if tr.ID == audioTrack {
					sound = fromTicks(at, 44100)
				} else {
					picture = fromTicks(at, videoRate)
				}
			}
		}
		if lag := picture - sound; lag > audioLag+100*time.Millisecond {
			t.Errorf("segment %d: sound ends %v before the picture", g.msn, lag)
		}
	}
}

// TestSilenceIsAnAACFrame: it parses as what it should be.
func TestSilenceIsAnAACFrame(t *testing.T) {
	for ch := 1; ch <= 8; ch++ {
		a := &media.AudioFormat{Codec: media.AAC, AAC: mpeg4audio.AudioSpecificConfig{Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 48000}, Channels: ch}
		frame := silence(a)
		if ch > 2 {
			if frame != nil {
				t.Errorf("%d channels: silence of two", ch)
			}
			continue
		}
		if n, err := mpeg4audio.CountChannelsFromRawDataBlock(frame); err != nil || n != ch {
			t.Errorf("%d channels: parsed as %d, %v", ch, n, err)
		}
	}
}

// TestSilenceInOpus: the sound of a phone stays away for two seconds. One packet
// of silence is 20 ms, and says as many channels as the sound has.
func TestSilenceInOpus(t *testing.T) {
	for ch := 1; ch <= 2; ch++ {
		a := &media.AudioFormat{Codec: media.Opus, SampleRate: 48000, Channels: ch}
		quiet := silence(a)
		if audioTicks(a, quiet) != 960 || quiet[0]>>2&1 != byte(ch-1) {
			t.Errorf("%d channels: %x", ch, quiet)
		}
	}
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	format := formatOf(c, 160, 90)
	format.Audio = &media.AudioFormat{Codec: media.Opus, SampleRate: 48000, Channels: 2}
	from, next := f.at, f.at
	f.play(c, format, 2, func(u *media.Unit) bool {
		if !u.Video {
			return false
		}
		for ; next <= u.DTS; next += 20 * time.Millisecond {
			if at := next - from; at < time.Second || at >= 3*time.Second {
				f.m.unit(&media.Unit{Session: u.Session, Format: format, Key: true, DTS: next, PTS: next, At: u.At, Frame: []byte{0xfc, 1, 2}})
			}
		}
		return true
	})
	heard, silent := f.sound(960)
	if heard < 4*time.Second || heard > 5600*time.Millisecond || silent < 1900*time.Millisecond || silent > 2100*time.Millisecond {
		t.Errorf("%v heard and %v of silence in %v", heard, silent, 2*c.Length())
	}
}

// sound reads what was written: what came from the publisher, and silence.
func (f *feed) sound(frame uint32) (heard, silent time.Duration) {
	f.t.Helper()
	for _, g := range f.check().segments {
		var parts fmp4.Parts
		if err := parts.Unmarshal(f.file(g.uri)); err != nil {
			f.t.Fatal(err)
		}
		for _, pt := range parts {
			for _, tr := range pt.Tracks {
				for _, s := range tr.Samples {
					switch {
					case tr.ID != audioTrack:
					case s.Duration != frame:
						f.t.Errorf("a packet of %d ticks", s.Duration)
					case bytes.Equal(s.Payload, f.m.run.quiet):
						silent += fromTicks(int64(s.Duration), 48000)
					default:
						heard += fromTicks(int64(s.Duration), 48000)
					}
				}
			}
		}
	}
	return heard, silent
}

func TestSoundWithoutPictureAndPictureWithoutSound(t *testing.T) {
	c := clip(t, "wide.mp4")
	full := formatOf(c, 160, 90)
	for name, format := range map[string]*media.Format{"picture": {Video: full.Video}, "sound": {Audio: full.Audio}} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t, nil)
			f.play(c, &media.Format{Video: full.Video, Audio: format.Audio}, 3, func(u *media.Unit) bool {
				u.Format = format
				return u.Video == (name == "picture")
			})
			f.session++
			f.play(c, &media.Format{Video: full.Video, Audio: format.Audio}, 1, func(u *media.Unit) bool {
				u.Format = format
				return u.Video == (name == "picture")
			})
			p := f.check()
			if len(p.segments) < 5 {
				t.Errorf("%d segments", len(p.segments))
			}
			for i, g := range p.segments {
				if g.dur < 950*time.Millisecond && !p.segments[min(i+1, len(p.segments)-1)].disc {
					t.Errorf("segment of %v", g.dur)
				}
			}
		})
	}
}

// TestPictureComesLater: a publisher that begins with sound alone.
func TestPictureComesLater(t *testing.T) {
	c := clip(t, "wide.mp4")
	full := formatOf(c, 160, 90)
	f, sound := newFeed(t, nil), &media.Format{Audio: full.Audio}
	f.play(c, full, 1, func(u *media.Unit) bool {
		u.Format = sound
		return !u.Video
	})
	f.play(c, full, 1, nil)
	p := f.check()
	if last := p.segments[len(p.segments)-1]; last.dseq != 1 {
		t.Errorf("discontinuity sequence %d", last.dseq)
	}
}

// TestFewPictures: 4 a second. Parts are declared within the target, segments
// are as long as they are.
func TestFewPictures(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	n := 0
	f.play(c, formatOf(c, 160, 90), 3, func(u *media.Unit) bool {
		if u.Video {
			n++
		}
		return !u.Video || u.Key || n%8 == 0
	})
	f.check()
}

// TestPublisherWithRareKeyFrames: 12 s without one after the first. Segments
// stay within the target duration; they just do not begin with a key frame.
func TestPublisherWithRareKeyFrames(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	first := true
	f.play(c, formatOf(c, 160, 90), 3, func(u *media.Unit) bool {
		if u.Video && u.Key && !first {
			u.Key, u.NALs = false, u.NALs[2:]
		}
		first = first && !u.Video
		return true
	})
	p := f.low()
	if len(p.segments) != 2 {
		t.Fatalf("%d segments in 12 s", len(p.segments))
	}
	for i, g := range p.segments {
		if g.dur < 4*time.Second || g.dur >= 4500*time.Millisecond {
			t.Errorf("segment %d lasts %v", i, g.dur)
		}
		if got := len(g.parts) > 0 && g.parts[0].independent; got != (i == 0) && len(g.parts) > 0 {
			t.Errorf("segment %d: independent %v", i, got)
		}
	}
	if bytes.Contains(f.view().low.raw, []byte("INDEPENDENT-SEGMENTS")) {
		t.Error("claims what is not so")
	}
}

// TestHolesAndJumps of the publisher's clock end a run; small ones do not.
func TestHolesAndJumps(t *testing.T) {
	c := clip(t, "wide.mp4")
	for name, tc := range map[string]struct {
		jump time.Duration
		disc int
	}{
		"pause of 1.5 s": {1500 * time.Millisecond, 0},
		"pause of 5 s":   {5 * time.Second, 1},
		"a day ahead":    {24 * time.Hour, 1},
		"50 ms back":     {-50 * time.Millisecond, 0},
		"an hour back":   {-time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t, nil)
			f.at = 2 * time.Hour
			format := formatOf(c, 160, 90)
			f.play(c, format, 1, nil)
			f.at += tc.jump
			if tc.jump > 0 {
				f.now = f.now.Add(tc.jump)
			}
			f.play(c, format, 1, nil)
			p := f.check()
			n := 0
			for _, g := range p.segments {
				if g.disc {
					n++
				}
			}
			if n != tc.disc {
				t.Errorf("%d discontinuities, want %d", n, tc.disc)
			}
		})
	}
}

// TestWindowAndMemory: an hour of stream costs no more than its window; what
// left the playlist is served a little longer; removed discontinuities count.
func TestWindowAndMemory(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	for i := range 60 {
		f.session = uint64(i + 1)
		f.play(c, formatOf(c, 160, 90), 1, nil)
	}
	p := f.check()
	s := f.m.shelf
	if d := total(s.listed); d > defaultWindow || d < defaultWindow-3*time.Second {
		t.Errorf("%v listed", d)
	}
	if d := total(s.leaving); d > defaultWindow {
		t.Errorf("%v kept after leaving", d)
	}
	if p.dseq != int64(p.segments[0].msn-noon.Unix())/4-b2i(p.segments[0].disc) {
		t.Errorf("discontinuity sequence %d at segment %d", p.dseq, p.msn-noon.Unix())
	}
	if old, _ := s.file(s.segmentName(p.msn - 5)); old == nil {
		t.Error("a segment that has just left the playlist is gone")
	}
	if old, _ := s.file(s.segmentName(p.msn - 50)); old != nil {
		t.Error("a segment of long ago is still there")
	}
	held := 0
	for _, l := range [][]*segment{s.listed, s.leaving} {
		for _, g := range l {
			held += g.size
		}
	}
	if s.cur != nil {
		held += s.cur.size
	}
	if held != s.bytes || len(s.inits) > 22 {
		t.Errorf("%d bytes held, %d counted; %d init sections", held, s.bytes, len(s.inits))
	}
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func TestMemoryLimitShortensTheWindow(t *testing.T) {
	f := newFeed(t, func(c *config) { c.maxBytes = 200_000 })
	c := clip(t, "wide.mp4")
	f.play(c, formatOf(c, 160, 90), 10, nil)
	s := f.m.shelf
	if s.bytes > 230_000 || len(s.leaving) != 0 || len(s.listed) < 3 {
		t.Errorf("%d bytes in %d + %d segments", s.bytes, len(s.listed), len(s.leaving))
	}
	f.check()
}

// TestDeltaUpdates leave out only what is old enough, and are otherwise the
// whole playlist.
func TestDeltaUpdates(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	f.play(c, formatOf(c, 160, 90), 2, nil)
	if !bytes.Equal(f.view().skip.raw, f.view().low.raw) {
		t.Error("a delta update of a short playlist")
	}
	f.play(c, formatOf(c, 160, 90), 8, nil)
	full, delta := f.low(), parseTB(t, f.view().skip.raw)
	if delta.skipped < 8 || delta.msn != full.msn || delta.dseq != full.dseq {
		t.Fatalf("skipped %d of %d", delta.skipped, len(full.segments))
	}
	var left time.Duration
	for i, g := range full.segments[delta.skipped:] {
		left += g.dur
		if d := delta.segments[i]; d.uri != g.uri || d.msn != g.msn || d.dur != g.dur || d.init != g.init || len(d.parts) != len(g.parts) {
			t.Errorf("segment %d differs", g.msn)
		}
	}
	if full.open != nil {
		for _, pt := range full.open.parts {
			left += pt.dur
		}
	}
	if left < 24*time.Second {
		t.Errorf("only the last %v are left; CAN-SKIP-UNTIL is 24 s", left)
	}
}

// TestFirstPictureDecides: units before a key frame, of another coding, or of
// nothing do no harm.
func TestFirstPictureDecides(t *testing.T) {
	f := newFeed(t, nil)
	c := clip(t, "wide.mp4")
	seen := 0
	f.play(c, formatOf(c, 160, 90), 2, func(u *media.Unit) bool {
		seen++
		return seen > 20 // begins in the middle of a group
	})
	p := f.check()
	if len(p.segments) < 6 {
		t.Errorf("%d segments", len(p.segments))
	}
	f.m.flush()
	f.m.flush()
	f.m.setState(media.Ended)
	if p := f.low(); !p.ended || p.hint != "" {
		t.Errorf("after the end:\n%s", f.view().low.raw)
	}
}

func TestOpusFitsIn(t *testing.T) {
	c := clip(t, "wide.mp4")
	format := formatOf(c, 160, 90)
	format.Audio = &media.AudioFormat{Codec: media.Opus, SampleRate: 48000, Channels: 2}
	f := newFeed(t, nil)
	var pts time.Duration
	f.play(c, format, 2, func(u *media.Unit) bool {
		if u.Video {
			return true
		}
		u.Frame = append([]byte{0xfc}, u.Frame...) // CELT, 20 ms
		if pts == 0 {
			pts = u.PTS
		}
		pts += 20 * time.Millisecond
		u.PTS, u.DTS = pts, pts
		return true
	})
	f.check()
	if !bytes.Contains(f.view().index.raw, []byte(`CODECS="avc1.42c00b,opus"`)) {
		t.Errorf("index:\n%s", f.view().index.raw)
	}
}

// TestTicksDoNotOverflow in a stream that counts from 1970 and runs for ever.
func TestTicksDoNotOverflow(t *testing.T) {
	for _, d := range []time.Duration{0, time.Nanosecond, time.Second / 3, time.Duration(noon.UnixNano()), 200 * 365 * 24 * time.Hour} {
		if got := fromTicks(ticks(d, videoRate), videoRate); (got - d).Abs() > time.Second/videoRate {
			t.Errorf("%v becomes %v", d, got)
		}
	}
}

func BenchmarkPart(b *testing.B) {
	c := clip(b, "wide.mp4")
	format := formatOf(c, 160, 90)
	for b.Loop() {
		f := newFeed(b, nil)
		f.play(c, format, 1, nil)
	}
}
