package gift_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/gift"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

var rules = gift.Rules{Licence: "DEMO-1", MaxOne: 20_000, MaxDay: 50_000}

func person() actor.Actor { return actor.Actor{User: id.New[id.User](), Name: "p", Via: "web"} }

func staff(roles ...actor.Role) actor.Actor {
	return actor.Actor{User: id.New[id.User](), Name: "s", Roles: roles, Via: "web"}
}

func adult(t *testing.T, d *db.DB) actor.Actor {
	t.Helper()
	who := person()
	update(t, d, func(tx *db.Tx) error {
		return gift.DeclareAdult(t.Context(), tx, who, clock.DayOf(tx.Now).Add(-30*366))
	})
	return who
}

func update(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func give(d *db.DB, who actor.Actor, key string, fen money.Fen) (g gift.Gift, err error) {
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		g, err = gift.Give(context.Background(), tx, who, rules, gift.Gift{Show: "s", Host: "h", Kind: "k", NameZh: "蓝莓", NameEn: "Berry", Icon: "berry", Fen: fen, Agreement: "a", IdemKey: key, IdemHash: fmt.Sprint(fen)})
		return err
	})
	return g, err
}

func paid(t *testing.T, d *db.DB, who actor.Actor, fen money.Fen) gift.Gift {
	t.Helper()
	g, err := give(d, who, id.New[string](), fen)
	if err != nil {
		t.Fatal(err)
	}
	update(t, d, func(tx *db.Tx) error { _, err := gift.Move(t.Context(), tx, g.ID, gift.Unpaid, gift.Paid); return err })
	return g
}

func want(t *testing.T, err error, key string) {
	t.Helper()
	if !fault.HasKey(err, key) {
		t.Errorf("%v, want %s", err, key)
	}
}

func TestOnlyAdultsGive(t *testing.T) {
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		who := person()
		_, err := give(d, who, "key-1234", 100)
		want(t, err, "gift.adult")
		declare := func(years, days int) error {
			return d.Update(t.Context(), func(tx *db.Tx) error {
				return gift.DeclareAdult(t.Context(), tx, who, clock.DayOf(start.AddDate(-years, 0, days)))
			})
		}
		want(t, declare(18, 1), "gift.too_young") // 18 tomorrow
		want(t, declare(-1, 0), "gift.born")
		want(t, declare(130, 0), "gift.born")
		if err := declare(18, 0); err != nil { // 18 today
			t.Fatal(err)
		}
		if _, err := give(d, who, "key-1234", 100); err != nil {
			t.Fatal(err)
		}
		update(t, d, func(tx *db.Tx) error { return gift.Bar(t.Context(), tx, staff(actor.Service), who.User) })
		_, err = give(d, who, "key-5678", 100)
		want(t, err, "gift.minor")
		want(t, declare(40, 0), "gift.minor") // a form does not undo it
	})
}

func TestSameKeySameGift(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := adult(t, d)
		a, err := give(d, who, "key-1234", 100)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := give(d, who, "key-1234", 100); err != nil || b.ID != a.ID {
			t.Error(b.ID, err)
		}
		_, err = give(d, who, "key-1234", 200)
		want(t, err, "order.key_reused")
	})
}

func TestCapsHoldInTwoTabs(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := adult(t, d)
		_, err := give(d, who, "too-large", rules.MaxOne+1)
		want(t, err, "gift.over_one")
		var wg sync.WaitGroup
		for i := range 12 { // 12 x 100 yuan against 500 a day
			wg.Go(func() {
				if _, err := give(d, who, fmt.Sprintf("key-%04d", i), 10_000); err != nil && !fault.HasKey(err, "gift.over_day") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		given, err := gift.Today(t.Context(), d, who.User)
		if err != nil || given != rules.MaxDay {
			t.Errorf("given %s (%v), cap %s", given, err, rules.MaxDay)
		}
	})
}

func TestOwnCapsFallAtOnceAndRiseTomorrow(t *testing.T) {
	now := clock.NewFake(time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC))
	dbtest.EachAt(t, func() clock.Clock { return now }, func(t *testing.T, d *db.DB) {
		who := adult(t, d)
		set := func(one, day money.Fen) {
			update(t, d, func(tx *db.Tx) error { return gift.SetCaps(t.Context(), tx, who, rules, one, day, true) })
		}
		caps := func() string {
			g, err := gift.ReadGiver(t.Context(), d, who.User)
			if err != nil {
				t.Fatal(err)
			}
			one, day := g.Caps(rules)
			return fmt.Sprint(int64(one), int64(day))
		}
		set(1000, 3000)
		if got := caps(); got != "1000 3000" {
			t.Error("lowered:", got)
		}
		set(2000, 2500) // one is raised, the other lowered
		if got := caps(); got != "1000 2500" {
			t.Error("raised at once:", got)
		}
		now.Add(gift.RaiseAfter)
		if got := caps(); got != "2000 2500" {
			t.Error("after a day:", got)
		}
		set(-1, -1)
		now.Add(gift.RaiseAfter - time.Second)
		if got := caps(); got != "2000 2500" {
			t.Error("too early:", got)
		}
		now.Add(time.Second)
		if got := caps(); got != "20000 50000" {
			t.Error("the centre's:", got)
		}
	})
}

