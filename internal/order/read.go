package order

import (
	"context"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

const columns = `id, no, buyer_id, show_id, state, goods_fen, freight_fen, total_fen - discount_fen, discount_fen, province, city, address_enc, note, no_return_ok,
	idem_key, idem_hash, placed_us, expires_us, paid_us, shipped_us, received_us, done_us, closed_us, close_reason, refunded_freight_fen, part_us, first_expires_us, placing_id`

func scan(r *db.Rows, o *Order) error {
	var us [9]int64
	err := r.Scan(&o.ID, &o.No, &o.Buyer, &o.Show, &o.State, &o.Goods, &o.Freight, &o.Total, &o.Discount, &o.Province, &o.City, &o.AddressEnc, &o.Note, &o.NoReturnOK,
		&o.IdemKey, &o.IdemHash, &us[0], &us[1], &us[2], &us[3], &us[4], &us[5], &us[6], &o.CloseReason, &o.RefundedFreight, &us[7], &us[8], &o.Placing)
	for i, t := range []*time.Time{&o.Placed, &o.Expires, &o.PaidAt, &o.ShippedAt, &o.ReceivedAt, &o.DoneAt, &o.ClosedAt, &o.PartAt, &o.FirstExpires} {
		*t = clock.FromUs(us[i])
	}
	return err
}

// ByID reads an order with its lines; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, o id.Order) (Order, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM sale_order WHERE id = $1`, o)
	return first(withLines(ctx, q, rows, err))
}

