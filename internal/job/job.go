package job

import (
	"context"

	"lindu.example/lindu/internal/db"
)

// Queue runs what must be retried or run later (River); a job is enqueued in
// the transaction that needs it.
type Queue struct{ _ byte }

// Kick enqueues a named job in tx, unique while one like it waits.
func (q *Queue) Kick(ctx context.Context, tx *db.Tx, name string) error { panic("not built yet") }
