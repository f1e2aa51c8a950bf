package account_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

const phone = "13800138000"

var system = actor.System("test")

// world is a database with a clock that the test moves.
type world struct {
	t   *testing.T
	d   *db.DB
	clk *clock.Fake
	v   *vault.Vault
}

func each(t *testing.T, fn func(w *world)) {
	t.Parallel()
	start := time.Date(2026, 6, 1, 9, 0, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		v, err := vault.New(bytes.Repeat([]byte{7}, vault.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		fn(&world{t, d, d.Clock.(*clock.Fake), v})
	})
}

func (w *world) ctx() context.Context { return w.t.Context() }

func (w *world) try(fn func(tx *db.Tx) error) error { return w.d.Update(w.ctx(), fn) }

func (w *world) do(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.try(fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ask(phone, addr string) (c account.Code, err error) {
	err = w.try(func(tx *db.Tx) (err error) {
		c, err = account.AskCode(w.ctx(), tx, w.v, phone, addr)
		return err
	})
	return c, err
}

func (w *world) signIn(c account.Code, code string) (account.User, string, error) {
	return account.SignIn(w.ctx(), w.d, w.v, c.ID, code, account.Web, "Phone/1", "203.0.113.9")
}

// in signs a phone in all the way.
func (w *world) in(phone string) (account.User, string) {
	w.t.Helper()
	c, err := w.ask(phone, "")
	if err != nil {
		w.t.Fatal(err)
	}
	u, token, err := w.signIn(c, c.Plain)
	if err != nil {
		w.t.Fatal(err)
	}
	return u, token
}

func (w *world) create(phone, name string, roles ...actor.Role) (u account.User) {
	w.t.Helper()
	w.do(func(tx *db.Tx) (err error) {
		u, err = account.Create(w.ctx(), tx, w.v, system, phone, name, roles...)
		return err
	})
	return u
}

func (w *world) holds(token string) bool {
	w.t.Helper()
	_, _, ok, err := account.ByToken(w.ctx(), w.d, w.clk.Now(), token)
	if err != nil {
		w.t.Fatal(err)
	}
	return ok
}

func (w *world) open(u id.User, kind string) (token string) {
	w.t.Helper()
	w.do(func(tx *db.Tx) (err error) {
		token, err = account.OpenSession(w.ctx(), tx, u, kind, "", "")
		return err
	})
	return token
}

func wantKey(t *testing.T, err error, key string) *fault.Error {
	t.Helper()
	if !fault.HasKey(err, key) {
		t.Fatalf("got %v, want fault %s", err, key)
	}
	return fault.Of(err)
}

// other is six digits that are not the code.
func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestSignInMakesTheUserOnce(t *testing.T) {
	each(t, func(w *world) {
		u, token := w.in("+86 138 0013-8000")
		if !w.holds(token) {
			w.t.Fatal("the token opens nothing")
		}
		if p, err := u.Phone(w.v); err != nil || p != phone {
			w.t.Errorf("phone %q, %v", p, err)
		}
		if !regexp.MustCompile(`^林友\d{4}$`).MatchString(u.Name) {
			w.t.Errorf("name %q", u.Name)
		}
		w.clk.Add(2 * time.Minute)
		again, token2 := w.in(phone)
		if again.ID != u.ID || token2 == token {
			w.t.Errorf("second sign-in: user %s want %s, fresh token %v", again.ID, u.ID, token2 != token)
		}
		got, s, ok, err := account.ByToken(w.ctx(), w.d, w.clk.Now(), token2)
		if err != nil || !ok || got.ID != u.ID || s.Kind != account.Web || s.Addr != "203.0.113.*" || s.Agent != "Phone/1" {
			w.t.Errorf("got %+v %+v %v %v", got, s, ok, err)
		}
	})
}

func TestNothingPersonalIsStoredInClear(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask(phone, "203.0.113.9")
		if err != nil {
			w.t.Fatal(err)
		}
		u, token, err := w.signIn(c, c.Plain)
		if err != nil {
			w.t.Fatal(err)
		}
		w.do(func(tx *db.Tx) error {
			_, err := account.SaveAddress(w.ctx(), tx, w.v, u.Actor("web"), home)
			return err
		})
		for table, cols := range map[string]string{
			"user_account": "phone_enc || phone_idx || name", "login_code": "id || phone_idx || phone_enc || addr_idx || code_hash",
			"user_session": "token_hash || agent || addr", "user_address": "name_enc || phone_enc || detail_enc",
			"audit_event": "actor_name || detail || object_id", "login_gate": "key",
		} {
			rows, err := w.d.Query(w.ctx(), `SELECT `+cols+` FROM `+table+` ORDER BY 1`)
			texts, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
			if err != nil || len(texts) == 0 {
				w.t.Fatalf("%s: %d rows, %v", table, len(texts), err)
			}
			for _, s := range texts {
				for _, secret := range []string{phone, token, home.Name, home.Detail, "203.0.113.9"} {
					if strings.Contains(s, secret) {
						w.t.Errorf("%s holds %q in clear", table, secret)
					}
				}
			}
		}
		var hash string
		if err := w.d.QueryRow(w.ctx(), `SELECT code_hash FROM login_code`).Scan(&hash); err != nil || strings.Contains(hash, c.Plain) && len(hash) < 64 {
			w.t.Errorf("code hash %q, %v", hash, err)
		}
	})
}

func TestCodeWorksOnce(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask("+86 138 0013 8000", "")
		if err != nil {
			w.t.Fatal(err)
		}
		if c.Phone != phone || len(c.Plain) != 6 || strings.Trim(c.Plain, "0123456789") != "" || !strings.Contains(c.Text(i18n.Chinese), c.Plain) {
			w.t.Fatalf("code %q to %q", c.Plain, c.Phone)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for range 8 {
			wg.Go(func() {
				_, _, err := w.signIn(c, " "+c.Plain+" ")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					good++
				case !fault.HasKey(err, "account.code_over"):
					w.t.Errorf("loser got %v", err)
				}
			})
		}
		wg.Wait()
		if good != 1 {
			w.t.Errorf("the code opened %d sessions", good)
		}
	})
}

