package shop_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/webtest"
)

// wish is the half-sheet's form filled in.
func (h *hall) wish(key string, to id.Address, more ...string) url.Values {
	v := webtest.Values("key", key, "item", string(h.Item.ID), "product", string(h.Berries.ID), "price_fen", "3000", "units", "2",
		"address", string(to), "no_return_ok", "1", "note", "at the gate")
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func (h *hall) orders(c *webtest.Client) []order.Order {
	h.t.Helper()
	return onDB(h, func(q db.Querier) ([]order.Order, error) {
		return order.List(context.Background(), q, order.Filter{Buyer: c.User.ID, Limit: 100})
	})
}

type answer struct {
	ID, No, State, Href string
	Total               int64 `json:"total_fen"`
	Expires             string
	Pay                 []struct{ Gateway, Label string }
}

func TestSheetAsksVisitorsToSignIn(t *testing.T) {
	h := open(t, show.Live)
	for _, c := range []*webtest.Client{h.Visitor(), h.Visitor().In(i18n.English)} {
		p := c.Get(h.sheet("&units=3")).Is(200)
		p.Must("#buy-form").Has("Blueberries", "Wang Guifen")
		href := p.Must("#buy-signin").Attr("href")
		if !strings.Contains(href, url.QueryEscape("units=3")) {
			t.Errorf("the sign-in forgets the choice: %s", href)
		}
		p.None("[name=address]")
	}
	part := h.Visitor().Get(h.sheet("&part=1")) // as our script asks, within the room's page
	if strings.Contains(part.Body, "<html") {
		t.Error("the part is a whole page")
	}
}

func TestSheetShowsPriceAndMasksPhones(t *testing.T) {
	h := open(t, show.Live)
	c := h.Person("Li Lei")
	h.Address(c)
	p := c.Get(h.sheet("&units=2")).Is(200)
	p.Must(".choice").Has("139****5678")
	p.HasNot("13912345678")
	p.Must("[data-sum=goods]").Has("60")
	p.Must("[name=no_return_ok]")
	if p.Must("[name=no_return_ok]").Attr("checked") != "" || strings.Contains(p.Body, `name="no_return_ok" value="1" checked`) {
		t.Error("the consent is ticked by us")
	}
}

func TestSheetSaysWhyNot(t *testing.T) {
	h := open(t, show.Live)
	c := h.Person("Li Lei")
	h.Address(c)
	h.set(show.Coming, berryPrice)
	c.Get(h.sheet("")).Is(200).None("#buy-go").Must(".alert.warn")
	h.set(show.Off, berryPrice)
	c.Get(h.sheet("")).Is(200).None("#buy-go").Must(".alert.warn")
	c.Get(h.room("/sheet?item=nonsense")).Is(http.StatusNotFound)
	c.Get("/buy?product=" + strings.Repeat("0", 32)).Is(http.StatusNotFound)
	c.Get("/buy").Is(http.StatusNotFound)
}

func TestQuote(t *testing.T) {
	h := open(t, show.Live)
	c, other := h.Person("Li Lei"), h.Person("Zhao")
	mine, theirs := h.Address(c), h.Address(other)
	var q struct {
		Goods, Freight, Total string
		TotalFen              int64 `json:"total_fen"`
		NoReturn              bool  `json:"no_return"`
	}
	c.PostJSON(h.room("/quote"), h.wish("", mine, "units", "3")).Is(200).JSON(&q)
	if q.Goods != "¥90" || q.TotalFen < 9000 || !q.NoReturn {
		t.Errorf("quote = %+v", q)
	}
	var p site.Problem
	c.PostJSON(h.room("/quote"), h.wish("", theirs)).Is(http.StatusUnprocessableEntity).JSON(&p)
	if p.Fields["address"] == "" {
		t.Errorf("another's address: %+v", p)
	}
	for _, n := range []string{"-1", "0", "100", "1e3", ""} {
		c.PostJSON(h.room("/quote"), h.wish("", mine, "units", n)).Is(http.StatusUnprocessableEntity)
	}
	h.Visitor().PostJSON(h.room("/quote"), h.wish("", mine)).Is(http.StatusUnauthorized)
	h.Visitor().PostJSON(h.room("/quote"), h.wish("", "", "province", "黑龙江")).Is(200)
}

func TestOrderFromTheSheet(t *testing.T) {
	h := open(t, show.Live)
	c := h.Person("Li Lei")
	var a answer
	c.PostJSON("/orders", h.wish("key-of-the-page", h.Address(c))).Is(200).JSON(&a)
	if a.State != "unpaid" || a.Href != "/orders/"+a.ID || a.No == "" || a.Total < 6000 || a.Expires == "" {
		t.Errorf("answer = %+v", a)
	}
	if len(a.Pay) != 1 || a.Pay[0].Gateway != "sandbox" || a.Pay[0].Label == "" || strings.Contains(a.Pay[0].Label, "room.") {
		t.Errorf("ways to pay = %+v", a.Pay)
	}
	list := h.orders(c)
	if len(list) != 1 || list[0].Show != h.Show || list[0].Lines[0].Units != 2 || list[0].Note != "at the gate" || !list[0].NoReturnOK {
		t.Errorf("orders = %+v", list)
	}
	if s := h.state(c); s.Items[0].Stock != 13 {
		t.Errorf("stock = %d, want 13", s.Items[0].Stock)
	}
	// Who opens the sheet again is reminded of what waits for payment.
	c.Get(h.sheet("")).Must(".alert.info a[href=" + a.Href + "]")
}

// TestDoubleTapIsOneOrder sends one key many times at once, as a double tap and
// two tabs do.
func TestDoubleTapIsOneOrder(t *testing.T) {
	h := open(t, show.Live)
	c := h.Person("Li Lei")
	form := h.wish("the-same-key", h.Address(c))
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			var a answer
			c.PostJSON("/orders", form).Is(200).JSON(&a)
			ids[i] = a.ID
		})
	}
	wg.Wait()
	for _, x := range ids {
		if x != ids[0] {
			t.Errorf("answers differ: %v", ids)
			break
		}
	}
	if n := len(h.orders(c)); n != 1 {
		t.Errorf("%d orders, want 1", n)
	}
	h.wish("the-same-key", "")
	form.Set("units", "1")
	c.PostJSON("/orders", form).Is(http.StatusConflict) // the same key for another wish
}

