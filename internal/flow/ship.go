package flow

import (
	"context"
	"encoding/json"
	"slices"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
)

// ShipOrder notes a parcel with everything of a paid order that has not left
// yet: see ShipParcel.
func (f *Flow) ShipOrder(ctx context.Context, who actor.Actor, o id.Order, carrier, trackingNo string) (order.Order, error) {
	return f.ShipParcel(ctx, who, o, "", carrier, trackingNo)
}

// ShipParcel notes the parcel with one producer's goods of a paid order
// (packer), or with all that has not left yet for producer "": they leave the
// lots by movements, and with the last of them the order is shipped; until then
// it is paid and part-shipped. The same parcel again changes nothing, so a list
// may be pasted twice. Faults: shipping.carrier, shipping.tracking,
// shipping.shipped (by another parcel), shipping.no_part, shipping.not_paid.
func (f *Flow) ShipParcel(ctx context.Context, who actor.Actor, o id.Order, producer id.Producer, carrier, trackingNo string) (order.Order, error) {
	if err := who.Need(actor.Packer); err != nil {
		return order.Order{}, err
	}
	err := f.DB.Update(ctx, func(tx *db.Tx) error {
		x, err := order.Hold(ctx, tx, o)
		if err != nil {
			return err
		}
		left, err := leftByNow(ctx, tx, x, producer, carrier, trackingNo)
		if left || err != nil {
			return err
		}
		held, err := lot.HeldOf(ctx, tx, o)
		if err != nil {
			return err
		}
		parcel := held
		if producer != "" {
			if parcel = []id.Producer{producer}; !slices.Contains(held, producer) {
				return fault.New(fault.Conflict, "shipping.no_part")
			}
		}
		if err := shipping.Ship(ctx, tx, who, o, parcel, carrier, trackingNo); err != nil {
			return err
		}
		if err := lot.ShipOrder(ctx, tx, who, o, producer); err != nil {
			return err
		}
		moved := false
		if len(parcel) == len(held) {
			moved, err = order.Move(ctx, tx, o, order.Paid, order.Shipped, "")
		} else {
			moved, err = order.PartShipped(ctx, tx, o)
		}
		if err == nil && !moved {
			err = fault.New(fault.Conflict, "fault.changed")
		}
		return err
	})
	return f.reread(ctx, o, err)
}

// leftByNow tells whether this very parcel has left before, and refuses what
// can't leave.
func leftByNow(ctx context.Context, q db.Querier, x order.Order, producer id.Producer, carrier, trackingNo string) (bool, error) {
	if x.State == order.Unpaid || x.State == order.Closed {
		return false, fault.New(fault.Conflict, "shipping.not_paid", "State", "@ui.order_"+string(x.State))
	}
	parcels, err := shipping.OfOrder(ctx, q, x.ID)
	if err != nil {
		return false, err
	}
	mine := false
	for _, s := range parcels {
		if producer == "" || s.Producer == producer {
			if s.Is(carrier, trackingNo) {
				return true, nil
			}
			mine = true
		}
	}
	if x.State != order.Paid || producer != "" && mine {
		return false, fault.New(fault.Conflict, "shipping.shipped")
	}
	return false, nil
}

// toShip tells whether a packer has to do with the address.
func toShip(s order.State) bool { return s == order.Paid || s == order.Shipped }

// openRecipient opens the sealed snapshot in an order.
func (f *Flow) openRecipient(o order.Order) (r shipping.Recipient, err error) {
	text, err := f.Vault.Open(account.ColLabel, o.AddressEnc)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(text), &r)
}
