package payment_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
)

var finance = actor.Actor{User: "fi", Name: "fi", Roles: []actor.Role{actor.Finance}, Via: "web"}

func update(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) error {
	t.Helper()
	return d.Update(t.Context(), fn)
}

// opened writes an open payment of 1,000 fen.
func opened(t *testing.T, d *db.DB, o id.Order, gateway string) payment.Payment {
	t.Helper()
	p := payment.Payment{ID: id.New[id.Payment](), Order: o, Gateway: gateway, Amount: 1000, Expires: d.Clock.Now().Add(time.Hour)}
	if err := update(t, d, func(tx *db.Tx) error { return payment.Open(t.Context(), tx, p) }); err != nil {
		t.Fatal(err)
	}
	return read(t, d, p.ID)
}

func read(t *testing.T, d *db.DB, p id.Payment) payment.Payment {
	t.Helper()
	out, err := payment.ByID(t.Context(), d, p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func pay(t *testing.T, d *db.DB, p id.Payment, late bool) (is bool, err error) {
	t.Helper()
	err = update(t, d, func(tx *db.Tx) error {
		var err error
		is, err = payment.MarkPaid(t.Context(), tx, p, "ref", late)
		return err
	})
	return is, err
}

func TestOneOpenPaymentAnOrderAndGateway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := id.New[id.Order]()
		first := opened(t, d, o, "sandbox")
		err := update(t, d, func(tx *db.Tx) error {
			return payment.Open(t.Context(), tx, payment.Payment{ID: id.New[id.Payment](), Order: o, Gateway: "sandbox", Amount: 1000})
		})
		if !fault.HasKey(err, "payment.open") {
			t.Errorf("a second open payment: %v", err)
		}
		opened(t, d, o, "wechat") // another gateway may have one of its own
		got, ok, err := payment.OpenOf(t.Context(), d, o, "sandbox")
		if err != nil || !ok || got.ID != first.ID {
			t.Errorf("open one: %+v %v %v", got, ok, err)
		}
		if all, err := payment.OfOrder(t.Context(), d, o); err != nil || len(all) != 2 {
			t.Errorf("of the order: %v %v", all, err)
		}
		if _, err := payment.ByID(t.Context(), d, "nope"); !fault.Is(err, fault.NotFound) {
			t.Errorf("unknown: %v", err)
		}
	})
}

func TestStatesOfAPayment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := id.New[id.Order]()
		p := opened(t, d, o, "sandbox")
		closed := func() (is bool) {
			if err := update(t, d, func(tx *db.Tx) (err error) {
				is, err = payment.MarkClosed(t.Context(), tx, p.ID)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return is
		}
		if !closed() || closed() {
			t.Error("closing twice must work once")
		}
		// The provider was faster after all.
		if is, err := pay(t, d, p.ID, true); !is || err != nil {
			t.Errorf("closed -> paid: %v %v", is, err)
		}
		if is, err := pay(t, d, p.ID, false); is || err != nil {
			t.Errorf("paid twice: %v %v", is, err)
		}
		if closed() {
			t.Error("a paid payment was closed")
		}
		if got := read(t, d, p.ID); got.State != payment.StatePaid || !got.Late || got.Ref != "ref" || got.PaidAt.IsZero() {
			t.Errorf("%+v", got)
		}
	})
}

func TestAnOrderIsPaidOnceEvenByMistake(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		o := id.New[id.Order]()
		a, b := opened(t, d, o, "sandbox"), opened(t, d, o, "wechat")
		if is, err := pay(t, d, a.ID, false); !is || err != nil {
			t.Fatal(is, err)
		}
		if _, err := pay(t, d, b.ID, false); !db.IsUnique(err) {
			t.Errorf("a second payment in time: %v", err)
		}
		if is, err := pay(t, d, b.ID, true); !is || err != nil {
			t.Errorf("the same as late: %v %v", is, err)
		}
		if got, ok, err := payment.PaidOf(t.Context(), d, o); err != nil || !ok || got.ID != a.ID {
			t.Errorf("paid by %+v %v %v", got, ok, err)
		}
	})
}

