package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/record"
	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/show"
)

// SweepClips cuts the clips that were asked for.
const SweepClips = "clips.make"

const (
	clipBatch = 4
	// beforeClip is how far before its beginning a clip's key frame may lie.
	beforeClip = 15 * time.Second
	// posterWithin bounds the child that makes a still.
	posterWithin = 20 * time.Second
	maxPoster    = 4 << 20
)

// AskClip asks for some minutes of a show as a video of its own; it is cut soon
// after. Hosts may ask of their own shows. Faults: show.not_yours,
// recording.clip_length, recording.clip_many.
func (f *Flow) AskClip(ctx context.Context, who actor.Actor, c recording.Clip) (recording.Clip, error) {
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if err := f.mayClip(ctx, tx, who, c.Show); err != nil {
			return err
		}
		if c.Name, err = f.clipName(ctx, tx, c); err != nil {
			return err
		}
		if c, err = recording.AskClip(ctx, tx, who, c); err != nil || f.Jobs == nil {
			return err
		}
		return f.Jobs.Kick(ctx, tx, SweepClips)
	})
	return c, err
}

// mayClip lets operators at any show, and a host at their own.
func (f *Flow) mayClip(ctx context.Context, q db.Querier, who actor.Actor, s id.Show) error {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return err
	}
	sh, err := show.ByID(ctx, q, s)
	if err != nil {
		return err
	}
	if !who.Has(actor.Operator) && sh.Host != who.User {
		return fault.New(fault.Denied, "show.not_yours")
	}
	return nil
}

// clipName is the product's name, or the show's title.
func (f *Flow) clipName(ctx context.Context, q db.Querier, c recording.Clip) (string, error) {
	items, err := show.ItemsByID(ctx, q, c.Item)
	if err != nil {
		return "", err
	}
	if it, ok := items[c.Item]; ok && it.Show == c.Show {
		ps, err := catalog.Products(ctx, q, it.Product)
		return ps[it.Product].Name, err
	}
	if c.Item != "" {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	sh, err := show.ByID(ctx, q, c.Show)
	return sh.Title, err
}

// MakeClips cuts what waits, and tells how many clips it made. One whose
// picture is not kept yet waits; one that has none fails.
func (f *Flow) MakeClips(ctx context.Context) (int, error) {
	list, err := recording.QueuedClips(ctx, f.DB, clipBatch)
	if err != nil {
		return 0, err
	}
	made := 0
	var errs []error
	for _, c := range list {
		out, err := f.cut(ctx, c)
		why := ""
		switch {
		case errors.Is(err, record.ErrNoPicture):
			why = "recording.clip_no_picture"
		case err != nil:
			errs = append(errs, fmt.Errorf("clip %s: %w", c.ID, err))
			why = "recording.clip_trouble"
		default:
			made++
		}
		err = f.DB.Update(ctx, func(tx *db.Tx) error {
			if why == "" {
				return recording.Made(ctx, tx, out)
			}
			return recording.NotMade(ctx, tx, c.ID, why, why == "recording.clip_no_picture")
		})
		if err != nil {
			return made, err
		}
	}
	return made, errors.Join(errs...)
}

// cut makes one clip and stores it.
func (f *Flow) cut(ctx context.Context, c recording.Clip) (recording.Clip, error) {
	all, err := recording.Chunks(ctx, f.DB, c.Show, "")
	if err != nil {
		return c, err
	}
	dir, err := os.MkdirTemp("", "clip-*")
	if err != nil {
		return c, err
	}
	defer os.RemoveAll(dir)
	cutter, err := record.NewClip(c.From, c.To, dir)
	if err != nil {
		return c, err
	}
	defer cutter.Close()
	for _, x := range all {
		if x.Kind == recording.Rehearsal || x.Ends().Before(c.From.Add(-beforeClip)) || !x.Starts.Before(c.To) {
			continue
		}
		file, err := f.readChunk(ctx, x)
		if err != nil {
			return c, err
		}
		if err := cutter.Add(file); err != nil {
			return c, err
		}
	}
	return f.storeClip(ctx, c, cutter, dir)
}

func (f *Flow) storeClip(ctx context.Context, c recording.Clip, cutter *record.Clip, dir string) (recording.Clip, error) {
	path := filepath.Join(dir, "clip.mp4")
	out, err := os.Create(path)
	if err != nil {
		return c, err
	}
	defer out.Close()
	info, err := cutter.Write(out)
	if err != nil {
		return c, err
	}
	if c.Bytes, err = out.Seek(0, io.SeekStart); err == nil {
		c.Bytes, err = out.Seek(0, io.SeekEnd)
	}
	if err == nil {
		_, err = out.Seek(0, io.SeekStart)
	}
	if err != nil {
		return c, err
	}
	if err := f.Films.Put(ctx, recording.ClipFile(c.Show, c.ID), out); err != nil {
		return c, err
	}
	c.Starts, c.Duration, c.Width, c.Height = info.Starts, info.Duration, info.Width, info.Height
	c.Poster = f.still(ctx, c, path)
	return c, nil
}

// still makes the clip's still with ffmpeg, where there is one. Without it a
// clip has no still until a browser gives one (ClipPoster).
func (f *Flow) still(ctx context.Context, c recording.Clip, path string) string {
	if f.FFmpeg == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, posterWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, f.FFmpeg, "-hide_banner", "-loglevel", "error", "-nostdin", "-i", path, "-frames:v", "1", "-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "4", "-")
	var picture bytes.Buffer
	cmd.Stdout = &limited{w: &picture, left: maxPoster}
	if err := cmd.Run(); err != nil || picture.Len() == 0 {
		f.Log.Warn("clip: no still from ffmpeg", "clip", c.ID, "err", err)
		return ""
	}
	if err := f.Films.Put(ctx, recording.PosterFile(c.Show, c.ID), &picture); err != nil {
		f.Log.Warn("clip: the still was not stored", "clip", c.ID, "err", err)
		return ""
	}
	return "frame"
}

// limited takes so many bytes and no more.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, errors.New("too large")
	}
	l.left -= len(p)
	return l.w.Write(p)
}

