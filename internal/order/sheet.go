package order

import (
	"context"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// SheetFigures are a show's orders as its sheet counts them. Paid means that
// the money came, also if it went back later; goods are without freight.
type SheetFigures struct {
	Orders, Paid, Buyers int64
	Goods                money.Fen // of paid orders
	Back                 money.Fen // of that, given back since
	Farmers              int64     // local producers in paid orders
	LocalGoods           money.Fen // theirs of Goods
}

// Sheet counts a show's orders.
func Sheet(ctx context.Context, q db.Querier, s id.Show) (f SheetFigures, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE paid_us > 0), count(DISTINCT buyer_id) FILTER (WHERE paid_us > 0),
		CAST(coalesce(sum(goods_fen) FILTER (WHERE paid_us > 0), 0) AS BIGINT) FROM sale_order WHERE show_id = $1`, s).Scan(&f.Orders, &f.Paid, &f.Buyers, &f.Goods)
	if err != nil {
		return f, err
	}
	err = q.QueryRow(ctx, `SELECT CAST(coalesce(sum(l.refunded_fen), 0) AS BIGINT) FROM sale_order o JOIN order_line l ON l.order_id = o.id
		WHERE o.show_id = $1 AND o.paid_us > 0`, s).Scan(&f.Back)
	if err != nil {
		return f, err
	}
	err = q.QueryRow(ctx, `SELECT count(DISTINCT x.producer_id), CAST(coalesce(sum(x.goods_fen), 0) AS BIGINT) FROM sale_order o JOIN order_share x ON x.order_id = o.id
		WHERE o.show_id = $1 AND o.paid_us > 0 AND x.local`, s).Scan(&f.Farmers, &f.LocalGoods)
	return f, err
}

// TopLine is what an item sold in paid orders.
type TopLine struct {
	Item    id.Item
	Product id.Product
	Name    string
	Units   int64
	Goods   money.Fen
}

// Top lists what sold best in a show, by worth; at most n.
func Top(ctx context.Context, q db.Querier, s id.Show, n int) ([]TopLine, error) {
	rows, err := q.Query(ctx, `SELECT l.item_id, l.product_id, max(l.name), CAST(sum(l.units) AS BIGINT), CAST(sum(l.goods_fen) AS BIGINT)
		FROM sale_order o JOIN order_line l ON l.order_id = o.id WHERE o.show_id = $1 AND o.paid_us > 0
		GROUP BY l.item_id, l.product_id ORDER BY 5 DESC, 1, 2 LIMIT $2`, s, n)
	return db.Collect(rows, err, func(r *db.Rows, t *TopLine) error { return r.Scan(&t.Item, &t.Product, &t.Name, &t.Units, &t.Goods) })
}

// PlacedLine says when an item was ordered.
type PlacedLine struct {
	Order id.Order
	Item  id.Item
	AtUs  int64
}

// Placed lists when the items of a show were ordered, the first first; at most
// limit.
func Placed(ctx context.Context, q db.Querier, s id.Show, limit int) ([]PlacedLine, error) {
	rows, err := q.Query(ctx, `SELECT o.id, l.item_id, o.placed_us FROM sale_order o JOIN order_line l ON l.order_id = o.id
		WHERE o.show_id = $1 ORDER BY o.placed_us, o.id, l.id LIMIT $2`, s, limit)
	return db.Collect(rows, err, func(r *db.Rows, p *PlacedLine) error { return r.Scan(&p.Order, &p.Item, &p.AtUs) })
}