func TestRefundsNeverPassThePayment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := opened(t, d, id.New[id.Order](), "sandbox")
		add := func(fen int64) (r payment.Refund, err error) {
			err = d.Update(t.Context(), func(tx *db.Tx) (err error) {
				r, err = payment.AddRefund(t.Context(), tx, p, 300, payment.Cancelled)
				return err
			})
			return r, err
		}
		if _, err := add(300); !fault.HasKey(err, "payment.refund_over") {
			t.Errorf("refund of an unpaid payment: %v", err)
		}
		if _, err := pay(t, d, p.ID, false); err != nil {
			t.Fatal(err)
		}
		var got atomic.Int64
		var wg sync.WaitGroup
		for range 10 { // 1,000 fen hold three refunds of 300
			wg.Go(func() {
				switch _, err := add(300); {
				case err == nil:
					got.Add(1)
				case !fault.HasKey(err, "payment.refund_over"):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got.Load() != 3 || read(t, d, p.ID).Refunded != 900 {
			t.Errorf("%d refunds, %d fen", got.Load(), read(t, d, p.ID).Refunded)
		}
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			_, err := payment.AddRefund(t.Context(), tx, p, -5, payment.Cancelled)
			return err
		})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("a negative refund: %v", err)
		}
	})
}

func TestRefundIsTriedUntilDoneOrRefused(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		ctx, now := t.Context(), d.Clock.(*clock.Fake)
		p := opened(t, d, id.New[id.Order](), "sandbox")
		if _, err := pay(t, d, p.ID, true); err != nil {
			t.Fatal(err)
		}
		var r payment.Refund
		if err := update(t, d, func(tx *db.Tx) (err error) {
			r, err = payment.AddRefund(ctx, tx, p, 1000, payment.Late)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		due := func() []payment.Refund {
			rs, err := payment.DueRefunds(ctx, d, "sandbox", now.Now(), 10)
			if err != nil {
				t.Fatal(err)
			}
			return rs
		}
		waits := []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}
		for _, w := range waits {
			rs := due()
			if len(rs) != 1 || rs[0].ID != r.ID || rs[0].Gateway != "sandbox" {
				t.Fatalf("due: %+v", rs)
			}
			if err := update(t, d, func(tx *db.Tx) error {
				return payment.RefundLater(ctx, tx, rs[0], errors.New("no line"), "payment.gateway_down")
			}); err != nil {
				t.Fatal(err)
			}
			now.Add(w - time.Second)
			if len(due()) != 0 {
				t.Errorf("tried again before %v", w)
			}
			now.Add(time.Second)
		}
		if err := update(t, d, func(tx *db.Tx) error {
			return payment.RefundLater(ctx, tx, due()[0], payment.ErrRefused, "payment.gateway_refused")
		}); err != nil {
			t.Fatal(err)
		}
		now.Add(24 * time.Hour)
		failed, err := payment.RecentRefunds(ctx, d, payment.RefundFailed, 0)
		if err != nil || len(failed) != 1 || failed[0].Problem != "payment.gateway_refused" || len(due()) != 0 {
			t.Fatalf("failed: %+v %v", failed, err)
		}
		if err := update(t, d, func(tx *db.Tx) error { return payment.RetryRefund(ctx, tx, finance, r.ID) }); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			var is bool
			if err := update(t, d, func(tx *db.Tx) (err error) {
				is, err = payment.MarkRefunded(ctx, tx, r.ID, "R1", "")
				return err
			}); err != nil || is != (i == 0) {
				t.Errorf("done the %d. time: %v %v", i, is, err)
			}
		}
		if got, err := payment.RefundByID(ctx, d, r.ID); err != nil || got.State != payment.RefundDone || got.Ref != "R1" {
			t.Errorf("%+v %v", got, err)
		}
	})
}

