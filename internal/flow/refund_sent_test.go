package flow_test

import (
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/paysim"
)

// taken is a refund that the provider took and has not done.
func (c *cashDesk) taken() (payment.Payment, payment.Refund) {
	c.Helper()
	_, o, p := c.opened()
	if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
		c.Fatal(ok, err)
	}
	c.until("the payment", func() bool { return c.read(o).State == order.Paid })
	if _, err := c.RefundOrder(c.Context(), actor.System("test"), o.ID, payment.AfterSale); err != nil {
		c.Fatal(err)
	}
	c.sim.SetTrouble(paysim.Trouble{Wait: true})
	c.sent(0)
	c.sim.SetTrouble(paysim.Trouble{})
	r := c.refundOf(o.ID)
	c.stands(r.ID, payment.RefundSent, p.Amount, p.Amount)
	return p, r
}

func (c *cashDesk) refundOf(o id.Order) payment.Refund {
	c.Helper()
	rs, err := payment.Refunds(c.Context(), c.DB, o)
	if err != nil || len(rs) != 1 {
		c.Fatal(rs, err)
	}
	return rs[0]
}

// sent runs the sweep and wants so many refunds done by it.
func (c *cashDesk) sent(want int) {
	c.Helper()
	if n, err := c.SendRefunds(c.Context()); n != want || err != nil {
		c.Fatalf("%d refunds done, want %d (%v)\n%s", n, want, err, c.log.String())
	}
}

func (c *cashDesk) retry(who actor.Actor, r id.Refund) error {
	return c.DB.Update(c.Context(), func(tx *db.Tx) error { return payment.RetryRefund(c.Context(), tx, who, r) })
}

// stands wants a refund's state, what is owed to buyers, what is on the
// provider's account, and books that agree.
func (c *cashDesk) stands(r id.Refund, state string, due, clearing money.Fen) {
	c.Helper()
	x, err := payment.RefundByID(c.Context(), c.DB, r)
	if err != nil || x.State != state || (state != payment.RefundDone) != x.DoneAt.IsZero() {
		c.Errorf("the refund is %s (%s), want %s: %v", x.State, x.Problem, state, err)
	}
	c.balance("refund/buyers/due", -due)
	c.balance("channel/"+c.name+"/clearing", clearing)
	c.books()
}

// A refund counts as returned when the provider says so, not when it takes it.
func TestARefundIsDoneWhenTheProviderSaysSo(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, r := c.taken()
		c.sent(0) // nothing is due yet
		asked := int64(0)
		for range 5 { // asked ever more rarely
			c.now.Add(10 * time.Second << asked)
			c.sent(0)
			if n := c.count(`SELECT tries FROM refund WHERE id = $1`, r.ID); n != asked+1 && c.name != alipay.Name {
				c.Fatalf("asked %d times, want %d", n, asked+1)
			}
			asked++
		}
		c.stands(r.ID, payment.RefundSent, r.Amount, r.Amount)
		if is, err := c.sim.EndRefund(string(r.ID)); !is || err != nil {
			c.Fatal(is, err)
		}
		c.now.Add(time.Hour)
		c.sent(1)
		c.stands(r.ID, payment.RefundDone, 0, 0)
		c.now.Add(time.Hour)
		c.sent(0)
	})
}

// The bill of the day names a refund that is on its way; neither that nor its
// coming days later is a difference.
func TestARefundOnItsWayAgreesWithTheBills(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		c.Gateways = map[string]payment.Gateway{c.name: c.Gateways[c.name]}
		_, r := c.taken()
		differ := func(when string) {
			c.Helper()
			c.reconcile()
			if list := c.refundsThatDiffer(); len(list) != 0 {
				c.Errorf("%s: %+v", when, list)
			}
			c.books()
		}
		c.now.Add(aDay)
		differ("the day after")
		c.now.Add(aDay)
		differ("two days after")
		if is, err := c.sim.EndRefund(string(r.ID)); !is || err != nil {
			c.Fatal(is, err)
		}
		c.sent(1)
		c.stands(r.ID, payment.RefundDone, 0, 0)
		for range 3 {
			c.now.Add(aDay)
			differ("done")
		}
	})
}

// What the provider can't bring to the buyer waits for somebody of finance, who
// settles it there and has it asked again, or notes how it went back.
func TestARefundThatDoesNotReachTheBuyerIsSettledByFinance(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		finance := c.Person(actor.Finance)
		if c.name == alipay.Name { // has no such state: it is asked about, and finance sees it wait
			_, r := c.taken()
			if is, err := c.sim.FailRefund(string(r.ID)); !is || err != nil {
				c.Fatal(is, err)
			}
			c.now.Add(time.Hour)
			c.sent(0)
			c.stands(r.ID, payment.RefundSent, r.Amount, r.Amount)
			return
		}
		fails := func() payment.Refund {
			c.Helper()
			_, r := c.taken()
			if is, err := c.sim.FailRefund(string(r.ID)); !is || err != nil {
				c.Fatal(is, err)
			}
			c.wantKey(c.ConfirmRefund(c.Context(), finance, r.ID, "too early"), "payment.offline_only")
			c.now.Add(time.Minute)
			c.sent(0)
			c.stands(r.ID, payment.RefundFailed, r.Amount, r.Amount)
			x, err := payment.OpenRefunds(c.Context(), c.DB, 0)
			if err != nil || len(x) != 1 || x[0].Problem != "payment.refund_undelivered" || x[0].Sent.IsZero() {
				c.Fatalf("what finance sees: %+v %v", x, err)
			}
			return r
		}
		r := fails()
		if is, err := c.sim.EndRefund(string(r.ID)); !is || err != nil { // on the merchant's site
			c.Fatal(is, err)
		}
		c.sent(0) // by itself it is not asked again
		if err := c.retry(finance, r.ID); err != nil {
			c.Fatal(err)
		}
		c.sent(1)
		c.stands(r.ID, payment.RefundDone, 0, 0)
		r = fails()
		if err := c.ConfirmRefund(c.Context(), finance, r.ID, "by hand, no. 7"); err != nil {
			c.Fatal(err)
		}
		c.stands(r.ID, payment.RefundDone, 0, 0)
		c.wantKey(c.ConfirmRefund(c.Context(), finance, r.ID, "by hand, no. 7"), "payment.refund_done")
		if !fault.HasKey(c.retry(finance, r.ID), "payment.refund_not_failed") {
			c.Error("a refund that is done was tried again")
		}
	})
}
