package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// The clip's frame size, rate and length; studio/clip.js renders exactly these.
const (
	clipWidth, clipHeight = 540, 960
	clipFPS               = 24
	clipSeconds           = 20
)

// clipEncoder is an ffmpeg that takes raw RGBA frames and our melody.
type clipEncoder struct {
	cmd    *exec.Cmd
	frames io.WriteCloser
	wav    string
}

// startClip writes the melody and starts ffmpeg. The stream is made for live
// sending: no B-frames, a key frame every two seconds, nothing to reorder.
func startClip(ctx context.Context, o options) (*clipEncoder, error) {
	wav, err := writeMelody()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, o.ffmpeg, "-hide_banner", "-loglevel", "error", "-y",
		"-f", "rawvideo", "-pix_fmt", "rgba", "-s", fmt.Sprintf("%dx%d", clipWidth, clipHeight),
		"-framerate", strconv.Itoa(clipFPS), "-i", "-", "-i", wav,
		"-c:v", "libx264", "-preset", "slow", "-profile:v", "main", "-level", "3.1", "-tune", "zerolatency",
		"-bf", "0", "-g", "48", "-keyint_min", "48", "-sc_threshold", "0", "-pix_fmt", "yuv420p",
		"-crf", "28", "-maxrate", "900k", "-bufsize", "2400k",
		"-c:a", "aac", "-b:a", "64k", "-ar", "44100", "-ac", "1",
		"-t", strconv.Itoa(clipSeconds), "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
		"-movflags", "+faststart", filepath.Join(o.dir, "clip.mp4"))
	cmd.Stderr = os.Stderr
	frames, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.Remove(wav))
	}
	return &clipEncoder{cmd: cmd, frames: frames, wav: wav}, nil
}

// finish tells ffmpeg there are no more frames and waits for the file.
func (c *clipEncoder) finish() error {
	return errors.Join(c.frames.Close(), c.cmd.Wait(), os.Remove(c.wav))
}
