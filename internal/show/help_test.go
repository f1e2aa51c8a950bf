package show_test

import (
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/show"
)

// TestHelp: one call a show however often one taps, answered by the first who
// comes, over when it is over or the show is.
func TestHelp(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		b.moves(s, show.Announced, show.Live)
		moderator, second := actor.Actor{User: "m", Name: "小林", Roles: []actor.Role{actor.Moderator}}, actor.Actor{User: "o", Name: "小王", Roles: []actor.Role{actor.Operator}}
		call := func(who actor.Actor) (h show.Help, err error) {
			err = b.do(func(tx *db.Tx) (err error) { h, err = show.CallHelp(b.ctx, tx, who, s); return err })
			return h, err
		}
		answer := func(who actor.Actor) (h show.Help, err error) {
			err = b.do(func(tx *db.Tx) (err error) { h, err = show.AnswerHelp(b.ctx, tx, who, s); return err })
			return h, err
		}
		if _, err := call(b.other); !fault.HasKey(err, "show.not_yours") {
			b.Error(err)
		}
		if _, err := call(b.buyer); !fault.Is(err, fault.Denied) {
			b.Error(err)
		}
		if _, err := answer(moderator); !fault.HasKey(err, "show.help_over") {
			b.Error(err)
		}
		first, err := call(b.host)
		again, err2 := call(b.host)
		if err != nil || err2 != nil || first.ID != again.ID || !first.Answered.IsZero() {
			b.Error(first, again, err, err2)
		}
		if _, err := answer(b.host); !fault.Is(err, fault.Denied) {
			b.Error("a host answers their own call:", err)
		}
		one, err := answer(moderator)
		two, err2 := answer(second)
		if err != nil || err2 != nil || one.Name != "小林" || two.Name != "小林" || one.Answered.IsZero() {
			b.Error(one, two, err, err2)
		}
		if all, err := show.OpenHelps(b.ctx, b.d); err != nil || len(all) != 1 || all[0].Show != s {
			b.Error(all, err)
		}
		b.must(func(tx *db.Tx) error { return show.EndHelp(b.ctx, tx, b.host, s) })
		b.must(func(tx *db.Tx) error { return show.EndHelp(b.ctx, tx, b.host, s) })
		next, err := call(b.host)
		if err != nil || next.ID == first.ID {
			b.Error(next, err)
		}
		b.moves(s, show.Ended)
		if _, open, err := show.OpenHelp(b.ctx, b.d, s); open || err != nil {
			b.Error("a call outlives its show", err)
		}
	})
}
