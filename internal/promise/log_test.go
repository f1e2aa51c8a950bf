package promise_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
)

func leaves(t testing.TB, d *db.DB, prefix string) []tlog.Row {
	t.Helper()
	rows, err := tlog.ByRef(context.Background(), d, prefix)
	must(t, err)
	return rows
}

// TestPledgedMoneyIsInTheLog: what falls under a promise has a leaf that shows
// no person, order or gift's amount, and opens to the booking.
func TestPledgedMoneyIsInTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := mixed("order-one")
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.OrdersPlaced(ctx, tx, id.New[id.Placing](), s)
		}))
		if l := leaves(t, d, "txn/"); len(l) != 0 {
			t.Errorf("an unpaid order is in the log: %+v", l)
		}
		for range 2 {
			must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
				if err := promise.OrderPaid(ctx, tx, s, "wechat"); err != nil {
					return err
				}
				return promise.GiftReceived(ctx, tx, "gift-one", 88, "wechat")
			}))
		}
		want := map[string]struct {
			promises string
			fen      string
		}{
			"txn/order/order-one/paid/farm":    {"P1 P3", `{"producer/local/owed":-3800,"producer/local/pending":3800,"trade/margin/local":-200,"trade/pending/local":200}`},
			"txn/order/order-one/paid/works":   {"P3 P5", `{"commission/earned":-200,"commission/pending":200,"producer/outside/owed":-1800,"producer/outside/pending":1800}`},
			"txn/order/order-one/paid/freight": {"P3", `{"freight/earned":-500,"freight/pending":500}`},
			"txn/gift/gift-one/paid":           {"P2", `null`},
		}
		all := leaves(t, d, "txn/")
		if len(all) != len(want) {
			t.Errorf("%d leaves, want %d", len(all), len(want))
		}
		for _, l := range all {
			e, err := entry.Parse([]byte(l.Body))
			must(t, err)
			var m promise.Movement
			must(t, json.Unmarshal(e.Public, &m))
			fen, _ := json.Marshal(m.Fen)
			w := want[l.Ref]
			if strings.Join(m.Promises, " ") != w.promises || string(fen) != w.fen || m.Hidden != (w.fen == "null") {
				t.Errorf("%s: %s", l.Ref, l.Body)
			}
			for _, secret := range []string{"order-one", "gift-one", "farm", "works", "88"} {
				if strings.Contains(string(e.Public), secret) {
					t.Errorf("%s shows %s: %s", l.Ref, secret, l.Body)
				}
			}
			if !e.Opens(l.Salt, l.Opening) || !strings.Contains(l.Opening, strings.TrimPrefix(l.Ref, "txn/")) {
				t.Errorf("%s does not open to its booking: %s", l.Ref, l.Opening)
			}
		}
	})
}

// TestARefusedBookingLeavesNoLeaf: neither can stand without the other.
func TestARefusedBookingLeavesNoLeaf(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		err := up(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := promise.GiftReceived(ctx, tx, "g", 5, "wechat"); err != nil {
				return err
			}
			return promise.CostPaid(ctx, tx, "c", "rent", 1, "")
		})
		if err == nil || len(leaves(t, d, "")) != 0 || len(balances(t, d)) != 0 {
			t.Error(err, leaves(t, d, ""), balances(t, d))
		}
	})
}

func TestVersionsAreInTheLog(t *testing.T) {
	dbtest.EachAt(t, atNoon(), func(t *testing.T, d *db.DB) {
		_, err := draft(t, d, func(*promise.NewVersion) {})
		must(t, err)
		if l := leaves(t, d, "promise/"); len(l) != 0 {
			t.Error("a draft is in the log")
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := promise.Sign(ctx, tx, second, "P1", 2)
			if err == nil {
				err = promise.Withdraw(ctx, tx, second, "P1", 2)
			}
			return err
		}))
		l := leaves(t, d, "promise/")
		if len(l) != 2 || l[0].Kind != "promise.signed" || l[1].Kind != "promise.withdrawn" || !strings.Contains(l[0].Body, "No commission, no fee of any kind.") ||
			!strings.Contains(l[1].Body, `"withdrawn":"`+clock.DayOf(d.Clock.Now()).String()) {
			t.Errorf("%+v", l)
		}
		for range 2 {
			must(t, promise.LogVersions(t.Context(), d))
		}
		if l := leaves(t, d, "promise/"); len(l) != 2+5 { // and the founding ones, once
			t.Errorf("%d leaves", len(l))
		}
	})
}
