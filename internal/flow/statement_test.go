package flow_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/breakeven"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// office is a counter with the people who sign.
type office struct {
	*counter
	one, two, boss actor.Actor
}

func eachOffice(t *testing.T, fn func(b *office)) {
	eachCounter(t, func(b *counter) {
		b.TransferFor = aDay
		keeps := func(n *lot.New) { n.BestBefore = 0 }
		berries := b.Product(price, func(p *catalog.Product) { p.Name = "Dried berries" })
		nuts := b.Product(dryPrice, func(p *catalog.Product) {
			p.Name, p.Category, p.ReturnRule, p.Settlement = "Hazelnuts", "nut", catalog.SevenDay, order.Split
		})
		b.Lot(berries, b.Farm, 1000, keeps)
		b.Lot(nuts, b.Works, 1000, keeps)
		b.item, b.dry = b.Item(berries, price), b.Item(nuts, dryPrice)
		fn(&office{counter: b, one: b.Person(actor.Finance), two: b.Person(actor.Finance), boss: b.Person(actor.Admin)})
	})
}

func (b *office) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// pass lets days go by and the clock do its work.
func (b *office) pass(days int) {
	b.Helper()
	b.now.Add(time.Duration(days) * aDay)
	_, err := b.AdvanceOrders(context.Background())
	b.must(err)
}

func (b *office) issue() int {
	b.Helper()
	n, err := b.IssueStatements(context.Background(), actor.System("clock"), statement.HalfMonth)
	b.must(err)
	return n
}

func (b *office) of(p id.Producer) []statement.Statement {
	b.Helper()
	list, err := statement.List(context.Background(), b.DB, statement.Filter{Payee: statement.Payee{Kind: statement.Producer, ID: string(p)}})
	b.must(err)
	return list
}

func (b *office) lines(s statement.Statement) []statement.Line {
	b.Helper()
	ls, err := statement.Lines(context.Background(), b.DB, s.ID, 0, 0)
	b.must(err)
	return ls
}

// signed takes a statement through its signatures.
func (b *office) signed(s id.Statement) {
	b.Helper()
	b.must(b.CheckStatement(b.Context(), b.one, s))
	b.must(b.ApproveStatement(b.Context(), b.two, s))
}

// account gives a payee a confirmed account.
func (b *office) account(p statement.Payee, number string) {
	b.Helper()
	b.Do(func(tx *db.Tx) error {
		a, err := statement.SetAccount(context.Background(), tx, b.Flow.Vault, b.one, statement.NewAccount{Payee: p, Holder: "Wang Xiulan", Bank: "Rural Bank", Number: number, Consent: "signed form"})
		if err != nil {
			return err
		}
		if err := statement.ConfirmAccount(context.Background(), tx, b.one, a); !fault.HasKey(err, "statement.two_people") {
			b.Errorf("confirmed by who entered it: %v", err)
		}
		return statement.ConfirmAccount(context.Background(), tx, b.two, a)
	})
}

// notYet is what is owed to a producer but not due before a day, reckoned
// order by order.
func (b *office) notYet(p id.Producer, from clock.Day) (f money.Fen) {
	b.Helper()
	list, err := order.List(context.Background(), b.DB, order.Filter{Producer: p, Limit: 1000})
	b.must(err)
	for _, o := range list {
		if o.PaidAt.IsZero() {
			continue
		}
		settled := o.DoneAt
		if o.State == order.Closed {
			settled = o.ClosedAt
		}
		due := !settled.IsZero() && settled.Before(from.Time())
		shares, err := order.Shares(context.Background(), b.DB, o.ID)
		b.must(err)
		for _, s := range shares {
			if s.Producer == p && !due {
				f += s.Owed
			}
		}
		parts, err := aftersale.PartsOf(context.Background(), b.DB, o.ID)
		b.must(err)
		for _, part := range parts {
			for _, s := range part.Shares {
				if s.Producer == p && (!due || !part.At.Before(from.Time())) {
					f -= s.Owed
				}
			}
		}
	}
	return f
}

