package show_test

import (
	"context"
	"slices"
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
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/vault"
)

type bundle struct {
	*testing.T
	ctx      context.Context
	d        *db.DB
	clk      *clock.Fake
	v        *vault.Vault
	operator actor.Actor
	host     actor.Actor
	other    actor.Actor // another host
	buyer    actor.Actor
}

func each(t *testing.T, fn func(b bundle)) {
	t.Helper()
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		v, err := vault.New([]byte(strings.Repeat("k", vault.KeySize)))
		if err != nil {
			t.Fatal(err)
		}
		person := func(roles ...actor.Role) actor.Actor {
			return actor.Actor{User: id.New[id.User](), Name: "N", Roles: roles, Via: "web"}
		}
		fn(bundle{t, t.Context(), d, d.Clock.(*clock.Fake), v, person(actor.Operator), person(actor.Host), person(actor.Host), person()})
	})
}

func (b bundle) do(fn func(tx *db.Tx) error) error { return b.d.Update(b.ctx, fn) }

func (b bundle) must(fn func(tx *db.Tx) error) {
	b.Helper()
	if err := b.do(fn); err != nil {
		b.Fatal(err)
	}
}

func (b bundle) notice() show.Show {
	return show.Show{Title: "Blueberries", Host: b.host.User, Orientation: show.Portrait, Starts: b.d.Clock.Now().Add(time.Hour)}
}

func (b bundle) draft() id.Show {
	b.Helper()
	var s id.Show
	b.must(func(tx *db.Tx) (err error) { s, err = show.Save(b.ctx, tx, b.operator, b.notice()); return err })
	return s
}

func (b bundle) move(who actor.Actor, s id.Show, to show.State) error {
	return b.do(func(tx *db.Tx) error { _, err := show.Move(b.ctx, tx, who, s, to); return err })
}

func (b bundle) moves(s id.Show, to ...show.State) {
	b.Helper()
	for _, st := range to {
		if err := b.move(b.operator, s, st); err != nil {
			b.Fatalf("to %s: %v", st, err)
		}
	}
}

func (b bundle) item(s id.Show, price int64) show.Item {
	b.Helper()
	var it show.Item
	b.must(func(tx *db.Tx) (err error) {
		it, err = show.AddItem(b.ctx, tx, b.operator, s, show.Item{Product: id.New[id.Product](), Price: money.Fen(price), Released: 10, State: show.OnSale})
		return err
	})
	return it
}

func (b bundle) numbers(s id.Show) map[id.Item]int {
	b.Helper()
	items, err := show.Items(b.ctx, b.d, s)
	if err != nil {
		b.Fatal(err)
	}
	out := map[id.Item]int{}
	for _, it := range items {
		out[it.ID] = it.No
	}
	return out
}

func wantKey(t *testing.T, err error, key string) {
	t.Helper()
	if !fault.HasKey(err, key) {
		t.Errorf("got %v, want %s", err, key)
	}
}

func TestSaveKeepsWhatWasSaved(t *testing.T) {
	each(t, func(b bundle) {
		n := b.notice()
		n.Title, n.Summary, n.SlowMode = "  Blue   berries ", "fresh", 5
		var s id.Show
		b.must(func(tx *db.Tx) (err error) { s, err = show.Save(b.ctx, tx, b.host, n); return err })
		got, err := show.ByID(b.ctx, b.d, s)
		if err != nil || got.Title != "Blue berries" || got.Summary != "fresh" || got.State != show.Draft || got.SlowMode != 5 || !got.Starts.Equal(n.Starts) {
			b.Fatalf("%+v, %v", got, err)
		}
		var rows int64
		if b.d.QueryRow(b.ctx, `SELECT count(*) FROM audit_event WHERE object_id = $1 AND action = 'show.create'`, s).Scan(&rows); rows != 1 {
			b.Errorf("audit rows %d", rows)
		}
	})
}

func TestSaveTellsEveryFault(t *testing.T) {
	each(t, func(b bundle) {
		err := b.do(func(tx *db.Tx) error {
			_, err := show.Save(b.ctx, tx, b.operator, show.Show{Summary: strings.Repeat("x", show.MaxSummary+1), Orientation: "round", SlowMode: -1})
			return err
		})
		var fields []string
		for _, f := range fault.Of(err).All() {
			fields = append(fields, f.Field)
		}
		slices.Sort(fields)
		if got := strings.Join(fields, " "); got != "host orientation slow_mode starts summary title" {
			b.Errorf("fields %q", got)
		}
		n := b.notice()
		n.Starts = b.d.Clock.Now().Add(-2 * time.Hour)
		wantKey(b.T, b.do(func(tx *db.Tx) error { _, err := show.Save(b.ctx, tx, b.operator, n); return err }), "show.starts_range")
	})
}

