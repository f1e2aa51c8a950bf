package account_test

import (
	"slices"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

func TestRoles(t *testing.T) {
	each(t, func(w *world) {
		admin := w.create("13800000001", "", actor.Admin)
		li := w.create(phone, "Li", actor.Host, actor.Buyer)
		if !slices.Equal(li.Roles, []actor.Role{actor.Host}) {
			w.t.Errorf("roles %v", li.Roles)
		}
		token := w.open(li.ID, account.Web)
		set := func(who actor.Actor, u id.User, roles ...actor.Role) error {
			return w.try(func(tx *db.Tx) error { return account.SetRoles(w.ctx(), tx, who, u, roles) })
		}
		if err := set(li.Actor("web"), li.ID, actor.Admin); !fault.Is(err, fault.Denied) {
			w.t.Errorf("a host grants: %v", err)
		}
		wantKey(w.t, set(admin.Actor("web"), admin.ID, actor.Admin, actor.Operator), "account.self")
		wantKey(w.t, set(admin.Actor("web"), li.ID, "emperor"), "fault.choice")
		wantKey(w.t, set(admin.Actor("web"), li.ID, actor.Admin, actor.Finance), "account.roles_money")
		wantKey(w.t, set(admin.Actor("web"), li.ID, actor.Overseer, actor.Packer), "account.roles_overseer")
		if err := set(admin.Actor("web"), id.New[id.User](), actor.Host); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("nobody: %v", err)
		}
		if err := set(admin.Actor("web"), li.ID, actor.Host); err != nil || !w.holds(token) {
			w.t.Errorf("the same roles again: %v, session lives %v", err, w.holds(token))
		}
		if err := set(admin.Actor("web"), li.ID, actor.Operator, actor.Host); err != nil || w.holds(token) {
			w.t.Errorf("new roles: %v, old session lives %v", err, w.holds(token))
		}
		us, err := account.WithRole(w.ctx(), w.d, actor.Operator)
		if err != nil || len(us) != 1 || us[0].ID != li.ID || len(us[0].Roles) != 2 {
			w.t.Errorf("operators: %+v, %v", us, err)
		}
		if us, _ = account.WithRole(w.ctx(), w.d, ""); len(us) != 2 {
			w.t.Errorf("everyone: %+v", us)
		}
		ev, err := audit.List(w.ctx(), w.d, audit.Filter{ObjectKind: "user", ObjectID: string(li.ID)})
		if err != nil || len(ev) != 2 || ev[0].Action != "account.set_roles" || ev[0].Actor != admin.ID {
			w.t.Errorf("trail: %+v, %v", ev, err)
		}
	})
}

func TestDisabledIsOut(t *testing.T) {
	each(t, func(w *world) {
		admin := w.create("13800000001", "", actor.Admin).Actor("web")
		u, token := w.in(phone)
		state := func(who actor.Actor, u id.User, s string) error {
			return w.try(func(tx *db.Tx) error { return account.SetState(w.ctx(), tx, who, u, s) })
		}
		wantKey(w.t, state(admin, admin.User, account.Disabled), "account.self")
		wantKey(w.t, state(admin, u.ID, "asleep"), "fault.choice")
		if err := state(u.Actor("web"), u.ID, account.Disabled); !fault.Is(err, fault.Denied) {
			w.t.Errorf("by oneself: %v", err)
		}
		if err := state(admin, u.ID, account.Disabled); err != nil || w.holds(token) {
			w.t.Fatalf("disable: %v, session lives %v", err, w.holds(token))
		}
		w.clk.Add(time.Hour)
		c, err := w.ask(phone, "")
		if err != nil {
			w.t.Fatal(err)
		}
		_, _, err = w.signIn(c, c.Plain)
		wantKey(w.t, err, "account.disabled")
		w.do(func(tx *db.Tx) error { return account.SetState(w.ctx(), tx, admin, u.ID, account.Active) })
		w.clk.Add(time.Hour)
		if again, _ := w.in(phone); again.ID != u.ID {
			w.t.Error("enabling made another person")
		}
	})
}

func TestCreateGivesWhoIsThere(t *testing.T) {
	each(t, func(w *world) {
		a := w.create(phone, "  Li   Mei ", actor.Packer)
		b := w.create("138 0013 8000", "Other", actor.Admin)
		if a.ID != b.ID || b.Name != "Li Mei" || !slices.Equal(b.Roles, []actor.Role{actor.Packer}) {
			w.t.Errorf("got %+v", b)
		}
		got, ok, err := account.ByPhone(w.ctx(), w.d, w.v, phone)
		if err != nil || !ok || got.ID != a.ID {
			w.t.Errorf("by phone: %v %v %v", got, ok, err)
		}
		if _, ok, err = account.ByPhone(w.ctx(), w.d, w.v, "13900139000"); ok || err != nil {
			w.t.Errorf("unknown phone: %v %v", ok, err)
		}
		err = w.try(func(tx *db.Tx) error {
			_, err := account.Create(w.ctx(), tx, w.v, a.Actor("web"), "13900139000", "")
			return err
		})
		if !fault.Is(err, fault.Denied) {
			w.t.Errorf("a packer creates: %v", err)
		}
	})
}

