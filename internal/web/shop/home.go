package shop

import (
	"net/http"
	"slices"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
)

// How much stands on the home page.
const (
	homeShows     = 12
	homePast      = 6
	homeGoods     = 8
	homeProducers = 8
)

// homeView is the hall.
type homeView struct {
	page.Base
	Live, Soon, Past []card
	Goods            []offer
	Totals           promise.Totals
	Words            promise.Wording
	Producers        []producerCard
}

// card is a show with what only the sockets know.
type card struct {
	room.Card
	Online int
	Replay bool // it can be watched again
}

// producerCard is a producer with the address of the picture.
type producerCard struct {
	catalog.Producer
	Face string
}

func (s *screens) home(w http.ResponseWriter, r *http.Request) error {
	v := homeView{Base: s.Base(w, r, "shop", edge.Who(r).P.T("shop.home_title"))}
	v.Styles, v.Scripts = []string{"shop/shop.css"}, []string{"shop/shop.js"}
	v.Description = v.T("shop.home_lead")
	ctx := r.Context()
	cards, err := room.Cards(ctx, s.DB, true, homeShows+homePast)
	if err != nil {
		return err
	}
	s.sortCards(&v, cards)
	if err := s.markReplays(ctx, v.Past); err != nil {
		return err
	}
	if v.Totals, err = promise.ReadTotals(ctx, s.DB); err != nil {
		return err
	}
	if v.Words, err = promise.Worded(ctx, s.DB, v.Now); err != nil {
		return err
	}
	ps, err := catalog.AllProducts(ctx, s.DB, "on")
	if err != nil {
		return err
	}
	if v.Goods, err = s.offers(r, ps[:min(len(ps), homeGoods)]); err != nil {
		return err
	}
	if v.Producers, err = s.someProducers(r); err != nil {
		return err
	}
	return s.Render(w, r, homeScreen(v))
}

func (s *screens) sortCards(v *homeView, cards []room.Card) {
	for _, c := range cards {
		switch show.State(c.State) {
		case show.Live:
			x := card{Card: c}
			if s.RT != nil {
				x.Online = s.RT.Online(room.Channel(c.ID))
			}
			v.Live = append(v.Live, x)
		case show.Announced:
			v.Soon = append(v.Soon, card{Card: c})
		case show.Ended:
			if len(v.Past) < homePast {
				v.Past = append(v.Past, card{Card: c})
			}
		}
	}
}

// offers are products with today's stock.
func (s *screens) offers(r *http.Request, ps []catalog.Product) ([]offer, error) {
	if len(ps) == 0 {
		return nil, nil
	}
	ids := make([]id.Product, len(ps))
	for i, p := range ps {
		ids[i] = p.ID
	}
	stocks, err := lot.OnSaleStock(r.Context(), s.DB, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]offer, len(ps))
	for i, p := range ps {
		out[i] = offerOf(p, stocks[p.ID])
		out[i].Picture = firstURL(p.Pictures, 640)
	}
	return out, nil
}

func firstURL(ps []catalog.Picture, w int) string {
	if len(ps) == 0 {
		return ""
	}
	return ps[0].URL(w)
}

// someProducers are local ones first.
func (s *screens) someProducers(r *http.Request) ([]producerCard, error) {
	all, err := catalog.AllProducers(r.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(p catalog.Producer) bool { return p.State != "active" })
	slices.SortStableFunc(all, func(a, b catalog.Producer) int {
		switch {
		case a.Local && !b.Local:
			return -1
		case b.Local && !a.Local:
			return 1
		}
		return 0
	})
	return s.withFaces(r, all[:min(len(all), homeProducers)])
}

func (s *screens) withFaces(r *http.Request, ps []catalog.Producer) ([]producerCard, error) {
	var pics []id.Picture
	for _, p := range ps {
		if p.Picture != "" {
			pics = append(pics, p.Picture)
		}
	}
	byID := map[id.Picture]catalog.Picture{}
	if len(pics) > 0 {
		var err error
		if byID, err = catalog.Pictures(r.Context(), s.DB, pics...); err != nil {
			return nil, err
		}
	}
	out := make([]producerCard, len(ps))
	for i, p := range ps {
		out[i] = producerCard{Producer: p, Face: byID[p.Picture].URL(320)}
	}
	return out, nil
}
