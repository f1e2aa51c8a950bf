package review_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/review"
)

func TestComplaintsGetANumberAndAnAnswer(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 20, 0, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		complain := func(c review.Complaint) (out review.Complaint, err error) {
			err = d.Update(ctx, func(tx *db.Tx) error { out, err = review.Complain(ctx, tx, actor.Actor{}, c); return err })
			return out, err
		}
		good := review.Complaint{ObjectKind: "show", ObjectID: id.New[string](), Kind: "false_claim", Body: "  says it cures colds\x00 "}
		c, err := complain(good)
		if err != nil || !regexp.MustCompile(`^260301-\d{6}$`).MatchString(c.No) || c.Body != "says it cures colds" || c.State != "open" {
			t.Fatalf("%+v, %v", c, err)
		}
		_, err = complain(review.Complaint{ObjectKind: "user", ObjectID: "1'--", Kind: "rude", Body: strings.Repeat("x", review.MaxBody+1)})
		var fields []string
		for _, f := range fault.Of(err).All() {
			fields = append(fields, f.Field)
		}
		if !slices.Equal(fields, []string{"object_kind", "object_id", "kind", "body"}) {
			t.Errorf("faults %v", fields)
		}
		if got, err := review.ByNo(ctx, d, " "+c.No+" "); err != nil || got.ID != c.ID {
			t.Errorf("%+v, %v", got, err)
		}

		answer := func(who actor.Actor, r id.Report, text string) error {
			return d.Update(ctx, func(tx *db.Tx) error { return review.Answer(ctx, tx, who, r, true, text) })
		}
		mod := actor.Actor{User: "m", Roles: []actor.Role{actor.Moderator}}
		if err := answer(actor.Actor{User: "u", Roles: []actor.Role{actor.Operator}}, c.ID, "x"); !fault.Is(err, fault.Denied) {
			t.Errorf("an operator answered: %v", err)
		}
		for _, step := range []struct {
			r         id.Report
			text, key string
		}{{c.ID, " ", "fault.required"}, {"none", "x", "fault.not_found"}, {c.ID, "The host has corrected it.", ""}, {c.ID, "again", "review.answered"}} {
			if err := answer(mod, step.r, step.text); step.key == "" && err != nil || step.key != "" && !fault.HasKey(err, step.key) {
				t.Errorf("%+v: %v", step, err)
			}
		}
		second, err := complain(good)
		if err != nil {
			t.Fatal(err)
		}
		for state, want := range map[string][]id.Report{"": {second.ID, c.ID}, "open": {second.ID}, "upheld": {c.ID}, "dismissed": nil} {
			list, err := review.Open(ctx, d, state)
			var got []id.Report
			for _, c := range list {
				got = append(got, c.ID)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%q: %v, %v; want %v", state, got, err, want)
			}
		}
	})
}