// ByNo reads an order by its number for people; fault NotFound if there is none.
func ByNo(ctx context.Context, q db.Querier, no string) (Order, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM sale_order WHERE no = $1`, no)
	return first(withLines(ctx, q, rows, err))
}

func first(list []Order, err error) (Order, error) {
	if err != nil {
		return Order{}, err
	}
	if len(list) == 0 {
		return Order{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return list[0], nil
}

// ByIDs reads orders with their lines, in the order of their ids; missing ones
// are left out.
func ByIDs(ctx context.Context, q db.Querier, orders []id.Order) ([]Order, error) {
	var out []Order
	for part := range slices.Chunk(orders, maxIn) {
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM sale_order WHERE id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		list, err := withLines(ctx, q, rows, err)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// withLines collects orders and reads their lines.
func withLines(ctx context.Context, q db.Querier, rows *db.Rows, err error) ([]Order, error) {
	list, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, err
	}
	at := make(map[id.Order]int, len(list))
	ids := make([]id.Order, len(list))
	for i, o := range list {
		at[o.ID], ids[i] = i, o.ID
	}
	for part := range slices.Chunk(ids, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT id, order_id, item_id, product_id, name, sell_unit, net_weight_g, gross_weight_g, units, price_fen, goods_fen, return_rule,
				refunded_units, refunded_fen, flash_id, discount_fen
			FROM order_line WHERE order_id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		lines, err := db.Collect(rows, err, func(r *db.Rows, l *Line) error {
			return r.Scan(&l.ID, &l.Order, &l.Item, &l.Product, &l.Name, &l.SellUnit, &l.NetG, &l.GrossG, &l.Units, &l.Price, &l.Goods, &l.ReturnRule,
				&l.RefundedUnits, &l.Refunded, &l.Flash, &l.Discount)
		})
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			o := &list[at[l.Order]]
			o.Lines = append(o.Lines, l)
		}
	}
	return list, nil
}

// Shares reads orders' shares.
func Shares(ctx context.Context, q db.Querier, orders ...id.Order) ([]Share, error) {
	var out []Share
	for part := range slices.Chunk(orders, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT reservation_id, order_id, line_id, lot_id, producer_id, local, settlement, units,
				goods_fen, commission_bp, commission_fen, owed_fen, margin_fen
			FROM order_share WHERE order_id IN (`+db.In(1, len(part))+`) ORDER BY order_id, reservation_id`, db.Args(part)...)
		list, err := db.Collect(rows, err, func(r *db.Rows, s *Share) error {
			return r.Scan(&s.Reservation, &s.Order, &s.Line, &s.Lot, &s.Producer, &s.Local, &s.Settlement, &s.Units,
				&s.Goods, &s.CommissionBP, &s.Commission, &s.Owed, &s.Margin)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// Filter of List; empty fields do not narrow.
type Filter struct {
	Buyer    id.User
	Show     id.Show
	Producer id.Producer // some of it is from them
	Lot      id.Lot      // some of it is from this lot; with Producer, whose index finds it
	State    State
	States   []State  // any of these
	Before   id.Order // page on
	Limit    int      // at most 500, 20 if 0
}

// List reads orders with lines, the newest first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Order, error) {
	var args []any
	where := ""
	and := func(cond string, arg any) {
		args = append(args, arg)
		where += " AND " + strings.ReplaceAll(cond, "$", db.In(len(args), 1))
	}
	if f.Buyer != "" {
		and(ofBuyers(q, "= $"), f.Buyer)
	}
	if f.Show != "" {
		and("show_id = $", f.Show)
	}
	if f.Producer != "" {
		and("id IN (SELECT order_id FROM order_share WHERE producer_id = $)", f.Producer)
	}
	if f.Lot != "" {
		and("id IN (SELECT order_id FROM order_share WHERE lot_id = $)", f.Lot)
	}
	if f.State != "" {
		and("state = $", f.State)
	}
	if len(f.States) > 0 {
		where += " AND state IN (" + db.In(len(args)+1, len(f.States)) + ")"
		args = append(args, db.Args(f.States)...)
	}
	if f.Before != "" {
		and("id < $", f.Before)
	}
	if f.Limit <= 0 {
		f.Limit = 20
	}
	args = append(args, min(f.Limit, 500))
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM sale_order WHERE TRUE`+where+` ORDER BY id DESC LIMIT `+db.In(len(args), 1), args...)
	return withLines(ctx, q, rows, err)
}

// ExpiredIDs lists unpaid orders whose time is over, the oldest first.
func ExpiredIDs(ctx context.Context, q db.Querier, now time.Time, limit int) ([]id.Order, error) {
	rows, err := q.Query(ctx, `
		SELECT id FROM sale_order WHERE state = 'unpaid' AND expires_us <= $1
		ORDER BY expires_us, id LIMIT $2`, clock.Us(now), limit)
	return db.Collect(rows, err, func(r *db.Rows, o *id.Order) error { return r.Scan(o) })
}

// Taken counts the units of items that buyers have in orders that are not
// closed: what a limit per person is held against.
func Taken(ctx context.Context, q db.Querier, buyers []id.User, items []id.Item) (map[id.User]map[id.Item]int64, error) {
	return taken(ctx, q, "l.item_id", buyers, items)
}

// TakenInFlash is Taken for flash sales.
func TakenInFlash(ctx context.Context, q db.Querier, buyers []id.User, flashes []id.Flash) (map[id.User]map[id.Flash]int64, error) {
	return taken(ctx, q, "l.flash_id", buyers, flashes)
}

func taken[T ~string](ctx context.Context, q db.Querier, column string, buyers []id.User, of []T) (map[id.User]map[T]int64, error) {
	out := map[id.User]map[T]int64{}
	if len(of) == 0 {
		return out, nil
	}
	type row struct {
		buyer id.User
		of    T
		units int64
	}
	for part := range slices.Chunk(buyers, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT o.buyer_id, `+column+`, CAST(sum(l.units - l.refunded_units) AS BIGINT)
			FROM sale_order o JOIN order_line l ON l.order_id = o.id
			WHERE o.state <> 'closed' AND o.`+ofBuyers(q, "IN ("+db.In(1, len(part))+")")+` AND `+column+` IN (`+db.In(len(part)+1, len(of))+`)
			GROUP BY o.buyer_id, `+column+` ORDER BY o.buyer_id, `+column, append(db.Args(part), db.Args(of)...)...)
		list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.buyer, &x.of, &x.units) })
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			if out[x.buyer] == nil {
				out[x.buyer] = map[T]int64{}
			}
			out[x.buyer][x.of] = x.units
		}
	}
	return out, nil
}

// UnpaidOf counts buyers' unpaid orders; who has none is left out.
func UnpaidOf(ctx context.Context, q db.Querier, buyers []id.User) (map[id.User]int64, error) {
	out := map[id.User]int64{}
	type row struct {
		buyer id.User
		n     int64
	}
	for part := range slices.Chunk(buyers, maxIn) {
		size := unpaidSizes[slices.IndexFunc(unpaidSizes, func(n int) bool { return n >= len(part) })]
		args := make([]any, size) // the rest of the list repeats the last, so that few statement texts serve every group
		for i := range args {
			args[i] = part[min(i, len(part)-1)]
		}
		rows, err := q.Query(ctx, `SELECT buyer_id, count(*) FROM sale_order WHERE state = 'unpaid' AND `+ofBuyers(q, "IN ("+db.In(1, size)+")")+` GROUP BY buyer_id`, args...)
		list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.buyer, &x.n) })
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			out[x.buyer] = x.n
		}
	}
	return out, nil
}

var unpaidSizes = []int{1, 8, 64, maxIn}
