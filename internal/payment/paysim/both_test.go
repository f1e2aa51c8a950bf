package paysim_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/paysim"
	"lindu.example/lindu/internal/payment/wechat"
)

// counter is both providers and our side of each.
type counter struct {
	*testing.T
	now  *clock.Fake
	keys paysim.Keys
	sim  *paysim.Server
	url  string
	told chan *http.Request // callbacks as they come
	by   map[string]payment.Gateway
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c := &counter{T: t, now: clock.NewFake(time.Now()), told: make(chan *http.Request, 50)}
	var err error
	if c.keys, err = paysim.NewKeys(); err != nil {
		t.Fatal(err)
	}
	if c.sim, err = paysim.New(paysim.Options{Keys: c.keys, Clock: c.now, Backoff: []time.Duration{0}}); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(c.sim)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.told <- r
		io.WriteString(w, "success")
	}))
	c.url = web.URL
	t.Cleanup(func() { c.sim.Close(); web.Close(); shop.Close() })
	c.by = map[string]payment.Gateway{"wechat": c.wechat(shop.URL), "alipay": c.alipay(shop.URL)}
	return c
}

func (c *counter) wechat(notify string) *wechat.Gateway {
	c.Helper()
	public, err := wechat.LoadPublic(c.keys.ProviderPEM())
	if err != nil {
		c.Fatal(err)
	}
	g, err := wechat.New(wechat.Options{Merchant: paysim.MerchantNo, App: paysim.AppID, Secret: paysim.AppSecret, SiteName: "Lindu", Notify: notify, Site: "https://shop.example", API: c.url, Login: c.url, Clock: c.now,
		Keys:  wechat.Keys{MerchantSerial: paysim.MerchantSerial, Merchant: c.keys.Merchant, APIv3: c.keys.APIv3, PublicID: paysim.PublicKeyID, Public: public},
		Split: func(context.Context, payment.Payment) (bool, error) { return true, nil }})
	if err != nil {
		c.Fatal(err)
	}
	return g
}

func (c *counter) alipay(notify string) *alipay.Gateway {
	c.Helper()
	g, err := alipay.New(alipay.Options{App: paysim.AlipayApp, Seller: paysim.AlipaySeller, Private: c.keys.MerchantPEM(), Public: c.keys.ProviderPEM(), Notify: notify, API: c.url + "/gateway.do", Clock: c.now})
	if err != nil {
		c.Fatal(err)
	}
	return g
}

// each runs fn with each provider.
func each(t *testing.T, fn func(c *counter, g payment.Gateway)) {
	for _, name := range []string{"wechat", "alipay"} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			fn(c, c.by[name])
		})
	}
}

// opened is a payment whose cashier was opened, and that page's address.
func (c *counter) opened(g payment.Gateway, amount int64) (payment.Payment, string) {
	c.Helper()
	p := payment.Payment{ID: id.New[id.Payment](), Amount: 2990, Gateway: g.Name()}
	if amount > 0 {
		p.Amount = money.Fen(amount)
	}
	page, err := g.Pay(c.Context(), p, "蓝莓 · 2026112200000000001", "https://shop.example/back", c.now.Now().Add(15*time.Minute))
	if err != nil {
		c.Fatal(err)
	}
	page = strings.TrimPrefix(page, payment.QR)
	res, err := http.Get(page) // a person goes there
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 200 || !bytes.Contains(body, []byte(p.Amount.String())) {
		c.Fatalf("the cashier: %d %.300s", res.StatusCode, body)
	}
	return p, res.Request.URL.String()
}

func (c *counter) press(page, do string) {
	c.Helper()
	res, err := http.PostForm(page, url.Values{"do": {do}})
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		c.Fatalf("%s: %d", do, res.StatusCode)
	}
}

func (c *counter) callback() (*http.Request, []byte) {
	c.Helper()
	select {
	case r := <-c.told:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			c.Fatal(err)
		}
		return r, body
	case <-time.After(20 * time.Second):
		c.Fatal("no callback came")
	}
	return nil, nil
}

