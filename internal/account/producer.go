package account

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// maxProducers bounds the producers one person may see.
const maxProducers = 100

// LinkProducer lets a user see a producer's lots, orders and money (admin,
// selector, never oneself). That the producer exists is for the caller to know.
func LinkProducer(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, p id.Producer) error {
	if err := who.Need(actor.Admin, actor.Selector); err != nil {
		return err
	}
	if who.SignedIn() && who.User == u {
		return fault.New(fault.Denied, "account.self")
	}
	if !id.Valid(p) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := lock(ctx, tx, u); err != nil {
		return err
	}
	have, err := ProducersOf(ctx, tx, u)
	if err != nil {
		return err
	}
	if len(have) >= maxProducers {
		return fault.New(fault.Conflict, "account.producers_full", "Max", maxProducers)
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO user_producer (user_id, producer_id) VALUES ($1, $2)
		ON CONFLICT (user_id, producer_id) DO NOTHING`, u, p)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "account.link_producer", "user", u, map[string]any{"producer": p})
}

// UnlinkProducer takes that right back (admin, selector).
func UnlinkProducer(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User, p id.Producer) error {
	if err := who.Need(actor.Admin, actor.Selector); err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `DELETE FROM user_producer WHERE user_id = $1 AND producer_id = $2`, u, p)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "account.unlink_producer", "user", u, map[string]any{"producer": p})
}

// ProducersOf lists the producers a user may see.
func ProducersOf(ctx context.Context, q db.Querier, u id.User) ([]id.Producer, error) {
	rows, err := q.Query(ctx, `SELECT producer_id FROM user_producer WHERE user_id = $1 ORDER BY producer_id`, u)
	return db.Collect(rows, err, func(r *db.Rows, p *id.Producer) error { return r.Scan(p) })
}
