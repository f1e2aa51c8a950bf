package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"time"

	"github.com/bluenviron/gortmplib/pkg/bytecounter"
	"github.com/bluenviron/gortmplib/pkg/rawmessage"

	"lindu.example/lindu/internal/media/wire"
)

// hello is a plain handshake.
func hello() []byte { return append([]byte{3}, make([]byte, 2*1536)...) }

type message struct {
	stream, kind byte
	body         int
	at           time.Duration
}

// written is how the library writes messages, with chunks of a size.
func written(t *testing.T, chunk uint32, list []message) []byte {
	t.Helper()
	var b bytes.Buffer
	w := rawmessage.NewWriter(&b, bytecounter.NewWriter(&b), false)
	put := func(m *rawmessage.Message) {
		if err := w.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	put(&rawmessage.Message{ChunkStreamID: 2, Type: 1, Body: binary.BigEndian.AppendUint32(nil, chunk)})
	w.SetChunkSize(chunk)
	for _, m := range list {
		body := make([]byte, m.body)
		for i := range body {
			body[i] = byte(rand.Uint32())
		}
		put(&rawmessage.Message{ChunkStreamID: m.stream, Type: m.kind, Timestamp: m.at, MessageStreamID: 1, Body: body})
	}
	return b.Bytes()
}

func TestWhatPublishersSendGoesThroughUnchanged(t *testing.T) {
	for _, chunk := range []uint32{64, 128, 4096, 65536} {
		var list []message
		at := time.Duration(0)
		for range 300 {
			m := message{stream: byte(3 + rand.IntN(5)), kind: []byte{8, 9, 18, 20}[rand.IntN(4)], body: rand.IntN(3 * 4096), at: at}
			list = append(list, m)
			at += time.Duration(rand.IntN(60)) * time.Millisecond
			if rand.IntN(50) == 0 {
				at += 5 * time.Hour // past what three bytes hold
			}
			if rand.IntN(60) == 0 {
				at = 0
			}
		}
		in := append(hello(), written(t, chunk, list)...)
		for name, r := range map[string]io.Reader{"whole": bytes.NewReader(in), "byte by byte": iotest.OneByteReader(bytes.NewReader(in))} {
			out, err := io.ReadAll(wire.NewGuard(r))
			if err != nil || !bytes.Equal(out, in) {
				t.Fatalf("chunks of %d, %s: %d of %d bytes, %v", chunk, name, len(out), len(in), err)
			}
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	head := func(kind byte, length int) []byte {
		return []byte{3, 0, 0, 0, byte(length >> 16), byte(length >> 8), byte(length), kind, 1, 0, 0, 0}
	}
	chunkSize := func(n uint32) []byte { return binary.BigEndian.AppendUint32(head(1, 4), n) }
	var flood []byte // every chunk stream begins a picture and ends none
	flood = append(flood, chunkSize(1<<20)...)
	for s := byte(3); s < 63; s++ {
		h := head(9, 8<<20)
		h[0] = s
		flood = append(append(flood, h...), make([]byte, 1<<20)...)
	}
	for name, in := range map[string][]byte{
		"a bomb of commands": head(20, 10<<20), "a bomb of metadata": head(18, wire.MaxCommand+1), "by an unknown kind": head(77, 1<<20),
		"a picture too large": head(9, wire.MaxMessage+1), "tiny chunks": chunkSize(1), "no chunks": chunkSize(0), "endless chunks": chunkSize(1 << 31),
		"abort": append(head(2, 4), 0, 0, 0, 3), "long id": {0, 3}, "no header before": {3<<6 | 4}, "flood": flood,
		"one inside another": append(append(head(9, 1000), make([]byte, 128)...), head(9, 1000)...),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := io.Copy(io.Discard, wire.NewGuard(bytes.NewReader(append(hello(), in...)))); !errors.Is(err, wire.ErrRefused) {
				t.Errorf("%v", err)
			}
		})
	}
	secret := hello()
	secret[0] = 6
	if _, err := io.Copy(io.Discard, wire.NewGuard(bytes.NewReader(secret))); !errors.Is(err, wire.ErrRefused) {
		t.Errorf("encrypted: %v", err)
	}
}

// FuzzGuard: whatever the guard lets through, the library reads into messages
// that are within the limits. If the two ever counted differently, a large
// command would come out here.
func FuzzGuard(f *testing.F) {
	f.Add([]byte{3, 0, 0, 0, 0, 0, 2, 20, 0, 0, 0, 0, 1, 2, 3<<6 | 3, 5, 6})
	f.Add([]byte{2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 1, 0, 4, 0xff, 0xff, 0xff, 0, 0, 200, 9, 0, 0, 0, 0, 0, 0, 0, 9})
	f.Add([]byte{4, 0xff, 0xff, 0xff, 0, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 9, 7, 3<<6 | 4, 0, 0, 0, 1, 5, 2<<6 | 4, 0, 0, 1, 9})
	f.Fuzz(func(t *testing.T, b []byte) {
		g := wire.NewGuard(bytes.NewReader(append(hello(), b...)))
		if _, err := io.ReadFull(g, hello()); err != nil {
			t.Fatal(err)
		}
		r := rawmessage.NewReader(g, bytecounter.NewReader(g), func(uint32) error { return nil })
		for {
			m, err := r.Read()
			if err != nil {
				return
			}
			if m.Type == 1 {
				if len(m.Body) != 4 {
					t.Fatalf("a chunk size of %d bytes", len(m.Body))
				}
				if err := r.SetChunkSize(binary.BigEndian.Uint32(m.Body)); err != nil {
					t.Fatal(err)
				}
			}
			if m.Type == 2 || (m.Type == 18 || m.Type == 20) && len(m.Body) > wire.MaxCommand {
				t.Fatalf("kind %d with %d bytes went through", m.Type, len(m.Body))
			}
		}
	})
}
