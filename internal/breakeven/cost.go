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

// Between lists what was entered for days from one to another, both included;
// the newest first.
func Between(ctx context.Context, q db.Querier, from, to clock.Day) ([]Cost, error) {
	rows, err := q.Query(ctx, `SELECT id, kind, show_id, day, fen, memo, idem_key FROM centre_cost WHERE day BETWEEN $1 AND $2 ORDER BY day DESC, id DESC`, int64(from), int64(to))
	return db.Collect(rows, err, func(r *db.Rows, c *Cost) error {
		return r.Scan(&c.ID, &c.Kind, &c.Show, &c.Day, &c.Fen, &c.Memo, &c.Key)
	})
}
