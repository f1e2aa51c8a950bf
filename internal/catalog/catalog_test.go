package catalog_test

import (
	"bytes"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

var selector = actor.Actor{User: id.New[id.User](), Name: "Sun", Roles: []actor.Role{actor.Selector}, Via: "web"}

// world is a database and a folder of files.
type world struct {
	t     *testing.T
	d     *db.DB
	store blob.Store
}

func each(t *testing.T, fn func(w *world)) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, err := blob.NewDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		fn(&world{t, d, s})
	})
}

func (w *world) saveProducer(who actor.Actor, p catalog.Producer) (out id.Producer, err error) {
	err = w.d.Update(w.t.Context(), func(tx *db.Tx) (err error) {
		out, err = catalog.SaveProducer(w.t.Context(), tx, who, p)
		return err
	})
	return out, err
}

func (w *world) saveProduct(who actor.Actor, p catalog.Product) (out id.Product, err error) {
	err = w.d.Update(w.t.Context(), func(tx *db.Tx) (err error) {
		out, err = catalog.SaveProduct(w.t.Context(), tx, who, p)
		return err
	})
	return out, err
}

func (w *world) producer(p id.Producer) catalog.Producer {
	w.t.Helper()
	m, err := catalog.Producers(w.t.Context(), w.d, p)
	if err != nil || len(m) != 1 {
		w.t.Fatalf("producer: %v, %v", m, err)
	}
	return m[p]
}

func (w *world) product(p id.Product) catalog.Product {
	w.t.Helper()
	m, err := catalog.Products(w.t.Context(), w.d, p)
	if err != nil || len(m) != 1 {
		w.t.Fatalf("product: %v, %v", m, err)
	}
	return m[p]
}

func household() catalog.Producer {
	return catalog.Producer{Kind: "household", Name: "Zhao", Village: "Hongqi", District: "Wuying", Local: true, Story: "Picks at dawn.\nSince 1998."}
}

// fields lists the faulty fields of an error with their keys.
func fields(err error) string {
	var out []string
	for _, f := range fault.Of(err).All() {
		out = append(out, f.Field+" "+f.Key)
	}
	return strings.Join(out, ", ")
}

func TestProducerIsKept(t *testing.T) {
	each(t, func(w *world) {
		v, err := vault.New(bytes.Repeat([]byte{7}, vault.KeySize))
		if err != nil {
			w.t.Fatal(err)
		}
		p := household()
		if p.PhoneEnc, err = catalog.SealPhone(v, "138 0013 8000"); err != nil {
			w.t.Fatal(err)
		}
		if p.ID, err = w.saveProducer(selector, p); err != nil {
			w.t.Fatal(err)
		}
		got := w.producer(p.ID)
		if got.Created.IsZero() || got.State != "active" {
			w.t.Errorf("got %+v", got)
		}
		p.Created, p.State = got.Created, "active"
		if got != p {
			w.t.Errorf("got %+v\nwant %+v", got, p)
		}
		if phone, err := got.Phone(v); err != nil || phone != "13800138000" {
			w.t.Errorf("phone %q, %v", phone, err)
		}
		change := got
		change.PhoneEnc, change.Village, change.State = "", "Dongfeng", "paused"
		if _, err := w.saveProducer(selector, change); err != nil {
			w.t.Fatal(err)
		}
		if got = w.producer(p.ID); got.PhoneEnc != p.PhoneEnc || got.Village != "Dongfeng" || got.State != "paused" {
			w.t.Errorf("a form without the phone: %+v", got)
		}
		change.PhoneEnc = catalog.NoPhone
		if _, err := w.saveProducer(selector, change); err != nil || w.producer(p.ID).PhoneEnc != "" {
			w.t.Errorf("the phone stays: %v", err)
		}
		if all, err := catalog.AllProducers(w.t.Context(), w.d); err != nil || len(all) != 1 {
			w.t.Errorf("all: %v, %v", all, err)
		}
		ev, err := audit.List(w.t.Context(), w.d, audit.Filter{ObjectKind: "producer", ObjectID: string(p.ID)})
		if err != nil || len(ev) != 3 || ev[0].Actor != selector.User {
			w.t.Fatalf("trail: %+v, %v", ev, err)
		}
		for _, e := range ev {
			if strings.Contains(e.Detail, "Zhao") || strings.Contains(e.Detail, p.PhoneEnc) {
				w.t.Errorf("the trail names the household: %s", e.Detail)
			}
		}
	})
}

