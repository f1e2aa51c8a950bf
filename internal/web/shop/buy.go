package shop

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// Limits of the form; the flow has its own.
const (
	maxUnits = 99
	maxNote  = 100
	maxKey   = 255
)

// offer is what is being bought: an item of a show, or a product outside one.
type offer struct {
	Show id.Show
	room.Item
	GroundKey string // why it can't simply be sent back, or that it can
	Now       time.Time
}

// Flashing tells whether its flash sale runs, or is about to: a screen shows
// its clock.
func (o offer) Flashing() (running, soon bool) {
	if o.Flash == nil {
		return false, false
	}
	running = o.Flash.Running(o.Now)
	return running, !running && !o.Now.Before(o.Flash.Countdown) && o.Now.Before(o.Flash.Starts)
}

// buyView is the half-sheet, which is also a page of its own for a browser
// without script.
type buyView struct {
	page.Base
	Offer     offer
	SignedIn  bool
	Addresses []account.Address // phones masked
	Chosen    id.Address
	Provinces []string
	Units     int64
	Note      string
	Key       string // for a browser without script; buy.js makes its own
	Quote     *flow.Quote
	QuoteErr  string
	Unpaid    []order.Order // orders of the same thing that wait for payment
	Wrong     map[string]string
	Here      string // the sheet's own address
	couponView
}

// Most is the largest number of units to choose.
func (v buyView) Most() int64 {
	n := min(v.Offer.Stock, maxUnits)
	if v.Offer.PerPerson > 0 {
		n = min(n, v.Offer.PerPerson)
	}
	return max(n, 1)
}

// Buyable tells whether it can be ordered now.
func (v buyView) Buyable() bool { return v.Offer.State == string(show.OnSale) && v.Offer.Stock > 0 }

// sheet is the half-sheet: /room/{id}/sheet?item= in a show, /buy?product=
// outside one. Our script asks for the part (?part=1), others get a page.
func (s *screens) sheet(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	of, err := s.offer(r, q)
	if err != nil {
		return err
	}
	if q.Get("units") == "" { // opened, not counted up
		s.Flow.Clicked(of.Show, of.ID, edge.Who(r).Name)
	}
	units, err := strconv.ParseInt(q.Get("units"), 10, 64)
	if err != nil {
		units = 1
	}
	v, err := s.buyView(w, r, of, units, id.Address(q.Get("address")))
	if err != nil {
		return err
	}
	if q.Get("part") != "" {
		return s.Render(w, r, buyForm(v))
	}
	return s.Render(w, r, buyScreen(v))
}

// offer reads what a form or an address names: an item, or a product.
func (s *screens) offer(r *http.Request, in url.Values) (offer, error) {
	ctx := r.Context()
	if it := id.Item(in.Get("item")); id.Valid(it) {
		return s.itemOffer(ctx, edge.Who(r).Actor, it)
	}
	if p := id.Product(in.Get("product")); id.Valid(p) {
		return s.productOffer(ctx, p)
	}
	return offer{}, fault.New(fault.NotFound, "fault.not_found")
}

// itemOffer is a numbered item of a show.
func (s *screens) itemOffer(ctx context.Context, who actor.Actor, it id.Item) (offer, error) {
	items, err := room.Items(ctx, s.DB, it)
	if err != nil {
		return offer{}, err
	}
	byID, err := show.ItemsByID(ctx, s.DB, it)
	if err != nil {
		return offer{}, err
	}
	if len(items) == 0 {
		return offer{}, fault.New(fault.NotFound, "fault.not_found")
	}
	sh, err := show.ByID(ctx, s.DB, byID[it].Show)
	if err != nil {
		return offer{}, err
	}
	if !sh.Public() && sh.Host != who.User && !who.Has(actor.Operator, actor.Moderator, actor.Overseer) {
		return offer{}, fault.New(fault.NotFound, "fault.not_found")
	}
	p, err := s.productByID(ctx, items[0].Product)
	now := s.DB.Clock.Now()
	return offer{Show: byID[it].Show, Item: items[0].Deal(now), GroundKey: p.GroundKey(), Now: now}, err
}

