package orderdesk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
)

// Book is what orders are priced by, as it stood when it was read.
type Book struct {
	now       time.Time
	items     map[id.Item]show.Item
	flashes   map[id.Flash]show.Flash
	flashSold map[id.Flash]int64 // since it was read, by a group being taken
	shows     map[id.Show]show.Show
	products  map[id.Product]catalog.Product
	rules     shipping.Rules
	wallet    wallet // coupons; empty for orders without
}

// ReadBook reads what is needed to price lines.
func ReadBook(ctx context.Context, q db.Querier, lines []order.Line) (*Book, error) {
	b := &Book{now: db.Now(q), flashSold: map[id.Flash]int64{}, shows: map[id.Show]show.Show{}}
	items, products := set[id.Item]{}, set[id.Product]{}
	for _, l := range lines {
		if l.Item != "" {
			items.add(l.Item)
		} else {
			products.add(l.Product)
		}
	}
	var err error
	if b.items, err = show.ItemsByID(ctx, q, items.list...); err != nil {
		return nil, err
	}
	if b.flashes, err = show.FlashesOf(ctx, q, slices.Collect(maps.Values(b.items))...); err != nil {
		return nil, err
	}
	for _, it := range items.list {
		if x, ok := b.items[it]; ok {
			products.add(x.Product)
			if err := b.readShow(ctx, q, x.Show); err != nil {
				return nil, err
			}
		}
	}
	if b.products, err = catalog.Products(ctx, q, products.list...); err != nil {
		return nil, err
	}
	b.rules, err = shipping.ReadRules(ctx, q)
	return b, err
}

