package promise

import (
	"strings"

	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// chart is every account there may be, "*" standing for one id or name. What is
// not in it can't be booked (Guard), so no fee gets a name of its own.
var chart = map[string]ledger.Kind{
	"buyers/receivable":          ledger.Asset,
	"channel/*/clearing":         ledger.Asset,
	"bank/main":                  ledger.Asset,
	"carrier/*/owed":             ledger.Asset,
	"quarantine/held":            ledger.Liability,
	"refund/buyers/due":          ledger.Liability,
	"producer/local/*/pending":   ledger.Liability,
	"producer/local/*/owed":      ledger.Liability,
	"producer/local/*/paid":      ledger.Liability,
	"producer/outside/*/pending": ledger.Liability,
	"producer/outside/*/owed":    ledger.Liability,
	"producer/outside/*/paid":    ledger.Liability,
	"commission/pending":         ledger.Liability,
	"commission/earned":          ledger.Income,
	"trade/pending/local":        ledger.Liability,
	"trade/pending/outside":      ledger.Liability,
	"trade/margin/local":         ledger.Income,
	"trade/margin/outside":       ledger.Income,
	"trade/loss/local":           ledger.Expense,
	"trade/loss/outside":         ledger.Expense,
	"freight/pending":            ledger.Liability,
	"freight/earned":             ledger.Income,
	"service/earned":             ledger.Income,
	"host/*/owed":                ledger.Liability,
	"host/*/paid":                ledger.Liability,
	"agency/*/owed":              ledger.Liability,
	"agency/*/paid":              ledger.Liability,
	"tax/withheld":               ledger.Liability,
	"gift/received":              ledger.Income,
	"gift/passed":                ledger.Expense,
	"charity/fund":               ledger.Liability,
	"charity/paid/*":             ledger.Expense,
	"charity/given":              ledger.Income,
	"profit/passed":              ledger.Equity,
	"growth/fund":                ledger.Liability,
	"growth/paid/*":              ledger.Expense,
	"growth/given":               ledger.Income,
	"costs/provider-fee":         ledger.Expense,
	"costs/freight":              ledger.Expense,
	"costs/packing":              ledger.Expense,
	"costs/wages":                ledger.Expense,
	"costs/host-share":           ledger.Expense,
	"costs/classes":              ledger.Expense,
	"costs/materials":            ledger.Expense,
	"costs/claims":               ledger.Expense,
	"costs/promotion":            ledger.Expense,
	"costs/other":                ledger.Expense,
}

// cut is a path without its id: what stands before and after it.
type cut struct{ head, tail string }

// row is an account of the chart as the guard compares it.
type row struct {
	pattern string
	kind    ledger.Kind
}

// plain and starred are the chart by what a path is looked up by.
var plain, starred = func() (map[string]row, map[cut]row) {
	p, s := map[string]row{}, map[cut]row{}
	for pattern, kind := range chart {
		if head, tail, ok := strings.Cut(pattern, "*"); ok {
			s[cut{head, tail}] = row{pattern, kind}
		} else {
			p[pattern] = row{pattern, kind}
		}
	}
	return p, s
}()

// find looks a path up in the chart and tells the id in it, "" if it has none.
func find(path string) (e row, name string, ok bool) {
	if e, ok := plain[path]; ok {
		return e, "", true
	}
	// The id is the third part under producer, charity and growth, the second
	// everywhere else.
	from := strings.IndexByte(path, '/') + 1
	switch path[:from] {
	case "producer/", "charity/", "growth/":
		from += strings.IndexByte(path[from:], '/') + 1
	}
	to := len(path)
	if n := strings.IndexByte(path[from:], '/'); n >= 0 {
		to = from + n
	}
	e, ok = starred[cut{path[:from], path[to:]}]
	return e, path[from:to], ok && to > from
}

// kindOf is the kind of an account of the chart; false if it is not in it.
func kindOf(path string) (ledger.Kind, bool) {
	e, _, ok := find(path)
	return e.kind, ok
}

// at is a line on an account of the chart; one that is not in it gets no kind,
// which Guard refuses.
func at(path string, f money.Fen) ledger.Line {
	k, _ := kindOf(path)
	return ledger.Line{Path: path, Kind: k, Fen: f}
}

func side(local bool) string {
	if local {
		return "local"
	}
	return "outside"
}

func channelPath(name string) string { return "channel/" + name + "/clearing" }

// cashPath is where money that leaves is taken from: the bank account, or what
// stands at a payment channel.
func cashPath(from string) string {
	if from == "bank" {
		return "bank/main"
	}
	return channelPath(from)
}