func TestWhoMayRunAShow(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		n := b.notice()
		n.ID = s
		n.Host = b.other.User
		if err := b.do(func(tx *db.Tx) error { _, err := show.Save(b.ctx, tx, b.host, n); return err }); !fault.HasKey(err, "show.not_yours") {
			b.Errorf("a host handed the show over: %v", err)
		}
		if err := b.do(func(tx *db.Tx) error { _, err := show.Save(b.ctx, tx, b.other, n); return err }); !fault.HasKey(err, "show.not_yours") {
			b.Errorf("a host took another's show: %v", err)
		}
		for name, c := range map[string]struct {
			who  actor.Actor
			to   show.State
			kind fault.Kind
		}{
			"buyer announces":      {b.buyer, show.Announced, fault.Denied},
			"nobody announces":     {actor.Actor{}, show.Announced, fault.Unauthenticated},
			"own host announces":   {b.host, show.Announced, fault.Denied},
			"other host announces": {b.other, show.Announced, fault.Denied},
		} {
			if err := b.move(c.who, s, c.to); !fault.Is(err, c.kind) {
				b.Errorf("%s: %v", name, err)
			}
		}
		b.moves(s, show.Announced)
		n.Host, n.Starts = b.host.User, n.Starts.Add(time.Hour)
		wantKey(b.T, b.do(func(tx *db.Tx) error { _, err := show.Save(b.ctx, tx, b.host, n); return err }), "show.fixed")
		if err := b.move(b.other, s, show.Live); !fault.Is(err, fault.Denied) {
			b.Errorf("another host started it: %v", err)
		}
		if err := b.move(b.host, s, show.Live); err != nil {
			b.Errorf("its host can't start it: %v", err)
		}
		if err := b.move(b.operator, s, show.Cancelled); !fault.HasKey(err, "show.move") {
			b.Errorf("a live show was cancelled: %v", err)
		}
		if err := b.move(b.host, s, show.Ended); err != nil {
			b.Errorf("its host can't stop it: %v", err)
		}
	})
}

func TestEndingClosesEverythingDown(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		it := b.item(s, 1000)
		b.moves(s, show.Announced, show.Live)
		b.must(func(tx *db.Tx) error { return show.PinItem(b.ctx, tx, b.host, s, it.ID) })
		b.clk.Add(time.Minute)
		b.moves(s, show.Ended)
		got, err := show.ByID(b.ctx, b.d, s)
		if err != nil || got.Pinned != "" || got.EndedAt.Sub(got.LiveAt) != time.Minute {
			b.Errorf("%+v, %v", got, err)
		}
		items, _ := show.Items(b.ctx, b.d, s)
		if items[0].State != show.Off {
			b.Errorf("item is %s", items[0].State)
		}
		pins, err := show.Pins(b.ctx, b.d, s)
		if err != nil || len(pins) != 2 || pins[0].Item != it.ID || pins[1].Item != "" {
			b.Errorf("pins %v, %v", pins, err)
		}
		for name, err := range map[string]error{
			"save": b.do(func(tx *db.Tx) error {
				n := b.notice()
				n.ID = s
				_, err := show.Save(b.ctx, tx, b.operator, n)
				return err
			}),
			"add": b.do(func(tx *db.Tx) error {
				_, err := show.AddItem(b.ctx, tx, b.operator, s, show.Item{Product: "p", Price: 1})
				return err
			}),
			"set":  b.do(func(tx *db.Tx) error { _, err := show.SetItem(b.ctx, tx, b.operator, it); return err }),
			"slow": b.do(func(tx *db.Tx) error { return show.SetSlowMode(b.ctx, tx, b.operator, s, 3) }),
			"key":  b.do(func(tx *db.Tx) error { _, err := show.NewKey(b.ctx, tx, b.v, b.operator, s); return err }),
		} {
			if !fault.HasKey(err, "show.over") {
				b.Errorf("%s after the end: %v", name, err)
			}
		}
	})
}

