package shipping

import (
	"context"
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

// Shipment is an order's parcel of one producer's goods. Goods of several
// producers that left in one parcel share its id; several orders of one buyer
// may travel in one parcel and then share a number.
type Shipment struct {
	ID         id.Shipment
	Order      id.Order
	Producer   id.Producer
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

// Ship writes one parcel with producers' goods of an order (packer). Faults:
// shipping.carrier, shipping.tracking (one a field), shipping.shipped when a
// producer's goods have left already.
func Ship(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order, producers []id.Producer, carrier, trackingNo string) error {
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
	for _, p := range producers {
		n, err := tx.Exec(ctx, `
			INSERT INTO shipment (id, order_id, producer_id, carrier, tracking_no, actor_id, shipped_us)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (order_id, producer_id) DO NOTHING`,
			s, o, p, c.Code, no, who.User, tx.NowUs())
		switch {
		case err != nil:
			return err
		case n == 0:
			return fault.New(fault.Conflict, "shipping.shipped")
		}
	}
	return audit.Write(ctx, tx, who, "shipping.ship", "order", o, map[string]any{"shipment": s, "producers": producers, "carrier": c.Code, "tracking_no": no})
}

// OfOrder reads what has left of an order, the first first: one row a producer.
func OfOrder(ctx context.Context, q db.Querier, o id.Order) ([]Shipment, error) {
	rows, err := q.Query(ctx, `
		SELECT id, order_id, producer_id, carrier, tracking_no, actor_id, shipped_us FROM shipment
		WHERE order_id = $1 ORDER BY shipped_us, id, producer_id`, o)
	return db.Collect(rows, err, func(r *db.Rows, s *Shipment) error {
		var us int64
		err := r.Scan(&s.ID, &s.Order, &s.Producer, &s.Carrier, &s.TrackingNo, &s.Actor, &us)
		s.At = clock.FromUs(us)
		return err
	})
}

// Is tells whether a shipment left by this carrier under this number.
func (s Shipment) Is(carrier, trackingNo string) bool {
	c, _ := CarrierByCode(carrier)
	return s.Carrier == c.Code && s.TrackingNo == CleanTracking(trackingNo)
}
