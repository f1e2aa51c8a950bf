package shop_test

import (
	"context"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/shop"
	"lindu.example/lindu/internal/web/webtest"
)

// hall is a centre with a host, berries of two farmers and one show.
type hall struct {
	*webtest.World
	t       *testing.T
	Host    *webtest.Client
	Berries catalog.Product
	Lot     lot.Lot
	Show    id.Show
	Item    room.Item
}

const berryPrice = money.Fen(3000)

// open makes the hall with its show in a state.
func open(t *testing.T, state show.State) *hall {
	t.Helper()
	h := &hall{World: webtest.New(t, shop.Routes), t: t}
	h.Berries = h.Product("Blueberries", berryPrice)
	h.Lot = h.World.Lot(h.Berries, h.Producer("Wang Guifen"), 10)
	h.World.Lot(h.Berries, h.Producer("Li Changshan"), 5)
	h.Host = h.Person("Xiao Zhou", actor.Host)
	ctx := context.Background()
	var err error
	h.Show, err = h.Flow.SaveShow(ctx, webtest.System, show.Show{Title: "Berries of this morning", Summary: "Picked at five", Host: h.Host.User.ID,
		Orientation: "portrait", Starts: h.Clock.Now().Add(2 * time.Hour)})
	h.must(err)
	h.Item, err = h.Flow.AddItem(ctx, webtest.System, h.Show, show.Item{Product: h.Berries.ID, State: show.OnSale, Price: berryPrice, Released: -1, PerPerson: 3})
	h.must(err)
	h.set(show.OnSale, berryPrice)
	for _, to := range []show.State{show.Announced, show.Live, show.Ended} {
		if state == show.Draft {
			break
		}
		h.must(h.DB.Update(ctx, func(tx *db.Tx) error { _, err := show.Move(ctx, tx, webtest.System, h.Show, to); return err }))
		if to == state {
			break
		}
	}
	return h
}

// set changes the berries' item.
func (h *hall) set(state show.ItemState, price money.Fen) {
	h.t.Helper()
	items, err := show.ItemsByID(context.Background(), h.DB, h.Item.ID)
	h.must(err)
	it := items[h.Item.ID]
	it.State, it.Price = state, price
	h.Item, err = h.Flow.SetItem(context.Background(), webtest.System, it)
	h.must(err)
}

func (h *hall) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) room(rest string) string  { return "/room/" + string(h.Show) + rest }
func (h *hall) page(rest string) string  { return "/shows/" + string(h.Show) + rest }
func (h *hall) sheet(rest string) string { return h.room("/sheet?item=" + string(h.Item.ID) + rest) }

// onDB runs a read of the test's own.
func onDB[T any](h *hall, fn func(q db.Querier) (T, error)) T {
	h.t.Helper()
	v, err := fn(h.DB)
	h.must(err)
	return v
}

func TestMain(m *testing.M) {
	// Pages name their files by address; without them every one would be "none".
	if err := page.UseAssets(assets()); err != nil {
		panic(err)
	}
	m.Run()
}
