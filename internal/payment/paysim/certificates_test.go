package paysim_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/paysim"
	"lindu.example/lindu/internal/payment/wechat"
)

// newCertified is a counter whose WeChat signs with a platform certificate; asks
// counts how often it is asked for certificates.
func newCertified(t *testing.T) (c *counter, g *wechat.Gateway, asks *int) {
	t.Helper()
	c = newCounter(t)
	var err error
	if c.sim, err = paysim.New(paysim.Options{Keys: c.keys, Clock: c.now, Backoff: []time.Duration{0}, Certificates: true}); err != nil {
		t.Fatal(err)
	}
	asks = new(int)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v3/certificates" {
			*asks++ // the gateway asks one at a time
		}
		c.sim.ServeHTTP(w, r)
	}))
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.told <- r
	}))
	t.Cleanup(func() { c.sim.Close(); web.Close(); shop.Close() })
	c.url = web.URL
	return c, c.certified(shop.URL, c.sim.Certificate()), asks
}

// certified is our side in certificate mode, with these certificates.
func (c *counter) certified(notify string, list ...*x509.Certificate) *wechat.Gateway {
	c.Helper()
	g, err := wechat.New(wechat.Options{Merchant: paysim.MerchantNo, App: paysim.AppID, Notify: notify, Site: "https://shop.example", API: c.url, Clock: c.now,
		Keys: wechat.Keys{MerchantSerial: paysim.MerchantSerial, Merchant: c.keys.Merchant, APIv3: c.keys.APIv3, Certificates: list}})
	if err != nil {
		c.Fatal(err)
	}
	return g
}

// whole is a payment's life at a provider that answers so: pay, callback, query,
// refund, its state, and one that is closed.
func (c *counter) whole(g payment.Gateway) (payment.Payment, payment.Refund) {
	c.Helper()
	p, page := c.opened(g, 0)
	c.press(page, "pay")
	r, body := c.callback()
	n, err := g.Verify(r, body, c.now.Now())
	if err != nil || n.Payment != p.ID || !n.Paid {
		c.Fatal("callback:", n, err)
	}
	if q, err := g.Query(c.Context(), p.ID); err != nil || q.Ref != n.Ref {
		c.Error("query:", q, err)
	}
	if err := g.Close(c.Context(), p.ID); !errors.Is(err, payment.ErrAlreadyPaid) {
		c.Error("closing a paid one:", err)
	}
	back := payment.Refund{ID: id.New[id.Refund](), Payment: p.ID, Amount: 1000, Of: p.Amount}
	ref, err := g.Refund(c.Context(), back)
	if err != nil || ref == "" {
		c.Error("refund:", err)
	}
	if again, err := g.RefundState(c.Context(), back); err != nil || again != ref {
		c.Error("state of the refund:", again, err)
	}
	other, _ := c.opened(g, 0)
	if err := g.Close(c.Context(), other.ID); err != nil {
		c.Error("close:", err)
	}
	return p, back
}

func TestCertificateModeWhole(t *testing.T) {
	c, g, asks := newCertified(t)
	p, back := c.whole(g)
	day := clock.DayOf(c.now.Now())
	c.now.Add(24 * time.Hour)
	rows, err := g.Bill(t.Context(), day)
	if err != nil || len(rows) != 2 || rows[0].Ours != string(p.ID) || rows[1].Ours != string(back.ID) {
		t.Error("bill:", rows, err)
	}
	if *asks != 0 {
		t.Errorf("%d times asked for certificates although the one in use is known", *asks)
	}
}

// TestCertificatesRotate: WeChat hands out another certificate, then signs with
// it. A gateway that runs takes it by itself; so does one that starts with the
// old one only.
func TestCertificatesRotate(t *testing.T) {
	c, g, asks := newCertified(t)
	old := c.sim.Certificate()
	c.whole(g)
	if err := c.sim.IssueCertificate(); err != nil {
		t.Fatal(err)
	}
	c.whole(g) // still signed with the old one
	if *asks != 0 {
		t.Errorf("asked %d times before there was need", *asks)
	}
	c.sim.Rotate()
	if c.sim.Certificate().Equal(old) {
		t.Fatal("no other certificate")
	}
	c.whole(g)
	if *asks != 1 {
		t.Errorf("asked %d times for one new certificate", *asks)
	}
	late := c.certified("https://shop.example/x", old)
	p, _ := c.opened(late, 0)
	if _, err := late.Query(t.Context(), p.ID); err != nil || *asks != 2 {
		t.Errorf("one that starts with the old certificate: %v, asked %d times", err, *asks)
	}
}

