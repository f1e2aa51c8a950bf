package promise_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
)

var (
	drafter  = actor.Actor{User: "d", Name: "Drafter", Roles: []actor.Role{actor.Finance}}
	second   = actor.Actor{User: "s", Name: "Second", Roles: []actor.Role{actor.Admin}}
	overseer = actor.Actor{User: "o", Name: "Overseer", Roles: []actor.Role{actor.Overseer}}
	citizen  = actor.Actor{User: "c", Name: "Citizen"}
)

func localScript(t testing.TB, d *db.DB) string {
	t.Helper()
	v, err := promise.VersionOf(context.Background(), d, "P1", 1)
	must(t, err)
	return v.Script
}

func draft(t testing.TB, d *db.DB, change func(*promise.NewVersion)) (promise.Version, error) {
	t.Helper()
	n := promise.NewVersion{No: "P1", WordsZH: "不收佣金，不收任何费用。", WordsEN: "No commission, no fee of any kind.", Script: localScript(t, d), NoticeDays: 10, CommentDays: 5}
	change(&n)
	var v promise.Version
	err := up(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		v, err = promise.WriteDraft(ctx, tx, drafter, n)
		return err
	})
	return v, err
}

func atNoon() func() clock.Clock {
	return func() clock.Clock { return clock.NewFake(time.Date(2026, 3, 30, 12, 0, 0, 0, clock.Shanghai)) }
}

func TestFoundingPromisesBindFromTheFirstDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rules, err := promise.Load(t.Context(), d)
		must(t, err)
		all := rules.InForce(d.Clock.Now())
		if len(all) != 5 {
			t.Fatalf("%d promises", len(all))
		}
		for _, v := range all {
			if !v.Founding() || rules.StateOf(v, d.Clock.Now()) != promise.InForce || v.Text(i18n.Chinese) == "" || v.Text(i18n.English) == "" {
				t.Errorf("%+v", v)
			}
			must(t, promise.Try(t.Context(), v.Scope, v.Script))
		}
		for _, q := range []string{`UPDATE promise_version SET words_en = 'x'`, `UPDATE promise_version SET start_us = 5`, `DELETE FROM promise_version`} {
			if _, err := d.Exec(t.Context(), q); !db.IsRefused(err) {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
}

// TestAChangeIsANewVersionAfterNotice: an order placed under the old words is
// settled by them, whenever it is paid.
func TestAChangeIsANewVersionAfterNotice(t *testing.T) {
	dbtest.EachAt(t, atNoon(), func(t *testing.T, d *db.DB) {
		ctx, clk := t.Context(), d.Clock.(*clock.Fake)
		v, err := draft(t, d, func(*promise.NewVersion) {})
		must(t, err)
		if again, err := draft(t, d, func(n *promise.NewVersion) { n.WordsEN = "No commission and no fee." }); err != nil || again.Version != 2 {
			t.Fatal(again, err)
		}
		if list, err := promise.Versions(ctx, d, false); err != nil || len(list) != 5 {
			t.Error("the draft is public", err)
		}
		sign := func(who actor.Actor) (out promise.Version, err error) {
			err = up(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				out, err = promise.Sign(ctx, tx, who, "P1", v.Version)
				return err
			})
			return out, err
		}
		if _, err := sign(drafter); !fault.HasKey(err, "promise.two_signers") {
			t.Errorf("signed by the drafter: %v", err)
		}
		if _, err := sign(citizen); !fault.Is(err, fault.Denied) {
			t.Errorf("signed by anybody: %v", err)
		}
		v, err = sign(second)
		must(t, err)
		if want := time.Date(2026, 4, 10, 0, 0, 0, 0, clock.Shanghai); !v.Start.Equal(want) || v.SignedName != "Second" {
			t.Errorf("starts %s, want %s", v.Start, want)
		}
		if again, err := sign(second); err != nil || !again.Signed.Equal(v.Signed) {
			t.Error("signed twice:", again, err)
		}
		if _, err := draft(t, d, func(*promise.NewVersion) {}); !fault.HasKey(err, "promise.announced") {
			t.Errorf("a third before the second starts: %v", err)
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.Countersign(ctx, tx, overseer, "P1", 2) }))
		if _, err := d.Exec(ctx, `UPDATE promise_version SET words_zh = 'x' WHERE version = 2`); !db.IsRefused(err) {
			t.Errorf("the announced words were changed: %v", err)
		}

		old := mixed("before")
		old.Placed = clock.Us(clk.Now())
		rules, err := promise.Load(ctx, d)
		must(t, err)
		if rules.StateOf(v, clk.Now()) != promise.Announced {
			t.Error(rules.StateOf(v, clk.Now()))
		}
		clk.Add(11 * 24 * time.Hour)
		if got, err := rules.For(promise.ForLocal, old.Placed); err != nil || got.Version != 1 {
			t.Error(got.Version, err)
		}
		if got, err := rules.For(promise.ForLocal, clock.Us(clk.Now())); err != nil || got.Version != 2 || rules.StateOf(got, clk.Now()) != promise.InForce {
			t.Error(got.Version, err)
		}
		paid(t, d, old)
		if err := up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.Withdraw(ctx, tx, second, "P1", 2) }); !fault.HasKey(err, "promise.binds") {
			t.Errorf("taken back while it binds: %v", err)
		}
		err = up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.OrdersPlaced(ctx, tx, id.New[id.Placing](), promise.Sale{Order: "x", Shares: []promise.Share{{Producer: "f", Local: true, Goods: 100, Commission: 1, Owed: 99}}})
		})
		if words := i18n.For(i18n.English).Err(fault.Of(err)); !strings.Contains(words, "No commission and no fee.") {
			t.Errorf("not in the words in force: %s", words)
		}
	})
}

