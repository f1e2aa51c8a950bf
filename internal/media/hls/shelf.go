package hls

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"lindu.example/lindu/internal/media"
)

// part is a piece of a segment that is served as soon as it is made.
type part struct {
	data  []byte
	dur   time.Duration
	start bool // a decoder can start here
}

// segment is a run of parts; its data is set when it is closed.
type segment struct {
	msn   int64
	init  int
	disc  bool // does not go on where the one before ended
	date  time.Time
	parts []part
	dur   time.Duration
	size  int
	data  []byte
}

// shelf holds what was made and what requests may have: the segments in the
// playlist, those that just left it, init sections, rendered playlists. The
// muxer's goroutine writes, under mu; requests read media under mu and
// playlists from the newest view.
type shelf struct {
	cfg    config
	stream string
	prefix string
	first  int64 // msn of the first segment; names count from it

	mu      sync.RWMutex
	inits   map[int][]byte
	format  *media.Format
	curInit int
	disc    bool       // the next segment is one after a discontinuity
	listed  []*segment // closed ones in the playlist
	leaving []*segment // no longer listed, still served
	cur     *segment   // under way, nil before its first part
	next    int64      // msn of the next segment to begin
	gone    int64      // discontinuities that have left the playlist
	bytes   int
	state   media.State

	now atomic.Pointer[view]
}

// newShelf starts counting at the present second: a segment lasts about one at
// least, so after a restart of the server the numbers are higher than before it.
func newShelf(cfg config, stream string, now int64) *shelf {
	var b [5]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24
	s := &shelf{cfg: cfg, stream: stream, first: now, next: now,
		prefix: strings.ToLower(base32.StdEncoding.EncodeToString(b[:])), inits: map[int][]byte{}, state: media.Idle}
	s.now.Store(&view{state: media.Idle, wake: make(chan struct{})})
	return s
}

func (s *shelf) initName(n int) string { return fmt.Sprintf("%s-i%d.mp4", s.prefix, n) }

func (s *shelf) segmentName(msn int64) string {
	return s.prefix + "-" + strconv.FormatInt(msn-s.first, 10) + ".m4s"
}

func (s *shelf) partName(msn int64, p int) string {
	return s.prefix + "-" + strconv.FormatInt(msn-s.first, 10) + "." + strconv.Itoa(p) + ".m4s"
}

// begin opens a run with its init section.
func (s *shelf) begin(n int, header []byte, f *media.Format) {
	s.mu.Lock()
	s.inits[n] = header
	s.curInit, s.format = n, f
	s.mu.Unlock()
	s.export(Exported{Name: s.initName(n), Init: true, Data: header})
}

// cut says that a run has ended: whatever comes next, it comes after a
// discontinuity. The playlist tells it at once, before the next segment exists:
// hls.js counts discontinuities for the segment to come too, and takes a change
// of mind for a broken playlist.
func (s *shelf) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.disc = len(s.listed) > 0 || s.cur != nil || s.disc
}

// addPart puts a part into the segment under way; date is where that began.
func (s *shelf) addPart(p part, date time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cur == nil {
		s.cur = &segment{msn: s.next, init: s.curInit, disc: s.disc, date: date}
		s.next++
		s.disc = false
	}
	s.cur.parts = append(s.cur.parts, p)
	s.cur.dur += p.dur
	s.cur.size += len(p.data)
	s.bytes += len(p.data)
}

// closeSegment lists the segment under way and lets old ones go.
func (s *shelf) closeSegment() {
	s.mu.Lock()
	seg := s.cur
	if seg == nil {
		s.mu.Unlock()
		return
	}
	s.cur = nil
	seg.join()
	s.listed = append(s.listed, seg)
	s.evict()
	s.mu.Unlock()
	s.export(Exported{Name: s.segmentName(seg.msn), Data: seg.data, Date: seg.date, Duration: seg.dur,
		Discontinuity: seg.disc, InitName: s.initName(seg.init)})
}

// join puts the parts behind one another; they stay readable in place.
func (g *segment) join() {
	g.data = make([]byte, 0, g.size)
	for i := range g.parts {
		from := len(g.data)
		g.data = append(g.data, g.parts[i].data...)
		g.parts[i].data = g.data[from:len(g.data):len(g.data)]
	}
}

