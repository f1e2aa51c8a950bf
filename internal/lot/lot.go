package lot

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// State of a lot.
type State string

const (
	Forecast State = "forecast" // expected, nothing in hand
	Received State = "received" // in hand, not graded
	Graded   State = "graded"   // graded, not for sale yet
	OnSale   State = "on_sale"
	Closed   State = "closed"
)

// Lot is one producer's goods of one harvest. Quantities are base units.
type Lot struct {
	ID          id.Lot
	No          string
	Product     id.Product
	Producer    id.Producer
	Grade       string
	Harvest     clock.Day
	BestBefore  clock.Day // 0: keeps
	Origin      string
	Certificate string
	Pay         money.Fen // agreed price a sell unit; 0: the whole goods price
	Floor       money.Fen // a sell unit
	State       State
	OnHand      int64
	Reserved    int64
	Created     time.Time
}

// Available is what can still be ordered, in base units.
func (l Lot) Available() int64 { return l.OnHand - l.Reserved }

// MoveKind is the sort of a stock movement.
type MoveKind string

const (
	Receive MoveKind = "receive"
	Count   MoveKind = "count" // correction after counting
	Shrink  MoveKind = "shrink"
	Reject  MoveKind = "reject"
	Ship    MoveKind = "ship"
	Return  MoveKind = "return"
)

// Movement is a signed change of what is on hand.
type Movement struct {
	ID     id.Movement
	Lot    id.Lot
	Kind   MoveKind
	Qty    int64 // base units, + into the lot
	Reason string
	Ref    string
	Actor  id.User
	At     time.Time
}

// Reservation is what an order line takes from a lot.
type Reservation struct {
	ID    string
	Lot   id.Lot
	Order id.Order
	Line  id.Line
	Units int64 // sell units
	Qty   int64 // base units
	State string
}

// Stock is a lot as the allocation sees it.
type Stock struct {
	Lot         id.Lot
	Producer    id.Producer
	Available   int64 // base units
	BestBefore  clock.Day
	Harvest     clock.Day
	BasePerUnit int64
}

// Take is units of a lot given to a line.
type Take struct {
	Lot   id.Lot
	Units int64
	Qty   int64
}

// Allocate fills units from the stocks, first expired first (best before, then
// harvest day, then id; a lot that keeps comes last), whole sell units only.
// It is pure and changes Available of the stocks it takes from. ok is false,
// and nothing taken, when there is not enough.
func Allocate(stocks []Stock, units int64) (takes []Take, ok bool) { panic("not built yet") }

// New describes a lot to be opened.
type New struct {
	Product     id.Product
	Producer    id.Producer
	Grade       string
	Harvest     clock.Day
	BestBefore  clock.Day
	Origin      string
	Certificate string
	Pay, Floor  money.Fen
	Qty         int64 // base units received at once; 0: a forecast
}

// Create opens a lot (selector).
func Create(ctx context.Context, tx *db.Tx, who actor.Actor, n New) (Lot, error) {
	panic("not built yet")
}

// SetState moves a lot on (selector); see doc.go for the moves allowed.
func SetState(ctx context.Context, tx *db.Tx, who actor.Actor, l id.Lot, to State) error {
	panic("not built yet")
}

// Move writes a movement (receive, count, shrink, reject) with its reason. A
// movement that would leave less than is reserved is refused with lot.reserved.
func Move(ctx context.Context, tx *db.Tx, who actor.Actor, l id.Lot, kind MoveKind, qty int64, reason string) error {
	panic("not built yet")
}

// Reserve holds what lines take; the CHECK of the table refuses overselling.
func Reserve(ctx context.Context, tx *db.Tx, rs []Reservation) error { panic("not built yet") }

// Release gives an order's held reservations back.
func Release(ctx context.Context, tx *db.Tx, o id.Order) error { panic("not built yet") }

// ShipOrder turns an order's held reservations into movements.
func ShipOrder(ctx context.Context, tx *db.Tx, who actor.Actor, o id.Order) error {
	panic("not built yet")
}

// ByID reads lots; missing ones are left out.
func ByID(ctx context.Context, q db.Querier, ids ...id.Lot) (map[id.Lot]Lot, error) {
	panic("not built yet")
}

// List reads lots by filter, the newest first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Lot, error) { panic("not built yet") }

// Filter of List; empty fields do not narrow.
type Filter struct {
	Product  id.Product
	Producer id.Producer
	State    State
	Limit    int // at most 500, 100 if 0
}

// OnSaleStock reads the lots on sale of products, in allocation order.
// BasePerUnit is left 0: the caller knows the product.
func OnSaleStock(ctx context.Context, q db.Querier, products ...id.Product) (map[id.Product][]Stock, error) {
	panic("not built yet")
}

// Movements lists a lot's movements, the oldest first.
func Movements(ctx context.Context, q db.Querier, l id.Lot) ([]Movement, error) {
	panic("not built yet")
}

// Reservations lists an order's reservations.
func Reservations(ctx context.Context, q db.Querier, o id.Order) ([]Reservation, error) {
	panic("not built yet")
}
