package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/tlog"
)

// charity is a till where gifts are open.
type charity struct {
	*till
	agreement id.Agreement
	berry     gift.Kind
}

// eachCharity runs fn on every database.
func eachCharity(t *testing.T, fn func(c *charity)) {
	eachTill(t, func(b *till) { fn(openCharity(b)) })
}

// openCharity opens gifts at a till.
func openCharity(b *till) *charity {
	b.Helper()
	c := &charity{till: b}
	b.Gifts = gift.Rules{Licence: "TEST-1", MaxOne: 20_000, MaxDay: 50_000}
	var err error
	if b.Store, err = blob.NewDir(b.TempDir()); err != nil {
		b.Fatal(err)
	}
	drafter, signer := b.staff(actor.Finance), b.staff(actor.Admin)
	b.tx(func(ctx context.Context, tx *db.Tx) error {
		today := clock.DayOf(tx.Now)
		if c.agreement, err = promise.DraftAgreement(ctx, tx, drafter, promise.Agreement{Recipient: "县慈善会", Purpose: "助学", Starts: today, Ends: today.Add(365)}); err != nil {
			return err
		}
		if err := promise.SignAgreement(ctx, tx, signer, c.agreement); err != nil {
			return err
		}
		k, err := gift.SaveKind(ctx, tx, signer, b.Gifts, gift.Kind{NameZh: "蓝莓", NameEn: "Blueberry", Icon: "berry", Fen: 500, OnSale: true})
		c.berry = gift.Kind{ID: k, Fen: 500}
		return err
	})
	return c
}

func (b *till) staff(roles ...actor.Role) actor.Actor {
	return actor.Actor{User: id.New[id.User](), Name: "staff", Roles: roles, Via: "web"}
}

func (b *till) tx(fn func(ctx context.Context, tx *db.Tx) error) {
	b.Helper()
	ctx := context.Background()
	if err := b.DB.Update(ctx, func(tx *db.Tx) error { return fn(ctx, tx) }); err != nil {
		b.Fatal(err)
	}
}

// giver is a new person of age.
func (c *charity) giver() actor.Actor {
	who, _ := c.Buyer()
	c.tx(func(ctx context.Context, tx *db.Tx) error {
		return gift.DeclareAdult(ctx, tx, who, clock.DayOf(tx.Now).Add(-40*366))
	})
	return who
}

func (c *charity) wish() flow.GiftIn {
	return flow.GiftIn{Key: id.New[string](), Show: c.Show, Kind: c.berry.ID, Fen: c.berry.Fen, Agreement: c.agreement}
}

// given is a gift that was paid at the provider.
func (c *charity) given(who actor.Actor) (gift.Gift, payment.Payment) {
	c.Helper()
	g, err := c.GiveGift(c.Context(), who, c.wish())
	if err != nil {
		c.Fatal(err)
	}
	p, err := c.StartGiftPayment(c.Context(), who, g.ID, "sandbox")
	if err != nil {
		c.Fatal(err)
	}
	c.press(p, "pay")
	c.until("the gift's payment", func() bool { return c.gift(g.ID).State == gift.Paid })
	return c.gift(g.ID), p
}

func (c *charity) gift(g id.Gift) gift.Gift {
	c.Helper()
	x, err := gift.ByID(context.Background(), c.DB, g)
	if err != nil {
		c.Fatal(err)
	}
	return x
}

// photo is a voucher.
func receiptPhoto() *bytes.Reader {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		panic(err)
	}
	return bytes.NewReader(b.Bytes())
}

// paidOut drafts, approves and pays a disbursement of the charity fund.
func (c *charity) paidOut(fen money.Fen) id.Disbursement {
	c.Helper()
	one, two := c.staff(actor.Finance), c.staff(actor.Finance)
	d, err := c.DraftDisbursement(c.Context(), one, fund.Disbursement{Fund: fund.Charity, Agreement: c.agreement, Purpose: "书本", Fen: fen}, receiptPhoto())
	if err != nil {
		c.Fatal(err)
	}
	c.tx(func(ctx context.Context, tx *db.Tx) error { return fund.Approve(ctx, tx, two, d.ID) })
	if err := c.PayDisbursement(c.Context(), one, d.ID, "BANK-9"); err != nil {
		c.Fatal(err)
	}
	return d.ID
}

