package coupon

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

// Make makes a coupon (operator); the same key again gives the first. Faults:
// one a field, coupon.cost (MaxCost), coupon.many, coupon.key_used.
func Make(ctx context.Context, tx *db.Tx, who actor.Actor, key string, c Coupon) (Coupon, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Coupon{}, err
	}
	if err := check(key, c); err != nil {
		return Coupon{}, err
	}
	if was, ok, err := byKey(ctx, tx, key, c); ok || err != nil {
		return was, err
	}
	var n int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM coupon WHERE show_id = $1`, c.Show).Scan(&n); err != nil {
		return Coupon{}, err
	} else if n >= MaxPerShow {
		return Coupon{}, fault.New(fault.Conflict, "coupon.many", "Max", MaxPerShow)
	}
	c.ID, c.Taken, c.Bearer, c.Actor, c.Created = id.New[id.Coupon](), 0, "centre", who.User, clock.FromUs(tx.NowUs())
	c.Dropped, c.Ended = time.Time{}, time.Time{}
	slices.Sort(c.Products)
	c.Products = slices.Compact(c.Products)
	if _, err := tx.Exec(ctx, `
		INSERT INTO coupon (id, show_id, off_fen, over_fen, total, hours, bearer, idem_key, actor_id, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Show, c.Off, c.Over, c.Total, c.Hours, c.Bearer, key, who.User, tx.NowUs()); err != nil {
		return Coupon{}, err
	}
	for _, p := range c.Products {
		if _, err := tx.Exec(ctx, `INSERT INTO coupon_product (coupon_id, product_id) VALUES ($1, $2)`, c.ID, p); err != nil {
			return Coupon{}, err
		}
	}
	return c, audit.Write(ctx, tx, who, "coupon.make", "show", c.Show, map[string]any{"coupon": c.ID, "off_fen": c.Off, "over_fen": c.Over,
		"total": c.Total, "hours": c.Hours, "products": c.Products})
}

