package me_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/webtest"
)

// shop is a world with a farmer's berries and a buyer.
func shop(t *testing.T) (w *webtest.World, buyer *webtest.Client, place func(boxes int64) order.Order) {
	t.Helper()
	w = webtest.New(t, me.Routes)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, w.Producer("Wang"), 100)
	buyer = w.Person("Li Lei")
	to := w.Address(buyer)
	return w, buyer, func(boxes int64) order.Order { return w.OrderTo(buyer, berries, boxes, to) }
}

func pathOf(o order.Order) string { return "/orders/" + string(o.ID) }

func TestOrdersByTab(t *testing.T) {
	w, c, place := shop(t)
	c.Get("/orders").Is(200).Must(".empty a[href=/goods]")
	unpaid, paid, shipped, received, closed := place(1), place(2), place(3), place(4), place(5)
	for _, o := range []order.Order{paid, shipped, received} {
		w.Pay(c, o)
	}
	w.Ship(shipped)
	w.Ship(received)
	c.Post(pathOf(received)+"/received", webtest.Values()).GoesTo(pathOf(received))
	c.Post(pathOf(closed)+"/cancel", webtest.Values()).GoesTo(pathOf(closed))

	if all := c.Get("/orders").Is(200).All(".order-card"); len(all) != 5 {
		t.Errorf("%d of 5 orders", len(all))
	}
	for tab, o := range map[string]order.Order{"unpaid": unpaid, "paid": paid, "shipped": shipped, "finished": received, "closed": closed} {
		p := c.Get("/orders?tab=" + tab).Is(200)
		if links := p.All(".order-card .cover-link"); len(links) != 1 || links[0].Attr("href") != pathOf(o) {
			t.Errorf("%s shows %d orders", tab, len(links))
		}
	}
	c.Get("/orders?tab=unpaid").Must("time[data-countdown]")
	c.Get("/orders?tab=nonsense").Is(http.StatusNotFound)
	c.Get("/orders?before=nonsense").Is(http.StatusNotFound)
	w.Person("Zhao").Get("/orders").Is(200).None(".order-card")
}

func TestOrdersArePaged(t *testing.T) {
	_, c, place := shop(t)
	for range 23 {
		place(1)
	}
	p := c.Get("/orders").Is(200)
	if n := len(p.All(".order-card")); n != 20 {
		t.Errorf("%d on the first page", n)
	}
	p = c.Get(p.Must(".pager a").Attr("href")).Is(200)
	if n := len(p.All(".order-card")); n != 3 {
		t.Errorf("%d on the second page", n)
	}
	p.Must(".pager a[href=/orders?tab=all]")
}

func TestOrderTellsWhoseGoodsAndMasksTheAddress(t *testing.T) {
	_, c, place := shop(t)
	o := place(2)
	p := c.Get(pathOf(o)).Is(200).Has(o.No, "Blueberries", "Wang", "¥60", "李**", "139****5678")
	p.HasNot("13912345678", "李雷雷", "西大直街92号")
	p.Must(".from li").Has("Wang", "¥60")
	p.Must(".from a[href^=/lots/]")
	whole := p.Must("#address a").Attr("href")
	if whole != "?address=whole#address" {
		t.Error(whole)
	}
	c.Get(pathOf(o)+"?address=whole").Is(200).Has("13912345678", "李雷雷", "西大直街92号")
	c.In(i18n.English).Get(pathOf(o)).Is(200).Has("What happens next", "To the farmer, no commission")
}

