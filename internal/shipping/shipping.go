package shipping

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Recipient is who gets a parcel, as snapshot into an order (sealed).
type Recipient struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	Province string `json:"province"`
	City     string `json:"city"`
	District string `json:"district"`
	Detail   string `json:"detail"`
}

// Rule is the freight of a province; Province "" is for all others.
type Rule struct {
	Province string
	Deliver  bool
	FirstG   int64
	First    money.Fen
	NextG    int64
	Next     money.Fen
	FreeOver money.Fen // of goods; 0: never
}

// Rules is the freight table by province.
type Rules map[string]Rule

// Freight is what goods of a weight and worth cost to a province; fault
// shipping.no_delivery where there is none.
func (r Rules) Freight(province string, grams int64, goods money.Fen) (money.Fen, error) {
	panic("not built yet")
}

// ReadRules reads the freight table.
func ReadRules(ctx context.Context, q db.Querier) (Rules, error) { panic("not built yet") }

// SetRule changes a province's rule (operator).
func SetRule(ctx context.Context, tx *db.Tx, who actor.Actor, r Rule) error { panic("not built yet") }

// Provinces lists the provinces by their short names in the usual order; the
// names are data ("黑龙江"), also in English screens.
func Provinces() []string { panic("not built yet") }

// Parsed is what ParseAddress could read; empty fields it could not.
type Parsed struct {
	Recipient
	Sure bool // name, phone, province, city and detail were all found
}

// ParseAddress reads a pasted text ("李雷 13800001234 黑龙江省伊春市…") in any
// usual order. It never fails: what it can't read stays empty. Input is cut at
// 500 characters.
func ParseAddress(text string) Parsed { panic("not built yet") }

// Check tells what is wrong with a recipient, one fault a field.
func (r Recipient) Check() error { panic("not built yet") }

// Shipment is an order's parcel.
type Shipment struct {
	ID         id.Shipment
	Order      id.Order
	Carrier    string
	TrackingNo string
	Actor      id.User
	At         time.Time
}

// Ship writes a shipment (packer).
func Ship(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order, carrier, trackingNo string) error {
	panic("not built yet")
}

// OfOrder reads an order's shipment, if any.
func OfOrder(ctx context.Context, q db.Querier, o id.Order) (Shipment, bool, error) {
	panic("not built yet")
}

// Carriers lists the carriers' codes and names.
func Carriers() []string { panic("not built yet") }
