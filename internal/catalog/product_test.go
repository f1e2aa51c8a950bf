package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

func berries() catalog.Product {
	return catalog.Product{Name: "Wild blueberries", Category: "fruit", SellUnit: "box", BaseUnit: "g", BasePerUnit: 750, GrossG: 900, Price: 3990, State: "on"}
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