// TestOrderFromFirstToLastStep walks one order all its way.
func TestOrderFromFirstToLastStep(t *testing.T) {
	w, c, place := shop(t)
	o := place(1)
	steps := func(done int) *webtest.Page {
		t.Helper()
		p := c.Get(pathOf(o)).Is(200)
		if n := len(p.All(".steps .done")); n != done {
			t.Errorf("%d steps done, want %d", n, done)
		}
		return p
	}
	p := steps(1)
	p.Must("#pay time[data-countdown]")
	p.Must("button[name=gateway][value=sandbox]")
	w.Pay(c, o)
	p = steps(2)
	p.None("button[name=gateway]")
	p.Must("form[action$=/cancel]")
	w.Ship(o)
	p = steps(3)
	p.None("form[action$=/cancel]")
	p.Has("SF1234567890123")
	p = p.Form("form[action$=/received]").Send().GoesTo(pathOf(o)).Is(200)
	p.None("form[action$=/received]")
	steps(4)
	w.Clock.Add(8 * 24 * time.Hour)
	if _, err := w.Flow.AdvanceOrders(context.Background()); err != nil {
		t.Fatal(err)
	}
	steps(5)
}

func TestCancel(t *testing.T) {
	w, c, place := shop(t)
	o := place(1)
	c.Get(pathOf(o)).Form("form[action$=/cancel]").Send().GoesTo(pathOf(o)).Is(200).None("form[action$=/pay]")
	c.Post(pathOf(o)+"/cancel", webtest.Values()).GoesTo(pathOf(o)) // the second tap changes nothing

	paid := place(2)
	w.Pay(c, paid)
	p := c.Post(pathOf(paid)+"/cancel", webtest.Values()).GoesTo(pathOf(paid)).Is(200)
	p.Must("#pay .badge").Has("退款中")
	p.Has("¥60")

	shipped := place(3)
	w.Pay(c, shipped)
	w.Ship(shipped)
	// A tab that was open before: the answer shows the order as it is now.
	c.Post(pathOf(shipped)+"/cancel", webtest.Values()).Is(http.StatusConflict).Must(".alert")
	c.Post(pathOf(place(1))+"/received", webtest.Values()).Is(http.StatusConflict).Must(".alert")
}

func TestOrderOfSomebodyElse(t *testing.T) {
	w, _, place := shop(t)
	o := place(1)
	others := []*webtest.Client{w.Person("Zhao"), w.Person("Finance", actor.Finance), w.Person("Boss", actor.Admin), w.Person("Packer", actor.Packer)}
	for _, c := range others {
		for _, path := range []string{"", "/state", "/transfer"} {
			c.Get(pathOf(o) + path).Is(http.StatusNotFound)
		}
		c.Get("/pay/return/" + string(o.ID)).Is(http.StatusNotFound)
		for _, path := range []string{"/pay", "/cancel", "/received"} {
			c.Post(pathOf(o)+path, webtest.Values("gateway", "sandbox")).Is(http.StatusNotFound)
		}
	}
	w.Visitor().Get(pathOf(o)).Is(http.StatusUnauthorized)
}

func TestPayGoesToTheProvider(t *testing.T) {
	w, c, place := shop(t)
	o := place(1)
	p := c.Get(pathOf(o)).Form(".pay-buttons").Set("gateway", "sandbox").Send().Is(http.StatusSeeOther)
	if want := w.URL() + "/pay/return/" + string(o.ID) + "?paid-at-the-fake=1"; p.Location() != want {
		t.Errorf("goes to %s, want %s", p.Location(), want)
	}
	var out struct {
		PayURL string `json:"pay_url"`
	}
	c.PostJSON(pathOf(o)+"/pay", webtest.Values("gateway", "sandbox")).Is(200).JSON(&out)
	if out.PayURL != p.Location() {
		t.Error("the second try opens another payment", out.PayURL)
	}
	if n := len(w.Gateway.Opened()); n != 1 {
		t.Errorf("%d payments opened", n)
	}
	c.Post(pathOf(o)+"/pay", webtest.Values("gateway", "nonsense")).Is(http.StatusUnprocessableEntity).Must(".alert")
}

// TestPayAtAnotherSite: the browser would block a form that leads there, so a
// page with a link does.
func TestPayAtAnotherSite(t *testing.T) {
	w, c, place := shop(t)
	w.Gateway.PayURL = "https://pay.example/p/"
	o := place(1)
	p := c.Post(pathOf(o)+"/pay", webtest.Values("gateway", "sandbox")).Is(200).Has("pay.example", "¥"+o.Total.Short())
	p.Must("a[href^=https://pay.example/p/]")
	if p.Header.Get("Refresh") == "" {
		t.Error("the page does not go on by itself")
	}
}

