package orderdesk_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/orderdesk"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

func TestSameKeyInParallelMakesOneOrder(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 50)
		desks := []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})} // two processes
		var mu sync.Mutex
		got := map[id.Order]int{}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				o, err := desks[i%2].Place(context.Background(), request("li", "key-same", order.Line{Product: p, Units: 1, Price: 1000}))
				if err != nil {
					b.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				got[o.ID]++
			})
		}
		wg.Wait()
		if n := b.count(`SELECT count(*) FROM sale_order`); len(got) != 1 || n != 1 {
			b.Errorf("%d orders, answers %v", n, got)
		}
	})
}

func TestCrowdBuysExactlyWhatThereIs(t *testing.T) {
	for _, desks := range []int{1, 2} {
		t.Run(fmt.Sprint(desks, " desks"), func(t *testing.T) {
			each(t, orderdesk.Options{Group: 32}, func(b bench) {
				p := b.Product(1000)
				a, c := b.Lot(p, b.Farm, 60), b.Lot(p, b.Works, 40)
				item := b.Item(p, 900)
				ks := []*orderdesk.Desk{b.desk}
				for len(ks) < desks {
					ks = append(ks, open(b.T, b.DB, orderdesk.Options{Group: 32}))
				}
				var sold, refused atomic.Int64
				var wg sync.WaitGroup
				for i := range 300 {
					wg.Go(func() {
						r := request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Item: item, Units: 1, Price: 900})
						for { // a busy desk says when to come again
							_, err := ks[i%desks].Place(context.Background(), r)
							switch {
							case err == nil:
								sold.Add(1)
							case fault.Is(err, fault.TooMany):
								continue
							case fault.HasKey(err, "order.sold_out"):
								refused.Add(1)
							default:
								b.Error(err)
							}
							return
						}
					})
				}
				wg.Wait()
				if sold.Load() != 100 || refused.Load() != 200 {
					b.Errorf("sold %d, refused %d", sold.Load(), refused.Load())
				}
				ls, _ := lot.ByID(b.Context(), b.DB, a, c)
				if ls[a].Available() != 0 || ls[c].Available() != 0 || b.count(`SELECT count(*) FROM sale_order`) != 100 || b.count(`SELECT sold FROM show_item WHERE id = $1`, item) != 100 {
					b.Errorf("%+v", ls)
				}
			})
		})
	}
}

func TestLimitAPersonHoldsAcrossOrdersAndDesks(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		item := b.Item(p, 900, func(i *show.Item) { i.PerPerson = 3 })
		line := order.Line{Item: item, Units: 1, Price: 900}
		_, err := b.place(request("li", "key-4", line, order.Line{Item: item, Units: 3, Price: 900}))
		b.wantKey(err, "order.per_person")
		desks := []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})}
		var wg sync.WaitGroup
		var bought atomic.Int64
		for i := range 12 {
			wg.Go(func() {
				_, err := desks[i%2].Place(context.Background(), request("li", fmt.Sprint("key-", 10+i), line))
				if err == nil {
					bought.Add(1)
				} else if !fault.HasKey(err, "order.per_person") {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		if bought.Load() != 3 {
			b.Errorf("bought %d with a limit of 3", bought.Load())
		}
		if _, err := b.place(request("wang", "key-99", line)); err != nil {
			b.Error("another person:", err)
		}
	})
}

func TestReleasedUnitsHoldAcrossDesks(t *testing.T) {
	each(t, orderdesk.Options{}, func(b bench) {
		p := b.Product(1000)
		b.Lot(p, b.Farm, 100)
		item := b.Item(p, 900, func(i *show.Item) { i.Released = 7 })
		desks := []*orderdesk.Desk{b.desk, open(b.T, b.DB, orderdesk.Options{})}
		var wg sync.WaitGroup
		var sold atomic.Int64
		for i := range 30 {
			wg.Go(func() {
				for {
					_, err := desks[i%2].Place(context.Background(), request(id.User(fmt.Sprint("u", i)), fmt.Sprint("key-", i), order.Line{Item: item, Units: 1, Price: 900}))
					switch {
					case err == nil:
						sold.Add(1)
					case fault.Is(err, fault.TooMany):
						continue
					case !fault.HasKey(err, "order.sold_out"):
						b.Error(err)
					}
					return
				}
			})
		}
		wg.Wait()
		if sold.Load() != 7 {
			b.Errorf("sold %d of 7 released", sold.Load())
		}
	})
}
