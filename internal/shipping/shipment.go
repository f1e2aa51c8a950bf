package shipping

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Shipment is an order's parcel. Several orders of one buyer may travel in one
// parcel and then share a number.
type Shipment struct {
	ID         id.Shipment
	Order      id.Order
	Carrier    string // code
	TrackingNo string
	Actor      id.User
	At         time.Time
}

// Carriers' numbers are 8 to 30 letters and digits; hyphens join the parts of
// some. Own delivery has any short note of that alphabet.
var trackingForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{3,38}[A-Z0-9]$`)

// CleanTracking brings a tracking number into its one form.
func CleanTracking(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }

// Ship writes a shipment (packer). Faults: shipping.carrier, shipping.tracking
// (one a field), shipping.shipped when the order has one already.
func Ship(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order, carrier, trackingNo string) error {
	if err := who.Need(actor.Packer); err != nil {
		return err
	}
	c, known := CarrierByCode(carrier)
	no := CleanTracking(trackingNo)
	var badCarrier, badNo *fault.Error
	if !known {
		badCarrier = fault.New(fault.Invalid, "shipping.carrier").At("carrier")
	}
	if !trackingForm.MatchString(no) {
		badNo = fault.New(fault.Invalid, "shipping.tracking").At("tracking_no")
	}
	if err := fault.Join(badCarrier, badNo); err != nil {
		return err
	}
	s := id.New[id.Shipment]()
	n, err := tx.Exec(ctx, `
		INSERT INTO shipment (id, order_id, carrier, tracking_no, actor_id, shipped_us)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (order_id) DO NOTHING`,
		s, o, c.Code, no, who.User, tx.NowUs())
	switch {
	case err != nil:
		return err
	case n == 0:
		return fault.New(fault.Conflict, "shipping.shipped")
	}
	return audit.Write(ctx, tx, who, "shipping.ship", "order", o, map[string]string{"shipment": string(s), "carrier": c.Code, "tracking_no": no})
}

// OfOrder reads an order's shipment, if any.
func OfOrder(ctx context.Context, q db.Querier, o id.Order) (Shipment, bool, error) {
	s := Shipment{Order: o}
	var us int64
	err := q.QueryRow(ctx, `SELECT id, carrier, tracking_no, actor_id, shipped_us FROM shipment WHERE order_id = $1`, o).
		Scan(&s.ID, &s.Carrier, &s.TrackingNo, &s.Actor, &us)
	if errors.Is(err, db.ErrNoRows) {
		return Shipment{}, false, nil
	}
	s.At = clock.FromUs(us)
	return s, err == nil, err
}
