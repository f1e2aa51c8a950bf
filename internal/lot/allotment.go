package lot

import (
	"context"
	"errors"
	"slices"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// States of an allotment.
const (
	AllotOpen    = "open"
	AllotBack    = "back"    // taken back by the centre, or its show is over
	AllotExpired = "expired" // its time was over
)

// Limits of allotments.
const (
	// MaxAllotments is how many a lot may have open: each is looked at by every
	// order of the lot.
	MaxAllotments = 20
	// AllotAtLeast and AllotAtMost bound how long one may run.
	AllotAtLeast = time.Minute
	AllotAtMost  = 90 * 24 * time.Hour
	maxKey       = 255
)

// Allotment is a host's slice of a lot. Quantities are base units.
type Allotment struct {
	ID      id.Allotment
	Lot     id.Lot
	Show    id.Show // one of the two
	Host    id.User
	Qty     int64 // granted
	Taken   int64 // in orders not closed
	Capped  bool  // when it is used up, they sell no more of the product
	State   string
	Expires time.Time
	Actor   id.User
	Created time.Time
	Closed  time.Time
}

// Due tells whether an open allotment's time is over: it counts as given back,
// whether a sweep has seen it or not.
func (a Allotment) Due(now time.Time) bool { return a.State == AllotOpen && !a.Expires.After(now) }

// Rest is what its show can still take.
func (a Allotment) Rest(now time.Time) int64 {
	if a.State != AllotOpen || a.Due(now) {
		return 0
	}
	return a.Qty - a.Taken
}

// Grant describes an allotment to be made.
type Grant struct {
	Key     string // idempotency key made by the page
	Lot     id.Lot
	Show    id.Show // one of the two
	Host    id.User
	Qty     int64 // base units
	Capped  bool
	Expires time.Time
}

func (g Grant) check(now time.Time) error {
	var who, until *fault.Error
	if (g.Show == "") == (g.Host == "") {
		who = fault.New(fault.Invalid, "fault.choice").At("for")
	}
	if in := g.Expires.Sub(now); in < AllotAtLeast || in > AllotAtMost {
		until = fault.New(fault.Invalid, "lot.allot_until", "Days", int(AllotAtMost/(24*time.Hour))).At("expires")
	}
	return fault.Join(required("key", g.Key), text("key", g.Key, maxKey), who, between("qty", g.Qty, 1, MaxQty), until)
}

var allotters = []actor.Role{actor.Selector, actor.Operator}

// Allot gives a show or a host a slice of a lot (selector, operator). The same
// key again gives the first. Faults: one a field, lot.allot_short (with Free),
// lot.wrong_state, lot.allotments_many, lot.key_used.
func Allot(ctx context.Context, tx *db.Tx, who actor.Actor, g Grant) (Allotment, error) {
	if err := who.Need(allotters...); err != nil {
		return Allotment{}, err
	}
	if err := g.check(tx.Now); err != nil {
		return Allotment{}, err
	}
	if err := Lock(ctx, tx, []id.Lot{g.Lot}); err != nil {
		return Allotment{}, err
	}
	if was, ok, err := allottedBefore(ctx, tx, g); ok || err != nil {
		return was, err
	}
	if err := GiveBackDue(ctx, tx, g.Lot); err != nil { // what is overdue is free
		return Allotment{}, err
	}
	if err := fits(ctx, tx, g); err != nil {
		return Allotment{}, err
	}
	a := Allotment{ID: id.New[id.Allotment](), Lot: g.Lot, Show: g.Show, Host: g.Host, Qty: g.Qty, Capped: g.Capped, State: AllotOpen,
		Expires: clock.FromUs(clock.Us(g.Expires)), Actor: who.User, Created: clock.FromUs(tx.NowUs())}
	_, err := tx.Exec(ctx, `
		INSERT INTO lot_allotment (id, lot_id, show_id, host_id, qty, capped, state, expires_us, idem_key, actor_id, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, $10)`,
		a.ID, a.Lot, a.Show, a.Host, a.Qty, a.Capped, clock.Us(a.Expires), g.Key, who.User, tx.NowUs())
	if err != nil {
		return Allotment{}, err
	}
	return a, audit.Write(ctx, tx, who, "lot.allot", "lot", a.Lot, map[string]any{"allotment": a.ID, "show": a.Show, "host": a.Host, "qty": a.Qty, "capped": a.Capped, "until": a.Expires})
}

// fits takes the slice out of what is open to all.
func fits(ctx context.Context, tx *db.Tx, g Grant) error {
	var open int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM lot_allotment WHERE lot_id = $1 AND state = 'open'`, g.Lot).Scan(&open); err != nil {
		return err
	}
	if open >= MaxAllotments {
		return fault.New(fault.Conflict, "lot.allotments_many", "Max", MaxAllotments)
	}
	done, err := allotMore(ctx, tx, g.Lot, g.Qty)
	if done || err != nil {
		return err
	}
	l, err := one(ctx, tx, g.Lot)
	switch {
	case err != nil:
		return err
	case l.State == Closed:
		return fault.New(fault.Conflict, "lot.wrong_state", "From", "@ui.lot_"+string(l.State))
	}
	return fault.New(fault.Conflict, "lot.allot_short", "Free", l.Available()).At("qty")
}

// allotMore changes what a lot's open allotments have left, if it has as much.
func allotMore(ctx context.Context, tx *db.Tx, l id.Lot, qty int64) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE lot SET allotted = allotted + $2 WHERE id = $1 AND state <> 'closed' AND on_hand >= reserved + allotted + $2`, l, qty)
	return n == 1, err
}

