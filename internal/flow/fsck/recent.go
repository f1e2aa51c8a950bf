package fsck

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
)

const (
	// overlap is how much of what was looked at is looked at again. An id is
	// made before its transaction commits, so a row may come to be seen behind
	// younger ones; no transaction of ours lives this long.
	overlap = 2 * time.Minute
	// mostEvents bounds a run: so many changes are looked at, the rest by the
	// next ones. A crowd leaves one an order.
	mostEvents = 20_000
	// mostOrders: lots and items are compared with all their open orders; when
	// there are more than this, the full run does it.
	mostOrders = 100_000
)

// now is the machine's clock and not the database's: ids come from it.
func now() time.Time { return time.Now() } //nolint:forbidigo // see above

// idAt is an id that sorts before all that are made from t on.
func idAt(t time.Time) string {
	var b [8]byte
	for ms, i := uint64(t.UnixMilli()), 5; i >= 0; i-- {
		b[i] = byte(ms)
		ms >>= 8
	}
	return hex.EncodeToString(b[:6])
}

// timeOf is when an id was made, to the millisecond.
func timeOf(id string) time.Time {
	b, err := hex.DecodeString(id[:min(12, len(id))])
	if err != nil || len(b) != 6 {
		return time.Time{}
	}
	var ms int64
	for _, x := range b {
		ms = ms<<8 | int64(x)
	}
	return time.UnixMilli(ms).In(clock.Shanghai)
}

// Recent looks at what changed since the last run (everything, the first time,
// in parts), and again at what earlier runs found, and saves its report. It
// reads on the pool, in short statements with a pause after each, and writes
// a few rows at the end. When more changed than one run takes, the next goes
// on where it ended.
//
// up is how long the centre has been running: what it should have done by
// itself is not looked for before it had the time.
func Recent(ctx context.Context, d *db.DB, up time.Duration) (Report, error) {
	return recent(ctx, d, mostEvents, overlap, up, pauses())
}