// whole checks that what is stated and what is not yet due is what the books
// owe, for both producers.
func (b *office) whole(from clock.Day) {
	b.Helper()
	for _, p := range []struct {
		id    id.Producer
		local bool
	}{{b.Farm, true}, {b.Works, false}} {
		var stated money.Fen
		seen := map[string]bool{}
		for _, s := range b.of(p.id) {
			var sum money.Fen
			for _, l := range b.lines(s) {
				if seen[l.Source] {
					b.Errorf("%s stands twice", l.Source)
				}
				seen[l.Source] = true
				sum += l.Net
			}
			if sum != s.Net {
				b.Errorf("statement of %s: lines are %s, it says %s", s.To, sum, s.Net)
			}
			stated += sum
		}
		side := map[bool]string{true: "local", false: "outside"}[p.local]
		owed, err := ledger.Balance(context.Background(), b.DB, "producer/"+side+"/"+string(p.id)+"/owed")
		b.must(err)
		if not := b.notYet(p.id, from); stated+not != -owed {
			b.Errorf("%s is owed %s: stated %s and not yet due %s", side, -owed, stated, not)
		}
	}
}

// TestNothingIsStatedTwiceOrLost lets a season of sales, claims, refunds and
// statements happen in an order drawn by chance.
func TestNothingIsStatedTwiceOrLost(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	eachOffice(t, func(b *office) {
		r := rand.New(rand.NewPCG(seed, 1))
		type bought struct {
			who actor.Actor
			order.Order
		}
		var all []bought
		for range 90 {
			switch r.IntN(10) {
			case 0, 1, 2:
				nuts := r.Int64N(3)
				who, o := b.bought(r.Int64N(3)+1-min(nuts, 1), nuts)
				all = append(all, bought{who, o})
			case 3, 4:
				for _, o := range all {
					if b.read(o.Order).State == order.Paid && r.IntN(2) == 0 {
						b.received(o.who, o.Order)
					}
				}
			case 5, 6: // part of a line goes back, before or after the statement
				if len(all) == 0 {
					continue
				}
				o := all[r.IntN(len(all))]
				l := o.Lines[r.IntN(len(o.Lines))]
				c, err := b.ask(b.service, o.Order, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: l.ID, Share: r.Int64N(4000) + 1})
				if err != nil {
					continue // nothing left of it, or not received
				}
				d := flow.Decision{Bearer: aftersale.Bearers[r.IntN(3)]}
				if d.Bearer == aftersale.ByCarrier {
					d.Carrier = "shunfeng"
				}
				if _, err := b.RefundCase(b.Context(), b.service, c.ID, d); err != nil {
					b.Fatal(err)
				}
			case 7:
				if len(all) > 0 {
					o := all[r.IntN(len(all))]
					if x := b.read(o.Order); x.State == order.Paid {
						_, err := b.RefundOrder(b.Context(), b.service, o.ID, "cancelled")
						b.must(err)
					}
				}
			default:
				b.pass(1 + r.IntN(6))
				b.issue()
				_, to := statement.HalfMonth.Over(clock.DayOf(b.now.Now()))
				b.whole(to.Add(1))
			}
		}
		for range 3 { // everything comes to an end
			for _, o := range all {
				if b.read(o.Order).State == order.Paid {
					b.received(o.who, o.Order)
				}
			}
			b.pass(16)
			b.issue()
		}
		if n := b.notYet(b.Farm, clock.DayOf(b.now.Now())); n != 0 {
			b.Errorf("%s is still not due", n)
		}
		_, to := statement.HalfMonth.Over(clock.DayOf(b.now.Now()))
		b.whole(to.Add(1))
	})
}

