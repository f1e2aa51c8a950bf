package order

import (
	"slices"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// State of an order; doc.go has the table of moves.
type State string

const (
	Unpaid   State = "unpaid"
	Paid     State = "paid"
	Shipped  State = "shipped"
	Received State = "received"
	Done     State = "done"
	Closed   State = "closed"
)

// States lists the states in the order of an order's life.
var States = []State{Unpaid, Paid, Shipped, Received, Done, Closed}

var moves = map[State][]State{
	Unpaid:   {Paid, Closed},
	Paid:     {Shipped, Closed},
	Shipped:  {Received},
	Received: {Done},
}

// CanMove tells whether the table of doc.go has the move.
func CanMove(from, to State) bool { return slices.Contains(moves[from], to) }

// Close reasons.
const (
	Expired   = "expired"
	Cancelled = "cancelled"
	Refunded  = "refunded"
)

// closeReasons are those that may close an order from a state.
var closeReasons = map[State][]string{
	Unpaid: {Expired, Cancelled},
	Paid:   {Refunded},
}

// Order is one buyer's purchase.
type Order struct {
	ID          id.Order
	No          string
	Buyer       id.User
	Show        id.Show
	State       State
	Goods       money.Fen
	Freight     money.Fen
	Total       money.Fen // what the buyer pays: Goods + Freight - Discount
	Discount    money.Fen // taken off by a coupon; the producers get all the same
	Province    string
	City        string
	AddressEnc  string // sealed JSON of shipping.Recipient under "order.address"
	Note        string
	NoReturnOK  bool
	IdemKey     string
	IdemHash    string
	Placing     id.Placing // the orders it was placed and booked with
	Placed      time.Time
	Expires     time.Time
	PaidAt      time.Time
	ShippedAt   time.Time
	ReceivedAt  time.Time
	DoneAt      time.Time
	ClosedAt    time.Time
	CloseReason string
	PartAt      time.Time // the first of several parcels left; zero when all left together
	Lines       []Line

	RefundedFreight money.Fen // of Freight, taken back after it was paid
	FirstExpires    time.Time // Expires as it first was; zero when it was never put off
	Again           bool      // not stored: the answer to a key that was answered before
}

// Line of an order, with everything as it was shown when it was ordered.
type Line struct {
	ID         id.Line
	Order      id.Order
	Item       id.Item
	Product    id.Product
	Name       string
	SellUnit   string
	NetG       int64
	GrossG     int64
	Units      int64
	Price      money.Fen
	Goods      money.Fen
	ReturnRule string
	Flash      id.Flash  // the flash sale it was bought in, "" for none
	Discount   money.Fen // of Goods, taken off by a coupon

	RefundedUnits int64     // taken back whole: before the parcel left, or returned
	Refunded      money.Fen // of Goods, units and amounts
}

// Left are the units that were not taken back.
func (l Line) Left() int64 { return l.Units - l.RefundedUnits }

// Worth is what the order's goods and freight cost without a coupon.
func (o Order) Worth() money.Fen { return o.Goods + o.Freight }

// DiscountOf is the part of the line's discount that belongs to the first goods
// money of it, rounded half up. Being a running total it never depends on the
// steps in which a line is taken back.
func (l Line) DiscountOf(goods money.Fen) money.Fen {
	if l.Discount == 0 || l.Goods <= 0 {
		return 0
	}
	parts, err := l.Discount.Split(int64(goods), int64(l.Goods-goods))
	if err != nil { // more than the line: TakeBack refuses it
		return l.Discount
	}
	return parts[0]
}

// Refunded is what buyers get back of the order, sent or not.
func (o Order) Refunded() money.Fen {
	f := o.RefundedFreight
	for _, l := range o.Lines {
		f += l.Refunded - l.DiscountOf(l.Refunded)
	}
	return f
}

// Touched tells whether anything of the order was taken back.
func (o Order) Touched() bool {
	return o.RefundedFreight > 0 || slices.ContainsFunc(o.Lines, func(l Line) bool { return l.Refunded > 0 || l.RefundedUnits > 0 })
}

// Settlements of a share: how a producer gets the money.
const (
	Resale = "resale" // the centre buys and sells
	Split  = "split"  // the payment provider splits
)

// Share is what one producer has in a line: the fee snapshot.
type Share struct {
	Reservation  string
	Order        id.Order
	Line         id.Line
	Lot          id.Lot
	Producer     id.Producer
	Local        bool
	Settlement   string // "resale" or "split"
	Units        int64
	Goods        money.Fen // = Commission + Owed + Margin
	CommissionBP int64
	Commission   money.Fen
	Owed         money.Fen
	Margin       money.Fen
}
