package record

import (
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/fmp4"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mp4/codecs"
)

// isKey tells whether a decoder can start at a sample. The picture itself is
// asked: the flags of a fragment's first sample may stand elsewhere.
func isKey(t *fmp4.InitTrack, s *fmp4.Sample) bool {
	if _, video := t.Codec.(*codecs.H264); !video {
		return true
	}
	var a h264.AVCC
	return a.Unmarshal(s.Payload) == nil && h264.IsRandomAccess(a)
}

// size is the picture's size in pixels as shown, 0 if the SPS can't be read.
func size(sps []byte) (width, height int) {
	var p h264.SPS
	if p.Unmarshal(sps) != nil {
		return 0, 0
	}
	return p.Width(), p.Height()
}