func allottedBefore(ctx context.Context, q db.Querier, g Grant) (Allotment, bool, error) {
	rows, err := q.Query(ctx, `SELECT `+allotmentColumns+` FROM lot_allotment WHERE idem_key = $1`, g.Key)
	list, err := db.Collect(rows, err, scanAllotment)
	if err != nil || len(list) == 0 {
		return Allotment{}, false, err
	}
	a := list[0]
	if a.Lot != g.Lot || a.Show != g.Show || a.Host != g.Host {
		return Allotment{}, false, fault.New(fault.Conflict, "lot.key_used")
	}
	return a, true, nil
}

// ResizeAllotment makes an open allotment larger or smaller (selector,
// operator); what orders have taken of it stays theirs. Faults:
// lot.allot_taken (with Taken), lot.allot_short, lot.allot_over.
func ResizeAllotment(ctx context.Context, tx *db.Tx, who actor.Actor, a id.Allotment, qty int64) error {
	if err := who.Need(allotters...); err != nil {
		return err
	}
	if err := between("qty", qty, 1, MaxQty); err != nil {
		return err
	}
	x, err := lockAllotment(ctx, tx, a)
	switch {
	case err != nil:
		return err
	case x.State != AllotOpen || x.Due(tx.Now):
		return fault.New(fault.Conflict, "lot.allot_over")
	case x.Qty == qty:
		return nil
	case qty < x.Taken:
		return fault.New(fault.Conflict, "lot.allot_taken", "Taken", x.Taken).At("qty")
	}
	if ok, err := allotMore(ctx, tx, x.Lot, qty-x.Qty); err != nil {
		return err
	} else if !ok {
		l, err := one(ctx, tx, x.Lot)
		if err != nil {
			return err
		}
		return fault.New(fault.Conflict, "lot.allot_short", "Free", l.Available()).At("qty")
	}
	if _, err := tx.Exec(ctx, `UPDATE lot_allotment SET qty = $2 WHERE id = $1`, a, qty); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "lot.allot_resize", "lot", x.Lot, map[string]any{"allotment": a, "was": x.Qty, "qty": qty})
}

// TakeBack gives what an allotment has left back to all (selector, operator).
// What orders have taken of it stays theirs. Again it changes nothing.
func TakeBack(ctx context.Context, tx *db.Tx, who actor.Actor, a id.Allotment) error {
	if err := who.Need(allotters...); err != nil {
		return err
	}
	x, err := lockAllotment(ctx, tx, a)
	if err != nil || x.State != AllotOpen {
		return err
	}
	return giveBack(ctx, tx, who, x, AllotBack)
}

// TakeBackShow gives back what a show's own allotments have left, when it is
// over, and tells of which lots.
func TakeBackShow(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show) ([]id.Lot, error) {
	rows, err := tx.Query(ctx, `SELECT `+allotmentColumns+` FROM lot_allotment WHERE show_id = $1 AND state = 'open' ORDER BY lot_id, id`, s)
	list, err := db.Collect(rows, err, scanAllotment)
	if err != nil {
		return nil, err
	}
	return giveBackAll(ctx, tx, who, list, AllotBack)
}

// GiveBackDue ends the allotments of lots whose time is over.
func GiveBackDue(ctx context.Context, tx *db.Tx, lots ...id.Lot) error {
	open, err := openAllotments(ctx, tx, lots)
	if err != nil {
		return err
	}
	var due []Allotment
	for _, l := range sorted(open) {
		for _, a := range open[l] {
			if a.Due(tx.Now) {
				due = append(due, a)
			}
		}
	}
	_, err = giveBackAll(ctx, tx, actor.System("allotments"), due, AllotExpired)
	return err
}

// giveBackAll gives allotments back, which come sorted by lot.
func giveBackAll(ctx context.Context, tx *db.Tx, who actor.Actor, list []Allotment, as string) ([]id.Lot, error) {
	var lots []id.Lot
	for _, a := range list {
		if !slices.Contains(lots, a.Lot) {
			lots = append(lots, a.Lot)
		}
	}
	if err := Lock(ctx, tx, lots); err != nil {
		return nil, err
	}
	for _, a := range list {
		if err := giveBack(ctx, tx, who, a, as); err != nil {
			return nil, err
		}
	}
	return lots, nil
}

