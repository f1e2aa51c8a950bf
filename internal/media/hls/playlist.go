package hls

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strconv"
	"sync"
	"time"

	"lindu.example/lindu/internal/media"
)

// doc is a playlist as it goes out, rendered and compressed once for all.
type doc struct {
	raw, gz []byte
}

// view is what requests see between two parts. It is never changed.
type view struct {
	state media.State
	// The newest media: the part before nextPart of segment msn exists, and all
	// segments before msn are closed. With nothing yet, ready is false.
	msn      int64
	nextPart int
	ready    bool // there is a part
	whole    bool // there are segments enough for a plain player

	index, low, skip, plain doc

	wake chan struct{} // closed when the next view stands
}

const (
	listParts  = 6 * time.Second // older parts are of no use to anyone at the live edge
	plainLeast = 3               // segments in the first plain playlist
	dateForm   = "2006-01-02T15:04:05.000Z07:00"
)

// show renders the playlists and wakes who waits for them.
func (s *shelf) show() {
	s.mu.RLock()
	v := &view{state: s.state, wake: make(chan struct{})}
	v.msn = s.next
	if s.cur != nil {
		v.msn, v.nextPart = s.cur.msn, len(s.cur.parts)
	}
	// Chromium's own player takes a playlist of fewer for a broken one. A stream
	// that has stopped shows what there is.
	v.whole = len(s.listed) >= plainLeast || (len(s.listed) > 0 && s.state != media.Live)
	v.ready = len(s.listed) > 0 || s.cur != nil
	if v.ready {
		v.index = pack(s.renderIndex())
		v.low = pack(s.renderLow(false))
		v.skip = v.low
		if s.skippable() > 0 {
			v.skip = pack(s.renderLow(true))
		}
	}
	if v.whole {
		v.plain = pack(s.renderPlain())
	}
	s.mu.RUnlock()
	close(s.now.Swap(v).wake)
}

// zippers are kept, because a new one costs a megabyte.
var zippers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return w
}}

func pack(raw []byte) doc {
	var b bytes.Buffer
	w := zippers.Get().(*gzip.Writer)
	w.Reset(&b)
	_, _ = w.Write(raw) // a bytes.Buffer takes all
	_ = w.Close()
	zippers.Put(w)
	return doc{raw: raw, gz: b.Bytes()}
}

// renderIndex is the multivariant playlist. Chromium's players ask for the
// codecs before they fetch anything else.
func (s *shelf) renderIndex() []byte {
	var b bytes.Buffer
	peak, mean := s.bandwidth()
	b.WriteString("#EXTM3U\n#EXT-X-VERSION:9\n")
	fmt.Fprintf(&b, "#EXT-X-STREAM-INF:BANDWIDTH=%d,AVERAGE-BANDWIDTH=%d", peak, mean)
	codecs := ""
	if v := s.format.Video; v != nil {
		fmt.Fprintf(&b, ",RESOLUTION=%dx%d", v.Width, v.Height)
		codecs = v.String()
	}
	if a := s.format.Audio; a != nil {
		if codecs != "" {
			codecs += ","
		}
		codecs += a.String()
	}
	fmt.Fprintf(&b, ",CODECS=\"%s\"\nlow.m3u8\n", codecs)
	return b.Bytes()
}

// skippable is how many segments a delta update leaves out: those further from
// the end than six target durations (RFC 8216bis, 4.4.5.2).
func (s *shelf) skippable() int {
	left := total(s.listed)
	if s.cur != nil {
		left += s.cur.dur
	}
	for i, g := range s.listed {
		left -= g.dur
		if left < s.skipUntil() {
			return i
		}
	}
	return 0
}

func (s *shelf) skipUntil() time.Duration { return 6 * time.Duration(s.cfg.target) * time.Second }