func TestProducerIsChecked(t *testing.T) {
	each(t, func(w *world) {
		for want, change := range map[string]func(p *catalog.Producer){
			"commission catalog.local_commission":          func(p *catalog.Producer) { p.CommissionBP = 1 },
			"commission catalog.commission":                func(p *catalog.Producer) { p.Local, p.CommissionBP = false, 5001 },
			"licence_no catalog.licence_missing":           func(p *catalog.Producer) { p.Kind = "coop" },
			"licence_no catalog.licence":                   func(p *catalog.Producer) { p.LicenceNo = "91<script>" },
			"kind fault.choice":                            func(p *catalog.Producer) { p.Kind = "king" },
			"state fault.choice":                           func(p *catalog.Producer) { p.State = "gone" },
			"name fault.required, district fault.required": func(p *catalog.Producer) { p.Name, p.District = " \u3000", "" },
			"name fault.too_long":                          func(p *catalog.Producer) { p.Name = strings.Repeat("x", 41) },
			"name catalog.text_chars":                      func(p *catalog.Producer) { p.Name = "Zh\u202eao" },
			"story catalog.text_chars":                     func(p *catalog.Producer) { p.Story = "a\x00b" },
		} {
			p := household()
			change(&p)
			if _, err := w.saveProducer(selector, p); fields(err) != want || !fault.Is(err, fault.Invalid) {
				w.t.Errorf("got %s, want %s", fields(err), want)
			}
		}
		firm := household()
		firm.Kind, firm.LicenceNo, firm.Local, firm.CommissionBP = "firm", " 91230700ma1b2c3d4e ", false, 800
		p, err := w.saveProducer(selector, firm)
		if err != nil || w.producer(p).LicenceNo != "91230700MA1B2C3D4E" {
			w.t.Fatalf("a firm: %v", err)
		}
		firm.ID, firm.Local = p, true
		if _, err := w.saveProducer(selector, firm); !fault.HasKey(err, "catalog.local_commission") {
			w.t.Errorf("becoming local with a rate: %v", err)
		}
		clear := household()
		clear.PhoneEnc = "13800138000"
		if _, err := w.saveProducer(selector, clear); err == nil || strings.Contains(err.Error(), "138") {
			w.t.Errorf("a phone in clear: %v", err)
		}
		firm.ID = id.New[id.Producer]()
		firm.CommissionBP = 0
		if _, err := w.saveProducer(selector, firm); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("a producer that is not there: %v", err)
		}
	})
}

func TestOnlySelectorsWrite(t *testing.T) {
	each(t, func(w *world) {
		for _, r := range actor.Roles {
			who := actor.Actor{User: "u", Roles: []actor.Role{r}, Via: "web"}
			_, err := w.saveProducer(who, household())
			_, err2 := w.saveProduct(who, berries())
			want := r == actor.Selector || r == actor.Admin
			if (err == nil) != want || (err2 == nil) != want || !want && (!fault.Is(err, fault.Denied) || !fault.Is(err2, fault.Denied)) {
				w.t.Errorf("%s: %v, %v", r, err, err2)
			}
		}
		if _, err := w.saveProduct(actor.Actor{}, berries()); !fault.Is(err, fault.Unauthenticated) {
			w.t.Errorf("nobody: %v", err)
		}
	})
}

func TestSealPhoneRefusesNonsense(t *testing.T) {
	v, err := vault.New(bytes.Repeat([]byte{7}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"abc", "123", strings.Repeat("1", 21), "138<b>00138000"} {
		if _, err := catalog.SealPhone(v, s); !fault.HasKey(err, "catalog.phone") {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"", "0458-3612345", "+86 138 0013 8000"} {
		if _, err := catalog.SealPhone(v, s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}
