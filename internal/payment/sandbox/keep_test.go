package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
)

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
