package account_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
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
