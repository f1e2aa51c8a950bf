package lot

import (
	"time"

	"lindu.example/lindu/internal/clock"
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

// moves is the table of doc.go; forecast -> received is made by Move.
var moves = map[State][]State{
	Forecast: {Closed},
	Received: {Graded, Closed},
	Graded:   {OnSale, Closed},
	OnSale:   {Graded, Closed},
}

// Lot is one producer's goods of one harvest. Quantities are base units.
type Lot struct {
	ID          id.Lot
	No          string // for people: day of opening and a running number, "20261122-017"
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
	Allotted    int64 // what open allotments have left
	Created     time.Time
}

// Available is what anybody can still order, in base units: neither reserved
// nor allotted to a host.
func (l Lot) Available() int64 { return l.OnHand - l.Reserved - l.Allotted }

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

// States of a reservation.
const (
	Held     = "held"
	Shipped  = "shipped"
	Released = "released"
)

// Reservation is what an order line takes from a lot.
type Reservation struct {
	ID    string
	Lot   id.Lot
	Order id.Order
	Line  id.Line
	Units int64 // sell units
	Qty   int64 // base units
	State string
	// Allotment it was taken from; "" for what is open to all.
	Allotment id.Allotment
}

// Limits of what may be typed in. A lot of a million tonnes in grams fits.
const (
	MaxQty    = 1_000_000_000_000
	maxText   = 60
	maxReason = 200
)
