package flow_test

import (
	"context"
	"testing"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

// panicky breaks on one payment.
type panicky struct {
	payment.Gateway
	on id.Payment
}

func (g panicky) Query(ctx context.Context, p id.Payment) (payment.Notice, error) {
	if p == g.on {
		panic("an answer nobody thought of")
	}
	return g.Gateway.Query(ctx, p)
}

func (g panicky) Refund(ctx context.Context, r payment.Refund) (string, error) {
	if r.Payment == g.on {
		panic("an answer nobody thought of")
	}
	return g.Gateway.Refund(ctx, r)
}

// A panic over one payment ends neither the process nor the sweep.
func TestAPanicOverOnePaymentHoldsUpNoOther(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		bad := b.start(who, o)
		who2, o2 := b.order(1)
		good := b.start(who2, o2)
		b.press(bad, "lost")
		b.press(good, "lost")
		real := b.Gateways["sandbox"]
		b.Gateways["sandbox"] = panicky{real, bad.ID}
		b.now.Add(20 * time.Second)
		if n, err := b.QueryPayments(b.Context()); n != 1 || err != nil {
			b.Fatalf("settled %d, %v", n, err)
		}
		if b.read(o2).State != order.Paid || b.read(o).State != order.Unpaid {
			b.Errorf("orders %s and %s", b.read(o2).State, b.read(o).State)
		}
		b.Gateways["sandbox"] = real
		b.now.Add(time.Minute)
		if n, err := b.QueryPayments(b.Context()); n != 1 || err != nil {
			b.Fatalf("the bad one again: %d, %v", n, err)
		}
		// The same for money on its way back.
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		if _, err := b.CancelOrder(b.Context(), who2, o2.ID); err != nil {
			b.Fatal(err)
		}
		b.Gateways["sandbox"] = panicky{real, bad.ID}
		if n, err := b.SendRefunds(b.Context()); n != 1 || err != nil {
			b.Fatalf("refunded %d, %v", n, err)
		}
		b.Gateways["sandbox"] = real
		b.now.Add(time.Hour)
		if n, err := b.SendRefunds(b.Context()); n != 1 || err != nil {
			b.Errorf("the bad one again: %d, %v", n, err)
		}
	})
}
