package account_test

import (
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

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
