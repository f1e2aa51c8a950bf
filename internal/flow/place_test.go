package flow_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

// in is a request of the till's item.
func (b *till) in(at id.Address, units int64) flow.PlaceIn {
	return flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true, Lines: []flow.PlaceLine{{Item: b.item, Units: units, Price: price}}}
}

func (b *till) left() int64 {
	b.Helper()
	m, err := lot.ByID(b.Context(), b.DB, b.lot)
	if err != nil {
		b.Fatal(err)
	}
	return m[b.lot].Available() / 500
}

func TestPlaceOrderKeepsTheRecipientSealed(t *testing.T) {
	eachTill(t, func(b *till) {
		who, at := b.Buyer()
		in := b.in(at, 2)
		in.Note = "  ring twice "
		o, err := b.PlaceOrder(b.Context(), who, in)
		if err != nil || o.Note != "ring twice" || o.Buyer != who.User || o.Province == "" || !o.Expires.Equal(o.Placed.Add(kept)) {
			b.Fatalf("%+v, %v", o, err)
		}
		if strings.Contains(o.AddressEnc, "Lei") || strings.Contains(o.AddressEnc, "1380000") {
			b.Error("the recipient lies open in the order")
		}
		r, err := b.Recipient(b.Context(), who, o, false)
		if err != nil || r.Name != "Li Lei" || r.Phone != "13800001234" || r.Detail != "Road 1" {
			b.Errorf("%+v, %v", r, err)
		}
	})
}

func TestPlaceOrderSaysWhatIsWrong(t *testing.T) {
	eachTill(t, func(b *till) {
		who, at := b.Buyer()
		_, others := b.Buyer()
		for name, c := range map[string]struct {
			change func(*flow.PlaceIn)
			key    string
			field  string
		}{
			"short key":            {func(in *flow.PlaceIn) { in.Key = "1234567" }, "order.key_bad", "key"},
			"long key":             {func(in *flow.PlaceIn) { in.Key = strings.Repeat("k", 256) }, "order.key_bad", "key"},
			"key with controls":    {func(in *flow.PlaceIn) { in.Key = "12345678\x00" }, "order.key_bad", "key"},
			"no lines":             {func(in *flow.PlaceIn) { in.Lines = nil }, "order.lines_bad", "lines"},
			"21 lines":             {func(in *flow.PlaceIn) { in.Lines = make([]flow.PlaceLine, 21) }, "order.lines_bad", "lines"},
			"line of nothing":      {func(in *flow.PlaceIn) { in.Lines[0].Item = "" }, "order.line_bad", "lines.0"},
			"no units":             {func(in *flow.PlaceIn) { in.Lines[0].Units = 0 }, "fault.number", "lines.0.units"},
			"negative units":       {func(in *flow.PlaceIn) { in.Lines[0].Units = -5 }, "fault.number", "lines.0.units"},
			"100 units":            {func(in *flow.PlaceIn) { in.Lines[0].Units = 100 }, "fault.number", "lines.0.units"},
			"negative price":       {func(in *flow.PlaceIn) { in.Lines[0].Price = -1 }, "fault.amount", "lines.0.price"},
			"no address":           {func(in *flow.PlaceIn) { in.Address = "" }, "order.address_missing", "address"},
			"another's address":    {func(in *flow.PlaceIn) { in.Address = others }, "order.address_missing", "address"},
			"long note":            {func(in *flow.PlaceIn) { in.Note = strings.Repeat("长", 101) }, "fault.too_long", "note"},
			"note with controls":   {func(in *flow.PlaceIn) { in.Note = "a\x1bb" }, "fault.form", "note"},
			"note that is no text": {func(in *flow.PlaceIn) { in.Note = "a\xff" }, "fault.form", "note"},
			"no tick":              {func(in *flow.PlaceIn) { in.NoReturnOK = false }, "order.no_return_tick", "no_return_ok"},
			"another price":        {func(in *flow.PlaceIn) { in.Lines[0].Price++ }, "order.price_changed", "lines.0"},
		} {
			in := b.in(at, 1)
			c.change(&in)
			_, err := b.PlaceOrder(b.Context(), who, in)
			if f := fault.Of(err); f == nil || f.Key != c.key || f.Field != c.field {
				b.Errorf("%s: %v, want %s at %s", name, err, c.key, c.field)
			}
		}
		bad := b.in("", 0)
		bad.Key = ""
		_, err := b.PlaceOrder(b.Context(), who, bad)
		if f := fault.Of(err); f == nil || len(f.All()) != 3 {
			b.Errorf("three faults at once: %v", err)
		}
		if _, err := b.PlaceOrder(b.Context(), actor.Actor{}, b.in(at, 1)); !fault.Is(err, fault.Unauthenticated) {
			b.Error(err)
		}
		if b.left() != stocked {
			b.Errorf("%d left after refusals", b.left())
		}
	})
}

