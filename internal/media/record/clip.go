package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/pmp4"
)

// ErrNoPicture means that there is nothing between the two moments.
var ErrNoPicture = errors.New("record: no picture there")

// Clip cuts some minutes out of chunks into one ordinary MP4 that plays while it
// loads (its index stands in front), without coding anything anew. It begins at
// the last key frame not after From and ends with the last picture before To.
// Where the format changes in between, the longest stretch of one format is
// taken. Payloads wait in a temporary file; memory holds one chunk.
type Clip struct {
	From, To time.Time

	tmp    *os.File
	size   int64
	runs   []*stretch
	cur    *stretch
	header []byte
}

// ClipInfo tells what was cut.
type ClipInfo struct {
	Starts        time.Time
	Duration      time.Duration
	Width, Height int
}

// stretch is a part of the clip in one format.
type stretch struct {
	in     fmp4.Init
	lead   *fmp4.InitTrack
	starts time.Time
	tracks map[int]*line // by track id
	base   int64         // of the lead, what the next group should begin at
	origin map[int]int64 // media ticks that stand at 0 of the clip, by track id
}

// line is one track of the clip on the clip's own time.
type line struct {
	at      []int64 // ticks
	last    uint32  // length of the last sample
	samples []*pmp4.Sample
}

// NewClip makes a clip; Close removes its temporary file.
func NewClip(from, to time.Time, dir string) (*Clip, error) {
	f, err := os.CreateTemp(dir, "clip-*")
	if err != nil {
		return nil, fmt.Errorf("record: clip: %w", err)
	}
	return &Clip{From: from, To: to, tmp: f}, nil
}

// Close removes the temporary file.
func (c *Clip) Close() error { return errors.Join(c.tmp.Close(), os.Remove(c.tmp.Name())) }

// Add takes the next chunk's file, in the order they were shown.
func (c *Clip) Add(file []byte) error {
	chunk, _, err := Scan(file)
	if err != nil {
		return err
	}
	var in fmp4.Init
	if err := in.Unmarshal(bytes.NewReader(file[:chunk.InitBytes])); err != nil {
		return fmt.Errorf("record: clip: %w", err)
	}
	if head := file[:chunk.InitBytes]; !bytes.Equal(head, c.header) {
		c.header, c.cur = bytes.Clone(head), nil
	}
	for _, g := range chunk.Groups {
		if !g.At.Before(c.To) {
			break
		}
		if g.Key && !g.At.After(c.From) {
			c.runs, c.cur = nil, nil // a better place to begin
		}
		if c.cur == nil {
			if !g.Key || !g.At.Add(g.Duration).After(c.From) {
				continue
			}
			c.begin(in, g.At)
		}
		if err := c.group(file[g.Offset+prftBytes:g.Offset+g.Bytes], g); err != nil {
			return err
		}
	}
	return nil
}

func (c *Clip) begin(in fmp4.Init, at time.Time) {
	c.cur = &stretch{in: in, starts: at, tracks: map[int]*line{}, base: -1}
	var ch Chunk
	c.cur.lead = ch.describe(in)
	for _, t := range in.Tracks {
		c.cur.tracks[t.ID] = &line{}
	}
	c.runs = append(c.runs, c.cur)
}