func TestCallbacksAreKeptOnceAndQuarantineIsSettledByFinance(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		p := opened(t, d, id.New[id.Order](), "sandbox")
		n := payment.Notice{EventID: "e1", Payment: p.ID, Amount: 999, Ref: "T1", Paid: true}
		for i := range 2 {
			var is bool
			if err := update(t, d, func(tx *db.Tx) (err error) {
				_, is, err = payment.Record(ctx, tx, "sandbox", n, payment.InQuarantine, payment.ReasonAmount)
				return err
			}); err != nil || is != (i == 0) {
				t.Fatalf("record %d: %v %v", i, is, err)
			}
		}
		if seen, err := payment.Seen(ctx, d, "sandbox", "e1"); !seen || err != nil {
			t.Error(seen, err)
		}
		if seen, err := payment.Seen(ctx, d, "wechat", "e1"); seen || err != nil {
			t.Error("another gateway's event counts", err)
		}
		q, err := payment.Quarantine(ctx, d)
		if err != nil || len(q) != 1 || q[0].Order != p.Order || q[0].Amount != 999 || q[0].Want != 1000 || q[0].Reason != "amount" || q[0].Ref != "T1" {
			t.Fatalf("%+v %v", q, err)
		}
		propose := func(who actor.Actor, how, note string) error {
			return update(t, d, func(tx *db.Tx) error { return payment.ProposeQuarantine(ctx, tx, who, q[0].ID, how, note) })
		}
		sign := func(who actor.Actor, alone bool) error {
			return update(t, d, func(tx *db.Tx) error {
				_, err := payment.SignQuarantine(ctx, tx, who, q[0].ID, alone)
				return err
			})
		}
		admin, second := actor.Actor{User: "ad", Roles: []actor.Role{actor.Admin}}, actor.Actor{User: "f2", Roles: []actor.Role{actor.Finance}}
		for _, x := range []struct {
			err error
			key string
		}{
			{propose(admin, payment.HowReturned, "ok then"), "fault.denied"},
			{propose(finance, "kept", "ok then"), "fault.choice"},
			{propose(finance, payment.HowReturned, ""), "fault.required"},
			{sign(second, false), "payment.unproposed"},
			{propose(finance, payment.HowReturned, "sent back by hand"), ""},
			{sign(finance, false), "payment.two_people"},
			{sign(admin, false), "fault.denied"},
			{sign(second, false), ""},
			{sign(second, false), "payment.settled"},
			{propose(finance, payment.HowReturned, "again"), "payment.settled"},
		} {
			if x.key == "" && x.err != nil || x.key != "" && !fault.HasKey(x.err, x.key) {
				t.Errorf("%v, want %q", x.err, x.key)
			}
		}
		if q, err := payment.Quarantine(ctx, d); err != nil || len(q) != 0 {
			t.Errorf("still there: %+v %v", q, err)
		}
	})
}

func TestQueriesGetRarerButStayUnderAMinute(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		ctx, now := t.Context(), d.Clock.(*clock.Fake)
		p := opened(t, d, id.New[id.Order](), "sandbox")
		due := func() bool {
			ps, err := payment.DueQueries(ctx, d, "sandbox", now.Now(), 10)
			if err != nil {
				t.Fatal(err)
			}
			return len(ps) == 1
		}
		if now.Add(14 * time.Second); due() {
			t.Error("asked before 15 s")
		}
		gap, last := time.Duration(0), now.Now()
		for range 600 {
			if now.Add(time.Second); !due() {
				continue
			}
			if gap = now.Now().Sub(last); gap > 45*time.Second {
				t.Fatalf("%v between two queries", gap)
			}
			last = now.Now()
			if err := update(t, d, func(tx *db.Tx) error { return payment.QueryLater(ctx, tx, p) }); err != nil {
				t.Fatal(err)
			}
		}
		if gap < 30*time.Second {
			t.Errorf("an old payment is still asked every %v", gap)
		}
	})
}