func TestListPutsLiveFirst(t *testing.T) {
	each(t, func(b bundle) {
		soon, later, live, over := b.draft(), b.draft(), b.draft(), b.draft()
		n := b.notice()
		n.ID, n.Starts = later, n.Starts.Add(24*time.Hour)
		b.must(func(tx *db.Tx) error { _, err := show.Save(b.ctx, tx, b.operator, n); return err })
		b.moves(soon, show.Announced)
		b.moves(later, show.Announced)
		b.moves(live, show.Announced, show.Live)
		b.moves(over, show.Announced, show.Live, show.Ended)
		for want, f := range map[string]show.Filter{
			string(live + soon + later + over): {},
			string(live + soon + later):        {States: []show.State{show.Live, show.Announced}},
			string(live):                       {Limit: 1},
			"":                                 {Host: b.other.User},
		} {
			list, err := show.List(b.ctx, b.d, f)
			got := ""
			for _, s := range list {
				got += string(s.ID)
			}
			if err != nil || got != want {
				b.Errorf("%+v: got %s, want %s (%v)", f, got, want, err)
			}
		}
	})
}

func TestRemindersGoOutOnce(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		remind := func(who actor.Actor, on bool) error {
			return b.do(func(tx *db.Tx) error { return show.Remind(b.ctx, tx, who, s, on) })
		}
		wantKey(b.T, remind(b.buyer, true), "show.not_announced")
		b.moves(s, show.Announced)
		for _, who := range []actor.Actor{b.buyer, b.buyer, b.other} {
			if err := remind(who, true); err != nil {
				b.Fatal(err)
			}
		}
		if err := remind(actor.Actor{}, true); !fault.Is(err, fault.Unauthenticated) {
			b.Errorf("anonymous: %v", err)
		}
		if n, mine, err := show.Reminded(b.ctx, b.d, s, b.buyer.User); n != 2 || !mine || err != nil {
			b.Errorf("%d, %v, %v", n, mine, err)
		}
		if err := remind(b.other, false); err != nil {
			b.Fatal(err)
		}
		due := func() (out []show.Due) {
			b.must(func(tx *db.Tx) (err error) {
				out, err = show.DueReminders(b.ctx, tx, tx.Now.Add(10*time.Minute), 100)
				return err
			})
			return out
		}
		if got := due(); len(got) != 0 {
			b.Errorf("an hour before: %v", got)
		}
		b.clk.Add(55 * time.Minute)
		if got := due(); !slices.Equal(got, []show.Due{{Show: s, User: b.buyer.User}}) {
			b.Errorf("five minutes before: %v", got)
		}
		if got := due(); len(got) != 0 {
			b.Errorf("twice: %v", got)
		}
		b.must(func(tx *db.Tx) error { return show.Unsent(b.ctx, tx, show.Due{Show: s, User: b.buyer.User}) })
		if got := due(); len(got) != 1 {
			b.Errorf("what was not delivered is not tried again: %v", got)
		}
		n := b.notice() // an hour from now
		n.ID = s
		b.must(func(tx *db.Tx) error { _, err := show.Save(b.ctx, tx, b.operator, n); return err })
		b.clk.Add(55 * time.Minute)
		if got := due(); len(got) != 1 {
			b.Errorf("the new time was not told: %v", got)
		}
		b.must(func(tx *db.Tx) error { return show.Unsent(b.ctx, tx, show.Due{Show: s, User: b.buyer.User}) })
		b.clk.Add(time.Hour)
		if got := due(); len(got) != 0 {
			b.Errorf("long after the start: %v", got)
		}
	})
}

func TestVisitorsCountOnce(t *testing.T) {
	each(t, func(b bundle) {
		s := b.draft()
		crowd := map[string]int64{"a": -5}
		for range 450 {
			crowd["a"+id.New[string]()] = 1
		}
		for range 2 {
			b.must(func(tx *db.Tx) error { return show.Visit(b.ctx, tx, s, crowd) })
		}
		if n, likes, err := show.Audience(b.ctx, b.d, s); n != 451 || likes != 900 || err != nil {
			b.Errorf("%d entered, %d likes, %v; want 451, 900", n, likes, err)
		}
	})
}

func TestFaultsSpeakBothLanguages(t *testing.T) {
	f := fault.New(fault.Conflict, "show.move", "From", "@show.state_live", "To", "@show.state_cancelled")
	if got := i18n.For(i18n.English).Err(f); !strings.Contains(got, "is live and can't become cancelled") {
		t.Error(got)
	}
}
