package rtmp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/abema/go-mp4"
	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/bytecounter"
	"github.com/bluenviron/gortmplib/pkg/message"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

type anyone struct{}

func (anyone) Authorize(_ context.Context, key string) (string, error) { return key, nil }

// TestFirstPictureWaitsForTheSoundsHeader: some phones send the header of the
// sound after the first pictures. Those wait, a moment, in order.
func TestFirstPictureWaitsForTheSoundsHeader(t *testing.T) {
	sps := []byte{0x67, 0x42, 0xc0, 0x0b, 0xda, 0x0a, 0x37, 0xe4, 0xc0, 0x44, 0x00, 0x00, 0x03, 0x00, 0x04, 0x00, 0x00, 0x03, 0x00, 0xf2, 0x3c, 0x50, 0xaa, 0x80}
	header := &message.Video{Codec: message.CodecH264, Type: message.VideoTypeConfig, AVCConfig: &mp4.AVCDecoderConfiguration{
		LengthSizeMinusOne:    3,
		SequenceParameterSets: []mp4.AVCParameterSet{{NALUnit: sps}},
		PictureParameterSets:  []mp4.AVCParameterSet{{NALUnit: []byte{0x68, 0xce, 0x02, 0x9c, 0x80}}},
	}}
	sound := &message.Audio{Codec: message.CodecMPEG4Audio, AACType: message.AudioAACTypeConfig,
		AACConfig: &mpeg4audio.AudioSpecificConfig{Type: mpeg4audio.ObjectTypeAACLC, SampleRate: 44100, ChannelConfig: 2}}
	meta := &message.DataAMF0{Payload: amf0.Data{"@setDataFrame", "onMetaData", amf0.ECMAArray{{Key: "audiocodecid", Value: float64(10)}}}}
	for name, tc := range map[string]struct {
		meta    bool
		late    int // pictures of 40 ms before the sound's header, -1 for never
		release int // pictures after which the first unit is delivered
		sound   bool
	}{
		"both at once":                {false, 0, 1, true},
		"200 ms late":                 {false, 5, 5, true},
		"announced and 800 ms late":   {true, 20, 20, true},
		"no sound, none announced":    {false, -1, 9, false},
		"announced and never arrives": {true, -1, 26, false},
	} {
		t.Run(name, func(t *testing.T) {
			hub := &media.Hub{Auth: anyone{}, Log: slog.New(slog.DiscardHandler)}
			defer hub.Close()
			pub, err := hub.Publish(t.Context(), "s", media.Source{})
			if err != nil {
				t.Fatal(err)
			}
			in := &ingest{pub: pub}
			take := func(m message.Message) {
				t.Helper()
				if err := in.take(m); err != nil {
					t.Fatal(err)
				}
			}
			if tc.meta {
				take(meta)
			}
			take(header)
			released := 0
			for i := range 40 {
				if i == tc.late {
					take(sound)
				}
				nal := byte(0x41)
				if i == 0 {
					nal = 0x65
				}
				if s, _ := hub.Stats("s"); s.Units > 0 && released == 0 {
					released = i
				}
				take(&message.Video{Codec: message.CodecH264, Type: message.VideoTypeAU, DTS: time.Duration(i) * 40 * time.Millisecond, AU: []byte{0, 0, 0, 2, nal, 0x88}})
			}
			if s, _ := hub.Stats("s"); s.Units != 40 || (s.AudioCodec != "") != tc.sound || released != tc.release {
				t.Errorf("%d units, sound %q, the first after %d pictures", s.Units, s.AudioCodec, released)
			}
		})
	}
}

// onWire writes messages as the network carries them.
func onWire(f *testing.F, msgs ...message.Message) []byte {
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
	f.Add(onWire(f, &message.SetChunkSize{Value: 65536},
		&message.Video{ChunkStreamID: 6, MessageStreamID: 1, Codec: message.CodecH264, IsKeyFrame: true, Type: message.VideoTypeAU, AU: au},
		&message.Audio{ChunkStreamID: 4, MessageStreamID: 1, Codec: message.CodecMPEG4Audio, AACType: message.AudioAACTypeAU, AU: []byte{1, 2}}))
	f.Add(onWire(f, &message.VideoExMultitrack{TrackID: 0, Wrapped: &message.VideoExFramesX{ChunkStreamID: 6, FourCC: message.FourCCAVC, Payload: au}}))
	f.Add(onWire(f, &message.AudioExCodedFrames{ChunkStreamID: 4, FourCC: message.FourCCMP4A, Payload: []byte{1}}))
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
