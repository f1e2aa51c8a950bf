package hls

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4/seekablebuffer"

	"lindu.example/lindu/internal/media"
)

// muxer cuts one stream. One goroutine writes (unit, flush, setState); what it
// makes goes to the shelf, from which any number of requests read.
type muxer struct {
	cfg   config
	log   *slog.Logger
	shelf *shelf

	run      *run
	end      time.Duration // media time up to which everything is written
	endDate  time.Time     // the world's time at end
	sequence uint32        // of the last part
	inits    int           // init sections made

	// The part under way.
	video, audio         []*fmp4.Sample
	videoStart           int64 // ticks of the first picture in it
	audioStart           int64
	videoTicks, aTicks   int64 // length so far
	segTicks, segAtTicks int64 // length and start of the segment, in ticks of what cuts
}

// config is what Origin sets for its muxers.
type config struct {
	partTarget time.Duration // PART-TARGET
	segmentMin time.Duration // a key frame after this cuts
	segmentMax time.Duration // and this cuts without one
	target     int           // TARGETDURATION, seconds
	window     time.Duration // listed
	maxBytes   int           // kept in memory
	export     func(Exported)
}

func newMuxer(cfg config, id string, now time.Time, log *slog.Logger) *muxer {
	// Media time begins at the present second, so it goes on over a restart too.
	return &muxer{cfg: cfg, log: log, shelf: newShelf(cfg, id, now.Unix()), end: time.Duration(now.Unix()) * time.Second}
}

// unit takes the next access unit.
func (m *muxer) unit(u *media.Unit) {
	if m.run != nil && m.run.breaks(u) {
		m.flush()
	}
	if m.run == nil && (!starts(u) || !m.begin(u)) {
		return
	}
	var err error
	if u.Video {
		err = m.picture(u)
	} else {
		err = m.sound(u)
	}
	if err != nil { // our own writer failed: start afresh at the next key frame
		m.log.Error("hls: muxer", "stream", m.shelf.stream, "err", err)
		m.flush()
	}
}

// begin opens a run at u.
func (m *muxer) begin(u *media.Unit) bool {
	header, err := initSection(u.Format)
	if err != nil {
		m.log.Error("hls: muxer", "stream", m.shelf.stream, "err", err)
		return false
	}
	date := u.At
	if date.Before(m.endDate) {
		date = m.endDate // the machine's clock went back, or a burst ran ahead of it
	}
	m.inits++
	r := &run{session: u.Session, format: u.Format, init: m.inits, src: u.DTS, base: m.end, date: date, last: u.DTS}
	if a := u.Format.Audio; a != nil {
		r.audio = ticks(r.base, a.SampleRate)
		r.quiet = silence(a)
	}
	m.run = r
	m.shelf.begin(r.init, header, u.Format)
	return true
}

// rate is the tick of what cuts: the picture, or sound where there is none.
func (m *muxer) rate() int {
	if m.run.format.Video != nil {
		return videoRate
	}
	return m.run.format.Audio.SampleRate
}

// picture writes the picture before u, whose length is known now, and keeps u.
func (m *muxer) picture(u *media.Unit) error {
	s, err := videoSample(u)
	if err != nil {
		return err
	}
	r := m.run
	r.last = u.DTS
	start := ticks(r.at(u.DTS), videoRate)
	if p := r.pending; p != nil {
		start = max(start, p.start+1) // a clock that stood still or went back a little
		r.frame = start - p.start
		if err := m.addPicture(p, r.frame); err != nil {
			return err
		}
	}
	r.pending = &frame{sample: s, start: start}
	if u.Key && fromTicks(m.segTicks, videoRate) >= m.cfg.segmentMin {
		return m.closeSegment()
	}
	return nil
}

