package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
)

const deadline = 20 * time.Second // far beyond any wait here; only a failure takes it

// bundle is a provider, a merchant's callback address, and our gateway.
type bundle struct {
	t        *testing.T
	keys     Keys
	now      *clock.Fake
	server   *Server
	site     *httptest.Server // the provider under a prefix, as a proxy shows it
	gateway  *Gateway
	notices  chan payment.Notice
	failures atomic.Int64 // how many callbacks are turned away first
	backoff  []time.Duration
}

func newBundle(t *testing.T, file string) *bundle {
	t.Helper()
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{t: t, keys: keys, now: clock.NewFake(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)), notices: make(chan payment.Notice, 100),
		backoff: []time.Duration{0, time.Millisecond, time.Millisecond, time.Millisecond}}
	shop := httptest.NewServer(http.HandlerFunc(b.callback))
	b.start(file)
	b.site = httptest.NewServer(http.StripPrefix("/sandbox", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { b.server.ServeHTTP(w, r) })))
	b.gateway, err = NewGateway(GatewayOptions{Keys: keys.ForMerchant(), API: b.site.URL + "/sandbox/", Notify: shop.URL + "/pay/callback/sandbox", Clock: b.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.server.Close(); err != nil {
			t.Error(err)
		}
		b.site.Close()
		shop.Close()
	})
	return b
}

func (b *bundle) start(file string) {
	b.t.Helper()
	s, err := NewServer(ServerOptions{Keys: b.keys.ForProvider(), File: file, Clock: b.now, Backoff: b.backoff})
	if err != nil {
		b.t.Fatal(err)
	}
	b.server = s
}

// callback is the merchant's side of a callback.
func (b *bundle) callback(w http.ResponseWriter, r *http.Request) {
	if b.failures.Add(-1) >= 0 {
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	body, _ := io.ReadAll(r.Body)
	n, err := b.gateway.Verify(r, body, b.now.Now())
	if err == nil {
		b.notices <- n
	}
	b.gateway.Ack(w, err)
}

// open opens a payment of 1,234 fen that ends in an hour.
func (b *bundle) open() (payment.Payment, string) {
	b.t.Helper()
	p := payment.Payment{ID: id.New[id.Payment](), Amount: 1234}
	u, err := b.gateway.Pay(b.t.Context(), p, "Order 1", "https://shop.example/orders/1", b.now.Now().Add(time.Hour))
	if err != nil {
		b.t.Fatal(err)
	}
	return p, u
}

// press presses a button of the buyer's page and gives the page after it.
func (b *bundle) press(page, do string) string {
	b.t.Helper()
	res, err := http.PostForm(page+"?lang=en", url.Values{"do": {do}})
	if err != nil {
		b.t.Fatal(err)
	}
	return b.read(res)
}

func (b *bundle) see(page string) string {
	b.t.Helper()
	res, err := http.Get(page)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.read(res)
}

func (b *bundle) read(res *http.Response) string {
	b.t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.t.Fatalf("status %d, %v: %s", res.StatusCode, err, text)
	}
	return string(text)
}

func (b *bundle) notice() payment.Notice {
	b.t.Helper()
	select {
	case n := <-b.notices:
		return n
	case <-time.After(deadline):
		b.t.Fatal("no callback came")
	}
	return payment.Notice{}
}

