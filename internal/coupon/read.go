package coupon

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

const columns = `id, show_id, off_fen, over_fen, total, taken, hours, bearer, dropped_us, ended_us, actor_id, created_us`

func scan(r *db.Rows, c *Coupon) error {
	var dropped, ended, created int64
	err := r.Scan(&c.ID, &c.Show, &c.Off, &c.Over, &c.Total, &c.Taken, &c.Hours, &c.Bearer, &dropped, &ended, &c.Actor, &created)
	c.Dropped, c.Ended, c.Created = clock.FromUs(dropped), clock.FromUs(ended), clock.FromUs(created)
	return err
}

func list(ctx context.Context, q db.Querier, where string, args ...any) ([]Coupon, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM coupon WHERE `+where, args...)
	out, err := db.Collect(rows, err, scan)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	ids := make([]id.Coupon, len(out))
	for i, c := range out {
		ids[i] = c.ID
	}
	type limit struct {
		of      id.Coupon
		product id.Product
	}
	rows, err = q.Query(ctx, `SELECT coupon_id, product_id FROM coupon_product WHERE coupon_id IN (`+db.In(1, len(ids))+`) ORDER BY coupon_id, product_id`, db.Args(ids)...)
	limits, err := db.Collect(rows, err, func(r *db.Rows, x *limit) error { return r.Scan(&x.of, &x.product) })
	for _, l := range limits {
		c := &out[slices.Index(ids, l.of)]
		c.Products = append(c.Products, l.product)
	}
	return out, err
}

// ByID reads a coupon; fault NotFound.
func ByID(ctx context.Context, q db.Querier, c id.Coupon) (Coupon, error) {
	out, err := list(ctx, q, `id = $1`, c)
	if err == nil && len(out) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return append(out, Coupon{})[0], err
}

// List reads a show's coupons with how many are in use, the newest first.
func List(ctx context.Context, q db.Querier, s id.Show) ([]Coupon, error) {
	out, err := list(ctx, q, `show_id = $1 ORDER BY id DESC LIMIT 50`, s)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	type used struct {
		of id.Coupon
		n  int64
	}
	rows, err := q.Query(ctx, `
		SELECT m.coupon_id, count(*) FROM coupon c JOIN coupon_claim m ON m.coupon_id = c.id
		WHERE c.show_id = $1 AND m.order_id <> '' GROUP BY m.coupon_id ORDER BY m.coupon_id`, s)
	uses, err := db.Collect(rows, err, func(r *db.Rows, x *used) error { return r.Scan(&x.of, &x.n) })
	for _, x := range uses {
		if i := slices.IndexFunc(out, func(c Coupon) bool { return c.ID == x.of }); i >= 0 {
			out[i].Used = x.n
		}
	}
	return out, err
}

// InRoom reads the coupons that stand in a show's room, the newest first:
// those that can be taken and those that are gone.
func InRoom(ctx context.Context, q db.Querier, s id.Show) ([]Coupon, error) {
	return list(ctx, q, `show_id = $1 AND dropped_us > 0 AND ended_us = 0 ORDER BY dropped_us DESC, id DESC LIMIT 10`, s)
}

func claims(ctx context.Context, q db.Querier, where string, args ...any) ([]Claim, error) {
	rows, err := q.Query(ctx, `SELECT id, coupon_id, user_id, order_id, at_us, until_us FROM coupon_claim WHERE `+where, args...)
	return db.Collect(rows, err, func(r *db.Rows, m *Claim) error {
		var at, until int64
		err := r.Scan(&m.ID, &m.Coupon, &m.User, &m.Order, &at, &until)
		m.At, m.Until = clock.FromUs(at), clock.FromUs(until)
		return err
	})
}

// Mine is a person's claim with its coupon.
type Mine struct {
	Claim
	Of Coupon
}

// Claims reads claims with their coupons, by id; missing ones are left out.
func Claims(ctx context.Context, q db.Querier, of ...id.Claim) (map[id.Claim]Mine, error) {
	out := map[id.Claim]Mine{}
	for part := range slices.Chunk(of, maxMine) {
		ms, err := claims(ctx, q, `id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		if err != nil {
			return nil, err
		}
		mine, err := withCoupons(ctx, q, ms)
		if err != nil {
			return nil, err
		}
		for _, m := range mine {
			out[m.ID] = m
		}
	}
	return out, nil
}

// Of lists a person's claims, the newest first, at most 200.
func Of(ctx context.Context, q db.Querier, u id.User) ([]Mine, error) {
	ms, err := claims(ctx, q, `user_id = $1 ORDER BY id DESC LIMIT 200`, u)
	if err != nil {
		return nil, err
	}
	return withCoupons(ctx, q, ms)
}

func withCoupons(ctx context.Context, q db.Querier, ms []Claim) ([]Mine, error) {
	if len(ms) == 0 {
		return nil, nil
	}
	ids := make([]id.Coupon, len(ms))
	for i, m := range ms {
		ids[i] = m.Coupon
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	cs, err := list(ctx, q, `id IN (`+db.In(1, len(ids))+`) ORDER BY id`, db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	by := make(map[id.Coupon]Coupon, len(cs))
	for _, c := range cs {
		by[c.ID] = c
	}
	out := make([]Mine, len(ms))
	for i, m := range ms {
		out[i] = Mine{m, by[m.Coupon]}
	}
	return out, nil
}