func TestPlaceAgainWithTheSameKey(t *testing.T) {
	eachTill(t, func(b *till) {
		who, at := b.Buyer()
		in := b.in(at, 2)
		first, err := b.PlaceOrder(b.Context(), who, in)
		if err != nil {
			b.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if o, err := b.PlaceOrder(context.Background(), who, in); err != nil || o.ID != first.ID {
					b.Errorf("%s, %v", o.ID, err)
				}
			})
		}
		wg.Wait()
		other := in
		other.Note = "and a card"
		if _, err := b.PlaceOrder(b.Context(), who, other); !fault.HasKey(err, "order.key_reused") {
			b.Error(err)
		}
		much := in
		much.Key, much.Lines = "key of too much", []flow.PlaceLine{{Item: b.item, Units: flow.MaxUnits, Price: price}}
		if _, err := b.PlaceOrder(b.Context(), who, much); !fault.HasKey(err, "order.few_left") {
			b.Error(err)
		}
		// The answer stays when the address, the price and the show are gone.
		b.Do(func(tx *db.Tx) error { return account.DeleteAddress(b.Context(), tx, who, at) })
		if o, err := b.PlaceOrder(b.Context(), who, in); err != nil || o.ID != first.ID {
			b.Error("without its address:", err)
		}
		if _, err := b.PlaceOrder(b.Context(), who, other); !fault.HasKey(err, "order.key_reused") {
			b.Error(err)
		}
		if _, err := b.PlaceOrder(b.Context(), who, much); !fault.HasKey(err, "order.few_left") || !errors.Is(err, orderdesk.ErrAgain) {
			b.Error("refused, without its address:", err)
		}
		much.Key = "a key of its own"
		if _, err := b.PlaceOrder(b.Context(), who, much); !fault.HasKey(err, "order.address_missing") {
			b.Error(err)
		}
		if b.left() != stocked-2 {
			b.Errorf("%d left", b.left())
		}
	})
}

func TestPriceChangeNeverTouchesAnOrder(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(1)
		b.Shop.SetItem(b.item, func(i *show.Item) { i.Price = price + 500 })
		same, err := b.ReadOrder(b.Context(), who, o.ID)
		if err != nil || same.Lines[0].Price != price || same.Total != o.Total {
			b.Errorf("%+v, %v", same, err)
		}
	})
}

