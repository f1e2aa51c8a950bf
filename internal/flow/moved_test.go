package flow_test

import (
	"sync"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/bank"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
)

// standing is what the books say stands somewhere.
func (b *office) standing(kind, party string) money.Fen {
	b.Helper()
	all, err := promise.Standings(b.Context(), b.DB)
	b.must(err)
	for _, s := range all {
		if s.Kind == kind && s.Party == party {
			return s.Fen
		}
	}
	b.Fatalf("no %s %q in %v", kind, party, all)
	return 0
}

// TestMoneyMovedAtTheBank: what finance saw on the bank's statement is booked
// once by its reference, and never more than there is.
func TestMoneyMovedAtTheBank(t *testing.T) {
	eachOffice(t, func(b *office) {
		who, o := b.bought(2, 3)
		b.received(who, o)
		c := b.asked(who, o, aftersale.Claim, aftersale.Quality, flow.AskLine{Line: b.line(o, b.item).ID, Share: 2000})
		_, err := b.RefundCase(b.Context(), b.service, c.ID, flow.Decision{Bearer: aftersale.ByCarrier, Carrier: "shunfeng"})
		b.must(err)
		owed := b.standing(bank.Carrier, "shunfeng")
		if owed != 1196 {
			b.Fatalf("the carrier owes %s", owed)
		}
		there := b.standing(bank.Channel, "offline")
		today := clock.DayOf(b.now.Now())
		move := func(kind, party, ref string, fen money.Fen) bank.Move {
			return bank.Move{Kind: kind, Party: party, Day: today, Fen: fen, Ref: ref}
		}
		did := func(m bank.Move) (bool, error) {
			_, added, err := b.MoneyMoved(b.Context(), b.one, m)
			return added, err
		}
		again := func(m bank.Move, want bool) {
			b.Helper()
			if added, err := did(m); err != nil || added != want {
				b.Errorf("%+v: added %v, %v", m, added, err)
			}
		}
		refused := func(m bank.Move, key string) {
			b.Helper()
			_, err := did(m)
			b.wantKey(err, key)
		}

		again(move(bank.Channel, "offline", " A  1 ", 1_000), true)
		again(move(bank.Channel, "offline", "A 1", 1_000), false)
		refused(move(bank.Channel, "offline", "A 1", 1_001), "bank.ref_used")
		yesterday := move(bank.Channel, "offline", "A 1", 1_000)
		yesterday.Day = today.Add(-1)
		refused(yesterday, "bank.ref_used")
		refused(move(bank.Channel, "offline", "A2", there-999), "promise.more_than_there")
		again(move(bank.Channel, "offline", "A2", there-1_000), true) // the reference of what was refused is free
		if left := b.standing(bank.Channel, "offline"); left != 0 {
			b.Errorf("%s left at the channel", left)
		}
		b.balance("bank/main", there)

		refused(move(bank.Carrier, "shunfeng", "A1", owed+1), "promise.more_than_there")
		again(move(bank.Carrier, "shunfeng", "A 1", owed), true) // another sort: another line of the bank
		refused(move(bank.Carrier, "shunfeng", "A3", 1), "promise.more_than_there")
		b.balance("bank/main", there+owed)
		refused(move(bank.Tax, "", "T1", 1), "promise.more_than_there")

		refused(move(bank.Channel, "nowhere", "N1", 5), "fault.choice")
		refused(move("rent", "", "N1", 5), "fault.choice")
		refused(move(bank.Tax, "offline", "N1", 5), "fault.choice")
		refused(move(bank.Tax, "", "N1", 0), "fault.amount")
		refused(move(bank.Tax, "", "  ", 5), "fault.required")
		ahead := move(bank.Tax, "", "N1", 5)
		ahead.Day = today.Add(1)
		refused(ahead, "statement.day_ahead")
		for _, who := range []actor.Actor{b.service, b.boss, b.packer, b.Person(actor.Overseer)} {
			_, _, err := b.MoneyMoved(b.Context(), who, move(bank.Channel, "offline", "X", 1))
			b.wantKey(err, "fault.denied")
		}
		// Entered wrongly: taken back whole, once; its reference is free again.
		kept, err := bank.Between(b.Context(), b.DB, today, today, "")
		b.must(err)
		b.wantKey(b.TakeBackMove(b.Context(), b.one, kept[1].ID, " "), "fault.required")
		b.wantKey(b.TakeBackMove(b.Context(), b.service, kept[1].ID, "typo"), "fault.denied")
		b.wantKey(b.TakeBackMove(b.Context(), b.one, id.New[id.Move](), "typo"), "fault.not_found")
		for range 2 {
			b.must(b.TakeBackMove(b.Context(), b.one, kept[1].ID, "typo"))
		}
		b.must(b.TakeBackMove(b.Context(), b.two, kept[0].ID, "typo"))
		if x, y := b.standing(bank.Channel, "offline"), b.standing(bank.Carrier, "shunfeng"); x != there-1_000 || y != owed {
			b.Errorf("%s and %s stand after it was taken back", x, y)
		}
		b.balance("bank/main", 1_000)
		again(move(bank.Channel, "offline", "A2", there-1_000-7), true)
		again(move(bank.Channel, "offline", "A2", there-1_000-7), false)
		refused(move(bank.Channel, "offline", "A2", 7), "bank.ref_used")
		again(move(bank.Carrier, "shunfeng", "A 1", owed), true)
		b.balance("bank/main", there-7+owed)

		list, err := bank.Between(b.Context(), b.DB, today, today, "")
		b.must(err)
		if len(list) != 5 || list[0].Kind != bank.Carrier || list[4].Ref != "A 1" || list[4].By != b.one.User || list[3].Back.Reason != "typo" || list[1].Back.ID != "" {
			b.Errorf("%+v", list)
		}
		trail, err := audit.List(b.Context(), b.DB, audit.Filter{Actor: b.one.User, Limit: 20})
		b.must(err)
		n := 0
		for _, e := range trail {
			if e.Action == "money.moved" {
				n++
			}
		}
		if n != 5 {
			b.Errorf("%d in the trail", n)
		}
		for _, q := range []string{`UPDATE money_moved SET fen = fen + 1`, `DELETE FROM money_moved`, `UPDATE money_moved_back SET reason = 'x'`, `DELETE FROM money_moved_back`} {
			if err := b.DB.Update(b.Context(), func(tx *db.Tx) error { _, err := tx.Exec(b.Context(), q); return err }); err == nil {
				b.Errorf("%s went through", q)
			}
		}
	})
}