func TestWithdrawnVersionNeverBinds(t *testing.T) {
	dbtest.EachAt(t, atNoon(), func(t *testing.T, d *db.DB) {
		_, err := draft(t, d, func(*promise.NewVersion) {})
		must(t, err)
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := promise.Sign(ctx, tx, second, "P1", 2)
			if err == nil {
				err = promise.Withdraw(ctx, tx, second, "P1", 2)
			}
			return err
		}))
		d.Clock.(*clock.Fake).Add(30 * 24 * time.Hour)
		rules, err := promise.Load(t.Context(), d)
		must(t, err)
		v, err := promise.VersionOf(t.Context(), d, "P1", 2)
		must(t, err)
		if got, _ := rules.For(promise.ForLocal, clock.Us(d.Clock.Now())); got.Version != 1 || rules.StateOf(v, d.Clock.Now()) != promise.Retracted {
			t.Error(got.Version, rules.StateOf(v, d.Clock.Now()))
		}
		if v, err := draft(t, d, func(*promise.NewVersion) {}); err != nil || v.Version != 3 {
			t.Error(v.Version, err)
		}
	})
}

func TestBadScriptsAreRefusedWithWords(t *testing.T) {
	dbtest.EachAt(t, atNoon(), func(t *testing.T, d *db.DB) {
		good := localScript(t, d)
		swap := func(a, b string) string {
			if !strings.Contains(good, a) {
				t.Fatalf("no %q", a)
			}
			return strings.Replace(good, a, b, 1)
		}
		for name, c := range map[string]struct {
			script, key string
			line        int // 0: any
		}{
			"empty":               {" ", "fault.required", 0},
			"no script at all":    {"send everything home", "promise.script_syntax", 1},
			"bracket missing":     {swap("send $paid (", "send $paid"), "promise.script_syntax", 0},
			"remainder missing":   {swap("    remaining to @trade:margin:local\n", ""), "promise.script_syntax", 0},
			"shares of 90 %":      {swap("{\n    max $owed to $producer\n    remaining to @trade:margin:local\n  }", "{\n 80% to $producer\n 10% to @trade:margin:local\n }"), "promise.script_run", 0},
			"remainder kept":      {swap("remaining to @trade:margin:local", "remaining kept"), "promise.script_remainder", 0},
			"half left":           {swap("send $paid (", "send $owed ("), "promise.script_remainder", 0},
			"unknown variable":    {swap("monetary $paid ", "monetary $pay "), "promise.script_variable", 0},
			"undeclared variable": {swap("to $producer", "to $friend"), "promise.script_run", 0},
			"commission":          {swap("@trade:margin:local", "@commission:earned"), "promise.script_account", 13},
			"another producer":    {swap("to $producer", "to @producer:local:friend:owed"), "promise.script_account", 12},
			"overdraft":           {swap("$held @trade", "$held allowing unbounded overdraft @trade"), "promise.script_remainder", 0},
			"more than there is":  {swap("send $paid", "send $paid + $owed"), "promise.script_funds", 0},
			"experiment":          {"#![feature(\"experimental-oneof\")]\n" + good, "promise.script_feature", 1},
			"deep":                {strings.Repeat("{", 40), "promise.script_deep", 1},
			"long":                {good + strings.Repeat("// x\n", 1000), "fault.too_long", 0},
			"everything to us":    {swap("max $owed to $producer", "max [CNY/2 0] to $producer"), "promise.script_breaks", 0},
		} {
			_, err := draft(t, d, func(n *promise.NewVersion) { n.Script = c.script })
			f := fault.Of(err)
			if err == nil || f.Key != c.key || f.Field != "script" || c.line != 0 && f.Args["Line"] != c.line {
				t.Errorf("%s: %v %v, want %s in line %d", name, err, f, c.key, c.line)
				continue
			}
			for _, l := range i18n.Langs {
				if s := i18n.For(l).Err(f); strings.Contains(s, "<no value>") || strings.Contains(s, "{{") || s == f.Key {
					t.Errorf("%s in %s: %s", name, l, s)
				}
			}
		}
		if list, _ := promise.Versions(t.Context(), d, true); len(list) != 5 {
			t.Error("a refused draft was kept")
		}
	})
}

