package show

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
	"lindu.example/lindu/internal/money"
)

// FlashState of a flash sale; it follows from the times and is never stored.
type FlashState string

const (
	FlashScheduled FlashState = "scheduled" // its countdown has not begun
	FlashCountdown FlashState = "countdown" // buyers see the clock and the price
	FlashRunning   FlashState = "running"
	FlashEnded     FlashState = "ended" // its time is over, or it is sold out
	FlashCancelled FlashState = "cancelled"
)

// Limits of a flash sale (features.md 9).
const (
	MinCountdown = 10 * time.Second
	MaxCountdown = 300 * time.Second
	MinRun       = time.Minute
	MaxRun       = 20 * time.Minute
	// MaxFlashAhead is how far ahead one may be planned.
	MaxFlashAhead = 24 * time.Hour
	maxKey        = 255 // of a key made by a page
)

// ErrFlashOver means that a flash sale ended, or has less left, since it was
// read: read and price anew.
var ErrFlashOver = errors.New("show: the flash sale is over or has less left")

// Flash is a flash sale of an item: a lower price, so many units, for minutes.
type Flash struct {
	ID        id.Flash
	Show      id.Show
	Item      id.Item
	Price     money.Fen
	Normal    money.Fen // the item's price when it was set up
	Total     int64     // sell units
	Sold      int64     // in orders not closed
	PerPerson int64     // 0: no limit
	Countdown time.Duration
	Starts    time.Time // selling begins: the end of the countdown
	Ends      time.Time
	SoldOut   time.Time // when the last unit was taken; it does not come back after that
	Cancelled time.Time
	Actor     id.User
	Created   time.Time
}

// State at a time.
func (f Flash) State(now time.Time) FlashState {
	switch {
	case !f.Cancelled.IsZero():
		return FlashCancelled
	case !f.SoldOut.IsZero() || !now.Before(f.Ends):
		return FlashEnded
	case !now.Before(f.Starts):
		return FlashRunning
	case !now.Before(f.Starts.Add(-f.Countdown)):
		return FlashCountdown
	}
	return FlashScheduled
}

// Over tells whether nothing more comes of it.
func (f Flash) Over(now time.Time) bool {
	s := f.State(now)
	return s == FlashEnded || s == FlashCancelled
}

// Left are the units that can still be had at its price.
func (f Flash) Left() int64 { return max(0, f.Total-f.Sold) }

// NewFlash describes a flash sale to be started.
type NewFlash struct {
	Key       string // idempotency key made by the page
	Item      id.Item
	Price     money.Fen
	Total     int64
	PerPerson int64
	Countdown time.Duration
	Run       time.Duration
	At        time.Time // when selling begins; zero: now, after the countdown
}

func (n NewFlash) check(now time.Time) error {
	var f []*fault.Error
	if n.Key == "" || len(n.Key) > maxKey {
		f = append(f, fault.New(fault.Invalid, "fault.required").At("key"))
	}
	if n.Price <= 0 || n.Price > money.MaxFen {
		f = append(f, fault.New(fault.Invalid, "show.price").At("price"))
	}
	number := func(field string, x, least, most int64) {
		if x < least || x > most {
			f = append(f, fault.New(fault.Invalid, "fault.number", "Min", least, "Max", most).At(field))
		}
	}
	number("total", n.Total, 1, MaxUnits)
	number("per_person", n.PerPerson, 0, MaxUnits)
	number("countdown", int64(n.Countdown/time.Second), int64(MinCountdown/time.Second), int64(MaxCountdown/time.Second))
	number("minutes", int64(n.Run/time.Minute), int64(MinRun/time.Minute), int64(MaxRun/time.Minute))
	if !n.At.IsZero() && (n.At.Before(now.Add(n.Countdown)) || n.At.After(now.Add(MaxFlashAhead))) {
		f = append(f, fault.New(fault.Invalid, "show.flash_at", "Seconds", int64(n.Countdown/time.Second)).At("at"))
	}
	return fault.Join(f...)
}

