package webtest

import (
	"context"
	"net/http"
	"regexp"
	"sync"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
)

// Texts keeps what would have gone to phones.
type Texts struct {
	mu   sync.Mutex
	sent []Text
	Fail error // what Send answers, nil for success
}

// Text is one message to a phone.
type Text struct{ Phone, Body string }

// Send implements sms.Sender.
func (x *Texts) Send(_ context.Context, phone, text string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.Fail != nil {
		return x.Fail
	}
	x.sent = append(x.sent, Text{phone, text})
	return nil
}

// Last is the newest text, the zero Text if none was sent.
func (x *Texts) Last() Text {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.sent) == 0 {
		return Text{}
	}
	return x.sent[len(x.sent)-1]
}

// Count is how many were sent.
func (x *Texts) Count() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.sent)
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// Code is the sign-in code in the text.
func (x Text) Code() string { return sixDigits.FindString(x.Body) }

// Gateway is a payment provider that opens payments and says what the test
// tells it to. Its callbacks are not signed: a test applies notices through
// World.Pay; the real sandbox has tests of its own.
type Gateway struct {
	mu     sync.Mutex
	opened []payment.Payment
	// PayURL is where payments are made; "" stands for a page of this site.
	PayURL string
	Fail   error // what Pay answers, nil for success
}

// Name implements payment.Gateway.
func (g *Gateway) Name() string { return "sandbox" }

// Pay implements payment.Gateway.
func (g *Gateway) Pay(_ context.Context, p payment.Payment, _, returnURL string, _ time.Time) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.Fail != nil {
		return "", g.Fail
	}
	g.opened = append(g.opened, p)
	if g.PayURL != "" {
		return g.PayURL + string(p.ID), nil
	}
	return returnURL + "?paid-at-the-fake=1", nil
}

// Opened lists the payments that were opened.
func (g *Gateway) Opened() []payment.Payment {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]payment.Payment(nil), g.opened...)
}

// Query implements payment.Gateway: nothing was paid.
func (g *Gateway) Query(_ context.Context, p id.Payment) (payment.Notice, error) {
	return payment.Notice{Payment: p}, nil
}

// Close implements payment.Gateway.
func (g *Gateway) Close(context.Context, id.Payment) error { return nil }

// Refund implements payment.Gateway.
func (g *Gateway) Refund(_ context.Context, r payment.Refund) (string, error) {
	return "fake-" + string(r.ID), nil
}

// RefundState implements payment.Gateway.
func (g *Gateway) RefundState(ctx context.Context, r payment.Refund) (string, error) {
	return g.Refund(ctx, r)
}

// Verify implements payment.Gateway: every callback is forged.
func (g *Gateway) Verify(*http.Request, []byte, time.Time) (payment.Notice, error) {
	return payment.Notice{}, fault.New(fault.Denied, "payment.forged")
}

// Ack implements payment.Gateway.
func (g *Gateway) Ack(w http.ResponseWriter, err error) {
	if err != nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.WriteHeader(http.StatusOK)
}

var _ payment.Gateway = (*Gateway)(nil)

// Bill implements payment.Gateway.
func (g *Gateway) Bill(context.Context, clock.Day) ([]payment.BillRow, error) {
	return nil, payment.ErrNoBill
}
