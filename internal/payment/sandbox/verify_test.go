package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

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
