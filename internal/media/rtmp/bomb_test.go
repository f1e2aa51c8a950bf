package rtmp_test

import (
	"bytes"
	"testing"

	"lindu.example/lindu/internal/media"
)

// TestNestedBombCostsOneConnection: who holds a key and sends one message of
// metadata nested two million deep would end the whole process in the library's
// parser; here it ends their connection, with a word, and others go on.
func TestNestedBombCostsOneConnection(t *testing.T) {
	h := newHouse(t, nil)
	if err := send(h.mustDial("/live/k-good"), clip(t), nil); err != nil {
		t.Fatal(err)
	}
	c := h.mustDial("/live/k-bad")
	// Chunks are 65,536 bytes long: the library's client has said so.
	level := []byte{0x0a, 0, 0, 0, 1} // an array of one value, which is an array of …
	body := bytes.Repeat(level, 2_000_000)
	var b bytes.Buffer
	b.Write([]byte{4, 0, 0, 0, byte(len(body) >> 16), byte(len(body) >> 8 & 0xff), byte(len(body) & 0xff), 18, 1, 0, 0, 0})
	for rest := body; len(rest) > 0; {
		n := min(len(rest), 65536)
		b.Write(rest[:n])
		if rest = rest[n:]; len(rest) > 0 {
			b.WriteByte(3<<6 | 4)
		}
	}
	go func() { _, _ = c.NetConn().Write(b.Bytes()) }() // cut short
	if got := words(c); got != "media.malformed" {
		t.Errorf("the bomber reads %q", got)
	}
	until(t, "the bomber has gone", func() bool { s, _ := h.hub.Stats("bad"); return !s.Publishing })
	if h.hub.State("good") != media.Live {
		t.Errorf("the other stream is %s", h.hub.State("good"))
	}
}
