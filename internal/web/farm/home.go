package farm

import (
	"context"
	"errors"
	"net/http"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
)

// Limits of what the first page shows.
const (
	maxLots    = 60
	maxPack    = 500 // orders looked through for what is to be packed
	maxEntries = 8
)

// homeView is the first page: my money, what to pack, my lots.
type homeView struct {
	frame
	Money  promise.ProducerMoney
	Words  promise.Wording
	Pack   []packRow
	Orders int // orders that wait to be packed
	More   bool
	Lots   []lotView
	Closed int // closed lots, which are left out
	Earned []promise.Entry
}

// packRow is how much of a lot is to be packed now.
type packRow struct {
	Lot      id.Lot
	LotNo    string
	Product  string
	SellUnit string
	Units    int64
	Orders   int
}

func (s *screens) home(w http.ResponseWriter, r *http.Request) error {
	f, err := s.frame(w, r, "home")
	if errors.Is(err, errNone) {
		return s.Render(w, r, noneScreen(f.Base))
	}
	if err != nil {
		return err
	}
	ctx, view := r.Context(), homeView{frame: f}
	if view.Money, err = promise.Money(ctx, s.DB, f.Who.ID, f.Who.Local); err != nil {
		return err
	}
	if view.Words, err = promise.Worded(ctx, s.DB, f.Now); err != nil {
		return err
	}
	if view.Earned, err = promise.Earned(ctx, s.DB, f.Who.ID, f.Who.Local, maxEntries); err != nil {
		return err
	}
	if err := s.readLots(ctx, &view); err != nil {
		return err
	}
	if err := s.readPack(ctx, &view); err != nil {
		return err
	}
	return s.Render(w, r, homeScreen(view))
}

// readLots puts open lots on the page, the newest first.
func (s *screens) readLots(ctx context.Context, view *homeView) error {
	lots, err := lot.List(ctx, s.DB, lot.Filter{Producer: view.Who.ID, Limit: maxLots})
	if err != nil {
		return err
	}
	all, err := s.viewLots(ctx, lots)
	for _, l := range all {
		if l.State == lot.Closed {
			view.Closed++
			continue
		}
		view.Lots = append(view.Lots, l)
	}
	return err
}

// readPack adds up what paid orders want of each lot.
func (s *screens) readPack(ctx context.Context, view *homeView) error {
	sales, err := s.sales(ctx, order.Filter{Producer: view.Who.ID, State: order.Paid, Limit: maxPack}, view.Who.ID)
	if err != nil {
		return err
	}
	view.Orders, view.More = len(sales), len(sales) == maxPack
	at := map[id.Lot]int{}
	for _, sale := range sales {
		for _, x := range sale.Shares {
			i, ok := at[x.Lot]
			if !ok {
				i = len(view.Pack)
				at[x.Lot] = i
				view.Pack = append(view.Pack, packRow{Lot: x.Lot, LotNo: x.LotNo, Product: x.Name, SellUnit: x.SellUnit})
			}
			view.Pack[i].Units += x.Units
			view.Pack[i].Orders++
		}
	}
	return nil
}

// lotView is a lot as a picture: what came in, and where it went. All are base
// units; Sent + Sold + Left + Lost = In.
type lotView struct {
	lot.Lot
	Product                    catalog.Product
	In, Sent, Sold, Left, Lost int64
}

// viewLots adds up lots' movements.
func (s *screens) viewLots(ctx context.Context, lots []lot.Lot) ([]lotView, error) {
	ids, products := make([]id.Lot, len(lots)), make([]id.Product, len(lots))
	for i, l := range lots {
		ids[i], products[i] = l.ID, l.Product
	}
	moved, err := lot.Moved(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	byID, err := catalog.Products(ctx, s.DB, products...)
	var out []lotView
	for _, l := range lots {
		m := moved[l.ID]
		v := lotView{Lot: l, Product: byID[l.Product], Sent: -m[lot.Ship], Sold: l.Reserved, Left: l.Available()}
		// A count may go either way: less than thought is a loss, more came in.
		v.Lost = -(m[lot.Shrink] + m[lot.Reject] + min(m[lot.Count], 0))
		v.In = v.Sent + v.Sold + v.Left + v.Lost
		out = append(out, v)
	}
	return out, err
}

// amount says a quantity of a product as people do: grams by weight, pieces by
// number.
func amount(b page.Base, p catalog.Product, qty int64) string {
	if p.BaseUnit == "g" {
		return b.T("farm.weight", "Jin", decimal(qty, 500), "Kg", decimal(qty, 1000))
	}
	return b.T("farm.pieces", "N", qty)
}

// soldOf is what was sold of a lot, sent or not.
func (v lotView) soldOf() int64 { return v.Sent + v.Sold }

// sale is an order as a producer may see it: their own shares of it.
type sale struct {
	order.Order
	Shares []saleShare
	Owed   money.Fen // of all shares, to the producer
}

// saleShare is what an order took from one of the producer's lots.
type saleShare struct {
	order.Share
	LotNo    string
	Name     string // of the product, as it was ordered
	SellUnit string
}

// sales reads orders cut down to one producer's shares.
func (s *screens) sales(ctx context.Context, f order.Filter, p id.Producer) ([]sale, error) {
	f.Producer = p
	list, err := order.List(ctx, s.DB, f)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]id.Order, len(list))
	at := make(map[id.Order]int, len(list))
	out := make([]sale, len(list))
	for i, o := range list {
		ids[i], at[o.ID] = o.ID, i
		out[i] = sale{Order: mineOnly(o)}
	}
	shares, err := order.Shares(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	var lots []id.Lot
	for _, x := range shares {
		if x.Producer == p {
			lots = append(lots, x.Lot)
		}
	}
	byLot, err := lot.ByID(ctx, s.DB, lots...)
	if err != nil {
		return nil, err
	}
	for _, x := range shares {
		i := at[x.Order]
		if x.Producer != p || f.Lot != "" && x.Lot != f.Lot {
			continue
		}
		line := lineOf(list[i], x.Line)
		out[i].Shares = append(out[i].Shares, saleShare{Share: x, LotNo: byLot[x.Lot].No, Name: line.Name, SellUnit: line.SellUnit})
		out[i].Owed += x.Owed
	}
	return out, nil
}

// mineOnly drops from an order what a producer has no business to know: the
// buyer, the address below the province, the other lines and their sums.
func mineOnly(o order.Order) order.Order {
	return order.Order{ID: o.ID, No: o.No, State: o.State, Province: o.Province, Placed: o.Placed, Expires: o.Expires,
		PaidAt: o.PaidAt, ShippedAt: o.ShippedAt, ReceivedAt: o.ReceivedAt, DoneAt: o.DoneAt, ClosedAt: o.ClosedAt, CloseReason: o.CloseReason}
}

func lineOf(o order.Order, l id.Line) order.Line {
	for _, x := range o.Lines {
		if x.ID == l {
			return x
		}
	}
	return order.Line{}
}
