package flow_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/wechat"
	"lindu.example/lindu/internal/statement"
)

// issued lets the period end, issues its statements, and gives the farm's newest
// if there is a new one.
func (c *splitDesk) issued(want int) (s statement.Statement) {
	c.Helper()
	c.now.Add(16 * aDay)
	n, err := c.IssueStatements(c.Context(), actor.System("clock"), statement.HalfMonth)
	if err != nil || n != want {
		c.Fatalf("%d statements, want %d: %v", n, want, err)
	}
	list, err := statement.List(c.Context(), c.DB, statement.Filter{Payee: statement.Payee{Kind: statement.Producer, ID: string(c.Farm)}})
	if err != nil {
		c.Fatal(err)
	}
	if len(list) > 0 {
		s = list[0]
	}
	return s
}

// split of an order.
func (c *splitDesk) split(o order.Order) payment.Splitting {
	c.Helper()
	p, _, err := payment.PaidOf(c.Context(), c.DB, o.ID)
	if err != nil {
		c.Fatal(err)
	}
	s, ok, err := payment.SplitOf(c.Context(), c.DB, p.ID)
	if !ok || err != nil {
		c.Fatal(ok, err)
	}
	return s
}

func (c *splitDesk) receiver() {
	c.Helper()
	c.SinglePerson = true
	if err := c.SetReceiver(c.Context(), c.Person(actor.Finance), c.Farm, wechat.Name, payment.Receiver{Account: "o-farmer", Person: true}); err != nil {
		c.Fatal(err)
	}
}

// What a provider is still to pay itself is on no statement; when it has, the
// statement says so and pays nothing of it; when finance gives it up, the
// statement pays.
func TestASplitIsPaidOnceAtTheProviderOrByBank(t *testing.T) {
	eachSplit(t, func(c *splitDesk) {
		owed, finance := 2*price, c.Person(actor.Finance)
		first := c.done()
		c.send(0) // nobody has said where to
		c.issued(0)
		_, err := c.GiveUpSplit(c.Context(), c.of, c.split(first).ID)
		c.wantKey(err, "fault.denied")
		if is, err := c.GiveUpSplit(c.Context(), finance, c.split(first).ID); !is || err != nil {
			c.Fatal(is, err)
		}
		_, err = c.GiveUpSplit(c.Context(), finance, c.split(first).ID)
		c.wantKey(err, "payment.split_not_failed")
		c.wantKey(c.RetrySplit(c.Context(), finance, c.split(first).ID), "payment.split_not_failed")
		if s := c.issued(1); s.Pay != owed || s.Elsewhere != 0 || s.LineCount != 1 {
			c.Errorf("given up: %+v", s)
		}

		second := c.done()
		c.send(0)
		c.issued(0)
		c.receiver()
		c.now.Add(time.Hour)
		c.send(1) // the given up one is not sent
		if n, err := c.IssueStatements(c.Context(), actor.System("clock"), statement.HalfMonth); n != 0 || err != nil {
			c.Errorf("%d statements of a period that ended before the split: %v", n, err)
		}
		if s := c.issued(1); s.Net != owed || s.Elsewhere != owed || s.Pay != 0 || s.Carry != 0 || s.LineCount != 2 {
			c.Errorf("done: %+v", s)
		}
		_, err = c.GiveUpSplit(c.Context(), finance, c.split(second).ID)
		c.wantKey(err, "payment.split_not_failed")
		c.issued(0)
	})
}

// Who gives a split up that the provider has paid gets it booked instead.
func TestAGivenUpSplitThatWasPaidIsBooked(t *testing.T) {
	eachSplit(t, func(c *splitDesk) {
		c.receiver()
		finance := c.Person(actor.Finance)
		o := c.done()
		real := c.Gateways[wechat.Name].(*wechat.Gateway)
		c.Gateways[wechat.Name] = deaf{real}
		c.send(0)
		c.issued(0)
		if is, err := c.GiveUpSplit(c.Context(), finance, c.split(o).ID); is || err != nil {
			c.Fatal(is, err)
		}
		c.balance("producer/local/"+string(c.Farm)+"/paid", 2*price)
		if s := c.issued(1); s.Pay != 0 || s.Elsewhere != 2*price {
			c.Errorf("%+v", s)
		}

		// Freed at the provider, nothing can be shared of it by a try that comes late.
		c.Gateways[wechat.Name] = stubborn{real}
		late := c.done()
		c.send(0)
		c.Gateways[wechat.Name] = real
		s := c.split(late)
		if is, err := c.GiveUpSplit(c.Context(), finance, s.ID); !is || err != nil {
			c.Fatal(is, err)
		}
		_, err := real.Split(c.Context(), payment.Split{ID: string(s.ID), Ref: s.PaidRef, Parts: []payment.SplitPart{{To: payment.Receiver{Account: "o-farmer", Person: true}, Amount: 1, What: "late"}}})
		if !errors.Is(err, payment.ErrRefused) {
			c.Errorf("shared after it was freed: %v", err)
		}
	})
}

// deaf splits and does not hear the answer.
type deaf struct{ *wechat.Gateway }

func (g deaf) Split(ctx context.Context, s payment.Split) (string, error) {
	_, _ = g.Gateway.Split(ctx, s)
	return "", errors.New("the line broke")
}
