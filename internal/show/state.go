package show

import (
	"context"
	"errors"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// move is one row of the table in doc.go.
type move struct {
	from, to State
	host     bool // the show's own host may do it too
}

var moves = []move{
	{Draft, Announced, false},
	{Draft, Cancelled, false},
	{Announced, Live, true},
	{Announced, Cancelled, false},
	{Live, Ended, true},
}

// CanMove tells whether a show may go from one state to another.
func CanMove(from, to State) bool {
	return slices.ContainsFunc(moves, func(m move) bool { return m.from == from && m.to == to })
}

// Move takes a show to a state: announce, start, stop, cancel (operator; a host
// may start and stop their own). Moving to the state it is in changes nothing:
// a double tap is no error. Faults: show.move with From and To.
func Move(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, to State) (Show, error) {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return Show{}, err
	}
	sh, err := lock(ctx, tx, s)
	if err != nil {
		return Show{}, err
	}
	if err := mayRun(who, sh); err != nil {
		return Show{}, err
	}
	if sh.State == to {
		return sh, nil
	}
	i := slices.IndexFunc(moves, func(m move) bool { return m.from == sh.State && m.to == to })
	if i < 0 {
		return Show{}, fault.New(fault.Conflict, "show.move", "From", "@show.state_"+string(sh.State), "To", "@show.state_"+known(to))
	}
	if !moves[i].host && !who.Has(actor.Operator) {
		return Show{}, fault.New(fault.Denied, "fault.denied")
	}
	if to == Ended {
		if err := closeDown(ctx, tx, who, &sh); err != nil {
			return Show{}, err
		}
	}
	if to == Ended || to == Cancelled {
		if err := errors.Join(endFlashes(ctx, tx, s), endHelp(ctx, tx, who, s)); err != nil {
			return Show{}, err
		}
	}
	from := sh.State
	sh.State = to
	switch to {
	case Announced:
		sh.AnnouncedAt = tx.Now
	case Live:
		sh.LiveAt = tx.Now
	default:
		sh.EndedAt = tx.Now
	}
	_, err = tx.Exec(ctx, `
		UPDATE live_show SET state = $2,
		  announced_us = CASE WHEN $2 = 'announced' THEN $3 ELSE announced_us END,
		  live_us      = CASE WHEN $2 = 'live' THEN $3 ELSE live_us END,
		  ended_us     = CASE WHEN $2 IN ('ended','cancelled') THEN $3 ELSE ended_us END
		WHERE id = $1`, s, string(to), tx.NowUs())
	if err != nil {
		return Show{}, err
	}
	return sh, audit.Write(ctx, tx, who, "show."+string(to), "show", s, map[string]any{"from": from})
}

// known keeps a made-up state out of a message key.
func known(s State) string {
	if slices.Contains(States, s) {
		return string(s)
	}
	return string(Draft)
}

// closeDown ends what runs inside a live show.
func closeDown(ctx context.Context, tx *db.Tx, who actor.Actor, sh *Show) error {
	if sh.Pinned != "" {
		if err := setPin(ctx, tx, who, sh, ""); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE show_item SET state = 'off', changed_us = $2 WHERE show_id = $1 AND state <> 'off'`, sh.ID, tx.NowUs())
	return err
}

// lock reads a show and holds its row until the transaction ends, so that two
// people at the desk take turns. (SELECT FOR UPDATE is no common SQL.)
func lock(ctx context.Context, tx *db.Tx, s id.Show) (Show, error) {
	sh, err := scanShow(tx.QueryRow(ctx, `UPDATE live_show SET state = state WHERE id = $1 RETURNING `+showColumns, s))
	if errors.Is(err, db.ErrNoRows) {
		return Show{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, err
}

// lockOpen is lock for a change of a show that is not over.
func lockOpen(ctx context.Context, tx *db.Tx, s id.Show) (Show, error) {
	sh, err := lock(ctx, tx, s)
	if err == nil && sh.Over() {
		err = over(sh)
	}
	return sh, err
}

func over(sh Show) error {
	return fault.New(fault.Gone, "show.over", "State", "@show.state_"+string(sh.State))
}

// mayRun lets operators run any show and hosts their own.
func mayRun(who actor.Actor, sh Show) error {
	if who.Has(actor.Operator) || who.SignedIn() && who.Has(actor.Host) && who.User == sh.Host {
		return nil
	}
	return fault.New(fault.Denied, "show.not_yours")
}
