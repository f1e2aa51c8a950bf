package studio

import (
	"context"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
)

// share is goods that only this host, or this show, may sell.
type share struct {
	lot.Allotment
	Product catalog.Product
	Left    int64 // sell units
	Of      int64
}

// shares lists what is allotted to a show and its host.
func (h *screens) shares(ctx context.Context, sh show.Show) ([]share, error) {
	list, err := lot.AllotmentsOf(ctx, h.DB, sh.ID, sh.Host)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var lots []id.Lot
	for _, a := range list {
		lots = append(lots, a.Lot)
	}
	byLot, err := lot.ByID(ctx, h.DB, lots...)
	if err != nil {
		return nil, err
	}
	var products []id.Product
	for _, l := range byLot {
		products = append(products, l.Product)
	}
	goods, err := catalog.Products(ctx, h.DB, products...)
	if err != nil {
		return nil, err
	}
	out := make([]share, len(list))
	for i, a := range list {
		p := goods[byLot[a.Lot].Product]
		per := max(p.BasePerUnit, 1)
		out[i] = share{Allotment: a, Product: p, Left: a.Rest(h.DB.Clock.Now()) / per, Of: a.Qty / per}
	}
	return out, nil
}
