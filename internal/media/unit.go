package media

import (
	"time"
)

// Unit is one access unit: a picture or a frame of sound.
type Unit struct {
	Session uint64  // counts the publishers of the stream; a new one starts a new time line
	Format  *Format // how this unit is coded
	Video   bool    // picture, or else sound
	Key     bool    // an IDR: a decoder can start here; always true for sound

	// DTS and PTS are times on the publisher's own time line, which starts
	// anywhere and goes on within a Session; RTMP cuts them to milliseconds.
	DTS, PTS time.Duration
	At       time.Time // when it arrived, by the hub's clock

	// NALs are the parts of a picture without start codes or lengths. SPS and
	// PPS come first in an IDR, as WHEP and RTMP push need them.
	NALs [][]byte
	// Frame is one AAC access unit or one Opus packet.
	Frame []byte

	size int
}

// Size is the payload in bytes.
func (u *Unit) Size() int { return u.size }

// Item is what a sink receives: a unit, or a change of the stream's state in
// its place between the units.
type Item struct {
	Unit  *Unit
	State State // set when Unit is nil
}

// State is what viewers of a stream see; doc.go draws the moves.
type State string

const (
	Idle  State = "idle"  // nothing to see yet
	Live  State = "live"  // the picture moves
	Away  State = "away"  // it stopped and may come back: show the slate
	Ended State = "ended" // it will not come back
)

// Limits of one unit. 4 MiB a picture is 1 Gbit/s at 30 pictures a second.
const (
	maxUnitBytes  = 4 << 20
	maxFrameBytes = 64 << 10
)

// NAL unit types of H.264 (ITU-T H.264, table 7-1).
const (
	nalIDR  = 5
	nalSPS  = 7
	nalPPS  = 8
	nalAUD  = 9
	nalFill = 12
)

// picture is a normalised H.264 access unit.
type picture struct {
	nals     [][]byte // without delimiter, filler and parameter sets
	sps, pps []byte   // parameter sets that came inside, nil if none
	key      bool
	size     int
}

// normalise sorts the NAL units of one access unit. A second PPS stays inside:
// the init section has room for one.
func normalise(au [][]byte) picture {
	p := picture{nals: make([][]byte, 0, len(au)+2)}
	for _, n := range au {
		if len(n) == 0 {
			continue
		}
		switch t := n[0] & 0x1f; {
		case t == nalAUD, t == nalFill:
		case t == nalSPS:
			p.sps = n
		case t == nalPPS && p.pps == nil:
			p.pps = n
		default:
			p.key = p.key || t == nalIDR
			p.nals = append(p.nals, n)
			p.size += len(n)
		}
	}
	return p
}
