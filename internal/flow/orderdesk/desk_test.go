package orderdesk_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/fsck"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

type bench struct {
	*testing.T
	*shoptest.Shop
	desk *orderdesk.Desk
}

func each(t *testing.T, o orderdesk.Options, fn func(b bench)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := bench{t, shoptest.New(t, d), open(t, d, o)}
		fn(b)
		b.fsck()
	})
}

// fsck holds that whatever a test did, the records agree.
func (b bench) fsck() {
	b.Helper()
	rep, err := fsck.Run(context.Background(), b.DB)
	if err != nil || !rep.Clean() {
		b.Errorf("%+v, %v", rep, err)
	}
}

func open(t *testing.T, d *db.DB, o orderdesk.Options) *orderdesk.Desk {
	t.Helper()
	if o.Writers == 0 {
		o.Writers = 1 // the tests hold the one writer up to see what waits
	}
	k := orderdesk.New(d, o)
	t.Cleanup(func() {
		if err := k.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return k
}

func request(buyer id.User, key string, lines ...order.Line) orderdesk.Request {
	return orderdesk.Request{Order: order.Order{Buyer: buyer, Province: shoptest.Province(), City: "C", AddressEnc: "sealed", NoReturnOK: true,
		IdemKey: key, IdemHash: fmt.Sprint(lines), Lines: lines}}
}

func (b bench) place(r orderdesk.Request) (order.Order, error) { return b.desk.Place(b.Context(), r) }

func (b bench) wantKey(err error, key string) {
	b.Helper()
	if !fault.HasKey(err, key) {
		b.Errorf("%v, want %s", err, key)
	}
}

func (b bench) count(query string, args ...any) (n int64) {
	b.Helper()
	if err := b.DB.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

func TestPlaceWritesTheWholeOrder(t *testing.T) {
	var mu sync.Mutex
	var changed []id.Product
	each(t, orderdesk.Options{Changed: func(ps []id.Product) {
		mu.Lock()
		defer mu.Unlock()
		changed = append(changed, ps...)
	}}, func(b bench) {
		berries := b.Product(2990)
		nuts := b.Product(5000, func(p *catalog.Product) { p.Category, p.ReturnRule, p.Name = "nut", "seven_day", "Nuts" })
		soon := b.Lot(berries, b.Farm, 2, func(n *lot.New) { n.BestBefore = n.BestBefore.Add(-3) })
		late := b.Lot(berries, b.Works, 10)
		b.Lot(nuts, b.Farm, 10, func(n *lot.New) { n.Pay = 4000 })
		item := b.Item(berries, 2500)
		o, err := b.place(request("li", "key-0001", order.Line{Item: item, Units: 3, Price: 2500}, order.Line{Product: nuts, Units: 1, Price: 5000}))
		if err != nil {
			b.Fatal(err)
		}
		if o.State != order.Unpaid || o.Goods != 12500 || o.Total != o.Goods+o.Freight || o.Freight <= 0 || o.Show != b.Show || !id.ValidOrderNo(o.No) ||
			o.Expires.Sub(o.Placed) != orderdesk.DefaultUnpaidFor || o.Lines[0].Product != berries || o.Lines[1].Name != "Nuts" {
			b.Errorf("%+v", o)
		}
		stored, err := order.ByID(b.Context(), b.DB, o.ID)
		if err != nil || fmt.Sprintf("%+v", stored) != fmt.Sprintf("%+v", o) {
			b.Errorf("stored %+v, %v\nanswered %+v", stored, err, o)
		}
		shares, err := order.Shares(b.Context(), b.DB, o.ID)
		if err != nil || len(shares) != 3 {
			b.Fatal(shares, err)
		}
		for _, s := range shares {
			want := order.Share{Reservation: s.Reservation, Order: o.ID, Line: o.Lines[0].ID, Lot: soon, Producer: b.Farm, Local: true, Settlement: "resale", Units: 2, Goods: 5000, Owed: 5000}
			switch {
			case s.Lot == late:
				want.Lot, want.Producer, want.Local, want.Units, want.Goods, want.CommissionBP, want.Commission, want.Owed = late, b.Works, false, 1, 2500, 1000, 250, 2250
			case s.Line == o.Lines[1].ID:
				want.Line, want.Lot, want.Units, want.Goods, want.Owed, want.Margin = s.Line, s.Lot, 1, 5000, 4000, 1000
			}
			if s != want {
				b.Errorf("share %+v\nwant  %+v", s, want)
			}
		}
		ls, _ := lot.ByID(b.Context(), b.DB, soon, late)
		if ls[soon].Reserved != 2*shoptest.Base || ls[late].Reserved != shoptest.Base {
			b.Error(ls)
		}
		if n := b.count(`SELECT sold FROM show_item WHERE id = $1`, item); n != 3 {
			b.Errorf("sold %d", n)
		}
		if f, err := ledger.Balance(b.Context(), b.DB, "producer/local/"+string(b.Farm)+"/pending"); err != nil || f != -9000 {
			b.Errorf("the farm is to be owed %s, %v", -f, err)
		}
		if f, _ := ledger.Balance(b.Context(), b.DB, "buyers/receivable"); f != o.Total {
			b.Errorf("receivable %s, want %s", f, o.Total)
		}
		if n := b.count(`SELECT count(*) FROM audit_event WHERE action = 'order.place' AND object_id = $1 AND actor_id = 'li'`, o.ID); n != 1 {
			b.Errorf("%d audit rows", n)
		}
		b.waitFor("the listener is told of both", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Contains(changed, berries) && slices.Contains(changed, nuts)
		})
	})
}

func TestRefusals(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 3)
		off := b.Product(1000, func(p *catalog.Product) { p.State = "off" })
		b.Lot(off, b.Farm, 3)
		item := b.Item(p, 900)
		coming := b.Item(p, 900, func(i *show.Item) { i.State = show.Coming })
		few := b.Item(p, 900, func(i *show.Item) { i.Released = 1 })
		one := func(l order.Line) orderdesk.Request { return request("li", id.New[string](), l) }
		noTick := one(order.Line{Product: p, Units: 1, Price: 1000})
		noTick.Order.NoReturnOK = false
		nowhere := one(order.Line{Product: p, Units: 1, Price: 1000})
		nowhere.Order.Province = "Atlantis"
		otherShow := one(order.Line{Item: item, Units: 1, Price: 900})
		otherShow.Order.Show = "other"
		for name, c := range map[string]struct {
			r    orderdesk.Request
			key  string
			kind fault.Kind
		}{
			"price went up":     {one(order.Line{Item: item, Units: 1, Price: 800}), "order.price_changed", fault.Conflict},
			"price of the page": {one(order.Line{Item: item, Units: 1, Price: 1000}), "order.price_changed", fault.Conflict},
			"no price":          {one(order.Line{Item: item, Units: 1}), "order.price_changed", fault.Conflict},
			"not on sale yet":   {one(order.Line{Item: coming, Units: 1, Price: 900}), "order.item_off", fault.Conflict},
			"product off":       {one(order.Line{Product: off, Units: 1, Price: 1000}), "order.product_off", fault.Conflict},
			"no such item":      {one(order.Line{Item: "none", Units: 1, Price: 900}), "order.line_bad", fault.Invalid},
			"no such product":   {one(order.Line{Product: "none", Units: 1, Price: 900}), "order.line_bad", fault.Invalid},
			"item of another":   {one(order.Line{Item: item, Product: off, Units: 1, Price: 900}), "order.line_bad", fault.Invalid},
			"negative units":    {one(order.Line{Item: item, Units: -1, Price: 900}), "order.line_bad", fault.Invalid},
			"too many":          {one(order.Line{Item: item, Units: 4, Price: 900}), "order.few_left", fault.Conflict},
			"over the release":  {one(order.Line{Item: few, Units: 2, Price: 900}), "order.few_left", fault.Conflict},
			"two lines too many": {request("li", "key-2lines", order.Line{Item: item, Units: 2, Price: 900}, order.Line{Product: p, Units: 2, Price: 1000}),
				"order.few_left", fault.Conflict},
			"no tick":        {noTick, "order.no_return_tick", fault.Invalid},
			"no delivery":    {nowhere, "shipping.province", fault.Invalid},
			"another show's": {otherShow, "order.other_show", fault.Invalid},
		} {
			if _, err := b.place(c.r); !fault.HasKey(err, c.key) || !fault.Is(err, c.kind) {
				b.Errorf("%s: %v, want %s", name, err, c.key)
			}
		}
		if n := b.count(`SELECT count(*) FROM sale_order`) + b.count(`SELECT count(*) FROM lot_reservation`) + b.count(`SELECT CAST(sum(reserved) AS BIGINT) FROM lot`); n != 0 {
			b.Errorf("a refusal left %d marks", n)
		}
		b.Move(show.Ended)
		_, err := b.place(one(order.Line{Item: item, Units: 1, Price: 900}))
		b.wantKey(err, "order.not_live")
		if _, err = b.place(one(order.Line{Product: p, Units: 3, Price: 1000})); err != nil {
			b.Error("all that is left, on its own page:", err)
		}
		_, err = b.place(one(order.Line{Product: p, Units: 1, Price: 1000}))
		b.wantKey(err, "order.sold_out")
	})
}