// addPicture puts a picture of known length into the part, after closing what
// it does not fit into.
func (m *muxer) addPicture(p *frame, length int64) error {
	p.sample.Duration = uint32(length)
	if m.segTicks > 0 && fromTicks(m.segTicks+length, videoRate) > m.cfg.segmentMax {
		if err := m.closeSegment(); err != nil {
			return err
		}
	}
	part := ticks(m.cfg.partTarget, videoRate)
	if m.videoTicks > 0 && m.videoTicks+length > part {
		if err := m.closePart(); err != nil {
			return err
		}
	}
	if m.videoTicks == 0 {
		m.videoStart = p.start
	}
	if m.segTicks == 0 {
		m.segAtTicks = p.start
	}
	m.video = append(m.video, p.sample)
	m.videoTicks += length
	m.segTicks += length
	// When the next picture will surely not fit, the part need not wait for it.
	if m.videoTicks+length > part+ticks(10*time.Millisecond, videoRate) {
		return m.closePart()
	}
	return nil
}

// sound writes one frame, on a time line that counts frames.
func (m *muxer) sound(u *media.Unit) error {
	r, a := m.run, m.run.format.Audio
	if u.Format.Audio != a {
		return nil // another coding: it begins with the next run
	}
	when, ok := r.soundAt(u)
	if !ok {
		return nil
	}
	length := audioTicks(a, u.Frame)
	at := ticks(when, a.SampleRate)
	slack := ticks(audioSlack, a.SampleRate)
	switch off := at - r.audio; {
	case at+length <= ticks(r.base, a.SampleRate):
		return nil // belongs before the run's first picture
	case off > slack, !r.heard && off > length:
		if !m.fill(at) {
			m.stretch(off)
		}
	case off < -slack:
		return nil // sound for this moment is written already
	case !r.heard && off > 0:
		r.audio = at
	}
	r.heard = true
	if r.format.Video == nil {
		r.last = u.DTS
		if err := m.cutSound(length); err != nil {
			return err
		}
	}
	m.addSound(u.Frame, length)
	return nil
}

func (m *muxer) addSound(frame []byte, length int64) {
	if len(m.audio) == 0 {
		m.audioStart, m.aTicks = m.run.audio, 0
	}
	m.audio = append(m.audio, &fmp4.Sample{Duration: uint32(length), Payload: frame})
	m.run.audio += length
	m.aTicks += length
	if m.run.format.Video == nil {
		if m.segTicks == 0 {
			m.segAtTicks = m.audioStart
		}
		m.segTicks += length
	}
}

// cutSound closes parts and segments of a stream without picture.
func (m *muxer) cutSound(length int64) error {
	rate := m.run.format.Audio.SampleRate
	if fromTicks(m.segTicks, rate) >= 2*m.cfg.segmentMin {
		return m.closeSegment()
	}
	if m.aTicks > 0 && len(m.audio) > 0 && m.aTicks+length > ticks(m.cfg.partTarget, rate) {
		return m.closePart()
	}
	return nil
}

// fill writes silence up to a moment, in ticks of the sound. It can't without
// a silent frame, and does not without a picture: there nothing waits for sound.
func (m *muxer) fill(to int64) bool {
	r := m.run
	if r.quiet == nil || r.format.Video == nil {
		return false
	}
	length := audioTicks(r.format.Audio, r.quiet)
	for n := (to - r.audio) / length; n > 0; n-- {
		m.addSound(r.quiet, length)
	}
	return true
}

// stretch covers a hole that can't be filled: the last frame of the part lasts
// longer, or the next part begins later.
func (m *muxer) stretch(gap int64) {
	if n := len(m.audio); n > 0 {
		m.audio[n-1].Duration += uint32(gap)
		m.aTicks += gap
	}
	if m.run.format.Video == nil && m.segTicks > 0 {
		m.segTicks += gap
	}
	m.run.audio += gap
}

// closePart hands the part under way to the shelf and shows it.
func (m *muxer) closePart() error {
	if err := m.shelve(); err != nil {
		return err
	}
	m.shelf.show()
	return nil
}

// closeSegment ends the part and the segment together.
func (m *muxer) closeSegment() error {
	if err := m.shelve(); err != nil {
		return err
	}
	m.segTicks = 0
	m.shelf.closeSegment()
	m.shelf.show()
	return nil
}

