package flow_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// R7: the callback never comes.
func TestLostCallbackIsSettledByAskingWithinAMinute(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		idle := func() {
			if n, err := b.QueryPayments(b.Context()); n != 0 || err != nil {
				b.Fatalf("settled %d, %v", n, err)
			}
		}
		idle() // too young
		asked := &counting{Gateway: b.Gateways["sandbox"]}
		b.Gateways["sandbox"] = asked
		for asked.n.Load() < 10 { // until it is asked as rarely as ever
			b.now.Add(15 * time.Second)
			idle()
		}
		b.press(p, "lost") // just after it was asked: the longest wait
		paidAt := b.now.Now()
		for b.read(o).State == order.Unpaid && b.now.Now().Sub(paidAt) < 2*time.Minute {
			b.now.Add(15 * time.Second) // the sweep's period
			if _, err := b.QueryPayments(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		if took := b.now.Now().Sub(paidAt); b.read(o).State != order.Paid || took > time.Minute {
			b.Errorf("order %s after %v", b.read(o).State, took)
		}
		b.owed(price)
		// The callback comes after all.
		e := b.event(p)
		paid, _, err := payment.PaidOf(b.Context(), b.DB, o.ID)
		if err != nil {
			b.Fatal(err)
		}
		e.Payment.Ref = paid.Ref
		if s := b.tell(e, nil); s != http.StatusOK {
			b.Errorf("answered %d", s)
		}
		b.owed(price)
	})
}

// counting counts how often it is asked.
type counting struct {
	payment.Gateway
	n atomic.Int64
}

func (c *counting) Query(ctx context.Context, p id.Payment) (payment.Notice, error) {
	c.n.Add(1)
	return c.Gateway.Query(ctx, p)
}

func TestPaymentOfAClosedOrderIsClosedAtTheProvider(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		b.now.Add(20 * time.Second)
		if n, err := b.QueryPayments(b.Context()); n != 1 || err != nil {
			b.Fatalf("settled %d, %v", n, err)
		}
		b.press(p, "pay") // on the page that was still open
		n, err := b.Gateways["sandbox"].Query(b.Context(), p.ID)
		if err != nil || n.Paid {
			b.Errorf("a closed payment was paid: %+v %v", n, err)
		}
		if got, err := payment.ByID(b.Context(), b.DB, p.ID); err != nil || got.State != payment.StateClosed {
			b.Errorf("%+v %v", got, err)
		}
	})
}

func TestMoneyFasterThanClosingGoesBack(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		b.Gateways["sandbox"] = blind{b.Gateways["sandbox"], new(sync.Once), func() { b.press(p, "lost") }}
		b.now.Add(20 * time.Second)
		if n, err := b.QueryPayments(b.Context()); n != 1 || err != nil {
			b.Fatalf("settled %d, %v", n, err)
		}
		if n, err := b.SendRefunds(b.Context()); n != 1 || err != nil {
			b.Fatalf("refunded %d, %v", n, err)
		}
		b.balance("channel/sandbox/clearing", 0)
		b.balance("refund/buyers/due", 0)
		b.owed(0)
	})
}

// blind sees the payment unpaid the first time, and then the buyer pays.
type blind struct {
	payment.Gateway
	once *sync.Once
	pay  func()
}

func (g blind) Query(ctx context.Context, p id.Payment) (payment.Notice, error) {
	n, err := g.Gateway.Query(ctx, p)
	g.once.Do(g.pay)
	return n, err
}

func TestProviderThatIsDownIsAskedAgain(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		real := b.Gateways["sandbox"]
		b.Gateways["sandbox"] = broken{real}
		_, err := b.StartPayment(b.Context(), who, o.ID, "sandbox")
		b.wantKey(err, "payment.gateway_down")
		b.now.Add(20 * time.Second)
		if n, err := b.QueryPayments(b.Context()); n != 0 || err != nil {
			b.Errorf("settled %d, %v", n, err)
		}
		b.Gateways["sandbox"] = real
		p := b.start(who, o)
		if n := b.count(`SELECT count(*) FROM payment`); n != 1 {
			b.Errorf("%d payments, want the same one again", n)
		}
		b.press(p, "lost")
		b.now.Add(time.Minute)
		if n, err := b.QueryPayments(b.Context()); n != 1 || err != nil {
			b.Errorf("settled %d, %v", n, err)
		}
	})
}

// broken does not answer.
type broken struct{ payment.Gateway }

var errLine = fault.New(fault.Unavailable, "payment.gateway_down").Because(errors.New("no line"))

func (broken) Pay(context.Context, payment.Payment, string, string, time.Time) (string, error) {
	return "", errLine
}

func (broken) Query(context.Context, id.Payment) (payment.Notice, error) {
	return payment.Notice{}, errLine
}

func (broken) Refund(context.Context, payment.Refund) (string, error) { return "", errLine }

func (broken) RefundState(context.Context, payment.Refund) (string, error) { return "", errLine }

// A notice in quarantine settles nothing: the payment is asked about again, but
// later, and never in front of the others.
func TestWrongAmountIsNotAskedAboutForEver(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		b.start(who, o)
		asked := &counting{Gateway: short{b.Gateways["sandbox"]}}
		b.Gateways["sandbox"] = asked
		b.now.Add(20 * time.Second)
		if _, err := b.QueryPayments(b.Context()); err != nil {
			b.Fatal(err)
		}
		if n := asked.n.Load(); n != 1 {
			b.Errorf("asked %d times in one sweep", n)
		}
		if n := b.count(`SELECT count(*) FROM payment_callback WHERE outcome = 'quarantined' AND reason = 'amount'`); n != 1 {
			b.Errorf("%d in quarantine", n)
		}
	})
}

// short says that less was paid than asked for.
type short struct{ payment.Gateway }

func (g short) Query(ctx context.Context, p id.Payment) (payment.Notice, error) {
	n, err := g.Gateway.Query(ctx, p)
	n.Paid, n.Ref, n.Amount = true, "SBX-short", n.Amount-1
	return n, err
}
