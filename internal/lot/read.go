package lot

import (
	"context"
	"slices"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

const columns = `id, no, product_id, producer_id, grade, harvest_day, best_before_day, origin, certificate_no,
	pay_fen, floor_fen, state, on_hand, reserved, allotted, created_us`

func scan(r *db.Rows, l *Lot) error {
	var us int64
	err := r.Scan(&l.ID, &l.No, &l.Product, &l.Producer, &l.Grade, &l.Harvest, &l.BestBefore, &l.Origin, &l.Certificate,
		&l.Pay, &l.Floor, &l.State, &l.OnHand, &l.Reserved, &l.Allotted, &us)
	l.Created = clock.FromUs(us)
	return err
}

func one(ctx context.Context, q db.Querier, l id.Lot) (Lot, error) {
	m, err := ByID(ctx, q, l)
	if err != nil {
		return Lot{}, err
	}
	if x, ok := m[l]; ok {
		return x, nil
	}
	return Lot{}, fault.New(fault.NotFound, "fault.not_found")
}

// ByID reads lots; missing ones are left out.
func ByID(ctx context.Context, q db.Querier, ids ...id.Lot) (map[id.Lot]Lot, error) {
	out := make(map[id.Lot]Lot, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		rows, err := q.Query(ctx, `SELECT `+columns+` FROM lot WHERE id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		list, err := db.Collect(rows, err, scan)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			out[l.ID] = l
		}
	}
	return out, nil
}

// Filter of List; empty fields do not narrow.
type Filter struct {
	Product  id.Product
	Producer id.Producer
	State    State
	Limit    int // at most 500, 100 if 0
}

// List reads lots by filter, the newest first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Lot, error) {
	if f.Limit <= 0 {
		f.Limit = 100
	}
	rows, err := q.Query(ctx, `
		SELECT `+columns+` FROM lot
		WHERE ($1 = '' OR product_id = $1) AND ($2 = '' OR producer_id = $2) AND ($3 = '' OR state = $3)
		ORDER BY id DESC LIMIT $4`, f.Product, f.Producer, f.State, min(f.Limit, 500))
	return db.Collect(rows, err, scan)
}

// OnSaleStock reads the lots on sale of products, in allocation order, with
// their open allotments; those past their best-before day are left out. An
// allotment whose time is over counts as given back. BasePerUnit is left 0: the
// caller knows the product.
func OnSaleStock(ctx context.Context, q db.Querier, products ...id.Product) (map[id.Product][]Stock, error) {
	out := make(map[id.Product][]Stock, len(products))
	type row struct {
		product id.Product
		sliced  bool
		Stock
	}
	var sliced []id.Lot
	today := clock.DayOf(db.Now(q))
	for part := range slices.Chunk(products, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT product_id, id, producer_id, on_hand - reserved - allotted, best_before_day, harvest_day, pay_fen, floor_fen,
				EXISTS (SELECT 1 FROM lot_allotment a WHERE a.lot_id = lot.id AND a.state = 'open')
			FROM lot
			WHERE state = 'on_sale' AND (best_before_day = 0 OR best_before_day >= $1) AND product_id IN (`+db.In(2, len(part))+`)
			ORDER BY product_id, CASE WHEN best_before_day = 0 THEN 1 ELSE 0 END, best_before_day, harvest_day, id`,
			append([]any{today}, db.Args(part)...)...)
		list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error {
			return r.Scan(&x.product, &x.Lot, &x.Producer, &x.Available, &x.BestBefore, &x.Harvest, &x.Pay, &x.Floor, &x.sliced)
		})
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			out[x.product] = append(out[x.product], x.Stock)
			if x.sliced {
				sliced = append(sliced, x.Lot)
			}
		}
	}
	return out, addSlices(ctx, q, out, sliced)
}

// addSlices reads the open allotments of lots into their stocks.
func addSlices(ctx context.Context, q db.Querier, stocks map[id.Product][]Stock, lots []id.Lot) error {
	if len(lots) == 0 {
		return nil
	}
	open, err := openAllotments(ctx, q, lots)
	if err != nil {
		return err
	}
	now := db.Now(q)
	for _, ss := range stocks {
		for i := range ss {
			for _, a := range open[ss[i].Lot] {
				if a.Due(now) {
					ss[i].Available += a.Qty - a.Taken
					ss[i].Due = true
					continue
				}
				ss[i].Slices = append(ss[i].Slices, Slice{ID: a.ID, Show: a.Show, Host: a.Host, Rest: a.Qty - a.Taken, Capped: a.Capped})
			}
		}
	}
	return nil
}

// Movements lists a lot's movements, the oldest first; at most 1000.
func Movements(ctx context.Context, q db.Querier, l id.Lot) ([]Movement, error) {
	rows, err := q.Query(ctx, `
		SELECT id, lot_id, kind, qty, reason, ref, actor_id, at_us FROM stock_movement
		WHERE lot_id = $1 ORDER BY id LIMIT 1000`, l)
	return db.Collect(rows, err, func(r *db.Rows, m *Movement) error {
		var us int64
		err := r.Scan(&m.ID, &m.Lot, &m.Kind, &m.Qty, &m.Reason, &m.Ref, &m.Actor, &us)
		m.At = clock.FromUs(us)
		return err
	})
}

// Reservations lists an order's reservations.
func Reservations(ctx context.Context, q db.Querier, o id.Order) ([]Reservation, error) {
	rows, err := q.Query(ctx, `
		SELECT `+reservationColumns+` FROM lot_reservation
		WHERE order_id = $1 ORDER BY id`, o)
	return db.Collect(rows, err, scanReservation)
}