func TestStatementFromIssueToMoneyAndBack(t *testing.T) {
	eachOffice(t, func(b *office) {
		who, o := b.bought(2, 1)
		_, late := b.bought(1, 0)
		b.received(who, o)
		c := b.asked(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: b.line(o, b.item).ID, Share: 1000})
		_, err := b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByProducer})
		b.must(err)
		if n := b.issue(); n != 0 {
			b.Fatalf("%d statements before the after-sale window closed", n)
		}
		b.pass(8)
		b.pass(16)
		if n := b.issue(); n != 2 {
			b.Fatalf("%d statements, want the farm's and the works'", n)
		}
		if n := b.issue(); n != 0 {
			b.Fatalf("%d more when told again", n)
		}
		s := b.of(b.Farm)[0]
		if s.Gross != 2*price || s.Back != -598 || s.Commission != 0 || s.Pay != 2*price-598 || s.PromiseNo != "P1" || s.LineCount != 2 {
			b.Errorf("%+v", s)
		}
		ls := b.lines(s)
		if ls[0].OrderNo != o.No || ls[0].Units != 2 || ls[0].Price != price || ls[0].Grade != "A" || ls[1].Net != -598 || ls[1].Reason != "quality" || ls[1].Bearer != "producer" {
			b.Errorf("%+v", ls)
		}
		if w := b.of(b.Works)[0]; w.Commission != 200 || w.Pay != dryPrice-200 || w.PromiseNo != "P5" {
			b.Errorf("%+v", w)
		}
		_, err = b.IssueStatement(b.Context(), b.one, s.Payee, s.From, s.To)
		b.wantKey(err, "statement.period_closed")
		_, err = b.IssueStatement(b.Context(), b.one, s.Payee, s.To.Add(-2), s.To)
		b.wantKey(err, "statement.period_closed")
		_, err = b.IssueStatement(b.Context(), b.one, s.Payee, s.To.Add(1), s.To.Add(40))
		b.wantKey(err, "statement.not_over")

		b.wantKey(b.ApproveStatement(b.Context(), b.two, s.ID), "statement.moved_on")
		b.must(b.CheckStatement(b.Context(), b.one, s.ID))
		b.must(b.CheckStatement(b.Context(), b.one, s.ID))
		b.wantKey(b.ApproveStatement(b.Context(), b.one, s.ID), "statement.two_people")
		farmer := b.Person(actor.Producer)
		b.wantKey(b.AskAboutStatement(b.Context(), farmer, s.ID, "why 598?"), "fault.not_found")
		b.Do(func(tx *db.Tx) error {
			return account.LinkProducer(context.Background(), tx, actor.System("test"), farmer.User, b.Farm)
		})
		b.must(b.AskAboutStatement(b.Context(), farmer, s.ID, "why 598?"))
		b.wantKey(b.ApproveStatement(b.Context(), b.two, s.ID), "statement.asked")
		b.Do(func(tx *db.Tx) error {
			return statement.Answer(context.Background(), tx, b.service, s.ID, "one box was soft")
		})
		b.must(b.ApproveStatement(b.Context(), b.two, s.ID))

		_, err = b.MakePayouts(b.Context(), b.one, "")
		b.wantKey(err, "statement.nothing_payable") // no account yet
		b.account(s.Payee, "6228 4800 1234 5678 903")
		bid, err := b.MakePayouts(b.Context(), b.one, "first")
		b.must(err)
		_, err = b.MakePayouts(b.Context(), b.two, "again")
		b.wantKey(err, "statement.nothing_payable")
		ps, err := statement.Payouts(b.Context(), b.DB, bid)
		b.must(err)
		p := ps[0]
		b.wantKey(b.PayoutPaid(b.Context(), b.one, p.ID, "BK1"), "statement.not_released")
		release := func(who actor.Actor) error {
			return b.ReleaseBatch(b.Context(), who, bid)
		}
		b.wantKey(release(b.one), "statement.two_people")
		b.must(release(b.boss))

		file, err := b.ExportPayouts(b.Context(), b.one, bid, "csv", "payday", nil)
		b.must(err)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(file), "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][1] != "Wang Xiulan" || rows[1][3] != "6228480012345678903" || rows[1][4] != "53.82" {
			b.Errorf("%q %v", rows, err)
		}
		_, err = b.ExportPayouts(b.Context(), b.one, bid, "csv", " ", nil)
		b.wantKey(err, "fault.required")
		_, err = b.ExportPayouts(b.Context(), b.boss, bid, "csv", "curious", nil)
		b.wantKey(err, "fault.denied")
		if n := b.count(`SELECT count(*) FROM payout_export WHERE reason = 'payday'`); n != 1 {
			b.Errorf("%d exports kept", n)
		}
		if n := b.count(`SELECT count(*) FROM payee_account WHERE number_enc LIKE '%5678903%' OR holder_enc LIKE '%Wang%'`); n != 0 {
			b.Error("the account is not sealed")
		}

		for range 2 {
			b.must(b.PayoutPaid(b.Context(), b.one, p.ID, "BK1"))
		}
		b.balance("bank/main", -5382)
		b.balance("producer/local/"+string(b.Farm)+"/paid", 5382)
		for range 2 {
			b.must(b.PayoutBack(b.Context(), b.one, p.ID, "no such account"))
		}
		b.balance("bank/main", 0)
		if x, _ := statement.ByID(b.Context(), b.DB, s.ID); x.State != statement.Approved {
			b.Errorf("%s after the bank sent it back", x.State)
		}
		b.wantKey(b.PayoutPaid(b.Context(), b.one, p.ID, "BK2"), "statement.moved_on")
		bid, err = b.MakePayouts(b.Context(), b.two, "second")
		b.must(err)
		b.must(release(b.one))
		b.must(b.BatchPaid(b.Context(), b.two, bid, "BK2"))
		b.balance("bank/main", -5382)
		if x, _ := statement.ByID(b.Context(), b.DB, s.ID); x.State != statement.Paid {
			b.Errorf("%s after it was paid", x.State)
		}

		// A claim after all that is a line of the next statement, below zero, and
		// carried on.
		c = b.asked(b.service, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: b.line(o, b.item).ID, Share: 500})
		_, err = b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByProducer})
		b.must(err)
		b.pass(16)
		b.issue()
		next := b.of(b.Farm)[0]
		if next.Pay != 0 || next.Carry != -299 || next.LineCount != 1 {
			b.Errorf("%+v", next)
		}
		if again, _ := statement.ByID(b.Context(), b.DB, s.ID); again.Pay != s.Pay || again.LineCount != s.LineCount {
			b.Error("the paid statement changed")
		}
		b.signed(next.ID)
		if x, _ := statement.ByID(b.Context(), b.DB, next.ID); x.State != statement.Paid {
			b.Errorf("nothing to pay: %s", x.State)
		}
		b.ship(late)
		b.pass(16)
		b.pass(8)
		b.pass(16)
		b.issue()
		if last := b.of(b.Farm)[0]; last.Carried != -299 || last.Pay != price-299 {
			b.Errorf("%+v", last)
		}
	})
}

