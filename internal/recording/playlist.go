package recording

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Playlist is the replay as an HLS playlist (RFC 8216): every chunk is one file
// of which the pieces are byte ranges. name gives a chunk's address.
func Playlist(chunks []Chunk, name func(Chunk) string) string {
	target := 1.0
	for _, c := range chunks {
		for _, p := range c.Pieces {
			target = max(target, math.Ceil(p.Duration.Seconds()))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:%.0f\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:0\n", target)
	for i, c := range chunks {
		if i == 0 || chunks[i-1].Run != c.Run {
			if i > 0 {
				b.WriteString("#EXT-X-DISCONTINUITY\n")
			}
			// The header of the run's first chunk that is still there.
			fmt.Fprintf(&b, "#EXT-X-MAP:URI=\"%s\",BYTERANGE=\"%d@0\"\n", name(c), c.InitBytes)
		}
		fmt.Fprintf(&b, "#EXT-X-PROGRAM-DATE-TIME:%s\n", c.Starts.UTC().Format("2006-01-02T15:04:05.000Z"))
		for _, p := range c.Pieces {
			fmt.Fprintf(&b, "#EXTINF:%.5f,\n#EXT-X-BYTERANGE:%d@%d\n%s\n", p.Duration.Seconds(), p.Bytes, p.Offset, name(c))
		}
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return b.String()
}

// pieceLeast is how long a piece is at least: a player asks once for each.
const pieceLeast = 6 * time.Second

// Pieces joins groups of pictures to pieces of about six seconds. A piece begins
// with a group that has a key frame, if it can.
func Pieces(groups []Piece, key func(i int) bool) []Piece {
	var out []Piece
	for i, g := range groups {
		n := len(out)
		if n == 0 || out[n-1].Duration >= pieceLeast && key(i) {
			out = append(out, g)
			continue
		}
		out[n-1].Bytes += g.Bytes
		out[n-1].Duration += g.Duration
	}
	return out
}