func TestWrongTriesAreCountedAndEndTheCode(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask(phone, "")
		if err != nil {
			w.t.Fatal(err)
		}
		for left := account.CodeTries - 1; left > 0; left-- {
			_, _, err := w.signIn(c, other(c.Plain))
			if f := wantKey(w.t, err, "account.code_wrong"); f.Args["Left"] != left || f.Field != "code" {
				w.t.Errorf("got %v left at %s, want %d", f.Args["Left"], f.Field, left)
			}
		}
		_, _, err = w.signIn(c, other(c.Plain))
		wantKey(w.t, err, "account.code_over")
		_, _, err = w.signIn(c, c.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestCodeIsBoundToItsForm(t *testing.T) {
	each(t, func(w *world) {
		a, err1 := w.ask(phone, "")
		b, err2 := w.ask("13900139000", "")
		if err := errors.Join(err1, err2); err != nil {
			w.t.Fatal(err)
		}
		if a.Plain == b.Plain {
			w.t.Skip("one in a million")
		}
		_, _, err := w.signIn(b, a.Plain)
		wantKey(w.t, err, "account.code_wrong")
		_, _, err = w.signIn(account.Code{ID: id.New[string]()}, a.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestCodeLastsTenMinutes(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask(phone, "")
		if err != nil {
			w.t.Fatal(err)
		}
		w.clk.Add(account.CodeLasts)
		_, _, err = w.signIn(c, c.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestSignInEndsThePhonesOtherCodes(t *testing.T) {
	each(t, func(w *world) {
		a, _ := w.ask(phone, "")
		w.clk.Add(time.Minute)
		b, err := w.ask(phone, "")
		if err != nil {
			w.t.Fatal(err)
		}
		if _, _, err := w.signIn(a, a.Plain); err != nil {
			w.t.Fatal(err) // the first text may come late and still works
		}
		_, _, err = w.signIn(b, b.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestPhoneLimits(t *testing.T) {
	each(t, func(w *world) {
		sent := []time.Time{}
		start := w.clk.Now()
		for w.clk.Now().Sub(start) < 24*time.Hour {
			_, err := w.ask(phone, "")
			if err == nil {
				sent = append(sent, w.clk.Now())
				continue
			}
			f := fault.Of(err)
			if f.Kind != fault.TooMany || f.RetryAfter <= 0 || f.RetryAfter > 24*time.Hour {
				w.t.Fatalf("got %v after %v", err, f.RetryAfter)
			}
			w.clk.Add(f.RetryAfter - time.Microsecond)
			if _, err := w.ask(phone, ""); err == nil {
				w.t.Fatalf("a code came %v too early", time.Microsecond)
			}
			w.clk.Add(time.Microsecond) // now the same limit lets one through
		}
		if len(sent) != 10 {
			w.t.Errorf("%d codes in a day, want 10", len(sent))
		}
		for i := range sent {
			if i >= 1 && sent[i].Sub(sent[i-1]) < time.Minute || i >= 5 && sent[i].Sub(sent[i-5]) < time.Hour {
				w.t.Errorf("code %d came at %v, before: %v", i, sent[i], sent[:i])
			}
		}
	})
}

func TestAddressLimit(t *testing.T) {
	each(t, func(w *world) {
		for i := range 20 {
			// one household: the lower half of an IPv6 address changes at will
			if _, err := w.ask(fmt.Sprintf("138001380%02d", i), fmt.Sprintf("2001:db8::%x", i+1)); err != nil {
				w.t.Fatal(i, err)
			}
		}
		_, err := w.ask("13900000000", "2001:db8::ffff")
		if f := wantKey(w.t, err, "account.code_addr"); f.RetryAfter != time.Hour {
			w.t.Errorf("retry after %v", f.RetryAfter)
		}
		if _, err := w.ask("13900000000", "2001:db8:0:1::1"); err != nil {
			w.t.Errorf("another network: %v", err)
		}
		if _, err := w.ask("13900000001", ""); err != nil {
			w.t.Errorf("no address: %v", err)
		}
	})
}

func TestSimultaneousAskersGetOneCode(t *testing.T) {
	each(t, func(w *world) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for range 8 {
			wg.Go(func() {
				_, err := w.ask(phone, "203.0.113.9")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					good++
				} else if !fault.Is(err, fault.TooMany) {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		if good != 1 {
			w.t.Errorf("%d codes went out at once", good)
		}
	})
}

func TestSessionsAreListedAndRevoked(t *testing.T) {
	each(t, func(w *world) {
		u, a := w.in(phone)
		w.clk.Add(time.Minute)
		b := w.open(u.ID, account.API)
		stranger := w.create("13900139000", "").Actor("web")
		list, err := account.Sessions(w.ctx(), w.d, w.clk.Now(), u.ID)
		if err != nil || len(list) != 2 || list[0].Kind != account.API {
			w.t.Fatalf("got %+v, %v", list, err)
		}
		revoke := func(who actor.Actor, s id.Session) error {
			return w.try(func(tx *db.Tx) error { return account.Revoke(w.ctx(), tx, who, s) })
		}
		if err := revoke(stranger, list[0].ID); !fault.Is(err, fault.NotFound) || !w.holds(b) {
			w.t.Errorf("a stranger's revoke: %v", err)
		}
		if err := revoke(actor.Actor{}, list[0].ID); !fault.Is(err, fault.Unauthenticated) {
			w.t.Errorf("nobody's revoke: %v", err)
		}
		for range 2 { // twice is harmless
			if err := revoke(u.Actor("web"), list[0].ID); err != nil || w.holds(b) || !w.holds(a) {
				w.t.Errorf("own revoke: %v, b %v, a %v", err, w.holds(b), w.holds(a))
			}
		}
		c := w.open(u.ID, account.Web)
		if err := w.try(func(tx *db.Tx) error { return account.RevokeAll(w.ctx(), tx, stranger, u.ID, "") }); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("a stranger's revoke all: %v", err)
		}
		w.do(func(tx *db.Tx) error { return account.RevokeAll(w.ctx(), tx, u.Actor("web"), u.ID, list[1].ID) })
		if !w.holds(a) || w.holds(c) {
			w.t.Errorf("keep one: a %v, c %v", w.holds(a), w.holds(c))
		}
	})
}

func TestSessionEnds(t *testing.T) {
	each(t, func(w *world) {
		u := w.create(phone, "")
		web, api := w.open(u.ID, account.Web), w.open(u.ID, account.API)
		sessionOf := func(token string) account.Session {
			_, s, _, err := account.ByToken(w.ctx(), w.d, w.clk.Now(), token)
			if err != nil {
				w.t.Fatal(err)
			}
			return s
		}
		s := sessionOf(web)
		touch := func() { w.do(func(tx *db.Tx) error { return account.Touch(w.ctx(), tx, s.ID) }) }
		w.clk.Add(30 * time.Minute)
		touch()
		if got := sessionOf(web); !got.Expires.Equal(s.Expires) {
			w.t.Errorf("touched within the hour: expires %v, want %v", got.Expires, s.Expires)
		}
		w.clk.Add(29 * 24 * time.Hour)
		touch()
		if got, want := sessionOf(web).Expires, w.clk.Now().Add(30*24*time.Hour); !got.Equal(want) {
			w.t.Errorf("touched: expires %v, want %v", got, want)
		}
		w.clk.Add(30 * 24 * time.Hour)
		if w.holds(web) || !w.holds(api) {
			w.t.Errorf("after 30 idle days: web %v, api %v", w.holds(web), w.holds(api))
		}
		touch() // too late
		if w.holds(web) {
			w.t.Error("a session that was over came back")
		}
		s = sessionOf(api)
		for w.holds(api) && w.clk.Now().Sub(s.Created) < 500*24*time.Hour {
			touch()
			w.clk.Add(24 * time.Hour)
		}
		if age := w.clk.Now().Sub(s.Created); age < 364*24*time.Hour || age > 366*24*time.Hour {
			w.t.Errorf("a busy session lived %v, want a year", age)
		}
	})
}

func TestOldestSessionEndsWhenThereAreTooMany(t *testing.T) {
	each(t, func(w *world) {
		u := w.create(phone, "")
		var tokens []string
		for range 32 {
			tokens = append(tokens, w.open(u.ID, account.API))
			w.clk.Add(time.Second)
		}
		for i, token := range tokens {
			if got, want := w.holds(token), i >= 2; got != want {
				w.t.Errorf("session %d holds: %v, want %v", i, got, want)
			}
		}
	})
}

func TestByTokenRefusesGarbage(t *testing.T) {
	each(t, func(w *world) {
		for _, token := range []string{"", "x", strings.Repeat("0", 64), strings.Repeat("\x00", 64), "' OR 1=1 --", strings.Repeat("a", 1<<20)} {
			if w.holds(token) {
				w.t.Errorf("%.20q opens a session", token)
			}
		}
	})
}

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

var home = account.Address{Name: "Li Lei", Phone: "13811112222", Province: "黑龙江", City: "伊春市", District: "伊美区", Detail: "红松路 1 号"}

func TestAddressBook(t *testing.T) {
	each(t, func(w *world) {
		li, mei := w.create(phone, "").Actor("web"), w.create("13900139000", "").Actor("web")
		save := func(who actor.Actor, a account.Address) (out id.Address, err error) {
			err = w.try(func(tx *db.Tx) (err error) {
				out, err = account.SaveAddress(w.ctx(), tx, w.v, who, a)
				return err
			})
			w.clk.Add(time.Second)
			return out, err
		}
		list := func() []account.Address {
			as, err := account.Addresses(w.ctx(), w.d, w.v, li.User)
			if err != nil {
				w.t.Fatal(err)
			}
			n := 0
			for i, a := range as {
				if a.Default {
					n++
				}
				if a.Default != (i == 0) {
					w.t.Errorf("default at %d", i)
				}
			}
			if len(as) > 0 && n != 1 {
				w.t.Errorf("%d defaults", n)
			}
			return as
		}
		first, err := save(li, home)
		if err != nil {
			w.t.Fatal(err)
		}
		want := home
		want.ID, want.User, want.Default = first, li.User, true
		if got := list(); len(got) != 1 || got[0] != want {
			w.t.Fatalf("got %+v", got)
		}
		work := home
		work.Detail, work.District, work.Default = "东风街 2 号", "", true
		second, err := save(li, work)
		if err != nil || list()[0].ID != second {
			w.t.Fatalf("second: %v, %+v", err, list())
		}
		want.Detail, want.Default = "红松路 3 号", false
		if _, err := save(li, want); err != nil || list()[1].Detail != "红松路 3 号" {
			w.t.Fatalf("change: %v, %+v", err, list())
		}
		if _, err := save(mei, want); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("another changes it: %v", err)
		}
		del := func(who actor.Actor, a id.Address) error {
			return w.try(func(tx *db.Tx) error { return account.DeleteAddress(w.ctx(), tx, who, a) })
		}
		if err := del(mei, second); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("another deletes it: %v", err)
		}
		if err := del(li, second); err != nil || len(list()) != 1 || list()[0].ID != first {
			w.t.Errorf("delete: %v, %+v", err, list())
		}
		if err := del(li, second); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("delete twice: %v", err)
		}
		var left string
		if err := w.d.QueryRow(w.ctx(), `SELECT name_enc || phone_enc || detail_enc FROM user_address WHERE id = $1`, second).Scan(&left); err != nil || left != "" {
			w.t.Errorf("left after deletion: %q, %v", left, err)
		}
		for range account.MaxAddresses - 1 {
			if _, err := save(li, home); err != nil {
				w.t.Fatal(err)
			}
		}
		_, err = save(li, home)
		wantKey(w.t, err, "account.addresses_full")
		if _, err := save(li, want); err != nil || len(list()) != account.MaxAddresses {
			w.t.Errorf("a change of a full book: %v", err)
		}
		f := fault.Of(func() error { _, err := save(li, account.Address{Name: "x"}); return err }())
		if len(f.All()) != 4 || f.All()[0].Field != "phone" {
			w.t.Errorf("empty fields: %+v", f.All())
		}
		if _, err := save(system, home); !fault.Is(err, fault.Unauthenticated) {
			w.t.Errorf("the system has no address: %v", err)
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
		w.do(func(tx *db.Tx) error { return account.UnlinkProducer(w.ctx(), tx, selector, u.ID, p) })
		if ps, err := account.ProducersOf(w.ctx(), w.d, u.ID); err != nil || len(ps) != 0 {
			w.t.Errorf("got %v, %v", ps, err)
		}
	})
}

func TestPruneKeepsWhatIsStillNeeded(t *testing.T) {
	each(t, func(w *world) {
		u, token := w.in(phone)
		prune := func() (n int64) {
			w.do(func(tx *db.Tx) (err error) {
				n, err = account.Prune(w.ctx(), tx)
				return err
			})
			return n
		}
		if n := prune(); n != 0 || !w.holds(token) {
			w.t.Errorf("pruned %d at once", n)
		}
		w.clk.Add(31 * 24 * time.Hour)
		if n := prune(); n != 2 { // the code and its gate
			w.t.Errorf("pruned %d after a month, want 2", n)
		}
		w.clk.Add(200 * 24 * time.Hour)
		fresh := w.open(u.ID, account.Web)
		if n := prune(); n != 1 || !w.holds(fresh) {
			w.t.Errorf("pruned %d later, want the one session", n)
		}
	})
}
