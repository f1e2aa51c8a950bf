package review

import (
	"context"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
)

// Hit is a listed word found in a text.
type Hit struct {
	Word string
	Kind string // abuse, absolute, health, contact
}

// Words is a word list ready to search; it is safe for use by many goroutines.
type Words struct{ _ byte }

// NewWords builds a list: word -> kind.
func NewWords(list map[string]string) *Words { panic("not built yet") }

// Default is the list that comes with the product.
func Default() *Words { panic("not built yet") }

// Find looks through a text, its look-alikes normalised (width, case, spaces, zero-width).
func (w *Words) Find(text string) []Hit { panic("not built yet") }

// Complaint against a show, a message, a product or an order.
type Complaint struct {
	ID         id.Report
	No         string
	ObjectKind string
	ObjectID   string
	User       id.User
	Kind       string // false_claim, fake_goods, abuse, minor, illegal, other
	Body       string
	State      string // open, upheld, dismissed
	Answer     string
	At         time.Time
}

// Complain writes a complaint and gives its number; anyone may, at most 5 an hour a visitor (enforced at the edge).
func Complain(ctx context.Context, tx *db.Tx, who actor.Actor, c Complaint) (Complaint, error) {
	panic("not built yet")
}

// Answer settles a complaint (moderator, service).
func Answer(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Report, upheld bool, answer string) error {
	panic("not built yet")
}

// Open lists complaints by state ("" for all), the newest first; at most 200.
func Open(ctx context.Context, q db.Querier, state string) ([]Complaint, error) {
	panic("not built yet")
}