func TestCrowdOfThreeHundredOnAHundred(t *testing.T) {
	eachTill(t, func(b *till) {
		type buyer struct {
			who actor.Actor
			at  id.Address
		}
		buyers := make([]buyer, 300)
		for i := range buyers {
			buyers[i].who, buyers[i].at = b.Buyer()
		}
		var wg sync.WaitGroup
		var sold, refused atomic.Int64
		for _, x := range buyers {
			wg.Go(func() {
				_, err := b.PlaceOrder(context.Background(), x.who, b.in(x.at, 1))
				switch {
				case err == nil:
					sold.Add(1)
				case fault.HasKey(err, "order.sold_out"):
					refused.Add(1)
				default:
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if sold.Load() != stocked || refused.Load() != 300-stocked || b.left() != 0 {
			b.Errorf("sold %d, refused %d, left %d", sold.Load(), refused.Load(), b.left())
		}
		b.now.Add(kept + time.Minute)
		if n, err := b.ExpireOrders(b.Context()); n != stocked || err != nil {
			b.Errorf("%d expired, %v", n, err)
		}
		if b.left() != stocked {
			b.Errorf("%d left when all have expired", b.left())
		}
		who, _ := b.order(99) // and all can be bought again
		if _, err := b.PlaceOrder(b.Context(), who, b.in("none", 1)); !fault.HasKey(err, "order.address_missing") {
			b.Error(err)
		}
	})
}

func TestQuoteOrder(t *testing.T) {
	eachTill(t, func(b *till) {
		lines := []flow.PlaceLine{{Item: b.item, Units: 3}} // no price seen yet
		_, o := b.order(3)
		q, err := b.QuoteOrder(b.Context(), lines, o.Province)
		if err != nil || q.Goods != o.Goods || q.Freight != o.Freight || q.Total != o.Total || !q.Deliver || !q.NoReturn {
			b.Errorf("%+v, %v; ordered %+v", q, err, o)
		}
		if q, err = b.QuoteOrder(b.Context(), lines, ""); err != nil || q.Freight != 0 || q.Total != q.Goods || !q.Deliver {
			b.Errorf("%+v, %v", q, err)
		}
		nut := b.Product(1000, func(p *catalog.Product) { p.Category, p.ReturnRule = "nut", "seven_day" })
		if q, err = b.QuoteOrder(b.Context(), []flow.PlaceLine{{Product: nut, Units: 1}}, o.Province); err != nil || q.NoReturn {
			b.Errorf("%+v, %v", q, err)
		}
		for name, bad := range map[string][]flow.PlaceLine{"none": nil, "no units": {{Item: b.item}}, "no such item": {{Item: "none", Units: 1}}} {
			if _, err := b.QuoteOrder(b.Context(), bad, o.Province); !fault.Is(err, fault.Invalid) {
				b.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestCancelGivesTheStockBack(t *testing.T) {
	eachTill(t, func(b *till) {
		who, o := b.order(5)
		stranger := b.Person()
		if _, err := b.CancelOrder(b.Context(), stranger, o.ID); !fault.Is(err, fault.NotFound) {
			b.Error("a stranger:", err)
		}
		if _, err := b.CancelOrder(b.Context(), actor.Actor{}, o.ID); !fault.Is(err, fault.Unauthenticated) {
			b.Error("nobody:", err)
		}
		var wg sync.WaitGroup
		for range 5 { // tapped five times
			wg.Go(func() {
				x, err := b.CancelOrder(context.Background(), who, o.ID)
				if err != nil || x.State != order.Closed || x.CloseReason != order.Cancelled {
					b.Errorf("%+v, %v", x, err)
				}
			})
		}
		wg.Wait()
		if b.left() != stocked {
			b.Errorf("%d left", b.left())
		}
	})
}

func TestLimitAPersonCountsOpenOrdersOnly(t *testing.T) {
	eachTill(t, func(b *till) {
		b.Shop.SetItem(b.item, func(i *show.Item) { i.PerPerson = 3 })
		who, at := b.Buyer()
		o, err := b.PlaceOrder(b.Context(), who, b.in(at, 3))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := b.PlaceOrder(b.Context(), who, b.in(at, 1)); !fault.HasKey(err, "order.per_person") {
			b.Error(err)
		}
		if _, err := b.CancelOrder(b.Context(), who, o.ID); err != nil {
			b.Fatal(err)
		}
		if _, err := b.PlaceOrder(b.Context(), who, b.in(at, 3)); err != nil {
			b.Error("after cancelling:", err)
		}
	})
}

func TestExpiryTakesOnlyWhatIsDue(t *testing.T) {
	eachTill(t, func(b *till) {
		var due []order.Order
		for range 3 {
			_, o := b.order(2)
			due = append(due, o)
		}
		b.now.Add(kept - time.Minute)
		_, young := b.order(1)
		if n, err := b.ExpireOrders(b.Context()); n != 0 || err != nil {
			b.Errorf("%d expired early, %v", n, err)
		}
		b.now.Add(time.Minute)
		var wg sync.WaitGroup
		var total atomic.Int64
		for range 4 { // several sweeps at once close each order once
			wg.Go(func() {
				n, err := b.ExpireOrders(context.Background())
				if err != nil {
					b.Error(err)
				}
				total.Add(int64(n))
			})
		}
		wg.Wait()
		if total.Load() != 3 || b.left() != stocked-1 {
			b.Errorf("%d expired, %d left", total.Load(), b.left())
		}
		for _, o := range append(due, young) {
			x, err := order.ByID(b.Context(), b.DB, o.ID)
			want := order.Closed
			if o.ID == young.ID {
				want = order.Unpaid
			}
			if err != nil || x.State != want {
				b.Errorf("%s is %s, want %s, %v", o.No, x.State, want, err)
			}
		}
	})
}

// TestOneStuckOrderKeepsNoOtherFromExpiring breaks one order's stock.
func TestOneStuckOrderKeepsNoOtherFromExpiring(t *testing.T) {
	eachTill(t, func(b *till) {
		_, stuck := b.order(1)
		for range 3 {
			b.order(1)
		}
		hold := func(qty int64) {
			b.Do(func(tx *db.Tx) error {
				_, err := tx.Exec(b.Context(), `UPDATE lot_reservation SET qty = $2 WHERE order_id = $1`, stuck.ID, qty)
				return err
			})
		}
		hold(1_000_000) // more than the lot has reserved: giving it back breaks the CHECK
		b.now.Add(kept)
		if n, err := b.ExpireOrders(b.Context()); n != 3 || err == nil {
			b.Errorf("%d expired, %v", n, err)
		}
		hold(500) // repaired, it goes with the next sweep
		if n, err := b.ExpireOrders(b.Context()); n != 1 || err != nil {
			b.Errorf("%d expired, %v", n, err)
		}
	})
}

func TestReadOrderShowsEachTheirOwn(t *testing.T) {
	eachTill(t, func(b *till) {
		second := b.Product(1000)
		b.Lot(second, b.Works, 10)
		who, at := b.Buyer()
		in := b.in(at, 2)
		in.Note = "private"
		in.Lines = append(in.Lines, flow.PlaceLine{Product: second, Units: 1, Price: 1000})
		o, err := b.PlaceOrder(b.Context(), who, in)
		if err != nil {
			b.Fatal(err)
		}
		farmer, worker, stranger := b.Person(actor.Producer), b.Person(actor.Producer), b.Person(actor.Producer)
		b.Do(func(tx *db.Tx) error {
			if err := account.LinkProducer(b.Context(), tx, actor.System("test"), farmer.User, b.Farm); err != nil {
				return err
			}
			return account.LinkProducer(b.Context(), tx, actor.System("test"), worker.User, b.Works)
		})
		for _, reader := range []actor.Actor{who, b.Person(actor.Operator), b.Person(actor.Packer), b.Person(actor.Service), b.Person(actor.Finance), b.Person(actor.Overseer), b.Person(actor.Admin)} {
			if x, err := b.ReadOrder(b.Context(), reader, o.ID); err != nil || fmt.Sprint(x) != fmt.Sprint(o) {
				b.Errorf("%v: %+v, %v", reader.Roles, x, err)
			}
		}
		for _, reader := range []actor.Actor{stranger, b.Person(), b.Person(actor.Host), b.Person(actor.Moderator), b.Person(actor.Selector)} {
			if _, err := b.ReadOrder(b.Context(), reader, o.ID); !fault.Is(err, fault.NotFound) {
				b.Errorf("%v: %v", reader.Roles, err)
			}
		}
		if _, err := b.ReadOrder(b.Context(), actor.Actor{}, o.ID); !fault.Is(err, fault.Unauthenticated) {
			b.Error(err)
		}
		x, err := b.ReadOrder(b.Context(), farmer, o.ID)
		if err != nil || len(x.Lines) != 1 || x.Lines[0].Item != b.item || x.Goods != 2*price || x.Total != x.Goods || x.Freight != 0 ||
			x.AddressEnc != "" || x.Note != "" || x.Buyer != "" || x.IdemKey != "" {
			b.Errorf("the farmer sees %+v, %v", x, err)
		}
		if x, err = b.ReadOrder(b.Context(), worker, o.ID); err != nil || len(x.Lines) != 1 || x.Goods != 1000 {
			b.Errorf("the works see %+v, %v", x, err)
		}
	})
}
