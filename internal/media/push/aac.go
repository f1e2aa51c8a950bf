package push

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os/exec"
	"time"

	"github.com/bluenviron/gortmplib"
	"github.com/bluenviron/gortmplib/pkg/codecs"
	"github.com/bluenviron/gortmplib/pkg/message"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"

	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/media/hls"
)

// transcoder sends units whose sound an ffmpeg child turns into AAC: groups of
// pictures go into it as fragmented MP4, tags of FLV come out (Adobe, Video File
// Format Specification 10.1, annex E), which are the bodies of RTMP messages. It
// costs one group of pictures of delay, and the child gets no network, no key
// and no file.
type transcoder struct {
	f      *feeder
	cutter *hls.Cutter
	pieces chan []byte
	failed chan error
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing is sent any more
	w      *gortmplib.Writer
	begun  bool
}

const (
	// waitingPieces is how many groups of pictures may wait for the child.
	waitingPieces = 8
	aacRate       = 48000
	maxTag        = 8 << 20
	killAfter     = 2 * time.Second
)

// arguments of the child. It knows all it needs from the header.
var arguments = []string{"-hide_banner", "-loglevel", "error", "-nostdin", "-protocol_whitelist", "pipe", "-probesize", "65536", "-analyzeduration", "0", "-fflags", "+nobuffer",
	"-f", "mp4", "-i", "pipe:0", "-map", "0:v:0", "-map", "0:a:0", "-c:v", "copy", "-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2",
	"-flush_packets", "1", "-flvflags", "no_duration_filesize", "-f", "flv", "pipe:1"}

func (f *feeder) transcode(m *media.Format) (out, error) {
	ctx, cancel := context.WithCancel(f.ctx)
	t := &transcoder{f: f, cancel: cancel, pieces: make(chan []byte, waitingPieces), failed: make(chan error, 3), done: make(chan struct{})}
	t.cutter = hls.NewCutter(f.stream, slog.New(slog.DiscardHandler), t.piece)
	cmd := exec.CommandContext(ctx, f.p.FFmpeg, arguments...)
	cmd.Env, cmd.WaitDelay = []string{}, killAfter
	in, err := cmd.StdinPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, errors.Join(errAAC, err)
	}
	t.w = &gortmplib.Writer{Conn: f.conn, Tracks: []*gortmplib.Track{
		{Codec: &codecs.H264{SPS: m.Video.SPS, PPS: m.Video.PPS}},
		{Codec: &codecs.MPEG4Audio{Config: &mpeg4audio.AudioSpecificConfig{Type: mpeg4audio.ObjectTypeAACLC, SampleRate: aacRate, ChannelConfig: 2, ChannelCount: 2}}},
	}}
	f.line.run()
	if err := t.w.Initialize(); err != nil {
		cancel()
		return nil, errors.Join(err, cmd.Wait())
	}
	go t.put(ctx, in)
	go func() {
		defer close(t.done)
		t.fail(t.take(ctx, pipe))
		cancel()
		// The pipe was read to its end, or the child is killed: it does not wait.
		_ = cmd.Wait()
	}()
	return t, nil
}

// unit gives a unit to the cutter.
func (t *transcoder) unit(u *media.Unit) error {
	select {
	case err := <-t.failed:
		return err
	default:
	}
	t.cutter.Unit(u)
	return nil
}

// piece takes what the cutter has cut, on the goroutine of unit.
func (t *transcoder) piece(p hls.Piece) {
	b := p.Group
	if b == nil {
		if t.begun { // a second header: the clock jumped; the child can't follow
			t.fail(errAAC)
			return
		}
		b, t.begun = p.Init, true
	}
	select {
	case t.pieces <- b:
	default:
		t.fail(errLagging)
	}
}

func (t *transcoder) fail(err error) {
	select {
	case t.failed <- err:
	default:
	}
}

// put writes pieces to the child until it ends.
func (t *transcoder) put(ctx context.Context, in io.WriteCloser) {
	defer in.Close()
	for {
		select {
		case b := <-t.pieces:
			if _, err := in.Write(b); err != nil {
				t.fail(errAAC)
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// take sends the child's tags on until it ends.
func (t *transcoder) take(ctx context.Context, pipe io.Reader) error {
	r := bufio.NewReaderSize(pipe, 64<<10)
	var head [13]byte // the file's header and the length of no tag before it
	if _, err := io.ReadFull(r, head[:]); err != nil || !bytes.HasPrefix(head[:], []byte("FLV\x01")) {
		return errAAC
	}
	for ctx.Err() == nil {
		var h [11]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return errAAC
		}
		size := int(h[1])<<16 | int(h[2])<<8 | int(h[3])
		at := time.Duration(uint32(h[7])<<24|uint32(h[4])<<16|uint32(h[5])<<8|uint32(h[6])) * time.Millisecond
		if size > maxTag {
			return errAAC
		}
		body := make([]byte, size+4)
		if _, err := io.ReadFull(r, body); err != nil {
			return errAAC
		}
		if err := t.tag(h[0], at, body[:size]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// tag sends one on. Headers were sent ahead, and what is no picture or sound is
// the child's own.
func (t *transcoder) tag(kind byte, at time.Duration, b []byte) error {
	const picture, sound, coded = 9, 8, 1
	switch {
	case kind == picture && len(b) > 5 && b[0]&0xf == 7 && b[1] == coded:
		shift := time.Duration(int32(uint32(b[2])<<24|uint32(b[3])<<16|uint32(b[4])<<8)>>8) * time.Millisecond
		return t.f.conn.Write(&message.Video{ChunkStreamID: message.VideoChunkStreamID, MessageStreamID: streamID, Codec: message.CodecH264,
			IsKeyFrame: b[0]>>4 == 1, Type: message.VideoTypeAU, DTS: t.f.line.video(at), PTSDelta: max(0, shift), AU: b[5:]})
	case kind == sound && len(b) > 2 && b[0]>>4 == 10 && b[1] == coded:
		if pts, ok := t.f.line.sound(at); ok {
			return t.f.conn.Write(&message.Audio{ChunkStreamID: message.AudioChunkStreamID, MessageStreamID: streamID, Codec: message.CodecMPEG4Audio,
				Rate: message.AudioRate44100, Depth: message.AudioDepth16, IsStereo: true, AACType: message.AudioAACTypeAU, AU: b[2:], DTS: pts})
		}
	}
	return nil
}

// close ends the child. What it has not given yet is lost.
func (t *transcoder) close() {
	t.cancel()
	<-t.done
}
