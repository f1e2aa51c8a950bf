package account

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// maxFollowed bounds the hosts one person follows.
const maxFollowed = 1000

// Follow starts (on) or ends following a host. Doing it twice changes nothing.
func Follow(ctx context.Context, tx *db.Tx, who actor.Actor, host id.User, on bool) error {
	if err := person(who); err != nil {
		return err
	}
	if !on {
		n, err := tx.Exec(ctx, `DELETE FROM user_follow WHERE user_id = $1 AND host_id = $2`, who.User, host)
		if err != nil || n == 0 {
			return err
		}
		return audit.Write(ctx, tx, who, "account.unfollow", "user", host, nil)
	}
	if host == who.User {
		return fault.New(fault.Invalid, "account.follow_self")
	}
	h, err := byID(ctx, tx, host)
	if err != nil {
		return err
	}
	if h.State != Active || !slices.Contains(h.Roles, actor.Host) {
		return fault.New(fault.NotFound, "account.not_host")
	}
	if err := lock(ctx, tx, who.User); err != nil {
		return err
	}
	var have int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM user_follow WHERE user_id = $1 AND host_id <> $2`, who.User, host).Scan(&have); err != nil {
		return err
	}
	if have >= maxFollowed {
		return fault.New(fault.Conflict, "account.follow_full", "Max", maxFollowed)
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO user_follow (user_id, host_id, created_us) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, host_id) DO NOTHING`, who.User, host, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "account.follow", "user", host, nil)
}

// Followers counts a host's followers, and tells whether u is one.
func Followers(ctx context.Context, q db.Querier, host, u id.User) (n int64, mine bool, err error) {
	var own int64
	err = q.QueryRow(ctx, `
		SELECT count(*), coalesce(max(CASE WHEN user_id = $2 THEN 1 ELSE 0 END), 0)
		FROM user_follow WHERE host_id = $1`, host, u).Scan(&n, &own)
	return n, own == 1, err
}

// FollowerCounts counts the followers of several hosts in one query; a host
// nobody follows is left out.
func FollowerCounts(ctx context.Context, q db.Querier, hosts ...id.User) (map[id.User]int64, error) {
	out := make(map[id.User]int64, len(hosts))
	type row struct {
		host id.User
		n    int64
	}
	for part := range slices.Chunk(hosts, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT host_id, count(*) FROM user_follow WHERE host_id IN (`+db.In(1, len(part))+`)
			GROUP BY host_id ORDER BY host_id`, db.Args(part)...)
		rs, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.host, &x.n) })
		if err != nil {
			return nil, err
		}
		for _, r := range rs {
			out[r.host] = r.n
		}
	}
	return out, nil
}

// Following lists the hosts a user follows, the latest first.
func Following(ctx context.Context, q db.Querier, u id.User) ([]id.User, error) {
	rows, err := q.Query(ctx, `
		SELECT host_id FROM user_follow WHERE user_id = $1
		ORDER BY created_us DESC, host_id LIMIT $2`, u, maxFollowed)
	return db.Collect(rows, err, func(r *db.Rows, h *id.User) error { return r.Scan(h) })
}
