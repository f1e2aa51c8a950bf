package order_test

import (
	"testing"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// TestListByLotAndStates holds what a producer's page asks: who bought from
// this lot, and everything that is in one of several states.
func TestListByLotAndStates(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		mine, paid, others := sample("li", "key-1"), sample("li", "key-2"), sample("li", "key-3")
		for _, o := range []order.Order{mine, paid} {
			insert(t, d, o, sharesOf(o, "f1", true))
		}
		shares := sharesOf(others, "f1", true)
		for i := range shares {
			shares[i].Lot = "lot2"
		}
		insert(t, d, others, shares)
		if err := d.Update(ctx, func(tx *db.Tx) error {
			_, err := order.Move(ctx, tx, paid.ID, order.Unpaid, order.Paid, "")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			f    order.Filter
			want []id.Order
		}{
			"lot":          {order.Filter{Producer: "f1", Lot: "lot"}, []id.Order{paid.ID, mine.ID}},
			"other lot":    {order.Filter{Producer: "f1", Lot: "lot2"}, []id.Order{others.ID}},
			"no such lot":  {order.Filter{Producer: "f1", Lot: "lot3"}, nil},
			"one of two":   {order.Filter{Lot: "lot", States: []order.State{order.Paid, order.Shipped}}, []id.Order{paid.ID}},
			"both states":  {order.Filter{Lot: "lot", States: []order.State{order.Paid, order.Unpaid}}, []id.Order{paid.ID, mine.ID}},
			"states, page": {order.Filter{States: []order.State{order.Paid, order.Unpaid}, Before: others.ID, Limit: 1}, []id.Order{paid.ID}},
		} {
			list, err := order.List(ctx, d, c.f)
			if err != nil {
				t.Fatal(name, err)
			}
			var got []id.Order
			for _, o := range list {
				got = append(got, o.ID)
			}
			if len(got) != len(c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
				continue
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%s: %v, want %v", name, got, c.want)
				}
			}
		}
	})
}
