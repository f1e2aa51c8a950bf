package record

import (
	"bytes"
	"log/slog"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
)

// Packed is a chunk and its file.
type Packed struct {
	Chunk
	File []byte
}

// Pack makes chunks out of units in memory, as the recorder makes them out of a
// stream: for a film that comes from elsewhere. feed hands the units over.
func Pack(stream, kind string, chunkFor time.Duration, feed func(unit func(*media.Unit))) ([]Packed, error) {
	var out []Packed
	var head, cur []byte
	var run string
	var length time.Duration
	var bad error
	end := func() {
		if cur == nil {
			return
		}
		c, _, err := Scan(cur)
		if err != nil {
			bad = err
		}
		c.ID, c.Stream, c.Run, c.Kind = id.New[string](), stream, run, kind
		if run == "" {
			run, c.Run = c.ID, c.ID
		}
		out = append(out, Packed{c, cur})
		cur, length = nil, 0
	}
	cut := hls.NewCutter(stream, slog.New(slog.DiscardHandler), func(p hls.Piece) {
		if p.Init != nil {
			end()
			head, run = p.Init, ""
			return
		}
		if length >= chunkFor {
			end()
		}
		if cur == nil {
			cur = bytes.Clone(head)
		}
		cur = append(append(cur, prft(1, p.Date, 0)...), p.Group...)
		length += p.Duration
	})
	feed(cut.Unit)
	cut.Flush()
	end()
	return out, bad
}
