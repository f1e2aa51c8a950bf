package promise

import (
	"context"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// Figure is a public sum of the promises and how it is made: what moved on some
// accounts in a period. The query on its page is the one that runs.
type Figure struct {
	Name     string // of the keys open.sum_… and open.how_…
	Promise  string // "P1"
	Accounts []string
	Grows    money.Fen // +1 counts debits, -1 credits
	Balance  bool      // from the first day to the end of the period: what is there
	Main     bool      // shown large
}

// Figures are the public sums, by promise.
var Figures = []Figure{
	{Name: "local_commission", Promise: "P1", Main: true, Grows: -1},
	{Name: "local_owed", Promise: "P1", Main: true, Grows: -1, Accounts: []string{"producer/local/%/owed"}},
	{Name: "local_goods", Promise: "P1", Grows: -1, Accounts: []string{"producer/local/%/owed", "trade/margin/local", "trade/loss/local"}},
	{Name: "local_margin", Promise: "P1", Grows: -1, Accounts: []string{"trade/margin/local", "trade/loss/local"}},
	{Name: "local_paid", Promise: "P1", Grows: 1, Accounts: []string{"producer/local/%/paid"}},
	{Name: "gifts", Promise: "P2", Main: true, Grows: -1, Accounts: []string{"gift/received"}},
	{Name: "charity_paid", Promise: "P2", Main: true, Grows: 1, Accounts: []string{"charity/paid/%"}},
	{Name: "charity", Promise: "P2", Grows: -1, Balance: true, Accounts: []string{"charity/fund"}},
	{Name: "commission", Promise: "P3", Main: true, Grows: -1, Accounts: []string{"commission/earned"}},
	{Name: "growth_in", Promise: "P3", Main: true, Grows: 1, Accounts: []string{"profit/passed"}},
	{Name: "margin", Promise: "P3", Grows: -1, Accounts: []string{"trade/margin/%", "trade/loss/%"}},
	{Name: "freight", Promise: "P3", Grows: -1, Accounts: []string{"freight/earned"}},
	{Name: "service", Promise: "P3", Grows: -1, Accounts: []string{"service/earned"}},
	{Name: "costs", Promise: "P3", Grows: 1, Accounts: []string{"costs/%"}},
	{Name: "growth_paid", Promise: "P3", Grows: 1, Accounts: []string{"growth/paid/%"}},
	{Name: "growth", Promise: "P3", Grows: -1, Balance: true, Accounts: []string{"growth/fund"}},
}

// FigureOf finds one by its name.
func FigureOf(name string) (Figure, bool) {
	for _, f := range Figures {
		if f.Name == name {
			return f, true
		}
	}
	return Figure{}, false
}

// acrossSQL adds up commissions and fees in bookings that touch a local
// producer: the only figure that looks at whole transactions and not at
// accounts.
const acrossSQL = `SELECT CAST(coalesce(sum(p.fen), 0) AS BIGINT)
FROM ledger_posting p JOIN ledger_txn t ON t.id = p.txn_id
WHERE (p.path LIKE 'commission/%' OR p.path LIKE 'fee/%' OR p.path LIKE 'tax/%')
  AND t.day BETWEEN $1 AND $2
  AND EXISTS (SELECT 1 FROM ledger_posting o WHERE o.txn_id = p.txn_id AND o.path LIKE 'producer/local/%')`

// SQL is the statement that makes the figure; $1 and $2 are the first and the
// last day as numbers like 20261122.
func (f Figure) SQL() string {
	if f.Accounts == nil {
		return acrossSQL
	}
	return ledger.MovedSQL(f.Accounts)
}

// Days before and after everything.
const (
	FirstDay clock.Day = 0
	LastDay  clock.Day = 99991231
)

// Read computes the figure of a period; FirstDay and LastDay for all there is.
func (f Figure) Read(ctx context.Context, q db.Querier, from, to clock.Day) (money.Fen, error) {
	if f.Balance {
		from = FirstDay
	}
	var fen money.Fen
	err := q.QueryRow(ctx, f.SQL(), int64(from), int64(to)).Scan(&fen)
	return f.Grows * fen, err
}