func TestAnIssuedStatementNeverChanges(t *testing.T) {
	eachOffice(t, func(b *office) {
		who, o := b.bought(1, 0)
		b.received(who, o)
		b.pass(8)
		b.pass(16)
		b.issue()
		for _, sql := range []string{
			`UPDATE statement SET pay_fen = pay_fen + 1`, `UPDATE statement SET payee_id = 'other'`, `DELETE FROM statement`,
			`UPDATE statement_line SET net_fen = 0`, `DELETE FROM statement_line`, `DELETE FROM statement_step`, `UPDATE statement_step SET by_id = 'x'`,
		} {
			if err := b.DB.Update(b.Context(), func(tx *db.Tx) error { _, err := tx.Exec(b.Context(), sql); return err }); !db.IsRefused(err) {
				b.Errorf("%s: %v", sql, err)
			}
		}
	})
}

func TestManyIssuersMakeOneStatement(t *testing.T) {
	eachOffice(t, func(b *office) {
		for range 3 {
			who, o := b.bought(1, 1)
			b.received(who, o)
		}
		b.pass(8)
		b.pass(16)
		var wg sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			cut := statement.HalfMonth
			if i%2 == 1 {
				cut = statement.Month
			}
			wg.Go(func() { _, errs[i] = b.IssueStatements(context.Background(), actor.System("clock"), cut) })
		}
		wg.Wait()
		for _, err := range errs {
			b.must(err)
		}
		if n := b.count(`SELECT count(*) FROM statement_line WHERE kind = 'sale'`); n != 6 {
			b.Errorf("%d lines of 6 shares", n)
		}
	})
}

