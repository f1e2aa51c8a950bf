package room

import (
	"context"
	"maps"
	"slices"
	"time"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
)

// PictureWidth of an item, in pixels; covers and hosts are wider and smaller.
const (
	PictureWidth = 320
	coverWidth   = 640
	faceWidth    = 320
)

// SoldOut is the state the tray shows when stock is used up.
const SoldOut = "sold_out"

// Items reads items as screens show them, stock computed from lots. The order
// is that of ids; an id that is not there is left out.
func Items(ctx context.Context, q db.Querier, ids ...id.Item) ([]Item, error) {
	byID, err := show.ItemsByID(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	list := make([]show.Item, 0, len(ids))
	for _, i := range ids {
		if it, ok := byID[i]; ok {
			list = append(list, it)
		}
	}
	return compose(ctx, q, list)
}

// shelf is what stands behind items: products, their stock, whose goods, their
// flash sales, and whose shows they are in where that matters.
type shelf struct {
	now       time.Time
	products  map[id.Product]catalog.Product
	stock     map[id.Product][]lot.Stock
	producers map[id.Producer]catalog.Producer
	flashes   map[id.Flash]show.Flash
	hosts     map[id.Show]id.User // only of items whose lots have allotments
}

func readShelf(ctx context.Context, q db.Querier, list []show.Item) (s shelf, err error) {
	s.now = db.Now(q)
	set := map[id.Product]bool{}
	for _, it := range list {
		set[it.Product] = true
	}
	products := slices.Sorted(maps.Keys(set))
	if len(products) == 0 {
		return s, nil
	}
	if s.products, err = catalog.Products(ctx, q, products...); err != nil {
		return s, err
	}
	if s.flashes, err = show.FlashesOf(ctx, q, list...); err != nil {
		return s, err
	}
	if s.stock, err = lot.OnSaleStock(ctx, q, products...); err != nil {
		return s, err
	}
	if err = s.readHosts(ctx, q, list); err != nil {
		return s, err
	}
	owners := map[id.Producer]bool{}
	for _, lots := range s.stock {
		for _, l := range lots {
			owners[l.Producer] = true
		}
	}
	if len(owners) > 0 {
		s.producers, err = catalog.Producers(ctx, q, slices.Sorted(maps.Keys(owners))...)
	}
	return s, err
}

// readHosts reads whose shows items are in, if an allotment asks for it.
func (s *shelf) readHosts(ctx context.Context, q db.Querier, list []show.Item) error {
	var shows []id.Show
	for _, it := range list {
		if slices.ContainsFunc(s.stock[it.Product], func(l lot.Stock) bool { return len(l.Slices) > 0 }) && !slices.Contains(shows, it.Show) {
			shows = append(shows, it.Show)
		}
	}
	var err error
	s.hosts, err = show.Hosts(ctx, q, shows...)
	return err
}

func compose(ctx context.Context, q db.Querier, list []show.Item) ([]Item, error) {
	s, err := readShelf(ctx, q, list)
	if err != nil {
		return nil, err
	}
	out := make([]Item, len(list))
	for i, it := range list {
		out[i] = s.item(it)
	}
	return out, nil
}

func (s shelf) item(it show.Item) Item {
	p := s.products[it.Product]
	out := Item{
		ID: it.ID, No: it.No, Product: it.Product, Name: p.Name, Summary: p.Summary, SellUnit: p.SellUnit, NetG: p.NetG,
		Price: it.Price, Was: it.Was, Per500g: it.Price.Per500g(p.NetG), PerPerson: it.PerPerson, ReturnRule: p.ReturnRule,
		Producers: s.names(it.Product),
	}
	if len(p.Pictures) > 0 {
		out.Picture = p.Pictures[0].URL(PictureWidth)
	}
	if !gone(it, p) {
		out.Flash = s.flash(it)
		out.Stock = Stock(it, s.ask(it), p.BasePerUnit, s.stock[it.Product])
	}
	out.State = state(it, p, out.Stock)
	return out
}

// gone tells whether nobody can order it, whatever is in stock.
func gone(it show.Item, p catalog.Product) bool {
	return it.State == show.Off || p.ID == "" || p.State == "off"
}

func state(it show.Item, p catalog.Product, stock int64) string {
	switch {
	case gone(it, p):
		return string(show.Off)
	case it.State == show.OnSale && stock <= 0:
		return SoldOut
	}
	return string(it.State)
}

// flash is an item's flash sale while it is not over.
func (s shelf) flash(it show.Item) *Flash {
	f, ok := s.flashes[it.Flash]
	if !ok || f.Over(s.now) {
		return nil
	}
	return &Flash{ID: f.ID, Price: f.Price, Total: f.Total, Left: f.Left(), PerPerson: f.PerPerson,
		Countdown: f.Starts.Add(-f.Countdown), Starts: f.Starts, Ends: f.Ends, At: s.now}
}

// ask is what an order of the item asks of the lots.
func (s shelf) ask(it show.Item) lot.Ask {
	a := lot.Ask{Show: it.Show, Host: s.hosts[it.Show], Price: it.Price}
	if f := s.flashes[it.Flash]; f.State(s.now) == show.FlashRunning {
		a.Price = f.Price
	}
	a.Price = it.Floored(a.Price)
	return a
}

// Stock is how many sell units of an item can be ordered now: from lots that
// may be sold at the asked price, and what is allotted to its show.
func Stock(it show.Item, ask lot.Ask, basePerUnit int64, lots []lot.Stock) int64 {
	lots = slices.Clone(lots)
	for i := range lots {
		lots[i].BasePerUnit = basePerUnit
	}
	n := lot.Units(lots, ask)
	if left, ok := it.Left(); ok {
		n = min(n, left)
	}
	return n
}

// names lists whose goods a product is, in the order they are sold.
func (s shelf) names(p id.Product) []string {
	out := []string{}
	for _, l := range s.stock[p] {
		if n := s.producers[l.Producer].Name; n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}
