package shop

import (
	"context"
	"net/http"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// goodsView is the list by category.
type goodsView struct {
	page.Base
	Categories []string // that have goods
	Category   string   // "" for all
	Goods      []offer
}

func (s *screens) goods(w http.ResponseWriter, r *http.Request) error {
	all, err := catalog.AllProducts(r.Context(), s.DB, "on")
	if err != nil {
		return err
	}
	v := goodsView{Base: s.Base(w, r, "shop", edge.Who(r).P.T("shop.goods_title"))}
	v.Styles = []string{"shop/shop.css"}
	var chosen []catalog.Product
	want := r.URL.Query().Get("cat")
	for _, p := range all {
		if !slices.Contains(v.Categories, p.Category) {
			v.Categories = append(v.Categories, p.Category)
		}
		if want == "" || p.Category == want {
			chosen = append(chosen, p)
		}
	}
	if slices.Contains(v.Categories, want) {
		v.Category = want
	}
	if v.Goods, err = s.offers(r, chosen); err != nil {
		return err
	}
	// What can be bought stands first.
	slices.SortStableFunc(v.Goods, func(a, b offer) int { return soldOut(a) - soldOut(b) })
	return s.Render(w, r, goodsScreen(v))
}

func soldOut(o offer) int {
	if o.Stock > 0 {
		return 0
	}
	return 1
}

// productView is a product with the lots behind it.
type productView struct {
	page.Base
	Product catalog.Product
	Offer   offer
	Lots    []lotRow
	Shows   []room.Card // that offer it, live or announced
}

// lotRow is a lot on sale with its farmer.
type lotRow struct {
	lot.Lot
	Producer catalog.Producer
	Units    int64 // whole sell units left
}

func (s *screens) product(w http.ResponseWriter, r *http.Request) error {
	pid, err := site.PathID[id.Product](r, "id")
	if err != nil {
		return err
	}
	p, err := s.productByID(r.Context(), pid)
	if err != nil {
		return err
	}
	v := productView{Base: s.Base(w, r, "shop", p.Name), Product: p}
	if v.Lots, err = s.lotsOf(r, p); err != nil {
		return err
	}
	if v.Offer, err = s.productOffer(r.Context(), pid); err != nil {
		return err
	}
	if v.Shows, err = s.showsWith(r, pid); err != nil {
		return err
	}
	v.Styles, v.Scripts = []string{"shop/shop.css", "shop/buy.css"}, []string{"shop/product.js"}
	v.Description, v.Picture = p.Summary, s.absolute(firstURL(p.Pictures, 640))
	return s.Render(w, r, productScreen(v))
}

// maxLotRows bounds the lots shown on a page.
const maxLotRows = 50

// lotsOf are the product's lots on sale that still hold something.
func (s *screens) lotsOf(r *http.Request, p catalog.Product) ([]lotRow, error) {
	lots, err := lot.List(r.Context(), s.DB, lot.Filter{Product: p.ID, State: lot.OnSale, Limit: maxLotRows})
	if err != nil || len(lots) == 0 {
		return nil, err
	}
	ids := make([]id.Producer, len(lots))
	for i, l := range lots {
		ids[i] = l.Producer
	}
	byID, err := catalog.Producers(r.Context(), s.DB, ids...)
	if err != nil {
		return nil, err
	}
	var out []lotRow
	for _, l := range lots {
		out = append(out, lotRow{Lot: l, Producer: byID[l.Producer], Units: l.Available() / max(p.BasePerUnit, 1)})
	}
	return out, nil
}

// showsWith are the shows, live or announced, whose tray holds a product.
func (s *screens) showsWith(r *http.Request, p id.Product) ([]room.Card, error) {
	items, err := show.ItemsOfProduct(r.Context(), s.DB, p)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	cards, err := room.Cards(r.Context(), s.DB, false, homeShows)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(cards, func(c room.Card) bool {
		return !slices.ContainsFunc(items, func(it show.Item) bool { return it.Show == c.ID && it.State != show.Off })
	}), nil
}

// lotView is a lot's trace page: from whom, where and when, and how much is
// left of it.
type lotView struct {
	page.Base
	Lot      lot.Lot
	Product  catalog.Product
	Producer catalog.Producer
	Face     string
	Promise  string // to local producers, in the words in force
	Steps    []lotStep
}

// lotStep is a movement that a buyer may see: goods in and out, no names.
type lotStep struct{ lot.Movement }

func (s *screens) lot(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), edge.Who(r).Actor
	lid, err := site.PathID[id.Lot](r, "id")
	if err != nil {
		return err
	}
	byID, err := lot.ByID(ctx, s.DB, lid)
	if err != nil {
		return err
	}
	l, ok := byID[lid]
	// What is not graded yet was never offered to buyers.
	hidden := l.State == lot.Forecast || l.State == lot.Received || l.State == lot.Graded
	if !ok || hidden && !who.Has(actor.Selector, actor.Operator, actor.Packer, actor.Overseer) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	p, err := s.productByID(ctx, l.Product)
	if err != nil {
		return err
	}
	v := lotView{Base: s.Base(w, r, "shop", edge.Who(r).P.T("shop.lot_title", "No", l.No)), Lot: l, Product: p}
	v.Styles = []string{"shop/shop.css"}
	if v.Producer, v.Face, err = s.oneProducer(r, l.Producer); err != nil {
		return err
	}
	if v.Promise, err = s.promised(ctx, v.Base, v.Producer); err != nil {
		return err
	}
	moves, err := lot.Movements(ctx, s.DB, lid)
	if err != nil {
		return err
	}
	for _, m := range moves {
		v.Steps = append(v.Steps, lotStep{m})
	}
	return s.Render(w, r, lotScreen(v))
}