func TestProfile(t *testing.T) {
	each(t, func(w *world) {
		u := w.create(phone, "")
		set := func(who actor.Actor, name, lang string) error {
			return w.try(func(tx *db.Tx) error { return account.SetProfile(w.ctx(), tx, who, name, lang, true) })
		}
		if err := set(u.Actor("web"), "Mei", "en"); err != nil {
			w.t.Fatal(err)
		}
		got, err := account.Users(w.ctx(), w.d, u.ID, id.New[id.User]())
		if err != nil || len(got) != 1 || got[u.ID].Name != "Mei" || got[u.ID].Lang != "en" || !got[u.ID].LargeType {
			w.t.Errorf("got %+v, %v", got, err)
		}
		wantKey(w.t, set(u.Actor("web"), "Mei", "tlh"), "fault.choice")
		wantKey(w.t, set(actor.Actor{}, "Mei", "en"), "fault.sign_in")
		wantKey(w.t, set(system, "Mei", "en"), "fault.sign_in")
		teacher := w.create("13800000002", "", actor.Teacher).Actor("web")
		w.do(func(tx *db.Tx) error { return account.SetLocalHost(w.ctx(), tx, teacher, u.ID, true) })
		if got, _ = account.Users(w.ctx(), w.d, u.ID); !got[u.ID].LocalHost {
			w.t.Error("not marked as local")
		}
		err = w.try(func(tx *db.Tx) error { return account.SetLocalHost(w.ctx(), tx, u.Actor("web"), u.ID, true) })
		if !fault.Is(err, fault.Denied) {
			w.t.Errorf("a buyer marks: %v", err)
		}
	})
}

func TestFollow(t *testing.T) {
	each(t, func(w *world) {
		host := w.create("13800000001", "", actor.Host)
		a, b := w.create(phone, "").Actor("web"), w.create("13900139000", "").Actor("web")
		follow := func(who actor.Actor, h id.User, on bool) error {
			return w.try(func(tx *db.Tx) error { return account.Follow(w.ctx(), tx, who, h, on) })
		}
		check := func(n int64, mine bool) {
			w.t.Helper()
			gotN, gotMine, err := account.Followers(w.ctx(), w.d, host.ID, a.User)
			if err != nil || gotN != n || gotMine != mine {
				w.t.Errorf("got %d %v %v, want %d %v", gotN, gotMine, err, n, mine)
			}
		}
		check(0, false)
		for _, who := range []actor.Actor{a, a, b} {
			if err := follow(who, host.ID, true); err != nil {
				w.t.Fatal(err)
			}
		}
		check(2, true)
		for range 2 {
			if err := follow(a, host.ID, false); err != nil {
				w.t.Fatal(err)
			}
		}
		check(1, false)
		counts, err := account.FollowerCounts(w.ctx(), w.d, host.ID, a.User, b.User)
		if err != nil || len(counts) != 1 || counts[host.ID] != 1 {
			w.t.Errorf("counts %v, %v", counts, err)
		}
		if hs, err := account.Following(w.ctx(), w.d, b.User); err != nil || !slices.Equal(hs, []id.User{host.ID}) {
			w.t.Errorf("following %v, %v", hs, err)
		}
		wantKey(w.t, follow(a, b.User, true), "account.not_host")
		wantKey(w.t, follow(host.Actor("web"), host.ID, true), "account.follow_self")
		wantKey(w.t, follow(actor.Actor{}, host.ID, true), "fault.sign_in")
	})
}

func TestProducerLinks(t *testing.T) {
	each(t, func(w *world) {
		selector := w.create("13800000001", "", actor.Selector).Actor("web")
		u := w.create(phone, "", actor.Producer)
		p := id.New[id.Producer]()
		for range 2 {
			w.do(func(tx *db.Tx) error { return account.LinkProducer(w.ctx(), tx, selector, u.ID, p) })
		}
		if ps, err := account.ProducersOf(w.ctx(), w.d, u.ID); err != nil || !slices.Equal(ps, []id.Producer{p}) {
			w.t.Errorf("got %v, %v", ps, err)
		}
		err := w.try(func(tx *db.Tx) error { return account.LinkProducer(w.ctx(), tx, u.Actor("web"), u.ID, p) })
		if !fault.Is(err, fault.Denied) {
			w.t.Errorf("a producer links: %v", err)
		}
		err = w.try(func(tx *db.Tx) error { return account.LinkProducer(w.ctx(), tx, selector, selector.User, p) })
		wantKey(w.t, err, "account.self")
		w.do(func(tx *db.Tx) error { return account.UnlinkProducer(w.ctx(), tx, selector, u.ID, p) })
		if ps, err := account.ProducersOf(w.ctx(), w.d, u.ID); err != nil || len(ps) != 0 {
			w.t.Errorf("got %v, %v", ps, err)
		}
	})
}