// TestAnotherSerial: what names a certificate that WeChat does not have, or the
// public key that this merchant does not have, is no answer, and strangers make
// us ask for certificates once a minute at most.
func TestAnotherSerial(t *testing.T) {
	c, g, asks := newCertified(t)
	p, page := c.opened(g, 0)
	for _, serial := range []string{"5E00000000000000000000000000000000000000", paysim.PublicKeyID} {
		c.sim.SetTrouble(paysim.Trouble{Serial: serial})
		if n, err := g.Query(t.Context(), p.ID); !fault.HasKey(err, "payment.gateway_down") || n.Paid {
			t.Errorf("%s: believed: %+v %v", serial, n, err)
		}
		if ref, err := g.Refund(t.Context(), payment.Refund{ID: id.New[id.Refund](), Payment: p.ID, Amount: 1, Of: p.Amount}); err == nil {
			t.Errorf("%s: a refund was believed: %s", serial, ref)
		}
		r, err := c.sim.WechatNotice(paysim.WechatEvent{ID: "event-123", Trade: string(p.ID), Ref: "4200", Amount: p.Amount, PaidAt: c.now.Now(), URL: "https://shop.example/x"}, c.now.Now())
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		for range 10 {
			if _, err = g.Verify(r, body, c.now.Now()); !fault.HasKey(err, "payment.forged") {
				t.Errorf("%s: a callback: %v", serial, err)
			}
		}
	}
	if *asks != 1 {
		t.Errorf("asked %d times for certificates within a minute", *asks)
	}
	c.sim.SetTrouble(paysim.Trouble{})
	c.press(page, "lost")
	if n, err := g.Query(t.Context(), p.ID); err != nil || !n.Paid {
		t.Error("after it:", n, err)
	}
	// A certificate of somebody who has not the API v3 key is none.
	if err := c.sim.IssueCertificate(); err != nil {
		t.Fatal(err)
	}
	c.sim.Rotate()
	c.keys.APIv3 = id.Secret()[:32]
	blind := c.certified("https://shop.example/x", mustOld(t, c))
	if n, err := blind.Query(t.Context(), p.ID); err == nil {
		t.Errorf("sealed with another key, and believed: %+v", n)
	}
}

// mustOld is a certificate that WeChat never had.
func mustOld(t *testing.T, c *counter) *x509.Certificate {
	t.Helper()
	other, err := paysim.New(paysim.Options{Keys: c.keys, Clock: c.now, Certificates: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	return other.Certificate()
}

// TestCertificateAndPublicKey: during a change-over both are taken.
func TestCertificateAndPublicKey(t *testing.T) {
	c, _, _ := newCertified(t)
	public := &c.keys.Provider.PublicKey
	both, err := wechat.New(wechat.Options{Merchant: paysim.MerchantNo, App: paysim.AppID, Notify: "https://shop.example/x", Site: "https://shop.example", API: c.url, Clock: c.now,
		Keys: wechat.Keys{MerchantSerial: paysim.MerchantSerial, Merchant: c.keys.Merchant, APIv3: c.keys.APIv3, Certificates: []*x509.Certificate{c.sim.Certificate()}, PublicID: paysim.PublicKeyID, Public: public}})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := c.opened(both, 0)
	c.sim.SetTrouble(paysim.Trouble{Serial: paysim.PublicKeyID}) // the first certificate is of the same key
	if _, err := both.Query(t.Context(), p.ID); err != nil {
		t.Error("the public key:", err)
	}
	c.sim.SetTrouble(paysim.Trouble{Serial: "5E"})
	if _, err := both.Query(t.Context(), p.ID); err == nil {
		t.Error("an unknown certificate was believed")
	}
}
