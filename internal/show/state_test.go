package show_test

import (
	"maps"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

// TestAnyWalkKeepsTheRules walks a show at random and holds it against the
// table in doc.go: a move is made exactly when the table has it and the person
// may; numbers stand once announced; only a live show has a pin; nothing is
// sold beyond its release.
func TestAnyWalkKeepsTheRules(t *testing.T) {
	table := map[[2]show.State]bool{ // value: the host may
		{show.Draft, show.Announced}:     false,
		{show.Draft, show.Cancelled}:     false,
		{show.Announced, show.Live}:      true,
		{show.Announced, show.Cancelled}: false,
		{show.Live, show.Ended}:          true,
	}
	each(t, func(b bundle) {
		rapid.Check(b.T, func(rt *rapid.T) {
			s := b.draft()
			fixed := map[id.Item]int{}
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				before, err := show.ByID(b.ctx, b.d, s)
				if err != nil {
					rt.Fatal(err)
				}
				var items []id.Item
				for i := range b.numbers(s) {
					items = append(items, i)
				}
				switch what := rapid.SampledFrom([]string{"move", "move", "add", "remove", "pin", "sell"}).Draw(rt, "what"); {
				case what == "move":
					to := rapid.SampledFrom(show.States).Draw(rt, "to")
					who := rapid.SampledFrom([]actor.Actor{b.operator, b.host}).Draw(rt, "who")
					host, listed := table[[2]show.State{before.State, to}]
					want := to == before.State || listed && (host || who.User == b.operator.User)
					if show.CanMove(before.State, to) != listed {
						rt.Fatalf("CanMove(%s, %s) = %v", before.State, to, !listed)
					}
					if err := b.move(who, s, to); (err == nil) != want {
						rt.Fatalf("%s -> %s: %v, want allowed %v", before.State, to, err, want)
					} else if err != nil && fault.Of(err).Kind == fault.Internal {
						rt.Fatal(err)
					}
				case what == "add" && !before.Over():
					b.item(s, 1)
				case what == "remove" && len(items) > 0:
					i := rapid.SampledFrom(items).Draw(rt, "item")
					_ = b.do(func(tx *db.Tx) error { return show.RemoveItem(b.ctx, tx, b.operator, i) })
				case what == "pin" && len(items) > 0:
					i := rapid.SampledFrom(items).Draw(rt, "item")
					_ = b.do(func(tx *db.Tx) error { return show.PinItem(b.ctx, tx, b.operator, s, i) })
				case what == "sell" && len(items) > 0:
					i := rapid.SampledFrom(items).Draw(rt, "item")
					n := rapid.Int64Range(-4, 8).Draw(rt, "units")
					_ = b.do(func(tx *db.Tx) error { return show.AddSold(b.ctx, tx, map[id.Item]int64{i: n}) })
				}
				b.clk.Add(time.Second)
				after, err := show.ByID(b.ctx, b.d, s)
				if err != nil {
					rt.Fatal(err)
				}
				if before.Over() && after.State != before.State {
					rt.Fatalf("%s became %s", before.State, after.State)
				}
				if after.Pinned != "" && after.State != show.Live {
					rt.Fatalf("a pin while %s", after.State)
				}
				now := b.numbers(s)
				if after.State != show.Draft {
					for i, no := range fixed {
						if now[i] != no {
							rt.Fatalf("number %d of %s became %d", no, i, now[i])
						}
					}
					fixed = maps.Clone(now)
				}
				list, _ := show.Items(b.ctx, b.d, s)
				for k, it := range list {
					if it.No != k+1 || it.Sold < 0 || it.Sold > it.Released {
						rt.Fatalf("item %d of %d: %+v", k, len(list), it)
					}
				}
			}
		})
	})
}
