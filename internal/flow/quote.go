package flow

import (
	"context"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/money"
)

// Quote prices lines to an address without ordering: what the half-sheet shows.
type Quote struct {
	Goods    money.Fen `json:"goods_fen"`
	Freight  money.Fen `json:"freight_fen"`
	Total    money.Fen `json:"total_fen"`
	NoReturn bool      `json:"no_return"` // a tick is needed
	Deliver  bool      `json:"deliver"`
}

// QuoteOrder prices lines to a province, as they are now; without a province
// the freight is left out. It is the code the order desk prices with.
func (f *Flow) QuoteOrder(ctx context.Context, lines []PlaceLine, province string) (Quote, error) {
	if err := fault.Join(checkLines(lines)...); err != nil {
		return Quote{}, err
	}
	ls := orderLines(lines)
	b, err := orderdesk.ReadBook(ctx, f.DB, ls)
	if err != nil {
		return Quote{}, err
	}
	q, err := b.Quote(ls, province)
	return Quote{Goods: q.Goods, Freight: q.Freight, Total: q.Total, NoReturn: q.NoReturn, Deliver: q.Deliver}, err
}
