package order_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
)

// TestABuyersOrdersAreFoundFiledOrNot: whenever filing runs, a buyer finds the
// orders a plain look at all of them finds, unpaid ones are counted right, and
// a key is refused a second order.
func TestABuyersOrdersAreFoundFiledOrNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		n, all := 0, []order.Order{}
		rapid.Check(t, func(r *rapid.T) {
			must := func(err error) {
				if err != nil {
					r.Fatal(err)
				}
			}
			for range rapid.IntRange(1, 4).Draw(r, "groups") {
				var group []order.Order
				for range rapid.IntRange(1, 5).Draw(r, "orders") {
					n++
					group = append(group, sample(id.User(fmt.Sprint("u", rapid.IntRange(0, 3).Draw(r, "buyer"))), fmt.Sprint("key-", n)))
				}
				must(d.Update(ctx, func(tx *db.Tx) error { return order.Insert(ctx, tx, group, nil) }))
				all = append(all, group...)
				again := sample(group[0].Buyer, group[0].IdemKey)
				if err := d.Update(ctx, func(tx *db.Tx) error { return order.Insert(ctx, tx, []order.Order{again}, nil) }); !db.IsUnique(err) {
					r.Fatalf("a second order for one key: %v", err)
				}
				if rapid.Bool().Draw(r, "file") {
					must(d.Update(ctx, func(tx *db.Tx) error { return order.File(ctx, tx) }))
				}
			}
			var buyers []id.User
			for i := range 5 {
				u := id.User(fmt.Sprint("u", i))
				buyers = append(buyers, u)
				var want []id.Order
				for _, o := range all {
					if o.Buyer == u {
						want = append(want, o.ID)
					}
				}
				slices.SortFunc(want, func(a, b id.Order) int { return strings.Compare(string(b), string(a)) })
				got, err := order.List(ctx, d, order.Filter{Buyer: u, Limit: 500})
				must(err)
				if len(want) > 500 {
					want = want[:500]
				}
				if !slices.EqualFunc(got, want, func(o order.Order, w id.Order) bool { return o.ID == w }) {
					r.Fatalf("%s finds %d orders, has %d", u, len(got), len(want))
				}
			}
			unpaid, err := order.UnpaidOf(ctx, d, buyers)
			must(err)
			for _, u := range buyers {
				have := int64(0)
				for _, o := range all {
					if o.Buyer == u {
						have++
					}
				}
				if unpaid[u] != have {
					r.Fatalf("%s: %d unpaid, has %d", u, unpaid[u], have)
				}
			}
		})
	})
}

// TestABuyersOrdersAreNotSearchedFor: SQLite goes by the index of what is filed
// and reads only the end of the table beside it.
func TestABuyersOrdersAreNotSearchedFor(t *testing.T) {
	d := dbtest.SQLite(t)
	for _, q := range []string{
		`SELECT id FROM sale_order WHERE TRUE AND seq IN (SELECT seq FROM order_of_buyer WHERE buyer_id = $1) AND id < $2 ORDER BY id DESC LIMIT 20`,
		`SELECT buyer_id, count(*) FROM sale_order WHERE state = 'unpaid' AND seq IN (SELECT seq FROM order_of_buyer WHERE buyer_id IN ($1, $2)) GROUP BY buyer_id`,
		`SELECT o.buyer_id, l.item_id, sum(l.units) FROM sale_order o JOIN order_line l ON l.order_id = o.id
			WHERE o.state <> 'closed' AND o.seq IN (SELECT seq FROM order_of_buyer WHERE buyer_id IN ($1)) AND l.item_id IN ($2) GROUP BY o.buyer_id, l.item_id`,
	} {
		rows, err := d.Query(t.Context(), `EXPLAIN QUERY PLAN `+q, "a", "b")
		plan, err := db.Collect(rows, err, func(r *db.Rows, s *string) error {
			var a, b, c int64
			return r.Scan(&a, &b, &c, s)
		})
		if err != nil {
			t.Fatal(err)
		}
		has := func(step string) bool {
			return slices.ContainsFunc(plan, func(s string) bool { return strings.Contains(s, step) })
		}
		if !has("SEARCH order_filed USING PRIMARY KEY (buyer_id=?)") || !has("SEARCH sale_order USING INTEGER PRIMARY KEY (rowid>?)") || !has("USING INTEGER PRIMARY KEY (rowid=?)") || slices.ContainsFunc(plan, func(s string) bool { return strings.HasPrefix(s, "SCAN") && s != "SCAN order_filed_upto" }) {
			t.Errorf("%s\n%s", q, strings.Join(plan, "\n"))
		}
	}
}

// TestKeysAreLookedUpOneByOne: on SQLite each by both tables' indexes, with no
// list of them written first.
func TestKeysAreLookedUpOneByOne(t *testing.T) {
	d := dbtest.SQLite(t)
	rows, err := d.Query(t.Context(), `EXPLAIN QUERY PLAN `+order.AnswersText(3), "a", "1", "b", "2", "c", "3")
	plan, err := db.Collect(rows, err, func(r *db.Rows, s *string) error {
		var a, b, c int64
		return r.Scan(&a, &b, &c, s)
	})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(plan, "\n")
	for _, step := range []string{"(idem_key=? AND buyer_id=?)", "(buyer_id=? AND idem_key=?)"} {
		if !strings.Contains(all, step) {
			t.Errorf("no %s in\n%s", step, all)
		}
	}
	if strings.Contains(all, "MATERIALIZE") || strings.Contains(all, "TEMP B-TREE") {
		t.Error(all)
	}
}
