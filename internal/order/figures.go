package order

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// ShowFigures are counted from orders; closed ones are left out of Orders and
// Goods. Paid are those that were paid and not refunded.
type ShowFigures struct {
	Orders, PaidOrders int64
	Goods, PaidGoods   money.Fen
	Buyers             int64 // who paid
	Farmers            int64 // local producers in paid orders
}

// Figures counts a show's orders.
func Figures(ctx context.Context, q db.Querier, s id.Show) (ShowFigures, error) {
	var f ShowFigures
	err := q.QueryRow(ctx, `
		SELECT count(*), CAST(coalesce(sum(goods_fen), 0) AS BIGINT),
			count(*) FILTER (WHERE state <> 'unpaid'),
			CAST(coalesce(sum(goods_fen) FILTER (WHERE state <> 'unpaid'), 0) AS BIGINT),
			count(DISTINCT buyer_id) FILTER (WHERE state <> 'unpaid')
		FROM sale_order WHERE show_id = $1 AND state <> 'closed'`, s).
		Scan(&f.Orders, &f.Goods, &f.PaidOrders, &f.PaidGoods, &f.Buyers)
	if err != nil {
		return f, err
	}
	err = q.QueryRow(ctx, `
		SELECT count(DISTINCT x.producer_id) FROM sale_order o JOIN order_share x ON x.order_id = o.id
		WHERE o.show_id = $1 AND o.state NOT IN ('closed', 'unpaid') AND x.local`, s).Scan(&f.Farmers)
	return f, err
}
