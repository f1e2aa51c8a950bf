package flow

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
)

// Recipient opens an order's address: whole for its buyer; masked for staff
// who may see the order, and whole on reveal for a packer while the parcel is
// to be packed or on its way and for service, which leaves an audit row; only
// province and city for a producer. o is an order that ReadOrder gave, so who
// may see it at all is decided. Faults: NotFound, fault.denied on reveal.
func (f *Flow) Recipient(ctx context.Context, who actor.Actor, o order.Order, reveal bool) (shipping.Recipient, error) {
	own := who.SignedIn() && o.Buyer == who.User
	switch {
	case !own && !who.Has(orderStaff...) && who.Has(actor.Producer): // the part a producer sees holds no address
		return shipping.Recipient{Province: o.Province, City: o.City}, nil
	case !own && !who.Has(orderStaff...):
		return shipping.Recipient{}, fault.New(fault.NotFound, "fault.not_found")
	}
	r, err := f.openRecipient(o)
	switch {
	case err != nil:
		return shipping.Recipient{}, err
	case own:
		return r, nil
	case !reveal:
		return r.Masked(), nil
	case !who.Has(actor.Service) && !(who.Has(actor.Packer) && toShip(o.State)):
		return shipping.Recipient{}, fault.New(fault.Denied, "fault.denied")
	}
	// First the trace, then the sight.
	err = f.DB.Update(ctx, func(tx *db.Tx) error {
		return audit.Write(ctx, tx, who, "order.reveal_address", "order", o.ID, struct{}{})
	})
	if err != nil {
		return shipping.Recipient{}, err
	}
	return r, nil
}
