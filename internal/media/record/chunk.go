package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"

	"lindu.example/lindu/internal/media"
)

// Group is one group of pictures in a chunk.
type Group struct {
	Offset, Bytes int64 // in the chunk, with its prft box
	At            time.Time
	Duration      time.Duration
	Key           bool // begins with a key frame: a decoder can start here
}

// Chunk is a finished file of a recording.
type Chunk struct {
	ID, Stream, Run, Kind string

	Starts        time.Time // the world's time of its first picture
	Duration      time.Duration
	Bytes         int64
	SHA256        string // of the file, hex
	InitBytes     int64  // length of the header
	Codecs        string // RFC 6381
	Width, Height int    // pixels; 0 without picture
	Groups        []Group
}

// ErrEmpty means that a file holds no whole group.
var ErrEmpty = errors.New("record: no whole group of pictures")

// boxes of a chunk, ISO/IEC 14496-12.
const (
	boxHeader = 8
	prftBytes = 32
	ntpUnix   = 2208988800 // seconds from 1900, where NTP begins, to 1970
)

// prft is a producer reference time box: this media time (ticks of the track)
// is this time of the world. Flags 8: the clock is consistent, but not the
// encoder's.
func prft(track uint32, at time.Time, ticks uint64) []byte {
	b := make([]byte, 0, prftBytes)
	b = binary.BigEndian.AppendUint32(b, prftBytes)
	b = append(b, "prft"...)
	b = append(b, 1, 0, 0, 8)
	b = binary.BigEndian.AppendUint32(b, track)
	b = binary.BigEndian.AppendUint32(b, uint32(at.Unix()+ntpUnix))
	b = binary.BigEndian.AppendUint32(b, uint32(uint64(at.Nanosecond())<<32/uint64(time.Second)))
	return binary.BigEndian.AppendUint64(b, ticks)
}

// prftTime reads the world's time of a prft box to the microsecond.
func prftTime(b []byte) (time.Time, bool) {
	if len(b) < prftBytes || string(b[4:8]) != "prft" || b[8] != 1 {
		return time.Time{}, false
	}
	sec := int64(binary.BigEndian.Uint32(b[16:20])) - ntpUnix
	frac := uint64(binary.BigEndian.Uint32(b[20:24]))
	nano := int64((frac*uint64(time.Second) + 1<<31) >> 32)
	return time.Unix(sec, nano).Round(time.Microsecond), true
}

// box reads the header of the box at the front of b: its kind and length. ok is
// false when b does not hold all of it.
func box(b []byte) (kind string, size int, ok bool) {
	if len(b) < boxHeader {
		return "", 0, false
	}
	n := uint64(binary.BigEndian.Uint32(b))
	if n == 1 { // a 64-bit length follows
		if len(b) < 16 {
			return "", 0, false
		}
		n = binary.BigEndian.Uint64(b[8:])
	}
	if n < boxHeader || n > uint64(len(b)) {
		return "", 0, false
	}
	return string(b[4:8]), int(n), true
}

// take takes the boxes of these kinds off the front of b, in this order.
func take(b []byte, kinds ...string) (size int, ok bool) {
	for _, want := range kinds {
		kind, n, ok := box(b[size:])
		if !ok || kind != want {
			return 0, false
		}
		size += n
	}
	return size, true
}

// Scan reads a chunk's file. A tail that is no whole group is left out: good is
// the length up to it. ErrEmpty if there is no whole group.
func Scan(b []byte) (c Chunk, good int64, err error) {
	head, ok := take(b, "ftyp", "moov")
	if !ok {
		return Chunk{}, 0, ErrEmpty
	}
	var in fmp4.Init
	if err := in.Unmarshal(bytes.NewReader(b[:head])); err != nil {
		return Chunk{}, 0, errors.Join(ErrEmpty, err)
	}
	c.InitBytes = int64(head)
	lead := c.describe(in)
	at := head
	for {
		n, ok := take(b[at:], "prft", "moof", "mdat")
		if !ok {
			break
		}
		g, err := readGroup(b[at:at+n], lead)
		if err != nil {
			break // damaged: what stands before it is whole
		}
		g.Offset, g.Bytes = int64(at), int64(n)
		c.Groups = append(c.Groups, g)
		c.Duration += g.Duration
		at += n
	}
	if len(c.Groups) == 0 {
		return Chunk{}, 0, ErrEmpty
	}
	c.Starts, c.Bytes = c.Groups[0].At, int64(at)
	sum := sha256.Sum256(b[:at])
	c.SHA256 = hex.EncodeToString(sum[:])
	return c, int64(at), nil
}

// describe notes the codecs and finds the track that cuts: the picture, or the
// sound where there is none.
func (c *Chunk) describe(in fmp4.Init) (lead *fmp4.InitTrack) {
	var names []string
	for _, t := range in.Tracks {
		switch x := t.Codec.(type) {
		case *codecs.H264:
			names = append(names, (&media.VideoFormat{SPS: x.SPS}).String())
			c.Width, c.Height = size(x.SPS)
			lead = t
		case *codecs.MPEG4Audio:
			names = append(names, fmt.Sprintf("mp4a.40.%d", x.Config.Type))
		case *codecs.Opus:
			names = append(names, "opus")
		}
		if lead == nil {
			lead = t
		}
	}
	c.Codecs = strings.Join(names, ",")
	return lead
}

// readGroup reads one group: prft, moof, mdat.
func readGroup(b []byte, lead *fmp4.InitTrack) (Group, error) {
	at, ok := prftTime(b)
	if !ok || lead == nil {
		return Group{}, errors.New("record: no time")
	}
	var parts fmp4.Parts
	if err := parts.Unmarshal(b[prftBytes:]); err != nil {
		return Group{}, err
	}
	g := Group{At: at}
	for _, p := range parts {
		for _, t := range p.Tracks {
			if t.ID != lead.ID {
				continue
			}
			var ticks int64
			for i, s := range t.Samples {
				ticks += int64(s.Duration)
				g.Key = g.Key || i == 0 && isKey(lead, s)
			}
			g.Duration += time.Duration(ticks) * time.Second / time.Duration(lead.TimeScale)
		}
	}
	if g.Duration <= 0 {
		return Group{}, errors.New("record: no picture")
	}
	return g, nil
}
