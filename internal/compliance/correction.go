package compliance

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

const (
	// MaxWords bounds either line of a correction, in characters.
	MaxWords = 200
	// MaxCorrections bounds those of one show.
	MaxCorrections = 200
)

// Correction of something said in a show.
type Correction struct {
	ID    id.Correction
	Show  id.Show
	Wrong string
	Right string
	By    id.User
	Name  string
	At    time.Time
}

// Correct keeps a correction. Who may is flow's to say: staff, and the host of
// the show. Faults: a field (Invalid), compliance.too_many (TooMany).
func Correct(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, wrong, right string) (Correction, error) {
	if err := who.Need(actor.Operator, actor.Moderator, actor.Admin, actor.Host); err != nil {
		return Correction{}, err
	}
	c := Correction{ID: id.New[id.Correction](), Show: s, Wrong: strings.Join(strings.Fields(wrong), " "), Right: strings.Join(strings.Fields(right), " "), By: who.User, Name: who.Name, At: clock.FromUs(tx.NowUs())}
	if err := fault.Join(line("wrong", c.Wrong), line("right", c.Right)); err != nil {
		return Correction{}, err
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM show_correction WHERE show_id = $1`, s).Scan(&n); err != nil {
		return Correction{}, err
	}
	if n >= MaxCorrections {
		return Correction{}, fault.New(fault.TooMany, "compliance.too_many", "Max", MaxCorrections)
	}
	err := tx.Insert(ctx, "show_correction", []string{"id", "show_id", "wrong", "truth", "by_id", "by_name", "at_us"},
		[][]any{{c.ID, s, c.Wrong, c.Right, who.User, who.Name, tx.NowUs()}})
	if err != nil {
		return Correction{}, err
	}
	return c, audit.Write(ctx, tx, who, "show.correct", "show", s, map[string]any{"correction": c.ID})
}

func line(field, s string) *fault.Error {
	switch {
	case s == "":
		return fault.New(fault.Invalid, "fault.required").At(field)
	case utf8.RuneCountInString(s) > MaxWords || !utf8.ValidString(s):
		return fault.New(fault.Invalid, "fault.too_long", "Max", MaxWords).At(field)
	}
	return nil
}

// Corrections lists those of a show, the oldest first.
func Corrections(ctx context.Context, q db.Querier, s id.Show) ([]Correction, error) {
	rows, err := q.Query(ctx, `SELECT id, show_id, wrong, truth, by_id, by_name, at_us FROM show_correction WHERE show_id = $1 ORDER BY id`, s)
	return db.Collect(rows, err, func(r *db.Rows, c *Correction) error {
		var us int64
		err := r.Scan(&c.ID, &c.Show, &c.Wrong, &c.Right, &c.By, &c.Name, &us)
		c.At = clock.FromUs(us)
		return err
	})
}
