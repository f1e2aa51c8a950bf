package orderdesk

import (
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
)

// share is what a lot's producer gets for the units taken of it:
//
//   - bought and resold at an agreed price a unit: that price, and the rest is
//     the centre's margin (below zero when it sells cheaper);
//   - else the whole price, of a local producer;
//   - else the price less the commission at a rate in basis points.
//
// A line filled from several lots is divided by units; nothing is rounded but
// the commission, in fen, half up.
func share(l order.Line, k lot.Take, s *lot.Stock, settlement string, p catalog.Producer, bp int64) order.Share {
	x := order.Share{Line: l.ID, Lot: k.Lot, Producer: s.Producer, Local: p.Local, Settlement: settlement, Units: k.Units,
		Goods: l.Price * money.Fen(k.Units)}
	switch {
	case settlement == order.Resale && s.Pay > 0:
		x.Owed = s.Pay * money.Fen(k.Units)
		x.Margin = x.Goods - x.Owed
	case p.Local:
		x.Owed = x.Goods
	default:
		x.CommissionBP = bp
		x.Commission = x.Goods.Share(bp)
		x.Owed = x.Goods - x.Commission
	}
	return x
}

// Sale is an order with its shares as the books see it.
func Sale(o order.Order, shares []order.Share) promise.Sale {
	s := promise.Sale{Order: o.ID, Placed: clock.Us(o.Placed), Freight: o.Freight, Discount: o.Discount}
	for _, x := range shares {
		s.Shares = append(s.Shares, promise.Share{Producer: x.Producer, Local: x.Local, Goods: x.Goods,
			Commission: x.Commission, Owed: x.Owed, Margin: x.Margin, Agreed: x.Settlement == order.Resale})
	}
	return s
}