// giveBack closes an allotment whose lot is locked. One that somebody else has
// closed meanwhile is left alone.
func giveBack(ctx context.Context, tx *db.Tx, who actor.Actor, a Allotment, as string) error {
	var rest int64
	err := tx.QueryRow(ctx, `UPDATE lot_allotment SET state = $2, closed_us = $3 WHERE id = $1 AND state = 'open' RETURNING qty - taken`,
		a.ID, as, tx.NowUs()).Scan(&rest)
	if errors.Is(err, db.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE lot SET allotted = allotted - $2 WHERE id = $1`, a.Lot, rest); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "lot.allot_"+as, "lot", a.Lot, map[string]any{"allotment": a.ID, "rest": rest})
}

// giveToSlice gives what an order had taken back to its allotment.
func giveToSlice(ctx context.Context, tx *db.Tx, a id.Allotment, qty int64) error {
	var l id.Lot
	var state string
	err := tx.QueryRow(ctx, `UPDATE lot_allotment SET taken = taken - $2 WHERE id = $1 RETURNING lot_id, state`, a, qty).Scan(&l, &state)
	if err != nil || state != AllotOpen {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE lot SET allotted = allotted + $2 WHERE id = $1`, l, qty)
	return err
}

// closeSlices ends the used-up allotments of a lot that is being closed.
func closeSlices(ctx context.Context, tx *db.Tx, l id.Lot) error {
	_, err := tx.Exec(ctx, `UPDATE lot_allotment SET state = 'back', closed_us = $2 WHERE lot_id = $1 AND state = 'open'`, l, tx.NowUs())
	return err
}

// lockAllotment holds an allotment's lot and reads it.
func lockAllotment(ctx context.Context, tx *db.Tx, a id.Allotment) (Allotment, error) {
	x, err := AllotmentByID(ctx, tx, a)
	if err != nil {
		return x, err
	}
	if err := Lock(ctx, tx, []id.Lot{x.Lot}); err != nil {
		return x, err
	}
	return AllotmentByID(ctx, tx, a)
}

const allotmentColumns = `id, lot_id, show_id, host_id, qty, taken, capped, state, expires_us, actor_id, created_us, closed_us`

func scanAllotment(r *db.Rows, a *Allotment) error {
	var expires, created, closed int64
	err := r.Scan(&a.ID, &a.Lot, &a.Show, &a.Host, &a.Qty, &a.Taken, &a.Capped, &a.State, &expires, &a.Actor, &created, &closed)
	a.Expires, a.Created, a.Closed = clock.FromUs(expires), clock.FromUs(created), clock.FromUs(closed)
	return err
}

// AllotmentByID reads an allotment; fault NotFound if there is none.
func AllotmentByID(ctx context.Context, q db.Querier, a id.Allotment) (Allotment, error) {
	rows, err := q.Query(ctx, `SELECT `+allotmentColumns+` FROM lot_allotment WHERE id = $1`, a)
	list, err := db.Collect(rows, err, scanAllotment)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Allotment{}, err
	}
	return list[0], nil
}

// Allotments lists a lot's allotments, the newest first; at most 100.
func Allotments(ctx context.Context, q db.Querier, l id.Lot) ([]Allotment, error) {
	rows, err := q.Query(ctx, `SELECT `+allotmentColumns+` FROM lot_allotment WHERE lot_id = $1 ORDER BY id DESC LIMIT 100`, l)
	return db.Collect(rows, err, scanAllotment)
}

// AllotmentsOf lists the open allotments of a show and of its host that are not
// overdue, the oldest first; at most 200.
func AllotmentsOf(ctx context.Context, q db.Querier, s id.Show, host id.User) ([]Allotment, error) {
	rows, err := q.Query(ctx, `
		SELECT `+allotmentColumns+` FROM lot_allotment
		WHERE state = 'open' AND expires_us > $3 AND (show_id <> '' AND show_id = $1 OR host_id <> '' AND host_id = $2)
		ORDER BY id LIMIT 200`, s, host, clock.Us(db.Now(q)))
	return db.Collect(rows, err, scanAllotment)
}

// DueAllotments lists the lots with allotments whose time is over.
func DueAllotments(ctx context.Context, q db.Querier, limit int) ([]id.Lot, error) {
	rows, err := q.Query(ctx, `
		SELECT DISTINCT lot_id FROM lot_allotment WHERE state = 'open' AND expires_us <= $1
		ORDER BY lot_id LIMIT $2`, clock.Us(db.Now(q)), limit)
	return db.Collect(rows, err, func(r *db.Rows, l *id.Lot) error { return r.Scan(l) })
}

// openAllotments reads the open allotments of lots, the oldest first.
func openAllotments(ctx context.Context, q db.Querier, lots []id.Lot) (map[id.Lot][]Allotment, error) {
	out := map[id.Lot][]Allotment{}
	for part := range slices.Chunk(lots, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT `+allotmentColumns+` FROM lot_allotment
			WHERE state = 'open' AND lot_id IN (`+db.In(1, len(part))+`) ORDER BY lot_id, id`, db.Args(part)...)
		list, err := db.Collect(rows, err, scanAllotment)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			out[a.Lot] = append(out[a.Lot], a)
		}
	}
	return out, nil
}
