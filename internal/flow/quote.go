package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Quote prices lines to an address without ordering: what the half-sheet shows.
type Quote struct {
	Goods    money.Fen `json:"goods_fen"`
	Freight  money.Fen `json:"freight_fen"`
	Total    money.Fen `json:"total_fen"`
	NoReturn bool      `json:"no_return"` // a tick is needed
	Deliver  bool      `json:"deliver"`
	// Discount is what the coupon takes off; Total is less it. CouponWhy tells
	// why it takes nothing off.
	Discount  money.Fen `json:"discount_fen,omitempty"`
	CouponWhy error     `json:"-"`
}

// QuoteOrder prices lines to a province, as they are now; without a province
// the freight is left out. It is the code the order desk prices with.
func (f *Flow) QuoteOrder(ctx context.Context, lines []PlaceLine, province string) (Quote, error) {
	return f.QuoteWith(ctx, actor.Actor{}, lines, province, "")
}

// QuoteWith is QuoteOrder with the buyer's own coupon. One that does not fit is
// no error: the quote says why and is without it.
func (f *Flow) QuoteWith(ctx context.Context, who actor.Actor, lines []PlaceLine, province string, claim id.Claim) (Quote, error) {
	if err := fault.Join(checkLines(lines)...); err != nil {
		return Quote{}, err
	}
	ls := orderLines(lines)
	b, err := orderdesk.ReadBook(ctx, f.DB, ls)
	if err != nil {
		return Quote{}, err
	}
	if claim != "" {
		if err := b.ReadCoupons(ctx, f.DB, nil, claim); err != nil {
			return Quote{}, err
		}
	}
	q, err := b.QuoteWith(ls, province, who.User, claim)
	return Quote{Goods: q.Goods, Freight: q.Freight, Total: q.Total, NoReturn: q.NoReturn, Deliver: q.Deliver, Discount: q.Discount, CouponWhy: q.CouponWhy}, err
}
