package flow_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/show"
)

// paid places an order of units and pays it in the sandbox.
func (b *till) paid(units int64) (actor.Actor, order.Order) {
	b.Helper()
	who, o := b.order(units)
	b.press(b.start(who, o), "pay")
	b.until("the order paid", func() bool { return b.read(o).State == order.Paid })
	return who, b.read(o)
}

// stock is what the item sold and the lot holds for orders.
func (b *till) stock(sold, reserved int64) {
	b.Helper()
	items, err := show.ItemsByID(b.Context(), b.DB, b.item)
	if err != nil {
		b.Fatal(err)
	}
	lots, err := lot.ByID(b.Context(), b.DB, b.lot)
	if err != nil {
		b.Fatal(err)
	}
	if items[b.item].Sold != sold || lots[b.lot].Reserved != reserved*shoptest.Base {
		b.Errorf("sold %d, reserved %d; want %d and %d units", items[b.item].Sold, lots[b.lot].Reserved, sold, reserved)
	}
}

func TestCancellingAPaidOrderSendsTheMoneyAndTheGoodsBack(t *testing.T) {
	eachTill(t, func(b *till) {
		b.startJobs()
		who, o := b.paid(3)
		b.stock(3, 3)
		x, err := b.CancelOrder(b.Context(), who, o.ID)
		if err != nil || x.State != order.Closed || x.CloseReason != order.Refunded {
			b.Fatalf("%s %s %v", x.State, x.CloseReason, err)
		}
		b.stock(0, 0)
		b.owed(0)
		b.until("the refund", func() bool { return b.count(`SELECT count(*) FROM refund WHERE state = 'done'`) == 1 })
		b.balance("channel/sandbox/clearing", 0)
		b.balance("refund/buyers/due", 0)
		if x, err := b.CancelOrder(b.Context(), who, o.ID); err != nil || x.State != order.Closed {
			b.Errorf("cancelled again: %s %v", x.State, err)
		}
		if n := b.count(`SELECT count(*) FROM refund`); n != 1 {
			b.Errorf("%d refunds", n)
		}
	})
}

func TestRefundOrderRefusals(t *testing.T) {
	eachTill(t, func(b *till) {
		service, other := b.Person(actor.Service), b.Person()
		who, unpaid := b.order(1)
		_, err := b.RefundOrder(b.Context(), service, unpaid.ID, payment.Cancelled)
		b.wantKey(err, "payment.not_paid")
		_, o := b.paid(1)
		_, err = b.RefundOrder(b.Context(), other, o.ID, payment.Cancelled)
		b.wantKey(err, "fault.not_found")
		_, err = b.RefundOrder(b.Context(), actor.Actor{}, o.ID, payment.Cancelled)
		b.wantKey(err, "fault.sign_in")
		_, err = b.RefundOrder(b.Context(), b.Person(actor.Operator), o.ID, payment.Cancelled)
		b.wantKey(err, "fault.not_found")
		_, err = b.RefundOrder(b.Context(), service, o.ID, "because")
		b.wantKey(err, "fault.choice")
		if _, err := b.CancelOrder(b.Context(), who, unpaid.ID); err != nil {
			b.Fatal(err)
		}
		_, err = b.RefundOrder(b.Context(), service, unpaid.ID, payment.Cancelled)
		b.wantKey(err, "payment.not_paid")
		if _, err := b.ShipOrder(b.Context(), b.Person(actor.Packer), o.ID, "shunfeng", "SF10000001"); err != nil {
			b.Fatal(err)
		}
		_, err = b.RefundOrder(b.Context(), service, o.ID, payment.AfterSale)
		b.wantKey(err, "payment.shipped")
		b.owed(price)
	})
}

func TestRefundingTwiceAtOnceRefundsOnce(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.paid(2)
		service := b.Person(actor.Service)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				a := who
				if i%2 == 0 {
					a = service
				}
				if _, err := b.RefundOrder(context.Background(), a, o.ID, payment.Cancelled); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		var done atomic.Int64
		for range 5 { // as if by several nodes
			wg.Go(func() {
				n, err := b.SendRefunds(context.Background())
				if err != nil {
					b.Error(err)
				}
				done.Add(int64(n))
			})
		}
		wg.Wait()
		if n := b.count(`SELECT count(*) FROM refund WHERE state = 'done'`); n != 1 || done.Load() != 1 {
			b.Errorf("%d refunds, %d said done", n, done.Load())
		}
		b.balance("channel/sandbox/clearing", 0)
		b.balance("refund/buyers/due", 0)
		b.stock(0, 0)
	})
}

