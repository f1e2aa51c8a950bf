package show

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// visitRows are written by one statement.
const visitRows = 200

// WatchGap is how long somebody may go unseen and still count as having watched
// all the while. Who is there is written down more often than that.
const WatchGap = 30 * time.Second

// Visit notes that visitors are in the room (last seen now) and adds their
// likes; a negative count of likes is taken as none. The time since they were
// last seen counts as watched if it is no longer than WatchGap. However often
// and from however many nodes a visitor is noted, no moment counts twice.
func Visit(ctx context.Context, tx *db.Tx, s id.Show, visitors map[string]int64) error {
	names := slices.Sorted(maps.Keys(visitors)) // one order: no deadlock between nodes
	for part := range slices.Chunk(names, visitRows) {
		var b strings.Builder
		args := []any{s, tx.NowUs(), WatchGap.Microseconds()}
		for i, v := range part {
			if i > 0 {
				b.WriteString(", ")
			}
			n := len(args)
			fmt.Fprintf(&b, "($1, $%d, $2, $2, $%d)", n+1, n+2)
			args = append(args, v, max(0, visitors[v]))
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO show_visit (show_id, visitor, first_us, last_us, likes) VALUES `+b.String()+`
			ON CONFLICT (show_id, visitor) DO UPDATE SET
				watched_us = show_visit.watched_us + CASE WHEN excluded.last_us - show_visit.last_us BETWEEN 0 AND $3 THEN excluded.last_us - show_visit.last_us ELSE 0 END,
				last_us = CASE WHEN excluded.last_us > show_visit.last_us THEN excluded.last_us ELSE show_visit.last_us END,
				likes = show_visit.likes + excluded.likes`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Audience counts who entered and the likes.
func Audience(ctx context.Context, q db.Querier, s id.Show) (entered, likes int64, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), CAST(coalesce(sum(likes), 0) AS BIGINT) FROM show_visit WHERE show_id = $1`, s).Scan(&entered, &likes)
	return entered, likes, err
}

// Watched is how long all visitors of a show watched it together, and how many
// they were.
func Watched(ctx context.Context, q db.Querier, s id.Show) (all time.Duration, visitors int64, err error) {
	var us int64
	err = q.QueryRow(ctx, `SELECT CAST(coalesce(sum(watched_us), 0) AS BIGINT), count(*) FROM show_visit WHERE show_id = $1`, s).Scan(&us, &visitors)
	return time.Duration(us) * time.Microsecond, visitors, err
}
