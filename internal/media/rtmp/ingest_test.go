package rtmp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/bluenviron/gortmplib/pkg/bytecounter"
	"github.com/bluenviron/gortmplib/pkg/message"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

type anyone struct{}

func (anyone) Authorize(_ context.Context, key string) (string, error) { return key, nil }

// wire writes messages as the network carries them.
func wire(f *testing.F, msgs ...message.Message) []byte {
	var b bytes.Buffer
	w := message.NewWriter(&b, bytecounter.NewWriter(&b), false)
	for _, m := range msgs {
		if err := w.Write(m); err != nil {
			f.Fatal(err)
		}
	}
	return b.Bytes()
}

// FuzzIngest feeds bytes after the handshake, as an authorised but broken or
// hostile encoder sends them: an error with words at most, never a panic.
func FuzzIngest(f *testing.F) {
	au := []byte{0, 0, 0, 2, 0x65, 0x88}
	f.Add(wire(f, &message.SetChunkSize{Value: 65536},
		&message.Video{ChunkStreamID: 6, MessageStreamID: 1, Codec: message.CodecH264, IsKeyFrame: true, Type: message.VideoTypeAU, AU: au},
		&message.Audio{ChunkStreamID: 4, MessageStreamID: 1, Codec: message.CodecMPEG4Audio, AACType: message.AudioAACTypeAU, AU: []byte{1, 2}}))
	f.Add(wire(f, &message.VideoExMultitrack{TrackID: 0, Wrapped: &message.VideoExFramesX{ChunkStreamID: 6, FourCC: message.FourCCAVC, Payload: au}}))
	f.Add(wire(f, &message.AudioExCodedFrames{ChunkStreamID: 4, FourCC: message.FourCCMP4A, Payload: []byte{1}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		hub := &media.Hub{Auth: anyone{}, Log: slog.New(slog.DiscardHandler)}
		defer hub.Close()
		pub, err := hub.Publish(t.Context(), "s", media.Source{})
		if err != nil {
			t.Fatal(err)
		}
		in := &ingest{pub: pub}
		r := bytes.NewReader(b)
		m := message.NewReader(r, bytecounter.NewReader(r), func(uint32) error { return nil })
		for range 1000 {
			msg, err := m.Read()
			if err != nil {
				return
			}
			if err := in.take(msg); err != nil {
				var fe *fault.Error
				if !errors.As(err, &fe) {
					t.Fatalf("no words for %v", err)
				}
				return
			}
			if len(in.held) >= holdFrames {
				t.Fatalf("%d frames are held", len(in.held))
			}
		}
	})
}

func FuzzStreamKey(f *testing.F) {
	f.Add("rtmp://h/live/k")
	f.Add("rtmp://h/live/%2e%2e/k")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := url.Parse(s)
		if err != nil {
			return
		}
		key, err := streamKey(u, "live")
		if err == nil && (key == "" || len(key) > maxKeyLen || strings.Contains(key, "/")) {
			t.Fatalf("%q gives key %q", s, key)
		}
	})
}
