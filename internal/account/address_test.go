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

// TestLabelIsOfTheAddressAsItStands: an order copies what was sealed when the
// address was saved, unless the address has been saved since by a release that
// knows of no labels.
func TestLabelIsOfTheAddressAsItStands(t *testing.T) {
	each(t, func(w *world) {
		li, mei := w.create(phone, "").Actor("web"), w.create("13900139000", "").Actor("web")
		var at id.Address
		save := func(a account.Address) {
			if err := w.try(func(tx *db.Tx) (err error) {
				a.ID = at
				at, err = account.SaveAddress(w.ctx(), tx, w.v, li, a)
				return err
			}); err != nil {
				w.t.Fatal(err)
			}
		}
		sql := func(q string, args ...any) {
			if _, err := w.d.Exec(w.ctx(), q, args...); err != nil {
				w.t.Fatal(err)
			}
		}
		label := func() (string, string) {
			found, err := account.SealedByID(w.ctx(), w.d, []id.Address{at})
			if err != nil {
				w.t.Fatal(err)
			}
			if l, own, err := found[at].Label(w.v, mei.User); own || err != nil || l != (account.Label{}) {
				w.t.Fatal("somebody else's label", l, own, err)
			}
			l, own, err := found[at].Label(w.v, li.User)
			if !own || err != nil {
				w.t.Fatal(own, err)
			}
			text, err := w.v.Open(account.ColLabel, l.Enc)
			if err != nil {
				w.t.Fatal(err)
			}
			return text, l.Enc
		}
		save(home)
		want := `{"name":"Li Lei","phone":"13811112222","province":"黑龙江","city":"伊春市","district":"伊美区","detail":"红松路 1 号"}`
		text, first := label()
		if text != want {
			w.t.Errorf("got  %s\nwant %s", text, want)
		}
		if _, again := label(); again != first {
			w.t.Error("sealed again without need")
		}
		moved := home
		moved.Detail = "东风街 2 号"
		save(moved)
		want = strings.Replace(want, home.Detail, moved.Detail, 1)
		if text, _ = label(); text != want {
			w.t.Errorf("after a change %s", text)
		}
		// As a release before labels saves it: everything but the label.
		detail, err := w.v.Seal("user_address.detail", "新兴街 3 号")
		if err != nil {
			w.t.Fatal(err)
		}
		sql(`UPDATE user_address SET detail_enc = $2 WHERE id = $1`, at, detail)
		want = strings.Replace(want, moved.Detail, "新兴街 3 号", 1)
		if text, _ = label(); text != want {
			w.t.Errorf("changed by an older release: %s", text)
		}
		sql(`UPDATE user_address SET label_enc = '' WHERE id = $1`, at)
		if text, _ = label(); text != want {
			w.t.Errorf("saved before labels: %s", text)
		}
		if err := w.try(func(tx *db.Tx) error { return account.DeleteAddress(w.ctx(), tx, li, at) }); err != nil {
			w.t.Fatal(err)
		}
		var left string
		if err := w.d.QueryRow(w.ctx(), `SELECT label_enc FROM user_address WHERE id = $1`, at).Scan(&left); err != nil || left != "" {
			w.t.Error("a deleted address leaves its label:", left, err)
		}
	})
}
