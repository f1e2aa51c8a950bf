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

// Save keeps the report of a full run for the status page.
func Save(ctx context.Context, tx *db.Tx, r Report) error { return save(ctx, tx, "full", r) }

func save(ctx context.Context, tx *db.Tx, kind string, r Report) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO fsck_run (kind, at_us, report) VALUES ($1, $2, $3)
		ON CONFLICT (kind) DO UPDATE SET at_us = excluded.at_us, report = excluded.report`, kind, tx.NowUs(), string(b))
	return err
}

// Last reads the report of the newest full run, and when it was made; false if
// there is none.
func Last(ctx context.Context, q db.Querier) (Report, time.Time, bool, error) {
	return last(ctx, q, "full")
}

// LastRecent is Last for the newest run over what changed.
func LastRecent(ctx context.Context, q db.Querier) (Report, time.Time, bool, error) {
	return last(ctx, q, "recent")
}

func last(ctx context.Context, q db.Querier, kind string) (Report, time.Time, bool, error) {
	var text string
	var us int64
	err := q.QueryRow(ctx, `SELECT report, at_us FROM fsck_run WHERE kind = $1`, kind).Scan(&text, &us)
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

// Standing is what is known of the records now: the newest word on each check.
type Standing struct {
	Full, Recent     Report
	FullAt, RecentAt time.Time // zero: never ran
	Checks           []Check   // rows of the full run, findings of the newer one
}

// Stand reads where things stand. A finding of the full run stays until a run
// has looked at it again.
func Stand(ctx context.Context, q db.Querier) (s Standing, err error) {
	if s.Full, s.FullAt, _, err = Last(ctx, q); err != nil {
		return s, err
	}
	if s.Recent, s.RecentAt, _, err = LastRecent(ctx, q); err != nil {
		return s, err
	}
	newer := map[string]Check{}
	if s.RecentAt.After(s.FullAt) {
		for _, c := range s.Recent.Checks {
			if !c.PutOff {
				newer[c.Name] = c
			}
		}
	}
	for _, c := range s.Full.Checks {
		if n, ok := newer[c.Name]; ok {
			c.Findings, c.Objects = n.Findings, n.Objects
			delete(newer, c.Name)
		}
		s.Checks = append(s.Checks, c)
	}
	for _, c := range s.Recent.Checks { // that the last full run did not know, or when there was none
		if n, ok := newer[c.Name]; ok {
			s.Checks = append(s.Checks, n)
		}
	}
	return s, nil
}

// Findings counts what is wrong.
func (s Standing) Findings() int { return Report{Checks: s.Checks}.Findings() }

// openFindings are the objects that the newest runs found something about, by
// kind.
func openFindings(ctx context.Context, q db.Querier) (map[object][]string, error) {
	s, err := Stand(ctx, q)
	if err != nil {
		return nil, err
	}
	of := map[string]object{}
	for _, k := range checks {
		of[k.name] = k.of
	}
	out := map[object][]string{}
	for _, c := range s.Checks {
		if o := of[c.Name]; o != "" && o != whole {
			out[o] = append(out[o], c.Objects...)
		}
	}
	return out, nil
}
