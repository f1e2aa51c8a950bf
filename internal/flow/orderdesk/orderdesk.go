package orderdesk

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/order"
)

// Options of New. Zero values mean the defaults named below.
type Options struct {
	Queue int // most orders waiting; full: fault order.busy with RetryAfter
	Group int // most orders in a transaction
	// Changed is told after a commit which products' stock moved.
	Changed func(products []string)
}

// Desk takes orders one group at a time.
type Desk struct{ _ byte }

// New starts the writer.
func New(d *db.DB, o Options) *Desk { panic("not built yet") }

// Request is a priced order that wants stock.
type Request struct {
	Order order.Order // lines without shares
}

// Place queues a request and answers after the commit of its group.
func (k *Desk) Place(ctx context.Context, r Request) (order.Order, error) { panic("not built yet") }

// Close stops taking, finishes what is queued, and waits.
func (k *Desk) Close(ctx context.Context) error { panic("not built yet") }
