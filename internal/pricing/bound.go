package pricing

import (
	"context"
	"slices"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Bound is what a product is sold for at least and at most; 0: no limit.
type Bound struct {
	Product id.Product
	Floor   money.Fen
	Ceiling money.Fen
	By      id.User
	Changed time.Time
}

// Holds tells whether a price is inside.
func (b Bound) Holds(price money.Fen) bool {
	return price >= b.Floor && (b.Ceiling == 0 || price <= b.Ceiling)
}

// SetBound sets a product's floor and ceiling (selector, admin). Faults: one a
// field.
func SetBound(ctx context.Context, tx *db.Tx, who actor.Actor, b Bound) error {
	if err := who.Need(actor.Selector, actor.Admin); err != nil {
		return err
	}
	var floor, ceiling *fault.Error
	if b.Floor < 0 || b.Floor > money.MaxFen {
		floor = fault.New(fault.Invalid, "fault.amount").At("floor")
	}
	if b.Ceiling < 0 || b.Ceiling > money.MaxFen {
		ceiling = fault.New(fault.Invalid, "fault.amount").At("ceiling")
	} else if b.Ceiling > 0 && b.Ceiling < b.Floor {
		ceiling = fault.New(fault.Invalid, "pricing.ceiling_low").At("ceiling")
	}
	if err := fault.Join(floor, ceiling); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO price_bound (product_id, floor_fen, ceiling_fen, actor_id, changed_us) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (product_id) DO UPDATE SET floor_fen = excluded.floor_fen, ceiling_fen = excluded.ceiling_fen,
			actor_id = excluded.actor_id, changed_us = excluded.changed_us`, b.Product, b.Floor, b.Ceiling, who.User, tx.NowUs()); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "pricing.bound", "product", b.Product, map[string]any{"floor_fen": b.Floor, "ceiling_fen": b.Ceiling})
}

// Bounds reads products' bounds; who has none is left out.
func Bounds(ctx context.Context, q db.Querier, products ...id.Product) (map[id.Product]Bound, error) {
	out := map[id.Product]Bound{}
	for part := range slices.Chunk(products, 200) {
		rows, err := q.Query(ctx, `SELECT product_id, floor_fen, ceiling_fen, actor_id, changed_us FROM price_bound WHERE product_id IN (`+db.In(1, len(part))+`) ORDER BY product_id`, db.Args(part)...)
		list, err := db.Collect(rows, err, func(r *db.Rows, b *Bound) error {
			var us int64
			err := r.Scan(&b.Product, &b.Floor, &b.Ceiling, &b.By, &us)
			b.Changed = clock.FromUs(us)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, b := range list {
			out[b.Product] = b
		}
	}
	return out, nil
}