func (s *screens) productByID(ctx context.Context, p id.Product) (catalog.Product, error) {
	byID, err := catalog.Products(ctx, s.DB, p)
	if err != nil {
		return catalog.Product{}, err
	}
	x, ok := byID[p]
	if !ok || x.State == "draft" {
		return catalog.Product{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return x, nil
}

// productOffer is a product sold outside a show.
func (s *screens) productOffer(ctx context.Context, p id.Product) (offer, error) {
	x, err := s.productByID(ctx, p)
	if err != nil {
		return offer{}, err
	}
	stocks, err := lot.OnSaleStock(ctx, s.DB, p)
	if err != nil {
		return offer{}, err
	}
	of := offerOf(x, stocks[p])
	of.Producers, err = s.namesOf(ctx, stocks[p])
	return of, err
}

// namesOf are the producers of lots, each once.
func (s *screens) namesOf(ctx context.Context, stocks []lot.Stock) ([]string, error) {
	var ids []id.Producer
	for _, st := range stocks {
		if st.Available > 0 && !slices.Contains(ids, st.Producer) {
			ids = append(ids, st.Producer)
		}
	}
	ps, err := s.producersInOrder(ctx, ids)
	names := make([]string, len(ps))
	for i, x := range ps {
		names[i] = x.Name
	}
	return names, err
}

func offerOf(x catalog.Product, stocks []lot.Stock) offer {
	it := room.Item{Product: x.ID, State: string(show.OnSale), Name: x.Name, Summary: x.Summary, SellUnit: x.SellUnit, NetG: x.NetG,
		Price: x.Price, Was: x.MarketPrice, Per500g: x.Per500g(), Stock: unitsOf(stocks, x.BasePerUnit), ReturnRule: x.ReturnRule,
		Picture: ui.First(x.Pictures).URL(320)}
	if x.State != "on" {
		it.State = string(show.Off)
	}
	return offer{Item: it, GroundKey: x.GroundKey()}
}

// unitsOf is how many whole sell units the lots hold; a unit is never put
// together from two farmers' lots.
func unitsOf(stocks []lot.Stock, basePerUnit int64) int64 {
	var n int64
	for _, st := range stocks {
		if basePerUnit > 0 && st.Available > 0 {
			n += st.Available / basePerUnit
		}
	}
	return n
}

// buyView gathers the sheet for whoever asks.
func (s *screens) buyView(w http.ResponseWriter, r *http.Request, of offer, units int64, chosen id.Address) (buyView, error) {
	ctx, who := r.Context(), edge.Who(r).Actor
	v := buyView{Base: s.Base(w, r, "shop", edge.Who(r).P.T("room.buy_title", "Name", of.Name)), Offer: of,
		SignedIn: who.SignedIn(), Provinces: shipping.Provinces(), Key: id.New[string]() + "-page"}
	v.Styles, v.Scripts = []string{"shop/buy.css"}, []string{"shop/buypage.js"}
	v.Units = min(max(units, 1), v.Most())
	v.Here = sheetPath(of, v.Units)
	v.Path, v.Query, _ = strings.Cut(v.Here, "?")
	if !v.SignedIn {
		return v, nil
	}
	var err error
	if v.Addresses, err = account.Addresses(ctx, s.DB, s.Vault, who.User); err != nil {
		return v, err
	}
	for i, a := range v.Addresses {
		v.Addresses[i].Phone = vault.Phone(a.Phone)
		if i == 0 || a.ID == chosen {
			v.Chosen = a.ID
		}
	}
	if err := s.firstQuote(ctx, &v, r.URL.Query().Get("coupon")); err != nil {
		return v, err
	}
	v.Unpaid, err = s.unpaidOf(ctx, who.User, of)
	return v, err
}

func sheetPath(of offer, units int64) string {
	if of.ID != "" {
		return "/room/" + string(of.Show) + "/sheet?item=" + string(of.ID) + "&units=" + strconv.FormatInt(units, 10)
	}
	return "/buy?product=" + string(of.Product) + "&units=" + strconv.FormatInt(units, 10)
}

// firstQuote prices what the sheet shows when it opens; what can't be priced
// (no delivery there, just sold out) is told in words, the sheet still opens.
func (s *screens) firstQuote(ctx context.Context, v *buyView, chosen string) error {
	if !v.Buyable() {
		return nil
	}
	province := ""
	for _, a := range v.Addresses {
		if a.ID == v.Chosen {
			province = a.Province
		}
	}
	if err := s.readCoupons(ctx, v, chosen, province); err != nil {
		return err
	}
	if province == "" {
		return nil
	}
	q, err := s.Flow.QuoteWith(ctx, v.Actor, []flow.PlaceLine{line(v.Offer, v.Units)}, province, claimOf(string(v.Coupon)))
	if f := fault.Of(err); f != nil {
		if f.Kind == fault.Internal {
			return err
		}
		v.QuoteErr = v.P.Err(f)
		return nil
	}
	v.Quote, v.Discount = &q, q.Discount
	if q.CouponWhy != nil {
		v.Why = v.P.Err(fault.Of(q.CouponWhy))
	}
	return nil
}

func line(of offer, units int64) flow.PlaceLine {
	if of.ID != "" {
		return flow.PlaceLine{Item: of.ID, Units: units, Price: of.Price}
	}
	return flow.PlaceLine{Product: of.Product, Units: units, Price: of.Price}
}

// unpaidOf finds orders of the same thing that still wait for payment: who
// comes back to the sheet most often wants to pay, not to order again.
func (s *screens) unpaidOf(ctx context.Context, u id.User, of offer) ([]order.Order, error) {
	list, err := order.List(ctx, s.DB, order.Filter{Buyer: u, State: order.Unpaid, Limit: 10})
	if err != nil {
		return nil, err
	}
	var out []order.Order
	for _, o := range list {
		for _, l := range o.Lines {
			if l.Product == of.Product && l.Item == of.ID {
				out = append(out, o)
				break
			}
		}
	}
	return out, nil
}

// quoteJSON is the price of a choice; every amount also as text.
type quoteJSON struct {
	flow.Quote
	GoodsText   string `json:"goods"`
	FreightText string `json:"freight"`
	TotalText   string `json:"total"`
	// Of a coupon: what it takes off, or why it takes nothing off.
	DiscountText string `json:"discount,omitempty"`
	CouponWhy    string `json:"coupon_why,omitempty"`
	Coupon       string `json:"coupon,omitempty"` // the one that was found best, or "none"
}

// quote prices a choice without ordering.
func (s *screens) quote(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	of, err := s.offer(r, r.PostForm)
	if err != nil {
		return err
	}
	n := f.Int("units", 1, maxUnits)
	province := f.Text("province", 20)
	if err := f.Err(); err != nil {
		return err
	}
	if province == "" {
		if province, err = s.provinceOf(r, id.Address(f.Text("address", 40))); err != nil {
			return err
		}
	}
	claim, err := s.claimFor(r, of, n, province, f.Text("coupon", 40))
	if err != nil {
		return err
	}
	q, err := s.Flow.QuoteWith(r.Context(), edge.Who(r).Actor, []flow.PlaceLine{line(of, n)}, province, claim)
	if err != nil {
		return err
	}
	b := page.Base{P: edge.Who(r).P}
	out := quoteJSON{Quote: q, GoodsText: b.Yuan(q.Goods), FreightText: freightText(b, q.Freight), TotalText: b.Yuan(q.Total)}
	if f.Text("coupon", 40) == autoCoupon {
		out.Coupon = cmp.Or(string(claim), "none")
	}
	if q.Discount > 0 {
		out.DiscountText = b.Yuan(-q.Discount)
	}
	if q.CouponWhy != nil {
		out.CouponWhy = b.P.Err(fault.Of(q.CouponWhy))
	}
	return site.JSON(w, r, out)
}

func freightText(b page.Base, f money.Fen) string {
	if f == 0 {
		return b.T("room.freight_free")
	}
	return b.Yuan(f)
}

// provinceOf is the province of one of the asker's own addresses.
func (s *screens) provinceOf(r *http.Request, a id.Address) (string, error) {
	who := edge.Who(r).Actor
	if err := who.Need(actor.Buyer); err != nil {
		return "", err
	}
	list, err := account.Addresses(r.Context(), s.DB, s.Vault, who.User)
	if err != nil {
		return "", err
	}
	for _, x := range list {
		if x.ID == a {
			return x.Province, nil
		}
	}
	return "", fault.New(fault.Invalid, "room.choose_address").At("address")
}
