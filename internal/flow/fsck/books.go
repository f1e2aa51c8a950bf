package fsck

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
)

// promises holds transactions against the promises again.
func promises(ctx context.Context, q db.Querier, s slice, c *Check) error {
	return eachTxn(ctx, q, s, func(txn string, t ledger.Txn, _ string) {
		if err := promise.Guard(t); err != nil {
			c.about(txn)
			c.found("transaction %s %s: %v", txn, t.Ref, err)
		}
	})
}

// eachTxn reads transactions with their lines, and the ref of the leaf each has
// in the public log ("" for none).
func eachTxn(ctx context.Context, q db.Querier, s slice, look func(txn string, t ledger.Txn, leaf string)) error {
	text, args := s.sql(`
		SELECT t.id, t.ref, t.kind, p.path, p.fen, coalesce(l.ref, '') FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
		LEFT JOIN log_leaf l ON l.ref = 'txn/' || t.ref
		WHERE {p.txn_id} ORDER BY p.txn_id, p.seq`)
	var t ledger.Txn
	txn, leaf := "", ""
	rows, err := q.Query(ctx, text, args...)
	err = scan(rows, err, func(r *db.Rows) error {
		var of, ref, kind, has string
		var l ledger.Line
		if err := r.Scan(&of, &ref, &kind, &l.Path, &l.Fen, &has); err != nil {
			return err
		}
		if of != txn {
			if txn != "" {
				look(txn, t, leaf)
			}
			t, txn, leaf = ledger.Txn{Ref: ref, Kind: kind, Lines: t.Lines[:0]}, of, has
		}
		t.Lines = append(t.Lines, l)
		return nil
	})
	if txn != "" {
		look(txn, t, leaf)
	}
	return err
}

// days holds that a transaction's day is the day of its moment: who moves a
// sale into another period must change both.
func days(ctx context.Context, q db.Querier, s slice, c *Check) error {
	text, args := s.sql(`SELECT id, ref, at_us, day FROM ledger_txn WHERE {id} ORDER BY id`)
	rows, err := q.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var txn, ref string
		var us, day int64
		if err := rows.Scan(&txn, &ref, &us, &day); err != nil {
			return err
		}
		if want := int64(clock.DayOf(clock.FromUs(us))); day != want {
			c.about(txn)
			c.found("transaction %s %s: day %d, its time is of %d", txn, ref, day, want)
		}
	}
	return rows.Err()
}

// books compares what is booked for each order, to the fen and account, with
// what its state, shares and payment say must be booked.
func books(ctx context.Context, q db.Querier, s slice, c *Check) error {
	batch, err := readOrders(ctx, q, s)
	if err != nil {
		return err
	}
	booked, err := readBooked(ctx, q, s)
	if err != nil {
		return err
	}
	for _, o := range suspects(batch, booked) {
		if err := recheck(ctx, q, o, c); err != nil || c.full() {
			return err
		}
	}
	return nil
}

// booking is the lines of the transactions of an order, added up by ref and
// account.
type booking map[string]money.Fen

func (b booking) add(ref, path string, f money.Fen) { b[ref+" "+path] += f }

type bookedOrder struct {
	sale                   promise.Sale
	channel                string
	paid, closed, refunded bool
}

func (o bookedOrder) want() booking {
	b := booking{}
	for _, t := range promise.Booked(o.sale, o.channel, o.paid, o.closed, o.refunded) {
		for _, l := range t.Lines {
			b.add(t.Ref, l.Path, l.Fen)
		}
	}
	return b
}

// suspects are the orders whose books differ, in order.
func suspects(batch []bookedOrder, booked map[id.Order]booking) []id.Order {
	var out []id.Order
	known := map[id.Order]bool{}
	for _, o := range batch {
		known[o.sale.Order] = true
		if !maps.Equal(o.want(), booked[o.sale.Order]) {
			out = append(out, o.sale.Order)
		}
	}
	for o := range booked {
		if !known[o] {
			out = append(out, o)
		}
	}
	slices.Sort(out)
	return out
}

// rechecks is how often a suspect is looked at again: orders move while fsck
// reads, and order and books are read by two statements.
const rechecks = 3