func TestBanEnds(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := gift.BanEnd(from, 7); !got.Equal(time.Date(2026, 4, 8, 0, 0, 0, 0, time.UTC)) { // three months after the seven days
		t.Error(got)
	}
	if got := gift.BanEnd(from, 100); !got.Equal(from.AddDate(0, 0, 300)) { // three times as long
		t.Error(got)
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		host := id.New[id.User]()
		update(t, d, func(tx *db.Tx) error {
			return gift.BanHost(t.Context(), tx, staff(actor.Moderator), host, 7, "said too much")
		})
		if _, banned, err := gift.BanOf(t.Context(), d, host); err != nil || !banned {
			t.Error(banned, err)
		}
		err := d.Update(t.Context(), func(tx *db.Tx) error { return gift.BanHost(t.Context(), tx, staff(actor.Moderator), host, 0, "lifted") })
		if !fault.Is(err, fault.Denied) {
			t.Error("a moderator lifts:", err)
		}
		update(t, d, func(tx *db.Tx) error {
			return gift.BanHost(t.Context(), tx, staff(actor.Admin), host, 0, "appeal upheld")
		})
		if _, banned, err := gift.BanOf(t.Context(), d, host); err != nil || banned {
			t.Error("lifted:", banned, err)
		}
	})
}

// TestUsesFollowTheModel allots disbursements to random gifts and frees gifts
// again; the parts always add up.
func TestUsesFollowTheModel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := adult(t, d)
		wide := rules
		wide.MaxDay = money.MaxFen
		rapid.Check(t, func(rt *rapid.T) {
			ctx := context.Background()
			var gifts []gift.Gift
			var paidOut money.Fen
			parts := map[id.Disbursement]money.Fen{}
			gone := map[id.Gift]bool{}
			held := func() (f money.Fen) {
				for _, g := range gifts {
					if !gone[g.ID] {
						f += g.Fen
					}
				}
				return f - paidOut
			}
			var before money.Fen // what earlier checks left unused
			if err := d.QueryRow(ctx, `SELECT CAST(coalesce(sum(fen - used_fen), 0) AS BIGINT) FROM gift WHERE state = 'paid'`).Scan(&before); err != nil {
				rt.Fatal(err)
			}
			if before > 0 { // use it up, so that the model sees only its own
				update(t, d, func(tx *db.Tx) error { return gift.Use(ctx, tx, id.New[id.Disbursement](), before) })
			}
			for range rapid.IntRange(3, 12).Draw(rt, "steps") {
				switch rapid.IntRange(0, 2).Draw(rt, "do") {
				case 0:
					fen := money.Fen(rapid.Int64Range(1, 5000).Draw(rt, "fen"))
					var g gift.Gift
					update(t, d, func(tx *db.Tx) (err error) {
						if g, err = gift.Give(ctx, tx, who, wide, gift.Gift{Show: "s", Host: "h", Kind: "k", NameZh: "x", NameEn: "x", Icon: "berry", Fen: fen, Agreement: "a", IdemKey: id.New[string](), IdemHash: "h"}); err != nil {
							return err
						}
						_, err = gift.Move(ctx, tx, g.ID, gift.Unpaid, gift.Paid)
						return err
					})
					gifts = append(gifts, g)
				case 1:
					if held() == 0 {
						continue
					}
					fen := money.Fen(rapid.Int64Range(1, int64(held())).Draw(rt, "pay"))
					dis := id.New[id.Disbursement]()
					update(t, d, func(tx *db.Tx) error { return gift.Use(ctx, tx, dis, fen) })
					parts[dis], paidOut = fen, paidOut+fen
				case 2:
					i := rapid.IntRange(0, len(gifts)).Draw(rt, "back")
					if i == len(gifts) || gone[gifts[i].ID] || held() < gifts[i].Fen {
						continue
					}
					update(t, d, func(tx *db.Tx) error {
						if err := gift.Free(ctx, tx, gifts[i].ID); err != nil {
							return err
						}
						_, err := gift.Move(ctx, tx, gifts[i].ID, gift.Paid, gift.Refunded)
						return err
					})
					gone[gifts[i].ID] = true
				}
			}
			got := map[id.Disbursement]money.Fen{}
			for _, g := range gifts {
				uses, err := gift.Uses(ctx, d, g.ID)
				if err != nil {
					rt.Fatal(err)
				}
				var sum money.Fen
				for _, u := range uses {
					got[u.Disbursement] += u.Fen
					sum += u.Fen
				}
				now, err := gift.ByID(ctx, d, g.ID)
				if err != nil || now.Used != sum || sum > g.Fen || gone[g.ID] && sum != 0 {
					rt.Fatalf("gift of %s: used %s, its parts %s, given back %v (%v)", g.Fen, now.Used, sum, gone[g.ID], err)
				}
			}
			for dis, fen := range parts {
				if got[dis] != fen {
					rt.Fatalf("a disbursement of %s has parts of %s", fen, got[dis])
				}
			}
		})
		err := d.Update(t.Context(), func(tx *db.Tx) error { return gift.Use(t.Context(), tx, id.New[id.Disbursement](), money.MaxFen) })
		if !errors.Is(err, gift.ErrShort) {
			t.Error("more than there is:", err)
		}
	})
}

