package promise_test

import (
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
)

// paid books sales up to their payment.
func paid(t *testing.T, d *db.DB, sales ...promise.Sale) {
	t.Helper()
	must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
		err := promise.OrdersPlaced(ctx, tx, id.New[id.Placing](), sales...)
		for _, s := range sales {
			if err == nil {
				err = promise.OrderPaid(ctx, tx, s, "wechat")
			}
		}
		return err
	}))
}

func TestPartRefundByWhoBearsIt(t *testing.T) {
	part := []promise.Share{
		{Producer: "farm", Local: true, Goods: 500, Owed: 500},
		{Producer: "works", Goods: 1000, Commission: 100, Owed: 900},
	}
	for borne, want := range map[promise.Bearer]map[string]money.Fen{
		promise.ByProducer: {"producer/local/farm/owed": -3300, "producer/outside/works/owed": -900, "commission/earned": -100},
		promise.ByCentre:   {"producer/local/farm/owed": -3800, "producer/outside/works/owed": -1800, "commission/earned": -200, "costs/claims": 1500},
		promise.ByCarrier:  {"producer/local/farm/owed": -3800, "producer/outside/works/owed": -1800, "commission/earned": -200, "carrier/sf/owed": 1500},
	} {
		t.Run(string(borne), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				paid(t, d, mixed("o1"))
				r := promise.PartRefund{Refund: "r1", Order: "o1", Shares: part, Freight: 200, Borne: borne, Carrier: "sf"}
				for range 2 { // told twice, booked once
					must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.OrderPartRefunded(ctx, tx, r) }))
				}
				want["channel/wechat/clearing"], want["trade/margin/local"] = 6500, -200
				want["freight/earned"], want["refund/buyers/due"] = -300, -1700
				same(t, balances(t, d), want)
				must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
					return promise.RefundDone(ctx, tx, "r1", "o1", 1700, "wechat")
				}))
				if b := balances(t, d); b["refund/buyers/due"] != 0 || b["channel/wechat/clearing"] != 4800 {
					t.Error(b)
				}
			})
		})
	}
}

// TestPartsOfAShareAddUp takes a share back in random parts: nothing is lost
// or made by rounding, and every part is itself a share.
func TestPartsOfAShareAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := drawSale(rt).Shares[0]
		goods := money.Fen(rapid.Int64Range(1, int64(x.Goods)).Draw(rt, "part"))
		p, err := x.Part(goods)
		if err != nil || p.Goods != goods || p.Owed+p.Commission+p.Margin != goods || p.Owed < 0 || p.Owed > x.Owed || p.Commission < 0 || p.Commission > x.Commission {
			rt.Fatalf("%+v of %+v: %v", p, x, err)
		}
		if whole, err := x.Part(x.Goods); err != nil || whole != x {
			rt.Fatalf("the whole is %+v, not %+v (%v)", whole, x, err)
		}
		if _, err := x.Part(x.Goods + 1); err == nil {
			rt.Fatal("more than the share was taken back")
		}
	})
}

func TestChannelsAndQuarantine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		paid(t, d, mixed("o1"))
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(
				promise.Quarantined(ctx, tx, "c1", 700, "wechat"), promise.QuarantineReturned(ctx, tx, "c1", 700, "wechat"),
				promise.Quarantined(ctx, tx, "c2", 50, "wechat"),
				promise.ProviderFee(ctx, tx, "bill/1", 39, "wechat"), promise.ProviderFee(ctx, tx, "bill/2", -9, "wechat"),
				promise.ChannelPaidOut(ctx, tx, "2026-01-02", 6000, "wechat"))
		}))
		b := balances(t, d)
		if b["bank/main"] != 6000 || b["costs/provider-fee"] != 30 || b["quarantine/held"] != -50 || b["channel/wechat/clearing"] != 6500+50-30-6000 {
			t.Error(b)
		}
		err := up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.QuarantineReturned(ctx, tx, "c3", 51, "wechat")
		})
		if !errors.Is(err, ledger.ErrLimit) {
			t.Errorf("more went back than was held: %v", err)
		}
	})
}

func TestPayoutsNeverPassWhatIsOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		paid(t, d, mixed("o1"))
		farm, works := promise.Payee{Kind: "producer", ID: "farm", Local: true}, promise.Payee{Kind: "producer", ID: "works"}
		pay := func(ref string, to promise.Payee, fen, tax money.Fen, from string) error {
			return up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.PaidOut(ctx, tx, ref, to, fen, tax, from) })
		}
		must(t, pay("1", farm, 3000, 0, "bank"))
		must(t, pay("1", farm, 3000, 0, "bank")) // told again
		must(t, pay("2", works, 1800, 0, "wechat"))
		if err := pay("3", farm, 801, 0, "bank"); !fault.HasKey(err, "promise.overpaid") {
			t.Errorf("overpaid: %v", err)
		}
		if err := pay("3", farm, 800, 8, "bank"); !fault.HasKey(err, "promise.no_commission") {
			t.Errorf("tax of a farmer: %v", err)
		}
		if _, err := promise.Owed(t.Context(), d, promise.Payee{Kind: "king", ID: "x"}); err == nil {
			t.Error("a king was paid")
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.PayoutReversed(ctx, tx, "1", farm, 3000, 0, "bank")
		}))
		must(t, pay("4", farm, 3800, 0, "bank"))
		if left, err := promise.Owed(t.Context(), d, farm); left != 0 || err != nil {
			t.Error(left, err)
		}
	})
}

func TestAHeldPayoutIsPromisedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		paid(t, d, mixed("o1")) // the farm is owed 38.00
		farm := promise.Payee{Kind: "producer", ID: "farm", Local: true}
		hold := func(ref string, fen money.Fen) error {
			return up(t, d, func(ctx context.Context, tx *db.Tx) error {
				return promise.PayoutHeld(ctx, tx, ref, farm, fen, 0, "bank")
			})
		}
		for range 2 {
			must(t, hold("1", 3000))
		}
		if err := hold("2", 801); !fault.HasKey(err, "promise.overpaid") {
			t.Errorf("promised twice: %v", err)
		}
		must(t, hold("2", 800))
		if b := balances(t, d); b["producer/local/farm/paid"] != 0 || b["bank/main"] != 0 {
			t.Error("what is pending is booked", b)
		}
		for range 2 {
			must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
				return promise.PaidOut(ctx, tx, "1", farm, 3000, 0, "bank")
			}))
			must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.PayoutLetGo(ctx, tx, "2") }))
		}
		if b := balances(t, d); b["producer/local/farm/paid"] != 3000 || b["bank/main"] != -3000 {
			t.Error(b)
		}
		must(t, hold("3", 800)) // free again
		if err := up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.PaidOut(ctx, tx, "3", farm, 799, 0, "bank") }); !errors.Is(err, ledger.ErrRef) {
			t.Errorf("another amount than was held: %v", err)
		}
		err := up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.PayoutHeld(ctx, tx, "4", promise.Payee{Kind: "host", ID: "h", Official: true}, 1, 0, "bank")
		})
		if !fault.HasKey(err, "promise.official_host") {
			t.Errorf("an official host's payout is pending: %v", err)
		}
	})
}

func TestHostsPay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		paid(t, d, mixed("o1")) // 2.00 yuan commission
		host, agency := promise.Payee{Kind: "host", ID: "h1"}, promise.Payee{Kind: "agency", ID: "a1"}
		earn := func(ref string, h promise.Payee, fen, part money.Fen, from string) error {
			return up(t, d, func(ctx context.Context, tx *db.Tx) error {
				return promise.HostEarned(ctx, tx, ref, h, fen, agency, part, from)
			})
		}
		if err := earn("1", host, 90, 10, promise.FromCommission); !fault.HasKey(err, "promise.no_consent") {
			t.Errorf("no consent: %v", err)
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.GiveConsent(ctx, tx, actor.Actor{User: "h1", Roles: []actor.Role{actor.Host}}, "a1", 1000)
		}))
		must(t, earn("1", host, 90, 10, promise.FromCommission))
		if err := earn("2", host, 89, 11, promise.FromCommission); !fault.HasKey(err, "promise.no_consent") {
			t.Errorf("more than agreed: %v", err)
		}
		if err := earn("2", host, 101, 0, promise.FromCommission); !fault.HasKey(err, "promise.share_exceeds_commission") {
			t.Errorf("more than outside sellers paid: %v", err)
		}
		must(t, earn("2", host, 101, 0, promise.FromWages))
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(promise.PaidOut(ctx, tx, "p1", host, 191, 38, "bank"), promise.TaxPaid(ctx, tx, "t1", 38))
		}))
		b := balances(t, d)
		if b["host/h1/owed"]+b["host/h1/paid"] != 0 || b["tax/withheld"] != 0 || b["agency/a1/owed"] != -10 || b["bank/main"] != -191 {
			t.Error(b)
		}
	})
}

