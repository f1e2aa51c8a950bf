package flow_test

import (
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/recon"
)

// refundsThatDiffer are the open differences that are refunds.
func (c *cashDesk) refundsThatDiffer() (out []recon.Difference) {
	c.Helper()
	for _, d := range c.differs() {
		if d.Object == recon.Refund {
			out = append(out, d)
		}
	}
	return out
}

// A refund that a provider took and that never reached the buyer is seen when
// the bills of its day and of the next are in; one that did is not.
func TestARefundThatNeverArrivedIsADifference(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		c.Gateways = map[string]payment.Gateway{c.name: c.Gateways[c.name]}
		refunded := func() (p payment.Payment, id string) {
			t.Helper()
			_, o, p := c.opened()
			if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
				c.Fatal(ok, err)
			}
			c.until("the payment", func() bool { return c.read(o).State == order.Paid })
			if _, err := c.RefundOrder(c.Context(), actor.System("test"), o.ID, payment.AfterSale); err != nil {
				c.Fatal(err)
			}
			if n, err := c.SendRefunds(c.Context()); n != 1 || err != nil {
				c.Fatal(n, err)
			}
			if err := c.DB.QueryRow(c.Context(), `SELECT id FROM refund WHERE payment_id = $1`, p.ID).Scan(&id); err != nil {
				c.Fatal(err)
			}
			return p, id
		}
		day := clock.DayOf(c.now.Now())
		_, came := refunded()
		p, lost := refunded()
		if is, err := c.sim.FailRefund(lost); !is || err != nil {
			c.Fatal(is, err)
		}
		c.now.Add(aDay)
		c.reconcile()
		if list := c.refundsThatDiffer(); len(list) != 0 {
			c.Errorf("before the next day's bill: %+v", list)
		}
		c.now.Add(aDay + time.Hour)
		c.reconcile()
		list := c.refundsThatDiffer()
		if len(list) != 1 || list[0].Kind != recon.MissingThere || list[0].Ours != lost || list[0].Ours == came || list[0].OursFen != p.Amount || list[0].Order != p.Order || list[0].Day != day {
			c.Errorf("%+v\n%s", list, c.log.String())
		}
	})
}
