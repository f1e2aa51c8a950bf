package show

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

// remindLate: a reminder that could not go out in time is worthless after this.
const remindLate = 30 * time.Minute

// Remind asks for a reminder of an announced show, or takes it back; twice is
// once. Fault show.not_announced.
func Remind(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, on bool) error {
	if err := who.Need(actor.Buyer); err != nil {
		return err
	}
	if !who.SignedIn() { // the system has no telephone
		return fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	if !on {
		_, err := tx.Exec(ctx, `DELETE FROM show_reminder WHERE show_id = $1 AND user_id = $2`, s, who.User)
		return err
	}
	sh, err := ByID(ctx, tx, s)
	if err != nil {
		return err
	}
	if sh.State != Announced || sh.Practice {
		return fault.New(fault.Conflict, "show.not_announced")
	}
	n, err := tx.Exec(ctx, `INSERT INTO show_reminder (show_id, user_id, created_us) VALUES ($1, $2, $3) ON CONFLICT (show_id, user_id) DO NOTHING`,
		s, who.User, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "show.remind", "show", s, map[string]any{})
}

// Reminded tells how many asked to be reminded, and whether u did.
func Reminded(ctx context.Context, q db.Querier, s id.Show, u id.User) (n int64, mine bool, err error) {
	var own int64
	err = q.QueryRow(ctx, `SELECT count(*), CAST(coalesce(sum(CASE WHEN user_id = $2 THEN 1 ELSE 0 END), 0) AS BIGINT) FROM show_reminder WHERE show_id = $1`,
		s, u).Scan(&n, &own)
	return n, own > 0, err
}

// DueReminders takes reminders of shows starting before until that were not
// sent, at most limit, and marks them sent. What could not be sent after the
// commit goes back by Unsent.
func DueReminders(ctx context.Context, tx *db.Tx, until time.Time, limit int) ([]Due, error) {
	// The outer sent_us = 0 is for a second node that picked the same rows.
	rows, err := tx.Query(ctx, `
		UPDATE show_reminder SET sent_us = $1
		WHERE sent_us = 0 AND (show_id, user_id) IN (
		  SELECT r.show_id, r.user_id FROM show_reminder r JOIN live_show s ON s.id = r.show_id
		  WHERE r.sent_us = 0 AND s.state IN ('announced','live') AND s.starts_us <= $2 AND s.starts_us >= $3
		  ORDER BY s.starts_us, r.created_us, r.user_id LIMIT $4)
		RETURNING show_id, user_id`,
		tx.NowUs(), clock.Us(until), clock.Us(tx.Now.Add(-remindLate)), limit)
	return db.Collect(rows, err, func(r *db.Rows, d *Due) error { return r.Scan(&d.Show, &d.User) })
}

// Unsent puts a reminder back that could not be delivered; it is tried again
// until the show has long begun.
func Unsent(ctx context.Context, tx *db.Tx, d Due) error {
	_, err := tx.Exec(ctx, `UPDATE show_reminder SET sent_us = 0 WHERE show_id = $1 AND user_id = $2`, d.Show, d.User)
	return err
}