// evict keeps the window listed, and what left it for as long again, because a
// playlist that names it may still be in a cache or on its way. Over the limit
// of bytes the oldest go first. The caller holds mu.
func (s *shelf) evict() {
	const keep = 3 // a playlist is never shorter
	for len(s.listed) > keep && (total(s.listed) > s.cfg.window || s.bytes > s.cfg.maxBytes && len(s.leaving) == 0) {
		g := s.listed[0]
		s.listed = append(s.listed[:0:0], s.listed[1:]...)
		s.leaving = append(s.leaving, g)
		if g.disc {
			s.gone++
		}
		s.shed()
	}
	s.shed()
	used := map[int]bool{s.curInit: true}
	for _, l := range [][]*segment{s.listed, s.leaving} {
		for _, g := range l {
			used[g.init] = true
		}
	}
	for n := range s.inits {
		if !used[n] {
			delete(s.inits, n)
		}
	}
}

// shed frees segments that left the playlist. The caller holds mu.
func (s *shelf) shed() {
	for len(s.leaving) > 0 && (total(s.leaving) > s.cfg.window || s.bytes > s.cfg.maxBytes) {
		s.bytes -= s.leaving[0].size
		s.leaving[0] = nil
		s.leaving = s.leaving[1:]
	}
}

func total(l []*segment) time.Duration {
	var d time.Duration
	for _, g := range l {
		d += g.dur
	}
	return d
}

func (s *shelf) setState(st media.State) {
	s.mu.Lock()
	changed := s.state != st
	s.state = st
	s.mu.Unlock()
	if changed {
		s.show()
	}
}

// file finds a piece of media by name: found, not yet made but next, or neither.
func (s *shelf) file(name string) (data []byte, soon bool) {
	rest, ok := strings.CutPrefix(name, s.prefix+"-")
	if !ok {
		return nil, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if n, ok := between(rest, "i", ".mp4"); ok {
		return s.inits[int(n)], false
	}
	rest, ok = strings.CutSuffix(rest, ".m4s")
	if !ok {
		return nil, false
	}
	seg, p, hasPart := strings.Cut(rest, ".")
	n, ok := number(seg)
	if !ok {
		return nil, false
	}
	g := s.segment(s.first + n)
	if !hasPart {
		if g == nil {
			return nil, false
		}
		return g.data, g.data == nil && s.state == media.Live
	}
	i, ok := number(p)
	switch {
	case !ok:
		return nil, false
	case g != nil && i < int64(len(g.parts)):
		return g.parts[i].data, false
	case s.state != media.Live:
		return nil, false
	case g != nil: // the part that is hinted
		return nil, g.data == nil && i == int64(len(g.parts))
	}
	return nil, s.first+n == s.next && i == 0
}

// segment finds one that is kept. The caller holds mu.
func (s *shelf) segment(msn int64) *segment {
	if s.cur != nil && s.cur.msn == msn {
		return s.cur
	}
	for _, l := range [][]*segment{s.listed, s.leaving} {
		if len(l) > 0 && msn >= l[0].msn && msn < l[0].msn+int64(len(l)) {
			return l[msn-l[0].msn]
		}
	}
	return nil
}

func between(s, before, after string) (int64, bool) {
	s, a := strings.CutPrefix(s, before)
	s, b := strings.CutSuffix(s, after)
	n, ok := number(s)
	return n, a && b && ok
}

// number reads digits only: no sign, no more than fit a name of ours.
func number(s string) (int64, bool) {
	if len(s) == 0 || len(s) > 12 {
		return 0, false
	}
	var n int64
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// Exported is a finished piece of a stream, for a recording.
type Exported struct {
	Stream        string
	Name          string // as in the playlists
	Init          bool   // an init section, or else a segment
	Data          []byte // must not be changed
	Date          time.Time
	Duration      time.Duration
	Discontinuity bool
	InitName      string // the init section it needs
}

func (s *shelf) export(e Exported) {
	if s.cfg.export != nil {
		e.Stream = s.stream
		s.cfg.export(e)
	}
}

// bandwidth is the highest and the mean bit rate of what is held. Before the
// first whole segment it is guessed from the parts.
func (s *shelf) bandwidth() (peak, mean int) {
	const least = 100_000
	var bytes, secs float64
	var top float64
	add := func(size int, d time.Duration) {
		if d > 0 {
			bytes, secs = bytes+float64(size), secs+d.Seconds()
			top = max(top, float64(size)/d.Seconds())
		}
	}
	for _, g := range s.listed {
		add(g.size, g.dur)
	}
	if secs == 0 && s.cur != nil {
		add(s.cur.size, s.cur.dur)
	}
	if secs == 0 {
		return least, least
	}
	return max(least, int(math.Ceil(top*8))), max(least, int(math.Ceil(bytes/secs*8)))
}
