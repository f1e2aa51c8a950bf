package flow_test

import (
	"context"
	"fmt"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// TestBreakEvenIsTheLedgerAccountByAccount: every account of income and costs
// that the books have is a figure of the page, to the fen, after one of
// everything that can happen to it; a new account must be put somewhere.
func TestBreakEvenIsTheLedgerAccountByAccount(t *testing.T) {
	eachOffice(t, func(b *office) {
		// Sales at commission and at a margin, freight, refunds of every bearer.
		who, o := b.bought(2, 3)
		b.received(who, o)
		for _, d := range []flow.Decision{{Bearer: aftersale.ByCentre}, {Bearer: aftersale.ByCarrier, Carrier: "shunfeng"}, {Bearer: aftersale.ByProducer}} {
			who, o := b.bought(2, 0)
			b.received(who, o)
			c := b.asked(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: b.line(o, b.item).ID, Share: 2000})
			_, err := b.RefundCase(b.Context(), b.service, c.ID, d)
			b.must(err)
		}
		_, gone := b.bought(1, 2)
		_, err := b.RefundOrder(b.Context(), b.service, gone.ID, "cancelled")
		b.must(err)
		// Goods the centre bought at an agreed price.
		bought := b.Product(price, func(p *catalog.Product) { p.Name, p.Settlement = "Mushrooms", order.Resale })
		b.Lot(bought, b.Farm, 100, func(n *lot.New) { n.Pay = price - 333 })
		buyer, at := b.Buyer()
		resold, err := b.PlaceOrder(b.Context(), buyer, flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true,
			Lines: []flow.PlaceLine{{Item: b.Item(bought, price), Units: 2, Price: price}}})
		b.must(err)
		_, err = b.ConfirmOffline(b.Context(), b.finance, resold.ID, resold.Total, "resold")
		b.must(err)
		// Coupons: one that stands, one that was refunded whole.
		coupon := b.dropped()
		for i := range 2 {
			buyer, at := b.Buyer()
			o, err := b.with(buyer, at, b.taken(buyer, coupon), 2, 1)
			b.must(err)
			_, err = b.ConfirmOffline(b.Context(), b.finance, o.ID, o.Total, fmt.Sprint("coupon ", i))
			b.must(err)
			if i == 1 {
				_, err = b.RefundOrder(b.Context(), b.service, o.ID, "cancelled")
				b.must(err)
			}
		}
		// What finance enters, and takes back.
		day := clock.DayOf(b.now.Now())
		for i, k := range breakeven.Kinds {
			for j := range 2 {
				b.must(b.AddCost(b.Context(), b.one, breakeven.Cost{Kind: k, Day: day, Fen: money.Fen(101 + 10*i + j), Memo: k, Key: fmt.Sprint(k, j)}))
			}
		}
		entered, err := breakeven.Between(b.Context(), b.DB, day, day)
		b.must(err)
		for _, c := range entered[:5] {
			b.must(b.TakeBackCost(b.Context(), b.one, c.ID, c.Fen/3, "typo"))
		}
		host := b.Person(actor.Host).User
		b.must(b.HostPay(b.Context(), b.one, statement.Earning{Host: host, Show: b.Show, What: "Berries", Kind: promise.FromWages, Day: day, HostFen: 777, Key: "h1"}))
		pay := b.earned(statement.Earning{Host: host, Show: b.Show, What: "Nuts", Kind: promise.FromCommission, Day: day, HostFen: 55, Key: "h2"})
		b.must(b.TakeBackPay(b.Context(), b.one, pay.ID, 11, "typo"))
		b.Do(func(tx *db.Tx) error { return promise.ProviderFee(context.Background(), tx, "bill", 13, "offline") })
		// A child's gift that the fund had spent.
		g := b.coveredGift()

		_, all, err := b.ReadYear(b.Context(), b.one, day)
		b.must(err)
		books, err := ledger.Balances(b.Context(), b.DB, "")
		b.must(err)
		in, out := all.Income, all.Costs
		for _, x := range []struct {
			is    money.Fen
			paths []string
		}{
			{-in.Commission, []string{"commission/earned"}},
			{-in.Margin, []string{"trade/margin/local", "trade/margin/outside", "trade/loss/local", "trade/loss/outside"}},
			{-in.Freight, []string{"freight/earned"}},
			{-in.Service, []string{"service/earned"}},
			{out.HostPay + out.Wages, []string{"costs/host-share", "costs/wages"}},
			{out.Claims + out.Gifts, []string{"costs/claims"}},
			{out.Promotion, []string{"costs/promotion"}},
			{out.ProviderFee, []string{"costs/provider-fee"}},
			{out.Freight, []string{"costs/freight"}},
			{out.Packing, []string{"costs/packing"}},
			{out.Classes, []string{"costs/classes"}},
			{out.Materials, []string{"costs/materials"}},
			{out.Other, []string{"costs/other"}},
		} {
			var want money.Fen
			for _, p := range x.paths {
				want += books[p]
				delete(books, p)
			}
			if x.is != want || want == 0 {
				b.Errorf("%v: the page has %s, the books %s", x.paths, x.is, want)
			}
		}
		if out.Gifts != g.Fen {
			b.Errorf("%s of gifts", out.Gifts)
		}
		for path := range books { // what is left is nobody's income or cost
			a, ok, err := ledger.Read(b.Context(), b.DB, path)
			b.must(err)
			own := a.Kind == ledger.Income || a.Kind == ledger.Expense
			through := path == "gift/received" || path == "gift/passed" || path == "charity/given" || path == "growth/given" || len(path) > 13 && path[:13] == "charity/paid/"
			if ok && own && !through {
				b.Errorf("%s is on no line of the page", path)
			}
		}
		profit, err := promise.Profit(b.Context(), b.DB)
		b.must(err)
		if all.Result() != profit {
			b.Errorf("the page has %s, the books %s", all.Result(), profit)
		}
	})
}

// coveredGift is a child's gift that the fund had spent and the centre gave back.
func (b *office) coveredGift() gift.Gift {
	b.Helper()
	c := openCharity(b.till)
	child := c.giver()
	g, _ := c.given(child)
	c.paidOut(g.Fen)
	today := clock.DayOf(b.now.Now())
	claim, err := b.OpenGiftCase(b.Context(), child, gift.Case{Body: "a child did it", From: today, To: today}, "13900001111")
	b.must(err)
	_, err = b.GrantGiftCase(b.Context(), b.service, claim.ID, "seen")
	b.must(err)
	return c.gift(g.ID)
}