func (b *Book) readShow(ctx context.Context, q db.Querier, s id.Show) error {
	if _, known := b.shows[s]; known {
		return nil
	}
	x, err := show.ByID(ctx, q, s)
	b.shows[s] = x
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// set keeps the first mention of each, in order.
type set[T comparable] struct {
	list []T
	have map[T]bool
}

func (s *set[T]) add(x T) {
	if s.have == nil {
		s.have = map[T]bool{}
	}
	if !s.have[x] {
		s.have[x] = true
		s.list = append(s.list, x)
	}
}

// offer is what a line is sold as now.
type offer struct {
	product catalog.Product
	item    show.Item // zero outside a show
	flash   id.Flash  // its flash sale, while it runs
	price   money.Fen
}

// running is an item's flash sale, if it runs now and has units left.
func (b *Book) running(it show.Item) (show.Flash, bool) {
	f, ok := b.flashes[it.Flash]
	return f, ok && f.State(b.now) == show.FlashRunning && f.Sold+b.flashSold[f.ID] < f.Total
}

// ask is what a priced line wants of its product's lots.
func (b *Book) ask(l order.Line) lot.Ask {
	a := lot.Ask{Units: l.Units, Price: l.Price}
	if it, ok := b.items[l.Item]; ok {
		a.Price = it.Floored(l.Price)
		a.Show, a.Host = it.Show, b.shows[it.Show].Host
	}
	return a
}

// find looks a line up, whether it can be ordered now or not.
func (b *Book) find(l order.Line) (offer, bool) {
	var of offer
	product := l.Product
	if l.Item != "" {
		it, ok := b.items[l.Item]
		if !ok || l.Product != "" && l.Product != it.Product || !b.shows[it.Show].Public() { // a draft is nobody's business yet
			return of, false
		}
		of.item, of.price, product = it, it.Price, it.Product
		if f, ok := b.running(it); ok {
			of.flash, of.price = f.ID, f.Price
		}
	}
	p, ok := b.products[product]
	if ok && l.Item == "" {
		of.price = p.Price
	}
	of.product = p
	return of, ok
}

// open tells why a line can't be ordered now.
func (b *Book) open(of offer) *fault.Error {
	switch {
	case of.item.ID == "" && of.product.State != "on", of.product.State == "off":
		return fault.New(fault.Conflict, "order.product_off")
	case of.item.ID == "":
		return nil
	case b.shows[of.item.Show].State != show.Live:
		return fault.New(fault.Conflict, "order.not_live")
	case of.item.State != show.OnSale:
		return fault.New(fault.Conflict, "order.item_off")
	}
	return nil
}

// field names a line in a fault.
func field(i int) string { return fmt.Sprintf("lines.%d", i) }

// Price fills in the lines of an order by the book, with what they cost, and
// refuses an order that can't be taken as the buyer saw it.
func (b *Book) Price(o *order.Order) error {
	if err := b.fill(o, true); err != nil {
		return err
	}
	if !o.NoReturnOK && b.noReturn(o.Lines) {
		return fault.New(fault.Invalid, "order.no_return_tick").At("no_return_ok")
	}
	return nil
}

// fill prices an order. strict compares with what the buyer saw and refuses
// what is not on sale.
func (b *Book) fill(o *order.Order, strict bool) error {
	var grams int64
	o.Goods = 0
	for i := range o.Lines {
		l := &o.Lines[i]
		of, ok := b.find(*l)
		if !ok || l.Units <= 0 {
			return fault.New(fault.Invalid, "order.line_bad").At(field(i))
		}
		if strict {
			if err := b.strict(o, *l, of); err != nil {
				return err.At(field(i))
			}
		}
		if err := snapshot(l, of); err != nil {
			return fault.New(fault.Invalid, "order.line_bad").At(field(i)).Because(err)
		}
		grams += of.product.GrossG * l.Units
		if o.Goods += l.Goods; o.Goods > money.MaxFen {
			return fault.New(fault.Invalid, "order.line_bad").At(field(i))
		}
	}
	if o.Total = o.Goods; o.Province == "" && !strict {
		return nil // no address yet: the freight comes later
	}
	freight, err := b.rules.Freight(o.Province, grams, o.Goods)
	o.Freight, o.Total = freight, o.Goods+freight
	return err
}

// snapshot writes what is shown now into the line.
func snapshot(l *order.Line, of offer) (err error) {
	p := of.product
	l.Product, l.Name, l.SellUnit, l.NetG, l.GrossG, l.ReturnRule = p.ID, p.Name, p.SellUnit, p.NetG, p.GrossG, p.ReturnRule
	l.Price, l.Flash = of.price, of.flash
	l.Goods, err = of.price.Times(l.Units)
	return err
}

func (b *Book) strict(o *order.Order, l order.Line, of offer) *fault.Error {
	if err := b.open(of); err != nil {
		return err
	}
	if of.item.ID != "" {
		if o.Show == "" {
			o.Show = of.item.Show
		}
		if o.Show != of.item.Show {
			return fault.New(fault.Invalid, "order.other_show")
		}
	}
	if l.Price != of.price {
		return fault.New(fault.Conflict, "order.price_changed", "Now", of.price.Short())
	}
	return nil
}

// Returnable tells whether a return rule lets the buyer send goods back
// without a reason (Consumer Law art. 25: not fresh goods, nor goods where the
// buyer has confirmed it).
func Returnable(rule string) bool { return rule != "fresh" && rule != "confirmed" }

func (b *Book) noReturn(lines []order.Line) bool {
	for _, l := range lines {
		if !Returnable(l.ReturnRule) {
			return true
		}
	}
	return false
}

// Quote is what lines cost to a province. Lines are priced as they are now,
// on sale or not.
type Quote struct {
	Goods, Freight, Total money.Fen
	Discount              money.Fen // of a coupon; Total is less it
	CouponWhy             error     // why the coupon takes nothing off
	NoReturn              bool      // a tick is needed
	Deliver               bool      // false: no delivery there, and Freight is 0
}

// Quote prices lines without ordering: see QuoteWith.
func (b *Book) Quote(lines []order.Line, province string) (Quote, error) {
	return b.QuoteWith(lines, province, "", "")
}

// QuoteWith prices lines without ordering, with a buyer's coupon if there is one
// (ReadCoupons first). Fault order.line_bad for a line that
// names nothing.
func (b *Book) QuoteWith(lines []order.Line, province string, buyer id.User, claim id.Claim) (Quote, error) {
	o := order.Order{Buyer: buyer, Province: province, Lines: lines}
	err := b.fill(&o, false)
	if err != nil && !fault.HasKey(err, "shipping.no_delivery") {
		return Quote{}, err
	}
	var why error
	if claim != "" {
		why = b.apply(&o, claim)
	}
	return Quote{Goods: o.Goods, Freight: o.Freight, Total: o.Total, Discount: o.Discount, CouponWhy: why, NoReturn: b.noReturn(o.Lines), Deliver: err == nil}, nil
}
