package show

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/vault"
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
	SlowMode    int // seconds between two messages of one person
	Created     time.Time
	AnnouncedAt time.Time
	LiveAt      time.Time
	EndedAt     time.Time
}

// ItemState as the operator sets it; sold out is computed from stock.
type ItemState string

const (
	Coming ItemState = "coming"
	OnSale ItemState = "on_sale"
	Off    ItemState = "off"
)

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
}

// Pin is an "explaining now" event; Item "" when unpinned.
type Pin struct {
	Item id.Item
	At   time.Time
}

// Save creates (ID empty) or changes a show's notice (operator, or its host).
func Save(ctx context.Context, tx *db.Tx, who actor.Actor, s Show) (id.Show, error) {
	panic("not built yet")
}

// Move takes a show to a state: announce, start, stop, cancel (operator; a host may start and stop their own).
func Move(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, to State) (Show, error) {
	panic("not built yet")
}

// AddItem appends a product with the next number (operator).
func AddItem(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, it Item) (Item, error) {
	panic("not built yet")
}

// ReorderItems renumbers a draft's items; refused once announced.
func ReorderItems(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, order []id.Item) error {
	panic("not built yet")
}

// RemoveItem deletes an item of a draft; an announced show's item is set Off and keeps its number.
func RemoveItem(ctx context.Context, tx *db.Tx, who actor.Actor, it id.Item) error {
	panic("not built yet")
}

// SetItem changes state, price, crossed-out price, released units, limit and script of an item (operator).
func SetItem(ctx context.Context, tx *db.Tx, who actor.Actor, it Item) (Item, error) {
	panic("not built yet")
}

// PinItem shows an item as "explaining now", or nothing ("") (operator, or the show's host).
func PinItem(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, it id.Item) error {
	panic("not built yet")
}

// AddSold adds to items' sold units (negative gives back); the CHECK refuses more than released.
func AddSold(ctx context.Context, tx *db.Tx, units map[id.Item]int64) error { panic("not built yet") }

// SetSlowMode sets the seconds between two messages of one person (operator, moderator).
func SetSlowMode(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, seconds int) error {
	panic("not built yet")
}

// ByID reads a show; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, s id.Show) (Show, error) { panic("not built yet") }

// Filter of List; empty fields do not narrow.
type Filter struct {
	States []State
	Host   id.User
	Limit  int // at most 200, 50 if 0
}

// List reads shows: live ones first, then by start.
func List(ctx context.Context, q db.Querier, f Filter) ([]Show, error) { panic("not built yet") }

// Items reads a show's items by number.
func Items(ctx context.Context, q db.Querier, s id.Show) ([]Item, error) { panic("not built yet") }

// ItemsByID reads items.
func ItemsByID(ctx context.Context, q db.Querier, ids ...id.Item) (map[id.Item]Item, error) {
	panic("not built yet")
}

// ItemsOfProduct reads the items that offer a product in shows that are announced or live.
func ItemsOfProduct(ctx context.Context, q db.Querier, p id.Product) ([]Item, error) {
	panic("not built yet")
}

// Pins lists a show's pin events, the oldest first.
func Pins(ctx context.Context, q db.Querier, s id.Show) ([]Pin, error) { panic("not built yet") }

// NewKey makes a fresh stream key and revokes the one before (operator, or the show's host).
func NewKey(ctx context.Context, tx *db.Tx, v *vault.Vault, who actor.Actor, s id.Show) (key string, err error) {
	panic("not built yet")
}

// Key opens the living stream key, "" if there is none (operator, or the show's host).
func Key(ctx context.Context, q db.Querier, v *vault.Vault, who actor.Actor, s id.Show) (string, error) {
	panic("not built yet")
}

// ByKey finds the show a stream key may publish to: fault show.key_wrong, show.key_revoked, show.over.
func ByKey(ctx context.Context, q db.Querier, key string) (Show, error) { panic("not built yet") }

// Remind and take back a reminder.
func Remind(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, on bool) error {
	panic("not built yet")
}

// Reminded tells how many asked to be reminded, and whether u did.
func Reminded(ctx context.Context, q db.Querier, s id.Show, u id.User) (n int64, mine bool, err error) {
	panic("not built yet")
}

// DueReminders lists who is to be reminded of shows starting before until, and marks them sent.
func DueReminders(ctx context.Context, tx *db.Tx, until time.Time, limit int) ([]Due, error) {
	panic("not built yet")
}

// Due is a reminder to send.
type Due struct {
	Show id.Show
	User id.User
}

// Visit notes that visitors are in the room (last seen now) and adds their likes.
func Visit(ctx context.Context, tx *db.Tx, s id.Show, visitors map[string]int64) error {
	panic("not built yet")
}

// Audience counts who entered and the likes.
func Audience(ctx context.Context, q db.Querier, s id.Show) (entered, likes int64, err error) {
	panic("not built yet")
}
