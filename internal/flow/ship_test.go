package flow_test

import (
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
)

func TestShipOrderTakesGoodsFromTheLotOnce(t *testing.T) {
	eachTill(t, func(b *till) {
		packer := b.Person(actor.Packer)
		who, o := b.order(1)
		ship := func(a actor.Actor, carrier, no string) error {
			_, err := b.ShipOrder(b.Context(), a, o.ID, carrier, no)
			return err
		}
		b.wantKey(ship(who, "shunfeng", "SF10000001"), "fault.denied")
		b.wantKey(ship(packer, "shunfeng", "SF10000001"), "shipping.not_paid")
		b.press(b.start(who, o), "pay")
		b.until("the order paid", func() bool { return b.read(o).State == order.Paid })
		if err := ship(packer, "pigeon", "?"); len(fault.Of(err).All()) != 2 || b.read(o).State != order.Paid {
			b.Errorf("%v, order %s", err, b.read(o).State)
		}
		if err := ship(packer, "shunfeng", "sf 10000001"); err != nil {
			b.Fatal(err)
		}
		if err := ship(packer, "顺丰速运", "SF10000001"); err != nil {
			b.Errorf("the same parcel again: %v", err)
		}
		b.wantKey(ship(packer, "shunfeng", "SF10000002"), "shipping.shipped")
		b.stock(1, 0)
		l, err := lot.ByID(b.Context(), b.DB, b.lot)
		if err != nil || l[b.lot].OnHand != (stocked-1)*shoptest.Base {
			b.Errorf("on hand %d, %v", l[b.lot].OnHand, err)
		}
		if x := b.read(o); x.State != order.Shipped || x.ShippedAt.IsZero() {
			b.Errorf("%s %v", x.State, x.ShippedAt)
		}
	})
}

func TestParcelArrivesByWordOrByItself(t *testing.T) {
	eachTill(t, func(b *till) {
		packer := b.Person(actor.Packer)
		alice, first := b.paid(1)
		_, second := b.paid(1)
		_, err := b.ReceiveOrder(b.Context(), alice, first.ID)
		b.wantKey(err, "shipping.not_shipped")
		for _, o := range []order.Order{first, second} {
			if _, err := b.ShipOrder(b.Context(), packer, o.ID, "ems", "EA123456789CN"); err != nil {
				b.Fatal(err)
			}
		}
		_, err = b.ReceiveOrder(b.Context(), packer, first.ID)
		b.wantKey(err, "fault.not_found")
		for range 2 {
			if x, err := b.ReceiveOrder(b.Context(), alice, first.ID); err != nil || x.State != order.Received {
				b.Fatalf("%s %v", x.State, err)
			}
		}
		steps := func(want int, a, z order.State) {
			b.Helper()
			if n, err := b.AdvanceOrders(b.Context()); n != want || err != nil || b.read(first).State != a || b.read(second).State != z {
				b.Errorf("%d moved, %v; %s and %s, want %d, %s and %s", n, err, b.read(first).State, b.read(second).State, want, a, z)
			}
		}
		steps(0, order.Received, order.Shipped)
		b.now.Add(settles + time.Second)
		steps(1, order.Done, order.Shipped)
		b.now.Add(arrives - settles)
		steps(1, order.Done, order.Received)
		b.now.Add(settles + time.Second)
		steps(1, order.Done, order.Done)
		steps(0, order.Done, order.Done)
	})
}

func TestAddressIsSeenWholeOnlyByThoseWhoNeedIt(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.paid(1)
		see := func(a actor.Actor, reveal bool) string {
			b.Helper()
			r, err := b.Recipient(b.Context(), a, o, reveal)
			if err != nil {
				return fault.Of(err).Key
			}
			return strings.Join([]string{r.Name, r.Phone, r.Province, r.Detail}, "|")
		}
		whole, masked := "Li Lei|13800001234|"+shoptest.Province()+"|Road 1", "L*****|138****1234|"+shoptest.Province()+"|****"
		packer, service := b.Person(actor.Packer), b.Person(actor.Service)
		for about, c := range map[string]struct {
			who    actor.Actor
			reveal bool
			want   string
		}{
			"the buyer":                    {who, false, whole},
			"a packer":                     {packer, false, masked},
			"a packer who needs it":        {packer, true, whole},
			"service who needs it":         {service, true, whole},
			"an operator":                  {b.Person(actor.Operator), false, masked},
			"an operator who is curious":   {b.Person(actor.Operator), true, "fault.denied"},
			"an overseer who is curious":   {b.Person(actor.Overseer), true, "fault.denied"},
			"another buyer":                {b.Person(), false, "fault.not_found"},
			"a moderator":                  {b.Person(actor.Moderator), false, "fault.not_found"},
			"nobody":                       {actor.Actor{}, false, "fault.not_found"},
			"a producer, however curious,": {b.Person(actor.Producer), true, "||" + shoptest.Province() + "|"},
		} {
			if got := see(c.who, c.reveal); got != c.want {
				b.Errorf("%s sees %s, want %s", about, got, c.want)
			}
		}
		events, err := audit.List(b.Context(), b.DB, audit.Filter{ObjectKind: "order", ObjectID: string(o.ID)})
		if err != nil {
			b.Fatal(err)
		}
		reveals := 0
		for _, e := range events {
			if e.Action == "order.reveal_address" {
				reveals++
			}
		}
		if reveals != 2 {
			b.Errorf("%d reveals in the trail, want 2", reveals)
		}
		// Once the parcel has arrived a packer has nothing to do with it.
		if _, err := b.ShipOrder(b.Context(), packer, o.ID, "ems", "EA123456789CN"); err != nil {
			b.Fatal(err)
		}
		if o, err = b.ReceiveOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		if got := see(packer, true); got != "fault.denied" {
			b.Errorf("a packer of old sees %s", got)
		}
	})
}
