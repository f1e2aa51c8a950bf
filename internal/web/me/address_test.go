package me_test

import (
	"net/http"
	"strings"
	"testing"

	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/webtest"
)

const pasted = "收货人：李雷\n手机号：138 0013 8000\n黑龙江省哈尔滨市南岗区西大直街92号3单元501"

func TestAddressBook(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei")
	c.Get("/me/addresses").Is(200).Must(".empty")

	// Paste without a script: the form comes back filled in, nothing is stored.
	p := c.Post("/me/addresses/parse", webtest.Values("paste", pasted)).Is(200)
	f := p.Form("[data-address-form]")
	for name, want := range map[string]string{"name": "李雷", "phone": "13800138000", "province": "黑龙江", "city": "哈尔滨市", "district": "南岗区", "detail": "西大直街92号3单元501"} {
		if got := f.Values.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	c.Get("/me/addresses").Must(".empty")
	f.Send().GoesTo("/me/addresses").Is(200).Has("李雷", "138****8000", "哈尔滨市").HasNot("13800138000")

	// The first one is the default; a second one may take its place.
	c.Get("/me/addresses/new").Is(200).Form("[data-address-form]").
		Set("name", "韩梅梅").Set("phone", "13900139000").Set("province", "北京").Set("city", "北京市").Set("district", "海淀区").Set("detail", "中关村大街1号").
		Send().GoesTo("/me/addresses")
	p = c.Get("/me/addresses")
	if len(p.All(".addresses > li")) != 2 || len(p.All(".addresses .badge")) != 1 {
		t.Fatal("not two addresses with one default")
	}
	p.Must(".addresses > li").Has("李雷")
	c.Post(p.Must("form[action$=/default]").Attr("action"), webtest.Values()).GoesTo("/me/addresses").Must(".addresses > li").Has("韩梅梅")

	// Change one and delete one.
	p = c.Get("/me/addresses")
	edit := c.Get(p.Must(".addresses a.button").Attr("href")).Is(200)
	edit.Form("[data-address-form]").Set("detail", "中关村大街2号").Send().GoesTo("/me/addresses").Has("中关村大街2号")
	c.Post(p.Must("form[action$=/delete]").Attr("action"), webtest.Values()).GoesTo("/me/addresses").HasNot("韩梅梅").Must(".badge")
}

func TestAddressFaultsStandAtTheirFields(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei")
	p := c.Get("/me/addresses/new?next=/buy").Form("[data-address-form]").Set("name", "李雷").Set("phone", "12").Set("paste", "kept").Send().Is(http.StatusUnprocessableEntity)
	for _, field := range []string{"phone", "province", "city", "detail"} {
		p.Must("#f-" + field + "[aria-invalid=true]")
	}
	p.None("#f-name[aria-invalid]")
	f := p.Form("[data-address-form]").Values
	if f.Get("name") != "李雷" || f.Get("phone") != "12" || f.Get("next") != "/buy" || f.Get("paste") != "kept" {
		t.Error(f)
	}
	c.Get("/me/addresses").Must(".empty")
}

func TestAddressOfSomebodyElse(t *testing.T) {
	w := webtest.New(t, me.Routes)
	a := "/me/addresses/" + string(w.Address(w.Person("Li Lei")))
	other := w.Person("Zhao")
	other.Get(a).Is(http.StatusNotFound)
	for _, path := range []string{a, a + "/default", a + "/delete"} {
		other.Post(path, webtest.Values("name", "李雷", "phone", "13800138000", "province", "北京", "city", "北京市", "detail", "中关村大街1号")).Is(http.StatusNotFound)
	}
	w.Visitor().Get(a).Is(http.StatusUnauthorized)
	other.Get("/me/addresses/nonsense").Is(http.StatusNotFound)
}

// TestAddressInline is the half-sheet's way: JSON all along.
func TestAddressInline(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei")
	var a struct {
		ID, Name, Phone, Province, City, District, Detail string
		Sure, Default                                     bool
	}
	c.PostJSON("/me/addresses/parse", webtest.Values("paste", pasted)).Is(200).JSON(&a)
	if !a.Sure || a.Name != "李雷" || a.City != "哈尔滨市" || a.ID != "" {
		t.Errorf("%+v", a)
	}
	c.PostJSON("/me/addresses", webtest.Values("name", a.Name, "phone", a.Phone, "province", a.Province, "city", a.City, "district", a.District, "detail", a.Detail)).Is(200).JSON(&a)
	if a.ID == "" {
		t.Errorf("%+v", a)
	}
	var problem struct {
		Fields map[string]string
	}
	c.PostJSON("/me/addresses", webtest.Values("name", "x")).Is(http.StatusUnprocessableEntity).JSON(&problem)
	if problem.Fields["phone"] == "" || problem.Fields["name"] != "" {
		t.Error(problem)
	}
	c.PostJSON("/me/addresses/parse", webtest.Values("paste", "")).Is(http.StatusUnprocessableEntity)
	c.PostJSON("/me/addresses/parse", webtest.Values("paste", strings.Repeat("路", 3000))).Is(http.StatusUnprocessableEntity)
	c.PostJSON("/me/addresses/parse", webtest.Values("paste", "<script>alert(1)</script>")).Is(200).JSON(&a)
	if a.Sure {
		t.Errorf("%+v", a)
	}
}

func TestAddressNextStaysHere(t *testing.T) {
	w := webtest.New(t, me.Routes)
	c := w.Person("Li Lei")
	form := webtest.Values("name", "李雷", "phone", "13800138000", "province", "北京", "city", "北京市", "detail", "中关村大街1号")
	form.Set("next", "//evil.example")
	c.Post("/me/addresses", form).GoesTo("/me/addresses")
	form.Set("next", "/buy?item=1")
	c.Post("/me/addresses", form).GoesToAnyway("/buy?item=1")
}
