package show

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

// Help is a host's call for somebody to come. Open until it is over: helped,
// taken back, or the show ended.
type Help struct {
	ID       id.Help
	Show     id.Show
	Host     id.User
	Called   time.Time
	Answered time.Time // zero: nobody has said yet that they come
	By       id.User
	Name     string // of who comes, for the host's screen
	Over     time.Time
}

const helpColumns = `id, show_id, host_id, called_us, answered_us, answered_by, answered_name, over_us`

func scanHelp(r scanner) (h Help, err error) {
	var called, answered, over int64
	err = r.Scan(&h.ID, &h.Show, &h.Host, &called, &answered, &h.By, &h.Name, &over)
	h.Called, h.Answered, h.Over = clock.FromUs(called), clock.FromUs(answered), clock.FromUs(over)
	return h, err
}

// CallHelp opens a call (the show's host, or an operator for them). One that is
// open already is given back: tapping twice calls once.
func CallHelp(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show) (Help, error) {
	if err := who.Need(actor.Host, actor.Operator); err != nil {
		return Help{}, err
	}
	sh, err := lockOpen(ctx, tx, s)
	if err != nil {
		return Help{}, err
	}
	if err := mayRun(who, sh); err != nil {
		return Help{}, err
	}
	if h, ok, err := OpenHelp(ctx, tx, s); err != nil || ok {
		return h, err
	}
	h := Help{ID: id.New[id.Help](), Show: s, Host: sh.Host, Called: clock.FromUs(tx.NowUs())}
	if _, err := tx.Exec(ctx, `INSERT INTO help_call (id, show_id, host_id, called_us) VALUES ($1, $2, $3, $4)`, h.ID, s, sh.Host, tx.NowUs()); err != nil {
		return Help{}, err
	}
	return h, audit.Write(ctx, tx, who, "show.help_call", "show", s, map[string]any{"call": h.ID})
}

// AnswerHelp notes who comes (operator, moderator, service). Whoever was first
// stays; fault show.help_over (Gone) when nobody calls any more.
func AnswerHelp(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show) (Help, error) {
	if err := who.Need(actor.Operator, actor.Moderator, actor.Service); err != nil {
		return Help{}, err
	}
	if _, err := lock(ctx, tx, s); err != nil {
		return Help{}, err
	}
	h, ok, err := OpenHelp(ctx, tx, s)
	if err != nil {
		return Help{}, err
	}
	if !ok {
		return Help{}, fault.New(fault.Gone, "show.help_over")
	}
	if !h.Answered.IsZero() {
		return h, nil
	}
	h.Answered, h.By, h.Name = clock.FromUs(tx.NowUs()), who.User, who.Name
	if _, err := tx.Exec(ctx, `UPDATE help_call SET answered_us = $2, answered_by = $3, answered_name = $4 WHERE id = $1`, h.ID, tx.NowUs(), who.User, who.Name); err != nil {
		return Help{}, err
	}
	return h, audit.Write(ctx, tx, who, "show.help_answer", "show", s, map[string]any{"call": h.ID})
}

// EndHelp closes the open call, if there is one: helped, or taken back (the
// show's host, or staff who may answer).
func EndHelp(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show) error {
	if err := who.Need(actor.Host, actor.Operator, actor.Moderator, actor.Service); err != nil {
		return err
	}
	sh, err := lock(ctx, tx, s)
	if err != nil {
		return err
	}
	if !who.Has(actor.Operator, actor.Moderator, actor.Service) {
		if err := mayRun(who, sh); err != nil {
			return err
		}
	}
	return endHelp(ctx, tx, who, s)
}

func endHelp(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show) error {
	n, err := tx.Exec(ctx, `UPDATE help_call SET over_us = $2 WHERE show_id = $1 AND over_us = 0`, s, tx.NowUs())
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, who, "show.help_over", "show", s, map[string]any{})
}

// OpenHelp is the open call of a show; false when nobody calls.
func OpenHelp(ctx context.Context, q db.Querier, s id.Show) (Help, bool, error) {
	h, err := scanHelp(q.QueryRow(ctx, `SELECT `+helpColumns+` FROM help_call WHERE show_id = $1 AND over_us = 0`, s))
	if errors.Is(err, db.ErrNoRows) {
		return Help{}, false, nil
	}
	return h, err == nil, err
}

// OpenHelps are all open calls, the oldest first.
func OpenHelps(ctx context.Context, q db.Querier) ([]Help, error) {
	rows, err := q.Query(ctx, `SELECT `+helpColumns+` FROM help_call WHERE over_us = 0 ORDER BY called_us, id LIMIT 200`)
	return db.Collect(rows, err, func(r *db.Rows, h *Help) (err error) {
		*h, err = scanHelp(r)
		return err
	})
}
