package aftersale

import (
	"slices"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Kind of a case; see doc.go.
type Kind string

// Kinds.
const (
	Cancel Kind = "cancel"
	Return Kind = "return"
	Claim  Kind = "claim"
)

// State of a case; see doc.go.
type State string

// States.
const (
	Requested State = "requested"
	Approved  State = "approved"
	Back      State = "back" // the goods are back, spoiled: service decides
	Refunded  State = "refunded"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
)

// Open tells whether somebody must still do something.
func (s State) Open() bool { return s == Requested || s == Approved || s == Back }

// Reasons.
const (
	Quality   = "quality"
	SevenDay  = "seven_day" // no reason needed
	Transport = "transport"
	Wrong     = "wrong"
	Missing   = "missing"
	Unwanted  = "unwanted" // before the parcel left
	Other     = "other"
)

// Reasons lists the reasons of a kind, in the order forms show them.
var Reasons = map[Kind][]string{
	Cancel: {Unwanted, Other},
	Return: {SevenDay, Quality, Transport, Wrong, Other},
	Claim:  {Quality, Transport, Missing, Wrong, Other},
}

// AtFault tells whether a reason is the seller's or the carrier's, not the
// buyer's choice.
func AtFault(reason string) bool {
	return slices.Contains([]string{Quality, Transport, Wrong, Missing}, reason)
}

// Bearers of a refund: promise.Bearer.
const (
	ByProducer = "producer"
	ByCentre   = "centre"
	ByCarrier  = "carrier"
)

// Bearers lists them in the order forms show them.
var Bearers = []string{ByProducer, ByCentre, ByCarrier}

// Goods that came back.
const (
	Good    = "good"
	Spoiled = "spoiled"
)

// ReturnWithin is how long an approved return waits for its parcel.
const ReturnWithin = 15 * 24 * time.Hour

// RefundWithin is how soon money must leave once the goods are back: Consumer
// Law art. 25, seven days.
const RefundWithin = 7 * 24 * time.Hour

// Limits.
const (
	MaxPhotos = 6
	MaxCases  = 20 // of one order
	maxWords  = 500
	maxNote   = 500
	maxParcel = 80
)

// Case is one after-sale case of an order.
type Case struct {
	ID        id.Case
	Order     id.Order
	Buyer     id.User
	Kind      Kind
	State     State
	Reason    string
	Words     string
	Freight   money.Fen // of the order, that goes back with it
	Bearer    string    // producer, centre, carrier; "" until decided
	Carrier   string
	AskedBy   id.User
	Asked     time.Time
	HandledBy id.User
	Decided   time.Time
	Note      string
	Parcel    string // the buyer's parcel back
	Goods     string // good, spoiled; "" until they are back
	GoodsBy   id.User
	GoodsAt   time.Time
	Refund    id.Refund
	Done      time.Time
	Key       string
	Lines     []Line
	Photos    []Photo
}

// Line is what a case is about: whole units, or an amount.
type Line struct {
	Line  id.Line
	Units int64
	Share int64 // of a claim, basis points of the line that are bad; 0 when an amount was asked for
	Fen   money.Fen
}

// Sum is the goods money of the case's lines.
func (c Case) Sum() (f money.Fen) {
	for _, l := range c.Lines {
		f += l.Fen
	}
	return f
}

// Photo of what was wrong. It may show an address, so it is shown to the buyer
// and to staff only.
type Photo struct {
	ID            string
	Width, Height int
	Sizes         []int // widths kept, the smallest first
}

// Part is what a refund was for: one row a refund.
type Part struct {
	Refund  id.Refund
	Order   id.Order
	Case    id.Case // "": a whole order without a case
	Goods   money.Fen
	Freight money.Fen
	// Discount is what of Goods a coupon had paid: the buyer gets Fen.
	Discount money.Fen
	Bearer   string
	Carrier  string
	Reason   string
	Whole    bool // the sale taken back in one
	By       id.User
	At       time.Time
	Shares   []SharePart
}

// Fen is what the buyer gets.
func (p Part) Fen() money.Fen { return p.Goods + p.Freight - p.Discount }
