package fsck_test

import (
	"context"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/promise"
)

// gifts has two people give, and the fund pay for something with it.
func (w *world) gifts() {
	w.Helper()
	ctx := context.Background()
	one := actor.Actor{User: "one", Name: "one", Roles: []actor.Role{actor.Finance}, Via: "web"}
	two := actor.Actor{User: "two", Name: "two", Roles: []actor.Role{actor.Finance}, Via: "web"}
	giver := actor.Actor{User: id.New[id.User](), Name: "giver", Via: "web"}
	rules := gift.Rules{Licence: "TEST-1", MaxOne: 10_000, MaxDay: 50_000}
	w.Do(func(tx *db.Tx) error {
		today := clock.DayOf(tx.Now)
		a, err := promise.DraftAgreement(ctx, tx, one, promise.Agreement{Recipient: "charity", Purpose: "books", Starts: today, Ends: today.Add(1)})
		if err != nil {
			return err
		}
		if err := promise.SignAgreement(ctx, tx, two, a); err != nil {
			return err
		}
		if err := gift.DeclareAdult(ctx, tx, giver, today.Add(-40*366)); err != nil {
			return err
		}
		for _, key := range []string{"gift-one", "gift-two"} {
			g, err := gift.Give(ctx, tx, giver, rules, gift.Gift{Show: w.Show, Host: "h", Kind: "k", NameZh: "x", NameEn: "x", Icon: "berry", Fen: 500, Agreement: a, IdemKey: key, IdemHash: "h"})
			if err != nil {
				return err
			}
			p := payment.Payment{ID: id.New[id.Payment](), Order: id.Order(g.ID), Purpose: payment.ForGift, Gateway: "sandbox", Amount: g.Fen, State: payment.StatePaid, PaidAt: tx.Now}
			if err := payment.Open(ctx, tx, p); err != nil {
				return err
			}
			if _, err := gift.Move(ctx, tx, g.ID, gift.Unpaid, gift.Paid); err != nil {
				return err
			}
			if err := promise.GiftReceived(ctx, tx, string(g.ID), g.Fen, "sandbox"); err != nil {
				return err
			}
		}
		d, err := fund.Write(ctx, tx, one, fund.Disbursement{ID: id.New[id.Disbursement](), Fund: fund.Charity, Agreement: a, Recipient: "charity", Purpose: "books", Fen: 700, VoucherKind: fund.PDF})
		if err != nil {
			return err
		}
		if err := fund.Approve(ctx, tx, two, d.ID); err != nil {
			return err
		}
		if _, err := fund.MarkPaid(ctx, tx, one, d.ID, "BANK-1"); err != nil {
			return err
		}
		if err := promise.FundPaid(ctx, tx, d.Fund, string(d.ID), d.Payee, string(a), d.Fen); err != nil {
			return err
		}
		return gift.Use(ctx, tx, d.ID, d.Fen)
	})
}
