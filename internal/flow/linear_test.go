package flow_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
)

// stockCall is what somebody asked of a lot: units taken, given back, or
// brought in.
type stockCall struct {
	op    string // "take", "back", "bring"
	units int64
}

// stockModel is a lot as it should seem to everybody at once: a number that a
// take lowers if it is enough, and only then.
func stockModel(stock int64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return stock },
		Step: func(state, input, output any) (bool, any) {
			left, call, ok := state.(int64), input.(stockCall), output.(bool)
			switch {
			case call.op != "take":
				return ok, left + call.units
			case ok:
				return left >= call.units, left - call.units
			}
			return left < call.units, left
		},
		DescribeOperation: func(input, output any) string {
			c := input.(stockCall)
			return fmt.Sprintf("%s %d: %v", c.op, c.units, output)
		},
	}
}

// history records what many do at once.
type history struct {
	mu    sync.Mutex
	began time.Time
	ops   []porcupine.Operation
}

// record notes a call, when it was made and when its answer came.
func (h *history) record(client int, call stockCall, do func() bool) bool {
	from := time.Since(h.began)
	ok := do()
	to := time.Since(h.began)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: call, Call: int64(from), Output: ok, Return: int64(to)})
	return ok
}

func (h *history) verdict(stock int64) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(stockModel(stock), h.ops, time.Minute)
}

// TestStockIsLinearizable has buyers fight for one lot through the desk, cancel
// and pay, while a selector brings more in: there is one order of all that was
// asked in which every answer is right. Those who never got anything are told
// "sold out" from memory (orderdesk's shelf), which must be right, too.
func TestStockIsLinearizable(t *testing.T) {
	const buyers, turns, stock = 8, 25, 12
	eachTill(t, func(b *till) {
		good := b.Product(1000)
		l := b.Lot(good, b.Farm, stock)
		selector := b.Person(actor.Selector)
		h := &history{began: time.Now()}
		var wg sync.WaitGroup
		for n := range buyers {
			who, at := b.Buyer()
			wg.Go(func() {
				var mine []heldOrder
				for range turns {
					if len(mine) > 0 && rand.IntN(2) == 0 {
						o := mine[0]
						mine = mine[1:]
						h.record(n, stockCall{"back", o.units}, func() bool { return b.giveUp(who, o.id) })
						continue
					}
					units := 1 + rand.Int64N(3)
					var o id.Order
					if h.record(n, stockCall{"take", units}, func() (ok bool) {
						o, ok = b.take(who, at, good, units)
						return ok
					}) {
						mine = append(mine, heldOrder{o, units})
					}
				}
			})
		}
		wg.Go(func() {
			for range 6 {
				h.record(buyers, stockCall{"bring", 2}, func() bool { return b.bring(selector, l, 2) })
			}
		})
		wg.Wait()
		b.soldOutFromMemory(h, buyers, good, func() bool { return b.bring(selector, l, 2) })
		if v := h.verdict(stock); v != porcupine.Ok {
			b.Errorf("the history of %d calls is %s", len(h.ops), v)
		}
	})
}

// soldOutFromMemory empties the shelf, has newcomers refused without the
// database, and sees that the first who comes after new stock gets it.
func (b *till) soldOutFromMemory(h *history, client int, good id.Product, bring func() bool) {
	take := func(who actor.Actor, at id.Address) bool {
		return h.record(client, stockCall{"take", 1}, func() bool {
			_, ok := b.take(who, at, good, 1)
			return ok
		})
	}
	first, home := b.Buyer()
	for take(first, home) {
	}
	who, at := b.Buyer()
	for tries := 0; b.Desk.Stats().Empty == 0; tries++ {
		if take(who, at) || tries > 300 {
			b.Fatal("never refused from memory")
		}
		runtime.Gosched()
	}
	h.record(client, stockCall{"bring", 2}, bring)
	if !take(who, at) {
		b.Error("refused what had just come")
	}
}

type heldOrder struct {
	id    id.Order
	units int64
}

// take orders units, and tells whether there were enough.
func (b *till) take(who actor.Actor, at id.Address, good id.Product, units int64) (id.Order, bool) {
	for {
		o, err := b.PlaceOrder(context.Background(), who, flow.PlaceIn{Key: id.New[string](), Address: at, NoReturnOK: true,
			Lines: []flow.PlaceLine{{Product: good, Units: units, Price: 1000}}})
		switch {
		case err == nil:
			return o.ID, true
		case fault.HasKey(err, "order.sold_out") || fault.HasKey(err, "order.few_left"):
			return "", false
		case !fault.Is(err, fault.TooMany): // busy: asked again within the same call
			b.Error(err)
			return "", false
		}
	}
}

func (b *till) giveUp(who actor.Actor, o id.Order) bool {
	_, err := b.CancelOrder(context.Background(), who, o)
	if err != nil {
		b.Error(err)
	}
	return err == nil
}

func (b *till) bring(who actor.Actor, l id.Lot, units int64) bool {
	var good id.Product
	err := b.DB.Update(context.Background(), func(tx *db.Tx) error {
		x, err := lot.ByID(context.Background(), tx, l)
		if err != nil {
			return err
		}
		good = x[l].Product
		return lot.Move(context.Background(), tx, who, l, lot.Receive, units*shoptest.Base, "more")
	})
	b.StockChanged(context.Background(), good)
	if err != nil {
		b.Error(err)
	}
	return err == nil
}

// carelessShop looks and then takes, as a shop without a transaction does.
type carelessShop struct {
	mu    sync.Mutex
	left  int64
	looks sync.WaitGroup // everybody has looked
}

func (s *carelessShop) take(units int64) bool {
	s.mu.Lock()
	left := s.left
	s.mu.Unlock()
	s.looks.Done()
	s.looks.Wait()
	if left < units {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left -= units
	return true
}

// TestTheCheckerSeesAnOversell: the same checker, on a shop that sells its last
// unit twice, and on one that says "sold out" while it has one.
func TestTheCheckerSeesAnOversell(t *testing.T) {
	shop := &carelessShop{left: 1}
	shop.looks.Add(2)
	h := &history{began: time.Now()}
	var wg sync.WaitGroup
	for n := range 2 {
		wg.Go(func() { h.record(n, stockCall{"take", 1}, func() bool { return shop.take(1) }) })
	}
	wg.Wait()
	if v := h.verdict(1); v != porcupine.Illegal {
		t.Errorf("one unit sold twice is %s", v)
	}
	shy := &history{began: time.Now()}
	shy.record(0, stockCall{"take", 1}, func() bool { return false })
	if v := shy.verdict(1); v != porcupine.Illegal {
		t.Errorf("refused while there is one: %s", v)
	}
}