func TestKeyGivesTheFirstOrder(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 2)
		line := order.Line{Product: p, Units: 2, Price: 1000}
		first, err := b.place(request("li", "key-0001", line))
		if err != nil {
			b.Fatal(err)
		}
		// Also from another desk, as after a restart, and when all is sold.
		for _, k := range []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})} {
			again, err := k.Place(b.Context(), request("li", "key-0001", line))
			if !again.Again {
				b.Error("it is not said to be the first answer")
			}
			again.Again = false
			if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", first) {
				b.Errorf("again: %+v, %v", again, err)
			}
			line2 := line
			line2.Units = 1
			if _, err = k.Place(b.Context(), request("li", "key-0001", line2)); !fault.HasKey(err, "order.key_reused") || !fault.Is(err, fault.Conflict) {
				b.Errorf("another body: %v", err)
			}
			_, err = k.Place(b.Context(), request("wang", "key-0001", line))
			b.wantKey(err, "order.sold_out") // the key is another person's own
		}
	})
}

func TestQuoteIsWhatTheDeskTakes(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1990)
		b.Lot(p, b.Farm, 9)
		item := b.Item(p, 1750)
		lines := []order.Line{{Item: item, Units: 4, Price: 1750}, {Product: p, Units: 1, Price: 1990}}
		book, err := orderdesk.ReadBook(b.Context(), b.DB, lines)
		if err != nil {
			b.Fatal(err)
		}
		q, err := book.Quote(slices.Clone(lines), shoptest.Province())
		if err != nil || !q.NoReturn || !q.Deliver {
			b.Error(q, err)
		}
		o, err := b.place(request("li", "key-0001", lines...))
		if err != nil || q.Goods != o.Goods || q.Freight != o.Freight || q.Total != o.Total || q.Goods != money.Fen(4*1750+1990) {
			b.Errorf("quoted %+v, ordered %+v, %v", q, o, err)
		}
		if q, err = book.Quote(slices.Clone(lines), ""); err != nil || q.Freight != 0 || q.Total != q.Goods {
			b.Error("no address yet:", q, err)
		}
	})
}
