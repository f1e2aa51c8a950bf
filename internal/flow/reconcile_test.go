package flow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/payment"
	"lindu.example/lindu/internal/recon"
)

// billed is a provider whose bills the test writes.
type billed struct {
	payment.Gateway
	bills map[clock.Day][]payment.BillRow
}

func (g *billed) Bill(_ context.Context, day clock.Day) ([]payment.BillRow, error) {
	rows, ok := g.bills[day]
	if !ok {
		return nil, payment.ErrNoBill
	}
	return rows, nil
}

// billOf is the row the provider has of a payment that came.
func billOf(p payment.Payment, fee money.Fen) payment.BillRow {
	return payment.BillRow{Kind: payment.BillPay, Ours: string(p.ID), Ref: "SBX-" + string(p.ID), Amount: p.Amount, Fee: fee, At: p.PaidAt}
}

// differs lists what is open, as kind and object.
func (b *till) differs() (out []recon.Difference) {
	b.Helper()
	out, err := recon.Differences(b.Context(), b.DB, false)
	if err != nil {
		b.Fatal(err)
	}
	return out
}

func (b *till) wantDiffers(want ...string) []recon.Difference {
	b.Helper()
	var got []string
	list := b.differs()
	for _, d := range list {
		got = append(got, d.Object+" "+string(d.Kind))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		b.Fatalf("differences %v, want %v", got, want)
	}
	return list
}

// got pays an order of units by a callback.
func (b *till) got(units int64) payment.Payment {
	b.Helper()
	who, o := b.order(units)
	p := b.start(who, o)
	b.tell(b.event(p), nil)
	p, err := payment.ByID(b.Context(), b.DB, p.ID)
	if err != nil || p.State != payment.StatePaid {
		b.Fatal(p.State, err)
	}
	return p
}

