package chat

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Backlog is what waits for moderators in a room.
type Backlog struct {
	Show   id.Show
	N      int64
	Oldest time.Time
}

// Backlogs counts held messages by room; a room without any is left out.
func Backlogs(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show]Backlog, error) {
	if len(shows) == 0 {
		return nil, nil
	}
	rows, err := q.Query(ctx, `SELECT show_id, count(*), min(at_us) FROM chat_message WHERE state = 'held' AND show_id IN (`+db.In(1, len(shows))+`)
		GROUP BY show_id ORDER BY show_id`, db.Args(shows)...)
	list, err := db.Collect(rows, err, func(r *db.Rows, b *Backlog) error {
		var at int64
		err := r.Scan(&b.Show, &b.N, &at)
		b.Oldest = clock.FromUs(at)
		return err
	})
	out := make(map[id.Show]Backlog, len(list))
	for _, b := range list {
		out[b.Show] = b
	}
	return out, err
}
