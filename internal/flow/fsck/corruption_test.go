package fsck_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/fsck"
)

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
		WHERE NOT t.tgisinternal AND r.relnamespace = current_schema()::regnamespace ORDER BY 1`) {
		run(q)
	}
}

// corruptions alter one row of each kind; $name is the id of the order so
// called. Each must be found by the
// check in a full run, and by a run over what changed (by this check or by
// another that comes first) but where rest says why it can't be.
var corruptions = []struct{ check, sql string }{
	{"fsck.stock", `UPDATE lot SET on_hand = on_hand + 1 WHERE id = (SELECT max(id) FROM lot)`},
	{"fsck.stock", `DELETE FROM stock_movement WHERE id = (SELECT min(id) FROM stock_movement)`},
	{"fsck.stock", `UPDATE stock_movement SET qty = qty - 1 WHERE id = (SELECT min(id) FROM stock_movement)`},
	{"fsck.reserved", `UPDATE lot SET reserved = reserved - 1 WHERE id = (SELECT max(id) FROM lot)`},
	{"fsck.reserved", `DELETE FROM lot_reservation WHERE order_id = '$paid'`},
	{"fsck.oversold", `UPDATE lot_reservation SET qty = 90000 WHERE id = (SELECT min(id) FROM lot_reservation WHERE order_id = '$paid')`},
	{"fsck.oversold", `UPDATE lot SET reserved = on_hand + 1 WHERE id = (SELECT max(id) FROM lot)`},
	{"fsck.allotted", `UPDATE lot SET allotted = 1 WHERE id = (SELECT max(id) FROM lot)`},
	{"fsck.gift_paid", `INSERT INTO gift (id, no, user_id, show_id, host_id, kind_id, name_zh, name_en, icon, fen, agreement_id, named, state, idem_key, idem_hash, day, created_us, expires_us, paid_us) VALUES ('g', 'g', 'u', 's', 'h', 'k', 'x', 'x', 'berry', 5, 'a', FALSE, 'paid', 'k', 'h', 1, 1, 1, 1)`},
	{"fsck.gift_booked", `INSERT INTO gift (id, no, user_id, show_id, host_id, kind_id, name_zh, name_en, icon, fen, agreement_id, named, state, idem_key, idem_hash, day, created_us, expires_us, paid_us) VALUES ('g', 'g', 'u', 's', 'h', 'k', 'x', 'x', 'berry', 5, 'a', FALSE, 'paid', 'k', 'h', 1, 1, 1, 1)`},
	{"fsck.gift_used", `INSERT INTO gift_use (id, gift_id, disbursement_id, fen, at_us) VALUES ('u', 'g', 'd', 5, 1)`},
	{"fsck.disbursed", `INSERT INTO gift_use (id, gift_id, disbursement_id, fen, at_us) VALUES ('u', 'g', 'd', 5, 1)`},
	{"fsck.funds", `INSERT INTO growth_transfer (id, fen, note, state, drafted_by, drafted_us) VALUES ('t', 5, 'x', 'done', 'p', 1)`},
	{"fsck.allotment_taken", `UPDATE lot_reservation SET allotment_id = 'none' WHERE order_id = '$paid'`},
	{"fsck.flash", `UPDATE order_line SET flash_id = 'none' WHERE order_id = '$done'`},
	{"fsck.flash_person", `UPDATE show_flash SET per_person = 1`},
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
	{"fsck.item_show", `UPDATE order_line SET item_id = 'none' WHERE order_id = '$done' AND item_id <> ''`},
	{"fsck.item_show", `UPDATE order_line SET product_id = 'none' WHERE order_id = '$done' AND item_id <> ''`},
	{"fsck.item_show", `UPDATE sale_order SET show_id = '' WHERE id = '$paid'`},
	{"fsck.reservation_state", `UPDATE lot_reservation SET order_id = 'none' WHERE order_id = '$unpaid'`},
	{"fsck.audited", `DELETE FROM audit_event WHERE object_id = '$paid' AND action = 'order.place'`},
	{"fsck.work", `UPDATE sale_order SET expires_us = 0 WHERE id = '$unpaid'`},
	{"fsck.work", `UPDATE payment SET state = 'open', query_us = 0 WHERE late`},
	{"fsck.work", `UPDATE refund SET next_us = 0 WHERE order_id = '$refunding'`},
	{"fsck.pending", `UPDATE ledger_account SET balance_fen = balance_fen - 1 WHERE path = 'freight/pending'`},
	{"fsck.gaps", `UPDATE ledger_posting SET seq = seq + 10 WHERE txn_id = (SELECT id FROM ledger_txn WHERE ref = 'order/$paid/paid')`},
	{"fsck.gaps", `DELETE FROM ledger_txn WHERE ref = 'order/$paid/paid'`},
	{"fsck.held", `UPDATE ledger_account SET held_debit_fen = 5 WHERE path = 'freight/pending'`},
	{"fsck.held", `INSERT INTO ledger_hold_line (hold_id, seq, path, fen) VALUES ('none', 0, 'freight/pending', -5)`},
	{"fsck.held_ends", `INSERT INTO ledger_hold (id, ref, kind, at_us, day, memo) VALUES ('h', 'order/$paid/paid', 'k', 1, 1, '')`},
	{"fsck.day_sums", `INSERT INTO ledger_day (path, day, fen) VALUES ('freight/pending', 20260101, 5)`},
	{"fsck.days", `UPDATE ledger_txn SET day = day + 1 WHERE ref = 'order/$paid/paid'`},
	{"fsck.sealed", `UPDATE ledger_txn SET memo = 'x' WHERE ref = 'order/$paid/paid'`},
	{"fsck.sealed", `UPDATE ledger_txn SET at_us = at_us + 1 WHERE ref = 'order/$paid/paid'`},
	{"fsck.sealed", `DELETE FROM ledger_posting WHERE txn_id = (SELECT min(id) FROM ledger_txn)`},
	{"fsck.sealed", `INSERT INTO ledger_txn (id, ref, kind, at_us, day) VALUES ('0', 'order/x', 'order.paid', 1, 19700101)`},
	{"fsck.quarantine", `UPDATE payment_callback SET settled_us = 1 WHERE held`},
	{"fsck.quarantine", `UPDATE payment_callback SET amount_fen = amount_fen - 1 WHERE held`},
	{"fsck.statements", `UPDATE statement SET net_fen = net_fen + 1`},
	{"fsck.statements", `UPDATE statement SET gross_fen = gross_fen + 1, back_fen = back_fen - 1`},
	{"fsck.statements", `UPDATE statement_line SET net_fen = net_fen + 1 WHERE seq = 0`},
	{"fsck.statements", `DELETE FROM statement_line WHERE seq = 1`},
	{"fsck.statement_lines", `UPDATE statement_line SET net_fen = net_fen + 1 WHERE kind = 'sale'`},
	{"fsck.statement_lines", `UPDATE statement_line SET source = source || 'x' WHERE kind = 'sale'`},
	{"fsck.payouts", `UPDATE payout SET amount_fen = amount_fen + 1`},
	{"fsck.payouts", `UPDATE payout SET state = 'waiting'`},
	{"fsck.payouts", `UPDATE payout SET state = 'reversed'`},
	{"fsck.sources", `UPDATE ledger_txn SET ref = 'payout/friend' WHERE kind = 'payout.done'`},
	{"fsck.paid_statements", `UPDATE statement SET pay_fen = pay_fen + 1`},
	{"fsck.paid_statements", `UPDATE payout SET statement_id = 'none'`},
	{"fsck.earnings", `UPDATE host_earning SET host_fen = host_fen + 1`},
	{"fsck.earnings", `UPDATE host_earning_back SET host_fen = host_fen + 1`},
	{"fsck.earnings", `UPDATE host_earning SET host_id = 'friend'`},
	{"fsck.earnings", `DELETE FROM host_earning_back`},
	{"fsck.earning_lines", `UPDATE statement_line SET net_fen = net_fen + 1, gross_fen = gross_fen + 1 WHERE kind = 'earning'`},
	{"fsck.earning_lines", `UPDATE host_earning SET host_id = 'friend'`},
	{"fsck.costs", `UPDATE centre_cost SET fen = fen + 1`},
	{"fsck.costs", `UPDATE centre_cost_back SET fen = fen - 1`},
	{"fsck.costs", `DELETE FROM centre_cost_back`},
	{"fsck.moved", `DELETE FROM money_moved_back`},
	{"fsck.moved", `INSERT INTO money_moved (id, kind, party, day, fen, ref, by_id, at_us) VALUES ('m', 'tax', '', 20260101, 5, 'r', 'u', 1)`},
	{"fsck.log_places", `UPDATE log_leaf SET seq = seq + 1 WHERE seq = (SELECT max(seq) FROM log_leaf)`},
	{"fsck.log_places", `DELETE FROM log_leaf WHERE seq = 0`},
	{"fsck.log_places", `INSERT INTO log_head (size, root, at_us) VALUES (1000000, 'x', 1)`},
	{"fsck.log_orphans", `UPDATE log_leaf SET ref = 'txn/order/none' WHERE seq = 1`},
	{"fsck.leaves", `DELETE FROM log_leaf WHERE seq = (SELECT max(seq) FROM log_leaf WHERE ref LIKE 'txn/%')`},
	{"fsck.log_opens", `UPDATE ledger_posting SET fen = fen * 2 WHERE txn_id = (SELECT t.id FROM ledger_txn t JOIN log_leaf l ON l.ref = 'txn/' || t.ref ORDER BY t.id LIMIT 1)`},
	{"fsck.log_opens", `UPDATE ledger_txn SET memo = 'other' WHERE id = (SELECT t.id FROM ledger_txn t JOIN log_leaf l ON l.ref = 'txn/' || t.ref ORDER BY t.id LIMIT 1)`},
	{"fsck.log_opens", `UPDATE log_leaf SET opening = replace(opening, '"fen":', '"fen":1') WHERE ref LIKE 'txn/%'`},
	{"fsck.log_opens", `UPDATE log_leaf SET salt = '00' WHERE ref LIKE 'txn/%'`},
	{"fsck.log_rows", `UPDATE statement SET pay_fen = pay_fen + 1`},
	{"fsck.log_rows", `UPDATE promise_version SET words_en = 'Some commission.' WHERE no = 'P1' AND version = 1`},
	{"fsck.log_rows", `UPDATE promise_version SET scope = 'words' WHERE no = 'P1' AND version = 1`},
	{"fsck.log_rows", `UPDATE promise_version SET start_us = 86400000000 WHERE no = 'P1' AND version = 1`},
	{"fsck.log_rows", `DELETE FROM promise_version WHERE no = 'P4'`},
	{"fsck.log_rows", `UPDATE statement SET payee_id = 'friend'`},
	{"fsck.log_rows", `UPDATE statement SET from_day = from_day - 100`},
	{"fsck.log_rows", `DELETE FROM statement`},
	{"fsck.log_rows", `UPDATE disbursement SET recipient = 'friend'`},
	{"fsck.log_rows", `UPDATE disbursement SET purpose = 'beer'`},
	{"fsck.log_rows", `UPDATE disbursement SET voucher_sha256 = 'other'`},
	{"fsck.log_rows", `UPDATE disbursement SET approved_by = 'friend'`},
	{"fsck.log_rows", `UPDATE disbursement SET state = 'approved'`},
	{"fsck.log_rows", `DELETE FROM log_leaf WHERE ref LIKE 'fund/%'`},
	{"fsck.log_root", `UPDATE log_leaf SET body = replace(body, '"v":1', '"v":2') WHERE seq = 0`},
	{"fsck.log_root", `UPDATE log_head SET root = 'other'`},
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
	{"fsck.fees", `INSERT INTO order_fee (order_id, reservation_id, rate_bp, base_fen, fee_fen, payer_id, payee) VALUES ('$paid', 'x', 1, 1, 1, 'friend', 'centre')`},
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
	{"fsck.refund_parts", `UPDATE refund_part SET freight_fen = freight_fen + 1 WHERE order_id = '$parted'`},
	{"fsck.refund_parts", `DELETE FROM refund_part WHERE order_id = '$refunding'`},
	{"fsck.refund_parts", `DELETE FROM refund_share WHERE order_id = '$parted'`},
	{"fsck.refund_lines", `UPDATE order_line SET refunded_fen = 0 WHERE order_id = '$parted'`},
	{"fsck.refund_lines", `UPDATE order_line SET refunded_units = refunded_units + 1 WHERE order_id = '$parted' AND refunded_units > 0`},
	{"fsck.refund_lines", `UPDATE sale_order SET refunded_freight_fen = 0 WHERE id = '$refunding'`},
	{"fsck.discounts", `UPDATE sale_order SET discount_fen = discount_fen + 1 WHERE id = '$paid'`},
	{"fsck.discounts", `UPDATE order_line SET discount_fen = 0 WHERE order_id = '$parted'`},
	{"fsck.discounts", `DELETE FROM order_discount WHERE order_id = '$parted'`},
	{"fsck.discounts", `INSERT INTO order_discount (order_id, line_id, claim_id, coupon_id, fen, bearer) VALUES ('$unpaid', 'l', 'c', 'c', 5, 'centre')`},
	{"fsck.coupon_used", `UPDATE coupon_claim SET order_id = '' WHERE order_id = '$paid'`},
	{"fsck.coupon_used", `UPDATE coupon_claim SET user_id = 'x' WHERE order_id = '$paid'`},
	{"fsck.coupon_used", `UPDATE coupon_claim SET order_id = '$expired' WHERE id = (SELECT max(claim_id) FROM order_discount WHERE order_id = '$expired')`},
	{"fsck.discount_back", `UPDATE refund_part SET discount_fen = discount_fen + 1 WHERE order_id = '$parted'`},
	{"fsck.discount_back", `UPDATE refund_part SET discount_fen = 0 WHERE order_id = '$refunded'`},
	{"fsck.coupon_taken", `UPDATE coupon SET taken = taken + 1`},
	{"fsck.coupon_taken", `UPDATE coupon SET total = 1`},
	{"fsck.promotion", `UPDATE ledger_account SET balance_fen = balance_fen + 1 WHERE path = 'costs/promotion'`},
	{"fsck.refund_shares", `UPDATE refund_share SET reservation_id = 'none' WHERE order_id = '$parted'`},
	{"fsck.refund_shares", `UPDATE order_share SET owed_fen = 1, goods_fen = 1 + commission_fen + margin_fen WHERE order_id = '$refunding'`},
	{"fsck.returned", `UPDATE lot_reservation SET back_qty = 0 WHERE order_id = '$parted'`},
	{"fsck.returned", `INSERT INTO stock_movement (id, lot_id, kind, qty, ref, actor_id, at_us) SELECT 'm', min(lot_id), 'return', 500, '$parted', 'x', 1 FROM lot_reservation WHERE order_id = '$parted'`},
	{"fsck.cases", `UPDATE after_sale_line SET open = TRUE WHERE order_id = '$parted'`},
	{"fsck.refund_books", `UPDATE refund_part SET bearer = 'centre' WHERE order_id = '$parted'`},
	{"fsck.refund_books", `UPDATE ledger_posting SET fen = fen + 1 WHERE path = 'refund/buyers/due' AND txn_id = (SELECT min(id) FROM ledger_txn WHERE kind = 'refund.booked')`},
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
	{"fsck.books", `UPDATE ledger_txn SET ref = 'order/$paid/paid/none' WHERE ref = 'order/$paid/paid/freight'`},
	{"fsck.books", `UPDATE ledger_txn SET ref = 'order/nobody/paid/x' WHERE ref = 'order/$paid/paid/freight'`},
	{"fsck.placed", `UPDATE ledger_txn SET ref = 'placed/nobody/x' WHERE id = (SELECT min(id) FROM ledger_txn WHERE ref LIKE 'placed/%/freight')`},
	{"fsck.placed", `UPDATE sale_order SET placing_id = '' WHERE id = '$paid'`},
	{"fsck.placed", `UPDATE sale_order SET freight_fen = freight_fen + 1, total_fen = total_fen + 1 WHERE id = '$unpaid'`},
	{"fsck.placed", `UPDATE ledger_posting SET fen = fen * 2 WHERE txn_id = (SELECT min(id) FROM ledger_txn WHERE kind = 'order.placed')`},
	{"fsck.books", `UPDATE ledger_txn SET ref = 'zzz' WHERE ref = 'order/$done/paid'`},
	{"fsck.books", `UPDATE ledger_posting SET path = 'channel/other/clearing' WHERE txn_id = (SELECT id FROM ledger_txn WHERE ref = 'order/$done/paid') AND fen > 0`},
	{"fsck.books", `UPDATE sale_order SET paid_us = 1 WHERE id = '$unpaid'`},
	{"fsck.books", `UPDATE sale_order SET paid_us = 0 WHERE id = '$shipped'`},
	{"fsck.books", `UPDATE sale_order SET close_reason = 'expired' WHERE id = '$refunded'`},
	{"fsck.books", `UPDATE order_share SET owed_fen = owed_fen - 1, margin_fen = margin_fen + 1 WHERE order_id = '$paid'`},
	{"fsck.placed", `DELETE FROM sale_order WHERE id = '$unpaid'`},
	{"fsck.books", `DELETE FROM sale_order WHERE id = '$paid'`},
	{"fsck.filed", `UPDATE order_filed_upto SET seq = seq + 1000`},
	{"fsck.filed", `INSERT INTO order_filed SELECT buyer_id, seq FROM sale_order WHERE id = '$paid'`},
	{"fsck.filed_orphans", `INSERT INTO order_filed SELECT 'friend', seq FROM sale_order WHERE id = '$paid'`},
}

// sqliteOnly are checks of records that only SQLite has.
var sqliteOnly = []string{"fsck.filed", "fsck.filed_orphans"}

// fullOnly are corruptions that only the full run can see, and why.
var fullOnly = map[string]string{
	"fsck.sealed":          "what lies behind a seal is not read again every minute",
	"fsck.allotment_taken": "orders are not found by allotment",
	"fsck.day_sums":        "adds up every line there ever was",
	"fsck.filed_orphans":   "reads every filed order",
	"fsck.channels":        "adds up every payment there ever was",
	"fsck.earnings":        "reads every transaction",
	"fsck.earning_lines":   "reads every line of hosts and agencies",
	"fsck.costs":           "reads every transaction",
	"fsck.moved":           "reads every transaction",
	"fsck.log_places":      "counts every leaf",
	"fsck.log_orphans":     "reads every leaf",
	"fsck.log_rows":        "reads every promise, statement and disbursement",
	"fsck.log_root":        "hashes every leaf",
	"fsck.gift_used":       "adds up what every gift was used for",
	"fsck.disbursed":       "adds up what every disbursement is made of",
}

var errRollback = errors.New("rolled back")

func TestEveryCorruptionIsFound(t *testing.T) {
	each(t, func(w *world) {
		w.unguard()
		w.must(fsck.SealAll(w.Context(), w.DB))
		covered := map[string]bool{}
		for _, c := range corruptions {
			covered[c.check] = true
			if w.DB.Dialect != db.SQLite && slices.Contains(sqliteOnly, c.check) {
				continue
			}
			var full, recent fsck.Report
			err := w.DB.Update(w.Context(), func(tx *db.Tx) (err error) {
				n, err := tx.Exec(w.Context(), w.named(c.sql))
				if err != nil || n == 0 {
					w.Fatalf("%s: %d rows, %v", c.sql, n, err)
				}
				if full, err = fsck.Run(w.Context(), tx); err != nil {
					return err
				}
				if recent, err = fsck.Since(w.Context(), tx, w.began); err != nil {
					return err
				}
				return errRollback
			})
			if !errors.Is(err, errRollback) {
				w.Fatalf("%s: %v", c.sql, err)
			}
			if !found(full, c.check) {
				w.Errorf("%s did not find: %s\n%+v", c.check, c.sql, full)
			}
			if recent.Clean() && fullOnly[c.check] == "" {
				w.Errorf("the run over what changed did not find: %s", c.sql)
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
		again, err := fsck.Since(w.Context(), w.DB, w.began)
		w.must(err)
		if !again.Clean() {
			w.Errorf("after all was rolled back: %+v", again)
		}
	})
}

// named puts the ids of the world's orders into a statement.
func (w *world) named(sql string) string {
	for name, o := range w.orders {
		sql = strings.ReplaceAll(sql, "'$"+name+"'", "'"+string(o.ID)+"'")
		sql = strings.ReplaceAll(sql, "/$"+name+"/", "/"+string(o.ID)+"/")
		sql = strings.ReplaceAll(sql, "/$"+name+"'", "/"+string(o.ID)+"'")
	}
	return sql
}
