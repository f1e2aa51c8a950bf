package hls

import (
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"lindu.example/lindu/internal/media"
)

// silence is one frame without any sound, or nil if none can be written for the
// format. AAC-LC by ISO/IEC 14496-3, 4.4.2: a raw_data_block of one
// single_channel_element or channel_pair_element whose streams have max_sfb 0
// and so no spectrum at all, and the end mark. It fits every sample rate.
//
//	mono:   ID_SCE 000, tag 0000, gain 8×0, ics_info 11×0, pulse/tns/gain control 000, ID_END 111
//	stereo: ID_CPE 001, tag 0000, common_window 0, two streams of 22×0, ID_END 111
func silence(a *media.AudioFormat) []byte {
	if a.Codec == media.Opus {
		return opusSilence(a.Channels)
	}
	if a.Codec != media.AAC || a.AAC.Type != mpeg4audio.ObjectTypeAACLC {
		return nil
	}
	switch a.Channels {
	case 1:
		return []byte{0x00, 0x00, 0x00, 0x07}
	case 2:
		return []byte{0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0e}
	}
	return nil
}

// opusSilence is one packet of 20 ms (RFC 6716): the first byte says CELT, full
// band, 20 ms, one frame (config 31, code 0) and whether it is stereo; the
// frame begins with the silence flag (4.3), and nothing of it is read after.
func opusSilence(channels int) []byte {
	toc := byte(31 << 3)
	if channels == 2 {
		toc |= 1 << 2
	}
	return []byte{toc, 0xff, 0xfe}
}