// ClipPoster takes the still of a clip from a browser that has drawn it. One
// that is there already stays.
func (f *Flow) ClipPoster(ctx context.Context, who actor.Actor, s id.Show, clip id.Clip, picture io.Reader) error {
	if err := f.mayClip(ctx, f.DB, who, s); err != nil {
		return err
	}
	c, err := recording.ClipByID(ctx, f.DB, s, clip)
	if err != nil {
		return err
	}
	if c.State != recording.Ready || c.Poster != "" {
		return nil
	}
	ready, err := catalog.PrepareImage(picture) // decodes it: what is stored is a picture and nothing else
	if err != nil {
		return err
	}
	if err := f.Films.Put(ctx, recording.PosterFile(s, clip), bytes.NewReader(largest(ready.JPEG))); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(tx *db.Tx) error { return recording.SetPoster(ctx, tx, who, c) })
}

// DropClip deletes a clip.
func (f *Flow) DropClip(ctx context.Context, who actor.Actor, s id.Show, clip id.Clip) error {
	var c recording.Clip
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		if err := f.mayClip(ctx, tx, who, s); err != nil {
			return err
		}
		if c, err = recording.ClipByID(ctx, tx, s, clip); err != nil {
			return err
		}
		return recording.DropClip(ctx, tx, who, c)
	})
	if err != nil {
		return err
	}
	return dropFiles(ctx, f.Films, recording.ClipFile(s, clip), recording.PosterFile(s, clip))
}

func dropFiles(ctx context.Context, store blob.Store, keys ...string) error {
	var errs []error
	for _, k := range keys {
		errs = append(errs, store.Delete(ctx, k))
	}
	return errors.Join(errs...)
}

// LockRecording keeps a show's recording whatever its age.
func (f *Flow) LockRecording(ctx context.Context, who actor.Actor, s id.Show, reason string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		if _, err := show.ByID(ctx, tx, s); err != nil {
			return err
		}
		return recording.SetLock(ctx, tx, who, s, reason)
	})
}

// ReleaseRecording takes that back.
func (f *Flow) ReleaseRecording(ctx context.Context, who actor.Actor, s id.Show, why string) error {
	return f.DB.Update(ctx, func(tx *db.Tx) error { return recording.Release(ctx, tx, who, s, why) })
}

// largest of a picture's sizes.
func largest(byWidth map[int][]byte) []byte {
	return byWidth[slices.Max(slices.Collect(maps.Keys(byWidth)))]
}
