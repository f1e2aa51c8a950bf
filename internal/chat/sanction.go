package chat

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
)

// NewSanction is what a moderator decides.
type NewSanction struct {
	Kind    Kind
	Show    id.Show // of a mute; "" for every room
	User    id.User
	For     time.Duration
	Reason  string     // told to the person
	Message id.Message // what it is about, "" if nothing said
}

// Silent silences a person (moderator, operator). A newer one of the same kind
// and room takes the older one's place. Faults: fault.required, fault.number
// over MaxMute or MaxBan, fault.too_long.
func Silent(ctx context.Context, tx *db.Tx, who actor.Actor, n NewSanction) (id.Sanction, error) {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return "", err
	}
	reason, err := reasonOf(n.Reason)
	if err != nil {
		return "", err
	}
	if n.Kind == Ban {
		n.Show = ""
	}
	most, unit, field := MaxMute, time.Minute, "minutes"
	if n.Kind == Ban {
		most, unit, field = MaxBan, 24*time.Hour, "days"
	}
	switch {
	case n.User == "":
		return "", fault.New(fault.Invalid, "fault.required").At("user")
	case reason == "": // the rules ask for it, and the person reads it
		return "", fault.New(fault.Invalid, "fault.required").At("reason")
	case n.For <= 0 || n.For > most:
		return "", fault.New(fault.Invalid, "fault.number", "Min", 1, "Max", int64(most/unit)).At(field)
	}
	if _, err := tx.Exec(ctx, `UPDATE chat_sanction SET lifted_us = $4, lifted_by = $5 WHERE user_id = $1 AND kind = $2 AND show_id = $3 AND lifted_us = 0`,
		n.User, string(n.Kind), n.Show, tx.NowUs(), who.User); err != nil {
		return "", err
	}
	sid := id.New[id.Sanction]()
	if _, err := tx.Exec(ctx, `INSERT INTO chat_sanction (id, kind, show_id, user_id, message_id, reason, until_us, by_id, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		sid, string(n.Kind), n.Show, n.User, n.Message, reason, clock.Us(tx.Now.Add(n.For)), who.User, tx.NowUs()); err != nil {
		return "", err
	}
	// The reason is free text and may name somebody: it stays out of the trail.
	return sid, audit.Write(ctx, tx, who, "chat."+string(n.Kind), "user", n.User, map[string]any{"show": n.Show, "minutes": int64(n.For / time.Minute), "sanction": sid})
}

// Lift takes a sanction back before its end (moderator, operator).
func Lift(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Sanction) error {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return err
	}
	x, err := SanctionByID(ctx, tx, s)
	if err != nil {
		return err
	}
	return lift(ctx, tx, who, x)
}

// LiftMute takes back what silences a person in a room (moderator, operator).
func LiftMute(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, u id.User) error {
	if err := who.Need(actor.Moderator, actor.Operator); err != nil {
		return err
	}
	list, err := sanctions(ctx, tx, `user_id = $1 AND kind = 'mute' AND show_id = $2 AND lifted_us = 0 AND until_us > $3`, u, s, tx.NowUs())
	for _, x := range list {
		if err == nil {
			err = lift(ctx, tx, who, x)
		}
	}
	return err
}

func lift(ctx context.Context, tx *db.Tx, who actor.Actor, x Sanction) error {
	n, err := tx.Exec(ctx, `UPDATE chat_sanction SET lifted_us = $2, lifted_by = $3 WHERE id = $1 AND lifted_us = 0`, x.ID, tx.NowUs(), who.User)
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "chat.lift", "user", x.User, map[string]any{"show": x.Show, "kind": x.Kind, "sanction": x.ID})
}

const sanctionColumns = `id, kind, show_id, user_id, message_id, reason, until_us, by_id, at_us, lifted_us, lifted_by`

func scanSanction(r interface{ Scan(dest ...any) error }) (s Sanction, err error) {
	var until, at, lifted int64
	err = r.Scan(&s.ID, &s.Kind, &s.Show, &s.User, &s.Message, &s.Reason, &until, &s.By, &at, &lifted, &s.LiftedBy)
	s.Until, s.At = clock.FromUs(until), clock.FromUs(at)
	if lifted > 0 {
		s.Lifted = clock.FromUs(lifted)
	}
	return s, err
}

func sanctions(ctx context.Context, q db.Querier, where string, args ...any) ([]Sanction, error) {
	rows, err := q.Query(ctx, `SELECT `+sanctionColumns+` FROM chat_sanction WHERE `+where+` ORDER BY at_us DESC, id DESC LIMIT 200`, args...)
	return db.Collect(rows, err, func(r *db.Rows, s *Sanction) (err error) {
		*s, err = scanSanction(r)
		return err
	})
}

// SanctionByID reads one; fault NotFound.
func SanctionByID(ctx context.Context, q db.Querier, s id.Sanction) (Sanction, error) {
	x, err := scanSanction(q.QueryRow(ctx, `SELECT `+sanctionColumns+` FROM chat_sanction WHERE id = $1`, s))
	if errors.Is(err, db.ErrNoRows) {
		return x, fault.New(fault.NotFound, "fault.not_found")
	}
	return x, err
}

// Silence is what keeps a person from writing in a room now, the longest first.
func Silence(ctx context.Context, q db.Querier, u id.User, s id.Show) (Sanction, bool, error) {
	x, err := scanSanction(q.QueryRow(ctx, `SELECT `+sanctionColumns+` FROM chat_sanction
		WHERE user_id = $1 AND lifted_us = 0 AND until_us > $2 AND show_id IN ('', $3) ORDER BY until_us DESC LIMIT 1`, u, clock.Us(db.Now(q)), s))
	if errors.Is(err, db.ErrNoRows) {
		return x, false, nil
	}
	return x, err == nil, err
}

// Silenced lists who may not write in a room now, bans included; the newest
// first, at most 200.
func Silenced(ctx context.Context, q db.Querier, s id.Show) ([]Sanction, error) {
	return sanctions(ctx, q, `show_id IN ('', $1) AND lifted_us = 0 AND until_us > $2`, s, clock.Us(db.Now(q)))
}

// Bans lists those of all rooms, the newest first, at most 200: what binds now,
// or what is over.
func Bans(ctx context.Context, q db.Querier, over bool) ([]Sanction, error) {
	if over {
		return sanctions(ctx, q, `show_id = '' AND (lifted_us > 0 OR until_us <= $1)`, clock.Us(db.Now(q)))
	}
	return sanctions(ctx, q, `show_id = '' AND lifted_us = 0 AND until_us > $1`, clock.Us(db.Now(q)))
}

// SanctionsOf lists a person's, the newest first, at most 200.
func SanctionsOf(ctx context.Context, q db.Querier, u id.User) ([]Sanction, error) {
	return sanctions(ctx, q, `user_id = $1`, u)
}

// SanctionsIn lists those given in one room, lifted ones too, the newest first,
// at most 200.
func SanctionsIn(ctx context.Context, q db.Querier, s id.Show) ([]Sanction, error) {
	return sanctions(ctx, q, `show_id = $1`, s)
}
