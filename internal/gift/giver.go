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

// Rules of the centre.
type Rules struct {
	Licence string    // number of the licence for paid live performance; "": gifts are off
	MaxOne  money.Fen // most a gift
	MaxDay  money.Fen // most a person a day
}

// DeclarationText is the version of the words a giver declares to be of age by
// (key gift.adult_text).
const DeclarationText = "2026-11"

// AdultAge in years (Civil Code art. 17).
const AdultAge = 18

// RaiseAfter is how long a raised cap waits, so that it is not raised in the
// heat of a show.
const RaiseAfter = 24 * time.Hour

// Giver is what a person has set for their gifts.
type Giver struct {
	User     id.User
	Adult    time.Time // when they declared it; zero: never
	One, Day money.Fen // own caps that count now; -1: none of their own
	NextOne  money.Fen // raised caps that wait
	NextDay  money.Fen
	NextAt   time.Time // zero: none waits
	Remind   bool
	Minor    bool // found to be a child
}

// Least is the lower of the giver's cap and the centre's.
func least(own, centre money.Fen) money.Fen {
	if own >= 0 && own < centre {
		return own
	}
	return centre
}

// Caps that count for the giver.
func (g Giver) Caps(r Rules) (one, day money.Fen) {
	return least(g.One, r.MaxOne), least(g.Day, r.MaxDay)
}

const giverColumns = `adult_us, one_fen, day_fen, next_one_fen, next_day_fen, next_us, remind, minor`

func scanGiver(row interface{ Scan(...any) error }, now time.Time, g *Giver) error {
	var adult, next int64
	err := row.Scan(&adult, &g.One, &g.Day, &g.NextOne, &g.NextDay, &next, &g.Remind, &g.Minor)
	g.Adult, g.NextAt = clock.FromUs(adult), clock.FromUs(next)
	if next != 0 && !now.Before(g.NextAt) { // its time has come: nobody need write it down
		g.One, g.Day, g.NextAt = g.NextOne, g.NextDay, time.Time{}
	}
	return err
}

// ReadGiver reads what a person has set.
func ReadGiver(ctx context.Context, q db.Querier, u id.User) (Giver, error) {
	g := Giver{User: u, One: -1, Day: -1, NextOne: -1, NextDay: -1, Remind: true}
	err := scanGiver(q.QueryRow(ctx, `SELECT `+giverColumns+` FROM gift_giver WHERE user_id = $1`, u), db.Now(q), &g)
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return g, err
}

// lock reads a giver and keeps others of the same person waiting.
func lock(ctx context.Context, tx *db.Tx, u id.User) (Giver, error) {
	g := Giver{User: u}
	return g, scanGiver(tx.QueryRow(ctx, `
		INSERT INTO gift_giver (user_id, changed_us) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET changed_us = excluded.changed_us RETURNING `+giverColumns, u, tx.NowUs()), tx.Now, &g)
}

// may refuses a gift that the giver may not give.
func (g Giver) may(ctx context.Context, tx *db.Tx, r Rules, fen money.Fen) error {
	one, day := g.Caps(r)
	switch {
	case g.Minor:
		return fault.New(fault.Denied, "gift.minor")
	case g.Adult.IsZero():
		return fault.New(fault.Conflict, "gift.adult").At("born")
	case fen > one:
		return fault.New(fault.Conflict, "gift.over_one", "Max", one.Short()).At("kind")
	}
	given, err := Today(ctx, tx, g.User)
	if err == nil && given+fen > day {
		return fault.New(fault.Conflict, "gift.over_day", "Max", day.Short(), "Left", max(day-given, 0).Short()).At("kind")
	}
	return err
}

// Today is what a person gave today, paid or about to be paid.
func Today(ctx context.Context, q db.Querier, u id.User) (given money.Fen, err error) {
	err = q.QueryRow(ctx, `SELECT CAST(coalesce(sum(fen), 0) AS BIGINT) FROM gift WHERE user_id = $1 AND day = $2 AND state IN ('unpaid','paid','covered')`,
		u, int64(clock.DayOf(db.Now(q)))).Scan(&given)
	return given, err
}

// DeclareAdult takes a person's date of birth and keeps only that they are of
// age. Faults: gift.too_young, fault.date.
func DeclareAdult(ctx context.Context, tx *db.Tx, who actor.Actor, born clock.Day) error {
	if err := who.Need(actor.Buyer); err != nil {
		return err
	}
	at, now := born.Time(), clock.DayOf(tx.Now).Time()
	switch {
	case born == 0 || at.After(now) || at.Before(now.AddDate(-120, 0, 0)):
		return fault.New(fault.Invalid, "gift.born").At("born")
	case at.AddDate(AdultAge, 0, 0).After(now):
		return fault.New(fault.Denied, "gift.too_young").At("born")
	}
	g, err := lock(ctx, tx, who.User)
	if err != nil {
		return err
	}
	if g.Minor { // decided by service on a guardian's word: a form does not undo it
		return fault.New(fault.Denied, "gift.minor")
	}
	if _, err := tx.Exec(ctx, `UPDATE gift_giver SET adult_us = $2, adult_text = $3 WHERE user_id = $1`, who.User, tx.NowUs(), DeclarationText); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "gift.adult", "user", who.User, map[string]any{"text": DeclarationText})
}

// SetCaps sets a person's own caps; -1 takes one away. What lowers a cap counts
// at once, what raises it after RaiseAfter.
func SetCaps(ctx context.Context, tx *db.Tx, who actor.Actor, r Rules, one, day money.Fen, remind bool) error {
	if err := who.Need(actor.Buyer); err != nil {
		return err
	}
	for field, f := range map[string]money.Fen{"one": one, "day": day} {
		if f < -1 || f > money.MaxFen {
			return fault.New(fault.Invalid, "fault.amount").At(field)
		}
	}
	g, err := lock(ctx, tx, who.User)
	if err != nil {
		return err
	}
	nowOne, nowDay := g.Caps(r)
	countOne, countDay, next := one, day, int64(0)
	if least(one, r.MaxOne) > nowOne {
		countOne, next = g.One, clock.Us(tx.Now.Add(RaiseAfter))
	}
	if least(day, r.MaxDay) > nowDay {
		countDay, next = g.Day, clock.Us(tx.Now.Add(RaiseAfter))
	}
	if _, err := tx.Exec(ctx, `UPDATE gift_giver SET one_fen = $2, day_fen = $3, next_one_fen = $4, next_day_fen = $5, next_us = $6, remind = $7 WHERE user_id = $1`,
		who.User, countOne, countDay, one, day, next, remind); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "gift.caps", "user", who.User, map[string]any{"waits": next != 0})
}

// Bar keeps a child's account from giving (service, with a guardian's case).
func Bar(ctx context.Context, tx *db.Tx, who actor.Actor, u id.User) error {
	if err := who.Need(actor.Service); err != nil {
		return err
	}
	if _, err := lock(ctx, tx, u); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE gift_giver SET minor = TRUE WHERE user_id = $1`, u); err != nil {
		return err
	}
	return audit.Write(ctx, tx, who, "gift.bar", "user", u, map[string]any{})
}
