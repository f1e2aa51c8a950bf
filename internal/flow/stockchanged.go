package flow

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

const (
	// stockEvery lies between two looks at the stock: in a flash sale the room
	// needs to see it fall, not every single order.
	stockEvery = 200 * time.Millisecond
	// stockWithin bounds one look.
	stockWithin = 5 * time.Second
)

// stockNews collects the products whose stock moved until somebody looks. The
// zero value is ready.
type stockNews struct {
	mu      sync.Mutex
	waiting map[id.Product]bool // bounded by the catalogue
	idle    chan struct{}       // closed when nobody is at it; nil before the first time
	running bool
}

// StockChanged is told of stock that came back or moved, after the commit:
// expiry, refunds, movements. The order desk looks at it again at once, and the
// rooms are told (see StockTaken).
func (f *Flow) StockChanged(ctx context.Context, products ...id.Product) {
	if f.Desk != nil {
		f.Desk.Restocked(products...)
	}
	f.StockTaken(ctx, products...)
}

// StockTaken tells the rooms that offer these products about their new
// stock, after the commit: also of orders, which only take. It returns at once. The
// first call is told right away, those of the next stockEvery together, and the
// last one always. Only the item's present state is told, so losing a look (the
// database is away) loses nothing that the next one does not bring.
func (f *Flow) StockTaken(ctx context.Context, products ...id.Product) {
	n := &f.stock
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.waiting == nil {
		n.waiting = map[id.Product]bool{}
	}
	for _, p := range products {
		n.waiting[p] = true
	}
	if n.running || len(n.waiting) == 0 {
		return
	}
	n.running, n.idle = true, make(chan struct{})
	// The order's request may be over before its news are told.
	ctx = context.WithoutCancel(ctx)
	go f.tellStock(ctx)
}

// WaitStock waits until everything said to StockChanged so far is told: for a
// graceful stop, and for tests.
func (f *Flow) WaitStock() {
	f.stock.mu.Lock()
	idle := f.stock.idle
	f.stock.mu.Unlock()
	if idle != nil {
		<-idle
	}
}

// tellStock looks until nothing is left to tell.
func (f *Flow) tellStock(ctx context.Context) {
	n := &f.stock
	for {
		n.mu.Lock()
		products := slices.Sorted(maps.Keys(n.waiting))
		clear(n.waiting)
		if len(products) == 0 {
			n.running = false
			close(n.idle)
		}
		n.mu.Unlock()
		if len(products) == 0 {
			return
		}
		if _, err := guarded(func() (bool, error) { f.tellProducts(ctx, products); return true, nil }); err != nil && f.Log != nil {
			f.Log.Error("stock was not told", "products", len(products), "err", err)
		}
		time.Sleep(stockEvery)
	}
}

func (f *Flow) tellProducts(ctx context.Context, products []id.Product) {
	ctx, cancel := context.WithTimeout(ctx, stockWithin)
	defer cancel()
	items, err := show.ItemsOfProducts(ctx, f.DB, products...)
	if err == nil && len(items) > 0 {
		err = f.tellItems(ctx, items)
	}
	if err != nil && f.Log != nil {
		f.Log.Error("stock was not told", "products", len(products), "err", err)
	}
}

func (f *Flow) tellItems(ctx context.Context, items []show.Item) error {
	ids := make([]id.Item, len(items))
	in := make(map[id.Item]id.Show, len(items))
	for i, it := range items {
		ids[i], in[it.ID] = it.ID, it.Show
	}
	list, err := room.Items(ctx, f.DB, ids...)
	for _, it := range list {
		f.tell(in[it.ID], room.KindItem, it)
	}
	if err != nil {
		return err
	}
	return f.tellWaiting(ctx, in, list)
}
