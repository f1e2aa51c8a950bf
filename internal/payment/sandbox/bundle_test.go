package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
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
