package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
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

func berries() catalog.Product {
	return catalog.Product{Name: "Wild blueberries", Category: "fruit", SellUnit: "box", BaseUnit: "g", BasePerUnit: 750, GrossG: 900, Price: 3990, State: "on"}
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

func TestProductIsKept(t *testing.T) {
	each(t, func(w *world) {
		p := berries()
		p.Summary, p.Storage, p.ColdChain, p.MarketPrice = "Picked this morning", "Cold", true, 4990
		var err error
		if p.ID, err = w.saveProduct(selector, p); err != nil {
			w.t.Fatal(err)
		}
		got := w.product(p.ID)
		p.Created, p.NetG, p.ReturnRule, p.Ground, p.Settlement = got.Created, 750, catalog.Fresh, catalog.Perishable, "resale"
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", p) {
			w.t.Errorf("got %+v\nwant %+v", got, p)
		}
		if got.Per500g() != 2660 || got.GroundKey() != "catalog.ground_perishable" {
			w.t.Errorf("per 500 g %v, ground %s", got.Per500g(), got.GroundKey())
		}
		for state, want := range map[string]int{"": 1, "on": 1, "draft": 0} {
			if all, err := catalog.AllProducts(w.t.Context(), w.d, state); err != nil || len(all) != want {
				w.t.Errorf("%q: %v, %v", state, all, err)
			}
		}
	})
}

func TestProductIsChecked(t *testing.T) {
	each(t, func(w *world) {
		for want, change := range map[string]func(p *catalog.Product){
			"category fault.choice":                    func(p *catalog.Product) { p.Category, p.ReturnRule = "car", catalog.SevenDay },
			"state fault.choice":                       func(p *catalog.Product) { p.State = "sold" },
			"settlement fault.choice":                  func(p *catalog.Product) { p.Settlement = "barter" },
			"base_unit fault.choice":                   func(p *catalog.Product) { p.BaseUnit, p.NetG = "jin", 500 },
			"base_per_unit fault.number":               func(p *catalog.Product) { p.BasePerUnit, p.BaseUnit, p.NetG = -1, "piece", 500 },
			"net_g catalog.net_weight":                 func(p *catalog.Product) { p.NetG = 700 },
			"net_g fault.number":                       func(p *catalog.Product) { p.BaseUnit = "piece" },
			"gross_g catalog.gross_weight":             func(p *catalog.Product) { p.GrossG = 749 },
			"gross_g fault.number":                     func(p *catalog.Product) { p.GrossG = 100_001 },
			"price catalog.price":                      func(p *catalog.Product) { p.Price = 0 },
			"market_price catalog.market_price":        func(p *catalog.Product) { p.MarketPrice = p.Price },
			"return_rule fault.choice":                 func(p *catalog.Product) { p.ReturnRule = "never" },
			"return_rule catalog.not_fresh":            func(p *catalog.Product) { p.Dried, p.ReturnRule = true, catalog.Fresh },
			"return_ground catalog.ground":             func(p *catalog.Product) { p.ReturnRule, p.Ground = catalog.Confirmed, catalog.MadeToOrder },
			"name fault.required":                      func(p *catalog.Product) { p.Name = "" },
			"sell_unit fault.too_long":                 func(p *catalog.Product) { p.SellUnit = "enormous box" },
			"summary catalog.text_chars":               func(p *catalog.Product) { p.Summary = "\xff" },
			"name fault.required, price catalog.price": func(p *catalog.Product) { p.Name, p.Price = "", -5 },
		} {
			p := berries()
			change(&p)
			if _, err := w.saveProduct(selector, p); fields(err) != want {
				w.t.Errorf("got %s, want %s", fields(err), want)
			}
		}
		if all, err := catalog.AllProducts(w.t.Context(), w.d, ""); err != nil || len(all) != 0 {
			w.t.Errorf("something was written: %v, %v", all, err)
		}
		basket := catalog.Product{Name: "Birch basket", Category: "craft", SellUnit: "piece", BaseUnit: "piece", BasePerUnit: 1, GrossG: 300, Price: 8800}
		p, err := w.saveProduct(selector, basket)
		if got := w.product(p); err != nil || got.Per500g() != 0 || got.State != "draft" || got.ReturnRule != catalog.SevenDay {
			w.t.Errorf("a basket: %+v, %v", got, err)
		}
	})
}

