package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/payment/sandbox"
)

func TestTwoEventsOfOnePaymentBookOnce(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		b.press(p, "twice")
		b.until("both callbacks", func() bool { return b.count(`SELECT count(*) FROM payment_callback`) == 2 })
		if n := b.count(`SELECT count(*) FROM payment_callback WHERE outcome = 'applied'`); n != 1 {
			b.Errorf("%d applied", n)
		}
		b.owed(price)
		b.balance("channel/sandbox/clearing", o.Total)
	})
}

// R6: the same event a hundred times in parallel.
func TestOneEventAHundredTimesInParallelBooksOnce(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(3)
		e := b.event(b.start(who, o))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if s := b.tell(e, nil); s != http.StatusOK {
					b.Errorf("answered %d", s)
				}
			})
		}
		wg.Wait()
		if n := b.count(`SELECT count(*) FROM payment_callback`); n != 1 || b.read(o).State != order.Paid {
			b.Errorf("%d callbacks kept, order %s", n, b.read(o).State)
		}
		b.owed(3 * price)
		b.balance("channel/sandbox/clearing", o.Total)
		if n := b.count(`SELECT count(*) FROM refund`); n != 0 {
			b.Errorf("%d refunds", n)
		}
	})
}

// R6: a hundred events of one payment, in any order.
func TestAHundredEventsOfOnePaymentBookOnce(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if s := b.tell(b.event(p), nil); s != http.StatusOK {
					b.Errorf("answered %d", s)
				}
			})
		}
		wg.Wait()
		if n := b.count(`SELECT count(*) FROM payment_callback WHERE outcome = 'applied'`); n != 1 {
			b.Errorf("%d applied", n)
		}
		if n := b.count(`SELECT count(*) FROM payment_callback WHERE outcome = 'repeated'`); n != 99 {
			b.Errorf("%d repeated", n)
		}
		b.owed(price)
	})
}

// R6: forged, mutated, stale, probe, wrong merchant: nothing is stored.
func TestUntrueCallbacksLeaveNoTrace(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		other, err := sandbox.NewKeys()
		if err != nil {
			b.Fatal(err)
		}
		replace := func(h, with http.Header) {
			for k := range h {
				h.Set(k, with.Get(k))
			}
		}
		for about, spoil := range map[string]func(h http.Header, body []byte) []byte{
			"forged": func(h http.Header, body []byte) []byte {
				replace(h, other.SignMessage(body, b.now.Now()))
				return body
			},
			"mutated": func(_ http.Header, body []byte) []byte {
				return bytes.Replace(body, []byte(`"state":"paid"`), []byte(`"state":"PAID"`), 1)
			},
			"stale": func(h http.Header, body []byte) []byte {
				replace(h, b.keys.SignMessage(body, b.now.Now().Add(-10*time.Minute)))
				return body
			},
			"probe": func(h http.Header, body []byte) []byte {
				h.Set("Sandbox-Signature", "WECHATPAY/SIGNTEST/"+h.Get("Sandbox-Signature"))
				return body
			},
			"wrong merchant": func(h http.Header, body []byte) []byte {
				body = bytes.Replace(body, []byte(`"merchant":"lindu"`), []byte(`"merchant":"other"`), 1)
				replace(h, b.keys.SignMessage(body, b.now.Now()))
				return body
			},
			"no json": func(h http.Header, _ []byte) []byte {
				replace(h, b.keys.SignMessage([]byte("paid!"), b.now.Now()))
				return []byte("paid!")
			},
			"unsigned": func(h http.Header, body []byte) []byte {
				clear(h)
				return body
			},
		} {
			if s := b.tell(b.event(p), spoil); s != http.StatusUnauthorized {
				b.Errorf("%s: answered %d, want 401", about, s)
			}
		}
		big := func(http.Header, []byte) []byte { return make([]byte, 70<<10) }
		if s := b.tell(b.event(p), big); s != http.StatusRequestEntityTooLarge {
			b.Errorf("70 KB: answered %d", s)
		}
		if n := b.count(`SELECT count(*) FROM payment_callback`); n != 0 || b.read(o).State != order.Unpaid {
			b.Errorf("%d callbacks kept, order %s", n, b.read(o).State)
		}
		b.owed(0)
		b.callback = strings.Replace(b.callback, "sandbox", "nobody", 1)
		if s := b.tell(b.event(p), nil); s != http.StatusNotFound {
			b.Errorf("an unknown gateway: answered %d", s)
		}
	})
}

