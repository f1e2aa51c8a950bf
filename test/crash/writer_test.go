package crash

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"lindu.example/lindu/internal/db"
)

// written are the tables an order is written to, in the order the desk does.
var written = []string{"sale_order", "order_line", "order_share", "audit_event", "lot_reservation", "ledger_txn", "ledger_posting"}

// refusalsOfATable are waited for before the next one's turn.
const refusalsOfATable = 5

// TestWriterFailsInTheMiddle has the database refuse rows by chance, one table
// after the other, so that groups of orders break off at every place of their
// transaction. Whoever is told so asks again with the key.
func TestWriterFailsInTheMiddle(t *testing.T) {
	onEach(t, func(t *testing.T, c *centre) {
		c.expect = func(line string) bool { return strings.Contains(line, "injected") }
		s := prepare(c, killCrowd+1, plenty)
		s.start()
		r := s.sell(5*easy, func(r *run) {
			for _, table := range written {
				mend := c.breakInserts(table)
				r.refusals(refusalsOfATable)
				mend()
				r.enough(1)
				c.fsck() // beside the crowd
			}
			r.lastCall(atTheEnd)
		})
		missing, oversold := r.soldOut()
		t.Logf("places %d, orders answered 503 %d, acknowledged %d, retried %d, missing %d, oversold %d", len(written), r.refused, len(r.told), r.retried, missing, oversold)
	})
}

// breakInserts has the database refuse one row of a table in thirty, beside the
// running centre.
func (c *centre) breakInserts(table string) (mend func()) {
	c.t.Helper()
	ctx := context.Background()
	d := c.beside()
	do := func(q string) {
		c.t.Helper()
		if _, err := d.Exec(ctx, q); err != nil {
			c.t.Fatalf("%s: %v", q, err)
		}
	}
	drop := `DROP TRIGGER broken`
	if d.Dialect == db.SQLite {
		do(fmt.Sprintf(`CREATE TRIGGER broken BEFORE INSERT ON %s WHEN abs(random() %% 30) = 0 BEGIN SELECT RAISE(ABORT, 'injected'); END`, table))
	} else {
		do(`CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'injected'; END $$`)
		do(fmt.Sprintf(`CREATE TRIGGER broken BEFORE INSERT ON %s FOR EACH ROW WHEN (random() < 0.034) EXECUTE FUNCTION broken()`, table))
		drop += ` ON ` + table
	}
	return func() {
		c.t.Helper()
		do(drop)
		if err := d.Close(); err != nil {
			c.t.Error(err)
		}
	}
}

// TestTapsFromTwoTabs: a buyer taps Buy ten times a second in two tabs that
// hold the same key, and the centre is killed meanwhile: one order.
func TestTapsFromTwoTabs(t *testing.T) {
	const tabs, taps = 2, 20
	onEach(t, func(t *testing.T, c *centre) {
		s := prepare(c, 1, 100)
		s.start()
		hc := crowdClient(tabs * taps)
		defer hc.CloseIdleConnections()
		key := newKey("taps")
		var mu sync.Mutex
		ids := map[string]int{}
		tap := func() {
			o, err := s.client(s.buyers[0], hc).PlaceOrder(t.Context(), key, s.wish(s.buyers[0]))
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				ids[o.ID]++
			}
		}
		var wg sync.WaitGroup
		for n := range tabs * taps {
			wg.Go(tap)
			if n == tabs*taps/2 {
				s.kill()
				s.start()
			}
		}
		wg.Wait()
		tap() // the last one finds it
		c.askToStop()
		c.waitStopped()
		orders, reserved := s.books()
		if len(orders) != 1 || reserved != 1 || len(ids) != 1 || ids[orders[0].id] == 0 {
			t.Errorf("%d taps: orders %v, %d units; answers %v", tabs*taps+1, orders, reserved, ids)
		}
		c.fsck()
		t.Logf("taps %d, answered %d, orders %d", tabs*taps+1, ids[orders[0].id], len(orders))
	})
}
