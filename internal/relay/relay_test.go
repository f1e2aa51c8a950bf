package relay_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/relay"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/vault"
)

var operator = actor.Actor{User: id.New[id.User](), Roles: []actor.Role{actor.Operator}}

const secret = "room-42?sign=top-secret-sign-0099"

func TestTargetsAreKeptSealedAndSwitchedByShow(t *testing.T) {
	v, err := vault.New(bytes.Repeat([]byte{7}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		do := func(fn func(tx *db.Tx) error) error { return d.Update(ctx, fn) }
		must := func(fn func(tx *db.Tx) error) {
			t.Helper()
			if err := do(fn); err != nil {
				t.Fatal(err)
			}
		}
		is := func(err error, key string) {
			t.Helper()
			if fault.Of(err).Key != key {
				t.Errorf("%v, want %s", err, key)
			}
		}
		var s id.Show
		must(func(tx *db.Tx) (err error) {
			s, err = show.Save(ctx, tx, actor.System("test"), show.Show{Title: "First", Host: id.New[id.User](), Orientation: show.Portrait, Starts: d.Clock.Now()})
			return err
		})
		in := relay.New{Name: " Platform   A ", Server: "rtmps://Push.Example.com/live/", Key: secret}
		add := func(who actor.Actor, idem string, n relay.New) (x relay.Target, err error) {
			err = do(func(tx *db.Tx) (err error) { x, err = relay.Add(ctx, tx, v, who, idem, n); return err })
			return x, err
		}
		if _, err := add(actor.Actor{User: "x", Roles: []actor.Role{actor.Moderator}}, "k1", in); fault.Of(err).Kind != fault.Denied {
			t.Errorf("a moderator adds: %v", err)
		}
		_, err := add(operator, "k1", relay.New{Server: "http://x", Key: ""})
		if n := len(fault.Of(err).All()); n != 2 {
			t.Errorf("%d things are wrong: %v", n, err)
		}
		a, err := add(operator, "k1", in)
		if err != nil || a.Name != "Platform A" || a.Server != "rtmps://push.example.com/live" || a.Hint != "0099" || strings.Contains(a.Mask(), "secret") {
			t.Fatalf("%+v, %v", a, err)
		}
		if b, err := add(operator, "k1", in); err != nil || b.ID != a.ID {
			t.Errorf("the same again is %+v, %v", b, err)
		}

		turn := func(x id.Relay, on bool) error {
			return do(func(tx *db.Tx) error { return relay.Switch(ctx, tx, operator, s, x, on) })
		}
		on := func() int {
			t.Helper()
			m, err := relay.On(ctx, d, v, s)
			if err != nil {
				t.Fatal(err)
			}
			return len(m[s])
		}
		if on() != 0 {
			t.Error("on before it was switched on")
		}
		if err := turn(a.ID, true); err != nil {
			t.Fatal(err)
		}
		m, err := relay.On(ctx, d, v, s)
		if err != nil || len(m[s]) != 1 || m[s][0].Key != secret || m[s][0].Server != a.Server || m[s][0].ID != string(a.ID) {
			t.Fatalf("%+v, %v", m, err)
		}
		must(func(tx *db.Tx) error {
			return relay.Change(ctx, tx, v, operator, a.ID, relay.New{Name: "B", Server: "rtmp://other.example.com/app", Key: ""})
		})
		if m, _ := relay.On(ctx, d, v, s); m[s][0].Key != secret || m[s][0].Server != "rtmp://other.example.com/app" {
			t.Errorf("a change without a key: %+v", m)
		}
		must(func(tx *db.Tx) error {
			return relay.Change(ctx, tx, v, operator, a.ID, relay.New{Name: "B", Server: "rtmp://other.example.com/app", Key: "short"})
		})
		if m, _ := relay.On(ctx, d, v, s); m[s][0].Key != "short" {
			t.Errorf("a new key: %+v", m)
		}
		if x, _ := relay.ByID(ctx, d, a.ID); x.Hint != "" {
			t.Errorf("of a short key %q is shown", x.Hint)
		}
		// No table but the sealed column and no audit entry holds a key.
		for _, q := range []string{`SELECT count(*) FROM audit_event WHERE detail LIKE '%secret%'`, `SELECT count(*) FROM relay_target WHERE key_enc LIKE '%secret%' OR server LIKE '%secret%'`} {
			var n int
			if err := d.QueryRow(ctx, q).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d, %v", q, n, err)
			}
		}
		for i := range relay.MaxOn {
			x, err := add(operator, fmt.Sprint("more", i), in)
			if err != nil {
				t.Fatal(err)
			}
			if err = turn(x.ID, true); i < relay.MaxOn-1 && err != nil {
				t.Fatal(err)
			} else if i == relay.MaxOn-1 {
				is(err, "send.many_on")
			}
		}
		must(func(tx *db.Tx) error { return relay.Remove(ctx, tx, operator, a.ID) })
		if on() != relay.MaxOn-1 {
			t.Errorf("%d are on after one was removed", on())
		}
		is(turn(a.ID, true), "send.gone")
		var sealed string
		if err := d.QueryRow(ctx, `SELECT key_enc FROM relay_target WHERE id = $1`, a.ID).Scan(&sealed); err != nil || sealed != "" {
			t.Errorf("the key of a removed target stays: %q, %v", sealed, err)
		}
	})
}