func check(key string, c Coupon) error {
	var f []*fault.Error
	if key == "" || len(key) > maxKey {
		f = append(f, fault.New(fault.Invalid, "fault.required").At("key"))
	}
	if c.Off <= 0 || c.Off > MaxOff {
		f = append(f, fault.New(fault.Invalid, "coupon.off", "Max", MaxOff.Short()).At("off"))
	}
	if c.Over < 0 || c.Over > money.MaxFen || c.Over > 0 && c.Over <= c.Off {
		f = append(f, fault.New(fault.Invalid, "coupon.over").At("over"))
	}
	if c.Total < 1 || c.Total > MaxTotal {
		f = append(f, fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", MaxTotal).At("total"))
	} else if c.Off > 0 && c.Off <= MaxOff && c.Off*money.Fen(c.Total) > MaxCost {
		f = append(f, fault.New(fault.Invalid, "coupon.cost", "Max", MaxCost.Short(), "Is", (c.Off*money.Fen(c.Total)).Short()).At("total"))
	}
	if c.Hours < 0 || c.Hours > MaxHours {
		f = append(f, fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", MaxHours).At("hours"))
	}
	if len(c.Products) > MaxProducts {
		f = append(f, fault.New(fault.Invalid, "fault.number", "Min", 0, "Max", MaxProducts).At("products"))
	}
	return fault.Join(f...)
}

func byKey(ctx context.Context, q db.Querier, key string, c Coupon) (Coupon, bool, error) {
	var of id.Coupon
	err := q.QueryRow(ctx, `SELECT id FROM coupon WHERE idem_key = $1`, key).Scan(&of)
	if errors.Is(err, db.ErrNoRows) {
		return Coupon{}, false, nil
	} else if err != nil {
		return Coupon{}, false, err
	}
	was, err := ByID(ctx, q, of)
	if err == nil && (was.Show != c.Show || was.Off != c.Off || was.Over != c.Over || was.Total != c.Total || was.Hours != c.Hours) {
		err = fault.New(fault.Conflict, "coupon.key_used")
	}
	return was, err == nil, err
}

// Drop puts a coupon into the room (operator); again changes nothing. Fault
// coupon.ended.
func Drop(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Coupon) (Coupon, error) {
	return set(ctx, tx, who, c, "coupon.drop", `UPDATE coupon SET dropped_us = $2 WHERE id = $1 AND dropped_us = 0 AND ended_us = 0`)
}

// End lets nobody take a coupon any more (operator); what was taken stays
// good. Again changes nothing.
func End(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Coupon) (Coupon, error) {
	return set(ctx, tx, who, c, "coupon.end", `UPDATE coupon SET ended_us = $2 WHERE id = $1 AND ended_us = 0`)
}

func set(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Coupon, action, text string) (Coupon, error) {
	if err := who.Need(actor.Operator); err != nil {
		return Coupon{}, err
	}
	n, err := tx.Exec(ctx, text, c, tx.NowUs())
	if err != nil {
		return Coupon{}, err
	}
	x, err := ByID(ctx, tx, c)
	switch {
	case err != nil:
		return x, err
	case n == 0 && action == "coupon.drop" && x.State() == Ended:
		return x, fault.New(fault.Conflict, "coupon.ended")
	case n == 0:
		return x, nil
	}
	return x, audit.Write(ctx, tx, who, action, "show", x.Show, map[string]any{"coupon": c, "taken": x.Taken})
}

// EndOfShow ends a show's coupons when the show ends.
func EndOfShow(ctx context.Context, tx *db.Tx, s id.Show) error {
	_, err := tx.Exec(ctx, `UPDATE coupon SET ended_us = $2 WHERE show_id = $1 AND ended_us = 0`, s, tx.NowUs())
	return err
}

// Take gives a person the coupon, or the one they have. Faults: sign in,
// NotFound before it is dropped, coupon.gone, coupon.ended.
func Take(ctx context.Context, tx *db.Tx, who actor.Actor, c id.Coupon) (Coupon, Claim, error) {
	if !who.SignedIn() {
		return Coupon{}, Claim{}, fault.New(fault.Unauthenticated, "fault.sign_in")
	}
	// The row first: whoever comes at the same moment, also the same person by
	// another tab, waits here.
	if _, err := tx.Exec(ctx, `UPDATE coupon SET taken = taken WHERE id = $1`, c); err != nil {
		return Coupon{}, Claim{}, err
	}
	x, err := ByID(ctx, tx, c)
	if err != nil || x.Dropped.IsZero() {
		return Coupon{}, Claim{}, orNone(err)
	}
	mine, err := claims(ctx, tx, `coupon_id = $1 AND user_id = $2`, c, who.User)
	if err != nil || len(mine) > 0 {
		return x, append(mine, Claim{})[0], err
	}
	switch x.State() {
	case Gone:
		return x, Claim{}, fault.New(fault.Conflict, "coupon.gone")
	case Ended:
		return x, Claim{}, fault.New(fault.Gone, "coupon.ended")
	}
	m := Claim{ID: id.New[id.Claim](), Coupon: c, User: who.User, At: clock.FromUs(tx.NowUs())}
	if x.Hours > 0 {
		m.Until = m.At.Add(time.Duration(x.Hours) * time.Hour)
	}
	if _, err := tx.Exec(ctx, `UPDATE coupon SET taken = taken + 1 WHERE id = $1`, c); err != nil {
		return x, Claim{}, err
	}
	x.Taken++
	if _, err := tx.Exec(ctx, `INSERT INTO coupon_claim (id, coupon_id, user_id, at_us, until_us) VALUES ($1, $2, $3, $4, $5)`,
		m.ID, c, who.User, tx.NowUs(), clock.Us(m.Until)); err != nil {
		return x, Claim{}, err
	}
	return x, m, audit.Write(ctx, tx, who, "coupon.take", "show", x.Show, map[string]any{"coupon": c})
}

func orNone(err error) error {
	if err == nil {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return err
}

// Use notes which orders use which claims; ErrTaken when one is in use already.
func Use(ctx context.Context, tx *db.Tx, uses map[id.Claim]id.Order) error {
	list := make([]id.Claim, 0, len(uses))
	for m := range uses {
		list = append(list, m)
	}
	slices.Sort(list)
	for _, m := range list {
		n, err := tx.Exec(ctx, `UPDATE coupon_claim SET order_id = $2 WHERE id = $1 AND order_id = ''`, m, uses[m])
		if err != nil {
			return err
		} else if n == 0 {
			return ErrTaken
		}
	}
	return nil
}

// GiveBack frees the claims that closed orders used.
func GiveBack(ctx context.Context, tx *db.Tx, orders ...id.Order) error {
	for part := range slices.Chunk(orders, maxMine) {
		if _, err := tx.Exec(ctx, `UPDATE coupon_claim SET order_id = '' WHERE order_id <> '' AND order_id IN (`+db.In(1, len(part))+`)`, db.Args(part)...); err != nil {
			return err
		}
	}
	return nil
}