func TestWhatAUnitHoldsIsFixedOnceOnSale(t *testing.T) {
	each(t, func(w *world) {
		p := berries()
		p.State = "draft"
		var err error
		if p.ID, err = w.saveProduct(selector, p); err != nil {
			w.t.Fatal(err)
		}
		save := func(change func(p *catalog.Product)) error {
			next := w.product(p.ID)
			change(&next)
			_, err := w.saveProduct(selector, next)
			return err
		}
		if err := save(func(p *catalog.Product) { p.BasePerUnit, p.NetG = 800, 800 }); err != nil {
			w.t.Errorf("a draft: %v", err)
		}
		if err := save(func(p *catalog.Product) { p.BaseUnit = "piece" }); !fault.HasKey(err, "catalog.unit_fixed") {
			w.t.Errorf("another base unit: %v", err)
		}
		if err := save(func(p *catalog.Product) { p.State, p.Price = "on", 4290 }); err != nil {
			w.t.Errorf("on sale: %v", err)
		}
		if err := save(func(p *catalog.Product) { p.BasePerUnit, p.NetG = 500, 500 }); !fault.HasKey(err, "catalog.unit_fixed") {
			w.t.Errorf("less in the box: %v", err)
		}
		if err := save(func(p *catalog.Product) { p.State = "draft" }); !fault.HasKey(err, "catalog.no_draft") {
			w.t.Errorf("back to draft: %v", err)
		}
		if got := w.product(p.ID); got.BasePerUnit != 800 || got.Price != 4290 || got.State != "on" {
			w.t.Errorf("got %+v", got)
		}
		ev, err := audit.List(w.t.Context(), w.d, audit.Filter{ObjectKind: "product", ObjectID: string(p.ID)})
		if err != nil || len(ev) != 3 || !strings.Contains(ev[0].Detail, "[3990,4290]") {
			w.t.Errorf("trail: %+v, %v", ev, err)
		}
	})
}

func TestEveryReturnRuleHasAGroundAndWords(t *testing.T) {
	for _, c := range catalog.Categories {
		for _, dried := range []bool{false, true} {
			for _, r := range catalog.ReturnRules {
				grounds := catalog.GroundsFor(r, c, dried)
				if r == catalog.Fresh && dried && len(grounds) > 0 {
					t.Errorf("dried %s is fresh", c)
				}
				if r == catalog.SevenDay && len(grounds) > 0 {
					t.Errorf("seven days of %s need a ground", c)
				}
				for _, g := range append(grounds, "") {
					for _, l := range i18n.Langs {
						for _, key := range []string{(catalog.Product{Ground: g}).GroundKey(), catalog.ReturnKey(r), catalog.CategoryKey(c)} {
							if !i18n.Has(l, key) {
								t.Errorf("%s has no %s", l, key)
							}
						}
					}
				}
			}
			if r := catalog.DefaultReturn(c, dried); r != catalog.SevenDay && len(catalog.GroundsFor(r, c, dried)) == 0 {
				t.Errorf("the default of %s, dried %v, rests on nothing", c, dried)
			}
		}
	}
	if catalog.DefaultReturn("mushroom", true) != catalog.SevenDay || catalog.DefaultReturn("mushroom", false) != catalog.Fresh {
		t.Error("dried wood-ear has seven days, fresh mushrooms have not")
	}
	for _, k := range catalog.Kinds {
		if !i18n.Has(i18n.Chinese, catalog.KindKey(k)) {
			t.Errorf("no words for %s", k)
		}
	}
}

