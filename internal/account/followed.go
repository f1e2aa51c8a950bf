package account

import (
	"context"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// FollowedBetween counts who began to follow a host in [from, to) and still does.
func FollowedBetween(ctx context.Context, q db.Querier, host id.User, from, to time.Time) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM user_follow WHERE host_id = $1 AND created_us >= $2 AND created_us < $3`, host, clock.Us(from), clock.Us(to)).Scan(&n)
	return n, err
}
