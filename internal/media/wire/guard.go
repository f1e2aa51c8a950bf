package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Limits of what goes through.
const (
	MaxCommand = 64 << 10 // bytes of a command or of metadata; real ones are under 2 KiB
	MaxMessage = 8 << 20  // bytes of any message; the hub takes pictures of 4 MiB
	MaxPending = 16 << 20 // bytes of messages begun and not whole

	leastChunk   = 64
	maxControl   = 64
	firstChunk   = 128        // RTMP 1.0, 5.4.1
	handshakeLen = 1 + 1536*2 // C0, C1, C2 or S0, S1, S2 (RTMP 1.0, 5.2)
	plainVersion = 3          // RTMP 1.0, 5.2.2
	extended     = 0xFF_FF_FF // a time of more than three bytes follows
	smallestID   = 2          // chunk stream ids below announce longer ones
)

// Message types (RTMP 1.0, 5.4 and 7.1).
const (
	typeChunkSize = 1
	typeAbort     = 2
	typePeerLimit = 6
	typeAudio     = 8
	typeVideo     = 9
)

// ErrRefused is under every refusal of the guard.
var ErrRefused = errors.New("wire: refused")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrRefused}, args...)...)
}

// Guard reads from a peer and stops at what must not be parsed. It is for one
// goroutine. Bytes of a read in which something was refused are not given.
type Guard struct {
	r io.Reader

	shake   int    // bytes of the handshake still to come
	body    uint32 // bytes of the chunk's body still to come
	head    [18]byte
	have    int // bytes of the header
	chunk   uint32
	streams map[byte]*chunkStream
	cur     *chunkStream
	pending uint64
	size    [4]byte // body of a set-chunk-size message
	err     error
}

// chunkStream is what a chunk stream remembers for shorter headers.
type chunkStream struct {
	known    bool
	kind     byte
	length   uint32 // of the message
	got      uint32 // of it
	extended bool
}

// NewGuard reads from r, which begins with the peer's handshake.
func NewGuard(r io.Reader) *Guard {
	return &Guard{r: r, shake: handshakeLen, chunk: firstChunk, streams: map[byte]*chunkStream{}}
}

// Read gives what the peer sent, or an ErrRefused.
func (g *Guard) Read(b []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(b)
	if g.err = g.follow(b[:n]); g.err != nil {
		return 0, g.err
	}
	return n, err
}

// follow counts along.
func (g *Guard) follow(b []byte) error {
	for len(b) > 0 {
		switch {
		case g.shake > 0:
			if g.shake == handshakeLen && b[0] != plainVersion {
				return refuse("handshake of version %d", b[0])
			}
			n := min(len(b), g.shake)
			g.shake -= n
			b = b[n:]
		case g.body > 0:
			n := min(len(b), int(g.body))
			if g.cur.kind == typeChunkSize {
				copy(g.size[g.cur.got:], b[:n])
			}
			g.take(uint32(n))
			b = b[n:]
			if err := g.ended(); err != nil {
				return err
			}
		default:
			g.head[g.have] = b[0]
			g.have++
			b = b[1:]
			if err := g.header(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *Guard) take(n uint32) {
	g.body -= n
	g.cur.got += n
	g.pending += uint64(n)
}

// ended acts on a message that is whole.
func (g *Guard) ended() error {
	c := g.cur
	if g.body > 0 || c.got < c.length {
		return nil
	}
	g.pending -= uint64(c.got)
	c.got = 0
	if c.kind != typeChunkSize {
		return nil
	}
	g.chunk = binary.BigEndian.Uint32(g.size[:])
	if g.chunk < leastChunk || g.chunk > MaxMessage {
		return refuse("chunks of %d bytes", g.chunk)
	}
	return nil
}

// headLen is the length of a chunk's header by its form, without an extended
// time (RTMP 1.0, 5.3.1).
var headLen = [4]int{12, 8, 4, 1}

// header looks at the header as far as it has come.
func (g *Guard) header() error {
	form, name := g.head[0]>>6, g.head[0]&0x3f
	if g.have == 1 {
		if name < smallestID {
			return refuse("chunk stream id %d", name)
		}
		g.cur = g.streams[name]
		if g.cur == nil {
			g.cur = &chunkStream{}
			g.streams[name] = g.cur
		}
		if form != 0 && !g.cur.known {
			return refuse("a chunk of form %d comes first", form)
		}
		if form != 3 && g.cur.got > 0 {
			return refuse("a message begins inside another")
		}
	}
	c, want := g.cur, headLen[form]
	if g.have < want {
		return nil
	}
	// A short header has the extended time when the last long one had it: as the
	// library reads it.
	long := c.extended
	if form != 3 {
		long = uint24(g.head[1:]) == extended
	}
	if long {
		want += 4
	}
	if g.have < want {
		return nil
	}
	if form != 3 {
		c.extended = long
	}
	if form < 2 {
		c.length, c.kind = uint24(g.head[4:]), g.head[7]
	}
	c.known = true
	g.have = 0
	return g.begin()
}

// begin checks the message a chunk belongs to, and counts its body from here.
func (g *Guard) begin() error {
	c := g.cur
	if c.length > limit(c.kind) {
		return refuse("a message of kind %d with %d bytes", c.kind, c.length)
	}
	if c.kind == typeAbort {
		return refuse("an abort message")
	}
	if c.kind == typeChunkSize && c.length != 4 {
		return refuse("a chunk size of %d bytes", c.length)
	}
	g.body = min(c.length-c.got, g.chunk)
	if g.pending+uint64(g.body) > MaxPending {
		return refuse("too much that is begun and not whole")
	}
	return g.ended() // an empty message is whole at once
}

// limit is the most bytes of a message by its kind.
func limit(kind byte) uint32 {
	switch {
	case kind == typeAudio, kind == typeVideo:
		return MaxMessage
	case kind <= typePeerLimit:
		return maxControl
	}
	return MaxCommand // AMF0, and what the library refuses by its kind
}

func uint24(b []byte) uint32 { return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2]) }
