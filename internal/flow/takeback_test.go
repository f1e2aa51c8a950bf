package flow_test

import (
	"context"
	"sync"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// sheets of a payee, the newest first.
func (b *office) sheets(kind, payee string) []statement.Statement {
	b.Helper()
	list, err := statement.List(b.Context(), b.DB, statement.Filter{Payee: statement.Payee{Kind: kind, ID: payee}})
	b.must(err)
	return list
}

// earned enters pay and gives it back as it is kept.
func (b *office) earned(e statement.Earning) statement.Earning {
	b.Helper()
	b.must(b.HostPay(b.Context(), b.one, e))
	list, err := statement.Earnings(b.Context(), b.DB)
	b.must(err)
	for _, x := range list {
		if x.Key == e.Key {
			return x
		}
	}
	b.Fatal("not kept")
	return e
}

// agency that a host agrees to with a fifth of the pay.
func (b *office) agency(host actor.Actor) (ag id.Agency) {
	b.Helper()
	b.Do(func(tx *db.Tx) (err error) {
		if ag, err = statement.SaveAgency(context.Background(), tx, b.one, statement.AgencyOf{Name: "Stars", LicenceNo: "91230000MA1AGENCY1"}); err != nil {
			return err
		}
		return promise.GiveConsent(context.Background(), tx, host, ag, 2000)
	})
	return ag
}

// paidOut signs a sheet and pays it.
func (b *office) paidOut(s statement.Statement) {
	b.Helper()
	b.signed(s.ID)
	bid, err := b.MakePayouts(b.Context(), b.one, "")
	b.must(err)
	b.must(b.ReleaseBatch(b.Context(), b.two, bid))
	b.must(b.BatchPaid(b.Context(), b.one, bid, "BK"+string(s.ID[28:])))
}

// TestPayTakenBackBeforeItIsPaid: the line below zero lowers the next sheets of
// host and agency, once, by the amount at most.
func TestPayTakenBackBeforeItIsPaid(t *testing.T) {
	eachOffice(t, func(b *office) {
		host := b.Person(actor.Host)
		ag := b.agency(host)
		day := clock.DayOf(b.now.Now())
		e := b.earned(statement.Earning{Host: host.User, What: "Evening", Kind: promise.FromWages, Day: day, HostFen: 10_001, Agency: ag, Key: "k1"})
		b.earned(statement.Earning{Host: host.User, What: "Morning", Kind: promise.FromWages, Day: day, HostFen: 5_000, Key: "k2"})

		back := func(who actor.Actor, fen money.Fen, why string) error {
			return b.TakeBackPay(b.Context(), who, e.ID, fen, why)
		}
		for _, fen := range []money.Fen{10_002, 0, -1} {
			b.wantKey(back(b.one, fen, "typo"), "statement.back_more")
		}
		b.wantKey(back(b.one, 5, "  "), "fault.required")
		for _, who := range []actor.Actor{b.boss, b.service, host, {}} {
			if err := back(who, 5, "typo"); !fault.HasKey(err, "fault.denied") && !fault.HasKey(err, "fault.sign_in") {
				b.Errorf("%v took pay back: %v", who.Roles, err)
			}
		}
		b.wantKey(b.TakeBackPay(b.Context(), b.one, id.New[id.Earning](), 5, "typo"), "fault.not_found")

		var wg sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs { // the same, told at once
			wg.Go(func() { errs[i] = back(b.one, 4_001, "typo") })
		}
		wg.Wait()
		for _, err := range errs {
			b.must(err)
		}
		b.wantKey(back(b.two, 4_000, "typo"), "statement.back_done")
		// A fifth of 10 001 is 2000, and of 4001 in proportion 800.
		b.balance("host/"+string(host.User)+"/owed", -(8_001 - 3_201 + 5_000))
		b.balance("agency/"+string(ag)+"/owed", -(2_000 - 800))
		b.balance("costs/wages", 15_001-4_001)

		b.pass(20)
		if n := b.issue(); n != 2 {
			b.Fatalf("%d sheets", n)
		}
		s := b.sheets(statement.Host, string(host.User))[0]
		if s.Gross != 13_001 || s.Back != -3_201 || s.Pay != 9_800 || s.LineCount != 3 {
			b.Errorf("%+v", s)
		}
		lines := b.lines(s)
		if l := lines[len(lines)-1]; l.Kind != statement.Refund || l.Net != -3_201 || l.Reason != "typo" || l.What != "Evening" {
			b.Errorf("%+v", l)
		}
		if a := b.sheets(statement.Agency, string(ag))[0]; a.Back != -800 || a.Pay != 1_200 {
			b.Errorf("%+v", a)
		}
		b.account(s.Payee, "6222000011112222")
		b.paidOut(s)
		if owed, err := promise.Owed(b.Context(), b.DB, promise.Payee{Kind: "host", ID: string(host.User)}); err != nil || owed != 0 {
			b.Errorf("%s is owed still (%v)", owed, err)
		}
		b.pass(20)
		if n := b.issue(); n != 0 {
			b.Errorf("%d sheets of nothing", n)
		}
		trail, err := audit.List(b.Context(), b.DB, audit.Filter{Actor: b.one.User, Limit: 100})
		b.must(err)
		n := 0
		for _, x := range trail {
			if x.Action == "host.taken_back" {
				n++
			}
		}
		if n != 1 {
			b.Errorf("%d in the trail", n)
		}
		for _, q := range []string{`UPDATE host_earning_back SET host_fen = host_fen + 1`, `DELETE FROM host_earning_back`} {
			if err := b.DB.Update(b.Context(), func(tx *db.Tx) error { _, err := tx.Exec(b.Context(), q); return err }); err == nil {
				b.Errorf("%s went through", q)
			}
		}
	})
}

// TestPayTakenBackAfterItWasPaid: it is carried as a debt, also by a host who
// came to hold public office, and set off against what is earned later.
func TestPayTakenBackAfterItWasPaid(t *testing.T) {
	eachOffice(t, func(b *office) {
		host := b.Person(actor.Host)
		e := b.earned(statement.Earning{Host: host.User, What: "Evening", Kind: promise.FromWages, Day: clock.DayOf(b.now.Now()), HostFen: 10_000, Key: "k1"})
		b.pass(20)
		b.issue()
		first := b.sheets(statement.Host, string(host.User))[0]
		b.account(first.Payee, "6222000011112222")

		// Taken back while the money is on its way: the bank pays all the same.
		b.signed(first.ID)
		bid, err := b.MakePayouts(b.Context(), b.one, "")
		b.must(err)
		b.must(b.ReleaseBatch(b.Context(), b.two, bid))
		office := func(holds bool) {
			b.Do(func(tx *db.Tx) error {
				return promise.SetOfficial(context.Background(), tx, b.boss, host.User, holds, "mayor")
			})
		}
		office(true)
		b.must(b.TakeBackPay(b.Context(), b.one, e.ID, 10_000, "another host's show"))
		office(false)
		b.must(b.BatchPaid(b.Context(), b.one, bid, "BK1"))
		if owed, err := promise.Owed(b.Context(), b.DB, promise.Payee{Kind: "host", ID: string(host.User)}); err != nil || owed != -10_000 {
			b.Errorf("%s is owed (%v)", owed, err)
		}
		b.balance("costs/wages", 0)

		b.pass(20)
		if n := b.issue(); n != 1 {
			b.Fatalf("%d sheets", n)
		}
		debt := b.sheets(statement.Host, string(host.User))[0]
		if debt.Pay != 0 || debt.Carry != -10_000 || debt.Back != -10_000 || debt.LineCount != 1 {
			b.Errorf("%+v", debt)
		}
		b.signed(debt.ID)
		b.earned(statement.Earning{Host: host.User, What: "Later", Kind: promise.FromWages, Day: clock.DayOf(b.now.Now()), HostFen: 12_500, Key: "k2"})
		b.pass(20)
		b.issue()
		last := b.sheets(statement.Host, string(host.User))[0]
		if last.Carried != -10_000 || last.Pay != 2_500 || last.Carry != 0 {
			b.Errorf("%+v", last)
		}
		b.paidOut(last)
		if owed, err := promise.Owed(b.Context(), b.DB, promise.Payee{Kind: "host", ID: string(host.User)}); err != nil || owed != 0 {
			b.Errorf("%s is owed at the end (%v)", owed, err)
		}
	})
}

// TestCostsTakenBack: the line below zero counts on the day it is taken back,
// is parted as the cost would be, and the months still add up to the books.
func TestCostsTakenBack(t *testing.T) {
	eachOffice(t, func(b *office) {
		b.bought(2, 3)
		first := clock.DayOf(b.now.Now())
		kept := map[string]breakeven.Cost{}
		for i, k := range breakeven.Kinds {
			b.must(b.AddCost(b.Context(), b.one, breakeven.Cost{Kind: k, Day: first, Fen: money.Fen(1_000 + i), Memo: k, Key: k}))
		}
		all, err := breakeven.Between(b.Context(), b.DB, first, first)
		b.must(err)
		for _, c := range all {
			kept[c.Kind] = c
		}
		b.must(b.TakeBackCost(b.Context(), b.one, kept["packing"].ID, 400, "counted twice")) // in the month of a show
		b.pass(31)
		for _, c := range kept {
			fen := c.Fen
			switch c.Kind {
			case "packing":
				fen = 400
			case "freight":
				fen = 1
			}
			for range 2 {
				b.must(b.TakeBackCost(b.Context(), b.one, c.ID, fen, "entered twice"))
			}
			b.wantKey(b.TakeBackCost(b.Context(), b.one, c.ID, fen+1, "x"), map[bool]string{true: "breakeven.back_more", false: "breakeven.back_done"}[fen == c.Fen])
			b.wantKey(b.TakeBackCost(b.Context(), b.one, c.ID, c.Fen+1, "x"), "breakeven.back_more")
			b.wantKey(b.TakeBackCost(b.Context(), b.one, c.ID, fen, " "), "fault.required")
			b.wantKey(b.TakeBackCost(b.Context(), b.service, c.ID, fen, "x"), "fault.denied")
		}
		b.wantKey(b.TakeBackCost(b.Context(), b.one, id.New[id.Cost](), 5, "x"), "fault.not_found")
		b.balance("costs/packing", kept["packing"].Fen-400)
		b.balance("costs/freight", kept["freight"].Fen-1)
		b.balance("costs/wages", 0)
		b.balance("service/earned", 0)

		day := clock.DayOf(b.now.Now())
		was, err := b.ReadMonth(b.Context(), b.one, first)
		b.must(err)
		if was.All.Costs.Packing != kept["packing"].Fen-400 || was.All.Costs.Wages != kept["wages"].Fen {
			b.Errorf("%+v", was.All.Costs)
		}
		for _, s := range was.Shows { // one show has all orders: the negative part stands where the cost does
			if s.Orders > 0 && s.Costs.Packing != kept["packing"].Fen-400 {
				b.Errorf("%+v", s.Costs)
			}
		}
		_, year, err := b.ReadYear(b.Context(), b.one, day)
		b.must(err)
		profit, err := promise.Profit(b.Context(), b.DB)
		b.must(err)
		if day/10000 == first/10000 && year.Result() != profit {
			b.Errorf("the year gives %s, the books %s", year.Result(), profit)
		}
		if m, err := b.ReadMonth(b.Context(), b.one, day); err != nil || m.All.Costs.Wages != -kept["wages"].Fen {
			b.Errorf("%+v %v", m.All.Costs, err)
		}
	})
}
