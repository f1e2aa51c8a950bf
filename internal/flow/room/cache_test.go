package room_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/flow/shoptest"
)

type heard struct{ kinds []string }

func (h *heard) Publish(_, kind string, _ any) { h.kinds = append(h.kinds, kind) }

func TestCacheGivesAStateForASecond(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 9, 11, 19, 30, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		clk := d.Clock.(*clock.Fake)
		s := shoptest.New(t, d)
		h := &heard{}
		c := room.NewCache(d, h)
		title := func(want string) {
			t.Helper()
			st, err := c.Read(t.Context(), s.Show)
			if err != nil || st.Title != want {
				t.Errorf("%q, %v; want %q", st.Title, err, want)
			}
		}
		rename := func(to string) {
			if _, err := d.Exec(t.Context(), `UPDATE live_show SET title = $2 WHERE id = $1`, s.Show, to); err != nil {
				t.Fatal(err)
			}
		}
		title("Berries")
		rename("B")
		title("Berries")
		clk.Add(room.CacheFor + 1000)
		title("B")
		rename("C")
		c.Publish(room.Channel(s.Show), room.KindLike, nil)
		c.Publish(room.Channel("another"), room.KindItem, nil)
		title("B")
		c.Publish(room.Channel(s.Show), room.KindItem, nil)
		title("C")
		rename("D")
		clk.Add(-time.Hour)
		title("D") // a clock that was set back keeps nothing for ever
		if len(h.kinds) != 3 {
			t.Errorf("passed on: %v", h.kinds)
		}
		if _, err := c.Read(t.Context(), "none"); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		clk.Add(2 * time.Hour)
		if _, err := c.Read(gone, s.Show); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		title("D") // the one who left took nobody along
	})
}

// TestNobodyGetsAStateOlderThanTheNews: what is read after an event was
// published holds what the event told, however many read at once.
func TestNobodyGetsAStateOlderThanTheNews(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := shoptest.New(t, d)
		p := s.Product(1000)
		s.Lot(p, s.Farm, 4)
		it := s.Item(p, 1000)
		c := room.NewCache(d, nil)
		stop := make(chan struct{})
		var crowd sync.WaitGroup
		for range 4 {
			crowd.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					st, err := c.Read(context.Background(), s.Show)
					if err != nil {
						t.Error(err)
						return
					}
					st.Items[0].Price = -1 // a reader may change its copy
				}
			})
		}
		for price := int64(1001); price < 1050; price++ {
			if _, err := d.Exec(t.Context(), `UPDATE show_item SET price_fen = $2 WHERE id = $1`, it, price); err != nil {
				t.Fatal(err)
			}
			c.Publish(room.Channel(s.Show), room.KindItem, nil)
			st, err := c.Read(t.Context(), s.Show)
			if err != nil || int64(st.Items[0].Price) != price {
				t.Errorf("price %d, %v; want %d", st.Items[0].Price, err, price)
			}
		}
		close(stop)
		crowd.Wait()
	})
}
