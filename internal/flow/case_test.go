package flow_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/tlog/entry"
)

// The reported case: between late March and mid June a party secretary's room
// brought 117,000 yuan commission of outside sellers and 16,000 yuan of gifts.
// He takes no commission from local farmers, gifts go to charity, and he earns
// nothing. Here it runs through the flows that buyers, givers and staff use.
const (
	caseCommission = money.Fen(117_000_00)
	caseGifts      = money.Fen(16_000_00)
)

var (
	caseFrom = time.Date(2026, 3, 27, 19, 0, 0, 0, clock.Shanghai)
	caseTo   = clock.Day(20260615)
)

// phase is a part of the period: outside goods of 1,000 yuan a unit, sold at a
// rate, in orders of 25 units.
type phase struct {
	plan   string // "" for the works' own rate
	bp     int64
	orders int
	gifts  []money.Fen // one a kind, so many times
	each   int
}

func TestTheArticlesOwnCase(t *testing.T) {
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(caseFrom) }, func(t *testing.T, d *db.DB) {
		c := newCase(t, d)
		for _, p := range []phase{
			{bp: 1000, orders: 12, gifts: []money.Fen{200_00}, each: 30},                             // 30,000 commission, 6,000 gifts
			{plan: catalog.PlanOpen, bp: 1200, orders: 14, gifts: []money.Fen{66_00}, each: 30},      // 42,000 and 1,980
			{plan: catalog.PlanTargeted, bp: 1500, orders: 12, gifts: []money.Fen{200_00}, each: 40}, // 45,000 and 8,000
			{plan: catalog.PlanTargeted, bp: 1500, orders: 0, gifts: []money.Fen{5_00}, each: 4},     // 20
		} {
			c.run(p)
		}
		if today := clock.DayOf(c.now.Now()); today > caseTo {
			t.Fatalf("the period ran to %v", today)
		}
		c.checkPeriod(ledger.Today)
		c.checkHost()

		// What comes later moves no figure of the period.
		c.now.Add(30 * aDay)
		c.sell(c.outside, c.outsideItem, 1000_00, 1)
		c.give(c.kinds[5_00])
		c.checkPeriod(caseTo)
		c.checkLog()
		c.payOut()
	})
}

// theCase is the centre of the case.
type theCase struct {
	*charity
	host                   id.User
	local, outside         id.Product
	localItem, outsideItem id.Item
	kinds                  map[money.Fen]id.GiftKind
	farmers                money.Fen // goods of local producers that were paid
	days                   int
}