// TestEveryFenOfAGiftIsInTheFund: paid once however often it is told, followed
// to the voucher.
func TestEveryFenOfAGiftIsInTheFund(t *testing.T) {
	eachCharity(t, func(c *charity) {
		who := c.giver()
		g, p := c.given(who)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { c.tell(c.event(p), nil) })
		}
		wg.Wait()
		c.balance("charity/fund", -500)
		second, _ := c.given(who)
		d := c.paidOut(700)
		c.balance("charity/fund", -300)
		if a, b := c.gift(g.ID), c.gift(second.ID); a.Used != 500 || b.Used != 200 {
			c.Errorf("used %s and %s, want the older whole", a.Used, b.Used)
		}
		if err := c.PayDisbursement(c.Context(), c.staff(actor.Finance), d, "BANK-9"); err != nil {
			c.Error("paid again:", err)
		}
		c.balance("charity/fund", -300)
		_, err := c.DraftDisbursement(c.Context(), c.staff(actor.Finance), fund.Disbursement{Fund: fund.Charity, Agreement: c.agreement, Purpose: "书本", Fen: 301}, receiptPhoto())
		c.wantKey(err, "promise.fund_empty")
	})
}

// TestGiftsAreClosed: each reason by itself.
func TestGiftsAreClosed(t *testing.T) {
	eachCharity(t, func(c *charity) {
		who := c.giver()
		give := func() error { _, err := c.GiveGift(c.Context(), who, c.wish()); return err }
		if err := give(); err != nil {
			c.Fatal(err)
		}
		licence := c.Gifts.Licence
		c.Gifts.Licence = ""
		c.wantKey(give(), "gift.off")
		c.Gifts.Licence = licence
		dear := c.wish()
		dear.Fen++
		_, err := c.GiveGift(c.Context(), who, dear)
		c.wantKey(err, "gift.changed")
		child, _ := c.Buyer()
		_, err = c.GiveGift(c.Context(), child, c.wish())
		c.wantKey(err, "gift.adult")
		c.tx(func(ctx context.Context, tx *db.Tx) error {
			sh, _, err := c.GiftsOpen(ctx, tx, c.Show)
			if err != nil {
				return err
			}
			return gift.BanHost(ctx, tx, c.staff(actor.Moderator), sh.Host, 7, "said too much")
		})
		c.wantKey(give(), "gift.banned")
		c.now.Add(91 * aDay) // the sanction is over, the three months are not
		c.wantKey(give(), "gift.banned")
		c.now.Add(10 * aDay)
		if err := give(); err != nil {
			c.Error("after the ban:", err)
		}
		c.tx(func(ctx context.Context, tx *db.Tx) error {
			return promise.EndAgreement(ctx, tx, c.staff(actor.Finance), c.agreement)
		})
		c.wantKey(give(), "gift.no_agreement")
	})
}

// TestLateGiftGoesBack: money that comes after the gift was closed is refunded
// and gives nothing to the fund.
func TestLateGiftGoesBack(t *testing.T) {
	eachCharity(t, func(c *charity) {
		who := c.giver()
		g, err := c.GiveGift(c.Context(), who, c.wish())
		if err != nil {
			c.Fatal(err)
		}
		p, err := c.StartGiftPayment(c.Context(), who, g.ID, "sandbox")
		if err != nil {
			c.Fatal(err)
		}
		c.now.Add(gift.UnpaidFor + time.Second)
		if n, err := c.ExpireGifts(c.Context()); n != 1 || err != nil {
			c.Fatal(n, err)
		}
		_, err = c.StartGiftPayment(c.Context(), who, g.ID, "sandbox")
		c.wantKey(err, "gift.expired")
		if status := c.tell(c.event(p), nil); status != 200 {
			c.Error("status", status)
		}
		c.balance("charity/fund", 0)
		c.balance("refund/buyers/due", -500)
		if n := c.count(`SELECT count(*) FROM refund WHERE reason = 'late' AND order_id = $1`, g.ID); n != 1 {
			c.Error("refunds:", n)
		}
	})
}

