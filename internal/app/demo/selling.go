package demo

import (
	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// The first show gives out a coupon. In the second an item is sold out from the
// start, and people stand in line for it: the reason to release more.
const (
	couponOff   = "5"
	couponOver  = "60"
	couponTotal = 200
)

// waiting are people in line for the sold-out item, and for how many.
var waiting = []struct {
	who   string
	units int64
}{{"host2", 2}, {"teacher", 1}, {"service", 3}}

func (b *builder) makeSelling() error {
	key := "demo-coupon-" + string(b.shows["now"])
	if _, err := b.a.Flow.MakeCoupon(b.ctx, system, key, coupon.Coupon{Show: b.shows["now"], Off: fen(couponOff), Over: fen(couponOver), Total: couponTotal}, true); err != nil {
		return err
	}
	sold, err := b.a.Flow.AddItem(b.ctx, system, b.shows["second"], show.Item{Product: b.products["hericium"], State: show.OnSale, Price: fen("36"), Was: fen("38"),
		Released: 0, PerPerson: 2, Script: "演示：先卖完了，等货的人在排队。"})
	if err != nil {
		return err
	}
	return b.queue(sold.ID)
}

func (b *builder) queue(it id.Item) error {
	for _, w := range waiting {
		if _, err := b.a.Flow.JoinWait(b.ctx, b.users[w.who].Actor("demo"), it, w.units, false); err != nil {
			return err
		}
	}
	return nil
}
