package show

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// Parts of a show that AI makes (order 117, art. 37: labelled all the time).
const (
	AIHost    = "host"
	AIVoice   = "voice"
	AIPicture = "picture"
)

// AIParts lists them.
var AIParts = []string{AIHost, AIVoice, AIPicture}

func aiParts(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// SetAI says which parts of a show AI makes (operator, its host). While the
// show is live parts can be added and none taken off: show.ai_stays (Conflict).
func SetAI(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, parts []string) (Show, error) {
	if err := who.Need(actor.Operator, actor.Host); err != nil {
		return Show{}, err
	}
	sh, err := lockOpen(ctx, tx, s)
	if err != nil {
		return Show{}, err
	}
	if err := mayRun(who, sh); err != nil {
		return Show{}, err
	}
	var want []string
	for _, p := range AIParts { // always in this order
		if slices.Contains(parts, p) {
			want = append(want, p)
		}
	}
	for _, p := range parts {
		if !slices.Contains(AIParts, p) {
			return Show{}, fault.New(fault.Invalid, "fault.choice").At("ai")
		}
	}
	for _, p := range sh.AI {
		if sh.State == Live && !slices.Contains(want, p) {
			return Show{}, fault.New(fault.Conflict, "show.ai_stays").At("ai")
		}
	}
	if slices.Equal(want, sh.AI) {
		return sh, nil
	}
	if _, err := tx.Exec(ctx, `UPDATE live_show SET ai = $2 WHERE id = $1`, s, strings.Join(want, ",")); err != nil {
		return Show{}, err
	}
	before := sh.AI
	sh.AI = want
	return sh, audit.Write(ctx, tx, who, "show.ai", "show", s, map[string]any{"before": before, "after": want})
}

// MaxCutWhy bounds the reason, in characters.
const MaxCutWhy = 200

// Cut ends a live show by force, with a reason that its viewers read (operator,
// moderator, administrator): what Move to Ended does, and the key is dead. A
// show that is over stays as it is.
func Cut(ctx context.Context, tx *db.Tx, who actor.Actor, s id.Show, why string) (Show, error) {
	if err := who.Need(actor.Operator, actor.Moderator, actor.Admin); err != nil {
		return Show{}, err
	}
	why = strings.Join(strings.Fields(why), " ")
	switch {
	case why == "":
		return Show{}, fault.New(fault.Invalid, "fault.required").At("why")
	case utf8.RuneCountInString(why) > MaxCutWhy || !utf8.ValidString(why):
		return Show{}, fault.New(fault.Invalid, "fault.too_long", "Max", MaxCutWhy).At("why")
	}
	sh, err := lock(ctx, tx, s)
	if err != nil || sh.Over() {
		return sh, err
	}
	to := Ended
	if sh.State != Live {
		to = Cancelled // it was public, or was rehearsed: it will not begin
	}
	// Whoever may pull the plug need not be one who may run shows.
	sh, err = Move(ctx, tx, actor.Actor{User: who.User, Name: who.Name, Via: who.Via, Roles: []actor.Role{actor.Operator}}, s, to)
	if err != nil {
		return Show{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE live_show SET cut_us = $2, cut_by = $3, cut_why = $4 WHERE id = $1`, s, tx.NowUs(), who.User, why); err != nil {
		return Show{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE stream_key SET revoked_us = $2 WHERE show_id = $1 AND revoked_us = 0`, s, tx.NowUs()); err != nil {
		return Show{}, err
	}
	sh.Cut, sh.CutWhy = true, why
	return sh, audit.Write(ctx, tx, who, "show.cut", "show", s, map[string]any{"why": why})
}

// WereCut tells which of these shows were ended by force.
func WereCut(ctx context.Context, q db.Querier, shows ...id.Show) (map[id.Show]bool, error) {
	out := map[id.Show]bool{}
	for part := range slices.Chunk(shows, 200) {
		rows, err := q.Query(ctx, `SELECT id FROM live_show WHERE cut_us > 0 AND id IN (`+db.In(1, len(part))+`)`, db.Args(part)...)
		list, err := db.Collect(rows, err, func(r *db.Rows, s *id.Show) error { return r.Scan(s) })
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			out[s] = true
		}
	}
	return out, nil
}
