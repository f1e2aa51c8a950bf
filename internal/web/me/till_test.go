package me_test

import (
	"bytes"
	"context"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/wechat"
	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/webtest"
)

const codeText = "weixin://wxpay/bizpayurl?pr="

// TestPayByCode: on a PC the page shows a code, watches the payment, and leads
// back once it is paid or can't be paid any more.
func TestPayByCode(t *testing.T) {
	w, c, place := shop(t)
	w.Gateway.PayURL = payment.QR + codeText
	o := place(1)
	p := c.Post(pathOf(o)+"/pay", webtest.Values("gateway", "sandbox")).Is(http.StatusSeeOther)
	pid := w.Gateway.Opened()[0].ID
	at := "/pay/code/" + string(pid)
	if p.Location() != at {
		t.Fatalf("goes to %s", p.Location())
	}
	page := c.Get(at).Is(200).Has("¥" + o.Total.Short())
	page.Must("time[data-countdown]")
	page.Must("[data-wait-payment=" + string(pid) + "]")
	page.Must(`img[src=` + at + `/picture]`)
	page.None("a[href^=weixin]")
	pic := c.Get(at + "/picture").Is(200)
	if img, err := png.Decode(bytes.NewReader([]byte(pic.Body))); err != nil || img.Bounds().Dx() < 400 {
		t.Error("the code:", err)
	}
	var state struct {
		State string    `json:"state"`
		Now   time.Time `json:"now"`
	}
	c.Get("/pay/state/" + string(pid)).Is(200).JSON(&state)
	if state.State != payment.StateOpen || state.Now.IsZero() {
		t.Errorf("%+v", state)
	}
	// A stranger sees none of it.
	for _, path := range []string{at, at + "/picture", "/pay/state/" + string(pid), "/pay/wechat/" + string(pid)} {
		w.Person("Zhao").Get(path).Is(http.StatusNotFound)
		w.Visitor().Get(path).Is(http.StatusUnauthorized)
	}
	c.Get("/pay/code/nonsense").Is(http.StatusNotFound)
	w.Pay(c, o)
	c.Get(at).Is(http.StatusSeeOther).GoesTo("/pay/return/" + string(o.ID))
	c.Get("/pay/state/" + string(pid)).Is(200).JSON(&state)
	if state.State != payment.StatePaid {
		t.Errorf("%+v", state)
	}
}

// TestCodeOfADemoOpensHere: who has no second device opens the simulated one.
func TestCodeOfADemoOpensHere(t *testing.T) {
	w, c, place := shop(t)
	w.Gateway.PayURL = payment.QR + "https://sim.example/scan/"
	o := place(1)
	c.Post(pathOf(o)+"/pay", webtest.Values("gateway", "sandbox")).Is(http.StatusSeeOther)
	at := "/pay/code/" + string(w.Gateway.Opened()[0].ID)
	c.Get(at).Is(200).None("a[href^=https://sim.example/]")
	w.Site.Centre.Demo = true
	c.Get(at).Is(200).Must("a[href^=https://sim.example/scan/]")
}

// app is a gateway that pays inside its own app.
type app struct {
	payment.Gateway
	site string
	fail error
}

func (a *app) Name() string { return wechat.Name }

func (a *app) Pay(_ context.Context, p payment.Payment, _, _ string, _ time.Time) (string, error) {
	return a.site + "/pay/wechat/" + string(p.ID), nil
}

func (a *app) LoginURL(page, state string) string {
	return "https://login.example/?to=" + page + "&state=" + state
}

func (a *app) OpenID(_ context.Context, code string) (string, error) { return "openid-" + code, a.fail }

func (a *app) Bridge(_ context.Context, p payment.Payment, openID, _ string, _ time.Time) (wechat.Bridge, error) {
	return wechat.Bridge{AppID: "wx1", Package: "prepay_id=" + string(p.ID), NonceStr: openID}, nil
}

// TestPayInWeChat: WeChat says who the person is, and the page hands over.
func TestPayInWeChat(t *testing.T) {
	w := webtest.New(t, me.Routes)
	berries := w.Product("Blueberries", money.Yuan(30))
	w.Lot(berries, w.Producer("Wang"), 100)
	c := w.Person("Li Lei")
	o := w.OrderTo(c, berries, 1, w.Address(c))
	a := &app{Gateway: w.Gateway, site: w.URL()}
	w.Flow.Gateways[wechat.Name] = a
	w.Site.Gateways = []string{wechat.Name, "alipay", "offline"}
	const phone = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"

	if all := c.Get(pathOf(o)).Is(200).All("button[name=gateway]"); len(all) != 3 {
		t.Errorf("%d ways to pay on a PC", len(all))
	}
	c.UserAgent = phone
	c.Get(pathOf(o)).Is(200).None("button[value=alipay]") // WeChat blocks it
	p := c.Post(pathOf(o)+"/pay", webtest.Values("gateway", wechat.Name)).Is(http.StatusSeeOther)
	at := strings.TrimPrefix(p.Location(), w.URL())
	pid := id.Payment(strings.TrimPrefix(at, "/pay/wechat/"))
	ask := c.Get(at).Is(200)
	ask.Must("a[href^=https://login.example/]")
	if to := ask.Header.Get("Refresh"); !strings.Contains(to, "login.example") || !strings.HasSuffix(to, "state="+string(pid)) {
		t.Errorf("refresh to %q", to)
	}
	c.Get(at + "?code=c1&state=another").Is(200).None("[data-bridge]")
	pay := c.Get(at + "?code=c1&state=" + string(pid)).Is(200)
	if b := pay.Must("[data-bridge]").Attr("data-bridge"); !strings.Contains(b, `"package":"prepay_id=`+string(pid)+`"`) || !strings.Contains(b, "openid-c1") {
		t.Errorf("hands over %s", b)
	}
	pay.Must("[data-wait-payment]")
	a.fail = fault.New(fault.Unavailable, "payment.gateway_down")
	failed := c.Get(at + "?code=c1&state=" + string(pid)).Is(200)
	failed.Must(".alert")
	failed.Must("a[href=" + at + "]")
	c.UserAgent = "Mozilla/5.0 (Windows NT 10.0)"
	other := c.Get(at).Is(200)
	other.None("[data-bridge]")
	other.Must(".alert")
}
