package aftersale

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

const columns = `id, order_id, buyer_id, kind, state, reason, words, freight_fen, bearer, carrier, asked_by, asked_us, handled_by, decided_us,
	note, parcel, goods, goods_by, goods_us, refund_id, done_us, idem_key`

func scan(r *db.Rows, c *Case) error {
	var us [4]int64
	err := r.Scan(&c.ID, &c.Order, &c.Buyer, &c.Kind, &c.State, &c.Reason, &c.Words, &c.Freight, &c.Bearer, &c.Carrier, &c.AskedBy, &us[0], &c.HandledBy, &us[1],
		&c.Note, &c.Parcel, &c.Goods, &c.GoodsBy, &us[2], &c.Refund, &us[3], &c.Key)
	for i, t := range []*time.Time{&c.Asked, &c.Decided, &c.GoodsAt, &c.Done} {
		*t = clock.FromUs(us[i])
	}
	return err
}

// maxIn bounds the list of one statement.
const maxIn = 200

func whole(ctx context.Context, q db.Querier, rows *db.Rows, err error) ([]Case, error) {
	list, err := db.Collect(rows, err, scan)
	if err != nil {
		return nil, err
	}
	at := make(map[id.Case]*Case, len(list))
	ids := make([]id.Case, len(list))
	for i := range list {
		at[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	for part := range slices.Chunk(ids, maxIn) {
		if err := readLines(ctx, q, part, at); err != nil {
			return nil, err
		}
		if err := readPhotos(ctx, q, part, at); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func readLines(ctx context.Context, q db.Querier, ids []id.Case, at map[id.Case]*Case) error {
	rows, err := q.Query(ctx, `SELECT case_id, line_id, units, share_bp, fen FROM after_sale_line WHERE case_id IN (`+db.In(1, len(ids))+`) ORDER BY case_id, line_id`, db.Args(ids)...)
	type row struct {
		of id.Case
		Line
	}
	list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.of, &x.Line.Line, &x.Units, &x.Share, &x.Fen) })
	for _, x := range list {
		at[x.of].Lines = append(at[x.of].Lines, x.Line)
	}
	return err
}

func readPhotos(ctx context.Context, q db.Querier, ids []id.Case, at map[id.Case]*Case) error {
	rows, err := q.Query(ctx, `SELECT case_id, id, width, height, sizes FROM after_sale_photo WHERE case_id IN (`+db.In(1, len(ids))+`) ORDER BY case_id, pos`, db.Args(ids)...)
	type row struct {
		of id.Case
		Photo
	}
	list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error {
		var sizes string
		if err := r.Scan(&x.of, &x.ID, &x.Width, &x.Height, &sizes); err != nil {
			return err
		}
		return json.Unmarshal([]byte(sizes), &x.Sizes)
	})
	for _, x := range list {
		at[x.of].Photos = append(at[x.of].Photos, x.Photo)
	}
	return err
}

// ByID reads a case; fault NotFound if there is none.
func ByID(ctx context.Context, q db.Querier, c id.Case) (Case, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM after_sale WHERE id = $1`, c)
	list, err := whole(ctx, q, rows, err)
	if err == nil && len(list) == 0 {
		return Case{}, fault.New(fault.NotFound, "fault.not_found")
	} else if err != nil {
		return Case{}, err
	}
	return list[0], nil
}

// ByKey reads the case that a key of the asker's page made, if any.
func ByKey(ctx context.Context, q db.Querier, o id.Order, key string) (Case, bool, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM after_sale WHERE order_id = $1 AND idem_key = $2`, o, key)
	list, err := whole(ctx, q, rows, err)
	if err != nil || len(list) == 0 {
		return Case{}, false, err
	}
	return list[0], true, nil
}

// OfOrder lists an order's cases, the oldest first.
func OfOrder(ctx context.Context, q db.Querier, o id.Order) ([]Case, error) {
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM after_sale WHERE order_id = $1 ORDER BY asked_us, id`, o)
	return whole(ctx, q, rows, err)
}

// Filter of List; empty fields do not narrow.
type Filter struct {
	States []State
	Kind   Kind
	Limit  int // at most 500, 100 if 0
}

// OpenStates are those in which somebody must do something.
var OpenStates = []State{Requested, Approved, Back}

// List reads cases, the open ones that wait longest first when only open ones
// are asked for, else the newest first.
func List(ctx context.Context, q db.Querier, f Filter) ([]Case, error) {
	where, order := "", "asked_us DESC, id DESC"
	var args []any
	if len(f.States) > 0 {
		where += " AND state IN (" + db.In(1, len(f.States)) + ")"
		for _, s := range f.States {
			args = append(args, string(s))
		}
		if !slices.ContainsFunc(f.States, func(s State) bool { return !s.Open() }) {
			order = "asked_us, id"
		}
	}
	if f.Kind != "" {
		args = append(args, string(f.Kind))
		where += " AND kind = " + db.In(len(args), 1)
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	args = append(args, min(f.Limit, 500))
	rows, err := q.Query(ctx, `SELECT `+columns+` FROM after_sale WHERE TRUE`+where+` ORDER BY `+order+` LIMIT `+db.In(len(args), 1), args...)
	return whole(ctx, q, rows, err)
}

// CountOpen counts the open cases by state.
func CountOpen(ctx context.Context, q db.Querier) (map[State]int64, error) {
	rows, err := q.Query(ctx, `SELECT state, count(*) FROM after_sale WHERE state IN ('requested','approved','back') GROUP BY state ORDER BY state`)
	type row struct {
		state State
		n     int64
	}
	list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.state, &x.n) })
	out := map[State]int64{}
	for _, x := range list {
		out[x.state] = x.n
	}
	return out, err
}

// WithOpen tells which of the orders have an open case: they are not done yet.
func WithOpen(ctx context.Context, q db.Querier, orders []id.Order) (map[id.Order]bool, error) {
	out := map[id.Order]bool{}
	for part := range slices.Chunk(orders, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT order_id FROM after_sale_line WHERE open AND order_id IN (`+db.In(1, len(part))+`)
			GROUP BY order_id ORDER BY order_id`, db.Args(part)...)
		list, err := db.Collect(rows, err, func(r *db.Rows, o *id.Order) error { return r.Scan(o) })
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			out[o] = true
		}
	}
	return out, nil
}

