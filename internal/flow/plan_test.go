package flow_test

import (
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
)

// TestCommissionIsSnapshotByPlan: the rate of the moment stands on the order
// with base, payer, payee, plan and host, and no later plan moves it. A local
// producer's lot of the same product pays nothing under any plan.
func TestCommissionIsSnapshotByPlan(t *testing.T) {
	eachTill(t, func(b *till) {
		ctx := b.Context()
		host := func() id.User {
			sh, err := show.ByID(ctx, b.DB, b.Show)
			if err != nil {
				b.Fatal(err)
			}
			return sh.Host
		}()
		nuts := b.Product(1000, func(p *catalog.Product) { p.Settlement, p.ReturnRule = "split", "" })
		b.Lot(nuts, b.Works, 10)
		item := b.Item(nuts, 1000)
		who, at := b.Buyer()
		add := func(p catalog.Plan) (out id.Plan) {
			p.Product = nuts
			b.Do(func(tx *db.Tx) (err error) {
				out, err = catalog.AddPlan(ctx, tx, actor.System("t"), p)
				return err
			})
			return out
		}
		buy := func(in flow.PlaceIn) (order.Order, []order.Fee) {
			b.Helper()
			o, err := b.PlaceOrder(ctx, who, in)
			if err != nil {
				b.Fatal(err)
			}
			fees, err := order.Fees(ctx, b.DB, o.ID)
			if err != nil {
				b.Fatal(err)
			}
			return o, fees
		}
		inShow := func() flow.PlaceIn {
			return flow.PlaceIn{Key: id.New[string](), Show: b.Show, Address: at, NoReturnOK: true, Lines: []flow.PlaceLine{{Item: item, Units: 2, Price: 1000}}}
		}
		check := func(name string, fees []order.Fee, want order.Fee) {
			b.Helper()
			want.Base, want.Payer, want.Payee = 2000, b.Works, order.Centre
			if len(fees) != 1 {
				b.Fatalf("%s: %+v", name, fees)
			}
			want.Order, want.Reservation = fees[0].Order, fees[0].Reservation
			if fees[0] != want {
				b.Errorf("%s: %+v, want %+v", name, fees[0], want)
			}
		}
		_, fees := buy(inShow())
		check("the producer's own rate", fees, order.Fee{RateBP: 1000, Fen: 200, Host: host})
		open := add(catalog.Plan{Kind: catalog.PlanOpen, RateBP: 500})
		first, fees := buy(inShow())
		check("open", fees, order.Fee{Plan: open, RateBP: 500, Fen: 100, Host: host})
		targeted := add(catalog.Plan{Kind: catalog.PlanTargeted, Host: host, RateBP: 800})
		_, fees = buy(inShow())
		check("targeted", fees, order.Fee{Plan: targeted, RateBP: 800, Fen: 160, Host: host})
		add(catalog.Plan{Kind: catalog.PlanExclusive, Host: "another", RateBP: 2000})
		_, fees = buy(inShow())
		check("another's", fees, order.Fee{RateBP: 1000, Fen: 200, Host: host})
		if _, err := b.AddItem(ctx, actor.System("t"), b.Show, show.Item{Product: nuts, Price: 1000, State: show.OnSale, Released: 1}); !fault.HasKey(err, "show.exclusive") {
			b.Errorf("another's exclusive product was put into the show: %v", err)
		}
		if again, err := order.Fees(ctx, b.DB, first.ID); err != nil || again[0].RateBP != 500 {
			b.Error("a later plan moved an order's fee", again, err)
		}

		b.Lot(nuts, b.Farm, 10)
		for range 2 { // the works' last units, then the farm's
			_, fees = buy(inShow())
		}
		if len(fees) != 0 {
			b.Errorf("a local producer pays %+v", fees)
		}
	})
}