// StartFlash sets up a flash sale of an item (operator). The same key again
// gives the first. An item has one at a time. Faults: one a field, show.over,
// show.flash_price (not below the item's), show.flash_many, show.flash_one,
// show.flash_item_off, show.flash_not_live (to start now), show.key_used.
func StartFlash(ctx context.Context, tx *db.Tx, who actor.Actor, n NewFlash) (Flash, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Flash{}, err
	}
	if err := n.check(tx.Now); err != nil {
		return Flash{}, err
	}
	sh, it, err := lockItem(ctx, tx, n.Item)
	if err != nil {
		return Flash{}, err
	}
	if was, ok, err := flashByKey(ctx, tx, n); ok || err != nil {
		return was, err
	}
	if err := mayFlash(ctx, tx, sh, it, n); err != nil {
		return Flash{}, err
	}
	f := Flash{ID: id.New[id.Flash](), Show: sh.ID, Item: it.ID, Price: n.Price, Normal: it.Price, Total: n.Total, PerPerson: n.PerPerson,
		Countdown: n.Countdown, Actor: who.User, Created: clock.FromUs(tx.NowUs())}
	f.Starts = clock.FromUs(tx.NowUs()).Add(n.Countdown)
	if !n.At.IsZero() {
		f.Starts = clock.FromUs(clock.Us(n.At))
	}
	f.Ends = f.Starts.Add(n.Run)
	_, err = tx.Exec(ctx, `
		INSERT INTO show_flash (id, show_id, item_id, price_fen, normal_fen, total, per_person, countdown_s, starts_us, ends_us, idem_key, actor_id, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		f.ID, f.Show, f.Item, f.Price, f.Normal, f.Total, f.PerPerson, int64(f.Countdown/time.Second), clock.Us(f.Starts), clock.Us(f.Ends), n.Key, who.User, tx.NowUs())
	if err != nil {
		return Flash{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE show_item SET flash_id = $2 WHERE id = $1`, it.ID, f.ID); err != nil {
		return Flash{}, err
	}
	return f, audit.Write(ctx, tx, who, "show.flash", "item", it.ID, map[string]any{"flash": f.ID, "show": f.Show, "no": it.No, "price_fen": f.Price,
		"normal_fen": f.Normal, "total": f.Total, "per_person": f.PerPerson, "starts": f.Starts, "ends": f.Ends})
}

func mayFlash(ctx context.Context, q db.Querier, sh Show, it Item, n NewFlash) error {
	now := db.Now(q)
	switch {
	case it.State == Off:
		return fault.New(fault.Conflict, "show.flash_item_off")
	case n.At.IsZero() && sh.State != Live:
		return fault.New(fault.Conflict, "show.flash_not_live")
	case n.Price >= it.Price:
		return fault.New(fault.Invalid, "show.flash_price", "Price", it.Price.Short()).At("price")
	}
	was, err := FlashesOf(ctx, q, it)
	if err != nil {
		return err
	}
	if f, ok := was[it.Flash]; ok && !f.Over(now) {
		return fault.New(fault.Conflict, "show.flash_one")
	}
	if left, ok := it.Left(); ok && n.Total > left {
		return fault.New(fault.Invalid, "show.flash_many", "Left", left).At("total")
	}
	return nil
}

func flashByKey(ctx context.Context, q db.Querier, n NewFlash) (Flash, bool, error) {
	f, err := scanFlash(q.QueryRow(ctx, `SELECT `+flashColumns+` FROM show_flash WHERE idem_key = $1`, n.Key))
	switch {
	case errors.Is(err, db.ErrNoRows):
		return Flash{}, false, nil
	case err == nil && (f.Item != n.Item || f.Price != n.Price || f.Total != n.Total):
		return Flash{}, false, fault.New(fault.Conflict, "show.key_used")
	}
	return f, err == nil, err
}

// CancelFlash ends a flash sale before its time (operator). Orders placed in it
// keep their price. One that is over stays as it is.
func CancelFlash(ctx context.Context, tx *db.Tx, who actor.Actor, f id.Flash) (Flash, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Flash{}, err
	}
	x, err := FlashByID(ctx, tx, f)
	if err != nil {
		return Flash{}, err
	}
	if _, err := lock(ctx, tx, x.Show); err != nil {
		return Flash{}, err
	}
	n, err := tx.Exec(ctx, `UPDATE show_flash SET cancelled_us = $2 WHERE id = $1 AND cancelled_us = 0 AND sold_out_us = 0 AND ends_us > $2`, f, tx.NowUs())
	if err != nil {
		return Flash{}, err
	}
	if x, err = FlashByID(ctx, tx, f); err != nil || n == 0 {
		return x, err
	}
	return x, audit.Write(ctx, tx, who, "show.flash_cancel", "item", x.Item, map[string]any{"flash": f, "show": x.Show, "sold": x.Sold})
}

