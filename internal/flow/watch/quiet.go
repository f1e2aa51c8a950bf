package watch

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

// How long an alert is silent for one who has seen it (longer than any show)
// or has put it off.
const (
	SeenFor   = 12 * time.Hour
	SnoozeFor = 5 * time.Minute
)

const (
	maxAlertID = 120
	maxQuiet   = 500 // of a person and show
)

// Quiet silences an alert for one person (operator, moderator): its id for
// this occurrence, its topic for a while. Doing it twice is doing it once.
func Quiet(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, alert string, d time.Duration) error {
	if err := who.Need(actor.Operator, actor.Moderator); err != nil {
		return err
	}
	if alert == "" || len(alert) > maxAlertID || d <= 0 || d > SeenFor {
		return fault.New(fault.Invalid, "fault.form")
	}
	if _, err := tx.Exec(ctx, `DELETE FROM desk_quiet WHERE user_id = $1 AND until_us <= $2`, who.User, tx.NowUs()); err != nil {
		return err
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM desk_quiet WHERE user_id = $1 AND show_id = $2`, who.User, s).Scan(&n); err != nil {
		return err
	}
	if n >= maxQuiet {
		return fault.New(fault.TooMany, "rooms.quiet_full").After(SnoozeFor)
	}
	_, err := tx.Exec(ctx, `INSERT INTO desk_quiet (user_id, show_id, alert, until_us) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, show_id, alert) DO UPDATE SET until_us = excluded.until_us`, who.User, s, alert, clock.Us(tx.Now.Add(d)))
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "desk.quiet", "show", s, map[string]any{"alert": alert, "seconds": int64(d / time.Second)})
}

// Loud leaves out of a list what a person has silenced.
func Loud(ctx context.Context, q db.Querier, who id.User, list []Alert) ([]Alert, error) {
	if len(list) == 0 {
		return nil, nil
	}
	type row struct {
		show  id.Show
		alert string
	}
	rows, err := q.Query(ctx, `SELECT show_id, alert FROM desk_quiet WHERE user_id = $1 AND until_us > $2 ORDER BY show_id, alert`, who, clock.Us(db.Now(q)))
	quiet, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.show, &x.alert) })
	if err != nil {
		return nil, err
	}
	silent := map[row]bool{}
	for _, x := range quiet {
		silent[x] = true
	}
	var out []Alert
	for _, a := range list {
		if !silent[row{a.Show, a.ID}] && !silent[row{a.Show, a.Topic}] {
			out = append(out, a)
		}
	}
	return out, nil
}