func recheck(ctx context.Context, q db.Querier, o id.Order, c *Check) error {
	one := slice{list: []string{string(o)}}
	var want, is booking
	for range rechecks {
		batch, err := readOrders(ctx, q, one)
		if err != nil {
			return err
		}
		booked, err := readBooked(ctx, q, one)
		if err != nil {
			return err
		}
		want, is = booking{}, booked[o]
		if len(batch) == 1 {
			want = batch[0].want()
		}
		if maps.Equal(want, is) {
			return nil
		}
	}
	c.about(idOf(string(o)))
	c.found("order %s: %s", o, difference(want, is))
	return nil
}

// difference tells the first line that differs.
func difference(want, is booking) string {
	all := maps.Clone(want)
	maps.Copy(all, is)
	for _, k := range slices.Sorted(maps.Keys(all)) {
		w, wanted := want[k]
		f, there := is[k]
		switch {
		case !there:
			return fmt.Sprintf("%s %d is not booked", k, int64(w))
		case !wanted:
			return fmt.Sprintf("%s %d is booked and should not be", k, int64(f))
		case w != f:
			return fmt.Sprintf("%s is %d, should be %d", k, int64(f), int64(w))
		}
	}
	return "the books agree now"
}

// readOrders reads orders, with shares and the channel they were paid through,
// as the books should see them. It does not use the modules' reads.
func readOrders(ctx context.Context, q db.Querier, s slice) ([]bookedOrder, error) {
	text, args := s.sql(`
		SELECT id, placing_id, freight_fen, discount_fen, paid_us > 0, close_reason IN ('expired', 'cancelled'), close_reason = 'refunded'
				AND NOT EXISTS (SELECT 1 FROM refund_part p WHERE p.order_id = sale_order.id AND NOT p.whole),
			coalesce((SELECT max(gateway) FROM payment WHERE order_id = sale_order.id AND state = 'paid' AND NOT late), 'none')
		FROM sale_order WHERE {id} ORDER BY id`)
	rows, err := q.Query(ctx, text, args...)
	out, err := db.Collect(rows, err, func(r *db.Rows, o *bookedOrder) error {
		return r.Scan(&o.sale.Order, &o.sale.Group, &o.sale.Freight, &o.sale.Discount, &o.paid, &o.closed, &o.refunded, &o.channel)
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	at := map[id.Order]int{}
	for i, o := range out {
		at[o.sale.Order] = i
	}
	type share struct {
		order id.Order
		promise.Share
	}
	text, args = s.sql(`
		SELECT order_id, producer_id, local, goods_fen, commission_fen, owed_fen, margin_fen, settlement = 'resale' FROM order_share
		WHERE {order_id} ORDER BY order_id, reservation_id`)
	rows, err = q.Query(ctx, text, args...)
	shares, err := db.Collect(rows, err, func(r *db.Rows, s *share) error {
		return r.Scan(&s.order, &s.Producer, &s.Local, &s.Goods, &s.Commission, &s.Owed, &s.Margin, &s.Agreed)
	})
	for _, s := range shares {
		if i, ok := at[s.order]; ok {
			out[i].sale.Shares = append(out[i].sale.Shares, s.Share)
		}
	}
	return out, err
}

// readBooked reads what is booked for orders, and (in a range) for orders that
// are not there.
func readBooked(ctx context.Context, q db.Querier, s slice) (map[id.Order]booking, error) {
	out := map[id.Order]booking{}
	if s.list == nil {
		return out, addBooked(ctx, q, out, "order/"+s.after+"/~", "order/"+s.upTo+"/~")
	}
	for _, o := range s.list {
		if err := addBooked(ctx, q, out, "order/"+o+"/", "order/"+o+"/~"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// addBooked adds the postings of the transactions whose refs stand between two,
// by the id that is the second part of the ref.
func addBooked(ctx context.Context, q db.Querier, out map[id.Order]booking, after, before string) error {
	rows, err := q.Query(ctx, `
		SELECT t.ref, p.path, p.fen FROM ledger_txn t JOIN ledger_posting p ON p.txn_id = t.id
		WHERE t.ref > $1 AND t.ref < $2`, after, before)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var ref, path string
		var f money.Fen
		if err := rows.Scan(&ref, &path, &f); err != nil {
			return err
		}
		_, rest, _ := strings.Cut(ref, "/")
		o, _, _ := strings.Cut(rest, "/")
		b := out[id.Order(o)]
		if b == nil {
			b = booking{}
			out[id.Order(o)] = b
		}
		b.add(ref, path, f)
	}
	return rows.Err()
}