// group puts the samples of one group at their place.
func (c *Clip) group(b []byte, g Group) error {
	var parts fmp4.Parts
	if err := parts.Unmarshal(b); err != nil {
		return fmt.Errorf("record: clip: %w", err)
	}
	s := c.cur
	for _, p := range parts {
		for _, t := range p.Tracks {
			if t.ID == s.lead.ID {
				s.anchor(int64(t.BaseTime))
			}
		}
		for _, t := range p.Tracks {
			if err := c.track(t, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// anchor lines the clip's time up with a group that begins at base ticks of the
// lead: at the beginning, and again after a hole, which the clip leaves out.
func (s *stretch) anchor(base int64) {
	if s.base == base {
		return
	}
	scale := int64(s.lead.TimeScale)
	var end int64 // in the lead's ticks
	for _, t := range s.in.Tracks {
		if l := s.tracks[t.ID]; len(l.at) > 0 {
			end = max(end, (l.at[len(l.at)-1]+int64(l.last))*scale/int64(t.TimeScale))
		}
	}
	s.origin = map[int]int64{}
	for _, t := range s.in.Tracks {
		s.origin[t.ID] = (base - end) * int64(t.TimeScale) / scale
	}
}

// track adds one track's samples of a group.
func (c *Clip) track(t *fmp4.PartTrack, g Group) error {
	s := c.cur
	l := s.tracks[t.ID]
	if l == nil {
		return nil
	}
	lead := t.ID == s.lead.ID
	at := int64(t.BaseTime) - s.origin[t.ID]
	var in int64 // since the group's beginning
	for _, x := range t.Samples {
		late := lead && !g.At.Add(time.Duration(in)*time.Second/time.Duration(s.lead.TimeScale)).Before(c.To)
		early := at < 0 || len(l.at) > 0 && at <= l.at[len(l.at)-1]
		if !late && !early {
			if err := c.sample(l, x, at, lead && !isKey(s.lead, x)); err != nil {
				return err
			}
		}
		at += int64(x.Duration)
		in += int64(x.Duration)
	}
	if lead {
		s.base = int64(t.BaseTime) + in
	}
	return nil
}

// sample writes a payload aside and notes where.
func (c *Clip) sample(l *line, x *fmp4.Sample, at int64, nonSync bool) error {
	if _, err := c.tmp.WriteAt(x.Payload, c.size); err != nil {
		return fmt.Errorf("record: clip: %w", err)
	}
	from, n := c.size, len(x.Payload)
	c.size += int64(n)
	l.at = append(l.at, at)
	l.last = x.Duration
	l.samples = append(l.samples, &pmp4.Sample{PTSOffset: x.PTSOffset, IsNonSyncSample: nonSync, PayloadSize: uint32(n),
		GetPayload: func() ([]byte, error) {
			b := make([]byte, n)
			_, err := c.tmp.ReadAt(b, from)
			return b, err
		}})
	return nil
}

// Write writes the clip. ErrNoPicture if there is nothing to write.
func (c *Clip) Write(w io.Writer) (ClipInfo, error) {
	var best *stretch
	for _, s := range c.runs {
		if len(s.tracks[s.lead.ID].at) > 0 && (best == nil || s.length() > best.length()) {
			best = s
		}
	}
	if best == nil {
		return ClipInfo{}, ErrNoPicture
	}
	out := pmp4.Presentation{}
	for _, t := range best.in.Tracks {
		if l := best.tracks[t.ID]; len(l.at) > 0 {
			out.Tracks = append(out.Tracks, l.finish(t, best.ticksOf(t)))
		}
	}
	if err := out.Marshal(w); err != nil {
		return ClipInfo{}, fmt.Errorf("record: clip: %w", err)
	}
	info := ClipInfo{Starts: best.starts, Duration: best.length()}
	if h, ok := best.lead.Codec.(*codecs.H264); ok {
		info.Width, info.Height = size(h.SPS)
	}
	return info, nil
}

// length is how long the lead lasts.
func (s *stretch) length() time.Duration {
	return time.Duration(s.ticksOf(s.lead)) * time.Second / time.Duration(s.lead.TimeScale)
}

// ticksOf is where the lead ends, in a track's ticks.
func (s *stretch) ticksOf(t *fmp4.InitTrack) int64 {
	l := s.tracks[s.lead.ID]
	end := l.at[len(l.at)-1] + int64(l.last)
	return end * int64(t.TimeScale) / int64(s.lead.TimeScale)
}

// finish makes the track: a sample lasts until the next one begins, which also
// covers holes; what begins after the picture's end is left out.
func (l *line) finish(t *fmp4.InitTrack, end int64) *pmp4.Track {
	n := len(l.at)
	for n > 1 && l.at[n-1] >= end {
		n--
	}
	out := &pmp4.Track{ID: t.ID, TimeScale: t.TimeScale, Codec: t.Codec, TimeOffset: int32(l.at[0]), Samples: l.samples[:n]}
	for i := range n {
		out.Samples[i].Duration = l.last
		if i+1 < len(l.at) {
			out.Samples[i].Duration = uint32(l.at[i+1] - l.at[i])
		}
	}
	return out
}