func TestShippingAndRefundRace(t *testing.T) {
	eachTill(t, func(b *till) {
		service, packer := b.Person(actor.Service), b.Person(actor.Packer)
		var orders []order.Order
		for range 8 {
			_, o := b.paid(1)
			orders = append(orders, o)
		}
		var wg sync.WaitGroup
		for _, o := range orders {
			wg.Go(func() { b.RefundOrder(context.Background(), service, o.ID, payment.Cancelled) })
			wg.Go(func() { b.ShipOrder(context.Background(), packer, o.ID, "shunfeng", "SF"+o.No) })
		}
		wg.Wait()
		shipped := int64(0)
		for _, o := range orders {
			switch x := b.read(o); x.State {
			case order.Shipped:
				shipped++
			case order.Closed:
			default:
				b.Errorf("order %s", x.State)
			}
		}
		if n := b.count(`SELECT count(*) FROM shipment`); n != shipped {
			b.Errorf("%d parcels of %d shipped orders", n, shipped)
		}
		if n := b.count(`SELECT count(*) FROM refund`); n != 8-shipped {
			b.Errorf("%d refunds, %d shipped", n, shipped)
		}
		b.stock(shipped, 0)
	})
}

func TestRefundWaitsForAProviderThatIsDown(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.paid(1)
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		real := b.Gateways["sandbox"]
		b.Gateways["sandbox"] = broken{real}
		if n, err := b.SendRefunds(b.Context()); n != 0 || err != nil {
			b.Errorf("refunded %d, %v", n, err)
		}
		rs, err := payment.OpenRefunds(b.Context(), b.DB, 0)
		if err != nil || len(rs) != 1 || rs[0].State != payment.RefundPending || rs[0].Tries != 1 || rs[0].Problem != "payment.gateway_down" {
			b.Fatalf("%+v %v", rs, err)
		}
		b.balance("refund/buyers/due", -o.Total) // owed to the buyer until it left
		b.Gateways["sandbox"] = real
		if n, err := b.SendRefunds(b.Context()); n != 0 || err != nil {
			b.Errorf("tried again at once: %d %v", n, err)
		}
		b.now.Add(10 * time.Second)
		if n, err := b.SendRefunds(b.Context()); n != 1 || err != nil {
			b.Errorf("refunded %d, %v", n, err)
		}
		b.balance("refund/buyers/due", 0)
	})
}

func TestRefundTheProviderRefusesIsSetAsideForFinance(t *testing.T) {
	eachTill(t, func(b *till) {
		// Told of a payment the provider never took: it will refuse the refund.
		who, o := b.order(1)
		b.tell(b.event(b.start(who, o)), nil)
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		if n, err := b.SendRefunds(b.Context()); n != 0 || err != nil {
			b.Errorf("refunded %d, %v", n, err)
		}
		rs, err := payment.RecentRefunds(b.Context(), b.DB, payment.RefundFailed, 0)
		if err != nil || len(rs) != 1 || rs[0].Problem != "payment.gateway_refused" {
			b.Fatalf("%+v %v", rs, err)
		}
		b.now.Add(aDay)
		if n, err := b.SendRefunds(b.Context()); n != 0 || err != nil || b.count(`SELECT max(tries) FROM refund`) != 1 {
			b.Errorf("tried again by itself: %d %v", n, err)
		}
	})
}

func TestOfflineRefundIsSentByHandAndConfirmedOnce(t *testing.T) {
	eachTill(t, func(b *till) {
		finance := b.Person(actor.Finance)
		who, o := b.order(1)
		if _, err := b.ConfirmOffline(b.Context(), finance, o.ID, o.Total, "bank no. 1"); err != nil {
			b.Fatal(err)
		}
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		if n, err := b.SendRefunds(b.Context()); n != 0 || err != nil {
			b.Errorf("sent %d by itself, %v", n, err)
		}
		rs, err := payment.Refunds(b.Context(), b.DB, o.ID)
		if err != nil || len(rs) != 1 || rs[0].State != payment.RefundPending {
			b.Fatalf("%+v %v", rs, err)
		}
		b.wantKey(b.ConfirmRefund(b.Context(), who, rs[0].ID, "bank no. 2"), "fault.denied")
		b.wantKey(b.ConfirmRefund(b.Context(), finance, rs[0].ID, ""), "fault.required")
		if err := b.ConfirmRefund(b.Context(), finance, rs[0].ID, "bank no. 2"); err != nil {
			b.Fatal(err)
		}
		b.wantKey(b.ConfirmRefund(b.Context(), finance, rs[0].ID, "bank no. 2"), "payment.refund_done")
		b.balance("channel/offline/clearing", 0)
		b.balance("refund/buyers/due", 0)
	})
}

func TestOnlyOfflineRefundsAreConfirmedByHand(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.paid(1)
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		rs, err := payment.Refunds(b.Context(), b.DB, o.ID)
		if err != nil || len(rs) != 1 {
			b.Fatal(rs, err)
		}
		b.wantKey(b.ConfirmRefund(b.Context(), b.Person(actor.Finance), rs[0].ID, "bank no. 1"), "payment.offline_only")
	})
}