// TestOldestFirst: a disbursement takes the oldest gift first.
func TestOldestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := adult(t, d)
		old, young := paid(t, d, who, 500), paid(t, d, who, 700)
		dis := id.New[id.Disbursement]()
		update(t, d, func(tx *db.Tx) error { return gift.Use(t.Context(), tx, dis, 600) })
		a, _ := gift.Uses(t.Context(), d, old.ID)
		b, _ := gift.Uses(t.Context(), d, young.ID)
		if len(a) != 1 || a[0].Fen != 500 || len(b) != 1 || b[0].Fen != 100 {
			t.Error(a, b)
		}
		if n, err := gift.Givers(t.Context(), d, dis); n != 2 || err != nil {
			t.Error(n, err)
		}
	})
}

func TestPriceList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		save := func(who actor.Actor, k gift.Kind) error {
			return d.Update(t.Context(), func(tx *db.Tx) error { _, err := gift.SaveKind(t.Context(), tx, who, rules, k); return err })
		}
		berry := gift.Kind{NameZh: "蓝莓", NameEn: "Blueberry", Icon: "berry", Fen: 500, OnSale: true}
		if err := save(staff(actor.Finance), berry); !fault.Is(err, fault.Denied) {
			t.Error("finance:", err)
		}
		if err := save(staff(actor.Admin), berry); err != nil {
			t.Fatal(err)
		}
		dear := berry
		dear.Fen = rules.MaxOne + 1
		want(t, save(staff(actor.Admin), dear), "gift.price")
		list, err := gift.Kinds(t.Context(), d, false)
		if err != nil || len(list) != 1 || list[0].Name("en") != "Blueberry" {
			t.Fatal(list, err)
		}
		off := list[0]
		off.OnSale = false
		if err := save(staff(actor.Admin), off); err != nil {
			t.Fatal(err)
		}
		_, err = gift.KindByID(t.Context(), d, off.ID)
		want(t, err, "gift.kind_off")
	})
}

func TestCases(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		who := adult(t, d)
		today := clock.DayOf(d.Clock.Now())
		open := func(c gift.Case) (out gift.Case, err error) {
			err = d.Update(t.Context(), func(tx *db.Tx) error { out, err = gift.OpenCase(t.Context(), tx, who, c); return err })
			return out, err
		}
		_, err := open(gift.Case{Body: "my child gave", From: today, To: today.Add(-1)})
		want(t, err, "gift.days")
		c, err := open(gift.Case{Body: "my child gave", From: today, To: today})
		if err != nil {
			t.Fatal(err)
		}
		_, err = open(gift.Case{Body: "my child gave", From: today, To: today})
		want(t, err, "gift.case_open")
		decide := func(who actor.Actor, state string) (done bool, err error) {
			err = d.Update(t.Context(), func(tx *db.Tx) error {
				done, err = gift.DecideCase(t.Context(), tx, who, c.ID, state, "seen", 0)
				return err
			})
			return done, err
		}
		if _, err := decide(who, gift.Granted); !fault.Is(err, fault.Denied) {
			t.Error("the giver decides:", err)
		}
		if done, err := decide(staff(actor.Service), gift.Refused); err != nil || !done {
			t.Error(done, err)
		}
		if done, err := decide(staff(actor.Service), gift.Granted); err != nil || done {
			t.Error("twice:", done, err)
		}
	})
}
