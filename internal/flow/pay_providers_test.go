package flow_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/alipay"
	"lindu.example/lindu/internal/payment/paysim"
	"lindu.example/lindu/internal/payment/wechat"
)

// cashDesk is a till with WeChat Pay and Alipay behind it.
type cashDesk struct {
	*till
	keys paysim.Keys
	sim  *paysim.Server
	url  string // of the providers
	site string // of ours, for callbacks
	name string // the gateway under test
	log  bytes.Buffer
}

// simKeys are made once: they take a while.
var simKeys = sync.OnceValues(paysim.NewKeys)

// eachProvider runs fn with each provider on every database.
func eachProvider(t *testing.T, fn func(c *cashDesk)) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, name := range []string{wechat.Name, alipay.Name} {
		t.Run(name, func(t *testing.T) {
			dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
				fn(newCashDesk(t, d, name))
			})
		})
	}
}

func newCashDesk(t *testing.T, d *db.DB, name string) *cashDesk {
	t.Helper()
	c := &cashDesk{till: newTill(t, d), name: name}
	c.Log = slog.New(slog.NewTextHandler(&c.log, nil))
	var err error
	if c.keys, err = simKeys(); err != nil {
		t.Fatal(err)
	}
	if c.sim, err = paysim.New(paysim.Options{Keys: c.keys, Clock: c.now, Backoff: []time.Duration{0, 10 * time.Millisecond, 100 * time.Millisecond, time.Second}}); err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(c.sim)
	t.Cleanup(func() { c.sim.Close(); web.Close() })
	c.url, c.site = web.URL, strings.TrimSuffix(c.callback, "sandbox")
	public, err := wechat.LoadPublic(c.keys.ProviderPEM())
	if err != nil {
		t.Fatal(err)
	}
	w, err := wechat.New(wechat.Options{Merchant: paysim.MerchantNo, App: paysim.AppID, Notify: c.site + wechat.Name, Site: "https://shop.example", API: c.url, Clock: c.now,
		Keys: wechat.Keys{MerchantSerial: paysim.MerchantSerial, Merchant: c.keys.Merchant, APIv3: c.keys.APIv3, PublicID: paysim.PublicKeyID, Public: public}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := alipay.New(alipay.Options{App: paysim.AlipayApp, Seller: paysim.AlipaySeller, Private: c.keys.MerchantPEM(), Public: c.keys.ProviderPEM(), Notify: c.site + alipay.Name, API: c.url + "/gateway.do", Clock: c.now})
	if err != nil {
		t.Fatal(err)
	}
	c.Gateways[wechat.Name], c.Gateways[alipay.Name] = w, a
	return c
}

// opened is an order whose buyer stands at the cashier.
func (c *cashDesk) opened() (actor.Actor, order.Order, payment.Payment) {
	c.Helper()
	who, o := c.order(1)
	p, err := c.StartPayment(c.Context(), who, o.ID, c.name)
	if err != nil {
		c.Fatal(err)
	}
	res, err := http.Get(strings.TrimPrefix(p.PayURL, payment.QR))
	if err != nil {
		c.Fatal(err)
	}
	res.Body.Close()
	return who, o, p
}

// said is what a test has a provider say.
type said struct {
	event    string
	p        payment.Payment
	amount   money.Fen
	ref      string
	at       time.Time // of the signature
	keys     *paysim.Keys
	merchant string
	app      string
	currency string
	state    string
}

func (c *cashDesk) paidAt(p payment.Payment, at time.Time) said {
	return said{event: id.New[string](), p: p, amount: p.Amount, ref: "REF-" + string(p.ID)[:20], at: at}
}

// notice is a callback signed by the provider, or by somebody else.
func (c *cashDesk) notice(s said) *http.Request {
	c.Helper()
	by := c.sim
	if s.keys != nil {
		var err error
		if by, err = paysim.New(paysim.Options{Keys: *s.keys, Clock: c.now}); err != nil {
			c.Fatal(err)
		}
	}
	var r *http.Request
	var err error
	if c.name == wechat.Name {
		r, err = by.WechatNotice(paysim.WechatEvent{ID: s.event, Trade: string(s.p.ID), Ref: s.ref, Amount: s.amount, PaidAt: s.at, URL: c.site + c.name,
			Merchant: s.merchant, App: s.app, Currency: s.currency, State: s.state}, s.at)
	} else {
		r, err = by.AlipayNotice(paysim.AlipayEvent{ID: s.event, Trade: string(s.p.ID), Ref: s.ref, Amount: s.amount, PaidAt: s.at, URL: c.site + c.name,
			Seller: s.merchant, App: s.app, Status: s.state}, s.at)
	}
	if err != nil {
		c.Fatal(err)
	}
	return r
}

// send sends a callback and gives the status of the answer.
func (c *cashDesk) send(r *http.Request) int {
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Error(err)
		return 0
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// callbacks counts what was kept of a payment's callbacks by outcome.
func (c *cashDesk) callbacks(outcome string) int64 {
	return c.count(`SELECT count(*) FROM payment_callback WHERE gateway = $1 AND outcome = $2`, c.name, outcome)
}

// TestPayAtTheProvider: the way of a buyer, whole.
func TestPayAtTheProvider(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, o, p := c.opened()
		if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
			c.Fatal(ok, err)
		}
		c.until("the payment", func() bool { return c.read(o).State == order.Paid })
		c.owed(price)
		if _, err := c.RefundOrder(c.Context(), actor.System("test"), o.ID, payment.AfterSale); err != nil {
			c.Fatal(err)
		}
		if n, err := c.SendRefunds(c.Context()); n != 1 || err != nil {
			c.Error(n, err)
		}
		c.owed(0)
		c.balance("refund/buyers/due", 0)
	})
}