func TestManyAreReadAtOnce(t *testing.T) {
	each(t, func(w *world) {
		var ids []id.Product
		err := w.d.Update(w.t.Context(), func(tx *db.Tx) error {
			for i := range 300 {
				p := berries()
				p.Name, p.Price = fmt.Sprint("Berries ", i), money.Fen(100+i)
				pid, err := catalog.SaveProduct(w.t.Context(), tx, selector, p)
				if err != nil {
					return err
				}
				ids = append(ids, pid)
			}
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		m, err := catalog.Products(w.t.Context(), w.d, append(ids, id.New[id.Product](), "'; --")...)
		if err != nil || len(m) != 300 || m[ids[299]].Price != 399 {
			w.t.Errorf("%d products, %v", len(m), err)
		}
		if m, err := catalog.Products(w.t.Context(), w.d); err != nil || len(m) != 0 {
			w.t.Errorf("no ids: %v, %v", m, err)
		}
	})
}

func prepared(t *testing.T, w, h int) catalog.Prepared {
	t.Helper()
	p, err := catalog.PrepareImage(bytes.NewReader(encode(t, "png", quarters(w, h))))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPictureIsStoredAndServed(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		pid, err := w.saveProducer(selector, household())
		if err != nil {
			w.t.Fatal(err)
		}
		prod, err := w.saveProduct(selector, berries())
		if err != nil {
			w.t.Fatal(err)
		}
		img := prepared(w.t, 1000, 800)
		a, err := catalog.AddPicture(ctx, w.d, w.store, selector, "product", string(prod), " A bowl ", img)
		if err != nil {
			w.t.Fatal(err)
		}
		b, err := catalog.AddPicture(ctx, w.d, w.store, selector, "product", string(prod), "", prepared(w.t, 200, 200))
		if err != nil {
			w.t.Fatal(err)
		}
		pics := w.product(prod).Pictures
		if len(pics) != 2 || fmt.Sprint(pics[0]) != fmt.Sprint(a) || fmt.Sprint(pics[1]) != fmt.Sprint(b) || a.Alt != "A bowl" || a.Pos != 1 || b.Pos != 2 {
			w.t.Errorf("got %+v", pics)
		}
		for width, want := range map[int]int{0: 320, 1: 320, 320: 320, 321: 640, 640: 640, 700: 1000, 5000: 1000} {
			if got := a.URL(width); got != fmt.Sprintf("/media/p/%s/%d.jpg", a.ID, want) {
				w.t.Errorf("%d: %s", width, got)
			}
		}
		if (catalog.Picture{}).URL(320) != "" {
			w.t.Error("no picture has an address")
		}
		r, n, err := catalog.OpenPicture(ctx, w.store, a.ID, 640)
		if err != nil {
			w.t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || !bytes.Equal(got, img.JPEG[640]) || n != int64(len(got)) {
			w.t.Errorf("%d bytes, %v", len(got), err)
		}
		for _, c := range []struct {
			p id.Picture
			w int
		}{{a.ID, 641}, {a.ID, 0}, {a.ID, -1}, {a.ID, 1 << 30}, {"../" + a.ID, 320}, {"", 320}, {id.New[id.Picture](), 320}} {
			if _, _, err := catalog.OpenPicture(ctx, w.store, c.p, c.w); !fault.Is(err, fault.NotFound) {
				w.t.Errorf("%v: %v", c, err)
			}
		}
		face, err := catalog.AddPicture(ctx, w.d, w.store, selector, "producer", string(pid), "", img)
		if err != nil || w.producer(pid).Picture != face.ID {
			w.t.Errorf("the first picture is no face: %v", err)
		}
		if err := catalog.RemovePicture(ctx, w.d, w.store, selector, face.ID); err != nil || w.producer(pid).Picture != "" {
			w.t.Errorf("the face stays: %v", err)
		}
		if keys, err := w.store.List(ctx, "picture/"+string(face.ID)); err != nil || len(keys) != 0 {
			w.t.Errorf("files stay: %v, %v", keys, err)
		}
		if err := catalog.RemovePicture(ctx, w.d, w.store, selector, face.ID); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("removed twice: %v", err)
		}
		if m, err := catalog.Pictures(ctx, w.d, a.ID, face.ID); err != nil || len(m) != 1 {
			w.t.Errorf("by id: %v, %v", m, err)
		}
	})
}

func TestPictureThatIsRefusedLeavesNothing(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		img := prepared(w.t, 10, 10)
		prod, err := w.saveProduct(selector, berries())
		if err != nil {
			w.t.Fatal(err)
		}
		buyer := actor.Actor{User: id.New[id.User](), Via: "web"}
		add := func(who actor.Actor, kind string, owner string) error {
			_, err := catalog.AddPicture(ctx, w.d, w.store, who, kind, owner, "", img)
			return err
		}
		for _, c := range []struct {
			who         actor.Actor
			kind, owner string
			want        fault.Kind
		}{
			{buyer, "product", string(prod), fault.Denied},
			{actor.Actor{}, "product", string(prod), fault.Unauthenticated},
			{buyer, "show", string(id.New[id.Show]()), fault.Denied},
			{buyer, "user", string(selector.User), fault.Denied},
			{selector, "product", string(id.New[id.Product]()), fault.NotFound},
			{selector, "product", "../../x", fault.NotFound},
			{selector, "moon", string(prod), fault.Invalid},
		} {
			if err := add(c.who, c.kind, c.owner); !fault.Is(err, c.want) {
				w.t.Errorf("%s of %v: got %v, want %s", c.kind, c.who.Roles, err, c.want)
			}
		}
		if keys, err := w.store.List(ctx, ""); err != nil || len(keys) != 0 {
			w.t.Errorf("files stay: %v, %v", keys, err)
		}
		if err := add(buyer, "user", string(buyer.User)); err != nil {
			w.t.Errorf("one's own face: %v", err)
		}
		if err := catalog.RemovePicture(ctx, w.d, w.store, buyer, func() id.Picture {
			of, err := catalog.PicturesOf(ctx, w.d, "user", string(buyer.User))
			if err != nil || len(of[string(buyer.User)]) != 1 {
				w.t.Fatal(of, err)
			}
			return of[string(buyer.User)][0].ID
		}()); err != nil {
			w.t.Errorf("one's own face away: %v", err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		full := 0
		for range catalog.MaxPictures + 3 {
			wg.Go(func() {
				_, err := catalog.AddPicture(context.Background(), w.d, w.store, selector, "product", string(prod), "", img)
				mu.Lock()
				defer mu.Unlock()
				if fault.HasKey(err, "catalog.pictures_full") {
					full++
				} else if err != nil {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		var pos []int
		for _, p := range w.product(prod).Pictures {
			pos = append(pos, p.Pos)
		}
		if full != 3 || !slices.IsSorted(pos) || len(slices.Compact(pos)) != catalog.MaxPictures {
			w.t.Errorf("%d refused, positions %v", full, pos)
		}
	})
}

// full is a store whose disk is full.
type full struct{ blob.Store }

var errFull = errors.New("no space left")

func (full) Put(context.Context, string, io.Reader) error { return errFull }

func TestPictureWithoutFilesHasNoRow(t *testing.T) {
	each(t, func(w *world) {
		prod, err := w.saveProduct(selector, berries())
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = catalog.AddPicture(w.t.Context(), w.d, full{w.store}, selector, "product", string(prod), "", prepared(w.t, 10, 10))
		if !errors.Is(err, errFull) || len(w.product(prod).Pictures) != 0 {
			w.t.Errorf("got %v, %v", err, w.product(prod).Pictures)
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
