package sms_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/sms"
)

const (
	secret = "0123456789abcdef"
	phone  = "13800138000"
	text   = "code 135790"
)

var here = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func TestMemoryKeepsTheLast(t *testing.T) {
	m := sms.NewMemory(3, clock.System{})
	for i := range 5 {
		if err := m.Send(t.Context(), fmt.Sprint("p", i%2), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	all := m.All()
	if len(all) != 3 || all[0].Text != "4" || all[2].Text != "2" {
		t.Errorf("kept %+v", all)
	}
	if got, ok := m.Last("p1"); !ok || got.Text != "3" || got.At.IsZero() {
		t.Errorf("last: %+v %v", got, ok)
	}
	if _, ok := m.Last("p9"); ok {
		t.Error("a text out of nothing")
	}
}

func TestWebhookPostsOnceAndSigned(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		body, _ := io.ReadAll(r.Body)
		h := r.Header.Get(sms.SignatureHeader)
		if !sms.Verify(secret, h, body, time.Now()) {
			t.Errorf("signature %q refused", h)
		}
		for name, bad := range map[string]bool{
			"other secret": sms.Verify(secret+"x", h, body, time.Now()),
			"other body":   sms.Verify(secret, h, append(body, ' '), time.Now()),
			"late":         sms.Verify(secret, h, body, time.Now().Add(6*time.Minute)),
			"early":        sms.Verify(secret, h, body, time.Now().Add(-6*time.Minute)),
			"other time":   sms.Verify(secret, strings.Replace(h, "t=", "t=1", 1), body, time.Now()),
			"none":         sms.Verify(secret, "", body, time.Now()),
			"empty":        sms.Verify(secret, "t=,v1=", body, time.Now()),
		} {
			if bad {
				t.Errorf("%s was taken", name)
			}
		}
		var m map[string]string
		if err := json.Unmarshal(body, &m); err != nil || m["phone"] != phone || m["text"] != text || len(m["id"]) != 32 {
			t.Errorf("body %v, %v", m, err)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer srv.Close()
	w := &sms.Webhook{URL: srv.URL, Secret: secret, Allow: here}
	if err := w.Send(t.Context(), phone, text); err != nil || hits.Load() != 1 {
		t.Fatalf("%v, %d posts", err, hits.Load())
	}
}

func TestWebhookFailsInWordsWithoutPersonalData(t *testing.T) {
	var hits atomic.Int32
	stop := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		switch r.URL.Path {
		case "/500":
			http.Error(w, r.URL.String()+phone, http.StatusInternalServerError)
		case "/302":
			http.Redirect(w, r, "/ok", http.StatusFound)
		case "/slow":
			<-stop
		}
	}))
	defer srv.Close()
	defer close(stop)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	dead := httptest.NewServer(nil)
	dead.Close()
	for _, c := range []struct {
		name string
		ctx  context.Context
		url  string
		hits int32
	}{
		{"error", t.Context(), srv.URL + "/500?key=topsecret", 1},
		{"redirect", t.Context(), srv.URL + "/302?key=topsecret", 1},
		{"slow", ctx, srv.URL + "/slow?key=topsecret", 1},
		{"dead", t.Context(), dead.URL + "/?key=topsecret", 0},
	} {
		hits.Store(0)
		err := (&sms.Webhook{URL: c.url, Secret: secret, Allow: here}).Send(c.ctx, phone, text)
		if !fault.HasKey(err, "sms.failed") || !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: got %v", c.name, err)
			continue
		}
		for _, s := range []string{phone, text, "topsecret"} {
			if strings.Contains(err.Error(), s) {
				t.Errorf("%s: the error tells %q: %v", c.name, s, err)
			}
		}
		if hits.Load() != c.hits {
			t.Errorf("%s: %d posts, want %d", c.name, hits.Load(), c.hits)
		}
	}
}

func TestWebhookConnectsToPublicAddressesOnly(t *testing.T) {
	var hits atomic.Int32
	srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer srv.Close()
	port := srv.Listener.Addr().String()[strings.LastIndex(srv.Listener.Addr().String(), ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "10.0.0.1", "169.254.169.254", "192.168.1.1", "[fe80::1]", "[64:ff9b::7f00:1]"} {
		err := (&sms.Webhook{URL: "https://" + host + port, Secret: secret}).Send(t.Context(), phone, text)
		if !fault.HasKey(err, "sms.failed") || !strings.Contains(err.Error(), "prohibited") && !strings.Contains(err.Error(), "permitted") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d connections came through", hits.Load())
	}
}

func TestWebhookSettings(t *testing.T) {
	for _, c := range []struct {
		url, secret string
		ok          bool
	}{
		{"https://sms.example/send", secret, true},
		{"http://127.0.0.1:8090/send", secret, true}, // inside Allow
		{"http://sms.example/send", secret, false},
		{"http://10.0.0.1/send", secret, false},
		{"https://sms.example/send", "short", false},
		{"", secret, false}, {"://", secret, false}, {"ftp://sms.example", secret, false},
	} {
		if err := (&sms.Webhook{URL: c.url, Secret: c.secret, Allow: here}).Check(); (err == nil) != c.ok {
			t.Errorf("%q with a secret of %d: %v", c.url, len(c.secret), err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("t=1,v1=00", []byte("x"))
	f.Fuzz(func(t *testing.T, h string, body []byte) {
		if sms.Verify(secret, h, body, time.Unix(1, 0)) {
			t.Fatalf("forged: %q", h)
		}
	})
}
