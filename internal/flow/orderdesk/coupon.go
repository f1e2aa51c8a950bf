package orderdesk

import (
	"context"
	"maps"
	"slices"

	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/pricing"
)

// wallet is what orders with a coupon need beside the book. Nothing of it is
// read for orders without one.
type wallet struct {
	claims map[id.Claim]coupon.Mine
	bounds map[id.Product]pricing.Bound
	floors map[id.Product]money.Fen // of the lots on sale
}

// ReadCoupons reads claims, and how low the book's products may go. stock is
// that of the products, when it is known already; nil: it is read.
func (b *Book) ReadCoupons(ctx context.Context, q db.Querier, stock map[id.Product][]lot.Stock, claims ...id.Claim) (err error) {
	if len(claims) == 0 {
		return nil
	}
	if b.wallet.claims, err = coupon.Claims(ctx, q, claims...); err != nil {
		return err
	}
	products := slices.Sorted(maps.Keys(b.products))
	if b.wallet.bounds, err = pricing.Bounds(ctx, q, products...); err != nil {
		return err
	}
	if stock == nil {
		if stock, err = lot.OnSaleStock(ctx, q, products...); err != nil {
			return err
		}
	}
	b.wallet.floors = map[id.Product]money.Fen{}
	for p, ss := range stock {
		for _, s := range ss {
			b.wallet.floors[p] = max(b.wallet.floors[p], s.Floor)
		}
	}
	return nil
}

// apply takes a buyer's coupon off a priced order. Faults: coupon.none (not
// theirs), coupon.used, coupon.over, and those of coupon.Divide.
func (b *Book) apply(o *order.Order, claim id.Claim) error {
	m, ok := b.wallet.claims[claim]
	switch {
	case !ok || m.User != o.Buyer:
		return fault.New(fault.Conflict, "coupon.none").At("coupon")
	case m.Order != "":
		return fault.New(fault.Conflict, "coupon.used").At("coupon")
	case m.Over(b.now):
		return fault.New(fault.Conflict, "coupon.over_time").At("coupon")
	}
	lines := make([]coupon.Line, len(o.Lines))
	for i, l := range o.Lines {
		lines[i] = b.couponLine(l)
	}
	parts, err := m.Of.Divide(lines)
	if err != nil {
		return err
	}
	o.Discount = 0
	for i := range parts {
		o.Lines[i].Discount = parts[i]
		o.Discount += parts[i]
	}
	o.Total = o.Worth() - o.Discount
	return nil
}

// couponLine is a priced line as a coupon sees it. A line may go down to the
// price guard's floor, and never to nothing. A price that two people signed
// stands below the floor already.
func (b *Book) couponLine(l order.Line) coupon.Line {
	it := b.items[l.Item]
	least := max(b.wallet.bounds[l.Product].Floor, b.wallet.floors[l.Product], 1)
	return coupon.Line{Item: l.Item != "", Show: it.Show, Product: l.Product, Own: b.products[l.Product].Settlement == order.Resale,
		Goods: l.Goods, Room: max(0, l.Price-least) * money.Fen(l.Units)}
}

// readCoupons reads what the group's orders with a coupon need.
func (g *groupTx) readCoupons(ctx context.Context, q db.Querier) error {
	var claims []id.Claim
	for _, j := range g.jobs {
		if j.req.Coupon != "" {
			claims = append(claims, j.req.Coupon)
		}
	}
	return g.book.ReadCoupons(ctx, q, g.stock, claims...)
}

// useCoupon takes the coupon of a request off its order, as the buyer saw it.
func (g *groupTx) useCoupon(r *Request, o *order.Order) error {
	if r.Coupon == "" {
		return nil
	}
	if err := g.book.apply(o, r.Coupon); err != nil {
		return err
	}
	if o.Discount != r.Discount {
		return fault.New(fault.Conflict, "coupon.changed", "Now", o.Discount.Short()).At("coupon")
	}
	return nil
}

// keepCoupon notes what a taken order's coupon took off, and that it is used.
func (g *groupTx) keepCoupon(r *Request, o *order.Order) {
	if r.Coupon == "" {
		return
	}
	m := g.book.wallet.claims[r.Coupon]
	m.Order = o.ID
	g.book.wallet.claims[r.Coupon] = m // the same coupon again in this group finds it used
	if g.uses == nil {
		g.uses = map[id.Claim]id.Order{}
	}
	g.uses[r.Coupon] = o.ID
	for _, l := range o.Lines {
		if l.Discount > 0 {
			g.discounts = append(g.discounts, order.Discount{Order: o.ID, Line: l.ID, Claim: r.Coupon, Coupon: m.Coupon, Fen: l.Discount, Bearer: m.Of.Bearer})
		}
	}
}

// writeCoupons stores them; nothing for a group without one.
func (g *groupTx) writeCoupons(ctx context.Context, tx *db.Tx) error {
	if len(g.uses) == 0 {
		return nil
	}
	if err := order.InsertDiscounts(ctx, tx, g.discounts); err != nil {
		return err
	}
	return coupon.Use(ctx, tx, g.uses)
}
