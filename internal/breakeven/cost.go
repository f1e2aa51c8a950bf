package breakeven

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Service is the kind of what the centre earns by its own services.
const Service = "service"

// Kinds of what finance enters, in the order forms show them.
var Kinds = []string{"freight", "packing", "wages", "classes", "materials", "other", Service}

// Cost is what finance enters: a cost, or (kind Service) an income.
type Cost struct {
	ID   id.Cost
	Kind string
	Show id.Show // "": shared by the month's shows
	Day  clock.Day
	Fen  money.Fen
	Memo string
	Key  string // of the form: the same is kept once
	// A line that takes another back: Of names it, Fen is below zero and Memo
	// says why. Taken is what was taken back of a line, 0 for nothing.
	Of    id.Cost
	Taken money.Fen
}

const maxMemo = 200

func (c *Cost) check(today clock.Day) error {
	var bad []*fault.Error
	if !slices.Contains(Kinds, c.Kind) && c.Kind != "rent" { // rent is refused with words, by its promise
		bad = append(bad, fault.New(fault.Invalid, "fault.choice").At("kind"))
	}
	if c.Fen <= 0 || c.Fen > money.MaxFen {
		bad = append(bad, fault.New(fault.Invalid, "fault.amount").At("amount"))
	}
	if c.Day == 0 || c.Day > today {
		bad = append(bad, fault.New(fault.Invalid, "statement.day_ahead").At("day"))
	}
	c.Memo = strings.TrimSpace(c.Memo)
	if c.Memo == "" {
		bad = append(bad, fault.New(fault.Invalid, "fault.required").At("memo"))
	} else if utf8.RuneCountInString(c.Memo) > maxMemo {
		bad = append(bad, fault.New(fault.Invalid, "fault.too_long", "Max", maxMemo).At("memo"))
	}
	if c.Key == "" || len(c.Key) > 64 {
		bad = append(bad, fault.New(fault.Invalid, "fault.form"))
	}
	return fault.Join(bad...)
}

// Add keeps a cost (finance) and tells whether it is new. The caller books it.
func Add(ctx context.Context, tx *db.Tx, who actor.Actor, c Cost) (bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return false, err
	}
	if err := c.check(clock.DayOf(tx.Now)); err != nil {
		return false, err
	}
	wrote, err := tx.InsertNew(ctx, "centre_cost", []string{"id", "kind", "show_id", "day", "fen", "memo", "idem_key", "by_id", "at_us"}, "idem_key",
		[][]any{{string(c.ID), c.Kind, string(c.Show), int64(c.Day), int64(c.Fen), c.Memo, c.Key, string(who.User), tx.NowUs()}})
	if err != nil || !wrote[0] {
		return false, err
	}
	return true, audit.Write(ctx, tx, who, "cost.add", "cost", c.ID, map[string]any{"kind": c.Kind, "fen": c.Fen, "show": c.Show})
}

// Between lists what was entered for days from one to another, both included,
// and what was taken back on them; the newest first.
func Between(ctx context.Context, q db.Querier, from, to clock.Day) ([]Cost, error) {
	rows, err := q.Query(ctx, `
		SELECT id, kind, show_id, day, fen, memo, idem_key, of_id, taken FROM (
			SELECT c.id, c.kind, c.show_id, c.day, c.fen, c.memo, c.idem_key, '' AS of_id, coalesce(b.fen, 0) AS taken
				FROM centre_cost c LEFT JOIN centre_cost_back b ON b.cost_id = c.id WHERE c.day BETWEEN $1 AND $2
			UNION ALL SELECT b.id, c.kind, c.show_id, b.day, -b.fen, b.reason, '', c.id, 0
				FROM centre_cost_back b JOIN centre_cost c ON c.id = b.cost_id WHERE b.day BETWEEN $1 AND $2) x
		ORDER BY day DESC, id DESC`, int64(from), int64(to))
	return db.Collect(rows, err, scanCost)
}

func scanCost(r *db.Rows, c *Cost) error {
	return r.Scan(&c.ID, &c.Kind, &c.Show, &c.Day, &c.Fen, &c.Memo, &c.Key, &c.Of, &c.Taken)
}

// byID reads what was entered; NotFound.
func byID(ctx context.Context, q db.Querier, c id.Cost) (Cost, error) {
	rows, err := q.Query(ctx, `SELECT c.id, c.kind, c.show_id, c.day, c.fen, c.memo, c.idem_key, '', coalesce(b.fen, 0)
		FROM centre_cost c LEFT JOIN centre_cost_back b ON b.cost_id = c.id WHERE c.id = $1`, c)
	list, err := db.Collect(rows, err, scanCost)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		return Cost{}, err
	}
	return list[0], nil
}

// TakeBack keeps that a cost (or an income), or fen of it, is taken back with a
// reason (finance), on the day of today. Once a line: told again with the same
// amount nothing changes, and false is given. The caller books the line it
// gives. Faults: breakeven.back_more, breakeven.back_done.
func TakeBack(ctx context.Context, tx *db.Tx, who actor.Actor, of id.Cost, fen money.Fen, reason string) (Cost, bool, error) {
	if err := who.Need(actor.Finance); err != nil {
		return Cost{}, false, err
	}
	c, err := byID(ctx, tx, of)
	if err != nil {
		return c, false, err
	}
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return c, false, fault.New(fault.Invalid, "fault.required").At("reason")
	case utf8.RuneCountInString(reason) > maxMemo || !utf8.ValidString(reason):
		return c, false, fault.New(fault.Invalid, "fault.too_long", "Max", maxMemo).At("reason")
	case fen <= 0 || fen > c.Fen:
		return c, false, fault.New(fault.Invalid, "breakeven.back_more", "Most", c.Fen.String()).At("amount")
	}
	b := Cost{ID: id.New[id.Cost](), Of: c.ID, Kind: c.Kind, Show: c.Show, Day: clock.DayOf(tx.Now), Fen: -fen, Memo: reason}
	n, err := tx.Exec(ctx, `INSERT INTO centre_cost_back (id, cost_id, day, fen, reason, by_id, at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (cost_id) DO NOTHING`, b.ID, of, int64(b.Day), fen, reason, string(who.User), tx.NowUs())
	if err != nil {
		return c, false, err
	}
	if n == 0 {
		if c, err = byID(ctx, tx, of); err == nil && c.Taken != fen {
			err = fault.New(fault.Conflict, "breakeven.back_done", "Fen", c.Taken.String()).At("amount")
		}
		return c, false, err
	}
	return b, true, audit.Write(ctx, tx, who, "cost.taken_back", "cost", of, map[string]any{"back": b.ID, "kind": c.Kind, "fen": fen, "reason": reason})
}
