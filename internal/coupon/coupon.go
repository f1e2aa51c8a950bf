package coupon

import (
	"errors"
	"slices"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// State of a coupon; it follows from the row and is never stored.
type State string

// States.
const (
	Planned State = "planned"
	Dropped State = "dropped"
	Gone    State = "gone"
	Ended   State = "ended"
)

// Limits.
const (
	MaxTotal    = 100_000
	MaxHours    = 168            // a week
	MaxOff      = money.Fen(1e6) // 10,000 yuan
	MaxCost     = money.Fen(5e6) // 50,000 yuan: Off × Total, what it may cost the centre at most
	MaxPerShow  = 50             // coupons of a show
	MaxProducts = 50             // a coupon is limited to
	maxKey      = 255            // of a key made by a page
	maxMine     = 200            // claims that are listed
)

// ErrTaken means that a claim was used by another order since it was read.
var ErrTaken = errors.New("coupon: used by another order meanwhile")

// Coupon of a show.
type Coupon struct {
	ID       id.Coupon
	Show     id.Show
	Off      money.Fen
	Over     money.Fen // goods it is for must be worth at least this; 0: any
	Total    int64
	Taken    int64
	Used     int64        // in orders not closed; only filled by List
	Hours    int64        // good for so long from when it was taken; 0: as long as the show
	Products []id.Product // it is for; none: all of the show
	Bearer   string
	Dropped  time.Time
	Ended    time.Time
	Actor    id.User
	Created  time.Time
}

// State of the coupon.
func (c Coupon) State() State {
	switch {
	case !c.Ended.IsZero():
		return Ended
	case c.Dropped.IsZero():
		return Planned
	case c.Taken >= c.Total:
		return Gone
	}
	return Dropped
}

// Left is how many can still be taken.
func (c Coupon) Left() int64 { return max(0, c.Total-c.Taken) }

// Claim is a person's own coupon.
type Claim struct {
	ID     id.Claim
	Coupon id.Coupon
	User   id.User
	Order  id.Order // that uses it now
	At     time.Time
	Until  time.Time // zero: as long as the show
}

// Over tells whether its time is over.
func (c Claim) Over(now time.Time) bool { return !c.Until.IsZero() && !now.Before(c.Until) }

// Line is what a discount may be taken off.
type Line struct {
	Item    bool    // of a show
	Show    id.Show // whose item it is
	Product id.Product
	Own     bool // bought and sold by the centre itself
	Goods   money.Fen
	Room    money.Fen // how far it may go down
}

// fits tells whether the coupon is for a line.
func (c Coupon) fits(l Line) bool {
	if !l.Own || len(c.Products) > 0 && !slices.Contains(c.Products, l.Product) {
		return false
	}
	if l.Item {
		return l.Show == c.Show
	}
	return c.Hours > 0 && len(c.Products) > 0
}

// Divide tells what the coupon takes off each line. Faults: coupon.not_for,
// coupon.too_little with what is missing, coupon.no_room when no line may go
// any lower.
func (c Coupon) Divide(lines []Line) ([]money.Fen, error) {
	var goods, room money.Fen
	any := false
	weights := make([]int64, len(lines))
	for i, l := range lines {
		if !c.fits(l) {
			continue
		}
		any = true
		goods += l.Goods
		weights[i] = int64(max(0, min(l.Room, l.Goods)))
		room += money.Fen(weights[i])
	}
	switch {
	case !any:
		return nil, fault.New(fault.Conflict, "coupon.not_for").At("coupon")
	case goods < c.Over:
		return nil, fault.New(fault.Conflict, "coupon.too_little", "Over", c.Over.Short(), "Missing", (c.Over - goods).Short()).At("coupon")
	case room == 0:
		return nil, fault.New(fault.Conflict, "coupon.no_room").At("coupon")
	}
	return min(c.Off, room).Split(weights...)
}