func (b *till) reconcile() int {
	b.Helper()
	n, err := b.Reconcile(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func eachBilled(t *testing.T, fn func(b *till, g *billed)) {
	eachTill(t, func(b *till) {
		g := &billed{Gateway: b.Gateways["sandbox"], bills: map[clock.Day][]payment.BillRow{}}
		b.Gateways["sandbox"] = g
		fn(b, g)
	})
}

func TestEveryKindOfDifferenceIsFoundAndSettled(t *testing.T) {
	eachBilled(t, func(b *till, g *billed) {
		day := clock.DayOf(b.now.Now())
		fits, other, missing := b.got(1), b.got(1), b.got(1)
		wrong := billOf(other, 0)
		wrong.Amount--
		double := billOf(fits, 0)
		double.Ref = "SBX-second"
		stranger := payment.BillRow{Kind: payment.BillPay, Ours: string(id.New[id.Payment]()), Ref: "SBX-x", Amount: 700, At: b.now.Now()}
		g.bills[day] = []payment.BillRow{billOf(fits, 18), wrong, double, stranger,
			{Kind: payment.BillRefund, Ours: string(id.New[id.Refund]()), Ref: "R-x", Amount: 300, At: b.now.Now()}}
		if n := b.reconcile(); n != 0 {
			b.Fatalf("%d days done before the day was over", n)
		}
		b.now.Add(aDay)
		if n := b.reconcile(); n != 1 {
			b.Fatalf("%d days done", n)
		}
		// The bill of the next day may still name what moved at midnight.
		b.wantDiffers("pay amount", "pay double", "pay missing_here", "refund missing_here", "fee fee")
		g.bills[day.Add(1)] = nil
		b.now.Add(aDay)
		b.reconcile()
		list := b.wantDiffers("pay amount", "pay double", "pay missing_here", "refund missing_here", "fee fee", "pay missing_there")
		if list[5].Ours != string(missing.ID) || list[5].OursFen != missing.Amount || list[5].Order != missing.Order {
			b.Errorf("%+v", list[5])
		}
		if n, err := recon.CountOpen(b.Context(), b.DB); n != 6 || err != nil {
			b.Errorf("%d open, %v", n, err)
		}
		finance := b.Person(actor.Finance)
		settle := func(d recon.Difference, how, note string) error {
			return b.SettleDifference(b.Context(), finance, d.ID, how, note)
		}
		b.wantKey(settle(list[0], recon.FeeBooked, "no"), "recon.how")
		b.wantKey(settle(list[0], recon.Quarantine, "no"), "recon.how")
		b.wantKey(settle(list[4], recon.Noted, "no"), "recon.how")
		b.wantKey(settle(list[0], recon.Noted, " "), "fault.required")
		b.wantKey(b.SettleDifference(b.Context(), b.Person(actor.Moderator), list[0].ID, recon.Noted, "so"), "fault.denied")
		for i, how := range []string{recon.Noted, recon.Quarantine, recon.Quarantine, recon.Noted, recon.FeeBooked, recon.Noted} {
			if err := settle(list[i], how, "seen with the provider"); err != nil {
				b.Fatal(i, err)
			}
			b.wantKey(settle(list[i], how, "again"), "recon.settled")
		}
		b.balance("costs/provider-fee", 18)
		b.balance("quarantine/held", -(fits.Amount + 700))
		q, err := payment.Quarantine(b.Context(), b.DB)
		if err != nil || len(q) != 2 {
			b.Errorf("%+v %v", q, err)
		}
		// Doing it all again finds nothing new and books nothing twice.
		for _, d := range []clock.Day{day, day.Add(1), day} {
			if err := b.ReconcileDay(b.Context(), finance, "sandbox", d); err != nil {
				b.Fatal(err)
			}
		}
		b.wantDiffers()
		b.balance("costs/provider-fee", 18)
	})
}

func TestALateRowAndALateCallbackMakeADifferenceGoAway(t *testing.T) {
	eachBilled(t, func(b *till, g *billed) {
		day := clock.DayOf(b.now.Now())
		slow := b.got(1)
		who, o := b.order(1)
		untold := b.start(who, o)
		g.bills[day] = []payment.BillRow{{Kind: payment.BillPay, Ours: string(untold.ID), Ref: "SBX-" + string(untold.ID), Amount: untold.Amount, At: b.now.Now()}}
		g.bills[day.Add(1)] = nil
		b.now.Add(2 * aDay)
		b.reconcile()
		b.wantDiffers("pay missing_here", "pay missing_there")
		// The callback comes after all, and the bill of a later day names the other.
		b.tell(b.event(untold), nil)
		g.bills[day.Add(2)] = []payment.BillRow{billOf(slow, 0)}
		b.now.Add(aDay)
		b.reconcile()
		b.wantDiffers()
		all, err := recon.Differences(b.Context(), b.DB, true)
		if err != nil || len(all) != 2 || all[0].State != recon.Gone || all[1].State != recon.Gone {
			b.Errorf("%+v %v", all, err)
		}
	})
}

func TestABillThatIsNotThereYetIsAskedForAgain(t *testing.T) {
	eachBilled(t, func(b *till, g *billed) {
		day := clock.DayOf(b.now.Now())
		p := b.got(1)
		b.now.Add(aDay)
		for range 3 {
			if n := b.reconcile(); n != 0 {
				b.Fatal(n)
			}
		}
		bill, ok, err := recon.BillOf(b.Context(), b.DB, "sandbox", day)
		if err != nil || !ok || bill.State != recon.Waiting || bill.Tries != 1 || bill.Problem != "recon.no_bill" {
			b.Fatalf("%+v %v %v: asked again at once", bill, ok, err)
		}
		b.wantKey(b.ReconcileDay(b.Context(), b.Person(actor.Finance), "sandbox", day), "recon.no_bill")
		g.bills[day] = []payment.BillRow{billOf(p, 0)}
		b.now.Add(time.Hour)
		if n := b.reconcile(); n != 1 {
			b.Error(n)
		}
		b.wantDiffers()
		finance := b.Person(actor.Finance)
		b.wantKey(b.ReconcileDay(b.Context(), finance, "sandbox", day.Add(1)), "recon.day")
		b.wantKey(b.ReconcileDay(b.Context(), finance, "none", day), "payment.unknown_gateway")
		b.wantKey(b.ReconcileDay(b.Context(), b.Person(actor.Overseer), "sandbox", day), "fault.denied")
	})
}

// The provider's own bill, with a payment, a refund and money in quarantine.
func TestTheSandboxsBillAgrees(t *testing.T) {
	eachTill(t, func(b *till) {
		b.paid(2)
		who, o := b.paid(1)
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		if n, err := b.SendRefunds(b.Context()); n != 1 || err != nil {
			b.Fatal(n, err)
		}
		b.now.Add(2 * aDay)
		if n := b.reconcile(); n != 2 {
			b.Fatalf("%d days", n)
		}
		for _, d := range b.differs() {
			if d.Kind != recon.FeeKept {
				b.Errorf("%+v", d)
			}
		}
		bills, err := recon.Bills(b.Context(), b.DB, 0, 99999999)
		if err != nil || len(bills) != 2 || bills[1].Rows != 3 || bills[1].Back != o.Total {
			b.Errorf("%+v %v", bills, err)
		}
	})
}

func TestTransfersAreReconciledByHand(t *testing.T) {
	eachTill(t, func(b *till) {
		finance := b.Person(actor.Finance)
		day := clock.DayOf(b.now.Now())
		transfer := func() (actor.Actor, string, money.Fen) {
			who, o := b.order(1)
			if _, err := b.ConfirmOffline(b.Context(), finance, o.ID, o.Total, "bank"); err != nil {
				b.Fatal(err)
			}
			return who, o.No, o.Total
		}
		_, fits, total := transfer()
		_, never, _ := transfer()
		who, back, _ := transfer()
		o, err := b.Flow.ReadOrder(b.Context(), who, b.orderNo(back))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		rs, err := payment.Refunds(b.Context(), b.DB, o.ID)
		if err != nil {
			b.Fatal(err)
		}
		if err := b.ConfirmRefund(b.Context(), finance, rs[0].ID, "bank"); err != nil {
			b.Fatal(err)
		}
		_, err = b.EnterTransfers(b.Context(), finance, day, fits+" 1 B1")
		b.wantKey(err, "recon.day") // not over
		b.now.Add(3 * aDay)
		for _, bad := range []string{"hello", fits + " x B1", fits + " 0 B1", "20261122000000000009 5 B1", fits + " 5"} {
			if _, err := b.EnterTransfers(b.Context(), finance, day, bad); err == nil {
				b.Errorf("%q was taken", bad)
			}
		}
		_, err = b.EnterTransfers(b.Context(), finance, day, strings.Repeat(fits+" 5 B\n", 201))
		b.wantKey(err, "recon.lines")
		text := fmt.Sprintf("%s %s B1\n%s,%s,B2\n%s\t-%s\tB3\n", fits, total, back, total, back, total)
		for range 2 { // entered twice
			if n, err := b.EnterTransfers(b.Context(), finance, day, text); n != 3 || err != nil {
				b.Fatal(n, err)
			}
		}
		if _, err := b.EnterTransfers(b.Context(), finance, day.Add(1), ""); err != nil {
			b.Fatal(err)
		}
		d := b.wantDiffers("pay missing_there")
		if x := b.orderNo(never); d[0].Order != x {
			b.Errorf("%+v", d[0])
		}
	})
}

func (b *till) orderNo(no string) (o id.Order) {
	b.Helper()
	if err := b.DB.QueryRow(b.Context(), `SELECT id FROM sale_order WHERE no = $1`, no).Scan(&o); err != nil {
		b.Fatal(err)
	}
	return o
}