func TestOfficialHostEarnsNothingAnywhere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		paid(t, d, mixed("o1"))
		admin := actor.Actor{User: "admin", Roles: []actor.Role{actor.Admin}}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := promise.HostEarned(ctx, tx, "before", promise.Payee{Kind: "host", ID: "star"}, 50, promise.Payee{}, 0, promise.FromWages); err != nil {
				return err
			}
			return promise.SetOfficial(ctx, tx, admin, "star", true, "party secretary")
		}))
		// Whatever the caller says of the host, and by whatever way.
		for name, fn := range map[string]func(ctx context.Context, tx *db.Tx) error{
			"wage": func(ctx context.Context, tx *db.Tx) error {
				return promise.HostEarned(ctx, tx, "1", promise.Payee{Kind: "host", ID: "star"}, 50, promise.Payee{}, 0, promise.FromWages)
			},
			"share": func(ctx context.Context, tx *db.Tx) error {
				return promise.HostEarned(ctx, tx, "1", promise.Payee{Kind: "host", ID: "star"}, 50, promise.Payee{}, 0, promise.FromCommission)
			},
			"said to be one": func(ctx context.Context, tx *db.Tx) error {
				return promise.HostEarned(ctx, tx, "1", promise.Payee{Kind: "host", ID: "other", Official: true}, 50, promise.Payee{}, 0, promise.FromWages)
			},
			"payout": func(ctx context.Context, tx *db.Tx) error {
				return promise.PaidOut(ctx, tx, "1", promise.Payee{Kind: "host", ID: "star"}, 50, 0, "bank")
			},
			"behind an agency": func(ctx context.Context, tx *db.Tx) error {
				if err := promise.GiveConsent(ctx, tx, actor.Actor{User: "star", Roles: []actor.Role{actor.Host}}, "a1", 10000); err != nil {
					return err
				}
				return promise.HostEarned(ctx, tx, "1", promise.Payee{Kind: "host", ID: "star"}, 0, promise.Payee{Kind: "agency", ID: "a1"}, 50, promise.FromWages)
			},
		} {
			if err := up(t, d, fn); !fault.HasKey(err, "promise.official_host") {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestGiftsAndFunds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		fin, other := actor.Actor{User: "f", Roles: []actor.Role{actor.Finance}}, actor.Actor{User: "g", Roles: []actor.Role{actor.Finance}}
		var agreement id.Agreement
		today := clock.DayOf(d.Clock.Now())
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
			if err = promise.GiftReceived(ctx, tx, "g1", 1000, "wechat"); err != nil {
				return err
			}
			if err = promise.GiftReceived(ctx, tx, "g2", 500, "wechat"); err != nil {
				return err
			}
			agreement, err = promise.DraftAgreement(ctx, tx, fin, promise.Agreement{Recipient: "School", Purpose: "books", Starts: today, Ends: today.Add(30)})
			return err
		}))
		give := func(n string, a id.Agreement, fen money.Fen) error {
			return up(t, d, func(ctx context.Context, tx *db.Tx) error {
				return promise.FundPaid(ctx, tx, promise.Charity, n, "School", string(a), fen)
			})
		}
		if err := give("d1", agreement, 100); !fault.HasKey(err, "promise.no_agreement") {
			t.Errorf("unsigned: %v", err)
		}
		if err := up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.SignAgreement(ctx, tx, fin, agreement) }); !fault.HasKey(err, "promise.two_signers") {
			t.Errorf("signed by the drafter: %v", err)
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.SignAgreement(ctx, tx, other, agreement) }))
		must(t, give("d1", agreement, 900))
		if err := give("d2", agreement, 601); !fault.HasKey(err, "promise.fund_empty") {
			t.Errorf("overdrawn: %v", err)
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.GiftRefunded(ctx, tx, "g2", 500) }))
		must(t, give("d2", agreement, 100))
		must(t, give("d2", agreement, 100)) // told again, though the fund is empty now
		same(t, balances(t, d), map[string]money.Fen{"channel/wechat/clearing": 1500, "gift/received": -1000, "gift/passed": 1000, "refund/buyers/due": -500,
			"bank/main": -1000, "charity/given": -1000, "charity/paid/" + string(agreement): 1000})
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.EndAgreement(ctx, tx, fin, agreement) }))
		if err := give("d3", agreement, 1); !fault.HasKey(err, "promise.no_agreement") && !fault.HasKey(err, "promise.fund_empty") {
			t.Errorf("ended: %v", err)
		}
		_, err := d.Exec(t.Context(), `UPDATE donation_agreement SET purpose = 'mine'`)
		if !db.IsRefused(err) {
			t.Errorf("a signed agreement was changed: %v", err)
		}
	})
}

func TestOnlyProfitGrows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		paid(t, d, mixed("o1")) // 2.00 commission, 2.00 margin, 5.00 freight
		raise := func(ref string, fen money.Fen) error {
			return up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.ToGrowth(ctx, tx, ref, fen) })
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(promise.CostPaid(ctx, tx, "c1", "packing", 300, "boxes"), promise.ServiceEarned(ctx, tx, "s1", 100, "design"), promise.GiftReceived(ctx, tx, "g", 9999, "wechat"))
		}))
		if p, err := promise.Profit(t.Context(), d); p != 700 || err != nil {
			t.Errorf("profit %s, %v", p, err)
		}
		must(t, raise("2026-01", 600))
		must(t, raise("2026-01", 600))
		if err := raise("2026-02", 101); !fault.HasKey(err, "promise.profit_exceeded") {
			t.Errorf("more than the profit: %v", err)
		}
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.FundPaid(ctx, tx, promise.Growth, "d1", "cold-store", "", 600)
		}))
		if err := up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.CostPaid(ctx, tx, "c2", "rent", 1, "") }); !fault.HasKey(err, "promise.rent_is_given") {
			t.Errorf("rent: %v", err)
		}
	})
}