func TestOrderRefusedWithWords(t *testing.T) {
	h := open(t, show.Live)
	c := h.Person("Li Lei")
	to := h.Address(c)
	for name, x := range map[string]struct {
		form   url.Values
		status int
		field  string
	}{
		"negative":   {h.wish("key-negative", to, "units", "-1"), 422, "units"},
		"no key":     {h.wish("", to), 422, "key"},
		"no address": {h.wish("key-noaddress", ""), 422, "address"},
		"no tick":    {h.wish("key-notick", to, "no_return_ok", ""), 422, "no_return_ok"},
		"too many":   {h.wish("key-toomany", to, "units", "4"), 409, ""},
		"old price":  {h.wish("key-oldprice", to, "price_fen", "2900"), 409, ""},
		"garbage":    {h.wish("key-garbage", to, "price_fen", "free"), 422, "price_fen"},
		"another's":  {h.wish("key-others", h.Address(h.Person("Zhao"))), 0, ""},
	} {
		var p site.Problem
		got := c.PostJSON("/orders", x.form)
		if x.status != 0 && got.Status != x.status || got.Status < 400 || got.Status >= 500 {
			t.Errorf("%s: status %d, want %d: %s", name, got.Status, x.status, got.Body)
			continue
		}
		got.JSON(&p)
		if p.Title == "" || x.field != "" && p.Fields[x.field] == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if n := len(h.orders(c)); n != 0 {
		t.Errorf("%d orders came of it", n)
	}
	h.Visitor().PostJSON("/orders", h.wish("key-visitor", to)).Is(http.StatusUnauthorized)
}

// TestOrderWithoutScript fills in the page's own form: it orders once however
// often it is sent, and a refusal keeps what was chosen.
func TestOrderWithoutScript(t *testing.T) {
	h := open(t, show.Live)
	c := h.Person("Li Lei")
	h.Address(c)
	form := c.Get(h.sheet("&units=2")).Form("#buy-form")
	again := form.Send().Is(http.StatusUnprocessableEntity) // not ticked
	again.Must(".error")
	if v := again.Must("#buy-units").Attr("value"); v != "2" {
		t.Errorf("units are %q after the refusal", v)
	}
	form = again.Form("#buy-form").Set("no_return_ok", "1").Set("note", "ring twice")
	to := form.Send().Is(http.StatusSeeOther).Location()
	if second := form.Send().Is(http.StatusSeeOther).Location(); second != to {
		t.Errorf("sent twice: %s and %s", to, second)
	}
	list := h.orders(c)
	if len(list) != 1 || "/orders/"+string(list[0].ID) != to || list[0].Note != "ring twice" {
		t.Errorf("orders = %+v, went to %s", list, to)
	}
}

func TestBuyOutsideAShow(t *testing.T) {
	h := open(t, show.Ended)
	c := h.Person("Li Lei")
	h.Address(c)
	p := c.Get("/goods/" + string(h.Berries.ID)).Is(200)
	href := p.Must("a[data-buy]").Attr("href")
	form := c.Get(href).Is(200).Form("#buy-form").Set("no_return_ok", "1")
	form.Send().Is(http.StatusSeeOther)
	if list := h.orders(c); len(list) != 1 || list[0].Show != "" || list[0].Goods != berryPrice {
		t.Errorf("orders = %+v", list)
	}
}