// renderLow is the low-latency playlist, whole or as a delta update.
func (s *shelf) renderLow(delta bool) []byte {
	var b bytes.Buffer
	target := s.cfg.partTarget.Seconds()
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:%d\n", s.cfg.target)
	fmt.Fprintf(&b, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=%.3f,CAN-SKIP-UNTIL=%.1f\n",
		3*target, s.skipUntil().Seconds())
	fmt.Fprintf(&b, "#EXT-X-PART-INF:PART-TARGET=%.5f\n", target)
	s.renderNumbers(&b)
	skip := 0
	if delta {
		skip = s.skippable()
		fmt.Fprintf(&b, "#EXT-X-SKIP:SKIPPED-SEGMENTS=%d\n", skip)
	}
	young := s.youngest()
	init := -1
	for i, g := range s.listed[skip:] {
		init = s.renderHead(&b, g, init)
		if skip+i >= young {
			s.renderParts(&b, g)
		}
		s.renderSegment(&b, g)
	}
	if g := s.cur; g != nil {
		s.renderHead(&b, g, init)
		s.renderParts(&b, g)
	} else if s.disc && s.state != media.Ended {
		b.WriteString("#EXT-X-DISCONTINUITY\n") // before the segment it stands for; see cut
	}
	switch {
	case s.state == media.Ended:
		b.WriteString("#EXT-X-ENDLIST\n")
	case s.state == media.Live:
		fmt.Fprintf(&b, "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"%s\"\n", s.hint())
	}
	return b.Bytes()
}

// youngest is the index of the first listed segment whose parts are still of use.
func (s *shelf) youngest() int {
	var back time.Duration
	i := len(s.listed)
	for i > 0 && back < listParts {
		i--
		back += s.listed[i].dur
	}
	return i
}

func (s *shelf) hint() string {
	if s.cur != nil {
		return s.partName(s.cur.msn, len(s.cur.parts))
	}
	return s.partName(s.next, 0)
}

// renderPlain is the same without anything a player of 2016 does not know.
func (s *shelf) renderPlain() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%d\n", s.cfg.target)
	s.renderNumbers(&b)
	init := -1
	for _, g := range s.listed {
		init = s.renderHead(&b, g, init)
		s.renderSegment(&b, g)
	}
	if s.state == media.Ended {
		b.WriteString("#EXT-X-ENDLIST\n")
	}
	return b.Bytes()
}

// renderNumbers writes the counters that tell a player where it is.
func (s *shelf) renderNumbers(b *bytes.Buffer) {
	msn := s.next
	switch {
	case len(s.listed) > 0:
		msn = s.listed[0].msn
	case s.cur != nil:
		msn = s.cur.msn
	}
	fmt.Fprintf(b, "#EXT-X-MEDIA-SEQUENCE:%d\n#EXT-X-DISCONTINUITY-SEQUENCE:%d\n", msn, s.gone)
}

// renderHead writes what stands before a segment or its first part, and gives
// the init section that is now in force.
func (s *shelf) renderHead(b *bytes.Buffer, g *segment, init int) int {
	if g.disc {
		b.WriteString("#EXT-X-DISCONTINUITY\n")
	}
	if g.init != init {
		fmt.Fprintf(b, "#EXT-X-MAP:URI=\"%s\"\n", s.initName(g.init))
	}
	b.WriteString("#EXT-X-PROGRAM-DATE-TIME:")
	b.WriteString(g.date.UTC().Format(dateForm))
	b.WriteByte('\n')
	return g.init
}

func (s *shelf) renderParts(b *bytes.Buffer, g *segment) {
	for i, p := range g.parts {
		// A single picture may last longer than a part should; the segment's
		// own length below is always the true one.
		dur := min(p.dur, s.cfg.partTarget)
		fmt.Fprintf(b, "#EXT-X-PART:DURATION=%.5f,URI=\"%s\"", dur.Seconds(), s.partName(g.msn, i))
		if p.start {
			b.WriteString(",INDEPENDENT=YES")
		}
		b.WriteByte('\n')
	}
}

func (s *shelf) renderSegment(b *bytes.Buffer, g *segment) {
	b.WriteString("#EXTINF:")
	b.WriteString(strconv.FormatFloat(g.dur.Seconds(), 'f', 5, 64))
	b.WriteString(",\n")
	b.WriteString(s.segmentName(g.msn))
	b.WriteByte('\n')
}
