package flow_test

import (
	"slices"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/show"
	"pgregory.net/rapid"
)

// refusals are the answers a random sequence may get.
var refusals = []string{"aftersale.units_left", "aftersale.amount_left", "aftersale.nothing_left", "aftersale.shipped", "aftersale.not_arrived", "aftersale.say_received",
	"aftersale.fresh_claim", "aftersale.open", "aftersale.cancel_instead", "aftersale.moved_on", "aftersale.closed", "aftersale.units", "aftersale.many", "aftersale.return_over",
	"aftersale.claim_over", "aftersale.grant_none", "shipping.not_shipped", "shipping.not_paid", "shipping.shipped", "payment.shipped", "order.cannot_cancel", "payment.not_paid", "aftersale.freight"}

// Whatever buyers, service and the packer do in whatever order: no refund
// passes what was paid, no unit comes back twice, and the books balance (fsck,
// at the end of the test).
func TestRandomSequencesOfRefundsNeverPassWhatWasPaid(t *testing.T) {
	eachCounter(t, func(b *counter) {
		b.deep()
		rapid.Check(b.T, func(rt *rapid.T) { b.randomLife(rt) })
	})
}

func (b *counter) randomLife(rt *rapid.T) {
	who, o := b.bought(rapid.Int64Range(0, 2).Draw(rt, "berries"), rapid.Int64Range(1, 2).Draw(rt, "nuts"))
	check := func(err error) {
		if err != nil && !slices.Contains(refusals, fault.Of(err).Key) {
			rt.Fatalf("%s: %v", fault.Of(err).Key, err)
		}
	}
	for range rapid.IntRange(1, 12).Draw(rt, "steps") {
		check(b.randomStep(rt, who, o))
		x := b.read(o)
		if back := b.refunded(o); back > o.Total || back != x.Refunded() {
			rt.Fatalf("%s back by refunds, %s by the order, of %s", back, x.Refunded(), o.Total)
		}
		for _, l := range x.Lines {
			if l.Left() < 0 || l.Refunded > l.Goods {
				rt.Fatalf("%+v", l)
			}
		}
	}
}

// deep puts many units that keep beside those there are, so that the lots
// never run out over many lives, and lines are filled from two.
func (b *counter) deep() {
	b.Helper()
	items, err := show.ItemsByID(b.Context(), b.DB, b.item, b.dry)
	if err != nil {
		b.Fatal(err)
	}
	for item, from := range map[id.Item]id.Producer{b.item: b.Farm, b.dry: b.Works} {
		b.Lot(items[item].Product, from, 1_000_000, func(n *lot.New) { n.BestBefore = 0 })
	}
}

func (b *counter) randomStep(rt *rapid.T, who actor.Actor, o order.Order) error {
	line := rapid.SampledFrom(o.Lines).Draw(rt, "line")
	ask := func(by actor.Actor, kind aftersale.Kind, reason string, l flow.AskLine) error {
		l.Line = line.ID
		_, err := b.ask(by, o, kind, reason, l)
		return err
	}
	switch rapid.IntRange(0, 8).Draw(rt, "step") {
	case 0:
		return ask(who, aftersale.Cancel, aftersale.Unwanted, flow.AskLine{Units: rapid.Int64Range(1, 2).Draw(rt, "units")})
	case 1:
		return ask(b.service, aftersale.Claim, aftersale.Quality, flow.AskLine{Fen: money.Fen(rapid.Int64Range(1, int64(line.Goods)).Draw(rt, "fen"))})
	case 2:
		return ask(who, aftersale.Return, aftersale.Quality, flow.AskLine{Units: rapid.Int64Range(1, 2).Draw(rt, "units")})
	case 3:
		_, err := b.ShipOrder(b.Context(), b.packer, o.ID, "shunfeng", "SF"+o.No)
		return err
	case 4:
		_, err := b.ReceiveOrder(b.Context(), who, o.ID)
		return err
	case 5:
		_, err := b.CancelOrder(b.Context(), who, o.ID)
		return err
	case 6:
		b.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
		_, err := b.AdvanceOrders(b.Context())
		return err
	}
	return b.randomDecision(rt, o)
}

// randomDecision moves one of the order's open cases on.
func (b *counter) randomDecision(rt *rapid.T, o order.Order) error {
	cases, err := aftersale.OfOrder(b.Context(), b.DB, o.ID)
	cases = slices.DeleteFunc(cases, func(c aftersale.Case) bool { return !c.State.Open() })
	if err != nil || len(cases) == 0 {
		return err
	}
	c := rapid.SampledFrom(cases).Draw(rt, "case")
	d := flow.Decision{Bearer: rapid.SampledFrom(aftersale.Bearers).Draw(rt, "bearer"), Carrier: "shunfeng", Amounts: map[id.Line]money.Fen{}}
	if rapid.Bool().Draw(rt, "less") {
		d.Amounts[c.Lines[0].Line] = money.Fen(rapid.Int64Range(0, int64(c.Lines[0].Fen)).Draw(rt, "granted"))
	}
	switch rapid.IntRange(0, 3).Draw(rt, "decision") {
	case 0:
		_, err = b.RejectCase(b.Context(), b.service, c.ID, "no")
	case 1:
		_, err = b.GoodsBack(b.Context(), b.packer, c.ID, rapid.SampledFrom([]string{aftersale.Good, aftersale.Spoiled}).Draw(rt, "goods"))
	default:
		if c.Kind == aftersale.Return && c.State == aftersale.Requested {
			_, err = b.ApproveReturn(b.Context(), b.service, c.ID, d)
		} else {
			_, err = b.RefundCase(b.Context(), b.service, c.ID, d)
		}
	}
	return err
}
