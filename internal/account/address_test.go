package account_test

import (
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

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
