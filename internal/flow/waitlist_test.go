package flow_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/waitlist"
)

// ear hears what rooms are told and texts that are sent.
type ear struct {
	mu    sync.Mutex
	more  []room.MoreEvent
	texts []string
	fail  error
}

func (e *ear) Publish(_, kind string, data any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if m, ok := data.(room.MoreEvent); ok && kind == room.KindMore {
		e.more = append(e.more, m)
	}
}

func (e *ear) Send(_ context.Context, phone, text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail != nil {
		return e.fail
	}
	e.texts = append(e.texts, text)
	return nil
}

func (e *ear) told() (out []id.Wait) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, m := range e.more {
		out = append(out, m.Entries...)
	}
	return out
}

// soldOut buys all that is released, and gives the order that has it.
func (b *counter) soldOut(units int64) (actor.Actor, id.Order) {
	b.Helper()
	b.Shop.SetItem(b.item, func(it *show.Item) { it.Released = units })
	who, o := b.order(units)
	return who, o.ID
}

// Who waits is told in the order they came, only as many as the stock is
// enough for; the next when those before let it go. The desk sees how many
// wait.
func TestTheWaitListIsToldInOrder(t *testing.T) {
	eachCounter(t, func(b *counter) {
		ctx, e := b.Context(), &ear{}
		b.Rooms, b.SMS = e, e
		anna, _ := b.Buyer()
		_, err := b.JoinWait(ctx, anna, b.item, 1, false)
		b.wantKey(err, "wait.there")
		buyer, o := b.soldOut(3)
		var line []waitlist.Entry
		for i, units := range []int64{2, 1, 1, 5} {
			who, _ := b.Buyer()
			b.now.Add(time.Second)
			w, err := b.JoinWait(ctx, who, b.item, units, i == 1)
			if err != nil {
				t.Fatal(err)
			}
			line = append(line, w)
			if i == 0 { // again: other units, the same place
				b.now.Add(time.Second)
				again, err := b.JoinWait(ctx, who, b.item, units, false)
				if err != nil || again.ID != w.ID || !again.At.Equal(w.At) {
					t.Error(again, err)
				}
			}
		}
		if d, err := waitlist.DemandOf(ctx, b.DB, b.Show); err != nil || d[b.item] != (waitlist.Demand{People: 4, Units: 9}) {
			t.Error(d, err)
		}
		if _, err := b.CancelOrder(ctx, buyer, o); err != nil { // three come back
			t.Fatal(err)
		}
		b.WaitStock()
		if got, want := e.told(), []id.Wait{line[0].ID, line[1].ID}; !slices.Equal(got, want) {
			t.Errorf("told %v, want %v", got, want)
		}
		if n, err := b.TellWaits(ctx); err != nil || n != 1 || len(e.texts) != 1 || !strings.Contains(e.texts[0], "/room/"+string(b.Show)) {
			t.Errorf("%d texts %v, %v", n, e.texts, err)
		}
		if got := e.told(); len(got) != 2 { // their head start
			t.Errorf("told %v", got)
		}
		b.now.Add(waitlist.HeadStart + time.Second)
		if _, err := b.TellWaits(ctx); err != nil {
			t.Error(err)
		}
		if got := e.told(); len(got) != 4 || got[2] != line[2].ID || got[3] != line[3].ID {
			t.Errorf("told %v", got)
		}
		if n, err := b.TellWaits(ctx); err != nil || n != 0 || len(e.texts) != 1 {
			t.Errorf("a text was sent twice: %d %v", n, err)
		}
	})
}

// More is released, an order expires: each tells the line.
func TestReleaseAndExpiryTellTheLine(t *testing.T) {
	eachCounter(t, func(b *counter) {
		ctx, e := b.Context(), &ear{}
		b.Rooms = e
		b.soldOut(2)
		one, _ := b.Buyer()
		two, _ := b.Buyer()
		for _, who := range []actor.Actor{one, two} {
			b.now.Add(time.Second)
			if _, err := b.JoinWait(ctx, who, b.item, 1, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.LeaveWait(ctx, two, b.item); err != nil {
			t.Fatal(err)
		}
		if _, err := b.ReleaseMore(ctx, b.Person(actor.Operator), "r1", b.item, 1); err != nil {
			t.Fatal(err)
		}
		if got := e.told(); len(got) != 1 {
			t.Errorf("told %v", got)
		}
		if _, err := b.JoinWait(ctx, two, b.item, 1, false); !fault.HasKey(err, "wait.there") {
			t.Error(err)
		}
		b.order(1) // somebody takes it
		if _, err := b.JoinWait(ctx, two, b.item, 1, false); err != nil {
			t.Fatal(err)
		}
		b.now.Add(time.Hour)
		if _, err := b.ExpireOrders(ctx); err != nil {
			t.Fatal(err)
		}
		b.WaitStock()
		if got := e.told(); len(got) != 2 {
			t.Errorf("told %v", got)
		}
		if mine, err := waitlist.Mine(ctx, b.DB, b.Show, two.User); err != nil || len(mine) != 1 || mine[0].State != waitlist.Told {
			t.Error(mine, err)
		}
	})
}

// A text that can't leave is tried three times and then given up.
func TestAWaitTextIsGivenUp(t *testing.T) {
	eachCounter(t, func(b *counter) {
		ctx, e := b.Context(), &ear{fail: context.DeadlineExceeded}
		b.Rooms, b.SMS = e, e
		who, o := b.soldOut(1)
		waits, _ := b.Buyer()
		if _, err := b.JoinWait(ctx, waits, b.item, 1, true); err != nil {
			t.Fatal(err)
		}
		if _, err := b.CancelOrder(ctx, who, o); err != nil {
			t.Fatal(err)
		}
		b.WaitStock()
		for i := range 4 {
			_, err := b.TellWaits(ctx)
			if (err != nil) != (i < 3) {
				t.Errorf("try %d: %v", i, err)
			}
		}
	})
}

// Servers that look at the same moment tell nobody twice.
func TestNobodyIsToldTwice(t *testing.T) {
	eachCounter(t, func(b *counter) {
		ctx, e := b.Context(), &ear{}
		b.Rooms = e
		_, o := b.soldOut(5)
		for range 5 {
			who, _ := b.Buyer()
			if _, err := b.JoinWait(ctx, who, b.item, 1, false); err != nil {
				t.Fatal(err)
			}
		}
		b.tx(func(ctx context.Context, tx *db.Tx) error { // as another server would, without telling
			_, err := tx.Exec(ctx, `UPDATE sale_order SET expires_us = 0 WHERE id = $1`, o)
			return err
		})
		other := &flow.Flow{DB: b.DB, Vault: b.Shop.Vault, Log: b.Log, Rooms: e}
		if _, err := b.ExpireOrders(ctx); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for _, f := range []*flow.Flow{b.Flow, other, b.Flow, other} {
			wg.Go(func() {
				if _, err := f.TellWaits(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		b.WaitStock()
		got := e.told()
		slices.Sort(got)
		if len(got) != 5 || len(slices.Compact(got)) != 5 {
			t.Errorf("told %v", got)
		}
	})
}