// endFlashes cancels what has not ended when its show does.
func endFlashes(ctx context.Context, tx *db.Tx, s id.Show) error {
	_, err := tx.Exec(ctx, `UPDATE show_flash SET cancelled_us = $2 WHERE show_id = $1 AND cancelled_us = 0 AND sold_out_us = 0 AND ends_us > $2`, s, tx.NowUs())
	return err
}

// AddFlashSold adds to flash sales' sold units; negative gives back. The unit
// that makes it full ends it. ErrFlashOver when it can't give them.
func AddFlashSold(ctx context.Context, tx *db.Tx, units map[id.Flash]int64) error {
	ids := make([]id.Flash, 0, len(units))
	for f := range units {
		ids = append(ids, f)
	}
	slices.Sort(ids)
	for _, f := range ids {
		if units[f] == 0 {
			continue
		}
		// A sale in it needs it open; giving back does not.
		n, err := tx.Exec(ctx, `
			UPDATE show_flash SET sold = sold + $2, sold_out_us = CASE WHEN sold_out_us = 0 AND sold + $2 = total THEN $3 ELSE sold_out_us END
			WHERE id = $1 AND ($2 < 0 OR cancelled_us = 0 AND sold_out_us = 0 AND starts_us <= $3 AND ends_us > $3 AND sold + $2 <= total)`, f, units[f], tx.NowUs())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrFlashOver
		}
	}
	return nil
}

const flashColumns = `id, show_id, item_id, price_fen, normal_fen, total, sold, per_person, countdown_s, starts_us, ends_us, sold_out_us, cancelled_us, actor_id, created_us`

func scanFlash(r scanner) (f Flash, err error) {
	var countdown, starts, ends, out, cancelled, created int64
	err = r.Scan(&f.ID, &f.Show, &f.Item, &f.Price, &f.Normal, &f.Total, &f.Sold, &f.PerPerson, &countdown, &starts, &ends, &out, &cancelled, &f.Actor, &created)
	f.Countdown = time.Duration(countdown) * time.Second
	f.Starts, f.Ends, f.SoldOut, f.Cancelled, f.Created = clock.FromUs(starts), clock.FromUs(ends), clock.FromUs(out), clock.FromUs(cancelled), clock.FromUs(created)
	return f, err
}

// FlashByID reads a flash sale; fault NotFound if there is none.
func FlashByID(ctx context.Context, q db.Querier, f id.Flash) (Flash, error) {
	x, err := scanFlash(q.QueryRow(ctx, `SELECT `+flashColumns+` FROM show_flash WHERE id = $1`, f))
	if errors.Is(err, db.ErrNoRows) {
		return Flash{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return x, err
}

// FlashesOf reads the latest flash sales of items, over or not. Items that
// never had one cost no query.
func FlashesOf(ctx context.Context, q db.Querier, items ...Item) (map[id.Flash]Flash, error) {
	var ids []id.Flash
	for _, it := range items {
		if it.Flash != "" {
			ids = append(ids, it.Flash)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	in, args := list(1, ids)
	found, err := collectFlashes(q.Query(ctx, `SELECT `+flashColumns+` FROM show_flash WHERE id IN (`+in+`) ORDER BY id`, args...))
	out := make(map[id.Flash]Flash, len(found))
	for _, f := range found {
		out[f.ID] = f
	}
	return out, err
}

// Flashes lists a show's flash sales, the newest first; at most 100.
func Flashes(ctx context.Context, q db.Querier, s id.Show) ([]Flash, error) {
	return collectFlashes(q.Query(ctx, `SELECT `+flashColumns+` FROM show_flash WHERE show_id = $1 ORDER BY id DESC LIMIT 100`, s))
}

func collectFlashes(rows *db.Rows, err error) ([]Flash, error) {
	return db.Collect(rows, err, func(r *db.Rows, f *Flash) (err error) {
		*f, err = scanFlash(r)
		return err
	})
}
