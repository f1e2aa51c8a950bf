package gift

import (
	"context"
	"errors"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// States of a gift; doc.go has the moves.
const (
	Unpaid   = "unpaid"
	Paid     = "paid"
	Closed   = "closed"
	Refunded = "refunded"
	Covered  = "covered"
)

// UnpaidFor is how long a gift waits for its payment.
const UnpaidFor = 10 * time.Minute

// Gift as it was given.
type Gift struct {
	ID        id.Gift
	No        string
	User      id.User
	Show      id.Show
	Host      id.User
	Kind      id.GiftKind
	NameZh    string
	NameEn    string
	Icon      string
	Fen       money.Fen
	Agreement id.Agreement
	Named     bool
	State     string
	Used      money.Fen // of it paid out to recipients
	IdemKey   string
	IdemHash  string
	Created   time.Time
	Expires   time.Time
	PaidAt    time.Time
	DoneAt    time.Time
}

// Name in a language.
func (g Gift) Name(lang string) string { return pick(lang, g.NameZh, g.NameEn) }

func pick(lang, zh, en string) string {
	if lang == "en" {
		return en
	}
	return zh
}

// Give writes a gift that waits for its payment. The caller has checked that
// gifts are open in the room. Given again with the same key and body it is the
// same gift. Faults: gift.adult, gift.minor, gift.over_one, gift.over_day,
// order.key_reused.
func Give(ctx context.Context, tx *db.Tx, who actor.Actor, r Rules, g Gift) (Gift, error) {
	if err := who.Need(actor.Buyer); err != nil {
		return Gift{}, err
	}
	l, err := lock(ctx, tx, who.User)
	if err != nil {
		return Gift{}, err
	}
	first, known, err := byKey(ctx, tx, who.User, g.IdemKey)
	switch {
	case err != nil:
		return Gift{}, err
	case known && first.IdemHash != g.IdemHash:
		return Gift{}, fault.New(fault.Conflict, "order.key_reused")
	case known:
		return first, nil
	}
	if err := l.may(ctx, tx, r, g.Fen); err != nil {
		return Gift{}, err
	}
	day := clock.DayOf(tx.Now)
	g.ID, g.No, g.User, g.State = id.New[id.Gift](), id.OrderNo(day), who.User, Unpaid
	g.Created, g.Expires = clock.FromUs(tx.NowUs()), clock.FromUs(tx.NowUs()).Add(UnpaidFor)
	if _, err := tx.Exec(ctx, `
		INSERT INTO gift (id, no, user_id, show_id, host_id, kind_id, name_zh, name_en, icon, fen, agreement_id, named, state, idem_key, idem_hash, day, created_us, expires_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		g.ID, g.No, g.User, g.Show, g.Host, g.Kind, g.NameZh, g.NameEn, g.Icon, g.Fen, g.Agreement, g.Named, g.State, g.IdemKey, g.IdemHash,
		int64(day), clock.Us(g.Created), clock.Us(g.Expires)); err != nil {
		return Gift{}, err
	}
	// The amount is the giver's own matter: it stands in the gift, not in the trail.
	return g, audit.Write(ctx, tx, who, "gift.give", "gift", g.ID, map[string]any{"show": g.Show})
}

// Move takes a gift from one state to another, and reports whether it was in
// the first.
func Move(ctx context.Context, tx *db.Tx, g id.Gift, from, to string) (bool, error) {
	set := `done_us = $4`
	if to == Paid {
		set = `paid_us = $4`
	}
	n, err := tx.Exec(ctx, `UPDATE gift SET state = $3, `+set+` WHERE id = $1 AND state = $2`, g, from, to, tx.NowUs())
	return n == 1, err
}

const columns = `id, no, user_id, show_id, host_id, kind_id, name_zh, name_en, icon, fen, agreement_id, named, state, used_fen, idem_key, idem_hash, created_us, expires_us, paid_us, done_us`

func scan(r interface{ Scan(...any) error }, g *Gift) error {
	var created, expires, paid, done int64
	err := r.Scan(&g.ID, &g.No, &g.User, &g.Show, &g.Host, &g.Kind, &g.NameZh, &g.NameEn, &g.Icon, &g.Fen, &g.Agreement, &g.Named, &g.State, &g.Used,
		&g.IdemKey, &g.IdemHash, &created, &expires, &paid, &done)
	g.Created, g.Expires, g.PaidAt, g.DoneAt = clock.FromUs(created), clock.FromUs(expires), clock.FromUs(paid), clock.FromUs(done)
	return err
}

func list(rows *db.Rows, err error) ([]Gift, error) {
	return db.Collect(rows, err, func(r *db.Rows, g *Gift) error { return scan(r, g) })
}

func byKey(ctx context.Context, q db.Querier, u id.User, key string) (Gift, bool, error) {
	var g Gift
	err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM gift WHERE user_id = $1 AND idem_key = $2`, u, key), &g)
	if errors.Is(err, db.ErrNoRows) {
		return Gift{}, false, nil
	}
	return g, err == nil, err
}

// ByID reads a gift; fault NotFound.
func ByID(ctx context.Context, q db.Querier, g id.Gift) (Gift, error) {
	var out Gift
	err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM gift WHERE id = $1`, g), &out)
	if errors.Is(err, db.ErrNoRows) {
		return Gift{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return out, err
}

// Of lists a person's gifts, the newest first; at most 200.
func Of(ctx context.Context, q db.Querier, u id.User) ([]Gift, error) {
	return list(q.Query(ctx, `SELECT `+columns+` FROM gift WHERE user_id = $1 ORDER BY id DESC LIMIT 200`, u))
}

// Expired lists unpaid gifts whose time is over.
func Expired(ctx context.Context, q db.Querier, now time.Time, limit int) ([]id.Gift, error) {
	rows, err := q.Query(ctx, `SELECT id FROM gift WHERE state = 'unpaid' AND expires_us <= $1 ORDER BY expires_us, id LIMIT $2`, clock.Us(now), limit)
	return db.Collect(rows, err, func(r *db.Rows, g *id.Gift) error { return r.Scan(g) })
}

// OfShow counts the gifts of a show that stand, and what they come to.
func OfShow(ctx context.Context, q db.Querier, s id.Show) (n int64, fen money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), CAST(coalesce(sum(fen), 0) AS BIGINT) FROM gift WHERE show_id = $1 AND paid_us > 0 AND state IN ('paid','covered')`, s).Scan(&n, &fen)
	return n, fen, err
}
