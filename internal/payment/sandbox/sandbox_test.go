package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
)

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
