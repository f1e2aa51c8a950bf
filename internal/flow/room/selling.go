package room

import (
	"time"

	"lindu.example/lindu/internal/coupon"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Kinds of realtime events of the selling tools.
const (
	KindCoupon = "coupon" // Coupon: put into the room, taken by somebody, ended
	KindMore   = "more"   // MoreEvent: there is more of a sold-out item
	// KindPrice tells the desk's pages that a price waits for a second signer, or
	// was decided. It holds nothing: everybody in the room hears it.
	KindPrice = "price_request"
)

// Coupon as a room shows it.
type Coupon struct {
	ID       id.Coupon    `json:"id"`
	State    coupon.State `json:"state" enum:"planned,dropped,gone,ended"`
	Off      money.Fen    `json:"off_fen"`
	Over     money.Fen    `json:"over_fen,omitempty" doc:"goods must be worth at least this"`
	Total    int64        `json:"total"`
	Left     int64        `json:"left"`
	Hours    int64        `json:"hours,omitempty" doc:"good so long from when it was taken; none: as long as the show"`
	Products []id.Product `json:"products,omitempty" doc:"it is for; none: all of the show"`
	At       time.Time    `json:"at"`
}

// CouponOf is a coupon as a room shows it.
func CouponOf(c coupon.Coupon) Coupon {
	return Coupon{ID: c.ID, State: c.State(), Off: c.Off, Over: c.Over, Total: c.Total, Left: c.Left(), Hours: c.Hours, Products: c.Products, At: c.Dropped}
}

// MoreEvent tells pages whose turn it is: entries are known only to who made
// them.
type MoreEvent struct {
	Item    id.Item   `json:"item"`
	Entries []id.Wait `json:"entries"`
}
