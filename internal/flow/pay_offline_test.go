package flow_test

import (
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
)

func TestOfflineTransferIsConfirmedByFinanceOnly(t *testing.T) {
	eachTill(t, func(b *till) {
		finance, admin := b.Person(actor.Finance), b.Person(actor.Admin)
		_, o := b.order(2)
		confirm := func(who actor.Actor, amount money.Fen, proof string) error {
			_, err := b.ConfirmOffline(b.Context(), who, o.ID, amount, proof)
			return err
		}
		b.wantKey(confirm(admin, o.Total, "bank no. 1"), "fault.denied")
		b.wantKey(confirm(finance, o.Total-1, "bank no. 1"), "payment.offline_amount")
		b.wantKey(confirm(finance, o.Total+1, "bank no. 1"), "payment.offline_amount")
		b.wantKey(confirm(finance, o.Total, " "), "fault.required")
		b.wantKey(confirm(finance, o.Total, strings.Repeat("x", 201)), "fault.too_long")
		if b.read(o).State != order.Unpaid {
			b.Fatal("a refused transfer paid the order")
		}
		if err := confirm(finance, o.Total, "bank no. 1"); err != nil {
			b.Fatal(err)
		}
		b.wantKey(confirm(finance, o.Total, "bank no. 1"), "payment.order_paid")
		b.owed(2 * price)
		b.balance("channel/offline/clearing", o.Total)
		if p, _, err := payment.PaidOf(b.Context(), b.DB, o.ID); err != nil || p.Proof != "bank no. 1" || p.Gateway != payment.Offline {
			b.Errorf("%+v %v", p, err)
		}
	})
}

func TestNobodyConfirmsTheirOwnTransfer(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		who.Roles = append(who.Roles, actor.Finance)
		_, err := b.ConfirmOffline(b.Context(), who, o.ID, o.Total, "bank no. 1")
		b.wantKey(err, "payment.own_order")
	})
}

func TestPaidByTransferAndInTheSandboxPaysOnceAndSendsOneBack(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		if _, err := b.ConfirmOffline(b.Context(), b.Person(actor.Finance), o.ID, o.Total, "bank no. 1"); err != nil {
			b.Fatal(err)
		}
		b.press(p, "pay")
		b.until("the callback", func() bool {
			return b.count(`SELECT count(*) FROM payment_callback WHERE outcome = 'late_refund'`) == 1
		})
		if n, err := b.SendRefunds(b.Context()); n != 1 || err != nil {
			b.Errorf("refunded %d, %v", n, err)
		}
		if b.read(o).State != order.Paid {
			b.Errorf("order %s", b.read(o).State)
		}
		b.owed(price)
		b.balance("channel/offline/clearing", o.Total)
		b.balance("channel/sandbox/clearing", 0)
		b.balance("refund/buyers/due", 0)
	})
}

func TestAChosenTransferKeepsTheOrderForADay(t *testing.T) {
	eachTill(t, func(b *till) {
		b.TransferFor = 24 * time.Hour
		who, o := b.order(1)
		stranger, _ := b.Buyer()
		_, err := b.ChooseTransfer(b.Context(), stranger, o.ID)
		b.wantKey(err, "fault.not_found")
		for range 2 { // a double tap
			got, err := b.ChooseTransfer(b.Context(), who, o.ID)
			if err != nil || !got.Expires.Equal(o.Placed.Add(24*time.Hour)) {
				b.Fatalf("waits until %v, %v", got.Expires, err)
			}
		}
		b.now.Add(23 * time.Hour)
		if n, err := b.ExpireOrders(b.Context()); n != 0 || err != nil {
			b.Errorf("%d expired, %v", n, err)
		}
		b.now.Add(2 * time.Hour)
		if n, err := b.ExpireOrders(b.Context()); n != 1 || err != nil {
			b.Errorf("%d expired, %v", n, err)
		}
		_, err = b.ChooseTransfer(b.Context(), who, o.ID)
		b.wantKey(err, "payment.order_closed")
		b.TransferFor = 0
		_, o = b.order(1)
		_, err = b.ChooseTransfer(b.Context(), who, o.ID)
		b.wantKey(err, "payment.unknown_gateway")
	})
}

func TestOnlyAFewOrdersWaitForATransfer(t *testing.T) {
	eachTill(t, func(b *till) {
		b.TransferFor = 24 * time.Hour
		who, at := b.Buyer()
		for i := range 4 {
			o, err := b.PlaceOrder(b.Context(), who, flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true,
				Lines: []flow.PlaceLine{{Item: b.item, Units: 1, Price: price}}})
			if err != nil {
				b.Fatal(err)
			}
			_, err = b.ChooseTransfer(b.Context(), who, o.ID)
			if i < 3 && err != nil {
				b.Fatal(err)
			} else if i == 3 {
				b.wantKey(err, "payment.transfers_many")
			}
		}
	})
}
