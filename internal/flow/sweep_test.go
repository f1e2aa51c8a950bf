package flow_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/paysim"
	"lindu.example/lindu/internal/payment/wechat"
)

// hanging takes calls and answers none of them until it is let go; it does not
// even look at the caller's deadline.
type hanging struct {
	payment.Gateway
	letGo chan struct{}
	asked atomic.Int64 // calls, answered or not
	ended atomic.Int64
}

var errHung = errors.New("the line was dead all the time")

func (h *hanging) wait() error {
	h.asked.Add(1)
	<-h.letGo
	h.ended.Add(1)
	return errHung
}

func (h *hanging) Query(context.Context, id.Payment) (payment.Notice, error) {
	return payment.Notice{}, h.wait()
}

func (h *hanging) Refund(context.Context, payment.Refund) (string, error) { return "", h.wait() }

// other is the provider that is not under test.
func (c *cashDesk) other() string {
	if c.name == wechat.Name {
		return alipay.Name
	}
	return wechat.Name
}

// at does something as if the other provider were under test.
func (c *cashDesk) at(name string, fn func()) {
	was := c.name
	c.name = name
	defer func() { c.name = was }()
	fn()
}

// besides runs a sweep while the other provider hangs, wants the one under test
// to come to an end of its work before the other is let go, and then the sweep
// to have kept the other's line no longer than one round of calls.
func (c *cashDesk) besides(sweep func(context.Context) (int, error), settled func() bool) {
	c.Helper()
	h := &hanging{Gateway: c.Gateways[c.other()], letGo: make(chan struct{})}
	c.Gateways[c.other()] = h
	type answer struct {
		n   int
		err error
	}
	ended := make(chan answer, 1)
	go func() { n, err := sweep(context.Background()); ended <- answer{n, err} }()
	c.until("calls that hang", func() bool { return h.asked.Load() == 4 })
	c.until("the work of the provider that answers", settled)
	if h.ended.Load() != 0 {
		c.Error("the one that hangs was let go too early")
	}
	select {
	case a := <-ended:
		c.Error("the sweep ended with calls under way:", a)
	default:
	}
	close(h.letGo)
	select {
	case a := <-ended:
		if a.n != 1 || a.err != nil {
			c.Error("the sweep:", a)
		}
	case <-time.After(enough):
		c.Fatal("the sweep never ended")
	}
	if n := h.asked.Load(); n != 4 {
		c.Errorf("%d calls to a provider that does not answer, want one round of 4", n)
	}
}

// TestOneProviderHangs: whoever paid at the other one is settled meanwhile,
// although the payments of the one that hangs have been due for longer.
func TestOneProviderHangs(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		c.at(c.other(), func() {
			for range 6 {
				c.opened()
			}
		})
		c.now.Add(time.Second)
		_, o, p := c.opened()
		c.sim.SetTrouble(paysim.Trouble{Lose: true})
		if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
			c.Fatal(ok, err)
		}
		c.now.Add(20 * time.Second)
		c.besides(c.QueryPayments, func() bool { return c.read(o).State == order.Paid })
	})
}

// TestOneProviderHangsWithRefunds: the other one's are sent meanwhile.
func TestOneProviderHangsWithRefunds(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		refund := func() (o order.Order) {
			_, o, p := c.opened()
			if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
				c.Fatal(ok, err)
			}
			c.until("the payment", func() bool { return c.read(o).State == order.Paid })
			if _, err := c.RefundOrder(c.Context(), actor.System("test"), o.ID, payment.AfterSale); err != nil {
				c.Fatal(err)
			}
			return o
		}
		c.at(c.other(), func() {
			for range 6 {
				refund()
			}
		})
		c.now.Add(time.Second)
		o := refund()
		c.besides(c.SendRefunds, func() bool {
			return c.count(`SELECT count(*) FROM refund WHERE order_id = $1 AND state = 'done'`, o.ID) == 1
		})
	})
}

// TestOneProviderHangsWithSplits: the sweep of splits is the same for providers
// that split, so another WeChat-like one beside the real one is sent its part
// meanwhile.
func TestOneProviderHangsWithSplits(t *testing.T) {
	eachSplit(t, func(c *splitDesk) {
		real := c.Gateways[wechat.Name].(payment.Splitter)
		one, two := c.Person(actor.Finance), c.Person(actor.Finance)
		to := payment.Receiver{Account: "o-farmer-wang", Person: true}
		h := &hanging{letGo: make(chan struct{})}
		c.Gateways["slow"] = slowSplit{c.Gateways[wechat.Name], real, h}
		for _, g := range []string{wechat.Name, "slow"} {
			if err := c.SetReceiver(c.Context(), one, c.Farm, g, to); err != nil {
				c.Fatal(err)
			}
			if err := c.ConfirmReceiver(c.Context(), two, c.Farm, g, to.Account); err != nil {
				c.Fatal(err)
			}
		}
		stuck, o := c.done(), c.done()
		if _, err := c.DB.Exec(c.Context(), `UPDATE payment SET gateway = 'slow' WHERE order_id = $1`, stuck.ID); err != nil {
			c.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { _, err := c.SendSplits(context.Background()); ended <- err }()
		c.until("a split that hangs", func() bool { return h.asked.Load() == 1 })
		c.until("the other provider's split", func() bool {
			return c.count(`SELECT count(*) FROM split WHERE order_id = $1 AND state = 'done'`, o.ID) == 1
		})
		if h.ended.Load() != 0 {
			c.Error("the one that hangs was let go too early")
		}
		close(h.letGo)
		if err := <-ended; err != nil {
			c.Error(err)
		}
		if n := c.count(`SELECT count(*) FROM split WHERE order_id = $1 AND state = 'pending' AND problem = 'payment.gateway_down'`, stuck.ID); n != 1 {
			c.Error("the split that hung does not wait for the next sweep")
		}
		if _, err := c.DB.Exec(c.Context(), `UPDATE payment SET gateway = 'wechat' WHERE order_id = $1`, stuck.ID); err != nil { // the books know no such provider
			c.Fatal(err)
		}
	})
}

// slowSplit hangs when it is to split.
type slowSplit struct {
	payment.Gateway
	payment.Splitter
	line *hanging
}

func (s slowSplit) Name() string { return "slow" }

func (s slowSplit) Split(context.Context, payment.Split) (string, error) { return "", s.line.wait() }
