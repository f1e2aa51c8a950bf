package recording

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Limits of clips.
const (
	MaxClip  = 10 * time.Minute // features.md, spec 15
	MinClip  = time.Second
	MaxClips = 60 // of a show, not counting deleted ones
	maxTries = 5
)

const clipColumns = `id, show_id, item_id, name, from_us, to_us, state, starts_us, dur_us, bytes, width, height, poster, why, tries, by_id, at_us`

func scanClip(r *db.Rows, c *Clip) error {
	var from, to, starts, dur, at int64
	err := r.Scan(&c.ID, &c.Show, &c.Item, &c.Name, &from, &to, &c.State, &starts, &dur, &c.Bytes, &c.Width, &c.Height, &c.Poster, &c.Why, &c.Tries, &c.By, &at)
	c.From, c.To, c.Starts, c.At = clock.FromUs(from), clock.FromUs(to), clock.FromUs(starts), clock.FromUs(at)
	c.Duration = time.Duration(dur) * time.Microsecond
	return err
}

// AskClip puts a clip into the queue. The caller has checked that the show is
// the host's own. The same minutes of the same item twice are one clip. Faults:
// recording.clip_length, recording.clip_many.
func AskClip(ctx context.Context, tx *db.Tx, who actor.Actor, c Clip) (Clip, error) {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return Clip{}, err
	}
	if d := c.To.Sub(c.From); d < MinClip || d > MaxClip {
		return Clip{}, fault.New(fault.Invalid, "recording.clip_length", "Max", int(MaxClip.Minutes())).At("to")
	}
	all, err := Clips(ctx, tx, c.Show)
	if err != nil {
		return Clip{}, err
	}
	for _, x := range all {
		if x.Item == c.Item && x.State != Failed && x.From.Equal(c.From) && x.To.Equal(c.To) {
			return x, nil
		}
	}
	if len(all) >= MaxClips {
		return Clip{}, fault.New(fault.Conflict, "recording.clip_many", "Max", MaxClips)
	}
	c.ID, c.State, c.By, c.At = id.New[id.Clip](), Queued, who.User, tx.Now
	if _, err := tx.Exec(ctx, `INSERT INTO recording_clip (id, show_id, item_id, name, from_us, to_us, state, by_id, at_us) VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8)`,
		c.ID, c.Show, c.Item, c.Name, clock.Us(c.From), clock.Us(c.To), c.By, tx.NowUs()); err != nil {
		return Clip{}, err
	}
	return c, audit.Write(ctx, tx, who, "clip.asked", "show", c.Show, map[string]any{"clip": c.ID, "item": c.Item, "from": c.From, "to": c.To})
}

// Clips lists the clips of a show, the newest first, without deleted ones.
func Clips(ctx context.Context, q db.Querier, s id.Show) ([]Clip, error) {
	rows, err := q.Query(ctx, `SELECT `+clipColumns+` FROM recording_clip WHERE show_id = $1 AND state <> 'deleted' ORDER BY id DESC`, s)
	return db.Collect(rows, err, scanClip)
}

// ClipByID reads a clip of a show; fault NotFound if there is none, or no more.
func ClipByID(ctx context.Context, q db.Querier, s id.Show, c id.Clip) (Clip, error) {
	rows, err := q.Query(ctx, `SELECT `+clipColumns+` FROM recording_clip WHERE id = $1 AND show_id = $2 AND state <> 'deleted'`, c, s)
	list, err := db.Collect(rows, err, scanClip)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Clip{}, err
	}
	return list[0], nil
}

// QueuedClips lists what is to be cut, the oldest first.
func QueuedClips(ctx context.Context, q db.Querier, limit int) ([]Clip, error) {
	rows, err := q.Query(ctx, `SELECT `+clipColumns+` FROM recording_clip WHERE state = 'queued' ORDER BY at_us LIMIT $1`, limit)
	return db.Collect(rows, err, scanClip)
}

// Made notes what a clip became. Made twice it is made once.
func Made(ctx context.Context, tx *db.Tx, c Clip) error {
	_, err := tx.Exec(ctx, `
		UPDATE recording_clip SET state = 'ready', starts_us = $2, dur_us = $3, bytes = $4, width = $5, height = $6, poster = $7
		WHERE id = $1 AND state = 'queued'`,
		c.ID, clock.Us(c.Starts), c.Duration.Microseconds(), c.Bytes, c.Width, c.Height, c.Poster)
	return err
}

// NotMade notes that a clip could not be cut, for good or to be tried again:
// why is a message key.
func NotMade(ctx context.Context, tx *db.Tx, c id.Clip, why string, forGood bool) error {
	_, err := tx.Exec(ctx, `
		UPDATE recording_clip SET why = $2, tries = tries + 1, state = CASE WHEN $3 = 1 OR tries + 1 >= $4 THEN 'failed' ELSE state END
		WHERE id = $1 AND state = 'queued'`, c, why, flag(forGood), maxTries)
	return err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// SetPoster notes that a browser gave the still of a clip.
func SetPoster(ctx context.Context, tx *db.Tx, who actor.Actor, c Clip) error {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE recording_clip SET poster = 'page' WHERE id = $1 AND state = 'ready' AND poster = ''`, c.ID)
	return err
}

// DropClip marks a clip as deleted; its files are to go after the commit.
func DropClip(ctx context.Context, tx *db.Tx, who actor.Actor, c Clip) error {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE recording_clip SET state = 'deleted' WHERE id = $1`, c.ID); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "clip.deleted", "show", c.Show, map[string]any{"clip": c.ID, "bytes": c.Bytes})
}