// TestHundredCopiesAtOnce is R6: one effect.
func TestHundredCopiesAtOnce(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, o, p := c.opened()
		s := c.paidAt(p, c.now.Now())
		var wg sync.WaitGroup
		for range 100 {
			r := c.notice(s)
			wg.Go(func() {
				if status := c.send(r); status != 200 {
					c.Errorf("status %d", status)
				}
			})
		}
		wg.Wait()
		if c.read(o).State != order.Paid || c.callbacks("applied") != 1 || c.callbacks("quarantined") != 0 {
			c.Error(c.read(o).State, c.callbacks("applied"), c.callbacks("quarantined"))
		}
		c.owed(o.Goods)
	})
}

// TestForgeries is R6: nothing of them is kept, nothing paid, nothing of their
// text in the log.
func TestForgeries(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, o, p := c.opened()
		stranger, err := paysim.NewKeys()
		if err != nil {
			c.Fatal(err)
		}
		stranger.APIv3 = c.keys.APIv3 // even who knows the key that seals
		now := c.now.Now()
		spoil := func(change func(*said)) *http.Request {
			s := c.paidAt(p, now)
			change(&s)
			return c.notice(s)
		}
		mutate := func(from, to string) *http.Request {
			r := c.notice(c.paidAt(p, now))
			body, _ := io.ReadAll(r.Body)
			changed := strings.Replace(string(body), from, to, 1)
			if changed == string(body) {
				c.Fatalf("%q is not in the callback", from)
			}
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
			return r
		}
		bare := func(body string) *http.Request {
			r, err := http.NewRequest("POST", c.site+c.name, strings.NewReader(body))
			if err != nil {
				c.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return r
		}
		cases := map[string]*http.Request{
			"another key":      spoil(func(s *said) { s.keys = &stranger }),
			"another merchant": spoil(func(s *said) { s.merchant = "2088999999999999" }),
			"another app":      spoil(func(s *said) { s.app = "wx0000000000000000" }),
			"a week old":       spoil(func(s *said) { s.at = now.Add(-7 * aDay) }),
			"from tomorrow":    spoil(func(s *said) { s.at = now.Add(3 * aDay) }),
			"nothing":          bare(""),
			"garbage":          bare("\x00\xff%%%secret-marker"),
			"JSON":             bare(`{"id":"secret-marker","resource":null}`),
			"huge":             bare(strings.Repeat("secret-marker", 20_000)),
		}
		if c.name == wechat.Name {
			cases["mutated"] = mutate(`"summary":"paid"`, `"summary":"PAID"`)
			cases["another currency"] = spoil(func(s *said) { s.currency = "USD" })
			cases["not succeeded"] = spoil(func(s *said) { s.state = "NOTPAY" })
			probe := c.notice(c.paidAt(p, now))
			probe.Header.Set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/"+probe.Header.Get("Wechatpay-Signature"))
			cases["the probe"] = probe
			for _, h := range []string{"Wechatpay-Signature", "Wechatpay-Nonce", "Wechatpay-Timestamp", "Wechatpay-Serial"} {
				r := c.notice(c.paidAt(p, now))
				r.Header.Del(h)
				cases["without "+h] = r
			}
		} else {
			cases["mutated"] = mutate("total_amount="+p.Amount.String(), "total_amount=0.01")
			cases["a field twice"] = mutate("total_amount=", "total_amount=0.01&total_amount=")
			cases["no form"] = func() *http.Request {
				r := c.notice(c.paidAt(p, now))
				r.Header.Del("Content-Type")
				return r
			}()
			cases["another certificate"] = mutate("charset=utf-8", "alipay_cert_sn=x&charset=utf-8")
		}
		for name, r := range cases {
			if status := c.send(r); status < 400 {
				c.Errorf("%s: answered %d", name, status)
			}
		}
		if n := c.count(`SELECT count(*) FROM payment_callback`); n != 0 || c.read(o).State != order.Unpaid {
			c.Errorf("%d kept, the order is %s", n, c.read(o).State)
		}
		if strings.Contains(c.log.String(), "secret-marker") || strings.Contains(c.log.String(), "Wechatpay") {
			c.Error("a stranger's text in the log:", c.log.String())
		}
		// The true one still counts.
		if status := c.send(c.notice(c.paidAt(p, now))); status != 200 || c.read(o).State != order.Paid {
			c.Error(status, c.read(o).State)
		}
	})
}

