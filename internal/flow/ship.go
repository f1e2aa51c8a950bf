package flow

import (
	"context"
	"encoding/json"
	"errors"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
)

// ShipOrder notes the parcel of a paid order (packer): the order is shipped
// and its goods leave the lots by movements. The same parcel again changes
// nothing, so a list may be pasted twice. Faults: shipping.carrier,
// shipping.tracking, shipping.shipped (by another parcel), shipping.not_paid.
func (f *Flow) ShipOrder(ctx context.Context, who actor.Actor, o id.Order, carrier, trackingNo string) (order.Order, error) {
	if err := who.Need(actor.Packer); err != nil {
		return order.Order{}, err
	}
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		moved, err := order.Move(ctx, tx, o, order.Paid, order.Shipped, "")
		if err != nil {
			return err
		}
		if !moved {
			return whyNotShipped(ctx, tx, o, carrier, trackingNo)
		}
		if err := shipping.Ship(ctx, tx, who, o, carrier, trackingNo); err != nil {
			return err
		}
		return lot.ShipOrder(ctx, tx, who, o)
	})
	if errors.Is(err, errSameParcel) {
		err = nil
	}
	return f.reread(ctx, o, err)
}

// errSameParcel ends a transaction in which nothing is to be done.
var errSameParcel = errors.New("flow: the same parcel again")

func whyNotShipped(ctx context.Context, q db.Querier, o id.Order, carrier, trackingNo string) error {
	x, err := order.ByID(ctx, q, o)
	if err != nil {
		return err
	}
	if x.State == order.Unpaid || x.State == order.Closed {
		return fault.New(fault.Conflict, "shipping.not_paid", "State", "@ui.order_"+string(x.State))
	}
	s, ok, err := shipping.OfOrder(ctx, q, o)
	if err != nil {
		return err
	}
	c, _ := shipping.CarrierByCode(carrier)
	if ok && s.Carrier == c.Code && s.TrackingNo == shipping.CleanTracking(trackingNo) {
		return errSameParcel
	}
	return fault.New(fault.Conflict, "shipping.shipped")
}

// toShip tells whether a packer has to do with the address.
func toShip(s order.State) bool { return s == order.Paid || s == order.Shipped }

// openRecipient opens the sealed snapshot in an order.
func (f *Flow) openRecipient(o order.Order) (r shipping.Recipient, err error) {
	text, err := f.Vault.Open("order.address", o.AddressEnc)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(text), &r)
}