// shelve packs the part under way.
func (m *muxer) shelve() error {
	m.catchUp()
	cut := m.videoTicks
	if m.run.format.Video == nil {
		cut = m.aTicks
	}
	if cut == 0 || len(m.video)+len(m.audio) == 0 {
		return nil
	}
	m.sequence++
	p := fmp4.Part{SequenceNumber: m.sequence}
	if len(m.video) > 0 {
		p.Tracks = append(p.Tracks, &fmp4.PartTrack{ID: videoTrack, BaseTime: uint64(m.videoStart), Samples: m.video})
	}
	if len(m.audio) > 0 {
		p.Tracks = append(p.Tracks, &fmp4.PartTrack{ID: audioTrack, BaseTime: uint64(m.audioStart), Samples: m.audio})
	}
	var buf seekablebuffer.Buffer
	if err := p.Marshal(&buf); err != nil {
		return fmt.Errorf("hls: part: %w", err)
	}
	m.shelf.addPart(part{
		data:  buf.Bytes(),
		dur:   fromTicks(cut, m.rate()),
		start: len(m.video) == 0 || !m.video[0].IsNonSyncSample,
	}, m.run.dateAt(fromTicks(m.segAtTicks, m.rate())))
	m.video, m.audio, m.videoTicks, m.aTicks = nil, nil, 0, 0
	return nil
}

// catchUp fills sound that has stayed away behind the picture.
func (m *muxer) catchUp() {
	a := m.run.format.Audio
	if a == nil || m.run.format.Video == nil {
		return
	}
	seen := fromTicks(m.videoStart+m.videoTicks, videoRate)
	if seen-fromTicks(m.run.audio, a.SampleRate) > audioLag {
		m.fill(ticks(seen-audioFillLag, a.SampleRate))
	}
}

// flush ends the run: the pending picture is written, both tracks are brought
// to the same end so that the next run joins without a hole, and the segment is
// closed.
func (m *muxer) flush() {
	r := m.run
	if r == nil {
		return
	}
	var err error
	if p := r.pending; p != nil {
		r.pending = nil
		err = m.addPicture(p, m.lastLength(p))
	}
	if err == nil {
		err = m.shelve()
	}
	if err != nil {
		m.log.Error("hls: muxer", "stream", m.shelf.stream, "err", err)
	}
	m.shelf.cut()
	m.shelf.closeSegment()
	m.shelf.show()
	if a := r.format.Audio; a != nil {
		m.end = max(m.end, fromTicks(r.audio-m.aTicks, a.SampleRate)) // aTicks: not written
	}
	m.endDate = r.dateAt(m.end)
	m.run = nil
	m.video, m.audio, m.videoTicks, m.aTicks, m.segTicks = nil, nil, 0, 0, 0
}

// lastLength is how long a run's last picture stands: as long as the one
// before it, or until the end of the sound. Shorter sound is filled, and what
// went on for long without a picture is left out: nobody could have heard it.
func (m *muxer) lastLength(p *frame) int64 {
	r := m.run
	length := r.frame
	if length <= 0 || length > ticks(m.cfg.partTarget, videoRate) {
		length = videoRate / 30
	}
	if a := r.format.Audio; a != nil {
		over := ticks(fromTicks(r.audio, a.SampleRate), videoRate) - p.start
		if over >= ticks(time.Second, videoRate) {
			m.trim(ticks(fromTicks(p.start+length, videoRate), a.SampleRate))
		} else if over > length {
			length = over
		}
		m.fill(ticks(fromTicks(p.start+length, videoRate), a.SampleRate))
	}
	m.end = max(m.end, fromTicks(p.start+length, videoRate))
	return length
}

// trim leaves out sound of the part under way that begins after a moment.
func (m *muxer) trim(to int64) {
	for n := len(m.audio); n > 0; n-- {
		length := int64(m.audio[n-1].Duration)
		if m.run.audio-length < to {
			return
		}
		m.audio = m.audio[:n-1]
		m.run.audio -= length
		m.aTicks -= length
	}
}

// setState follows the stream: viewers who wait must be told.
func (m *muxer) setState(s media.State) {
	if s == media.Away || s == media.Ended {
		m.flush()
	}
	m.shelf.setState(s)
}
