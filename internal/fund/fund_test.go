package fund_test

import (
	"context"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/id"
)

func staff(roles ...actor.Role) actor.Actor {
	return actor.Actor{User: id.New[id.User](), Name: "s", Roles: roles, Via: "web"}
}

func want(t *testing.T, err error, key string) {
	t.Helper()
	if !fault.HasKey(err, key) {
		t.Errorf("%v, want %s", err, key)
	}
}

func in(d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) error {
	ctx := context.Background()
	return d.Update(ctx, func(tx *db.Tx) error { return fn(ctx, tx) })
}

func TestTwoSigners(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := staff(actor.Finance), staff(actor.Admin)
		x := fund.Disbursement{ID: id.New[id.Disbursement](), Fund: fund.Growth, Recipient: "学员路费", Purpose: "免费课的路费", Fen: 5000, VoucherKind: fund.Picture}
		write := func(who actor.Actor, x fund.Disbursement) error {
			return in(d, func(ctx context.Context, tx *db.Tx) (err error) { _, err = fund.Write(ctx, tx, who, x); return err })
		}
		if err := write(staff(actor.Operator), x); !fault.Is(err, fault.Denied) {
			t.Error("operator:", err)
		}
		for key, spoil := range map[string]func(*fund.Disbursement){
			"fund.agreement": func(b *fund.Disbursement) { b.Agreement = "a" },
			"fault.amount":   func(b *fund.Disbursement) { b.Fen = 0 },
			"fund.voucher":   func(b *fund.Disbursement) { b.VoucherKind = "exe" },
			"fault.required": func(b *fund.Disbursement) { b.Purpose = " " },
			"fault.choice":   func(b *fund.Disbursement) { b.Fund = "pocket" },
		} {
			bad := x
			spoil(&bad)
			want(t, write(one, bad), key)
		}
		if err := write(one, x); err != nil {
			t.Fatal(err)
		}
		approve := func(who actor.Actor) error {
			return in(d, func(ctx context.Context, tx *db.Tx) error { return fund.Approve(ctx, tx, who, x.ID) })
		}
		pay := func(who actor.Actor) (first bool, err error) {
			err = in(d, func(ctx context.Context, tx *db.Tx) error {
				first, err = fund.MarkPaid(ctx, tx, who, x.ID, "BANK-1")
				return err
			})
			return first, err
		}
		_, err := pay(one)
		want(t, err, "fund.not_approved")
		want(t, approve(one), "fund.two_signers")
		if err := approve(two); err != nil {
			t.Fatal(err)
		}
		if first, err := pay(one); err != nil || !first {
			t.Fatal(first, err)
		}
		if first, err := pay(one); err != nil || first {
			t.Error("twice:", first, err)
		}
		cancel := in(d, func(ctx context.Context, tx *db.Tx) error { return fund.Cancel(ctx, tx, two, x.ID, "too late") })
		want(t, cancel, "fund.final")
		// Paid is final for the database, too.
		if err := in(d, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE disbursement SET fen = 1 WHERE id = $1`, x.ID)
			return err
		}); err == nil {
			t.Error("a paid disbursement was changed")
		}
	})
}

func TestProfitIsSignedByTwo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, two := staff(actor.Finance), staff(actor.Finance)
		var tr fund.Transfer
		if err := in(d, func(ctx context.Context, tx *db.Tx) (err error) {
			tr, err = fund.DraftTransfer(ctx, tx, one, 1000, "2026-11")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		sign := func(who actor.Actor) (first bool, err error) {
			err = in(d, func(ctx context.Context, tx *db.Tx) error {
				_, first, err = fund.SignTransfer(ctx, tx, who, tr.ID)
				return err
			})
			return first, err
		}
		_, err := sign(one)
		want(t, err, "fund.two_signers")
		if first, err := sign(two); err != nil || !first {
			t.Error(first, err)
		}
		if first, err := sign(two); err != nil || first {
			t.Error("twice:", first, err)
		}
		want(t, in(d, func(ctx context.Context, tx *db.Tx) error { return fund.CancelTransfer(ctx, tx, two, tr.ID) }), "fund.final")
	})
}

func TestVouchers(t *testing.T) {
	whole := "%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\ntrailer<<>>\n%%EOF\n"
	if err := fund.CheckPDF([]byte(whole)); err != nil {
		t.Error(err)
	}
	want(t, fund.CheckPDF([]byte(whole[:30])), "fund.voucher") // half a file
	want(t, fund.CheckPDF([]byte("MZ not a pdf %%EOF")), "fund.voucher")
	want(t, fund.CheckPDF([]byte("%PDF-1.4 <</S/JavaScript/JS(app.alert(1))>> %%EOF")), "fund.voucher_active")
	want(t, fund.CheckPDF([]byte("%PDF-1.4 <</S/Launch>> %%EOF")), "fund.voucher_active")
	if err := fund.CheckPDF([]byte("%PDF-1.4 /JSomething %%EOF")); err != nil {
		t.Error("a longer name:", err)
	}
	want(t, fund.CheckPDF(append([]byte("%PDF-1.4"), make([]byte, fund.MaxVoucher)...)), "fund.voucher_large")
}