// TestAnotherAmountWaitsForFinance is R6.
func TestAnotherAmountWaitsForFinance(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, o, p := c.opened()
		s := c.paidAt(p, c.now.Now())
		s.amount -= 100
		for range 3 {
			if status := c.send(c.notice(s)); status != 200 {
				c.Error("status", status)
			}
		}
		other := s
		other.event = id.New[string]() // the same charge under another event, as a query tells of it
		if status := c.send(c.notice(other)); status != 200 || c.callbacks("repeated") != 1 {
			c.Error("status", status, "repeated", c.callbacks("repeated"))
		}
		list, err := payment.Quarantine(c.Context(), c.DB)
		if err != nil || len(list) != 1 || list[0].Reason != payment.ReasonAmount || list[0].Amount != s.amount || list[0].Want != p.Amount {
			c.Error(list, err)
		}
		if c.read(o).State != order.Unpaid {
			c.Error("paid by another amount")
		}
		c.owed(0)
	})
}

// TestOutOfOrder is R6: what comes after the order was closed is refunded, and
// what comes later still changes nothing.
func TestOutOfOrder(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, o, p := c.opened()
		c.now.Add(kept + time.Minute)
		if _, err := c.ExpireOrders(c.Context()); err != nil {
			c.Fatal(err)
		}
		s := c.paidAt(p, c.now.Now())
		if status := c.send(c.notice(s)); status != 200 {
			c.Error("status", status)
		}
		other := s
		other.event = id.New[string]() // the same charge, told by another event
		if status := c.send(c.notice(other)); status != 200 {
			c.Error("status", status)
		}
		if c.read(o).State != order.Closed || c.callbacks("late_refund") != 1 || c.callbacks("repeated") != 1 {
			c.Error(c.read(o).State, c.callbacks("late_refund"), c.callbacks("repeated"))
		}
		if n := c.count(`SELECT count(*) FROM refund WHERE payment_id = $1`, p.ID); n != 1 {
			c.Error("refunds:", n)
		}
	})
}

// TestThreeDaysLate is R6: WeChat signs each try anew, so three days are no
// matter; Alipay keeps the first time and stops after 25 hours, so a callback
// three days old is no longer its own, and the query has settled it long ago.
func TestThreeDaysLate(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, o, p := c.opened()
		first := c.now.Now()
		s := c.paidAt(p, first)
		c.now.Add(late)
		if _, err := c.ExpireOrders(c.Context()); err != nil {
			c.Fatal(err)
		}
		if c.name == wechat.Name {
			s.at = c.now.Now()
			if status := c.send(c.notice(s)); status != 200 || c.callbacks("late_refund") != 1 {
				c.Error(status, c.callbacks("late_refund"))
			}
		} else if status := c.send(c.notice(s)); status != 401 {
			c.Error("status", status)
		}
		if c.read(o).State != order.Closed {
			c.Error(c.read(o).State)
		}
	})
}

