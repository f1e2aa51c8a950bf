package farm

import (
	"net/http"
	"slices"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/web/site"
)

// maxBuyers is how many orders of a lot its page lists.
const maxBuyers = 100

// lotPage is one lot: where it went, every movement, who bought it.
type lotPage struct {
	frame
	Lot   lotView
	Moves []lot.Movement // the newest first
	Sales []sale
	More  bool      // there are more sales than shown
	Owed  money.Fen // of the sales shown that are not closed
}

func (s *screens) lot(w http.ResponseWriter, r *http.Request) error {
	l, owner, err := s.myLot(r)
	if err != nil {
		return err
	}
	f, err := s.frame(w, r, "lot")
	if err != nil {
		return err
	}
	f.Who, f.Title = owner, f.T("farm.lot_title", "No", l.No)
	ctx, view := r.Context(), lotPage{frame: f}
	lots, err := s.viewLots(ctx, []lot.Lot{l})
	if err != nil {
		return err
	}
	view.Lot = lots[0]
	if view.Moves, err = lot.Movements(ctx, s.DB, l.ID); err != nil {
		return err
	}
	slices.Reverse(view.Moves)
	view.Sales, err = s.sales(ctx, order.Filter{Lot: l.ID, Limit: maxBuyers + 1}, l.Producer)
	if err != nil {
		return err
	}
	if view.More = len(view.Sales) > maxBuyers; view.More {
		view.Sales = view.Sales[:maxBuyers]
	}
	for _, x := range view.Sales {
		if x.State != order.Closed {
			view.Owed += x.Owed
		}
	}
	return s.Render(w, r, lotScreen(view))
}

// myLot reads the lot in the path, if it is of one of the asker's producers.
func (s *screens) myLot(r *http.Request) (lot.Lot, catalog.Producer, error) {
	want, err := site.PathID[id.Lot](r, "id")
	if err != nil {
		return lot.Lot{}, catalog.Producer{}, err
	}
	mine, err := s.mine(r.Context(), edge.Who(r).Actor.User)
	if err != nil {
		return lot.Lot{}, catalog.Producer{}, err
	}
	found, err := lot.ByID(r.Context(), s.DB, want)
	if err != nil {
		return lot.Lot{}, catalog.Producer{}, err
	}
	l, ok := found[want]
	i := slices.IndexFunc(mine, func(p catalog.Producer) bool { return p.ID == l.Producer })
	if !ok || i < 0 {
		return l, catalog.Producer{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return l, mine[i], nil
}