func newCase(t *testing.T, d *db.DB) *theCase {
	c := &theCase{charity: &charity{till: newTill(t, d)}, kinds: map[money.Fen]id.GiftKind{}}
	c.Gifts = gift.Rules{Licence: "TEST-1", MaxOne: 200_00, MaxDay: 500_00}
	var err error
	if c.Store, err = blob.NewDir(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	drafter, signer := c.staff(actor.Finance), c.staff(actor.Admin)
	c.tx(func(ctx context.Context, tx *db.Tx) error {
		sh, err := show.ByID(ctx, tx, c.Show)
		if err != nil {
			return err
		}
		c.host = sh.Host
		if err := promise.SetOfficial(ctx, tx, signer, c.host, true, "party secretary of the town"); err != nil {
			return err
		}
		today := clock.DayOf(tx.Now)
		if c.agreement, err = promise.DraftAgreement(ctx, tx, drafter, promise.Agreement{Recipient: "County charity", Purpose: "schools", Starts: today, Ends: today.Add(365)}); err != nil {
			return err
		}
		if err := promise.SignAgreement(ctx, tx, signer, c.agreement); err != nil {
			return err
		}
		for _, fen := range []money.Fen{5_00, 66_00, 200_00} {
			if c.kinds[fen], err = gift.SaveKind(ctx, tx, signer, c.Gifts, gift.Kind{NameZh: "礼物" + fen.Short(), NameEn: "Gift " + fen.Short(), Icon: "berry", Fen: fen, OnSale: true}); err != nil {
				return err
			}
		}
		return nil
	})
	keeps := func(n *lot.New) { n.BestBefore = n.BestBefore.Add(365) }
	c.local = c.Product(39_90)
	c.Lot(c.local, c.Farm, 500, keeps)
	c.localItem = c.Item(c.local, 39_90)
	c.outside = c.Product(1000_00, func(p *catalog.Product) { p.Settlement = "split" })
	c.Lot(c.outside, c.Works, 2000, keeps)
	c.outsideItem = c.Item(c.outside, 1000_00)
	return c
}

// run plays a phase: two days an order, a farmer's order and gifts between.
func (c *theCase) run(p phase) {
	c.Helper()
	if p.plan != "" && p.orders > 0 {
		c.tx(func(ctx context.Context, tx *db.Tx) error {
			plan := catalog.Plan{Product: c.outside, Kind: p.plan, RateBP: p.bp}
			if p.plan == catalog.PlanTargeted {
				plan.Host = c.host
			}
			_, err := catalog.AddPlan(ctx, tx, c.staff(actor.Operator), plan)
			return err
		})
	}
	given := 0
	for i := range max(p.orders, 1) {
		if p.orders > 0 {
			c.sell(c.outside, c.outsideItem, 1000_00, 25)
			c.farmers += c.sell(c.local, c.localItem, 39_90, int64(1+i%3)).Goods
		}
		if i == 3 { // a buyer changes her mind: nothing of it stays, neither here nor there
			for _, x := range []struct {
				p  id.Product
				it id.Item
				f  money.Fen
			}{{c.outside, c.outsideItem, 1000_00}, {c.local, c.localItem, 39_90}} {
				o := c.sell(x.p, x.it, x.f, 2)
				if _, err := c.RefundOrder(c.Context(), actor.System("service"), o.ID, "after_sale"); err != nil {
					c.Fatal(err)
				}
			}
		}
		for given < p.each*len(p.gifts)*(i+1)/max(p.orders, 1) {
			c.give(c.kinds[p.gifts[given%len(p.gifts)]])
			given++
		}
		c.now.Add(2 * aDay)
	}
}

// sell places an order and pays it at the provider's page.
func (c *theCase) sell(p id.Product, it id.Item, price money.Fen, units int64) order.Order {
	c.Helper()
	who, at := c.Buyer()
	o, err := c.PlaceOrder(c.Context(), who, flow.PlaceIn{Key: id.New[string](), Show: c.Show, Address: at, NoReturnOK: true,
		Lines: []flow.PlaceLine{{Item: it, Units: units, Price: price}}})
	if err != nil {
		c.Fatal(err)
	}
	c.press(c.start(who, o), "pay")
	c.until("the payment", func() bool { return c.read(o).State == order.Paid })
	return c.read(o)
}

func (c *theCase) give(kind id.GiftKind) {
	c.Helper()
	k, err := gift.KindByID(c.Context(), c.DB, kind)
	if err != nil {
		c.Fatal(err)
	}
	c.berry = k
	c.given(c.giver())
}

// checkPeriod reads the figures as of a day.
func (c *theCase) checkPeriod(day clock.Day) {
	c.Helper()
	ctx := c.Context()
	for path, want := range map[string]money.Fen{
		"commission/earned": -caseCommission, "gift/received": -caseGifts, "charity/fund": -caseGifts,
		"producer/local": -c.farmers, "trade": 0, "host": 0, "agency": 0, "growth": 0, "charity/paid": 0, "costs": 0,
	} {
		if got, err := ledger.SubtreeAt(ctx, c.DB, path, day); err != nil || got != want {
			c.Errorf("%s at %v is %s, want %s (%v)", path, day, got, want, err)
		}
	}
	if day != ledger.Today {
		return
	}
	t, err := promise.ReadTotals(ctx, c.DB)
	if err != nil || t.Commission != caseCommission || t.Gifts != caseGifts || t.Charity != caseGifts || t.LocalCommission != 0 || t.LocalGoods != c.farmers || t.LocalMargin != 0 {
		c.Errorf("%+v, %v", t, err)
	}
	// The same from the snapshots of the orders that stand.
	fees := c.count(`SELECT CAST(sum(fee_fen) AS BIGINT) FROM order_fee f JOIN sale_order o ON o.id = f.order_id WHERE o.state = 'paid'`)
	local := c.count(`SELECT CAST(coalesce(sum(commission_fen), 0) AS BIGINT) FROM order_share WHERE local`)
	if money.Fen(fees) != caseCommission || local != 0 {
		c.Errorf("fees of %d fen, of local producers %d", fees, local)
	}
	if sum, err := ledger.Across(ctx, c.DB, "producer/local/", "commission/earned", "commission/pending"); sum != 0 || err != nil {
		c.Errorf("%s of commission beside local producers (%v)", sum, err)
	}
}

// checkHost: the secretary earns nothing, whatever is tried.
func (c *theCase) checkHost() {
	c.Helper()
	for _, from := range []string{promise.FromCommission, promise.FromWages} {
		err := c.DB.Update(c.Context(), func(tx *db.Tx) error {
			return promise.HostEarned(c.Context(), tx, "star", promise.Payee{Kind: "host", ID: string(c.host)}, 100, promise.Payee{}, 0, from)
		})
		c.wantKey(err, "promise.official_host")
	}
}

// checkLog adds the commission up from the public log alone.
func (c *theCase) checkLog() {
	c.Helper()
	rows, err := c.DB.Query(c.Context(), `SELECT body FROM log_leaf ORDER BY id`)
	bodies, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
	if err != nil {
		c.Fatal(err)
	}
	var commission, shown int64
	gifts := 0
	for _, body := range bodies {
		e, err := entry.Parse([]byte(body))
		if err != nil {
			c.Fatal(err)
		}
		day, err := clock.ParseDay(e.Day)
		if err != nil {
			c.Fatal(err)
		}
		var m promise.Movement
		if err := json.Unmarshal(e.Public, &m); err != nil {
			c.Fatal(err)
		}
		if day > caseTo {
			continue
		}
		commission -= m.Fen["commission/earned"]
		if e.Kind == promise.KindGift {
			gifts++
			shown += m.Fen["charity/fund"]
		}
	}
	if money.Fen(commission) != caseCommission || gifts != 104 || shown != 0 {
		c.Errorf("the log tells of %d fen commission and %d gifts, amounts shown: %d", commission, gifts, shown)
	}
}

// payOut pays the whole 16,000 to the recipient of the agreement, and no fen
// more can leave.
func (c *theCase) payOut() {
	c.Helper()
	c.paidOut(caseGifts)
	c.balance("charity/paid/"+string(c.agreement), caseGifts)
	c.balance("charity/fund", -5_00) // the gift that came later
	err := c.DB.Update(c.Context(), func(tx *db.Tx) error {
		return promise.FundPaid(c.Context(), tx, promise.Charity, "more", "", string(c.agreement), 5_01)
	})
	c.wantKey(err, "promise.fund_empty")
}
