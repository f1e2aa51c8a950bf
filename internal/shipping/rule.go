package shipping

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
)

// ReadRules reads the freight table.
func ReadRules(ctx context.Context, q db.Querier) (Rules, error) {
	rows, err := q.Query(ctx, `
		SELECT province, deliver, first_g, first_fen, next_g, next_fen, free_over_fen
		FROM freight_rule ORDER BY province`)
	list, err := db.Collect(rows, err, func(r *db.Rows, x *Rule) error {
		return r.Scan(&x.Province, &x.Deliver, &x.FirstG, &x.First, &x.NextG, &x.Next, &x.FreeOver)
	})
	if err != nil {
		return nil, err
	}
	out := make(Rules, len(list))
	for _, x := range list {
		out[x.Province] = x
	}
	return out, nil
}

// SetRule changes a province's rule (operator); Province "" is the rule for
// all others. Orders already placed keep their freight.
func SetRule(ctx context.Context, tx *db.Tx, who actor.Actor, r Rule) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO freight_rule (province, deliver, first_g, first_fen, next_g, next_fen, free_over_fen, changed_us, changed_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (province) DO UPDATE SET deliver = excluded.deliver, first_g = excluded.first_g, first_fen = excluded.first_fen,
			next_g = excluded.next_g, next_fen = excluded.next_fen, free_over_fen = excluded.free_over_fen,
			changed_us = excluded.changed_us, changed_by = excluded.changed_by`,
		r.Province, r.Deliver, r.FirstG, r.First, r.NextG, r.Next, r.FreeOver, tx.NowUs(), who.User)
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "shipping.rule", "freight_rule", r.Province, r)
}

// DropRule takes a province's own rule away (operator), so that the rule for
// all others holds again.
func DropRule(ctx context.Context, tx *db.Tx, who actor.Actor, province string) error {
	if err := who.Need(actor.Operator); err != nil {
		return err
	}
	if n, err := tx.Exec(ctx, `DELETE FROM freight_rule WHERE province = $1`, province); err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "shipping.drop_rule", "freight_rule", province, struct{}{})
}