// Taken is what was taken back of an order's shares, by reservation.
type Taken struct {
	Units int64
	Goods money.Fen
	Borne money.Fen // of Goods, by the producer's side
}

// TakenOf sums what refunds took back of an order's shares.
func TakenOf(ctx context.Context, q db.Querier, o id.Order) (map[string]Taken, error) {
	rows, err := q.Query(ctx, `
		SELECT reservation_id, CAST(sum(units) AS BIGINT), CAST(sum(goods_fen) AS BIGINT),
			CAST(coalesce(sum(goods_fen) FILTER (WHERE bearer = 'producer'), 0) AS BIGINT)
		FROM refund_share WHERE order_id = $1 GROUP BY reservation_id ORDER BY reservation_id`, o)
	type row struct {
		res string
		Taken
	}
	list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error { return r.Scan(&x.res, &x.Units, &x.Goods, &x.Borne) })
	out := map[string]Taken{}
	for _, x := range list {
		out[x.res] = x.Taken
	}
	return out, err
}

const partColumns = `refund_id, order_id, case_id, goods_fen, freight_fen, discount_fen, bearer, carrier, reason, whole, by_id, at_us`

// PartsOf lists what refunds of orders were for, the oldest first, with their shares.
func PartsOf(ctx context.Context, q db.Querier, orders ...id.Order) ([]Part, error) {
	var out []Part
	for chunk := range slices.Chunk(orders, maxIn) {
		rows, err := q.Query(ctx, `SELECT `+partColumns+` FROM refund_part WHERE order_id IN (`+db.In(1, len(chunk))+`) ORDER BY at_us, refund_id`, db.Args(chunk)...)
		list, err := db.Collect(rows, err, scanPart)
		if err != nil {
			return nil, err
		}
		if list, err = withShares(ctx, q, list); err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// PartOf reads what a refund was for; false when it was late money.
func PartOf(ctx context.Context, q db.Querier, r id.Refund) (Part, bool, error) {
	rows, err := q.Query(ctx, `SELECT `+partColumns+` FROM refund_part WHERE refund_id = $1`, r)
	list, err := db.Collect(rows, err, scanPart)
	if err != nil || len(list) == 0 {
		return Part{}, false, err
	}
	list, err = withShares(ctx, q, list)
	return list[0], err == nil, err
}

func scanPart(r *db.Rows, p *Part) error {
	var us int64
	err := r.Scan(&p.Refund, &p.Order, &p.Case, &p.Goods, &p.Freight, &p.Discount, &p.Bearer, &p.Carrier, &p.Reason, &p.Whole, &p.By, &us)
	p.At = clock.FromUs(us)
	return err
}

func withShares(ctx context.Context, q db.Querier, parts []Part) ([]Part, error) {
	at := map[id.Refund]int{}
	var ids []id.Refund
	for i, p := range parts {
		at[p.Refund] = i
		ids = append(ids, p.Refund)
	}
	for chunk := range slices.Chunk(ids, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT refund_id, reservation_id, line_id, lot_id, producer_id, local, settlement, units, goods_fen, commission_fen, owed_fen, margin_fen
			FROM refund_share WHERE refund_id IN (`+db.In(1, len(chunk))+`) ORDER BY refund_id, reservation_id`, db.Args(chunk)...)
		type row struct {
			of id.Refund
			SharePart
		}
		list, err := db.Collect(rows, err, func(r *db.Rows, x *row) error {
			return r.Scan(&x.of, &x.Reservation, &x.Line, &x.Lot, &x.Producer, &x.Local, &x.Settlement, &x.Units, &x.Goods, &x.Commission, &x.Owed, &x.Margin)
		})
		if err != nil {
			return nil, err
		}
		for _, x := range list {
			p := &parts[at[x.of]]
			p.Shares = append(p.Shares, x.SharePart)
		}
	}
	return parts, nil
}

// PhotoByID reads a photo with the case it belongs to; fault NotFound.
func PhotoByID(ctx context.Context, q db.Querier, photo string) (Case, Photo, error) {
	none := fault.New(fault.NotFound, "fault.not_found")
	rows, err := q.Query(ctx, `SELECT case_id FROM after_sale_photo WHERE id = $1`, strings.ToLower(photo))
	list, err := db.Collect(rows, err, func(r *db.Rows, c *id.Case) error { return r.Scan(c) })
	if err != nil {
		return Case{}, Photo{}, err
	}
	if len(list) == 0 {
		return Case{}, Photo{}, none
	}
	c, err := ByID(ctx, q, list[0])
	for _, p := range c.Photos {
		if p.ID == photo {
			return c, p, err
		}
	}
	if err == nil {
		err = none
	}
	return Case{}, Photo{}, err
}
