package promise_test

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
)

func up(t testing.TB, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) error {
	t.Helper()
	return d.Update(context.Background(), func(tx *db.Tx) error { return fn(context.Background(), tx) })
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func balances(t testing.TB, d *db.DB) map[string]money.Fen {
	t.Helper()
	all, err := ledger.Balances(context.Background(), d, "")
	must(t, err)
	for p, f := range all {
		if f == 0 {
			delete(all, p)
		}
	}
	return all
}

func same(t testing.TB, got, want map[string]money.Fen) {
	t.Helper()
	for p, f := range want {
		if got[p] != f {
			t.Errorf("%s is %s, want %s", p, got[p], f)
		}
	}
	for p, f := range got {
		if _, ok := want[p]; !ok {
			t.Errorf("%s is %s, want nothing", p, f)
		}
	}
}

func mixed(o id.Order) promise.Sale {
	return promise.Sale{Order: o, Freight: 500, Shares: []promise.Share{
		{Producer: "farm", Local: true, Goods: 3000, Owed: 3000},
		{Producer: "farm", Local: true, Goods: 1000, Owed: 800, Margin: 200, Agreed: true},
		{Producer: "works", Goods: 2000, Commission: 200, Owed: 1800},
	}}
}

func TestSaleFromOrderToPayment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := mixed("o1")
		for range 2 { // told twice, booked once
			must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
				return promise.OrdersPlaced(ctx, tx, "together", s)
			}))
		}
		same(t, balances(t, d), map[string]money.Fen{
			"buyers/receivable": 6500, "producer/local/farm/pending": -3800, "trade/pending/local": -200,
			"producer/outside/works/pending": -1800, "commission/pending": -200, "freight/pending": -500,
		})
		if m, err := promise.Money(ctx, d, "farm", true); err != nil || m != (promise.ProducerMoney{Pending: 3800}) {
			t.Error(m, err)
		}
		for range 2 {
			must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.OrderPaid(ctx, tx, s, "sandbox") }))
		}
		same(t, balances(t, d), map[string]money.Fen{
			"channel/sandbox/clearing": 6500, "producer/local/farm/owed": -3800, "trade/margin/local": -200,
			"producer/outside/works/owed": -1800, "commission/earned": -200, "freight/earned": -500,
		})
		if m, err := promise.Money(ctx, d, "farm", true); err != nil || m != (promise.ProducerMoney{Owed: 3800}) {
			t.Error(m, err)
		}
		es, err := promise.Earned(ctx, d, "farm", true, 10)
		if err != nil || len(es) != 1 || es[0].Fen != 3800 || es[0].Ref != "order/o1/paid/farm" {
			t.Error(es, err)
		}
		if since, err := promise.Since(ctx, d); err != nil || since.IsZero() || since.After(d.Clock.Now()) {
			t.Error(since, err)
		}
		tot, err := promise.ReadTotals(ctx, d)
		if err != nil || tot != (promise.Totals{LocalGoods: 4000, LocalMargin: 200, LocalProducers: 1, Margin: 200, Commission: 200, Freight: 500}) {
			t.Errorf("%+v, %v", tot, err)
		}
	})
}

func TestRefundAndLatePayment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := mixed("o1")
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := promise.OrdersPlaced(ctx, tx, id.New[id.Placing](), s, mixed("o2")); err != nil {
				return err
			}
			if err := promise.OrderPaid(ctx, tx, s, "sandbox"); err != nil {
				return err
			}
			if err := promise.OrderClosed(ctx, tx, mixed("o2")); err != nil {
				return err
			}
			return promise.LatePaid(ctx, tx, "o2", "p2", 6500, "sandbox")
		}))
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error { return promise.OrderRefunded(ctx, tx, s) }))
		same(t, balances(t, d), map[string]money.Fen{"channel/sandbox/clearing": 13000, "refund/buyers/due": -13000})
		must(t, up(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := promise.RefundDone(ctx, tx, "r1", "o1", 6500, "sandbox"); err != nil {
				return err
			}
			return promise.RefundDone(ctx, tx, "r2", "o2", 6500, "sandbox")
		}))
		same(t, balances(t, d), map[string]money.Fen{})
		err := up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.RefundDone(ctx, tx, "r3", "o2", 1, "sandbox")
		})
		if err == nil {
			t.Error("more was refunded than was due")
		}
	})
}

