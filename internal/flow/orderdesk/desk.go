package orderdesk

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
)

// Defaults of Options.
const (
	// DefaultQueue is about a second of orders on two cores: who waits longer
	// is better served by "try again".
	DefaultQueue = 4096
	// DefaultGroup: larger groups gain nothing and wait longer
	// (docs/performance.md).
	DefaultGroup = 256
	// DefaultWriters is of PostgreSQL: more fight for the same rows.
	DefaultWriters = 2
	// DefaultUnpaidFor is how long an order waits for its payment when the
	// request does not say.
	DefaultUnpaidFor = 15 * time.Minute
	// DefaultFlashUnpaidFor is the same for an order with goods of a flash sale:
	// others are waiting for them (features.md 17).
	DefaultFlashUnpaidFor = 5 * time.Minute
	// retryAfter is what a full queue tells the buyer.
	retryAfter = time.Second
	// yields is how often a writer lets other goroutines run before it takes a
	// group: the buyers its last group answered are about to order again, and
	// those who came meanwhile are not in the queue yet. Each one more in the
	// group shares a transaction's fixed cost. A lone order waits for nobody:
	// with nothing else to run, a yield returns at once.
	yields = 3
	// groupTime bounds one group's transaction.
	groupTime = 30 * time.Second
)

// Options of New. Zero values mean the defaults named above.
type Options struct {
	Queue int // most orders waiting; full: fault order.busy with RetryAfter
	Group int // most orders in a transaction
	// Writers is how many groups are written at once. SQLite has one writer;
	// on PostgreSQL one group's inserts overlap with another's commit.
	Writers int
	// Changed is told after a commit which products' stock moved. It must not
	// block: the writers call it.
	Changed func(products []id.Product)
	Log     *slog.Logger // nil: slog.Default()
}

// Request is an order that wants stock. Of Order only what the buyer decides
// is read: Buyer, Show, Province, City, AddressEnc, Note, NoReturnOK, IdemKey,
// IdemHash, and of its lines Item or Product, Units, and Price as the buyer
// saw it. The desk fills in the rest.
type Request struct {
	Order     order.Order
	Who       actor.Actor   // for the audit trail
	UnpaidFor time.Duration // how long it waits for its payment
	// FlashUnpaidFor is the same for an order with goods of a flash sale.
	FlashUnpaidFor time.Duration
	MaxUnpaid      int64 // most unpaid orders of a buyer; 0: no limit
	// Coupon of the buyer's own, and what it takes off as the buyer saw it.
	Coupon   id.Claim
	Discount money.Fen
}

// Desk takes orders one group at a time.
type Desk struct {
	db      *db.DB
	group   int
	changed func([]id.Product)
	log     *slog.Logger

	mu     sync.RWMutex // held to read while a job is put into the queue
	closed bool
	queue  chan *job
	done   chan struct{} // closed when the writers have finished
	n      counters
	shelf  *shelf
	nos    id.Numbers
	filed  int64 // of n.placed when orders were last filed by buyer; SQLite has one writer
}

type job struct {
	ctx   context.Context
	req   Request
	reply chan outcome // of one, so that the writer never waits
}

type outcome struct {
	order order.Order
	err   error
}

// New starts the writers.
func New(d *db.DB, o Options) *Desk {
	if o.Queue <= 0 {
		o.Queue = DefaultQueue
	}
	if o.Group <= 0 {
		o.Group = DefaultGroup
	}
	if o.Writers <= 0 {
		o.Writers = DefaultWriters
	}
	if d.Dialect == db.SQLite {
		o.Writers = 1
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	k := &Desk{db: d, group: o.Group, changed: o.Changed, log: o.Log, queue: make(chan *job, o.Queue), done: make(chan struct{})}
	k.shelf = newShelf(d, o.Log)
	k.filed = -order.FileAfter
	k.file() // what was left when the server last stopped
	var writers sync.WaitGroup
	for range o.Writers {
		writers.Go(k.run)
	}
	go func() {
		writers.Wait()
		close(k.done)
	}()
	return k
}

// Place queues a request and answers after the commit of its group. When ctx
// ends first, the order may still be placed: the same key finds it.
//
// The same key with the same body gets the first answer again, order or
// refusal (order.Again, ErrAgain); with another body it is refused. Faults of
// kinds TooMany and Unavailable decide nothing and are not remembered, nor is
// "sold out" said of an empty shelf (see Restocked).
//
// Faults: order.busy (TooMany), fault.stopping and order.unavailable
// (Unavailable), order.key_reused, order.price_changed, order.sold_out,
// order.few_left, order.below_floor, order.per_person, order.unpaid_many,
// order.item_off, order.not_live,
// order.product_off (Conflict), order.line_bad, order.other_show,
// order.no_return_tick, and shipping's (Invalid).
func (k *Desk) Place(ctx context.Context, r Request) (order.Order, error) {
	j := &job{ctx: ctx, req: r, reply: make(chan outcome, 1)}
	if err := k.shelf.refuse(&r); err != nil {
		k.n.empty.Add(1)
		return order.Order{}, err
	}
	if err := k.put(j); err != nil {
		return order.Order{}, err
	}
	select {
	case out := <-j.reply:
		return out.order, out.err
	case <-ctx.Done():
		return order.Order{}, ctx.Err()
	}
}

func (k *Desk) put(j *job) error {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.closed {
		return fault.New(fault.Unavailable, "fault.stopping").After(retryAfter)
	}
	select {
	case k.queue <- j:
		return nil
	default:
		k.n.full.Add(1)
		return fault.New(fault.TooMany, "order.busy").After(retryAfter)
	}
}

// Stats are what the desk has done since it was opened, for metrics and the
// bench.
type Stats struct {
	Waiting, Queue int   // requests in the queue now, and how many fit
	Taken          int64 // requests the writer took from the queue
	Groups         int64 // transactions tried
	Placed         int64 // answered with an order, first or again
	Refused        int64 // answered with a fault of the order's own
	Failed         int64 // answered that it could not be written
	Full           int64 // turned away because the queue was full
	Empty          int64 // told "sold out" without asking the database
}

type counters struct{ taken, groups, placed, refused, failed, full, empty atomic.Int64 }

// Stats reads the counters.
func (k *Desk) Stats() Stats {
	return Stats{Waiting: len(k.queue), Queue: cap(k.queue), Taken: k.n.taken.Load(), Groups: k.n.groups.Load(), Placed: k.n.placed.Load(),
		Refused: k.n.refused.Load(), Failed: k.n.failed.Load(), Full: k.n.full.Load(), Empty: k.n.empty.Load()}
}

// Close stops taking, finishes what is queued, and waits. ctx bounds only the
// waiting.
func (k *Desk) Close(ctx context.Context) error {
	k.mu.Lock()
	if !k.closed {
		k.closed = true
		close(k.queue)
	}
	k.mu.Unlock()
	select {
	case <-k.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run is a writer.
func (k *Desk) run() {
	group := make([]*job, 0, k.group)
	for first := range k.queue {
		group = append(group[:0], first)
		for range yields {
			runtime.Gosched()
		}
	more:
		for len(group) < k.group {
			select {
			case j, open := <-k.queue:
				if !open {
					break more
				}
				group = append(group, j)
			default:
				break more
			}
		}
		k.n.taken.Add(int64(len(group)))
		k.serve(group)
		k.file()
	}
}