// TestCallbackNeverComes is R7: the query settles it within a minute, and
// nothing is left paying.
func TestCallbackNeverComes(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		_, o, p := c.opened()
		_, second, never := c.opened()
		c.sim.SetTrouble(paysim.Trouble{Lose: true})
		if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
			c.Fatal(ok, err)
		}
		for range 4 { // a minute of the sweep's rounds
			c.now.Add(15 * time.Second)
			if _, err := c.QueryPayments(c.Context()); err != nil {
				c.Fatal(err)
			}
		}
		if c.read(o).State != order.Paid {
			c.Error("after a minute:", c.read(o).State)
		}
		for range 20 { // the other buyer never pays
			c.now.Add(time.Minute)
			if _, err := c.ExpireOrders(c.Context()); err != nil {
				c.Fatal(err)
			}
			if _, err := c.QueryPayments(c.Context()); err != nil {
				c.Fatal(err)
			}
		}
		if c.read(second).State != order.Closed {
			c.Error("unpaid:", c.read(second).State)
		}
		if n := c.count(`SELECT count(*) FROM payment WHERE state = 'open'`); n != 0 {
			c.Error("still open:", n)
		}
		if ok, err := c.sim.Pay(string(never.ID), 1); ok || err != nil {
			c.Error("paid after it was closed:", ok, err)
		}
	})
}

// TestCallbackBeforeTheAddress is R7: the provider tells before we have written
// where the buyer pays.
func TestCallbackBeforeTheAddress(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		who, o := c.order(1)
		g := c.Gateways[c.name]
		c.Gateways[c.name] = early{g, func(p payment.Payment) {
			if status := c.send(c.notice(c.paidAt(p, c.now.Now()))); status != 200 {
				c.Error("status", status)
			}
		}}
		if _, err := c.StartPayment(c.Context(), who, o.ID, c.name); err != nil {
			c.Fatal(err)
		}
		if c.read(o).State != order.Paid || c.callbacks("applied") != 1 {
			c.Error(c.read(o).State, c.callbacks("applied"))
		}
	})
}

// early is a provider whose callback is faster than its answer.
type early struct {
	payment.Gateway
	tell func(payment.Payment)
}

func (e early) Pay(ctx context.Context, p payment.Payment, subject, back string, expires time.Time) (string, error) {
	u, err := e.Gateway.Pay(ctx, p, subject, back, expires)
	e.tell(p)
	return u, err
}

// TestProviderDown: with WeChat Pay the buyer is told to try again, and the same
// payment is used; Alipay's address is signed by us, so the buyer gets there
// without its API. With both what was paid meanwhile is found, and what is to go
// back goes, as soon as it answers again.
func TestProviderDown(t *testing.T) {
	eachProvider(t, func(c *cashDesk) {
		down := func() { c.sim.SetTrouble(paysim.Trouble{Fail: 1000, Lose: true}) }
		up := func() { c.sim.SetTrouble(paysim.Trouble{}) }
		who, o := c.order(1)
		down()
		p, err := c.StartPayment(c.Context(), who, o.ID, c.name)
		if c.name == wechat.Name {
			c.wantKey(err, "payment.gateway_down")
			up()
			p, err = c.StartPayment(c.Context(), who, o.ID, c.name)
		}
		if err != nil || p.PayURL == "" {
			c.Fatal(p.PayURL, err)
		}
		if n := c.count(`SELECT count(*) FROM payment WHERE order_id = $1`, o.ID); n != 1 {
			c.Error("payments:", n)
		}
		res, err := http.Get(strings.TrimPrefix(p.PayURL, payment.QR)) // the cashier, which is no API
		if err != nil {
			c.Fatal(err)
		}
		res.Body.Close()
		down()
		if ok, err := c.sim.Pay(string(p.ID), 1); !ok || err != nil {
			c.Fatal(ok, err)
		}
		c.now.Add(20 * time.Second)
		if n, err := c.QueryPayments(c.Context()); n != 0 || err != nil || c.read(o).State != order.Unpaid {
			c.Errorf("while it is down: settled %d (%v), the order is %s", n, err, c.read(o).State)
		}
		up()
		c.now.Add(time.Minute)
		if n, err := c.QueryPayments(c.Context()); n != 1 || err != nil || c.read(o).State != order.Paid {
			c.Errorf("when it is back: settled %d (%v), the order is %s", n, err, c.read(o).State)
		}
		down()
		if _, err := c.CancelOrder(c.Context(), who, o.ID); err != nil {
			c.Fatal(err)
		}
		c.sent(0)
		c.stands(c.refundOf(o.ID).ID, payment.RefundPending, o.Total, o.Total)
		up()
		c.now.Add(time.Minute)
		c.sent(1)
		c.stands(c.refundOf(o.ID).ID, payment.RefundDone, 0, 0)
	})
}