// TestChildsGiftsGoBack: out of the fund while it holds them, out of the
// centre's costs when it has spent them; other givers' parts stay whole.
func TestChildsGiftsGoBack(t *testing.T) {
	eachCharity(t, func(c *charity) {
		child, other := c.giver(), c.giver()
		first, _ := c.given(child)
		c.given(other)
		d := c.paidOut(400) // of the child's gift, the oldest
		open := func() gift.Case {
			c.Helper()
			today := clock.DayOf(c.now.Now())
			x, err := c.OpenGiftCase(c.Context(), child, gift.Case{Body: "孩子拿我手机送的", From: today, To: today}, "13900001111")
			if err != nil {
				c.Fatal(err)
			}
			return x
		}
		claim := open()
		if _, err := c.GrantGiftCase(c.Context(), c.staff(actor.Finance), claim.ID, "ok"); !fault.Is(err, fault.Denied) {
			c.Error("finance decides:", err)
		}
		sum, err := c.GrantGiftCase(c.Context(), c.staff(actor.Service), claim.ID, "核实了")
		if err != nil || sum != 500 {
			c.Fatal(sum, err)
		}
		_, err = c.GrantGiftCase(c.Context(), c.staff(actor.Service), claim.ID, "again")
		c.wantKey(err, "gift.none")
		if g := c.gift(first.ID); g.State != gift.Refunded || g.Used != 0 {
			c.Error("the child's:", g.State, g.Used)
		}
		c.balance("charity/fund", -100) // 1000 given, 400 paid out, 500 back
		if n := c.count(`SELECT CAST(sum(fen) AS BIGINT) FROM gift_use WHERE disbursement_id = $1`, d); n != 400 {
			c.Error("the disbursement has parts of", n)
		}
		_, err = c.GiveGift(c.Context(), child, c.wish())
		c.wantKey(err, "gift.minor")

		// Another child's gift, spent whole before the claim.
		child = c.giver()
		spent, _ := c.given(child)
		c.paidOut(600)
		if _, err := c.GrantGiftCase(c.Context(), c.staff(actor.Service), open().ID, "核实了"); err != nil {
			c.Fatal(err)
		}
		if g := c.gift(spent.ID); g.State != gift.Covered || g.Used != 500 {
			c.Error("the spent one:", g.State, g.Used)
		}
		c.balance("charity/fund", 0)
		c.balance("costs/claims", 500)
		c.balance("refund/buyers/due", -1000)
	})
}

// TestVouchersAreChecked: what is no picture and no plain PDF is refused and
// leaves nothing.
func TestVouchersAreChecked(t *testing.T) {
	eachCharity(t, func(c *charity) {
		c.given(c.giver())
		for key, data := range map[string]string{
			"fund.voucher_missing": "",
			"fund.voucher":         "this is no receipt",
			"fund.voucher_active":  "%PDF-1.4 <</S/JavaScript/JS(x)>> %%EOF",
		} {
			_, err := c.DraftDisbursement(c.Context(), c.staff(actor.Finance), fund.Disbursement{Fund: fund.Charity, Agreement: c.agreement, Purpose: "书本", Fen: 100}, strings.NewReader(data))
			c.wantKey(err, key)
		}
		_, err := c.DraftDisbursement(c.Context(), c.staff(actor.Finance), fund.Disbursement{Fund: fund.Charity, Agreement: "none", Purpose: "书本", Fen: 100}, receiptPhoto())
		c.wantKey(err, "promise.no_agreement")
		if files, err := c.Store.List(c.Context(), ""); err != nil || len(files) != 0 {
			c.Error("files left behind:", files, err)
		}
	})
}