func TestCheatsLeaveNoTrace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, s := range map[string]promise.Sale{
			"commission of a farmer":       {Order: "o", Shares: []promise.Share{{Producer: "f", Local: true, Goods: 100, Commission: 10, Owed: 90}}},
			"margin without agreed price":  {Order: "o", Shares: []promise.Share{{Producer: "f", Local: true, Goods: 100, Owed: 90, Margin: 10}}},
			"farmer gets nothing":          {Order: "o", Shares: []promise.Share{{Producer: "f", Local: true, Goods: 100, Margin: 100, Agreed: true}}},
			"farmer said to be outside":    {Order: "o", Shares: []promise.Share{{Producer: "f", Goods: 100, Commission: 10, Owed: 90}, {Producer: "f", Local: true, Goods: 100, Owed: 100}}},
			"shares that do not add up":    {Order: "o", Shares: []promise.Share{{Producer: "f", Local: true, Goods: 100, Owed: 90}}},
			"negative commission":          {Order: "o", Shares: []promise.Share{{Producer: "f", Goods: 100, Commission: -10, Owed: 110}}},
			"producer with a path in it":   {Order: "o", Shares: []promise.Share{{Producer: "f/x", Local: true, Goods: 100, Owed: 100}}},
			"no shares":                    {Order: "o", Freight: 5},
			"negative freight":             {Order: "o", Freight: -5, Shares: []promise.Share{{Producer: "f", Goods: 100, Owed: 100}}},
			"a good sale beside a bad one": {Order: "o", Shares: []promise.Share{{Producer: "ok", Local: true, Goods: 9, Owed: 9}, {Producer: "f", Local: true, Goods: 100, Commission: 1, Owed: 99}}},
		} {
			err := up(t, d, func(ctx context.Context, tx *db.Tx) error {
				return promise.OrdersPlaced(ctx, tx, id.New[id.Placing](), mixed("good"), s)
			})
			if err == nil {
				t.Errorf("%s was booked", name)
			}
		}
		err := up(t, d, func(ctx context.Context, tx *db.Tx) error {
			return promise.OrdersPlaced(ctx, tx, id.New[id.Placing](), promise.Sale{Order: "o", Shares: []promise.Share{{Producer: "f", Local: true, Goods: 100, Commission: 1, Owed: 99}}})
		})
		if !fault.HasKey(err, "promise.no_commission") || !fault.Is(err, fault.Denied) {
			t.Errorf("commission: %v", err)
		}
		same(t, balances(t, d), map[string]money.Fen{})
	})
}

// TestLivesOfSales books random sales through random lives; in the end the
// accounts hold just what the paid ones are worth.
func TestLivesOfSales(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var local, commission, freight, receivable, margin, localMargin money.Fen
		rapid.Check(t, func(rt *rapid.T) {
			s := drawSale(rt)
			life := rapid.SampledFrom([]string{"placed", "closed", "paid", "refunded"}).Draw(rt, "life")
			err := up(t, d, func(ctx context.Context, tx *db.Tx) error {
				err := promise.OrdersPlaced(ctx, tx, id.New[id.Placing](), s)
				if err == nil && life == "closed" {
					err = promise.OrderClosed(ctx, tx, s)
				}
				if err == nil && (life == "paid" || life == "refunded") {
					err = promise.OrderPaid(ctx, tx, s, "sandbox")
				}
				if err == nil && life == "refunded" {
					err = promise.OrderRefunded(ctx, tx, s)
				}
				return err
			})
			if err != nil {
				rt.Fatal(err)
			}
			switch life {
			case "placed":
				receivable += s.Total()
			case "paid":
				freight += s.Freight
				for _, x := range s.Shares {
					commission += x.Commission
					margin += x.Margin
					if x.Local {
						local += x.Goods
						localMargin += x.Margin
					}
				}
			}
			tot, err := promise.ReadTotals(context.Background(), d)
			tot.LocalProducers = 0 // counted in TestSaleFromOrderToPayment
			if err != nil || tot != (promise.Totals{LocalGoods: local, LocalMargin: localMargin, Margin: margin, Commission: commission, Freight: freight}) {
				rt.Fatalf("%+v, %v; want %s local, %s commission, %s freight", tot, err, local, commission, freight)
			}
			if b, err := ledger.Balance(context.Background(), d, "buyers/receivable"); err != nil || b != receivable {
				rt.Fatalf("receivable %s, want %s (%v)", b, receivable, err)
			}
		})
	})
}
