package hls

import (
	"log/slog"
	"time"

	"lindu.example/lindu/internal/media"
)

// Piece is what a Cutter gives: the header of a run of media, or one group of
// pictures.
type Piece struct {
	// Init is the header (ftyp, moov) of the groups that follow: a new one for
	// every publisher, format, or hole. Format says how they are coded.
	Init   []byte
	Format *media.Format
	// Group is one moof and mdat that begins at a key frame where the publisher
	// sends any; Date is the world's time of its first picture.
	Group    []byte
	Date     time.Time
	Duration time.Duration
}

// Limits of a group.
const (
	// groupMin joins groups shorter than this, and gives sound without picture
	// its pieces.
	groupMin = 250 * time.Millisecond
	// groupMax cuts a group whose publisher sends no key frame for so long.
	groupMax = 10 * time.Second
)

// Cutter cuts a stream into groups of pictures on the time line that the origin
// serves, for a recording: the same joins, the same silence. One goroutine uses
// it; give is called on it.
type Cutter struct {
	m *muxer
}

// NewCutter makes a cutter that hands what it cuts to give, which may keep the
// bytes and must not change them.
func NewCutter(stream string, log *slog.Logger, give func(Piece)) *Cutter {
	c := &Cutter{}
	cfg := config{partTarget: 2 * groupMax, segmentMin: groupMin, segmentMax: groupMax, target: int(groupMax / time.Second), window: 1, maxBytes: 1}
	cfg.export = func(e Exported) {
		if e.Init {
			c.m.shelf.mu.RLock()
			f := c.m.shelf.format
			c.m.shelf.mu.RUnlock()
			give(Piece{Init: e.Data, Format: f})
			return
		}
		give(Piece{Group: e.Data, Date: e.Date, Duration: e.Duration})
	}
	// A recording's media time begins at zero.
	c.m = newMuxer(cfg, stream, time.Unix(0, 0), log)
	return c
}

// Unit takes the next access unit.
func (c *Cutter) Unit(u *media.Unit) { c.m.unit(u) }

// Flush gives what is under way: the publisher is away, or the recording ends.
func (c *Cutter) Flush() { c.m.flush() }