// TestADisbursementStandsInThePublicLog: whom, what for and by which voucher is
// fixed with the payment, and another file in the voucher's place is found.
func TestADisbursementStandsInThePublicLog(t *testing.T) {
	eachCharity(t, func(c *charity) {
		c.given(c.giver())
		did := c.paidOut(100)
		d, err := fund.ByID(c.Context(), c.DB, did)
		if err != nil || len(d.VoucherHash) != 64 {
			c.Fatal(d.VoucherHash, err)
		}
		rows, err := tlog.ByRef(c.Context(), c.DB, fund.LeafRef(did))
		if err != nil || len(rows) != 1 {
			c.Fatal(len(rows), err)
		}
		for _, said := range []string{d.Recipient, d.Purpose, d.VoucherHash, string(d.Agreement), string(d.ApprovedBy), "BANK-9"} {
			if !strings.Contains(rows[0].Opening, said) {
				c.Errorf("%q is not in what is committed to", said)
			}
		}
		if strings.Contains(rows[0].Body, d.Recipient) || !strings.Contains(rows[0].Body, d.VoucherHash) {
			c.Error("what everybody reads:", rows[0].Body)
		}
		// A centre from before these entries gets them at its next start, once.
		for range 2 {
			if err := fund.LogPaid(c.Context(), c.DB); err != nil {
				c.Fatal(err)
			}
		}
		if rows, err := tlog.ByRef(c.Context(), c.DB, "fund/"); err != nil || len(rows) != 1 {
			c.Error(len(rows), err)
		}
		if n, wrong, err := c.CheckVouchers(c.Context(), 5); n != 1 || len(wrong) != 0 || err != nil {
			c.Error(n, wrong, err)
		}
		if err := c.Store.Put(c.Context(), d.Voucher, strings.NewReader("another paper")); err != nil {
			c.Fatal(err)
		}
		if _, wrong, err := c.CheckVouchers(c.Context(), 5); len(wrong) != 1 || err != nil {
			c.Error("another file in its place:", wrong, err)
		}
		if err := c.Store.Delete(c.Context(), d.Voucher); err != nil {
			c.Fatal(err)
		}
		if _, wrong, err := c.CheckVouchers(c.Context(), 5); len(wrong) != 1 || err != nil {
			c.Error("no file:", wrong, err)
		}
	})
}

// heardIn catches what the room is told.
type heardIn struct {
	mu sync.Mutex
	by map[string][]string
}

func (r *heardIn) Publish(_, kind string, data any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	r.by[kind] = append(r.by[kind], string(b))
}

// TestTheRoomHearsNoAmount: the giver's name only where they agreed, the
// amount never.
func TestTheRoomHearsNoAmount(t *testing.T) {
	eachCharity(t, func(c *charity) {
		room := &heardIn{by: map[string][]string{}}
		c.Rooms = room
		who := c.giver()
		c.given(who)
		named := c.wish()
		named.Named = true
		g, err := c.GiveGift(c.Context(), who, named)
		if err != nil {
			c.Fatal(err)
		}
		p, err := c.StartGiftPayment(c.Context(), who, g.ID, "sandbox")
		if err != nil {
			c.Fatal(err)
		}
		c.press(p, "pay")
		heard := func() []string {
			room.mu.Lock()
			defer room.mu.Unlock()
			return append([]string(nil), room.by["gift"]...)
		}
		c.until("both gifts in the room", func() bool { return len(heard()) == 2 })
		all := heard()
		if strings.Contains(all[0], "giver") || !strings.Contains(all[1], fmt.Sprintf("%q", who.Name)) {
			c.Error(all)
		}
		for _, x := range all {
			var said map[string]any
			if err := json.Unmarshal([]byte(x), &said); err != nil {
				c.Fatal(x, err)
			}
			delete(said, "id") // may hold any digits
			if rest := fmt.Sprint(said); strings.Contains(rest, "500") || strings.Contains(rest, "fen") {
				c.Error("an amount:", x)
			}
		}
	})
}
