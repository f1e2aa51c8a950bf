package catalog

import (
	"context"
	"io"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Producer grows or makes goods.
type Producer struct {
	ID           id.Producer
	Kind         string // household, coop, firm
	Name         string
	Village      string
	District     string
	Local        bool
	PhoneEnc     string
	LicenceNo    string
	Story        string
	Picture      id.Picture
	CommissionBP int64  // 0 for a local producer, always
	State        string // active, paused
	Created      time.Time
}

// Product is what buyers see and choose.
type Product struct {
	ID          id.Product
	Name        string
	Category    string // fruit, mushroom, grain, nut, honey, vegetable, meat, processed, craft
	Summary     string
	SellUnit    string
	BaseUnit    string // g, piece
	BasePerUnit int64
	NetG        int64
	GrossG      int64
	Price       money.Fen
	MarketPrice money.Fen
	ReturnRule  string // seven_day, fresh, confirmed
	Storage     string
	ColdChain   bool
	Settlement  string // resale, split
	State       string // draft, on, off
	Created     time.Time
	Pictures    []Picture
}

// Picture is a stored picture in several widths.
type Picture struct {
	ID            id.Picture
	OwnerKind     string
	OwnerID       string
	Pos           int
	Width, Height int
	Sizes         []int // widths kept
	Alt           string
}

// URL is the address of the picture at the smallest kept width >= w.
func (p Picture) URL(w int) string { panic("not built yet") }

// SaveProducer creates (ID empty) or changes a producer (selector).
func SaveProducer(ctx context.Context, tx *db.Tx, who actor.Actor, p Producer) (id.Producer, error) {
	panic("not built yet")
}

// SaveProduct creates (ID empty) or changes a product (selector).
func SaveProduct(ctx context.Context, tx *db.Tx, who actor.Actor, p Product) (id.Product, error) {
	panic("not built yet")
}

// Producers reads producers by id.
func Producers(ctx context.Context, q db.Querier, ids ...id.Producer) (map[id.Producer]Producer, error) {
	panic("not built yet")
}

// AllProducers lists producers, the newest first; at most 500.
func AllProducers(ctx context.Context, q db.Querier) ([]Producer, error) { panic("not built yet") }

// Products reads products with pictures by id.
func Products(ctx context.Context, q db.Querier, ids ...id.Product) (map[id.Product]Product, error) {
	panic("not built yet")
}

// AllProducts lists products of a state ("" for all), the newest first; at most 500.
func AllProducts(ctx context.Context, q db.Querier, state string) ([]Product, error) {
	panic("not built yet")
}

// Image limits: a picture over them is refused before it is decoded.
const (
	MaxUpload = 10 << 20   // bytes
	MaxPixels = 40_000_000 // width x height
)

// Prepared is an upload decoded, turned upright, stripped and resized.
type Prepared struct {
	Width, Height int
	JPEG          map[int][]byte // by width
}

// PrepareImage reads an upload (JPEG, PNG, WebP, GIF by content). Faults:
// catalog.image_large, image_pixels, image_kind, image_broken.
func PrepareImage(r io.Reader) (Prepared, error) { panic("not built yet") }

// AddPicture stores a prepared picture: files first, then the row.
func AddPicture(ctx context.Context, d *db.DB, store blob.Store, who actor.Actor, ownerKind, ownerID, alt string, p Prepared) (Picture, error) {
	panic("not built yet")
}

// Pictures reads pictures by id.
func Pictures(ctx context.Context, q db.Querier, ids ...id.Picture) (map[id.Picture]Picture, error) {
	panic("not built yet")
}

// OpenPicture reads a stored picture's file by id and width, for the edge.
func OpenPicture(ctx context.Context, store blob.Store, p id.Picture, width int) (io.ReadCloser, int64, error) {
	panic("not built yet")
}
