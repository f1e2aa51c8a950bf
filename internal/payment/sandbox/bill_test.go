package sandbox_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/sandbox"
)

// TestBillOfADay: the bill comes when the day is over, and is signed like
// every answer.
func TestBillOfADay(t *testing.T) {
	now := clock.NewFake(time.Date(2026, 11, 22, 10, 0, 0, 0, clock.Shanghai))
	keys, err := sandbox.NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := sandbox.NewServer(sandbox.ServerOptions{Keys: keys.ForProvider(), Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(srv)
	defer web.Close()
	defer srv.Close()
	g, err := sandbox.NewGateway(sandbox.GatewayOptions{Keys: keys.ForMerchant(), API: web.URL, Notify: web.URL + "/none", Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	day := clock.DayOf(now.Now())
	p := payment.Payment{ID: id.New[id.Payment](), Amount: 2990}
	page, err := g.Pay(t.Context(), p, "berries", "/back", now.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.PostForm(page, url.Values{"do": {"lost"}})
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	r := payment.Refund{ID: id.New[id.Refund](), Payment: p.ID, Amount: 1000}
	if _, err := g.Refund(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Bill(t.Context(), day); !errors.Is(err, payment.ErrNoBill) {
		t.Fatal("today's:", err)
	}
	now.Add(24 * time.Hour)
	rows, err := g.Bill(t.Context(), day)
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	if a, b := rows[0], rows[1]; a.Kind != payment.BillPay || a.Ours != string(p.ID) || a.Amount != 2990 || b.Kind != payment.BillRefund || b.Ours != string(r.ID) || b.Amount != 1000 {
		t.Error(rows)
	}
	if rows, err := g.Bill(t.Context(), day.Add(-1)); err != nil || len(rows) != 0 {
		t.Error("the day before:", rows, err)
	}
}