func TestBadDraftsNameEveryField(t *testing.T) {
	dbtest.EachAt(t, atNoon(), func(t *testing.T, d *db.DB) {
		_, err := draft(t, d, func(n *promise.NewVersion) {
			n.WordsZH, n.WordsEN, n.NoticeDays, n.CommentDays = "", strings.Repeat("x", 301), 3, 1
		})
		var fields []string
		for _, f := range fault.Of(err).All() {
			fields = append(fields, f.Field)
		}
		if strings.Join(fields, " ") != "words_zh words_en notice_days comment_days" {
			t.Error(fields, err)
		}
		if _, err := draft(t, d, func(n *promise.NewVersion) { n.No, n.Scope = "P9", promise.ForGift }); !fault.HasKey(err, "promise.scope_taken") {
			t.Errorf("two promises of one money: %v", err)
		}
		if v, err := draft(t, d, func(n *promise.NewVersion) { n.No, n.Scope, n.Script = "P9", promise.ForWords, "" }); err != nil || v.Version != 1 {
			t.Error(v, err)
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.DropDraft(ctx, tx, drafter, "P9", 1) }))
	})
}

func TestComments(t *testing.T) {
	dbtest.EachAt(t, atNoon(), func(t *testing.T, d *db.DB) {
		_, err := draft(t, d, func(*promise.NewVersion) {})
		must(t, err)
		say := func(who actor.Actor, body string) (c promise.Comment, err error) {
			err = up(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				c, err = promise.Say(ctx, tx, who, "P1", 2, body)
				return err
			})
			return c, err
		}
		if _, err := say(citizen, "before it is announced"); !fault.HasKey(err, "promise.comments_closed") {
			t.Error(err)
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := promise.Sign(ctx, tx, second, "P1", 2)
			return err
		}))
		if _, err := say(actor.Actor{}, "who am I"); !fault.Is(err, fault.Unauthenticated) {
			t.Error(err)
		}
		if _, err := say(citizen, strings.Repeat("长", 501)); !fault.HasKey(err, "fault.too_long") {
			t.Error(err)
		}
		first, err := say(citizen, " Who pays the carrier? ")
		must(t, err)
		for range promise.CommentsOfOne - 1 {
			_, err = say(citizen, "more")
			must(t, err)
		}
		if _, err := say(citizen, "too much"); !fault.HasKey(err, "promise.comments_many") {
			t.Error(err)
		}
		moderator := actor.Actor{User: "m", Roles: []actor.Role{actor.Moderator}}
		for range 2 {
			must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
				return promise.HideComment(ctx, tx, moderator, first.ID, "a phone number")
			}))
		}
		list, err := promise.Comments(t.Context(), d, "P1", 2)
		if err != nil || len(list) != 3 || !list[0].Hidden || list[0].Body != "" || list[0].Why != "a phone number" || list[1].Body != "more" {
			t.Error(list, err)
		}
		if _, err := d.Exec(t.Context(), `UPDATE promise_comment SET body = 'x'`); !db.IsRefused(err) {
			t.Error(err)
		}
		d.Clock.(*clock.Fake).Add(6 * 24 * time.Hour)
		if _, err := say(actor.Actor{User: "z"}, "late"); !fault.HasKey(err, "promise.comments_closed") {
			t.Error(err)
		}
	})
}
