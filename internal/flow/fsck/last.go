package fsck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
)

// setting is where the newest report stands.
const setting = "fsck.last"

// Save keeps a report of the present for the status page.
func Save(ctx context.Context, tx *db.Tx, r Report) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO setting (key, value, changed_us, changed_by) VALUES ($1, $2, $3, '')
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_us = excluded.changed_us`, setting, string(b), tx.NowUs())
	return err
}

// Last reads the newest report that was saved, and when; false if none was.
func Last(ctx context.Context, q db.Querier) (Report, time.Time, bool, error) {
	var text string
	var us int64
	err := q.QueryRow(ctx, `SELECT value, changed_us FROM setting WHERE key = $1`, setting).Scan(&text, &us)
	if errors.Is(err, db.ErrNoRows) {
		return Report{}, time.Time{}, false, nil
	}
	if err != nil {
		return Report{}, time.Time{}, false, err
	}
	var r Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return Report{}, time.Time{}, false, fmt.Errorf("fsck: the saved report can't be read: %w", err)
	}
	return r, clock.FromUs(us), true, nil
}
