package room_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
)

var system = actor.System("test")

// counting counts queries.
type counting struct {
	*db.DB
	n int
}

func (c *counting) Query(ctx context.Context, q string, args ...any) (*db.Rows, error) {
	c.n++
	return c.DB.Query(ctx, q, args...)
}

func (c *counting) QueryRow(ctx context.Context, q string, args ...any) db.Row {
	c.n++
	return c.DB.QueryRow(ctx, q, args...)
}

func withHost(t *testing.T, s *shoptest.Shop, sh id.Show) actor.Actor {
	t.Helper()
	host := s.Person(actor.Host)
	s.Do(func(tx *db.Tx) error {
		if err := account.SetLocalHost(t.Context(), tx, system, host.User, true); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `UPDATE live_show SET host_id = $2 WHERE id = $1`, sh, host.User)
		return err
	})
	return host
}

func TestReadTellsTheWholeTruth(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := shoptest.New(t, d)
		host, fan := withHost(t, s, s.Show), s.Person()
		p := s.Product(3990)
		it := s.Item(p, 2990, func(i *show.Item) { i.Was, i.Released, i.PerPerson = 3990, 12, 2 })
		s.Lot(p, s.Farm, 5)
		store, err := blob.NewDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		pic := func(kind, owner string) catalog.Picture {
			x, err := catalog.AddPicture(ctx, d, store, system, kind, owner, "", catalog.Prepared{Width: 320, Height: 320, JPEG: map[int][]byte{320: {1}}})
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		goods, cover, face := pic("product", string(p)), pic("show", string(s.Show)), pic("user", string(host.User))
		s.Do(func(tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `UPDATE live_show SET cover_id = $2, slow_mode_s = 3 WHERE id = $1`, s.Show, cover.ID); err != nil {
				return err
			}
			if err := account.Follow(ctx, tx, fan, host.User, true); err != nil {
				return err
			}
			for i := range 3 {
				if _, err := chat.Post(ctx, tx, host, chat.New{Show: s.Show, Badge: chat.HostBadge, Body: fmt.Sprint("line ", i)}); err != nil {
					return err
				}
			}
			if err := show.PinItem(ctx, tx, system, s.Show, it); err != nil {
				return err
			}
			return show.Visit(ctx, tx, s.Show, map[string]int64{"a1": 3, "a2": 0})
		})
		got, err := room.Read(ctx, d, s.Show, 2)
		if err != nil {
			t.Fatal(err)
		}
		want := room.Item{ID: it, No: 1, Product: p, State: "on_sale", Name: "Blueberries", SellUnit: "box", NetG: 500, Price: 2990, Was: 3990, Per500g: 2990,
			Stock: 5, PerPerson: 2, ReturnRule: "fresh", Picture: goods.URL(room.PictureWidth), Producers: []string{"Farm"}}
		if len(got.Items) != 1 || fmt.Sprintf("%+v", got.Items[0]) != fmt.Sprintf("%+v", want) {
			t.Errorf("items %+v\nwant  %+v", got.Items, want)
		}
		if got.Host != (room.Host{ID: host.User, Name: host.Name, Local: true, Picture: face.URL(320), Followers: 1}) {
			t.Errorf("host %+v", got.Host)
		}
		if len(got.Chat) != 2 || got.Chat[1].Body != "line 2" || got.Chat[1].Badge != "host" || got.Chat[1].Name != host.Name {
			t.Errorf("chat %+v", got.Chat)
		}
		if got.State != "live" || got.Pinned != it || got.Cover != cover.URL(640) || got.SlowMode != 3 || got.Counts != (room.Counts{Entered: 2, Likes: 3}) || time.Since(got.At) > time.Minute {
			t.Errorf("%+v", got)
		}
		if _, err := room.Read(ctx, d, "none", 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("no show: %v", err)
		}
	})
}

func TestAnEmptyRoomHasEmptyListsAndNoNulls(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := shoptest.New(t, d)
		got, err := room.Read(t.Context(), d, s.Show, 10)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(got)
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		for k, v := range m {
			if v == nil {
				t.Errorf("%s is null", k)
			}
		}
	})
}

