package orderdesk

import (
	"context"
	"hash/maphash"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

const (
	// shelfFor is how long a shelf counts as empty before the next request asks
	// the database again. It bounds how late stock is seen that came back by
	// another process or by the clock; what this process gives back is seen at
	// once.
	shelfFor = time.Second
	// shelfLoad bounds the reading of who holds keys.
	shelfLoad = 10 * time.Second
	// Bounds of what is remembered; beyond them the database is asked.
	mostShelves = 4096
	mostHolders = 500_000
)

// spot is what a line asks for: an item, or a product outside a show.
type spot struct {
	item    id.Item
	product id.Product
}

// soldOut is a spot that a group found empty for everybody.
type soldOut struct {
	spot    spot
	show    id.Show
	item    id.Item
	product id.Product
}

// shelf remembers what is sold out, so that the crowd around an empty shelf
// costs the database nothing. Who may be sending a key again that has another
// answer (who has an order of the item, say) is let through to it.
type shelf struct {
	db   *db.DB
	log  *slog.Logger
	seed maphash.Seed

	mu    sync.RWMutex
	gen   uint64            // moves with every return of stock
	moved map[string]uint64 // when a product or an item was last restocked
	empty map[spot]*emptySpot
}

type emptySpot struct {
	item    id.Item
	product id.Product
	until   time.Time
	loaded  time.Time // what holders know of; zero: nothing yet
	loading bool
	holders map[uint64]struct{} // of keys: who is let through
}

func newShelf(d *db.DB, log *slog.Logger) *shelf {
	return &shelf{db: d, log: log, seed: maphash.MakeSeed(), moved: map[string]uint64{}, empty: map[spot]*emptySpot{}}
}

// now is the state of stock a transaction that begins now will see at least.
func (s *shelf) now() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.gen
}

// refuse tells a request that what it asks for is sold out, if that is known
// and the request can't be one that was answered before.
func (s *shelf) refuse(r *Request) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.empty) == 0 {
		return nil
	}
	now := s.db.Clock.Now() // the clock that slices end by
	for i, l := range r.Order.Lines {
		e := s.empty[spotOf(l)]
		if e == nil || e.holders == nil {
			continue
		}
		if left := e.until.Sub(now); left <= 0 || left > shelfFor { // more: the clock was put back
			continue
		}
		if _, holds := e.holders[maphash.String(s.seed, string(r.Order.Buyer))]; !holds {
			return fault.New(fault.Conflict, "order.sold_out").At(field(i))
		}
	}
	return nil
}

func spotOf(l order.Line) spot {
	if l.Item != "" {
		return spot{item: l.Item}
	}
	return spot{product: l.Product}
}

// restocked forgets what was known of products or items.
func (s *shelf) restocked(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gen++
	if len(s.moved) > mostShelves {
		clear(s.moved)
		clear(s.empty) // and with it what is being loaded
	}
	for _, x := range ids {
		s.moved[x] = s.gen
	}
	for _, e := range s.empty {
		if slices.Contains(ids, string(e.product)) || slices.Contains(ids, string(e.item)) {
			e.until = time.Time{}
		}
	}
}

// stale tells whether stock came back after a transaction that saw that of at.
// The lock is held.
func (s *shelf) stale(x soldOut, at uint64) bool {
	return s.moved[string(x.product)] > at || x.item != "" && s.moved[string(x.item)] > at
}

// raise notes that a group, which saw the stock of at or later, found a spot
// empty. When stock came back since, that is no longer known.
func (s *shelf) raise(x soldOut, at uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale(x, at) {
		return
	}
	e := s.empty[x.spot]
	if e == nil {
		if len(s.empty) >= mostShelves {
			clear(s.empty)
		}
		e = &emptySpot{item: x.item, product: x.product}
		s.empty[x.spot] = e
	}
	if e.loading {
		return
	}
	e.loading = true
	go s.load(x, e, at)
}

// load reads who holds keys; only then the spot counts as empty. Orders that
// another process takes after this are found by the next load.
func (s *shelf) load(x soldOut, e *emptySpot, at uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), shelfLoad)
	defer cancel()
	s.mu.RLock()
	since := e.loaded
	s.mu.RUnlock()
	began := s.db.Clock.Now()
	if since.IsZero() {
		since = began.Add(-order.KeepKeys)
	}
	list, all, err := order.KeyHolders(ctx, s.db, x.show, x.item, x.product, since, `"order.sold_out"`, mostHolders)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.loading = false
	if err != nil || !all || len(e.holders)+len(list) > mostHolders {
		if err != nil {
			s.log.Error("order desk: who holds keys was not read", "err", err)
		}
		e.holders, e.loaded = nil, time.Time{}
		return
	}
	holders := make(map[uint64]struct{}, len(e.holders)+len(list))
	for h := range e.holders {
		holders[h] = struct{}{}
	}
	for _, u := range list {
		holders[maphash.String(s.seed, string(u))] = struct{}{}
	}
	e.holders, e.loaded = holders, began.Add(-holderMargin)
	if !s.stale(x, at) && s.empty[x.spot] == e {
		e.until = s.db.Clock.Now().Add(shelfFor)
	}
}

// holderMargin is how far behind younger ones an order may come to be seen.
const holderMargin = 2 * time.Minute

// Restocked is told after the commit that stock of products came back: an empty
// shelf is looked at again at once. Where another process gives stock back, or
// the clock does, it is within a second.
func (k *Desk) Restocked(products ...id.Product) {
	ids := make([]string, len(products))
	for i, p := range products {
		ids[i] = string(p)
	}
	k.shelf.restocked(ids)
}

// Reopened is Restocked for an item that is sold otherwise than before: more
// of it, at another price, again.
func (k *Desk) Reopened(it id.Item) { k.shelf.restocked([]string{string(it)}) }

// noteGone notes what a refusal says about a spot: nobody gets even one unit.
func (g *groupTx) noteGone(r *Request, f *fault.Error) {
	no, ok := strings.CutPrefix(f.Field, "lines.")
	i, err := strconv.Atoi(no)
	if f.Key != "order.sold_out" || !ok || err != nil || i >= len(r.Order.Lines) {
		return
	}
	l := r.Order.Lines[i]
	of, ok := g.book.find(l)
	if !ok {
		return
	}
	x := soldOut{spot: spotOf(l), show: of.item.Show, item: of.item.ID, product: of.product.ID}
	for _, y := range g.gone {
		if y.spot == x.spot {
			return
		}
	}
	// One's own earlier lines may have taken the last: only what is gone for
	// everybody counts.
	for _, before := range r.Order.Lines[:i] {
		if o, ok := g.book.find(before); ok && o.product.ID == x.product {
			return
		}
	}
	g.gone = append(g.gone, x)
}
