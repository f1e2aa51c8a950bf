package rtmp

import (
	"errors"
	"time"

	"github.com/abema/go-mp4"
	"github.com/bluenviron/gortmplib/pkg/amf0"
	"github.com/bluenviron/gortmplib/pkg/message"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/h264"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/media"
)

// Frames wait until both kinds are configured, so that a stream with sound
// does not begin as one without. An encoder whose metadata announces the other
// kind gets a second of media time, any other a third of one.
const (
	holdAnnounced = time.Second
	holdSilent    = 300 * time.Millisecond
	holdFrames    = 256
)

// ingest turns the messages of one publisher into access units.
type ingest struct {
	pub *media.Publisher

	video, audio         bool // configured
	wantVideo, wantAudio bool // announced by onMetaData
	flowing              bool // frames are no longer held
	held                 []func() error
	heldFrom             time.Duration
}

// take handles one message. An error is the reason the publisher must go.
func (in *ingest) take(msg message.Message) error {
	switch m := msg.(type) {
	case *message.Video:
		return in.oldVideo(m)
	case *message.Audio:
		return in.oldAudio(m)
	case *message.VideoExSequenceStart:
		if m.FourCC != message.FourCCAVC {
			return wrongVideo(fourCC(m.FourCC))
		}
		return in.videoConfig(m.AVCConfig)
	case *message.VideoExCodedFrames:
		return in.exFrame(m.FourCC, m.DTS+m.PTSDelta, m.DTS, m.Payload)
	case *message.VideoExFramesX:
		return in.exFrame(m.FourCC, m.DTS, m.DTS, m.Payload)
	case *message.VideoExMultitrack:
		if m.TrackID == 0 {
			return in.take(m.Wrapped)
		}
	case *message.AudioExSequenceStart:
		if m.FourCC != message.FourCCMP4A {
			return wrongAudio(fourCC(m.FourCC))
		}
		return in.audioConfig(m.AACConfig)
	case *message.AudioExCodedFrames:
		if m.FourCC != message.FourCCMP4A {
			return wrongAudio(fourCC(m.FourCC))
		}
		return in.sound(m.DTS, m.Payload)
	case *message.AudioExMultitrack:
		if m.TrackID == 0 {
			return in.take(m.Wrapped)
		}
	case *message.DataAMF0:
		in.metadata(m.Payload)
	}
	return nil // commands and pings mean nothing to a picture
}

func (in *ingest) oldVideo(m *message.Video) error {
	if m.Codec != message.CodecH264 {
		return wrongVideo("HEVC (H.265)")
	}
	switch m.Type {
	case message.VideoTypeConfig:
		return in.videoConfig(m.AVCConfig)
	case message.VideoTypeAU:
		return in.picture(m.DTS+m.PTSDelta, m.DTS, m.AU)
	}
	return nil
}

func (in *ingest) oldAudio(m *message.Audio) error {
	switch m.Codec {
	case message.CodecMPEG4Audio:
	case message.CodecMPEG1Audio:
		return wrongAudio("MP3")
	case message.CodecLPCM:
		return wrongAudio("PCM")
	default:
		return wrongAudio("G.711")
	}
	if m.AACType == message.AudioAACTypeConfig {
		return in.audioConfig(m.AACConfig)
	}
	return in.sound(m.DTS, m.AU)
}

func (in *ingest) exFrame(cc message.FourCC, pts, dts time.Duration, b []byte) error {
	if cc != message.FourCCAVC {
		return wrongVideo(fourCC(cc))
	}
	return in.picture(pts, dts, b)
}

// videoConfig: nil is an encoder's empty header, which says nothing. Lengths
// of other than four bytes exist on paper only and would be misread.
func (in *ingest) videoConfig(c *mp4.AVCDecoderConfiguration) error {
	if c == nil {
		return nil
	}
	if c.LengthSizeMinusOne != 3 {
		return fault.New(fault.Invalid, "media.malformed").Because(errors.New("rtmp: NAL lengths are not 4 bytes"))
	}
	// message guarantees one of each.
	if err := in.pub.ConfigH264(c.SequenceParameterSets[0].NALUnit, c.PictureParameterSets[0].NALUnit); err != nil {
		return err
	}
	in.video = true
	return in.flow()
}

func (in *ingest) audioConfig(c *mpeg4audio.AudioSpecificConfig) error {
	if c == nil {
		return nil
	}
	if err := in.pub.ConfigAAC(*c); err != nil {
		return err
	}
	in.audio = true
	return in.flow()
}

func (in *ingest) picture(pts, dts time.Duration, avcc []byte) error {
	var au h264.AVCC
	if err := au.Unmarshal(avcc); err != nil {
		if errors.Is(err, h264.ErrAVCCNoNALUs) {
			return nil
		}
		return fault.New(fault.Invalid, "media.malformed").Because(err)
	}
	return in.hold(dts, func() error { return in.pub.WriteH264(pts, dts, au) })
}

func (in *ingest) sound(pts time.Duration, frame []byte) error {
	return in.hold(pts, func() error { return in.pub.WriteAudio(pts, frame) })
}

// hold delivers a frame, or keeps it until both kinds are configured.
func (in *ingest) hold(at time.Duration, write func() error) error {
	if in.flowing {
		return write()
	}
	if len(in.held) == 0 {
		in.heldFrom = at
	}
	in.held = append(in.held, write)
	limit := holdSilent
	if (in.wantVideo && !in.video) || (in.wantAudio && !in.audio) {
		limit = holdAnnounced
	}
	// A clock that jumps back must not hold for ever either.
	if at-in.heldFrom >= limit || at < in.heldFrom-limit || len(in.held) >= holdFrames {
		return in.release()
	}
	return in.flow()
}

// flow releases what is held once both kinds are configured.
func (in *ingest) flow() error {
	if in.video && in.audio && !in.flowing {
		return in.release()
	}
	return nil
}

func (in *ingest) release() error {
	in.flowing = true
	held := in.held
	in.held = nil
	for _, write := range held {
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// metadata notes which kinds the encoder announces.
func (in *ingest) metadata(d amf0.Data) {
	for _, v := range d {
		var o amf0.Object
		switch x := v.(type) {
		case amf0.Object:
			o = x
		case amf0.ECMAArray:
			o = amf0.Object(x)
		default:
			continue
		}
		_, v := o.Get("videocodecid")
		_, a := o.Get("audiocodecid")
		in.wantVideo, in.wantAudio = in.wantVideo || v, in.wantAudio || a
	}
}

func wrongVideo(codec string) error {
	return fault.New(fault.Invalid, "media.codec_video", "Codec", codec)
}

func wrongAudio(codec string) error {
	return fault.New(fault.Invalid, "media.codec_audio", "Codec", codec)
}

// fourCC is the name a person knows a codec by.
func fourCC(c message.FourCC) string {
	switch c {
	case message.FourCCHEVC:
		return "HEVC (H.265)"
	case message.FourCCAV1:
		return "AV1"
	case message.FourCCVP9:
		return "VP9"
	case message.FourCCOpus:
		return "Opus"
	case message.FourCCMP3:
		return "MP3"
	case message.FourCCAC3:
		return "AC-3"
	case message.FourCCFLAC:
		return "FLAC"
	}
	return string([]byte{byte(c >> 24), byte(c >> 16), byte(c >> 8), byte(c)})
}
