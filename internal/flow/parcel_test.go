package flow_test

import (
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
)

// TestEachProducerSendsItsOwnParcel: an order with goods of two producers is
// part-shipped until both have left.
func TestEachProducerSendsItsOwnParcel(t *testing.T) {
	eachTill(t, func(b *till) {
		other := b.Product(1000)
		b.Lot(other, b.Works, 5)
		who, at := b.Buyer()
		o, err := b.PlaceOrder(b.Context(), who, flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true,
			Lines: []flow.PlaceLine{{Item: b.item, Units: 2, Price: price}, {Product: other, Units: 1, Price: 1000}}})
		if err != nil {
			b.Fatal(err)
		}
		b.press(b.start(who, o), "pay")
		b.until("the order paid", func() bool { return b.read(o).State == order.Paid })
		packer := b.Person(actor.Packer)
		ship := func(from id.Producer, no string) error {
			_, err := b.ShipParcel(b.Context(), packer, o.ID, from, "ems", no)
			return err
		}
		b.wantKey(ship("nobody", "EA000000001CN"), "shipping.no_part")
		for range 2 { // the same parcel twice
			if err := ship(b.Farm, "EA000000001CN"); err != nil {
				b.Fatal(err)
			}
		}
		if x := b.read(o); x.State != order.Paid || x.PartAt.IsZero() {
			b.Errorf("%s, part shipped at %v", x.State, x.PartAt)
		}
		b.wantKey(ship(b.Farm, "EA000000002CN"), "shipping.shipped")
		if _, err := b.CancelOrder(b.Context(), who, o.ID); !fault.Is(err, fault.Conflict) {
			b.Errorf("cancelled with a parcel on its way: %v", err)
		}
		if err := ship(b.Works, "EA000000003CN"); err != nil {
			b.Fatal(err)
		}
		parcels, err := shipping.OfOrder(b.Context(), b.DB, o.ID)
		if x := b.read(o); err != nil || x.State != order.Shipped || len(parcels) != 2 || parcels[0].ID == parcels[1].ID {
			b.Errorf("%s, %+v, %v", x.State, parcels, err)
		}
	})
}