func (b *bundle) query(p payment.Payment) payment.Notice {
	b.t.Helper()
	n, err := b.gateway.Query(b.t.Context(), p.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestBuyerPaysAndTheShopIsTold(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	if !strings.HasPrefix(page, b.site.URL+"/sandbox/pay/") {
		t.Fatalf("page at %s", page)
	}
	text := b.see(page + "?lang=en")
	for _, want := range []string{"no real money", "12.34", "Order 1", string(p.ID), "19:00:00", `value="lost"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if zh := b.see(page + "?lang=zh-CN"); !strings.Contains(zh, "不扣真钱") {
		t.Error("no Chinese page")
	}
	if n := b.query(p); n.Paid {
		t.Error("paid before the buyer paid")
	}
	if after := b.press(page, "pay"); !strings.Contains(after, "Paid.") || !strings.Contains(after, "https://shop.example/orders/1") {
		t.Errorf("after paying: %s", after)
	}
	n := b.notice()
	if n.Payment != p.ID || n.Amount != 1234 || !n.Paid || n.EventID == "" || n.Ref == "" {
		t.Errorf("notice %+v", n)
	}
	if q := b.query(p); !q.Paid || q.Ref != n.Ref || q.EventID == n.EventID {
		t.Errorf("query %+v", q)
	}
	b.press(page, "pay") // the back button and again: nothing more is paid
	if q := b.query(p); q.Ref != n.Ref {
		t.Error("paid twice")
	}
}

func TestPageLinksAreRelative(t *testing.T) {
	b := newBundle(t, "")
	_, page := b.open()
	text := b.see(page)
	for _, m := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "/") {
			t.Errorf("%s leaves the prefix", m[1])
		}
	}
	for _, f := range []string{"pay.css", "pay.js"} {
		b.see(b.site.URL + "/sandbox/static/" + f)
	}
	// The address of a button's answer too.
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.PostForm(page, url.Values{"do": {"cancel"}})
	if err != nil || res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "./") {
		t.Errorf("%v %v", res, err)
	}
}

func TestCallbackComesAgainUntilItIsTaken(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	b.failures.Store(2)
	b.press(page, "pay")
	if n := b.notice(); n.Payment != p.ID {
		t.Errorf("%+v", n)
	}
}

func TestLostCallbackIsFoundByAsking(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	b.press(page, "lost")
	if n := b.query(p); !n.Paid || n.Amount != 1234 {
		t.Errorf("%+v", n)
	}
	b.server.book.mu.Lock()
	defer b.server.book.mu.Unlock()
	if len(b.server.book.waiting) != 0 || len(b.notices) != 0 {
		t.Error("a callback was made")
	}
}

func TestTwiceMakesTwoEventsOfOnePayment(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	b.press(page, "twice")
	x, y := b.notice(), b.notice()
	if x.EventID == y.EventID || x.Ref != y.Ref || x.Payment != p.ID || y.Payment != p.ID {
		t.Errorf("%+v %+v", x, y)
	}
}

func TestCancelLeavesThePaymentOpen(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	if after := b.press(page, "cancel"); !strings.Contains(after, "Nothing was paid") {
		t.Error(after)
	}
	again, err := b.gateway.Pay(t.Context(), p, "Order 1", "https://shop.example/orders/1", b.now.Now().Add(time.Hour))
	if err != nil || again != page {
		t.Errorf("opened again: %s %v, want the same page", again, err)
	}
	if after := b.press(page, "pay"); !strings.Contains(after, "Paid.") {
		t.Error("could not pay after all")
	}
}

func TestExpiredAndClosedCannotBePaid(t *testing.T) {
	b := newBundle(t, "")
	late, latePage := b.open()
	shut, shutPage := b.open()
	if err := b.gateway.Close(t.Context(), shut.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.gateway.Close(t.Context(), shut.ID); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if after := b.press(shutPage, "pay"); !strings.Contains(after, "closed") || b.query(shut).Paid {
		t.Error("paid after it was closed")
	}
	b.now.Add(time.Hour)
	if after := b.press(latePage, "pay"); !strings.Contains(after, "over") || b.query(late).Paid {
		t.Error("paid after it expired")
	}
}

func TestCloseTellsWhenTheMoneyWasFaster(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	b.press(page, "lost")
	if err := b.gateway.Close(t.Context(), p.ID); !errors.Is(err, payment.ErrAlreadyPaid) {
		t.Errorf("close: %v", err)
	}
	if err := b.gateway.Close(t.Context(), id.New[id.Payment]()); err != nil {
		t.Errorf("close of one it never heard of: %v", err)
	}
	if _, err := b.gateway.Query(t.Context(), id.New[id.Payment]()); !errors.Is(err, payment.ErrUnknown) {
		t.Errorf("query of one it never heard of: %v", err)
	}
}

func TestRefundPaysOnceAndNeverMoreThanWasPaid(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	r := payment.Refund{ID: id.New[id.Refund](), Payment: p.ID, Amount: 1000, Reason: payment.Cancelled}
	if _, err := b.gateway.Refund(t.Context(), r); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("refund of what was not paid: %v", err)
	}
	b.press(page, "lost")
	first, err := b.gateway.Refund(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := b.gateway.Refund(t.Context(), r); err != nil || again != first {
		t.Errorf("the same again: %s %v, want %s", again, err, first)
	}
	other := r
	other.Amount = 1
	if _, err := b.gateway.Refund(t.Context(), other); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("the same id with another amount: %v", err)
	}
	over := payment.Refund{ID: id.New[id.Refund](), Payment: p.ID, Amount: 235}
	if _, err := b.gateway.Refund(t.Context(), over); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("more than is left: %v", err)
	}
	if _, err := b.gateway.Refund(t.Context(), payment.Refund{ID: id.New[id.Refund](), Payment: id.New[id.Payment](), Amount: 1}); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("of an unknown payment: %v", err)
	}
}

func TestPayRefusesWhatMakesNoSense(t *testing.T) {
	b := newBundle(t, "")
	p, _ := b.open()
	later := b.now.Now().Add(time.Hour)
	for about, try := range map[string]func() (string, error){
		"another amount": func() (string, error) {
			return b.gateway.Pay(t.Context(), payment.Payment{ID: p.ID, Amount: 1}, "x", "/orders/1", later)
		},
		"no amount": func() (string, error) {
			return b.gateway.Pay(t.Context(), payment.Payment{ID: id.New[id.Payment]()}, "x", "/orders/1", later)
		},
		"a script as the way back": func() (string, error) {
			return b.gateway.Pay(t.Context(), payment.Payment{ID: id.New[id.Payment](), Amount: 1}, "x", "javascript:alert(1)", later)
		},
		"another host by two slashes": func() (string, error) {
			return b.gateway.Pay(t.Context(), payment.Payment{ID: id.New[id.Payment](), Amount: 1}, "x", "//evil.example", later)
		},
		"expired": func() (string, error) {
			return b.gateway.Pay(t.Context(), payment.Payment{ID: id.New[id.Payment](), Amount: 1}, "x", "/orders/1", b.now.Now())
		},
	} {
		if u, err := try(); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("%s: %s %v", about, u, err)
		}
	}
}

// signed is a callback of a payment of 1,234 fen, spoiled by the test.
func (b *bundle) signed(spoil func(e *Event, k *Keys, at *time.Time)) (*http.Request, []byte) {
	b.t.Helper()
	e := PaidEvent(id.New[string](), b.keys.Merchant, id.New[id.Payment](), 1234, "SBX1", b.now.Now())
	k, at := b.keys, b.now.Now()
	if spoil != nil {
		spoil(&e, &k, &at)
	}
	body, err := json.Marshal(e)
	if err != nil {
		b.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/pay/callback/sandbox", nil)
	r.Header = k.SignMessage(body, at)
	return r, body
}

func TestVerifyRefusesEveryCallbackThatIsNotTrue(t *testing.T) {
	b := newBundle(t, "")
	other, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	check := func(about string, r *http.Request, body []byte, key string) {
		t.Helper()
		_, err := b.gateway.Verify(r, body, b.now.Now())
		if key == "" && err != nil || key != "" && !fault.HasKey(err, key) {
			t.Errorf("%s: %v, want %q", about, err, key)
		}
		w := httptest.NewRecorder()
		b.gateway.Ack(w, err)
		if want := map[bool]int{true: 200, false: 401}[key == ""]; w.Code != want {
			t.Errorf("%s: acknowledged with %d, want %d", about, w.Code, want)
		}
	}
	event := func(about, key string, spoil func(*Event, *Keys, *time.Time)) {
		t.Helper()
		r, body := b.signed(spoil)
		check(about, r, body, key)
	}
	header := func(about, key string, spoil func(http.Header)) {
		t.Helper()
		r, body := b.signed(nil)
		spoil(r.Header)
		check(about, r, body, key)
	}
	event("a true one", "", nil)
	event("a copy of the provider's name with another key", "payment.forged", func(_ *Event, k *Keys, _ *time.Time) { *k = other })
	event("its serial with another key", "payment.forged", func(_ *Event, k *Keys, _ *time.Time) { k.ProviderPrivate = other.ProviderPrivate })
	event("six minutes old", "payment.stale", func(_ *Event, _ *Keys, at *time.Time) { *at = at.Add(-6 * time.Minute) })
	event("three days old", "payment.stale", func(_ *Event, _ *Keys, at *time.Time) { *at = at.Add(-72 * time.Hour) })
	event("six minutes ahead", "payment.stale", func(_ *Event, _ *Keys, at *time.Time) { *at = at.Add(6 * time.Minute) })
	event("four minutes old", "", func(_ *Event, _ *Keys, at *time.Time) { *at = at.Add(-4 * time.Minute) })
	event("of another merchant", "payment.forged", func(e *Event, _ *Keys, _ *time.Time) { e.Merchant = "somebody" })
	event("of another type", "payment.forged", func(e *Event, _ *Keys, _ *time.Time) { e.Type = "refund.done" })
	event("of an open payment", "payment.forged", func(e *Event, _ *Keys, _ *time.Time) { e.Payment.State = stateOpen })
	event("without an id", "payment.forged", func(e *Event, _ *Keys, _ *time.Time) { e.ID = "" })
	event("without a payment", "payment.forged", func(e *Event, _ *Keys, _ *time.Time) { e.Payment.PaymentID = "../x" })
	event("with a negative amount", "payment.forged", func(e *Event, _ *Keys, _ *time.Time) { e.Payment.AmountFen = -1 })
	header("the provider's signature probe", "payment.forged", func(h http.Header) {
		h.Set(headerSignature, "WECHATPAY/SIGNTEST/"+h.Get(headerSignature))
	})
	for _, name := range []string{headerSerial, headerTimestamp, headerNonce, headerSignature} {
		header("without "+name, "payment.forged", func(h http.Header) { h.Del(name) })
	}
	header("with a timestamp made newer", "payment.forged", func(h http.Header) {
		h.Set(headerTimestamp, fmt.Sprint(b.now.Now().Unix()+1))
	})
	header("with a short nonce", "payment.forged", func(h http.Header) { h.Set(headerNonce, "x") })
	r, body := b.signed(nil)
	check("with an altered amount", r, []byte(strings.Replace(string(body), "1234", "1", 1)), "payment.forged")
	check("with an empty body", r, nil, "payment.forged")
	r = httptest.NewRequest("POST", "/", nil)
	r.Header = b.keys.SignMessage([]byte("[]"), b.now.Now())
	check("no event at all", r, []byte("[]"), "payment.forged")
}

func TestProviderRefusesRequestsThatAreNotOurs(t *testing.T) {
	b := newBundle(t, "")
	p, _ := b.open()
	other, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	send := func(about string, k Keys, path string, at time.Time, body, sent string) {
		t.Helper()
		r, err := http.NewRequest("POST", b.site.URL+"/sandbox"+path, strings.NewReader(sent))
		if err != nil {
			t.Fatal(err)
		}
		k.signRequest(r, "/v1/payments/"+string(p.ID)+"/close", []byte(body), at)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: status %d", about, res.StatusCode)
		}
	}
	path := "/v1/payments/" + string(p.ID) + "/close"
	forger := b.keys
	forger.MerchantPrivate = other.MerchantPrivate
	send("another key", forger, path, b.now.Now(), "{}", "{}")
	send("old", b.keys, path, b.now.Now().Add(-10*time.Minute), "{}", "{}")
	send("altered", b.keys, path, b.now.Now(), "{}", "{} ")
	send("for another path", b.keys, "/v1/refunds", b.now.Now(), "{}", "{}")
	if res, err := http.Get(b.site.URL + "/sandbox/v1/payments/" + string(p.ID)); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("unsigned: %v %v", res, err)
	}
	if b.query(p).Paid {
		t.Error("something was done")
	}
}

func TestAnswersOfAStrangerCountAsNone(t *testing.T) {
	b := newBundle(t, "")
	p, page := b.open()
	b.press(page, "lost")
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		b.server.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		io.WriteString(w, strings.Replace(rec.Body.String(), "1234", "9999", 1))
	}))
	defer proxy.Close()
	g, err := NewGateway(GatewayOptions{Keys: b.keys.ForMerchant(), API: proxy.URL, Notify: "http://shop.example/", Clock: b.now})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := g.Query(t.Context(), p.ID); !fault.HasKey(err, "payment.gateway_down") {
		t.Errorf("an altered answer: %+v %v", n, err)
	}
	proxy.Close()
	if _, err := g.Query(t.Context(), p.ID); !fault.HasKey(err, "payment.gateway_down") || fault.Of(err).RetryAfter == 0 {
		t.Errorf("no answer: %v", err)
	}
}

func TestServerGoesOnAfterARestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sandbox.jsonl")
	b := newBundle(t, "")
	b.backoff = []time.Duration{0, time.Hour} // a callback turned away waits
	b.start(file)
	open, openPage := b.open()
	paid, paidPage := b.open()
	b.failures.Store(1000) // the shop is down: the callback is never taken
	b.press(paidPage, "pay")
	ref := b.query(paid).Ref
	r := payment.Refund{ID: id.New[id.Refund](), Payment: paid.ID, Amount: 100}
	refundRef, err := b.gateway.Refund(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.server.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, `{"p":{"payment_id":"cut off he`)
	f.Close()
	b.failures.Store(0)
	b.start(file)
	if n := b.notice(); n.Payment != paid.ID || n.Ref != ref {
		t.Errorf("callback after the restart: %+v", n)
	}
	if q := b.query(paid); !q.Paid || q.Ref != ref {
		t.Errorf("paid one: %+v", q)
	}
	if again, err := b.gateway.Refund(t.Context(), r); err != nil || again != refundRef {
		t.Errorf("refund again: %s %v", again, err)
	}
	if after := b.press(openPage, "lost"); !strings.Contains(after, "Paid.") || !b.query(open).Paid {
		t.Error("the open one can't be paid any more")
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("file: %v %v", st.Mode(), err)
	}
}

func TestKeysAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "keys.json")
	k, err := OpenKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenKeys(path)
	if err != nil || serial(again.ProviderPublic) != serial(k.ProviderPublic) || !again.MerchantPrivate.Equal(k.MerchantPrivate) {
		t.Errorf("%v", err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", st, err)
	}
	if err := os.WriteFile(path, []byte(`{"Merchant":"x","MerchantPublic":"AAAA"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(path); err == nil {
		t.Error("half a set of keys was taken")
	}
	if _, err := NewServer(ServerOptions{Keys: k.ForMerchant()}); err == nil {
		t.Error("a server with the merchant's keys")
	}
	if _, err := NewGateway(GatewayOptions{Keys: k.ForProvider(), API: "http://x", Notify: "http://y"}); err == nil {
		t.Error("a gateway with the provider's keys")
	}
}

func TestBookForgetsSettledPaymentsWhenFull(t *testing.T) {
	b, err := openBook("")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for i := range maxPayments {
		e := &entry{payRequest: payRequest{PaymentID: id.New[id.Payment](), Expires: now.Add(time.Hour)}, Token: fmt.Sprint(i), State: stateOpen}
		if i == 7 {
			e.State = statePaid
		}
		b.apply(line{Payment: e})
	}
	if err := b.room(now); err != nil || len(b.payments) != maxPayments-1 || b.tokens["7"] != nil {
		t.Errorf("%v, %d left", err, len(b.payments))
	}
	b.apply(line{Payment: &entry{payRequest: payRequest{PaymentID: id.New[id.Payment](), Expires: now.Add(time.Hour)}, Token: "new", State: stateOpen}})
	if err := b.room(now); !errors.Is(err, errFull) {
		t.Errorf("all are open: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	keys, err := NewKeys()
	if err != nil {
		f.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	g, err := NewGateway(GatewayOptions{Keys: keys, API: "http://x", Notify: "http://y"})
	if err != nil {
		f.Fatal(err)
	}
	good, _ := json.Marshal(PaidEvent("12345678", keys.Merchant, id.New[id.Payment](), 1234, "r", now))
	h := keys.SignMessage(good, now)
	f.Add(good, h.Get(headerTimestamp), h.Get(headerNonce), h.Get(headerSignature), true)
	f.Add([]byte(`{"id":"12345678","payment":{"amount_fen":1e400}}`), "0", "n", "AAAA", true)
	f.Add([]byte("[[[["), "-1", "\n", "=", false)
	f.Fuzz(func(t *testing.T, body []byte, ts, nonce, signature string, signed bool) {
		r := &http.Request{Header: http.Header{}}
		if signed { // what a provider gone mad would sign: the parser must hold by itself
			r.Header = keys.SignMessage(body, now)
		} else {
			r.Header[headerSerial], r.Header[headerTimestamp] = []string{serial(keys.ProviderPublic)}, []string{ts}
			r.Header[headerNonce], r.Header[headerSignature] = []string{nonce}, []string{signature}
		}
		n, err := g.Verify(r, body, now)
		if err != nil {
			if fault.Of(err).Kind != fault.Denied {
				t.Fatalf("%v is not a refusal", err)
			}
			return
		}
		if !n.Paid || n.Amount <= 0 || !id.Valid(n.Payment) || n.EventID == "" {
			t.Fatalf("accepted %+v of %s", n, body)
		}
		if !signed && string(body) != string(good) {
			t.Fatalf("accepted a body the provider never signed: %s", body)
		}
	})
}
