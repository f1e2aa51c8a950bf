package show

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// How far a start may lie: a little in the past for a show that is announced
// while it is set up, a year ahead against a slip in the date.
const (
	startsBehind = time.Hour
	startsAhead  = 366 * 24 * time.Hour
)

// Save creates (ID empty) or changes a show's notice (operator, or its host).
// Once announced only an operator changes host and start; once live, host,
// start and orientation stand. The slow mode of an existing show is changed by
// SetSlowMode. Faults a field: fault.required, fault.too_long, fault.choice,
// show.starts_range; show.over, show.fixed.
func Save(ctx context.Context, tx *db.Tx, who actor.Actor, s Show) (id.Show, error) {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return "", err
	}
	s.Title, s.Summary = strings.Join(strings.Fields(s.Title), " "), strings.TrimSpace(s.Summary)
	var old Show
	if s.ID != "" {
		var err error
		if old, err = lockOpen(ctx, tx, s.ID); err != nil {
			return "", err
		}
		if err := mayRun(who, old); err != nil {
			return "", err
		}
	}
	if err := mayRun(who, s); err != nil { // a host can't hand a show to somebody else
		return "", err
	}
	if err := check(who, s, old, tx.Now); err != nil {
		return "", err
	}
	if s.ID == "" {
		return create(ctx, tx, who, s)
	}
	return s.ID, change(ctx, tx, who, s, old)
}

func check(who actor.Actor, s, old Show, now time.Time) error {
	var f []*fault.Error
	f = append(f, text("title", s.Title, true, MaxTitle), text("summary", s.Summary, false, MaxSummary))
	if s.Host == "" {
		f = append(f, fault.New(fault.Invalid, "fault.required").At("host"))
	}
	if s.Orientation != Portrait && s.Orientation != Landscape {
		f = append(f, fault.New(fault.Invalid, "fault.choice").At("orientation"))
	}
	moved := !s.Starts.Equal(old.Starts)
	switch {
	case s.Starts.IsZero():
		f = append(f, fault.New(fault.Invalid, "fault.required").At("starts"))
	case moved && !who.IsSystem() && (s.Starts.Before(now.Add(-startsBehind)) || s.Starts.After(now.Add(startsAhead))):
		f = append(f, fault.New(fault.Invalid, "show.starts_range").At("starts"))
	}
	if s.SlowMode < 0 || s.SlowMode > MaxSlowMode {
		f = append(f, fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", MaxSlowMode).At("slow_mode"))
	}
	changedHead := moved || s.Host != old.Host
	switch {
	case old.State == Announced && changedHead && !who.Has(actor.Operator):
		f = append(f, fault.New(fault.Denied, "show.fixed"))
	case old.State == Live && (changedHead || s.Orientation != old.Orientation):
		f = append(f, fault.New(fault.Conflict, "show.fixed"))
	}
	return fault.Join(f...)
}

func text(field, s string, required bool, most int) *fault.Error {
	switch {
	case required && s == "":
		return fault.New(fault.Invalid, "fault.required").At(field)
	case utf8.RuneCountInString(s) > most:
		return fault.New(fault.Invalid, "fault.too_long", "Max", most).At(field)
	}
	return nil
}

func create(ctx context.Context, tx *db.Tx, who actor.Actor, s Show) (id.Show, error) {
	s.ID = id.New[id.Show]()
	_, err := tx.Exec(ctx, `
		INSERT INTO live_show (id, title, summary, host_id, cover_id, orientation, starts_us, state, slow_mode_s, created_us, practice)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10)`,
		s.ID, s.Title, s.Summary, s.Host, s.Cover, s.Orientation, clock.Us(s.Starts), s.SlowMode, tx.NowUs(), s.Practice)
	if err != nil {
		return "", err
	}
	return s.ID, audit.Write(ctx, tx, who, "show.create", "show", s.ID, map[string]any{"title": s.Title, "host": s.Host, "starts": s.Starts})
}

func change(ctx context.Context, tx *db.Tx, who actor.Actor, s, old Show) error {
	_, err := tx.Exec(ctx, `
		UPDATE live_show SET title = $2, summary = $3, host_id = $4, cover_id = $5, orientation = $6, starts_us = $7
		WHERE id = $1`, s.ID, s.Title, s.Summary, s.Host, s.Cover, s.Orientation, clock.Us(s.Starts))
	if err != nil {
		return err
	}
	if !s.Starts.Equal(old.Starts) {
		// Whoever was reminded of the old time must hear of the new one.
		if _, err := tx.Exec(ctx, `UPDATE show_reminder SET sent_us = 0 WHERE show_id = $1`, s.ID); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, who, "show.change", "show", s.ID,
		map[string]any{"title": s.Title, "host": s.Host, "starts": s.Starts, "started_before": old.Starts})
}

// SetSlowMode sets the seconds between two messages of one person (operator,
// moderator).
func SetSlowMode(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, seconds int) error {
	if err := who.Need(actor.Operator, actor.Moderator); err != nil {
		return err
	}
	if seconds < 0 || seconds > MaxSlowMode {
		return fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", MaxSlowMode).At("slow_mode")
	}
	if _, err := lockOpen(ctx, tx, s); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE live_show SET slow_mode_s = $2 WHERE id = $1`, s, seconds); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "show.slow_mode", "show", s, map[string]any{"seconds": seconds})
}