func TestPaidToldQueriedRefundedBilled(t *testing.T) {
	each(t, func(c *counter, g payment.Gateway) {
		if _, err := g.Query(c.Context(), id.New[id.Payment]()); !errors.Is(err, payment.ErrUnknown) {
			c.Error("unknown:", err)
		}
		p, page := c.opened(g, 0)
		if n, err := g.Query(c.Context(), p.ID); err != nil || n.Paid {
			c.Error("before:", n, err)
		}
		c.press(page, "pay")
		r, body := c.callback()
		n, err := g.Verify(r, body, c.now.Now())
		if err != nil || n.Payment != p.ID || n.Amount != p.Amount || !n.Paid || n.Ref == "" {
			c.Fatal("callback:", n, err)
		}
		q, err := g.Query(c.Context(), p.ID)
		if err != nil || q.Ref != n.Ref || q.Amount != n.Amount {
			c.Error("query:", q, err)
		}
		if err := g.Close(c.Context(), p.ID); !errors.Is(err, payment.ErrAlreadyPaid) {
			c.Error("closing a paid one:", err)
		}
		back := payment.Refund{ID: id.New[id.Refund](), Payment: p.ID, Amount: 1000, Of: p.Amount}
		ref, err := g.Refund(c.Context(), back)
		if err != nil || ref == "" {
			c.Fatal("refund:", err)
		}
		if again, err := g.Refund(c.Context(), back); err != nil || again != ref {
			c.Error("the same again:", again, err)
		}
		over := payment.Refund{ID: id.New[id.Refund](), Payment: p.ID, Amount: p.Amount, Of: p.Amount}
		if _, err := g.Refund(c.Context(), over); !errors.Is(err, payment.ErrRefused) {
			c.Error("more than was paid:", err)
		}
		if q, err := g.Query(c.Context(), p.ID); err != nil || !q.Paid {
			c.Error("a payment with a refund is still paid:", q, err)
		}
		day := clock.DayOf(c.now.Now())
		if _, err := g.Bill(c.Context(), day); !errors.Is(err, payment.ErrNoBill) {
			c.Error("today's bill:", err)
		}
		c.now.Add(24 * time.Hour)
		rows, err := g.Bill(c.Context(), day)
		if err != nil || len(rows) != 2 {
			c.Fatal("bill:", rows, err)
		}
		if a := rows[0]; a.Kind != payment.BillPay || a.Ours != string(p.ID) || a.Ref != n.Ref || a.Amount != 2990 || a.Fee != 18 {
			c.Error("paid:", a)
		}
		if b := rows[1]; b.Kind != payment.BillRefund || b.Ours != string(back.ID) || b.Amount != 1000 || b.Fee != -6 {
			c.Error("refunded:", b)
		}
	})
}

func TestClosedCantBePaid(t *testing.T) {
	each(t, func(c *counter, g payment.Gateway) {
		if err := g.Close(c.Context(), id.New[id.Payment]()); err != nil {
			c.Error("one nobody opened:", err)
		}
		p, page := c.opened(g, 0)
		if err := g.Close(c.Context(), p.ID); err != nil {
			c.Fatal(err)
		}
		if err := g.Close(c.Context(), p.ID); err != nil && !errors.Is(err, payment.ErrAlreadyPaid) {
			c.Log("closing twice:", err) // Alipay says that the state is wrong
		}
		c.press(page, "pay")
		if n, err := g.Query(c.Context(), p.ID); err != nil || n.Paid {
			c.Error(n, err)
		}
	})
}

func TestTroubleIsTryAgain(t *testing.T) {
	each(t, func(c *counter, g payment.Gateway) {
		p, _ := c.opened(g, 0)
		c.sim.SetTrouble(paysim.Trouble{Fail: 1})
		_, err := g.Query(c.Context(), p.ID)
		if !fault.HasKey(err, "payment.gateway_down") {
			c.Error(err)
		}
		if n, err := g.Query(c.Context(), p.ID); err != nil || n.Paid {
			c.Error("after it:", n, err)
		}
	})
}

// TestAForgedAnswerIsNone: somebody between us and the provider can't say that
// a payment was paid.
func TestAForgedAnswerIsNone(t *testing.T) {
	each(t, func(c *counter, g payment.Gateway) {
		p, page := c.opened(g, 0)
		c.press(page, "lost")
		liar, err := paysim.NewKeys()
		if err != nil {
			c.Fatal(err)
		}
		liar.Merchant = c.keys.Merchant
		mine, err := paysim.New(paysim.Options{Keys: liar, Clock: c.now})
		if err != nil {
			c.Fatal(err)
		}
		defer mine.Close()
		web := httptest.NewServer(mine)
		defer web.Close()
		c.url = web.URL
		other := map[string]payment.Gateway{"wechat": c.wechat("https://shop.example/x"), "alipay": c.alipay("https://shop.example/x")}[g.Name()]
		if n, err := other.Query(c.Context(), p.ID); err == nil || n.Paid {
			c.Error("believed:", n)
		}
	})
}

