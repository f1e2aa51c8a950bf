package fsck_test

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/bank"
	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
	st "lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/tlog"
)

// settle pays the farm by a statement, and has a notice of a wrong amount wait
// for finance. The statement's rows are written as they stand, not by its
// module: here only what they say counts.
func (w *world) settle() {
	w.Helper()
	ctx := context.Background()
	o := w.orders["unpaid"]
	p := payment.Payment{ID: id.New[id.Payment](), Order: o.ID, Gateway: "sandbox", Amount: o.Total, State: payment.StateOpen, Created: w.DB.Clock.Now(), Expires: w.DB.Clock.Now().Add(time.Hour)}
	w.Do(func(tx *db.Tx) error { return payment.Open(ctx, tx, p) })
	w.must(w.f.ApplyNotice(ctx, "sandbox", payment.Notice{EventID: "wrong", Payment: p.ID, Amount: o.Total - 1, Ref: "r9", Paid: true, At: w.DB.Clock.Now()}))

	statement, batch, account, payout := id.New[string](), id.New[string](), id.New[string](), id.New[string]()
	w.Do(func(tx *db.Tx) error {
		for _, row := range []struct {
			sql  string
			args []any
		}{
			{`INSERT INTO payee_account (id, payee_kind, payee_id, holder_enc, bank, number_enc, consent, entered_by, entered_us) VALUES ($1, 'producer', $2, 'x', 'x', 'x', 'x', 'a', 1)`, []any{account, w.Farm}},
			{`INSERT INTO statement (id, no, payee_kind, payee_id, payee_name, place, local, from_day, to_day, lines, gross_fen, back_fen, commission_fen, net_fen, elsewhere_fen,
				carried_fen, pay_fen, carry_fen, tax_fen, promise_no, issued_by, issued_us, state)
				VALUES ($1, 'S1', 'producer', $2, 'Farm', 'V', $3, 20261101, 20261130, 2, 1500, -500, 0, 1000, 0, 0, 1000, 0, 0, 'P1', 'a', 1, 'paid')`, []any{statement, w.Farm, true}},
			{`INSERT INTO statement_line (statement_id, seq, source, kind, day, what, gross_fen, commission_fen, net_fen, local) VALUES ($1, 0, 's0', 'sale', 20261101, 'x', 1500, 0, 1500, $2)`, []any{statement, true}},
			{`INSERT INTO statement_line (statement_id, seq, source, kind, day, what, gross_fen, commission_fen, net_fen, local) VALUES ($1, 1, 's1', 'refund', 20261101, 'x', -500, 0, -500, $2)`, []any{statement, true}},
			// A statement of a real share.
			{`INSERT INTO statement (id, no, payee_kind, payee_id, payee_name, place, local, from_day, to_day, lines, gross_fen, back_fen, commission_fen, net_fen,
				elsewhere_fen, carried_fen, pay_fen, carry_fen, tax_fen, promise_no, issued_by, issued_us, state)
				SELECT 'real', 'real', 'producer', 'real', 'x', 'x', local, 20261001, 20261015, 1, owed_fen + commission_fen, 0, commission_fen, owed_fen, 0, 0, owed_fen, 0, 0, 'P1', 'x', 1, 'issued'
				FROM order_share ORDER BY order_id, reservation_id LIMIT 1`, nil},
			{`INSERT INTO statement_line (statement_id, seq, source, kind, day, order_id, what, gross_fen, commission_fen, net_fen, local)
				SELECT 'real', 1, 'sale/' || order_id || '/' || reservation_id, 'sale', 20261001, order_id, 'x', owed_fen + commission_fen, commission_fen, owed_fen, local
				FROM order_share ORDER BY order_id, reservation_id LIMIT 1`, nil},
			{`INSERT INTO payout_batch (id, no, state, made_by, made_us, released_by, released_us) VALUES ($1, 'B1', 'released', 'a', 1, 'b', 1)`, []any{batch}},
			{`INSERT INTO payout (id, batch_id, statement_id, account_id, amount_fen, tax_fen, state, paid_by, paid_us) VALUES ($1, $2, $3, $4, 1000, 0, 'paid', 'a', 1)`, []any{payout, batch, statement, account}},
		} {
			if _, err := tx.Exec(ctx, row.sql, row.args...); err != nil {
				return err
			}
		}
		return promise.PaidOut(ctx, tx, payout, promise.Payee{Kind: "producer", ID: string(w.Farm), Local: true}, 1000, 0, "bank")
	})
	for _, ref := range []string{"R1", "R2"} {
		m, _, err := w.f.MoneyMoved(ctx, w.Person(actor.Finance), bank.Move{Kind: bank.Channel, Party: "sandbox", Day: 20260101, Fen: 1, Ref: ref})
		w.must(err)
		if ref == "R2" {
			w.must(w.f.TakeBackMove(ctx, w.Person(actor.Finance), m.ID, "x"))
		}
	}
	w.wages()
	w.must(promise.LogVersions(ctx, w.DB))
	w.Do(func(tx *db.Tx) error {
		err := tlog.Fix(ctx, tx, tlog.Leaf{Kind: "statement.issued", Ref: "statement/" + statement, Public: struct{}{},
			Opening: st.Opening{Statement: id.Statement(statement), No: "S1", Payee: "producer", ID: string(w.Farm), From: 20261101, To: 20261130, Lines: 2, Gross: 1500, Back: -500, Net: 1000, Pay: 1000}})
		if err != nil {
			return err
		}
		// The follower gives places.
		_, err = tx.Exec(ctx, `UPDATE log_leaf SET seq = (SELECT count(*) FROM log_leaf l WHERE l.id < log_leaf.id)`)
		return err
	})
	first, err := tlog.Placed(ctx, w.DB, 0, 2)
	w.must(err)
	a, b := rfc6962.DefaultHasher.HashLeaf([]byte(first[0].Body)), rfc6962.DefaultHasher.HashLeaf([]byte(first[1].Body))
	w.must(tlog.WriteHead(ctx, w.DB, 2, hex.EncodeToString(rfc6962.DefaultHasher.HashChildren(a, b))))
}

// wages enters pay and a cost and takes part of both back; the pay stands on a
// sheet.
func (w *world) wages() {
	w.Helper()
	ctx := w.Context()
	one, host := w.Person(actor.Finance), w.Person(actor.Host)
	w.must(w.f.HostPay(ctx, one, st.Earning{Host: host.User, What: "x", Kind: promise.FromWages, Day: 20260101, HostFen: 700, Key: "k"}))
	earned, err := st.Earnings(ctx, w.DB)
	w.must(err)
	w.must(w.f.TakeBackPay(ctx, one, earned[0].ID, 200, "x"))
	w.must(w.f.AddCost(ctx, one, breakeven.Cost{Kind: "packing", Day: 20260101, Fen: 300, Memo: "x", Key: "k"}))
	costs, err := breakeven.Between(ctx, w.DB, 20260101, 20260101)
	w.must(err)
	w.must(w.f.TakeBackCost(ctx, one, costs[0].ID, 100, "x"))
	today := clock.DayOf(w.DB.Clock.Now())
	_, err = w.f.IssueStatement(ctx, one, st.Payee{Kind: st.Host, ID: string(host.User)}, 20260101, today.Add(-1))
	w.must(err)
}