func TestProviderDownKeepsTheOrder(t *testing.T) {
	w, c, place := shop(t)
	w.Gateway.Fail = fault.New(fault.Unavailable, "payment.gateway_down")
	o := place(1)
	p := c.Post(pathOf(o)+"/pay", webtest.Values("gateway", "sandbox")).Is(http.StatusServiceUnavailable)
	p.Must(".alert")
	p.Must("button[name=gateway]")
	w.Gateway.Fail = nil
	c.Post(pathOf(o)+"/pay", webtest.Values("gateway", "sandbox")).Is(http.StatusSeeOther)
}

func TestBankTransfer(t *testing.T) {
	w, c, place := shop(t)
	o := place(1)
	c.Get(pathOf(o) + "/transfer").Is(http.StatusNotFound) // not offered here
	w.Site.OfflineText, w.Site.Gateways = "Lindu Centre\nBank of Yichun 6222 0000", []string{"sandbox", "offline"}
	p := c.Post(pathOf(o)+"/pay", webtest.Values("gateway", "offline")).GoesTo(pathOf(o) + "/transfer").Is(200)
	p.Has("Lindu Centre", "Bank of Yichun 6222 0000", o.No, "¥"+o.Total.Short())
	p.Must("[data-copy=" + o.Total.String() + "]")
	p.Must("[data-copy=" + o.No + "]")
	var st struct {
		State string
		Paid  bool
	}
	c.GetJSON(pathOf(o) + "/state").Is(200).JSON(&st)
	if st.Paid || st.State != "unpaid" {
		t.Errorf("%+v", st)
	}
	finance := w.Person("Finance", actor.Finance)
	if _, err := w.Flow.ConfirmOffline(context.Background(), finance.Actor(), o.ID, o.Total, "bank no. 1"); err != nil {
		t.Fatal(err)
	}
	c.GetJSON(pathOf(o) + "/state").Is(200).JSON(&st)
	if !st.Paid || st.State != "paid" {
		t.Errorf("%+v", st)
	}
	c.Get(pathOf(o) + "/transfer").Is(200).Must(".alert")
}

// TestPayReturnSaysWhatTheRecordsSay: coming back from the provider proves
// nothing.
func TestPayReturnSaysWhatTheRecordsSay(t *testing.T) {
	w, c, place := shop(t)
	o := place(1)
	back := "/pay/return/" + string(o.ID)
	p := c.Get(back + "?paid-at-the-fake=1").Is(200)
	p.Must("[data-wait-order=" + string(o.ID) + "]")
	p.None(".sign.ok")
	w.Pay(c, o)
	p = c.Get(back).Is(200)
	p.Must(".sign.ok")
	p.None("[data-wait-order]")

	// Paid too late: the money goes back, and the page says so.
	late := place(1)
	pay, err := w.Flow.StartPayment(context.Background(), c.Actor(), late.ID, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(20 * time.Minute)
	if n, err := w.Flow.ExpireOrders(context.Background()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	p = c.Get("/pay/return/" + string(late.ID)).Is(200)
	p.Must(".sign.bad")
	p.None(".badge")
	w.Notify(pay)
	p = c.Get("/pay/return/" + string(late.ID)).Is(200)
	p.Must(".sign.bad")
	p.Must(".return .badge")
	p.None(".sign.ok")
}

func TestCallbackTakesNoForgery(t *testing.T) {
	w, c, place := shop(t)
	o := place(1)
	p := w.Visitor().Post("/pay/callback/sandbox", webtest.Values("paid", "1"))
	if p.Status < 400 {
		t.Errorf("status %d", p.Status)
	}
	w.Visitor().Post("/pay/callback/nonsense", webtest.Values()).Is(http.StatusNotFound)
	c.Get(pathOf(o)).Must("button[name=gateway]")
}
