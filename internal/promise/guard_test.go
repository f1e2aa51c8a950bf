package promise_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/promise"
)

// txn makes a transaction of "path fen" lines.
func txn(lines ...string) ledger.Txn {
	t := ledger.Txn{Ref: "r", Kind: "k"}
	for _, l := range lines {
		var path string
		var fen int64
		if _, err := fmt.Sscan(l, &path, &fen); err != nil {
			panic(err)
		}
		t.Lines = append(t.Lines, ledger.Line{Path: path, Fen: money.Fen(fen)})
	}
	return t
}

func TestGuardRefusesEveryCheat(t *testing.T) {
	const p1, p2, p3, p4, p5 = "promise.no_commission", "promise.gifts_to_charity", "promise.profit_to_growth", "promise.official_host", "promise.agreed_commission"
	for name, c := range map[string]struct {
		txn  ledger.Txn
		want string // "" when it keeps the promises
	}{
		"whole price to the farmer":            {txn("buyers/receivable 100", "producer/local/a/pending -100"), ""},
		"agreed price, the rest is margin":     {txn("buyers/receivable 100", "producer/local/a/pending -80", "trade/pending/local -20"), ""},
		"sold below the agreed price":          {txn("producer/local/a/pending 120", "trade/pending/local -20", "producer/local/a/owed -120", "trade/loss/local 20"), ""},
		"refund of a local sale":               {txn("producer/local/a/owed 100", "refund/buyers/due -100"), ""},
		"refund with margin":                   {txn("producer/local/a/owed 80", "trade/margin/local 20", "refund/buyers/due -100"), ""},
		"paid out":                             {txn("producer/local/a/paid 100", "channel/bank/clearing -100"), ""},
		"commission of an outside seller":      {txn("buyers/receivable 100", "producer/outside/b/pending -90", "commission/pending -10"), ""},
		"refund of an outside sale":            {txn("producer/outside/b/owed 90", "commission/earned 10", "refund/buyers/due -100"), ""},
		"commission":                           {txn("buyers/receivable 100", "producer/local/a/pending -90", "commission/pending -10"), p1},
		"earned commission":                    {txn("producer/local/a/pending 100", "producer/local/a/owed -90", "commission/earned -10"), p1},
		"fee":                                  {txn("producer/local/a/owed 10", "fee/service -10"), p1},
		"fee by another name":                  {txn("producer/local/a/owed 10", "donation/centre -10"), p1},
		"commission and back, off by one":      {txn("buyers/receivable 100", "producer/local/a/pending -99", "commission/a 4", "commission/b -5"), p1},
		"hidden under an outside share":        {txn("buyers/receivable 200", "producer/local/a/pending -90", "producer/outside/b/pending -100", "commission/pending -10"), p1},
		"one farmer pays another":              {txn("producer/local/a/owed 10", "producer/local/b/owed -10"), p1},
		"freight out of the farmer's money":    {txn("producer/local/a/owed 10", "freight/earned -10"), p1},
		"margin of outside goods":              {txn("buyers/receivable 100", "producer/local/a/pending -80", "trade/pending/outside -20"), p1},
		"all of it margin":                     {txn("buyers/receivable 100", "trade/pending/local -100"), p1},
		"slice on the way to the bank":         {txn("producer/local/a/paid 100", "channel/bank/clearing -98", "trade/margin/local -2"), p1},
		"slice into the centre's margin":       {txn("producer/local/a/owed 100", "trade/margin/local -100"), p1},
		"slice out of what is pending":         {txn("producer/local/a/pending 10", "trade/pending/local -10"), p1},
		"margin taken when money comes in":     {txn("producer/local/a/pending 100", "producer/local/a/owed -90", "trade/margin/local -10"), p1},
		"margin out of a refund":               {txn("producer/local/a/owed 110", "refund/buyers/due -100", "trade/margin/local -10"), p1},
		"loss taken back with the sale":        {txn("producer/local/a/owed 120", "trade/loss/local -20", "refund/buyers/due -100"), ""},
		"pending loss taken back":              {txn("producer/local/a/pending 120", "trade/pending/local -20", "buyers/receivable -100"), ""},
		"leaf missing":                         {txn("buyers/receivable 100", "producer/local/a -100"), p1},
		"leaf too deep":                        {txn("buyers/receivable 100", "producer/local/a/b/pending -100"), p1},
		"local root":                           {txn("buyers/receivable 100", "producer/local -100"), p1},
		"gift to the fund":                     {txn("channel/w/clearing 10", "gift/received -10", "gift/passed 10", "charity/fund -10"), ""},
		"gift refunded":                        {txn("gift/received 10", "gift/passed -10", "charity/fund 10", "refund/buyers/due -10"), ""},
		"gift kept":                            {txn("channel/w/clearing 10", "gift/received -10"), p2},
		"gift kept in part":                    {txn("channel/w/clearing 10", "gift/received -10", "gift/passed 10", "charity/fund -9", "channel/w/clearing -1"), p2},
		"gift to the centre":                   {txn("gift/received 10", "trade/margin/local -10"), p1},
		"gift to the growth fund":              {txn("gift/received 10", "growth/fund -10"), p2},
		"fund pays a named recipient":          {txn("charity/fund 10", "bank/main -10", "charity/paid/school 10", "charity/given -10"), ""},
		"fund pays nobody":                     {txn("charity/fund 10", "channel/bank/clearing -10"), p2},
		"fund pays more than it names":         {txn("charity/fund 10", "channel/bank/clearing -10", "charity/paid/school 9", "charity/given -9"), p2},
		"fund pays wages":                      {txn("charity/fund 10", "costs/wages -10"), p2},
		"names without paying":                 {txn("charity/paid/school 10", "charity/given -10"), p2},
		"profit to the growth fund":            {txn("profit/passed 15", "growth/fund -15"), ""},
		"profit to costs":                      {txn("trade/margin/outside 5", "costs/wages -5"), p3},
		"wages":                                {txn("costs/wages 5", "bank/main -5"), ""},
		"rent is given":                        {txn("costs/rent 5", "bank/main -5"), p3},
		"a friend's wages":                     {txn("costs/wages 5", "producer/outside/friend/owed -5"), p3},
		"money to the owner":                   {txn("owner/draw 5", "bank/main -5"), p3},
		"a cost nobody knows":                  {txn("costs/tea 5", "bank/main -5"), p3},
		"host's share":                         {txn("costs/host-share 12", "host/h/owed -10", "agency/a/owed -2"), ""},
		"host paid, tax withheld":              {txn("host/h/paid 10", "tax/withheld -2", "bank/main -8"), ""},
		"official host's share":                {txn("costs/host-share 12", "host/official/h/owed -12"), p4},
		"official host's wage":                 {txn("costs/wages 12", "host/official/h/owed -12"), p4},
		"official host paid":                   {txn("host/official/h/paid 12", "bank/main -12"), p4},
		"host's share of a farmer's money":     {txn("producer/local/a/owed 12", "host/h/owed -12"), p1},
		"host's share of a farmer's margin":    {txn("trade/margin/local 12", "host/h/owed -12"), p1},
		"host's share straight of commission":  {txn("commission/earned 12", "host/h/owed -12"), p3},
		"host's share out of gifts":            {txn("charity/fund 12", "host/h/owed -12"), p2},
		"tax of a farmer":                      {txn("producer/local/a/paid 100", "tax/withheld -2", "bank/main -98"), p1},
		"tax of an outside seller":             {txn("producer/outside/a/paid 100", "tax/withheld -2", "bank/main -98"), ""},
		"a farmer's money comes back":          {txn("producer/local/a/paid -100", "bank/main 100"), ""},
		"fee of an outside seller":             {txn("producer/outside/b/owed 10", "freight/pending -10"), p5},
		"more commission once paid":            {txn("producer/outside/b/pending 90", "commission/pending 10", "producer/outside/b/owed -80", "commission/earned -20"), p5},
		"provider's fee":                       {txn("costs/provider-fee 1", "channel/w/clearing -1"), ""},
		"provider's fee of a farmer":           {txn("producer/local/a/owed 1", "channel/w/clearing -1"), p1},
		"claim of the carrier":                 {txn("carrier/sf/owed 9", "refund/buyers/due -9"), ""},
		"claim of the centre":                  {txn("costs/claims 9", "refund/buyers/due -9"), ""},
		"quarantine":                           {txn("channel/w/clearing 9", "quarantine/held -9"), ""},
		"quarantined money kept":               {txn("quarantine/held 9", "service/earned -9"), "promise.no_such_booking"},
		"a buyer's refund kept":                {txn("refund/buyers/due 9", "service/earned -9"), "promise.no_such_booking"},
		"services":                             {txn("bank/main 9", "service/earned -9"), ""},
		"services taken back":                  {txn("bank/main -9", "service/earned 9"), ""},
		"services taken back to a friend":      {txn("charity/paid/a -9", "service/earned 9"), p2},
		"a carrier's payment taken back":       {txn("bank/main -9", "carrier/sf/owed 9"), ""},
		"tax handed over, taken back":          {txn("bank/main 9", "tax/withheld -9"), ""},
		"pay taken back":                       {txn("host/h/owed 9", "agency/a/owed 1", "costs/wages -10"), ""},
		"pay taken back to the bank":           {txn("host/h/owed 9", "bank/main -9"), "promise.profit_to_growth"},
		"the same account twice":               {txn("channel/w/clearing 9", "channel/w/clearing -4", "quarantine/held -5"), "promise.no_such_booking"},
		"an account nobody knows":              {txn("channel/w/clearing 9", "channel/w/tea -9"), "promise.no_such_booking"},
		"profit to the owner":                  {txn("trade/margin/outside 5", "owner/draw -5"), p3},
		"profit straight out of the bank":      {txn("commission/earned 5", "channel/bank/clearing -5"), p3},
		"profit to a friend":                   {txn("commission/earned 5", "producer/outside/friend/owed -5"), p3},
		"profit to a friend behind a refund":   {txn("commission/earned 5", "producer/outside/b/owed 5", "producer/outside/friend/owed -5", "refund/buyers/due -5"), p3},
		"growth fund pays a named purpose":     {txn("growth/fund 10", "bank/main -10", "growth/paid/road 10", "growth/given -10"), ""},
		"growth fund pays nobody":              {txn("growth/fund 10", "channel/bank/clearing -10"), p3},
		"growth fund back to profit":           {txn("growth/fund 10", "trade/margin/outside -10"), p3},
		"a name that only looks like the fund": {txn("trade/margin/outside 10", "growthfund -10"), p3},
	} {
		err := promise.Guard(c.txn)
		if c.want == "" && err != nil || c.want != "" && !fault.HasKey(err, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestRefusalNamesThePromise(t *testing.T) {
	err := promise.Guard(txn("producer/local/a/owed 10", "fee/service -10"))
	for l, words := range map[i18n.Lang]string{i18n.English: "no commission from local producers", i18n.Chinese: "佣金"} {
		if s := i18n.For(l).Err(fault.Of(err)); !strings.Contains(s, "P1") || !strings.Contains(s, words) {
			t.Errorf("%s: %s", l, s)
		}
	}
}

func drawSale(t *rapid.T) promise.Sale {
	s := promise.Sale{Order: id.New[id.Order](), Freight: money.Fen(rapid.Int64Range(0, 3000).Draw(t, "freight"))}
	for range rapid.IntRange(1, 5).Draw(t, "shares") {
		n := rapid.IntRange(0, 5).Draw(t, "producer")
		x := promise.Share{Producer: id.Producer(fmt.Sprint("f", n)), Local: n%2 == 0, Goods: money.Fen(rapid.Int64Range(1, 1e6).Draw(t, "goods"))}
		switch {
		case rapid.Bool().Draw(t, "agreed"):
			x.Agreed, x.Owed = true, money.Fen(rapid.Int64Range(1, 2*int64(x.Goods)).Draw(t, "pay"))
			x.Margin = x.Goods - x.Owed
		case !x.Local:
			x.Commission = x.Goods.Share(rapid.Int64Range(0, 5000).Draw(t, "bp"))
			x.Owed = x.Goods - x.Commission
		default:
			x.Owed = x.Goods
		}
		s.Shares = append(s.Shares, x)
	}
	return s
}

// TestBuiltTransactionsKeepThePromises: whatever a sale is, what is built of it
// balances and passes the guard; and with any slice cut from a local
// producer's line it is refused.
func TestBuiltTransactionsKeepThePromises(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawSale(rt)
		for _, x := range promise.Booked(s, "sandbox", true, false, true) {
			if err := x.Check(); err != nil {
				rt.Fatal(err)
			}
			if err := promise.Guard(x); err != nil {
				rt.Fatal(err)
			}
			for i, l := range x.Lines {
				if !strings.HasPrefix(l.Path, "producer/local/") {
					continue
				}
				cheat := x
				cheat.Lines = append([]ledger.Line{}, x.Lines...)
				cut := money.Fen(rapid.Int64Range(1, 100).Draw(rt, "cut"))
				cheat.Lines[i].Fen += cut
				to := rapid.SampledFrom([]string{"commission/pending", "commission/earned", "fee/platform", "freight/earned", "centre/tea", "gift/received",
					"producer/outside/x/owed", "producer/local/other/owed", "trade/margin/outside", "charity/fund", "growth/fund", "costs/rent"}).Draw(rt, "to")
				cheat.Lines = append(cheat.Lines, ledger.Line{Path: to, Kind: ledger.Income, Fen: -cut})
				if err := promise.Guard(cheat); err == nil {
					rt.Fatalf("a slice went to %s: %+v", to, cheat.Lines)
				}
			}
		}
	})
}