func TestStockAndState(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := shoptest.New(t, d)
		today := clock.DayOf(d.Clock.Now())
		two := s.Product(1000) // 500 g a box, from two lots
		s.Lot(two, s.Farm, 1, func(n *lot.New) { n.Qty = 2*shoptest.Base + 499 })
		s.Lot(two, s.Works, 1, func(n *lot.New) { n.Qty = 499 })
		none, off := s.Product(1000), s.Product(1000)
		s.Lot(off, s.Farm, 9)
		stale := s.Product(1000)
		s.Lot(stale, s.Farm, 9, func(n *lot.New) { n.Harvest, n.BestBefore = today.Add(-9), today })
		s.Do(func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `UPDATE lot SET best_before_day = $2 WHERE product_id = $1`, stale, today.Add(-1)); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `UPDATE product SET state = 'off' WHERE id = $1`, off)
			return err
		})
		item := func(p id.Product, change func(*show.Item)) id.Item { return s.Item(p, 1000, change) }
		cases := []struct {
			name  string
			it    id.Item
			state string
			stock int64
		}{
			{"no box is put together from two lots", item(two, func(*show.Item) {}), "on_sale", 2},
			{"the release is less than the lots", item(two, func(i *show.Item) { i.Released = 1 }), "on_sale", 1},
			{"coming has stock already", item(two, func(i *show.Item) { i.State = show.Coming }), "coming", 2},
			{"off", item(two, func(i *show.Item) { i.State = show.Off }), "off", 0},
			{"nothing released", item(two, func(i *show.Item) { i.Released = 0 }), "sold_out", 0},
			{"no lot", item(none, func(*show.Item) {}), "sold_out", 0},
			{"past best before", item(stale, func(*show.Item) {}), "sold_out", 0},
			{"the product went off", item(off, func(*show.Item) {}), "off", 0},
		}
		ids := []id.Item{"none"}
		for _, c := range cases {
			ids = append(ids, c.it)
		}
		got, err := room.Items(t.Context(), d, ids...)
		if err != nil || len(got) != len(cases) {
			t.Fatalf("%d items, %v", len(got), err)
		}
		for i, c := range cases {
			if got[i].ID != c.it || got[i].State != c.state || got[i].Stock != c.stock {
				t.Errorf("%s: %s, %d; want %s, %d", c.name, got[i].State, got[i].Stock, c.state, c.stock)
			}
		}
		if !slices.Equal(got[0].Producers, []string{"Farm", "Works"}) {
			t.Errorf("producers %v", got[0].Producers)
		}
	})
}

func TestStockNeverPromisesMoreThanThereIs(t *testing.T) {
	it := show.Item{Released: 3, Sold: 5}
	if n := room.Stock(it, lot.Ask{}, 500, []lot.Stock{{Available: 5000}}); n != 0 {
		t.Errorf("%d after overselling", n)
	}
	it.Released = -1
	if n := room.Stock(it, lot.Ask{}, 500, []lot.Stock{{Available: -1}, {Available: 999}}); n != 1 {
		t.Errorf("%d", n)
	}
	if n := room.Stock(it, lot.Ask{}, 0, []lot.Stock{{Available: 999}}); n != 0 {
		t.Errorf("%d of a product without a unit", n)
	}
}

// TestQueriesDoNotGrow: one query more an item would make a tray of 60 slow.
func TestQueriesDoNotGrow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := shoptest.New(t, d)
		withHost(t, s, s.Show)
		measure := func() (read, cards int) {
			q := &counting{DB: d}
			if _, err := room.Read(t.Context(), q, s.Show, 50); err != nil {
				t.Fatal(err)
			}
			read, q.n = q.n, 0
			if _, err := room.Cards(t.Context(), q, true, 0); err != nil {
				t.Fatal(err)
			}
			return read, q.n
		}
		add := func(n int) {
			for i := range n {
				p := s.Product(money.Fen(1000 + i))
				s.Lot(p, []id.Producer{s.Farm, s.Works}[i%2], 3)
				s.Item(p, 1000)
			}
		}
		add(2)
		read, cards := measure()
		add(15)
		for range 3 {
			host := s.Person(actor.Host)
			s.Do(func(tx *db.Tx) error {
				sid, err := show.Save(t.Context(), tx, system, show.Show{Title: "Next", Host: host.User, Orientation: show.Portrait, Starts: tx.Now.Add(time.Hour)})
				if err == nil {
					_, err = show.Move(t.Context(), tx, system, sid, show.Announced)
				}
				return err
			})
		}
		if r, c := measure(); r != read || c != cards || r > 13 || c > 12 {
			t.Errorf("queries of a room %d then %d, of cards %d then %d", read, r, cards, c)
		}
	})
}

func TestCards(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		s := shoptest.New(t, d)
		p := s.Product(1000)
		s.Lot(p, s.Farm, 4)
		s.Item(p, 1000, func(i *show.Item) { i.State = show.Off })
		var want []id.Item
		for range 4 {
			want = append(want, s.Item(p, 900))
		}
		var next, draft id.Show
		host := s.Person(actor.Host)
		s.Do(func(tx *db.Tx) (err error) {
			for _, x := range []*id.Show{&next, &draft} {
				if *x, err = show.Save(ctx, tx, system, show.Show{Title: "Next", Host: host.User, Orientation: show.Landscape, Starts: tx.Now.Add(time.Hour)}); err != nil {
					return err
				}
			}
			_, err = show.Move(ctx, tx, system, next, show.Announced)
			return err
		})
		cards, err := room.Cards(ctx, d, false, 0)
		if err != nil || len(cards) != 2 || cards[0].ID != s.Show || cards[1].ID != next {
			t.Fatalf("%+v, %v", cards, err)
		}
		var got []id.Item
		for _, it := range cards[0].Items {
			got = append(got, it.ID)
			if it.Stock != 4 || it.State != "on_sale" {
				t.Errorf("%+v", it)
			}
		}
		if cards[0].ItemCount != 4 || !slices.Equal(got, want[:3]) {
			t.Errorf("%d items, shown %v; want the first three of %v", cards[0].ItemCount, got, want)
		}
		s.Move(show.Ended)
		if cards, err := room.Cards(ctx, d, false, 0); err != nil || len(cards) != 1 {
			t.Errorf("after the end: %+v, %v", cards, err)
		}
		cards, err = room.Cards(ctx, d, true, 0)
		if err != nil || len(cards) != 2 || cards[1].ID != s.Show || cards[1].ItemCount != 5 {
			t.Errorf("with ended ones: %+v, %v", cards, err)
		}
	})
}
