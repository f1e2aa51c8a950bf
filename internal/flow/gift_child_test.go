package flow_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// claim opens a case about today's gifts.
func (c *charity) claim(child actor.Actor) gift.Case {
	c.Helper()
	today := clock.DayOf(c.now.Now())
	x, err := c.OpenGiftCase(c.Context(), child, gift.Case{Body: "孩子拿我手机送的", From: today, To: today}, "13900001111")
	if err != nil {
		c.Fatal(err)
	}
	return x
}

// waiting is a gift whose payment was begun.
func (c *charity) waiting(who actor.Actor) (gift.Gift, payment.Payment) {
	c.Helper()
	g, err := c.GiveGift(c.Context(), who, c.wish())
	if err != nil {
		c.Fatal(err)
	}
	p, err := c.StartGiftPayment(c.Context(), who, g.ID, "sandbox")
	if err != nil {
		c.Fatal(err)
	}
	return g, p
}

// TestChildsWaitingGiftsAreClosed: granting a case closes what still waits for
// its payment, and money that comes for it later goes back.
func TestChildsWaitingGiftsAreClosed(t *testing.T) {
	eachCharity(t, func(c *charity) {
		child, other := c.giver(), c.giver()
		paid, _ := c.given(child)
		open, p := c.waiting(child)
		theirs, _ := c.waiting(other)
		sum, err := c.GrantGiftCase(c.Context(), c.staff(actor.Service), c.claim(child).ID, "核实了")
		if err != nil || sum != 500 {
			c.Fatal(sum, err)
		}
		if a, b, o := c.gift(paid.ID), c.gift(open.ID), c.gift(theirs.ID); a.State != gift.Refunded || b.State != gift.Closed || b.DoneAt.IsZero() || o.State != gift.Unpaid {
			c.Error(a.State, b.State, o.State)
		}
		if n := c.count(`SELECT count(*) FROM audit_event WHERE action = 'gift.close' AND object_id = $1`, open.ID); n != 1 {
			c.Error("in the trail:", n)
		}
		_, err = c.StartGiftPayment(c.Context(), child, open.ID, "sandbox")
		c.wantKey(err, "gift.expired")
		for range 2 { // the child paid after all, and the provider tells twice
			if status := c.tell(c.event(p), nil); status != 200 {
				c.Error("status", status)
			}
		}
		if g := c.gift(open.ID); g.State != gift.Closed {
			c.Error("the late one:", g.State)
		}
		c.balance("charity/fund", 0)
		c.balance("refund/buyers/due", -1000)
		if n := c.count(`SELECT count(*) FROM refund WHERE reason = 'late' AND order_id = $1`, open.ID); n != 1 {
			c.Error("refunds:", n)
		}

		// Nothing was paid yet: the case is granted all the same.
		second := c.giver()
		only, _ := c.waiting(second)
		sum, err = c.GrantGiftCase(c.Context(), c.staff(actor.Service), c.claim(second).ID, "核实了")
		if err != nil || sum != 0 || c.gift(only.ID).State != gift.Closed {
			c.Error(sum, err, c.gift(only.ID).State)
		}
		third := c.giver()
		_, err = c.GrantGiftCase(c.Context(), c.staff(actor.Service), c.claim(third).ID, "核实了")
		c.wantKey(err, "gift.none")
	})
}

// TestAChildPaysWhileTheCaseIsGranted: whichever comes first, the gift does not
// stay with the fund.
func TestAChildPaysWhileTheCaseIsGranted(t *testing.T) {
	eachCharity(t, func(c *charity) {
		for range 8 {
			child := c.giver()
			g, p := c.waiting(child)
			claim := c.claim(child)
			var wg sync.WaitGroup
			wg.Go(func() { c.tell(c.event(p), nil) })
			var err error
			wg.Go(func() { _, err = c.GrantGiftCase(c.Context(), c.staff(actor.Service), claim.ID, "核实了") })
			wg.Wait()
			if s := c.gift(g.ID).State; err != nil || s != gift.Closed && s != gift.Refunded {
				c.Error(s, err)
			}
		}
		c.balance("charity/fund", 0)
		c.balance("refund/buyers/due", -8*500)
	})
}

// TestACaseOfMoreGiftsThanAPage: every one of them goes back.
func TestACaseOfMoreGiftsThanAPage(t *testing.T) {
	eachCharity(t, func(c *charity) {
		const n = gift.PageSize + 3
		c.Gifts.MaxDay = money.MaxFen
		child := c.giver()
		c.tx(func(ctx context.Context, tx *db.Tx) error {
			for i := range n {
				g, err := gift.Give(ctx, tx, child, c.Gifts, gift.Gift{Show: c.Show, Host: child.User, Kind: c.berry.ID, NameZh: "蓝莓", NameEn: "Blueberry", Icon: "berry",
					Fen: 500, Agreement: c.agreement, IdemKey: fmt.Sprint("key-", i), IdemHash: "h"})
				if err != nil {
					return err
				}
				p := payment.Payment{ID: id.New[id.Payment](), Order: id.Order(g.ID), Purpose: payment.ForGift, Gateway: "sandbox", Amount: g.Fen, State: payment.StateOpen, Created: tx.Now, Expires: g.Expires}
				if err := payment.Open(ctx, tx, p); err != nil {
					return err
				}
				if _, err := payment.MarkPaid(ctx, tx, p.ID, string(p.ID), false); err != nil {
					return err
				}
				if _, err := gift.Move(ctx, tx, g.ID, gift.Unpaid, gift.Paid); err != nil {
					return err
				}
				if err := promise.GiftReceived(ctx, tx, string(g.ID), g.Fen, p.Gateway); err != nil {
					return err
				}
			}
			return nil
		})
		claim := c.claim(child)
		if many, fen, err := gift.CountBetween(c.Context(), c.DB, child.User, claim.From, claim.To); err != nil || many != n || fen != n*500 {
			c.Error(many, fen, err)
		}
		first, err := gift.Between(c.Context(), c.DB, child.User, claim.From, claim.To, "")
		if err != nil || len(first) != gift.PageSize {
			c.Fatal(len(first), err)
		}
		rest, err := gift.Between(c.Context(), c.DB, child.User, claim.From, claim.To, first[len(first)-1].ID)
		if err != nil || len(rest) != 3 {
			c.Fatal(len(rest), err)
		}
		sum, err := c.GrantGiftCase(c.Context(), c.staff(actor.Service), claim.ID, "核实了")
		if err != nil || sum != n*500 {
			c.Fatal(sum, err)
		}
		if left := c.count(`SELECT count(*) FROM gift WHERE state <> 'refunded'`); left != 0 {
			c.Errorf("%d gifts were left", left)
		}
		c.balance("charity/fund", 0)
		c.balance("refund/buyers/due", -n*500)
	})
}