// R6: wrong amount, unknown payment, a second charge: for finance to see.
func TestWhatDoesNotFitIsQuarantined(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		p := b.start(who, o)
		less, stranger, second := b.event(p), b.event(payment.Payment{ID: id.New[id.Payment](), Amount: p.Amount}), b.event(p)
		less.Payment.AmountFen--
		second.Payment.Ref = "SBX-second"
		for i, e := range []sandbox.Event{less, less, stranger, b.event(p), second} {
			if s := b.tell(e, nil); s != http.StatusOK {
				b.Errorf("%d: answered %d", i, s)
			}
			if i == 1 && b.read(o).State != order.Unpaid {
				b.Error("a wrong amount paid the order")
			}
		}
		q, err := payment.Quarantine(b.Context(), b.DB)
		if err != nil || len(q) != 3 {
			b.Fatalf("%+v %v", q, err)
		}
		for i, reason := range []string{payment.ReasonAmount, payment.ReasonUnknown, payment.ReasonSecond} {
			if q[i].Reason != reason {
				b.Errorf("%d: %+v, want %s", i, q[i], reason)
			}
		}
		if q[0].Want != o.Total || q[0].Amount != o.Total-1 || q[0].Order != o.ID {
			b.Errorf("%+v", q[0])
		}
		b.owed(price) // of the true one between them
		// The money is there and is nobody's yet.
		b.balance("quarantine/held", -(3*o.Total - 1))
		b.balance("channel/sandbox/clearing", 4*o.Total-1)
		one, two := b.Person(actor.Finance), b.Person(actor.Finance)
		for i, how := range []string{payment.HowReturned, payment.HowVoid, payment.HowReturned} {
			if err := b.ProposeQuarantine(b.Context(), one, q[i].ID, how, "as the bank says"); err != nil {
				b.Fatal(err)
			}
			b.wantKey(b.SignQuarantine(b.Context(), one, q[i].ID), "payment.two_people")
			if err := b.SignQuarantine(b.Context(), two, q[i].ID); err != nil {
				b.Fatal(err)
			}
			b.wantKey(b.SignQuarantine(b.Context(), two, q[i].ID), "payment.settled")
		}
		b.balance("quarantine/held", 0)
		b.balance("channel/sandbox/clearing", o.Total)
	})
}

func TestASinglePersonSettlesQuarantineAlone(t *testing.T) {
	eachTill(t, func(b *till) {
		b.SinglePerson = true
		b.tell(b.event(payment.Payment{ID: id.New[id.Payment](), Amount: 500}), nil)
		q, err := payment.Quarantine(b.Context(), b.DB)
		if err != nil || len(q) != 1 {
			b.Fatal(q, err)
		}
		b.balance("quarantine/held", -500)
		if err := b.ProposeQuarantine(b.Context(), b.Person(actor.Finance), q[0].ID, payment.HowReturned, "sent back"); err != nil {
			b.Fatal(err)
		}
		b.balance("quarantine/held", 0)
	})
}

// R6 and R7: the money comes three days late, for an order long closed.
func TestLateMoneyGoesBackByItself(t *testing.T) {
	eachTill(t, func(b *till) {
		b.startJobs()
		who, o := b.order(1)
		p := b.start(who, o)
		b.press(p, "lost") // the provider has the money, we were not told
		b.now.Add(late)
		if n, err := b.ExpireOrders(b.Context()); n != 1 || err != nil {
			b.Fatal(n, err)
		}
		e := b.event(p)
		if s := b.tell(e, nil); s != http.StatusOK {
			b.Fatalf("answered %d", s)
		}
		b.until("the refund", func() bool { return b.count(`SELECT count(*) FROM refund WHERE state = 'done'`) == 1 })
		rs, err := payment.Refunds(b.Context(), b.DB, o.ID)
		if err != nil || len(rs) != 1 || rs[0].Amount != o.Total || rs[0].Reason != payment.Late || rs[0].Ref == "" {
			b.Errorf("%+v %v", rs, err)
		}
		if x := b.read(o); x.State != order.Closed || x.CloseReason != order.Expired {
			b.Errorf("order %s %s", x.State, x.CloseReason)
		}
		for _, path := range []string{"channel/sandbox/clearing", "refund/buyers/due", "buyers/receivable"} {
			b.balance(path, 0)
		}
		b.owed(0)
		b.tell(e, nil)
		b.tell(b.event(p), nil) // told again, by another event
		if n := b.count(`SELECT count(*) FROM refund`); n != 1 {
			b.Errorf("%d refunds", n)
		}
	})
}

