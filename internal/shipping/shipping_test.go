package shipping_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/shipping"
)

var (
	operator = actor.Actor{User: "op", Name: "op", Roles: []actor.Role{actor.Operator}, Via: "web"}
	packer   = actor.Actor{User: "pk", Name: "pk", Roles: []actor.Role{actor.Packer}, Via: "web"}
	buyer    = actor.Actor{User: "by", Name: "by", Via: "web"}
)

func anyRule(t *rapid.T) shipping.Rule {
	return shipping.Rule{
		Deliver: true,
		FirstG:  rapid.Int64Range(1, 20_000).Draw(t, "first g"), First: money.Fen(rapid.Int64Range(0, 100_000).Draw(t, "first")),
		NextG: rapid.Int64Range(1, 20_000).Draw(t, "next g"), Next: money.Fen(rapid.Int64Range(0, 100_000).Draw(t, "next")),
		FreeOver: money.Fen(rapid.Int64Range(0, 50_000).Draw(t, "free over")),
	}
}

func TestMoreWeightNeverCostsLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := shipping.Rules{"": anyRule(t)}
		province := rapid.SampledFrom(shipping.Provinces()[:31]).Draw(t, "province")
		goods := money.Fen(rapid.Int64Range(1, 100_000).Draw(t, "goods"))
		light := rapid.Int64Range(0, 1_000_000).Draw(t, "light")
		heavy := light + rapid.Int64Range(0, 1_000_000).Draw(t, "more")
		// Too heavy for a parcel costs more than anything.
		cost := func(grams int64) money.Fen {
			f, err := rules.Freight(province, grams, goods)
			if fault.HasKey(err, "shipping.too_heavy") {
				return money.MaxFen * 10
			} else if err != nil {
				t.Fatal(err)
			}
			return f
		}
		a, b := cost(light), cost(heavy)
		if a > b || a < 0 {
			t.Fatalf("%d g cost %d, %d g cost %d", light, a, heavy, b)
		}
		if r := rules[""]; r.FreeOver > 0 && (goods >= r.FreeOver) != (b == 0) && r.First > 0 {
			t.Fatalf("goods %d, free over %d, freight %d", goods, r.FreeOver, b)
		}
	})
}

func TestFreightByTable(t *testing.T) {
	rules := shipping.Rules{
		"":   {Deliver: true, FirstG: 1000, First: 800, NextG: 500, Next: 150, FreeOver: 9900},
		"西藏": {Province: "西藏", Deliver: false, FirstG: 1000, NextG: 1000},
		"香港": {Province: "香港", Deliver: true, FirstG: 1000, First: 5000, NextG: 1000, Next: 3000},
	}
	for _, c := range []struct {
		province string
		grams    int64
		goods    money.Fen
		want     money.Fen
		key      string
	}{
		{"黑龙江", 0, 100, 800, ""},
		{"黑龙江", 1000, 100, 800, ""},
		{"黑龙江", 1001, 100, 950, ""}, // a step begun counts whole
		{"黑龙江", 1500, 100, 950, ""},
		{"黑龙江", 1501, 100, 1100, ""},
		{"黑龙江", 50_000, 9899, 800 + 98*150, ""},
		{"黑龙江", 50_000, 9900, 0, ""},
		{"西藏", 1000, 100, 0, "shipping.no_delivery"},
		{"香港", 1200, 9900, 8000, ""}, // its own rule, which is never free
		{"澳门", 1000, 100, 0, "shipping.no_delivery"},
		{"黑龙江省", 1000, 100, 0, "shipping.province"},
		{"", 1000, 100, 0, "shipping.province"},
		{"火星", 1000, 100, 0, "shipping.province"},
		{"黑龙江", 10_000_001, 100, 0, "shipping.too_heavy"},
	} {
		got, err := rules.Freight(c.province, c.grams, c.goods)
		if got != c.want || c.key == "" && err != nil || c.key != "" && !fault.HasKey(err, c.key) {
			t.Errorf("%s %d g goods %d: %d, %v; want %d %s", c.province, c.grams, c.goods, got, err, c.want, c.key)
		}
	}
	if got, err := (shipping.Rules{}).Freight("北京", 1500, 100); err != nil || got != money.Yuan(14) {
		t.Errorf("without any rule: %d, %v; want the default", got, err)
	}
}

func TestRulesAreKeptChangedAndDropped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		set := func(who actor.Actor, r shipping.Rule) error {
			return d.Update(ctx, func(tx *db.Tx) error { return shipping.SetRule(ctx, tx, who, r) })
		}
		r := shipping.Rule{Province: "新疆", Deliver: true, FirstG: 1000, First: 2000, NextG: 1000, Next: 1500, FreeOver: 0}
		if err := set(buyer, r); !fault.Is(err, fault.Denied) {
			t.Errorf("a buyer sets freight: %v", err)
		}
		if err := set(operator, r); err != nil {
			t.Fatal(err)
		}
		r.First = 2500
		if err := set(operator, r); err != nil {
			t.Fatal(err)
		}
		if err := set(operator, shipping.Rule{FirstG: 0, First: -1, NextG: 0}); len(fault.Of(err).All()) != 3 {
			t.Errorf("three bad fields: %v", err)
		}
		if err := set(operator, shipping.Rule{Province: "新疆省", FirstG: 1, NextG: 1}); !fault.HasKey(err, "shipping.province") {
			t.Errorf("unknown province: %v", err)
		}
		rules, err := shipping.ReadRules(ctx, d)
		if err != nil || len(rules) != 1 || rules["新疆"] != r {
			t.Fatalf("rules %+v, %v", rules, err)
		}
		if err := d.Update(ctx, func(tx *db.Tx) error { return shipping.DropRule(ctx, tx, operator, "新疆") }); err != nil {
			t.Fatal(err)
		}
		if rules, err = shipping.ReadRules(ctx, d); err != nil || len(rules) != 0 {
			t.Fatalf("after the drop: %+v, %v", rules, err)
		}
	})
}

func TestShipOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, o := t.Context(), id.New[id.Order]()
		ship := func(who actor.Actor, carrier, no string) error {
			return d.Update(ctx, func(tx *db.Tx) error { return shipping.Ship(ctx, tx, who, o, []id.Producer{"f1", "f2"}, carrier, no) })
		}
		if err := ship(buyer, "shunfeng", "SF1234567890"); !fault.Is(err, fault.Denied) {
			t.Errorf("a buyer ships: %v", err)
		}
		if err := ship(packer, "pigeon", "#"); len(fault.Of(err).All()) != 2 {
			t.Errorf("bad carrier and number: %v", err)
		}
		if err := ship(packer, "shunfeng", " sf123 4567890 "); err != nil {
			t.Fatal(err)
		}
		if err := ship(packer, "shunfeng", "SF1234567890"); !fault.HasKey(err, "shipping.shipped") {
			t.Errorf("shipped twice: %v", err)
		}
		all, err := shipping.OfOrder(ctx, d, o)
		if err != nil || len(all) != 2 || all[0].ID != all[1].ID || !all[1].Is("顺丰速运", "sf1234567890") {
			t.Fatalf("%+v %v", all, err)
		}
		s := all[0]
		if s.TrackingNo != "SF1234567890" || s.Carrier != "shunfeng" || s.Actor != "pk" || time.Since(s.At) > time.Hour {
			t.Errorf("%+v", s)
		}
		if all, err := shipping.OfOrder(ctx, d, id.New[id.Order]()); len(all) > 0 || err != nil {
			t.Errorf("another order has it too: %v %v", all, err)
		}
	})
}

func TestRecipientCheckNamesEachField(t *testing.T) {
	good := shipping.Recipient{Name: "李雷", Phone: "13800001234", Province: "黑龙江", City: "伊春市", Detail: "中心街88号"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for field, spoil := range map[string]func(*shipping.Recipient){
		"name":     func(r *shipping.Recipient) { r.Name = " " },
		"phone":    func(r *shipping.Recipient) { r.Phone = "12345" },
		"province": func(r *shipping.Recipient) { r.Province = "黑龙江省" },
		"city":     func(r *shipping.Recipient) { r.City = "" },
		"district": func(r *shipping.Recipient) { r.District = strings.Repeat("长", 21) },
		"detail":   func(r *shipping.Recipient) { r.Detail = "中心街\x0088号" },
	} {
		bad := good
		spoil(&bad)
		if err := bad.Check(); err == nil || fault.Of(err).Field != field || len(fault.Of(err).All()) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
	if n := len(fault.Of(shipping.Recipient{}.Check()).All()); n != 5 {
		t.Errorf("an empty recipient has %d faults, want 5", n)
	}
	clean := shipping.Recipient{Name: " 李雷 ", Phone: "+86 138 0000 1234", Province: "黑龙江省", City: "伊春市", Detail: " 中心街  88号 "}.Clean()
	if clean != (shipping.Recipient{Name: "李雷", Phone: "13800001234", Province: "黑龙江", City: "伊春市", Detail: "中心街 88号"}) {
		t.Errorf("cleaned: %+v", clean)
	}
}

func TestMaskedShowsNoOneWhoAndWhere(t *testing.T) {
	r := shipping.Recipient{Name: "李雷雷", Phone: "13800001234", Province: "黑龙江", City: "伊春市", District: "南岔县", Detail: "中心街88号"}
	if m := r.Masked(); m.Name != "李**" || m.Phone != "138****1234" || strings.Contains(m.Line(), "88") {
		t.Errorf("masked: %+v", m)
	}
	if l := r.Line(); l != "黑龙江伊春市南岔县中心街88号" {
		t.Errorf("line: %s", l)
	}
	if l := (shipping.Recipient{Province: "北京", City: "北京市", District: "海淀区", Detail: "x路"}).Line(); l != "北京市海淀区x路" {
		t.Errorf("line of a municipality: %s", l)
	}
}

func TestCarriersHaveCodesAndNames(t *testing.T) {
	if len(shipping.Carriers()) < 10 || len(shipping.CarrierList()) != len(shipping.Carriers()) {
		t.Errorf("%v", shipping.Carriers())
	}
	for _, s := range []string{"shunfeng", "顺丰速运", "sf express"} {
		if c, ok := shipping.CarrierByCode(s); !ok || c.Code != "shunfeng" {
			t.Errorf("%s: %+v", s, c)
		}
	}
}
