package practice

import (
	"context"
	"errors"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Run is what drives the audience of one practice show.
type Run struct {
	Show id.Show
	From id.Show // whose running order it has
	Seed uint64
	Lang string
	Done int // steps of the plan that were played
}

// Event is what somebody in the audience did. No is its step of the plan.
type Event struct {
	No       int
	At       time.Time
	Kind     Kind
	Viewer   int64
	Topic    string
	Item     id.Item
	Message  id.Message
	Qty      int64
	Price    money.Fen // of one unit, play money
	Answered time.Time
	By       string // host, staff
}

// Who answered.
const (
	ByHost  = "host"
	ByStaff = "staff"
)

// Sound is what the microphone heard in a minute of the practice.
type Sound struct {
	Minute             int
	Heard, Talk, Pause time.Duration
}

// Open notes a run.
func Open(ctx context.Context, tx *db.Tx, r Run) error {
	_, err := tx.Exec(ctx, `INSERT INTO practice_run (show_id, from_id, seed, lang) VALUES ($1, $2, $3, $4) ON CONFLICT (show_id) DO NOTHING`,
		r.Show, r.From, int64(r.Seed), r.Lang)
	return err
}

const runColumns = `show_id, from_id, seed, lang, done`

func scanRun(row db.Row) (r Run, err error) {
	var seed, done int64
	err = row.Scan(&r.Show, &r.From, &seed, &r.Lang, &done)
	r.Seed, r.Done = uint64(seed), int(done)
	if errors.Is(err, db.ErrNoRows) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return r, err
}

// ByShow reads the run of a show; fault NotFound if it is no practice.
func ByShow(ctx context.Context, q db.Querier, s id.Show) (Run, error) {
	return scanRun(q.QueryRow(ctx, `SELECT `+runColumns+` FROM practice_run WHERE show_id = $1`, s))
}

// Lock is ByShow that holds the row, so that two servers don't play one step.
func Lock(ctx context.Context, tx *db.Tx, s id.Show) (Run, error) {
	return scanRun(tx.QueryRow(ctx, `UPDATE practice_run SET done = done WHERE show_id = $1 RETURNING `+runColumns, s))
}

// Advance notes how far the plan was played, and what came of it.
func Advance(ctx context.Context, tx *db.Tx, s id.Show, done int, events []Event) error {
	rows := make([][]any, len(events))
	for i, e := range events {
		rows[i] = []any{s, e.No, clock.Us(e.At), string(e.Kind), e.Viewer, e.Topic, e.Item, e.Message, e.Qty, int64(e.Price)}
	}
	if len(rows) > 0 {
		err := tx.Insert(ctx, "practice_event", []string{"show_id", "no", "at_us", "kind", "viewer", "topic", "item_id", "message_id", "qty", "fen"}, rows)
		if err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE practice_run SET done = $2 WHERE show_id = $1`, s, done)
	return err
}

// Events reads what happened, in its order. A plan has some two thousand steps
// at most.
func Events(ctx context.Context, q db.Querier, s id.Show) ([]Event, error) {
	rows, err := q.Query(ctx, `SELECT no, at_us, kind, viewer, topic, item_id, message_id, qty, fen, answered_us, answered_by
		FROM practice_event WHERE show_id = $1 ORDER BY no`, s)
	return db.Collect(rows, err, func(r *db.Rows, e *Event) error {
		var no, at, answered, fen int64
		err := r.Scan(&no, &at, &e.Kind, &e.Viewer, &e.Topic, &e.Item, &e.Message, &e.Qty, &fen, &answered, &e.By)
		e.No, e.At, e.Price = int(no), clock.FromUs(at), money.Fen(fen)
		if answered > 0 {
			e.Answered = clock.FromUs(answered)
		}
		return err
	})
}

// Answer notes that a question was answered; the first answer stays.
func Answer(ctx context.Context, tx *db.Tx, s id.Show, message id.Message, by string) error {
	_, err := tx.Exec(ctx, `UPDATE practice_event SET answered_us = $3, answered_by = $4
		WHERE show_id = $1 AND message_id = $2 AND kind = 'ask' AND answered_us = 0`, s, message, tx.NowUs(), by)
	return err
}

// Hear adds to what the microphone heard in a minute. No more than a minute
// fits into one, whatever a page sends.
func Hear(ctx context.Context, tx *db.Tx, s id.Show, x Sound) error {
	const minute = int64(time.Minute / time.Millisecond)
	heard := min(max(x.Heard.Milliseconds(), 0), minute)
	talk := min(max(x.Talk.Milliseconds(), 0), heard)
	pause := min(max(x.Pause.Milliseconds(), 0), int64(Length/time.Millisecond))
	_, err := tx.Exec(ctx, `
		INSERT INTO practice_sound (show_id, minute, heard_ms, talk_ms, pause_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (show_id, minute) DO UPDATE SET
		  heard_ms = CASE WHEN practice_sound.heard_ms + excluded.heard_ms > 60000 THEN 60000 ELSE practice_sound.heard_ms + excluded.heard_ms END,
		  talk_ms  = CASE WHEN practice_sound.talk_ms + excluded.talk_ms > 60000 THEN 60000 ELSE practice_sound.talk_ms + excluded.talk_ms END,
		  pause_ms = CASE WHEN practice_sound.pause_ms > excluded.pause_ms THEN practice_sound.pause_ms ELSE excluded.pause_ms END`,
		s, x.Minute, heard, talk, pause)
	return err
}

// Sounds reads what the microphone heard, by minute.
func Sounds(ctx context.Context, q db.Querier, s id.Show) ([]Sound, error) {
	rows, err := q.Query(ctx, `SELECT minute, heard_ms, talk_ms, pause_ms FROM practice_sound WHERE show_id = $1 ORDER BY minute`, s)
	return db.Collect(rows, err, func(r *db.Rows, x *Sound) error {
		var minute, heard, talk, pause int64
		err := r.Scan(&minute, &heard, &talk, &pause)
		ms := func(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
		x.Minute, x.Heard, x.Talk, x.Pause = int(minute), ms(heard), ms(talk), ms(pause)
		return err
	})
}
