package me

import (
	"context"
	"slices"
	"strings"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/web/page"
)

// parcelView is a parcel of an order that has left, with whose goods are in it.
type parcelView struct {
	shipping.Shipment
	Names []string
}

// CarrierName is the parcel's carrier in the reader's language.
func (p parcelView) CarrierName(b page.Base) string {
	c, ok := shipping.CarrierByCode(p.Carrier)
	switch {
	case !ok:
		return p.Carrier
	case b.P.Lang() == i18n.English:
		return c.English
	}
	return c.Name
}

// Whose are the names of the producers whose goods are in the parcel.
func (p parcelView) Whose(b page.Base) string { return strings.Join(p.Names, b.T("me.name_comma")) }

// parcelsOf reads the parcels of an order that have left.
func (s *screens) parcelsOf(ctx context.Context, o order.Order) ([]parcelView, error) {
	rows, err := shipping.OfOrder(ctx, s.DB, o.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var makers []id.Producer
	for _, x := range rows {
		makers = append(makers, x.Producer)
	}
	producers, err := catalog.Producers(ctx, s.DB, makers...)
	if err != nil {
		return nil, err
	}
	var out []parcelView
	for _, x := range rows {
		i := slices.IndexFunc(out, func(p parcelView) bool { return p.ID == x.ID })
		if i < 0 {
			i, out = len(out), append(out, parcelView{Shipment: x})
		}
		if n := producers[x.Producer].Name; n != "" {
			out[i].Names = append(out[i].Names, n)
		}
	}
	return out, nil
}
