package order

import (
	"context"
	"time"

	"lindu.example/lindu/internal/db"
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

// Close reasons.
const (
	Expired   = "expired"
	Cancelled = "cancelled"
	Refunded  = "refunded"
)

// Order is one buyer's purchase.
type Order struct {
	ID          id.Order
	No          string
	Buyer       id.User
	Show        id.Show
	State       State
	Goods       money.Fen
	Freight     money.Fen
	Total       money.Fen
	Province    string
	City        string
	AddressEnc  string // sealed JSON of shipping.Recipient under "order.address"
	Note        string
	NoReturnOK  bool
	IdemKey     string
	IdemHash    string
	Placed      time.Time
	Expires     time.Time
	PaidAt      time.Time
	ShippedAt   time.Time
	ReceivedAt  time.Time
	DoneAt      time.Time
	ClosedAt    time.Time
	CloseReason string
	Lines       []Line
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
}

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
	Goods        money.Fen
	CommissionBP int64
	Commission   money.Fen
	Owed         money.Fen
	Margin       money.Fen
}

// Insert writes orders with lines and shares by multi-row statements.
func Insert(ctx context.Context, tx *db.Tx, orders []Order, shares []Share) error {
	panic("not built yet")
}

// Move takes an order from one state to another and reports whether it did:
// false when it is no longer in from. reason is for Closed.
func Move(ctx context.Context, tx *db.Tx, o id.Order, from, to State, reason string) (bool, error) {
	panic("not built yet")
}

// ByID reads an order with its lines; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, o id.Order) (Order, error) { panic("not built yet") }

// ByKey reads the order a buyer's key made, if any.
func ByKey(ctx context.Context, q db.Querier, buyer id.User, key string) (Order, bool, error) {
	panic("not built yet")
}

// Shares reads an order's shares.
func Shares(ctx context.Context, q db.Querier, o id.Order) ([]Share, error) {
	panic("not built yet")
}

// Filter of List; empty fields do not narrow.
type Filter struct {
	Buyer    id.User
	Show     id.Show
	Producer id.Producer
	State    State
	Before   id.Order // page on
	Limit    int      // at most 500, 20 if 0
}

// List reads orders with lines, the newest first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Order, error) { panic("not built yet") }

// ExpiredIDs lists unpaid orders whose time is over, the oldest first.
func ExpiredIDs(ctx context.Context, q db.Querier, now time.Time, limit int) ([]id.Order, error) {
	panic("not built yet")
}

// ShowFigures are counted from orders; closed ones are left out of Orders and Goods.
type ShowFigures struct {
	Orders, PaidOrders int64
	Goods, PaidGoods   money.Fen
	Buyers             int64
	Farmers            int64 // local producers in paid orders
}

// Figures counts a show's orders.
func Figures(ctx context.Context, q db.Querier, s id.Show) (ShowFigures, error) {
	panic("not built yet")
}
