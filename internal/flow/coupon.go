package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

// MakeCoupon makes a coupon of a show that is not over (operator). With drop
// it is put into the room at once. Faults: those of coupon.Make and
// coupon.Drop, show.over, coupon.product (not of the show).
func (f *Flow) MakeCoupon(ctx context.Context, who actor.Actor, key string, c coupon.Coupon, drop bool) (coupon.Coupon, error) {
	var made coupon.Coupon
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		sh, err := show.ByID(ctx, tx, c.Show)
		if err != nil {
			return err
		}
		if sh.Over() {
			return fault.New(fault.Conflict, "show.over")
		}
		if err := productsOfShow(ctx, tx, c); err != nil {
			return err
		}
		if made, err = coupon.Make(ctx, tx, who, key, c); err != nil || !drop || !made.Dropped.IsZero() {
			return err
		}
		made, err = coupon.Drop(ctx, tx, who, made.ID)
		return err
	})
	if err == nil && !made.Dropped.IsZero() {
		f.tell(made.Show, room.KindCoupon, room.CouponOf(made))
	}
	return made, err
}

// productsOfShow refuses a coupon for products the show does not have.
func productsOfShow(ctx context.Context, q db.Querier, c coupon.Coupon) error {
	if len(c.Products) == 0 {
		return nil
	}
	items, err := show.Items(ctx, q, c.Show)
	if err != nil {
		return err
	}
	have := map[id.Product]bool{}
	for _, it := range items {
		have[it.Product] = true
	}
	for _, p := range c.Products {
		if !have[p] {
			return fault.New(fault.Invalid, "coupon.product").At("products")
		}
	}
	return nil
}

// DropCoupon puts a coupon into its show's room (operator).
func (f *Flow) DropCoupon(ctx context.Context, who actor.Actor, c id.Coupon) (coupon.Coupon, error) {
	return f.setCoupon(ctx, func(tx *db.Tx) (coupon.Coupon, error) { return coupon.Drop(ctx, tx, who, c) })
}

// EndCoupon lets nobody take a coupon any more (operator); what was taken stays
// good.
func (f *Flow) EndCoupon(ctx context.Context, who actor.Actor, c id.Coupon) (coupon.Coupon, error) {
	return f.setCoupon(ctx, func(tx *db.Tx) (coupon.Coupon, error) { return coupon.End(ctx, tx, who, c) })
}

func (f *Flow) setCoupon(ctx context.Context, set func(*db.Tx) (coupon.Coupon, error)) (c coupon.Coupon, err error) {
	err = f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		c, err = set(tx)
		return err
	})
	if err == nil {
		f.tell(c.Show, room.KindCoupon, room.CouponOf(c))
	}
	return c, err
}

// TakeCoupon gives a buyer the coupon, or the one they have: one tap, and a
// second changes nothing. Faults: those of coupon.Take.
func (f *Flow) TakeCoupon(ctx context.Context, who actor.Actor, c id.Coupon) (coupon.Mine, error) {
	var mine coupon.Mine
	err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
		mine.Of, mine.Claim, err = coupon.Take(ctx, tx, who, c)
		return err
	})
	if err == nil {
		f.tell(mine.Of.Show, room.KindCoupon, room.CouponOf(mine.Of))
	}
	return mine, err
}

// UsableCoupons lists a person's coupons that could be used now: in a show that
// is live, or outside shows ("") those that are good there. Whether one fits
// an order, its quote tells.
func (f *Flow) UsableCoupons(ctx context.Context, who actor.Actor, s id.Show) ([]coupon.Mine, error) {
	if !who.SignedIn() {
		return nil, nil
	}
	all, err := coupon.Of(ctx, f.DB, who.User)
	if err != nil {
		return nil, err
	}
	var out []coupon.Mine
	for _, m := range all {
		here := s != "" && m.Of.Show == s || s == "" && m.Of.Hours > 0 && len(m.Of.Products) > 0
		if here && m.Order == "" && !m.Over(f.DB.Clock.Now()) {
			out = append(out, m)
		}
	}
	return out, nil
}

// giveCouponsBack frees the coupons that closed orders used.
func giveCouponsBack(ctx context.Context, tx *db.Tx, orders []order.Order) error {
	var ids []id.Order
	for _, o := range orders {
		if o.Discount > 0 {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return coupon.GiveBack(ctx, tx, ids...)
}
