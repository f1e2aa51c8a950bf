package loop

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/pmp4"
)

// A fragmented clip is read whole; an ordinary one only where it is played.
const maxFragmented = 64 << 20

// Clip is a parsed MP4.
type Clip struct {
	sps, pps []byte
	aac      *mpeg4audio.AudioSpecificConfig // nil: no sound
	samples  []Sample                        // by time
	length   time.Duration                   // of one turn
}

// Sample is one access unit of the clip.
type Sample struct {
	DTS, PTS time.Duration
	Video    bool
	Key      bool
	payload  func() ([]byte, error)
}

// Length is the duration of one turn.
func (c *Clip) Length() time.Duration { return c.length }

// Samples are the access units of one turn by time; not to be changed.
func (c *Clip) Samples() []Sample { return c.samples }

// Video is the parameter sets of the picture.
func (c *Clip) Video() (sps, pps []byte) { return c.sps, c.pps }

// Audio is the coding of the sound, nil if there is none.
func (c *Clip) Audio() *mpeg4audio.AudioSpecificConfig { return c.aac }

// Parse reads a clip of size bytes. r must stay readable as long as the clip
// is played, by one publisher at a time.
func Parse(r io.ReaderAt, size int64) (*Clip, error) {
	c := &Clip{}
	err := c.parsePlain(io.NewSectionReader(r, 0, size))
	if err != nil || len(c.samples) == 0 {
		if size > maxFragmented {
			return nil, fmt.Errorf("loop: no plain MP4, and more than %d MiB: %w", maxFragmented>>20, cmp.Or(err, errNoPicture))
		}
		c = &Clip{}
		if err2 := c.parseFragmented(r, size); err2 != nil {
			return nil, fmt.Errorf("loop: no MP4 clip: %w", errors.Join(err, err2))
		}
	}
	if c.sps == nil || c.length <= 0 {
		return nil, errNoPicture
	}
	slices.SortStableFunc(c.samples, func(a, b Sample) int { return cmp.Compare(a.DTS, b.DTS) })
	c.samples = slices.DeleteFunc(c.samples, func(s Sample) bool { return s.DTS < 0 || s.DTS >= c.length })
	if i := slices.IndexFunc(c.samples, func(s Sample) bool { return s.Video }); i < 0 || !c.samples[i].Key {
		return nil, errNoPicture
	}
	return c, nil
}

var errNoPicture = errors.New("loop: the clip has no H.264 picture that begins with a key frame")

func (c *Clip) parsePlain(r io.ReadSeeker) error {
	var p pmp4.Presentation
	if err := p.Unmarshal(r); err != nil {
		return err
	}
	for _, t := range p.Tracks {
		video, err := c.codec(t.Codec)
		if err != nil {
			return err
		}
		// The offset of a sound track is the encoder's priming, to be left out.
		var at int64
		if !video {
			at = int64(t.TimeOffset)
		}
		for _, s := range t.Samples {
			c.add(Sample{Video: video, Key: !s.IsNonSyncSample, payload: s.GetPayload},
				at, int64(s.PTSOffset), t.TimeScale)
			at += int64(s.Duration)
		}
		c.ends(video, at, t.TimeScale)
	}
	return nil
}

func (c *Clip) parseFragmented(r io.ReaderAt, size int64) error {
	all := io.NewSectionReader(r, 0, size)
	var in fmp4.Init
	if err := in.Unmarshal(all); err != nil {
		return err
	}
	raw := make([]byte, size)
	if _, err := r.ReadAt(raw, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var parts fmp4.Parts
	if err := parts.Unmarshal(raw); err != nil {
		return err
	}
	for _, t := range in.Tracks {
		video, err := c.codec(t.Codec)
		if err != nil {
			return err
		}
		var first, at int64 = -1, 0
		for _, p := range parts {
			for _, pt := range p.Tracks {
				if pt.ID != t.ID {
					continue
				}
				if first < 0 {
					first = int64(pt.BaseTime)
				}
				at = int64(pt.BaseTime) - first
				for _, s := range pt.Samples {
					// The flags of a fragment's first sample may stand where
					// mediacommon does not look, so the picture itself is asked.
					c.add(Sample{Video: video, Key: !video || isKey(s.Payload),
						payload: func() ([]byte, error) { return s.Payload, nil }}, at, int64(s.PTSOffset), t.TimeScale)
					at += int64(s.Duration)
				}
			}
		}
		c.ends(video, at, t.TimeScale)
	}
	return nil
}

func isKey(avcc []byte) bool {
	var a h264.AVCC
	return a.Unmarshal(avcc) == nil && h264.IsRandomAccess(a)
}

// codec takes a track's coding; one of each kind.
func (c *Clip) codec(codec codecs.Codec) (video bool, err error) {
	switch x := codec.(type) {
	case *codecs.H264:
		if c.sps != nil {
			return false, errors.New("more than one picture")
		}
		c.sps, c.pps = x.SPS, x.PPS
		return true, nil
	case *codecs.MPEG4Audio:
		if c.aac != nil {
			return false, errors.New("more than one sound")
		}
		c.aac = &x.Config
		return false, nil
	}
	return false, fmt.Errorf("codec %T; want H.264 and AAC", codec)
}

func (c *Clip) add(s Sample, at, ptsOffset int64, scale uint32) {
	s.DTS = inScale(at, scale)
	s.PTS = inScale(at+ptsOffset, scale)
	c.samples = append(c.samples, s)
}

// ends notes where a track ends; the picture decides.
func (c *Clip) ends(video bool, at int64, scale uint32) {
	if video {
		c.length = inScale(at, scale)
	}
}

func inScale(t int64, scale uint32) time.Duration {
	n := int64(scale)
	return time.Duration(t/n)*time.Second + time.Duration(t%n)*time.Second/time.Duration(n)
}

// Read gives the sample's NAL units, or its frame of sound.
func (s *Sample) Read() (nals [][]byte, frame []byte, err error) {
	frame, err = s.payload()
	if err != nil || !s.Video {
		return nil, frame, err
	}
	var a h264.AVCC
	err = a.Unmarshal(frame)
	return a, nil, err
}