// TestWaysOfWechat: a code on a PC, the app on a phone, the page in WeChat.
func TestWaysOfWechat(t *testing.T) {
	c := newCounter(t)
	g := c.by["wechat"].(*wechat.Gateway)
	p := payment.Payment{ID: id.New[id.Payment](), Amount: 100}
	expires := c.now.Now().Add(time.Minute)
	pay := func(kind string) string {
		t.Helper()
		u, err := g.Pay(payment.WithDevice(t.Context(), payment.Device{Kind: kind, IP: "10.0.0.1"}), p, "x", "https://shop.example/back", expires)
		if err != nil {
			t.Fatal(kind, err)
		}
		return u
	}
	if u := pay(payment.PC); !strings.HasPrefix(u, payment.QR) {
		t.Error("PC:", u)
	}
	if u := pay(payment.Phone); !strings.Contains(u, "redirect_url=https%3A%2F%2Fshop.example%2Fback") {
		t.Error("phone:", u)
	}
	if u := pay(payment.WeChat); u != "https://shop.example/pay/wechat/"+string(p.ID) {
		t.Error("WeChat:", u)
	}
	// In WeChat: log in, come back with a code, pay on the page.
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(g.LoginURL("https://shop.example/pay/wechat/x", "state-1"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	to, err := res.Location()
	if err != nil || to.Query().Get("state") != "state-1" {
		t.Fatal(to, err)
	}
	person, err := g.OpenID(t.Context(), to.Query().Get("code"))
	if err != nil || person == "" {
		t.Fatal(err)
	}
	if _, err := g.OpenID(t.Context(), "other"); !fault.HasKey(err, "payment.gateway_down") || strings.Contains(err.Error(), paysim.AppSecret) {
		t.Error("a wrong code:", err)
	}
	b, err := g.Bridge(t.Context(), p, person, "x", expires)
	if err != nil || b.Package == "" || b.PaySign == "" || b.AppID != paysim.AppID {
		t.Error(b, err)
	}
}

// TestSplit: a producer gets a part once, an unknown one or too much nothing.
func TestSplit(t *testing.T) {
	c := newCounter(t)
	g := c.by["wechat"].(*wechat.Gateway)
	p, page := c.opened(g, 10_000)
	c.press(page, "pay")
	r, body := c.callback()
	n, err := g.Verify(r, body, c.now.Now())
	if err != nil {
		t.Fatal(err)
	}
	farm := payment.Receiver{Account: "1900000200"}
	s := payment.Split{ID: string(p.ID), Ref: n.Ref, Parts: []payment.SplitPart{{To: farm, Amount: 9000, What: "蓝莓"}}}
	if _, err := g.Split(t.Context(), s); !errors.Is(err, payment.ErrRefused) {
		t.Error("an unknown receiver:", err)
	}
	if err := g.AddReceiver(t.Context(), farm); err != nil {
		t.Fatal(err)
	}
	ref, err := g.Split(t.Context(), s)
	if err != nil || ref == "" {
		t.Fatal(err)
	}
	if again, err := g.Split(t.Context(), s); err != nil || again != ref {
		t.Error("again:", again, err)
	}
	if state, err := g.SplitState(t.Context(), s.ID, s.Ref); err != nil || state != ref {
		t.Error("asked:", state, err)
	}
	s.ID = "another"
	if _, err := g.Split(t.Context(), s); !errors.Is(err, payment.ErrRefused) {
		t.Error("more than there is:", err)
	}
}

// TestTheBookIsKept: what was paid is known after a restart.
func TestTheBookIsKept(t *testing.T) {
	c := newCounter(t)
	file := t.TempDir() + "/book.json"
	run := func() (*paysim.Server, payment.Gateway, func()) {
		s, err := paysim.New(paysim.Options{Keys: c.keys, Clock: c.now, File: file})
		if err != nil {
			t.Fatal(err)
		}
		web := httptest.NewServer(s)
		c.url = web.URL
		return s, c.wechat("http://127.0.0.1:1/none"), func() { s.Close(); web.Close() }
	}
	_, g, stop := run()
	p, page := c.opened(g, 0)
	c.press(page, "lost")
	stop()
	_, g, stop = run()
	defer stop()
	if n, err := g.Query(t.Context(), p.ID); err != nil || !n.Paid {
		t.Error(n, err)
	}
}
