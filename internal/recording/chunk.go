package recording

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// maxChunks bounds what is read of one show: more than eight days of it.
const maxChunks = 12_000

const chunkColumns = `id, show_id, run_id, kind, file, starts_us, dur_us, bytes, sha256, init_bytes, codecs, width, height, pieces, kept_us, deleted_us`

// Note writes down a chunk whose file is stored. The same chunk twice is one.
func Note(ctx context.Context, tx *db.Tx, c Chunk) error {
	list := make([][3]int64, len(c.Pieces))
	for i, p := range c.Pieces {
		list[i] = [3]int64{p.Offset, p.Bytes, p.Duration.Microseconds()}
	}
	pieces, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO recording_chunk (id, show_id, run_id, kind, file, starts_us, dur_us, bytes, sha256, init_bytes, codecs, width, height, pieces, kept_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO NOTHING`,
		c.ID, c.Show, c.Run, c.Kind, c.File, clock.Us(c.Starts), c.Duration.Microseconds(), c.Bytes, c.SHA256, c.InitBytes, c.Codecs, c.Width, c.Height, string(pieces), tx.NowUs())
	return err
}

func scanChunk(r *db.Rows, c *Chunk) error {
	var starts, dur, kept, deleted int64
	var pieces string
	if err := r.Scan(&c.ID, &c.Show, &c.Run, &c.Kind, &c.File, &starts, &dur, &c.Bytes, &c.SHA256, &c.InitBytes, &c.Codecs, &c.Width, &c.Height, &pieces, &kept, &deleted); err != nil {
		return err
	}
	c.Starts, c.Duration = clock.FromUs(starts), time.Duration(dur)*time.Microsecond
	c.Kept, c.Deleted = clock.FromUs(kept), clock.FromUs(deleted)
	var list [][3]int64
	if err := json.Unmarshal([]byte(pieces), &list); err != nil {
		return fmt.Errorf("recording: chunk %s: %w", c.ID, err)
	}
	for _, p := range list {
		c.Pieces = append(c.Pieces, Piece{Offset: p[0], Bytes: p[1], Duration: time.Duration(p[2]) * time.Microsecond})
	}
	return nil
}

// Chunks reads what there is of a show of one kind, in the order it was shown;
// "" for every kind.
func Chunks(ctx context.Context, q db.Querier, s id.Show, kind string) ([]Chunk, error) {
	rows, err := q.Query(ctx, `
		SELECT `+chunkColumns+` FROM recording_chunk
		WHERE show_id = $1 AND deleted_us = 0 AND ($2 = '' OR kind = $2)
		ORDER BY starts_us, id LIMIT $3`, s, kind, maxChunks)
	return db.Collect(rows, err, scanChunk)
}

// ByID reads one chunk of a show; ok is false if there is none, or no more.
func ByID(ctx context.Context, q db.Querier, s id.Show, c id.Chunk) (chunk Chunk, ok bool, err error) {
	rows, err := q.Query(ctx, `SELECT `+chunkColumns+` FROM recording_chunk WHERE id = $1 AND show_id = $2 AND deleted_us = 0`, c, s)
	list, err := db.Collect(rows, err, scanChunk)
	if err != nil || len(list) == 0 {
		return Chunk{}, false, err
	}
	return list[0], true, nil
}

// Sum is what there is of a show, by kind.
type Sum struct {
	Show     id.Show
	Kind     string
	Chunks   int64
	Bytes    int64
	Duration time.Duration
	From, To time.Time
}

const sumColumns = `show_id, kind, COUNT(*), CAST(SUM(bytes) AS BIGINT), CAST(SUM(dur_us) AS BIGINT), MIN(starts_us), MAX(starts_us + dur_us)`

func scanSum(r *db.Rows, s *Sum) error {
	var dur, from, to int64
	err := r.Scan(&s.Show, &s.Kind, &s.Chunks, &s.Bytes, &dur, &from, &to)
	s.Duration, s.From, s.To = time.Duration(dur)*time.Microsecond, clock.FromUs(from), clock.FromUs(to)
	return err
}

// Sums tells of shows what is kept; with none named, of all that have anything,
// the newest first, at most limit rows after the show named by before ("" from
// the start).
func Sums(ctx context.Context, q db.Querier, before id.Show, limit int) ([]Sum, error) {
	if before == "" {
		before = "~"
	}
	rows, err := q.Query(ctx, `
		SELECT `+sumColumns+` FROM recording_chunk WHERE deleted_us = 0 AND show_id < $1
		GROUP BY show_id, kind ORDER BY show_id DESC, kind LIMIT $2`, before, limit)
	return db.Collect(rows, err, scanSum)
}

// SumsOf tells of these shows what is kept.
func SumsOf(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show][]Sum, error) {
	if len(shows) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, `
		SELECT `+sumColumns+` FROM recording_chunk WHERE deleted_us = 0 AND show_id IN (`+db.In(1, len(shows))+`)
		GROUP BY show_id, kind ORDER BY show_id, kind`, db.Args(shows)...)
	list, err := db.Collect(rows, err, scanSum)
	out := make(map[id.Show][]Sum, len(list))
	for _, s := range list {
		out[s.Show] = append(out[s.Show], s)
	}
	return out, err
}

// Has tells which of these shows can be watched again by everybody.
func Has(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show]bool, error) {
	sums, err := SumsOf(ctx, q, shows...)
	out := make(map[id.Show]bool, len(sums))
	for s, list := range sums {
		for _, x := range list {
			out[s] = out[s] || x.Kind == Live
		}
	}
	return out, err
}

// Use is how much is kept, and how fast it grows.
type Use struct {
	Shows, Chunks, Bytes int64
	LastWeek             int64 // bytes that came in the last seven days
}

// Used adds everything up.
func Used(ctx context.Context, q db.Querier, now time.Time) (u Use, err error) {
	err = q.QueryRow(ctx, `
		SELECT COUNT(DISTINCT show_id), COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM recording_chunk WHERE deleted_us = 0`).Scan(&u.Shows, &u.Chunks, &u.Bytes)
	if err == nil {
		err = q.QueryRow(ctx, `
			SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM recording_chunk WHERE kept_us >= $1`, clock.Us(now.AddDate(0, 0, -7))).Scan(&u.LastWeek)
	}
	return u, err
}

// FullIn is in how many days a disk is full at this pace: free bytes, less what
// is to stay free. ok is false when nothing came lately.
func (u Use) FullIn(free, keep int64) (days int64, ok bool) {
	if u.LastWeek <= 0 {
		return 0, false
	}
	return max(0, free-keep) * 7 / u.LastWeek, true
}

// Forget marks what there is of a show of a kind as deleted, and writes down how
// much it was and why it might go. Their files are to go after the commit; see
// Going.
func Forget(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, kind, class string, until time.Time) error {
	chunks, err := Chunks(ctx, tx, s, kind)
	if err != nil || len(chunks) == 0 {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE recording_chunk SET deleted_us = $3 WHERE show_id = $1 AND kind = $2 AND deleted_us = 0`, s, kind, tx.NowUs()); err != nil {
		return err
	}
	var bytes int64
	for _, c := range chunks {
		bytes += c.Bytes
	}
	return audit.Write(ctx, tx, who, "recording.deleted", "show", s, map[string]any{"kind": kind, "class": class, "files": len(chunks), "bytes": bytes,
		"from": chunks[0].Starts, "to": chunks[len(chunks)-1].Ends(), "kept_until": until})
}

// Going lists chunks whose files are still to be removed.
func Going(ctx context.Context, q db.Querier, limit int) ([]Chunk, error) {
	rows, err := q.Query(ctx, `
		SELECT `+chunkColumns+` FROM recording_chunk WHERE deleted_us > 0 AND removed_us = 0 ORDER BY deleted_us, id LIMIT $1`, limit)
	return db.Collect(rows, err, scanChunk)
}

// Removed notes that files are gone.
func Removed(ctx context.Context, tx *db.Tx, chunks ...id.Chunk) error {
	if len(chunks) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE recording_chunk SET removed_us = $1 WHERE deleted_us > 0 AND id IN (`+db.In(2, len(chunks))+`)`,
		append([]any{tx.NowUs()}, db.Args(chunks)...)...)
	return err
}

// Page reads chunks that are kept, by id, after one: for the check of files.
func Page(ctx context.Context, q db.Querier, after id.Chunk, limit int) ([]Chunk, error) {
	rows, err := q.Query(ctx, `SELECT `+chunkColumns+` FROM recording_chunk WHERE deleted_us = 0 AND id > $1 ORDER BY id LIMIT $2`, after, limit)
	return db.Collect(rows, err, scanChunk)
}