// R7: the callback comes before StartPayment has written down what it opened.
func TestCallbackMayComeBeforeOurCommit(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		real := b.Gateways["sandbox"]
		b.Gateways["sandbox"] = hasty{real, func(p payment.Payment) {
			if s := b.tell(b.event(p), nil); s != http.StatusOK {
				b.Errorf("answered %d", s)
			}
		}}
		if _, err := b.StartPayment(b.Context(), who, o.ID, "sandbox"); err != nil {
			b.Fatal(err)
		}
		if b.read(o).State != order.Paid {
			b.Error("the hasty callback was lost")
		}
		b.owed(price)
	})
}

// hasty calls back before it answers.
type hasty struct {
	payment.Gateway
	callback func(payment.Payment)
}

func (h hasty) Pay(ctx context.Context, p payment.Payment, subject, back string, expires time.Time) (string, error) {
	u, err := h.Gateway.Pay(ctx, p, subject, back, expires)
	h.callback(p)
	return u, err
}

// The clock and the money race for every order: each is either paid, or closed
// with its money on the way back.
func TestExpiryAndMoneyRace(t *testing.T) {
	eachTill(t, func(b *till) {
		const n = 30
		var orders []order.Order
		var events []sandbox.Event
		for range n {
			who, o := b.order(1)
			orders, events = append(orders, o), append(events, b.event(b.start(who, o)))
		}
		b.now.Add(kept)
		var wg sync.WaitGroup
		for _, e := range events {
			wg.Go(func() {
				if s := b.tell(e, nil); s != http.StatusOK {
					b.Errorf("answered %d", s)
				}
			})
		}
		for range 3 {
			wg.Go(func() {
				if _, err := b.ExpireOrders(context.Background()); err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		paid := int64(0)
		for _, o := range orders {
			switch x := b.read(o); x.State {
			case order.Paid:
				paid++
			case order.Closed:
			default:
				b.Errorf("order %s", x.State)
			}
		}
		if back := b.count(`SELECT count(*) FROM refund WHERE reason = 'late'`); back != n-paid {
			b.Errorf("%d paid, %d refunds of %d", paid, back, n)
		}
		b.owed(price * money.Fen(paid))
		l, err := lot.ByID(b.Context(), b.DB, b.lot)
		if err != nil || l[b.lot].Reserved != paid*shoptest.Base {
			b.Errorf("reserved %d for %d paid", l[b.lot].Reserved, paid)
		}
	})
}

func FuzzCallbackBody(f *testing.F) {
	d := dbtest.SQLite(f)
	keys, err := sandbox.NewKeys()
	if err != nil {
		f.Fatal(err)
	}
	g, err := sandbox.NewGateway(sandbox.GatewayOptions{Keys: keys, API: "http://x", Notify: "http://y", Clock: d.Clock})
	if err != nil {
		f.Fatal(err)
	}
	fl := &flow.Flow{DB: d, Log: slog.New(slog.DiscardHandler), Gateways: map[string]payment.Gateway{"sandbox": g}}
	good, _ := json.Marshal(sandbox.PaidEvent("12345678", keys.Merchant, id.New[id.Payment](), 1234, "r", d.Clock.Now()))
	f.Add(good, true)
	f.Add([]byte(`{"id":"12345678","payment":{"amount_fen":-1}}`), true)
	f.Add([]byte("\x00"), false)
	f.Fuzz(func(t *testing.T, body []byte, signed bool) {
		r := httptest.NewRequest("POST", "/pay/callback/sandbox", bytes.NewReader(body))
		if signed {
			r.Header = keys.SignMessage(body, d.Clock.Now())
		}
		w := httptest.NewRecorder()
		fl.HandleCallback(t.Context(), "sandbox", w, r)
		if w.Code != 200 && w.Code != 401 && w.Code != 413 || w.Code == 200 && !signed {
			t.Fatalf("answered %d to %q", w.Code, body)
		}
	})
}