// TestWithheldTaxIsHandedOverOnce: two of finance enter the same and different
// moves at once; no more leaves than was withheld.
func TestWithheldTaxIsHandedOverOnce(t *testing.T) {
	eachOffice(t, func(b *office) {
		host := b.Person(actor.Host)
		day := clock.DayOf(b.now.Now())
		b.must(b.HostPay(b.Context(), b.one, statement.Earning{Host: host.User, What: "Wages", Kind: promise.FromWages, Day: day, HostFen: 1_000_000, Key: "k"}))
		_, o := b.bought(0, 2)
		b.Do(func(tx *db.Tx) error {
			ref, err := splitRow(tx, o.ID)
			if err != nil {
				return err
			}
			return promise.PaidOut(b.Context(), tx, ref, promise.Payee{Kind: "host", ID: string(host.User)}, 1_000_000, 9_000, "bank")
		})
		var wg sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			m := bank.Move{Kind: bank.Tax, Day: day, Fen: 5_000, Ref: []string{"T1", "T2"}[i%2]}
			wg.Go(func() { _, _, results[i] = b.MoneyMoved(b.Context(), b.one, m) })
		}
		wg.Wait()
		ok := 0
		for _, err := range results {
			if err == nil {
				ok++
			} else {
				b.wantKey(err, "promise.more_than_there")
			}
		}
		if ok != 4 { // one reference, four times
			b.Errorf("%d of %d went through: %v", ok, len(results), results)
		}
		b.balance("tax/withheld", -4_000)
	})
}
