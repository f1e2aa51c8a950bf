package show

import (
	"context"
	"errors"
	"slices"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Minute is how many were in a room in a minute.
type Minute struct {
	At     time.Time // its beginning
	Online int64     // when it was last looked at
	Peak   int64     // the most at once
}

// Sample notes how many are in a room now. Several nodes may do so: the most
// they saw in a minute stays.
func Sample(ctx context.Context, tx *db.Tx, s id.Show, online int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO show_minute (show_id, minute, online, peak) VALUES ($1, $2, $3, $3)
		ON CONFLICT (show_id, minute) DO UPDATE SET online = excluded.online,
			peak = CASE WHEN excluded.peak > show_minute.peak THEN excluded.peak ELSE show_minute.peak END`,
		s, tx.Now.Unix()/60, max(online, 0))
	return err
}

// Minutes reads a show's, the oldest first: a day of them at most.
func Minutes(ctx context.Context, q db.Querier, s id.Show) ([]Minute, error) {
	rows, err := q.Query(ctx, `SELECT minute, online, peak FROM show_minute WHERE show_id = $1 ORDER BY minute LIMIT 1440`, s)
	return db.Collect(rows, err, func(r *db.Rows, m *Minute) error {
		var at int64
		err := r.Scan(&at, &m.Online, &m.Peak)
		m.At = time.Unix(at*60, 0).In(clock.Shanghai)
		return err
	})
}

// Opened is a product whose page somebody opened in a show.
type Opened struct {
	Show    id.Show
	Item    id.Item
	Visitor string
}

// Click adds how often visitors opened products.
func Click(ctx context.Context, tx *db.Tx, opened map[Opened]int64) error {
	keys := make([]Opened, 0, len(opened))
	for k := range opened {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Opened) int { // one order: no deadlock between nodes
		return compare([3]string{string(a.Show), string(a.Item), a.Visitor}, [3]string{string(b.Show), string(b.Item), b.Visitor})
	})
	for _, k := range keys {
		_, err := tx.Exec(ctx, `INSERT INTO show_click (show_id, item_id, visitor, n, first_us, last_us) VALUES ($1, $2, $3, $4, $5, $5)
			ON CONFLICT (show_id, item_id, visitor) DO UPDATE SET n = show_click.n + excluded.n, last_us = excluded.last_us`, k.Show, k.Item, k.Visitor, opened[k], tx.NowUs())
		if err != nil {
			return err
		}
	}
	return nil
}

func compare(a, b [3]string) int { return slices.Compare(a[:], b[:]) }

// Clicks counts how often products were opened in a show, and by how many.
func Clicks(ctx context.Context, q db.Querier, s id.Show) (clicks, visitors int64, err error) {
	err = q.QueryRow(ctx, `SELECT CAST(coalesce(sum(n), 0) AS BIGINT), count(DISTINCT visitor) FROM show_click WHERE show_id = $1`, s).Scan(&clicks, &visitors)
	return clicks, visitors, err
}

// KeepSheet keeps the sheet of a show as it was first made; a later one changes
// nothing.
func KeepSheet(ctx context.Context, tx *db.Tx, s id.Show, body string) error {
	_, err := tx.Exec(ctx, `INSERT INTO show_sheet (show_id, at_us, body) VALUES ($1, $2, $3) ON CONFLICT (show_id) DO NOTHING`, s, tx.NowUs(), body)
	return err
}

// KeptSheet reads it; "" if there is none.
func KeptSheet(ctx context.Context, q db.Querier, s id.Show) (body string, at time.Time, err error) {
	var us int64
	err = q.QueryRow(ctx, `SELECT body, at_us FROM show_sheet WHERE show_id = $1`, s).Scan(&body, &us)
	if errors.Is(err, db.ErrNoRows) {
		return "", time.Time{}, nil
	}
	return body, clock.FromUs(us), err
}

// Unsheeted lists shows that ended and have no sheet yet, the first to end
// first; at most limit. Practice shows have a sheet of their own.
func Unsheeted(ctx context.Context, q db.Querier, limit int) ([]id.Show, error) {
	rows, err := q.Query(ctx, `SELECT id FROM live_show WHERE state = 'ended' AND NOT practice AND NOT EXISTS (SELECT 1 FROM show_sheet x WHERE x.show_id = live_show.id)
		ORDER BY ended_us, id LIMIT $1`, limit)
	return db.Collect(rows, err, func(r *db.Rows, s *id.Show) error { return r.Scan(s) })
}
