package flow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

func TestBuyerPaysAndTheFarmerIsOwedEveryFen(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(2)
		p := b.start(who, o)
		if again := b.start(who, o); again.ID != p.ID || again.PayURL != p.PayURL || p.Amount != o.Total || p.PayURL == "" {
			b.Errorf("started again: %+v, first %+v", again, p)
		}
		b.press(p, "pay")
		b.until("the order paid", func() bool { return b.read(o).State == order.Paid })
		b.owed(2 * price)
		b.balance("buyers/receivable", 0)
		b.balance("channel/sandbox/clearing", o.Total)
		paid, ok, err := payment.PaidOf(b.Context(), b.DB, o.ID)
		if err != nil || !ok || paid.ID != p.ID || !strings.HasPrefix(paid.Ref, "SBX") || paid.Late {
			b.Errorf("paid by %+v %v %v", paid, ok, err)
		}
		_, err = b.StartPayment(b.Context(), who, o.ID, "sandbox")
		b.wantKey(err, "payment.order_paid")
	})
}

func TestStartPaymentRefusals(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		other, _ := b.Buyer()
		_, err := b.StartPayment(b.Context(), other, o.ID, "sandbox")
		b.wantKey(err, "fault.not_found")
		_, err = b.StartPayment(b.Context(), actor.Actor{}, o.ID, "sandbox")
		b.wantKey(err, "fault.sign_in")
		_, err = b.StartPayment(b.Context(), who, o.ID, "wampum")
		b.wantKey(err, "payment.unknown_gateway")
		b.now.Add(kept)
		_, err = b.StartPayment(b.Context(), who, o.ID, "sandbox")
		b.wantKey(err, "payment.order_expired")
		if _, err := b.ExpireOrders(b.Context()); err != nil {
			b.Fatal(err)
		}
		_, err = b.StartPayment(b.Context(), who, o.ID, "sandbox")
		b.wantKey(err, "payment.order_closed")
	})
}

func TestSubjectFitsTheProvider(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		seen := ""
		b.Gateways["sandbox"] = spy{b.Gateways["sandbox"], &seen}
		b.start(who, o)
		if want := "Blueberries · " + o.No; seen != want+" https://shop.example/pay/return/"+string(o.ID) {
			b.Errorf("%q", seen)
		}
	})
}

type spy struct {
	payment.Gateway
	seen *string
}

func (s spy) Pay(ctx context.Context, p payment.Payment, subject, back string, expires time.Time) (string, error) {
	*s.seen = fmt.Sprint(subject, " ", back)
	return s.Gateway.Pay(ctx, p, subject, back, expires)
}

// The order waits a day for a transfer, and its buyer pays online after all.
func TestOnlineAfterAChosenTransferGetsAPaymentThatCanBePaid(t *testing.T) {
	eachTill(t, func(b *till) {
		b.TransferFor = 24 * time.Hour
		who, o := b.order(1)
		old := b.start(who, o)
		if _, err := b.ChooseTransfer(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		b.now.Add(kept + time.Minute) // the first payment's time is over, the order's is not
		p := b.start(who, o)
		if p.ID == old.ID || !p.Expires.After(b.now.Now()) {
			b.Fatalf("got a payment that ended at %v", p.Expires)
		}
		b.press(p, "pay")
		b.until("paid", func() bool { return b.read(o).State == order.Paid })
		b.owed(price)
	})
}