func recent(ctx context.Context, d *db.DB, most int64, overlap, up time.Duration, rest func(context.Context) error) (Report, error) {
	began := now()
	from, err := mark(ctx, d)
	if err != nil {
		return Report{}, err
	}
	if newest := idAt(began.Add(-overlap)); from > newest { // the machine's clock was put back
		from = newest
	}
	again, err := openFindings(ctx, d)
	if err != nil {
		return Report{}, err
	}
	rep, upTo, err := since(ctx, d, from, most, again, rest)
	if err != nil {
		return Report{}, err
	}
	if up > grace {
		c, err := overdue(ctx, d)
		if err != nil {
			return Report{}, err
		}
		rep.Checks = append(rep.Checks, c)
	}
	rep.Took = now().Sub(began)
	if upTo == "" {
		upTo = idAt(began)
	}
	rep.UpTo = timeOf(upTo)
	if final := idAt(began.Add(-overlap)); upTo > final {
		upTo = final
	}
	err = d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO fsck_mark (name, upto) VALUES ('recent', $1) ON CONFLICT (name) DO UPDATE SET upto = excluded.upto`, upTo)
		if err != nil {
			return err
		}
		return save(ctx, tx, "recent", rep)
	})
	if err != nil || !rep.Clean() {
		return rep, err // what does not agree is not sealed
	}
	return rep, seal(ctx, d, idAt(began.Add(-overlap)), sealLeast, rest)
}

// grace is how late a sweep may be.
const grace = 15 * time.Minute

// overdue finds work that is due and not done: no job may be lost for what was
// committed. Only a running centre can be asked that.
func overdue(ctx context.Context, d *db.DB) (Check, error) {
	c := Check{Name: "fsck.overdue"}
	due := clock.Us(d.Clock.Now().Add(-grace))
	rows, err := d.Query(ctx, fmt.Sprintf(`
		SELECT 'order ' || id || ' was to expire', expires_us FROM sale_order WHERE state = 'unpaid' AND expires_us < $1
		UNION ALL SELECT 'payment ' || id || ' was to be asked about', query_us FROM payment WHERE state = 'open' AND gateway <> 'offline' AND query_us < $1
		UNION ALL SELECT 'refund ' || r.id || ' was to be sent', r.next_us FROM refund r JOIN payment p ON p.id = r.payment_id
			WHERE r.state = 'pending' AND p.gateway <> 'offline' AND r.next_us < $1
		ORDER BY 2, 1 LIMIT %d`, MaxFindings), due)
	return c, scan(rows, err, func(r *db.Rows) error {
		var what string
		var us int64
		err := r.Scan(&what, &us)
		c.Rows++
		c.found("%s at %s", what, clock.FromUs(us).Format(time.DateTime))
		return err
	})
}

// mostPause bounds a pause after a statement.
const mostPause = 20 * time.Millisecond

// pauses gives the shop the machine back after each statement, for as long as
// the statement took.
func pauses() func(context.Context) error {
	began := now()
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(now().Sub(began), mostPause)):
		}
		began = now()
		return nil
	}
}

func mark(ctx context.Context, q db.Querier) (from string, err error) {
	err = q.QueryRow(ctx, `SELECT upto FROM fsck_mark WHERE name = 'recent'`).Scan(&from)
	if errors.Is(err, db.ErrNoRows) {
		return "", nil
	}
	return from, err
}

// since looks at what was written after an id, at most so many events. upTo is
// where it ended, "" if it saw everything.
func since(ctx context.Context, q db.Querier, from string, most int64, again map[object][]string, rest func(context.Context) error) (rep Report, upTo string, err error) {
	err = q.QueryRow(ctx, `SELECT id FROM audit_event WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2`, from, most).Scan(&upTo)
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return rep, "", err
	}
	window := slice{after: from, upTo: upTo}
	if upTo == "" {
		window.upTo = end
	}
	of, err := changed(ctx, q, window, again)
	if err != nil {
		return rep, "", err
	}
	for _, k := range checks {
		c := Check{Name: k.name}
		if k.fullOnly || !k.here(q) {
			continue
		}
		if err := k.lookAt(ctx, q, of, &c, rest); err != nil {
			return rep, "", fmt.Errorf("fsck: %s: %w", k.name, err)
		}
		rep.Checks = append(rep.Checks, c)
	}
	return rep, upTo, nil
}

// changes is what a run looks at, by kind of object.
type changes struct {
	slices map[object][]slice
	rows   map[object]int64
	putOff map[object]bool
}

// lookAt makes a check of what changed.
func (k check) lookAt(ctx context.Context, q db.Querier, of changes, c *Check, rest func(context.Context) error) (err error) {
	if c.PutOff = of.putOff[k.of]; c.PutOff {
		return nil
	}
	todo := of.slices[k.of]
	if c.Rows = of.rows[k.of]; k.of == whole {
		todo = []slice{{}}
		if c.Rows, err = k.count(ctx, q); err != nil {
			return err
		}
	}
	if k.recent != nil {
		k.by = k.recent
	}
	for _, s := range todo {
		if err := k.look(ctx, q, s, c); err != nil {
			return err
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
	return nil
}

// changedOrders tells which orders a window's rows are about. Every write
// leaves an audit row; the others are here for rows that came without one.
var changedOrders = []string{
	`SELECT id FROM sale_order WHERE {id}`,
	`SELECT object_id FROM audit_event WHERE {id} AND object_kind = 'order'`,
	`SELECT p.order_id FROM audit_event a JOIN payment p ON p.id = a.object_id WHERE {a.id} AND a.object_kind = 'payment'`,
	`SELECT r.order_id FROM audit_event a JOIN refund r ON r.id = a.object_id WHERE {a.id} AND a.object_kind = 'refund'`,
	`SELECT substr(ref, 7, 32) FROM ledger_txn WHERE {id} AND ref LIKE 'order/%'`,
	`SELECT order_id FROM payment WHERE {id} AND purpose = 'order'`,
	`SELECT order_id FROM refund WHERE {id}`,
}

// changedLots and changedItems are those of a window by themselves; those of
// changed orders come with them.
var (
	changedLots = []string{
		`SELECT lot_id FROM stock_movement WHERE {id}`,
		`SELECT object_id FROM audit_event WHERE {id} AND object_kind = 'lot'`,
	}
	changedItems = []string{`SELECT object_id FROM audit_event WHERE {id} AND object_kind = 'item'`}
)

// changed finds what a window touched, and adds what is to be looked at again.
func changed(ctx context.Context, q db.Querier, window slice, again map[object][]string) (of changes, err error) {
	of = changes{slices: map[object][]slice{}, rows: map[object]int64{}, putOff: map[object]bool{}}
	ids := map[object]map[string]bool{orders: {}, lots: {}, items: {}}
	for o, texts := range map[object][]string{orders: changedOrders, lots: changedLots, items: changedItems} {
		for _, text := range texts {
			if err := gather(ctx, q, ids[o], text, window); err != nil {
				return of, err
			}
		}
		for _, x := range again[o] {
			ids[o][x] = true
		}
	}
	of.add(orders, ids[orders])
	for _, s := range of.slices[orders] {
		if err := gather(ctx, q, ids[lots], `SELECT DISTINCT lot_id FROM lot_reservation WHERE {order_id}`, s); err != nil {
			return of, err
		}
		if err := gather(ctx, q, ids[items], `SELECT DISTINCT item_id FROM order_line WHERE {order_id}`, s); err != nil {
			return of, err
		}
	}
	delete(ids[items], "") // bought outside a show
	of.add(lots, ids[lots])
	of.add(items, ids[items])
	if err := of.putOffCrowded(ctx, q); err != nil {
		return of, err
	}
	of.slices[txns] = append([]slice{window}, lists(again[txns])...)
	text, args := window.sql(`SELECT count(*) FROM ledger_txn WHERE {id}`)
	var n int64
	err = q.QueryRow(ctx, text, args...).Scan(&n)
	of.rows[txns] = n
	return of, err
}

func (of changes) add(o object, ids map[string]bool) {
	list := make([]string, 0, len(ids))
	for x := range ids {
		list = append(list, x)
	}
	slices.Sort(list)
	of.slices[o], of.rows[o] = lists(list), int64(len(list))
}

func gather(ctx context.Context, q db.Querier, into map[string]bool, text string, s slice) error {
	text, args := s.sql(text)
	rows, err := q.Query(ctx, text, args...)
	list, err := db.Collect(rows, err, func(r *db.Rows, x *string) error { return r.Scan(x) })
	for _, x := range list {
		into[x] = true
	}
	return err
}

// putOffCrowded leaves lots or items to the full run where there are too many
// orders to compare them with.
func (of changes) putOffCrowded(ctx context.Context, q db.Querier) error {
	var open int64
	err := q.QueryRow(ctx, `SELECT count(*) FROM (
		SELECT 1 AS x FROM sale_order WHERE state = 'unpaid' AND expires_us > 0
		UNION ALL SELECT 1 FROM sale_order WHERE state = 'paid' AND paid_us > 0 LIMIT $1) y`, int64(mostOrders+1)).Scan(&open)
	if err != nil {
		return err
	}
	of.putOff[lots] = open > mostOrders
	total := int64(0)
	for _, s := range of.slices[items] {
		text, args := s.sql(`SELECT count(*) FROM sale_order WHERE show_id IN (SELECT show_id FROM show_item WHERE {id})`)
		var n int64
		if err := q.QueryRow(ctx, text, args...).Scan(&n); err != nil {
			return err
		}
		total += n
	}
	of.putOff[items] = total > mostOrders
	return nil
}