func (s *screens) oneProducer(r *http.Request, p id.Producer) (catalog.Producer, string, error) {
	byID, err := catalog.Producers(r.Context(), s.DB, p)
	if err != nil {
		return catalog.Producer{}, "", err
	}
	x, ok := byID[p]
	if !ok {
		return catalog.Producer{}, "", fault.New(fault.NotFound, "fault.not_found")
	}
	faces, err := s.withFaces(r, []catalog.Producer{x})
	if err != nil {
		return catalog.Producer{}, "", err
	}
	return x, faces[0].Face, nil
}

// promised is what is promised to a producer: "" for an outside seller.
func (s *screens) promised(ctx context.Context, b page.Base, p catalog.Producer) (string, error) {
	if !p.Local {
		return "", nil
	}
	words, err := promise.Worded(ctx, s.DB, b.Now)
	return words.In(b.Lang(), "P1"), err
}

// producerView is a producer's page.
type producerView struct {
	page.Base
	Producer catalog.Producer
	Face     string
	Promise  string // to local producers, in the words in force
	Lots     []producerLot
}

// producerLot is a lot on sale with its product.
type producerLot struct {
	lot.Lot
	Product catalog.Product
}

func (s *screens) producer(w http.ResponseWriter, r *http.Request) error {
	pid, err := site.PathID[id.Producer](r, "id")
	if err != nil {
		return err
	}
	v := producerView{}
	if v.Producer, v.Face, err = s.oneProducer(r, pid); err != nil {
		return err
	}
	v.Base = s.Base(w, r, "shop", v.Producer.Name)
	v.Styles = []string{"shop/shop.css"}
	lots, err := lot.List(r.Context(), s.DB, lot.Filter{Producer: pid, State: lot.OnSale, Limit: maxLotRows})
	if err != nil {
		return err
	}
	ids := make([]id.Product, len(lots))
	for i, l := range lots {
		ids[i] = l.Product
	}
	byID := map[id.Product]catalog.Product{}
	if len(ids) > 0 {
		if byID, err = catalog.Products(r.Context(), s.DB, ids...); err != nil {
			return err
		}
	}
	for _, l := range lots {
		v.Lots = append(v.Lots, producerLot{l, byID[l.Product]})
	}
	v.Picture = s.absolute(v.Face)
	if v.Promise, err = s.promised(r.Context(), v.Base, v.Producer); err != nil {
		return err
	}
	return s.Render(w, r, producerScreen(v))
}

// received is everything that ever came into the lot, returns left out.
func (v lotView) received() int64 {
	var n int64
	for _, m := range v.Steps {
		if m.Kind == lot.Receive {
			n += m.Qty
		}
	}
	return n
}