func TestHostsAndAgenciesSheets(t *testing.T) {
	eachOffice(t, func(b *office) {
		b.bought(0, 10) // 20.00 commission of the works
		host := b.Person(actor.Host)
		day := clock.DayOf(b.now.Now())
		var ag id.Agency
		b.Do(func(tx *db.Tx) (err error) {
			ag, err = statement.SaveAgency(context.Background(), tx, b.one, statement.AgencyOf{Name: "Stars", LicenceNo: "91230000MA1AGENCY1"})
			return err
		})
		pay := statement.Earning{Host: host.User, Show: b.Show, What: "Berries", Kind: promise.FromCommission, Day: day, HostFen: 1_000, Agency: ag, Key: "k1"}
		b.wantKey(b.HostPay(b.Context(), b.one, pay), "promise.no_consent")
		b.Do(func(tx *db.Tx) error { return promise.GiveConsent(context.Background(), tx, host, ag, 2000) })
		for range 2 {
			b.must(b.HostPay(b.Context(), b.one, pay))
		}
		wage := statement.Earning{Host: host.User, What: "Wages", Kind: promise.FromWages, Day: day, HostFen: 1_000_000, Key: "k2"}
		b.must(b.HostPay(b.Context(), b.one, wage))
		b.balance("host/"+string(host.User)+"/owed", -1_000_800)
		b.balance("agency/"+string(ag)+"/owed", -200)
		b.pass(20)
		if n := b.issue(); n != 2 {
			b.Fatalf("%d sheets", n)
		}
		sheets, err := statement.List(b.Context(), b.DB, statement.Filter{Kind: statement.Host})
		b.must(err)
		// 10 008 x 80 % - 5000 = 3006.40, 3 % of it
		if s := sheets[0]; s.Pay != 1_000_800 || s.Tax != 9019 || s.Transfer() != 991_781 || s.TaxYear.Months != 1 || s.LineCount != 2 {
			b.Errorf("%+v", s)
		}
		agencies, err := statement.List(b.Context(), b.DB, statement.Filter{Kind: statement.Agency})
		b.must(err)
		if s := agencies[0]; s.Pay != 200 || s.Tax != 0 || s.Name != "Stars" {
			b.Errorf("%+v", s)
		}
		// Pay of a day that has a sheet, of the host or of the agency, is refused;
		// told again it is what it was.
		b.must(b.HostPay(b.Context(), b.one, wage))
		late := wage
		late.Key, late.Day = "late", sheets[0].To
		b.wantKey(b.HostPay(b.Context(), b.one, late), "statement.period_closed")
		other := b.Person(actor.Host)
		b.Do(func(tx *db.Tx) error { return promise.GiveConsent(context.Background(), tx, other, ag, 2000) })
		late.Host = other.User
		late.Agency = ag
		b.wantKey(b.HostPay(b.Context(), b.one, late), "statement.period_closed")
		b.balance("host/"+string(host.User)+"/owed", -1_000_800)
		b.balance("host/"+string(other.User)+"/owed", 0)

		b.signed(sheets[0].ID)
		b.account(sheets[0].Payee, "6222000011112222")
		office := func(holds bool) {
			b.Do(func(tx *db.Tx) error {
				return promise.SetOfficial(context.Background(), tx, b.boss, host.User, holds, "mayor")
			})
		}
		office(true)
		if ready, held, err := flow.Payable(b.Context(), b.DB); err != nil || len(ready) != 0 || len(held) != 1 || held[0].Why != flow.InOffice {
			b.Error("a host in office:", ready, held, err)
		}
		office(false)
		bid, err := b.MakePayouts(b.Context(), b.one, "")
		b.must(err)
		if err := b.ReleaseBatch(context.Background(), b.two, bid); err != nil {
			b.Fatal(err)
		}
		b.must(b.BatchPaid(b.Context(), b.one, bid, "BK9"))
		b.balance("tax/withheld", -9019)
		b.balance("bank/main", -991_781)

		office(true)
		wage.Key = "k3"
		b.wantKey(b.HostPay(b.Context(), b.one, wage), "promise.official_host")
		_, err = b.IssueStatement(b.Context(), b.one, sheets[0].Payee, sheets[0].To.Add(1), sheets[0].To.Add(2))
		b.wantKey(err, "promise.official_host")
	})
}

