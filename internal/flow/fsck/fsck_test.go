package fsck_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/show"
)

// world is a shop with an order in every state, made by the flows.
type world struct {
	*testing.T
	*shoptest.Shop
	f      *flow.Flow
	orders map[string]order.Order
}

func each(t *testing.T, fn func(w *world)) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		w := &world{T: t, Shop: shoptest.New(t, d), orders: map[string]order.Order{}}
		w.f = &flow.Flow{DB: d, Vault: w.Vault, Log: slog.New(slog.DiscardHandler), Desk: orderdesk.New(d, orderdesk.Options{}),
			UnpaidFor: 15 * time.Minute, ReceivedAfter: 24 * time.Hour, DoneAfter: 24 * time.Hour}
		t.Cleanup(func() {
			if err := w.f.Desk.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		w.live()
		fn(w)
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// live makes the orders.
func (w *world) live() {
	w.Helper()
	ctx, now := w.Context(), w.DB.Clock.(*clock.Fake)
	p := w.Product(2990)
	w.Lot(p, w.Farm, 20, func(n *lot.New) { n.BestBefore = n.BestBefore.Add(-1) })
	w.Lot(p, w.Works, 30)
	agreed := w.Product(5000)
	w.Lot(agreed, w.Farm, 30, func(n *lot.New) { n.Pay = 4000 })
	item := w.Item(p, 2500, func(i *show.Item) { i.Released = 45 })
	staff := w.Person(actor.Finance, actor.Packer, actor.Service)
	place := func(name string) actor.Actor {
		who, at := w.Buyer()
		o, err := w.f.PlaceOrder(ctx, who, flow.PlaceIn{Key: id.New[string](), Show: w.Show, Address: at, NoReturnOK: true,
			Lines: []flow.PlaceLine{{Item: item, Units: 3, Price: 2500}, {Product: agreed, Units: 1, Price: 5000}}})
		w.must(err)
		w.orders[name] = o
		return who
	}
	buyers := map[string]actor.Actor{}
	for _, name := range []string{"expired", "late", "cancelled", "paid", "shipped", "received", "done", "refunded", "refunding", "unpaid"} {
		buyers[name] = place(name)
	}
	pay := func(name string) {
		_, err := w.f.ConfirmOffline(ctx, staff, w.orders[name].ID, w.orders[name].Total, "bank 1")
		w.must(err)
	}
	for _, name := range []string{"paid", "shipped", "received", "done", "refunded", "refunding"} {
		pay(name)
	}
	for _, name := range []string{"shipped", "received", "done"} {
		_, err := w.f.ShipOrder(ctx, staff, w.orders[name].ID, shipping.CarrierList()[0].Code, "SF1234567890"+name[:1])
		w.must(err)
	}
	for _, name := range []string{"received", "done"} {
		_, err := w.f.ReceiveOrder(ctx, buyers[name], w.orders[name].ID)
		w.must(err)
	}
	w.Do(func(tx *db.Tx) error {
		_, err := order.Move(ctx, tx, w.orders["done"].ID, order.Received, order.Done, "")
		return err
	})
	for _, name := range []string{"cancelled", "refunded", "refunding"} {
		_, err := w.f.CancelOrder(ctx, buyers[name], w.orders[name].ID)
		w.must(err)
	}
	refunds, err := payment.Refunds(ctx, w.DB, w.orders["refunded"].ID)
	w.must(err)
	w.must(w.f.ConfirmRefund(ctx, staff, refunds[0].ID, "bank 2"))
	w.expireAndPayLate(now)
}

// expireAndPayLate lets two orders expire (and keeps the unpaid one), then the
// money of one comes.
func (w *world) expireAndPayLate(now *clock.Fake) {
	w.Helper()
	ctx := w.Context()
	late := payment.Payment{ID: id.New[id.Payment](), Order: w.orders["late"].ID, Gateway: "sandbox", Amount: w.orders["late"].Total, State: payment.StateOpen, Created: now.Now()}
	w.Do(func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE sale_order SET expires_us = expires_us + 3600000000 WHERE id = $1`, w.orders["unpaid"].ID); err != nil {
			return err
		}
		return payment.Open(ctx, tx, late)
	})
	now.Add(16 * time.Minute)
	n, err := w.f.ExpireOrders(ctx)
	w.must(err)
	if n != 2 {
		w.Fatalf("%d orders expired", n)
	}
	w.must(w.f.ApplyNotice(ctx, "sandbox", payment.Notice{EventID: "e1", Payment: late.ID, Amount: late.Amount, Ref: "r1", Paid: true, At: now.Now()}))
}

func TestCleanShopIsClean(t *testing.T) {
	each(t, func(w *world) {
		rep, err := fsck.Run(w.Context(), w.DB)
		w.must(err)
		if !rep.Clean() || len(rep.Checks) < 20 {
			w.Errorf("%+v", rep)
		}
		seen := map[string]bool{}
		for _, c := range rep.Checks {
			if c.Rows == 0 {
				w.Errorf("%s looked at nothing", c.Name)
			}
			if seen[c.Name] || !i18n.Has(i18n.Chinese, c.Name) {
				w.Errorf("%s comes twice or has no words", c.Name)
			}
			seen[c.Name] = true
		}
	})
}

func TestEmptyCentreIsClean(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		rep, err := fsck.Run(t.Context(), d)
		if err != nil || !rep.Clean() {
			t.Errorf("%+v, %v", rep, err)
		}
	})
}

// unguard takes away what the database itself would refuse, so that rows can
// be corrupted as a broken disk or a hand with a shell would.
func (w *world) unguard() {
	w.Helper()
	ctx := context.Background()
	run := func(q string) {
		if _, err := w.DB.Exec(ctx, q); err != nil {
			w.Fatal(q, err)
		}
	}
	list := func(q string) []string {
		rows, err := w.DB.Query(ctx, q)
		out, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
		w.must(err)
		return out
	}
	if w.DB.Dialect == db.SQLite {
		run(`PRAGMA ignore_check_constraints = ON`)
		run(`PRAGMA foreign_keys = OFF`)
		for _, t := range list(`SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name`) {
			run(`DROP TRIGGER ` + t)
		}
		return
	}
	for _, q := range list(`SELECT 'ALTER TABLE ' || r.relname || ' DROP CONSTRAINT ' || c.conname FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
		WHERE c.contype IN ('c', 'f') AND r.relnamespace = current_schema()::regnamespace ORDER BY 1`) {
		run(q)
	}
	for _, q := range list(`SELECT 'DROP TRIGGER ' || t.tgname || ' ON ' || r.relname FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
		WHERE NOT t.tgisinternal AND r.relnamespace = current_schema()::regnamespace AND t.tgname LIKE '%append_only' ORDER BY 1`) {
		run(q)
	}
}

// corruptions alter one row of each kind; $name is the id of the order so
// called. Each must be found by the check.
var corruptions = []struct{ check, sql string }{
	{"fsck.stock", `UPDATE lot SET on_hand = on_hand + 1 WHERE id = (SELECT max(id) FROM lot)`},
	{"fsck.stock", `DELETE FROM stock_movement WHERE id = (SELECT min(id) FROM stock_movement)`},
	{"fsck.stock", `UPDATE stock_movement SET qty = qty - 1 WHERE id = (SELECT min(id) FROM stock_movement)`},
	{"fsck.reserved", `UPDATE lot SET reserved = reserved - 1 WHERE id = (SELECT max(id) FROM lot)`},
	{"fsck.reserved", `DELETE FROM lot_reservation WHERE order_id = '$paid'`},
	{"fsck.oversold", `UPDATE lot_reservation SET qty = 90000 WHERE id = (SELECT min(id) FROM lot_reservation WHERE order_id = '$paid')`},
	{"fsck.oversold", `UPDATE lot SET reserved = on_hand + 1 WHERE id = (SELECT max(id) FROM lot)`},
	{"fsck.shipped", `DELETE FROM stock_movement WHERE ref = '$shipped'`},
	{"fsck.shipped", `UPDATE lot_reservation SET state = 'held' WHERE order_id = '$done'`},
	{"fsck.lines", `DELETE FROM lot_reservation WHERE order_id = '$shipped'`},
	{"fsck.lines", `UPDATE lot_reservation SET units = units + 1 WHERE id = (SELECT min(id) FROM lot_reservation)`},
	{"fsck.lines", `UPDATE lot_reservation SET line_id = 'none' WHERE id = (SELECT min(id) FROM lot_reservation)`},
	{"fsck.lines", `DELETE FROM order_line WHERE order_id = '$unpaid'`},
	{"fsck.reservation_state", `UPDATE lot_reservation SET state = 'released' WHERE order_id = '$unpaid'`},
	{"fsck.reservation_state", `UPDATE lot_reservation SET state = 'held' WHERE order_id = '$expired'`},
	{"fsck.reservation_state", `UPDATE lot_reservation SET state = 'shipped' WHERE order_id = '$paid'`},
	{"fsck.reservation_state", `UPDATE sale_order SET state = 'closed' WHERE id = '$unpaid'`},
	{"fsck.sold", `UPDATE show_item SET sold = sold + 1`},
	{"fsck.sold", `UPDATE order_line SET item_id = '' WHERE order_id = '$done'`},
	{"fsck.released", `UPDATE show_item SET released = 1`},
	{"fsck.totals", `UPDATE sale_order SET total_fen = total_fen - 1 WHERE id = '$paid'`},
	{"fsck.totals", `UPDATE sale_order SET goods_fen = goods_fen - 1, freight_fen = freight_fen + 1 WHERE id = '$paid'`},
	{"fsck.totals", `UPDATE order_line SET price_fen = price_fen + 1 WHERE order_id = '$paid'`},
	{"fsck.totals", `DELETE FROM order_line WHERE order_id = '$cancelled'`},
	{"fsck.shares", `UPDATE order_share SET owed_fen = owed_fen - 1 WHERE order_id = '$done'`},
	{"fsck.shares", `UPDATE order_share SET units = units + 1 WHERE order_id = '$done'`},
	{"fsck.shares", `DELETE FROM order_share WHERE order_id = '$unpaid'`},
	{"fsck.share_lots", `UPDATE order_share SET lot_id = 'none' WHERE order_id = '$unpaid'`},
	{"fsck.share_lots", `UPDATE order_share SET producer_id = 'friend' WHERE order_id = '$paid'`},
	{"fsck.local_commission", `UPDATE order_share SET commission_fen = 1, owed_fen = owed_fen - 1 WHERE local AND order_id = '$paid'`},
	{"fsck.local_commission", `UPDATE order_share SET commission_bp = 1 WHERE local AND order_id = '$paid'`},
	{"fsck.times", `UPDATE sale_order SET paid_us = 0 WHERE id = '$shipped'`},
	{"fsck.times", `UPDATE sale_order SET close_reason = 'expired' WHERE id = '$done'`},
	{"fsck.times", `UPDATE sale_order SET close_reason = 'cancelled' WHERE id = '$refunded'`},
	{"fsck.times", `UPDATE sale_order SET closed_us = 0 WHERE id = '$expired'`},
	{"fsck.times", `UPDATE sale_order SET state = 'unpaid' WHERE id = '$done'`},
	{"fsck.shipments", `DELETE FROM shipment WHERE order_id = '$shipped'`},
	{"fsck.shipments", `UPDATE shipment SET order_id = '$paid' WHERE order_id = '$shipped'`},
	{"fsck.payments", `DELETE FROM payment WHERE order_id = '$paid'`},
	{"fsck.payments", `UPDATE payment SET amount_fen = amount_fen - 1 WHERE order_id = '$paid'`},
	{"fsck.payments", `UPDATE payment SET state = 'open' WHERE order_id = '$paid'`},
	{"fsck.payments", `UPDATE sale_order SET paid_us = 1, state = 'paid' WHERE id = '$unpaid'`},
	{"fsck.late", `UPDATE payment SET refunded_fen = 0 WHERE late`},
	{"fsck.late", `UPDATE payment SET late = FALSE WHERE late`},
	{"fsck.late", `UPDATE payment SET late = TRUE WHERE order_id = '$paid'`},
	{"fsck.refunds", `DELETE FROM refund WHERE order_id = '$refunding'`},
	{"fsck.refunds", `UPDATE refund SET amount_fen = amount_fen + 1 WHERE order_id = '$refunding'`},
	{"fsck.refund_orders", `UPDATE refund SET amount_fen = 1 WHERE order_id = '$refunding'`},
	{"fsck.refund_orders", `UPDATE refund SET reason = 'late' WHERE order_id = '$refunding'`},
	{"fsck.refund_done", `UPDATE refund SET state = 'done' WHERE order_id = '$refunding'`},
	{"fsck.refund_done", `UPDATE refund SET state = 'pending' WHERE order_id = '$refunded'`},
	{"fsck.refund_due", `UPDATE refund SET state = 'done' WHERE order_id = '$refunding'`},
	{"fsck.balanced", `UPDATE ledger_posting SET fen = fen + 1 WHERE path = 'freight/pending' AND txn_id = (SELECT id FROM ledger_txn WHERE ref = 'order/$paid/paid/freight')`},
	{"fsck.balanced", `DELETE FROM ledger_posting WHERE path = 'freight/pending' AND txn_id = (SELECT id FROM ledger_txn WHERE ref = 'order/$paid/paid/freight')`},
	{"fsck.balances", `UPDATE ledger_account SET balance_fen = balance_fen - 1 WHERE path = 'buyers/receivable'`},
	{"fsck.balances", `DELETE FROM ledger_account WHERE path = 'freight/earned'`},
	{"fsck.trial", `UPDATE ledger_account SET balance_fen = balance_fen - 1 WHERE path = 'buyers/receivable'`},
	{"fsck.channels", `UPDATE payment SET gateway = 'other' WHERE late`},
	{"fsck.channels", `UPDATE payment SET amount_fen = amount_fen + 1 WHERE late`},
	{"fsck.channels", `INSERT INTO ledger_account (path, kind, balance_fen, opened_us) VALUES ('channel/other/clearing', 'asset', 5, 1)`},
	{"fsck.receivable", `UPDATE ledger_account SET balance_fen = balance_fen - 1 WHERE path = 'buyers/receivable'`},
	{"fsck.receivable", `UPDATE sale_order SET state = 'unpaid' WHERE id = '$done'`},
	{"fsck.sources", `INSERT INTO ledger_txn (id, ref, kind, at_us, day) VALUES ('t', 'gift/friend', 'gift', 1, 1)`},
	{"fsck.sources", `UPDATE ledger_txn SET ref = 'payment/none/late' WHERE kind = 'payment.late'`},
	{"fsck.sources", `UPDATE ledger_txn SET kind = 'order.paid' WHERE kind = 'refund.done'`},
	{"fsck.limits", `UPDATE ledger_account SET max_fen = -100000000 WHERE path = 'refund/buyers/due'`},
	{"fsck.promises", `UPDATE ledger_posting SET path = 'commission/earned' WHERE path = 'buyers/receivable' AND txn_id = (SELECT min(txn_id) FROM ledger_posting WHERE path LIKE 'producer/local/%')`},
	{"fsck.books", `UPDATE ledger_txn SET ref = 'order/$paid/placed/none' WHERE ref = 'order/$paid/placed/freight'`},
	{"fsck.books", `UPDATE ledger_txn SET ref = 'order/nobody/placed/x' WHERE ref = 'order/$paid/placed/freight'`},
	{"fsck.books", `UPDATE ledger_txn SET ref = 'zzz' WHERE ref = 'order/$done/paid'`},
	{"fsck.books", `UPDATE ledger_posting SET path = 'channel/other/clearing' WHERE txn_id = (SELECT id FROM ledger_txn WHERE ref = 'order/$done/paid') AND fen > 0`},
	{"fsck.books", `UPDATE sale_order SET paid_us = 1 WHERE id = '$unpaid'`},
	{"fsck.books", `UPDATE sale_order SET paid_us = 0 WHERE id = '$shipped'`},
	{"fsck.books", `UPDATE sale_order SET close_reason = 'expired' WHERE id = '$refunded'`},
	{"fsck.books", `UPDATE order_share SET owed_fen = owed_fen - 1, margin_fen = margin_fen + 1 WHERE order_id = '$paid'`},
	{"fsck.books", `DELETE FROM sale_order WHERE id = '$unpaid'`},
}

var errRollback = errors.New("rolled back")

func TestEveryCorruptionIsFound(t *testing.T) {
	each(t, func(w *world) {
		w.unguard()
		covered := map[string]bool{}
		for _, c := range corruptions {
			covered[c.check] = true
			sql := c.sql
			for name, o := range w.orders {
				sql = strings.ReplaceAll(sql, "'$"+name+"'", "'"+string(o.ID)+"'")
				sql = strings.ReplaceAll(sql, "/$"+name+"/", "/"+string(o.ID)+"/")
				sql = strings.ReplaceAll(sql, "/$"+name+"'", "/"+string(o.ID)+"'")
			}
			var rep fsck.Report
			err := w.DB.Update(w.Context(), func(tx *db.Tx) (err error) {
				n, err := tx.Exec(w.Context(), sql)
				if err != nil || n == 0 {
					w.Fatalf("%s: %d rows, %v", sql, n, err)
				}
				if rep, err = fsck.Run(w.Context(), tx); err != nil {
					return err
				}
				return errRollback
			})
			if !errors.Is(err, errRollback) {
				w.Fatalf("%s: %v", sql, err)
			}
			if !found(rep, c.check) {
				w.Errorf("%s did not find: %s\n%+v", c.check, c.sql, rep)
			}
		}
		rep, err := fsck.Run(w.Context(), w.DB)
		w.must(err)
		for _, c := range rep.Checks {
			if !covered[c.Name] {
				w.Errorf("no corruption tests %s", c.Name)
			}
			if len(c.Findings) > 0 {
				w.Errorf("after all was rolled back: %+v", c)
			}
		}
	})
}

func found(rep fsck.Report, check string) bool {
	for _, c := range rep.Checks {
		if c.Name == check && len(c.Findings) > 0 {
			return true
		}
	}
	return false
}

func TestFindingsAreCut(t *testing.T) {
	each(t, func(w *world) {
		w.unguard()
		w.Do(func(tx *db.Tx) error {
			for range 40 {
				if _, err := tx.Exec(w.Context(), `INSERT INTO ledger_txn (id, ref, kind, at_us, day) VALUES ($1, $1, 'x', 1, 1)`, id.New[id.Txn]()); err != nil {
					return err
				}
			}
			return nil
		})
		rep, err := fsck.Run(w.Context(), w.DB)
		w.must(err)
		for _, c := range rep.Checks {
			if want := map[bool]int{true: fsck.MaxFindings}[c.Name == "fsck.balanced" || c.Name == "fsck.sources"]; len(c.Findings) != want {
				w.Errorf("%s: %d findings, want %d", c.Name, len(c.Findings), want)
			}
		}
	})
}

// TestRunningShopIsNoFinding checks again and again while orders come and go.
func TestRunningShopIsNoFinding(t *testing.T) {
	each(t, func(w *world) {
		p := w.Product(1000)
		w.Lot(p, w.Farm, 1000)
		staff := w.Person(actor.Finance)
		var wg sync.WaitGroup
		var stop atomic.Bool
		for range 4 {
			who, at := w.Buyer()
			wg.Go(func() {
				ctx := context.Background()
				for i := 0; !stop.Load() && i < 240; i++ {
					o, err := w.f.PlaceOrder(ctx, who, flow.PlaceIn{Key: id.New[string](), Address: at, NoReturnOK: true, Lines: []flow.PlaceLine{{Product: p, Units: 1, Price: 1000}}})
					if err == nil && i%3 == 0 {
						_, err = w.f.ConfirmOffline(ctx, staff, o.ID, o.Total, "bank")
					}
					if err == nil && i%2 == 0 {
						_, err = w.f.CancelOrder(ctx, who, o.ID)
					}
					if err != nil {
						w.Error(err)
					}
				}
			})
		}
		for range 5 {
			rep, err := fsck.Run(w.Context(), w.DB)
			if err != nil {
				w.Error(err)
			}
			for _, c := range rep.Checks {
				if len(c.Findings) > 0 {
					w.Errorf("%+v", c)
				}
			}
		}
		stop.Store(true)
		wg.Wait()
	})
}
