package show

import (
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// State of a show; doc.go has the moves.
type State string

const (
	Draft     State = "draft"
	Announced State = "announced"
	Live      State = "live"
	Ended     State = "ended"
	Cancelled State = "cancelled"
)

// States lists every state.
var States = []State{Draft, Announced, Live, Ended, Cancelled}

// Orientations of the picture.
const (
	Portrait  = "portrait"
	Landscape = "landscape"
)

// Limits of a notice, in characters, and of a running order.
const (
	MaxTitle   = 40
	MaxSummary = 500
	MaxScript  = 500
	MaxItems   = 200
	// MaxUnits bounds released units and per-person limits.
	MaxUnits = 1_000_000
	// MaxSlowMode is five minutes.
	MaxSlowMode = 300
)

// Show is one live show.
type Show struct {
	ID          id.Show
	Title       string
	Summary     string
	Host        id.User
	Cover       id.Picture
	Orientation string // portrait, landscape
	Starts      time.Time
	State       State
	Pinned      id.Item
	SlowMode    int      // seconds between two messages of one person
	AI          []string // parts made by AI, shown over the picture all the time: AIHost, AIVoice, AIPicture
	Cut         bool     // it was ended by force
	CutWhy      string
	Practice    bool // nobody but its host and staff sees it, nothing in it is real
	Created     time.Time
	AnnouncedAt time.Time
	LiveAt      time.Time
	EndedAt     time.Time // also of a cancelled one
}

// Public tells whether everybody may know of it: it is announced and no practice.
func (s Show) Public() bool { return s.State != Draft && !s.Practice }

// Over tells whether nothing about it changes any more.
func (s Show) Over() bool { return s.State == Ended || s.State == Cancelled }

// ItemState as the operator sets it; sold out is computed from stock.
type ItemState string

const (
	Coming ItemState = "coming"
	OnSale ItemState = "on_sale"
	Off    ItemState = "off"
)

// AllThereIs as Item.Released puts up whatever the lots hold.
const AllThereIs = -1

// Item of a running order. No never changes once the show is announced.
type Item struct {
	ID        id.Item
	Show      id.Show
	No        int
	Product   id.Product
	State     ItemState
	Price     money.Fen
	Was       money.Fen // crossed out; 0 for none
	Released  int64     // sell units put up for this show; -1: all there is
	Sold      int64     // sell units in orders not closed
	PerPerson int64     // 0: no limit
	Script    string
	Changed   time.Time
	Flash     id.Flash // its latest flash sale, over or not; "" for none
	// Cleared is the lowest price two people have signed for it; 0: none was.
	Cleared money.Fen
}

// Floored is the price that lots' floors are held against: 0, which no floor
// refuses, for one that two people have signed.
func (i Item) Floored(price money.Fen) money.Fen {
	if i.Cleared > 0 && price >= i.Cleared {
		return 0
	}
	return price
}

// Left is what the release still allows, in sell units; ok is false when all
// there is may be sold.
func (i Item) Left() (units int64, ok bool) {
	if i.Released < 0 {
		return 0, false
	}
	return max(0, i.Released-i.Sold), true
}

// Pin is an "explaining now" event; Item "" when unpinned.
type Pin struct {
	Item id.Item
	At   time.Time
}

// Due is a reminder to send.
type Due struct {
	Show id.Show
	User id.User
}