// TestSplitSalesStandAsPaidElsewhere: what the provider paid by itself is not
// paid again.
func TestSplitSalesStandAsPaidElsewhere(t *testing.T) {
	eachOffice(t, func(b *office) {
		who, o := b.bought(0, 2)
		b.received(who, o)
		b.Do(func(tx *db.Tx) error {
			ref, err := splitRow(tx, o.ID)
			if err != nil {
				return err
			}
			return promise.PaidOut(context.Background(), tx, ref, promise.Payee{Kind: "producer", ID: string(b.Works)}, 1_000, 0, "offline")
		})
		b.pass(8)
		b.pass(16)
		b.issue()
		s := b.of(b.Works)[0]
		if s.Elsewhere != 1_000 || s.Pay != s.Net-1_000 || s.LineCount != 2 {
			b.Errorf("%+v", s)
		}
		b.pass(20)
		if n := b.issue(); n != 0 {
			b.Errorf("%d statements of nothing", n)
		}
	})
}

// TestMonthsAddUpToTheBooksProfit: what the break-even page shows is what the
// ledger says, show by show and shared.
func TestMonthsAddUpToTheBooksProfit(t *testing.T) {
	eachOffice(t, func(b *office) {
		who, o := b.bought(2, 3)
		b.received(who, o)
		c := b.asked(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: b.line(o, b.item).ID, Share: 2000})
		_, err := b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByCentre})
		b.must(err)
		_, gone := b.bought(0, 1)
		_, err = b.RefundOrder(b.Context(), b.service, gone.ID, "cancelled")
		b.must(err)
		day := clock.DayOf(b.now.Now())
		for i, k := range breakeven.Kinds {
			show := id.Show("")
			if i%2 == 0 {
				show = b.Show
			}
			for range 2 {
				b.must(b.AddCost(b.Context(), b.one, breakeven.Cost{Kind: k, Show: show, Day: day, Fen: money.Fen(101 + i), Memo: k, Key: fmt.Sprint("cost", i)}))
			}
		}
		b.wantKey(b.AddCost(b.Context(), b.one, breakeven.Cost{Kind: "rent", Day: day, Fen: 5, Memo: "rent", Key: "r"}), "promise.rent_is_given")
		b.wantKey(b.AddCost(b.Context(), b.service, breakeven.Cost{Kind: "other", Day: day, Fen: 5, Memo: "x", Key: "x"}), "fault.denied")
		b.must(b.HostPay(b.Context(), b.one, statement.Earning{Host: b.Person(actor.Host).User, Show: b.Show, What: "Berries", Kind: promise.FromWages, Day: day, HostFen: 777, Key: "h"}))
		b.Do(func(tx *db.Tx) error { return promise.ProviderFee(context.Background(), tx, "bill", 13, "offline") })
		months, all, err := b.ReadYear(b.Context(), b.one, day)
		b.must(err)
		want, err := promise.Profit(b.Context(), b.DB)
		b.must(err)
		if all.Result() != want || len(months) != int(day/100%100) {
			b.Errorf("%d months give %s, the books %s", len(months), all.Result(), want)
		}
		m := months[len(months)-1]
		if len(m.Shows) != 1 || m.Shows[0].Title != "Berries" || m.Shows[0].Costs.HostPay != 777 || m.Shows[0].Costs.Claims != 1196 || m.Rest.Costs.Classes == 0 {
			b.Errorf("%+v", m)
		}
		_, err = b.ReadMonth(b.Context(), b.service, day)
		b.wantKey(err, "fault.denied")
	})
}
