package promise

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/formancehq/numscript"

	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

// friends are where a cheat would like money to go, or take it from.
var friends = []string{"@commission:earned", "@commission:pending", "@fee:platform", "@freight:earned", "@service:earned", "@bank:main", "@owner:draw",
	"@trade:margin:local", "@trade:margin:outside", "@trade:pending:local", "@trade:pending:outside", "@trade:loss:local", "@trade:loss:outside",
	"@producer:local:other:owed", "@producer:outside:friend:owed", "@producer:local:other:paid", "@charity:fund", "@growth:fund", "@gift:received", "@gift:passed",
	"@profit:passed", "@costs:wages", "@costs:other", "@costs:rent", "@host:friend:owed", "@host:official:star:owed", "@agency:friend:owed", "@channel:wechat:clearing",
	"@refund:buyers:due", "@quarantine:held", "@tax:withheld", "@carrier:sf:owed", "@buyers:receivable", "@world", "@centre:tea"}

// mutate gives every way a script is altered: other destinations and sources,
// a slice on the way, swapped accounts and amounts, a movement left out, made
// twice or added, the remainder kept.
func mutate(script string, in input) map[string]string {
	out := map[string]string{}
	add := func(name, s string) {
		if s != script {
			out[name] = s
		}
	}
	places := append(slices.Clone(friends), "$held", "$producer", "$host", "$agency", "$cost", "$channel")
	places = slices.DeleteFunc(places, func(p string) bool { return p[0] == '$' && in.accounts[p[1:]] == "" })
	used := regexp.MustCompile(`[@$][a-z][a-z:-]*`)
	each(used, script, func(at int, word string, put func(string) string) {
		if !strings.HasPrefix(word, "@") && in.accounts[word[1:]] == "" {
			for n := range in.amounts { // an amount: any other, none, a fen more or less
				add(fmt.Sprintf("%s at %d is $%s", word, at, n), put("$"+n))
			}
			add(fmt.Sprintf("%s at %d is nothing", word, at), put("[CNY/2 0]"))
			add(fmt.Sprintf("%s at %d is a fen more", word, at), put(word+" + [CNY/2 1]"))
			add(fmt.Sprintf("%s at %d is a fen less", word, at), put(word+" - [CNY/2 1]"))
			add(fmt.Sprintf("%s at %d is in euro", word, at), put("[EUR/2 1]"))
			return
		}
		for _, p := range places {
			add(fmt.Sprintf("%s at %d is %s", word, at, p), put(p))
			add(fmt.Sprintf("%s at %d is an overdrawn %s", word, at, p), put(p+" allowing unbounded overdraft"))
		}
		for _, p := range places {
			for _, cut := range []string{"1%", "1/3", "100%"} {
				add(fmt.Sprintf("%s of what %s at %d gets goes to %s", cut, word, at, p), put(fmt.Sprintf("{ %s to %s remaining to %s }", cut, p, word)))
			}
			add(fmt.Sprintf("a fen of what %s at %d gets goes to %s", word, at, p), put(fmt.Sprintf("{ max [CNY/2 1] to %s remaining to %s }", p, word)))
			add(fmt.Sprintf("%s at %d gets only the remainder after %s", word, at, p), put(fmt.Sprintf("{ max [CNY/2 100] to %s remaining to %s }", p, word)))
		}
		add(fmt.Sprintf("%s at %d: half kept", word, at), put(fmt.Sprintf("{ 50%% to %s remaining kept }", word)))
	})
	each(regexp.MustCompile(`remaining to [@$][a-z:]+`), script, func(at int, word string, put func(string) string) {
		add(fmt.Sprintf("remainder kept at %d", at), put("remaining kept"))
		add(fmt.Sprintf("no remainder at %d", at), put(""))
	})
	each(regexp.MustCompile(`(?s)send \$.*?\n\)\n`), script, func(at int, word string, put func(string) string) {
		add(fmt.Sprintf("movement at %d left out", at), put(""))
		add(fmt.Sprintf("movement at %d made twice", at), put(word+word))
	})
	for _, from := range places {
		for _, to := range places {
			add(fmt.Sprintf("a fen more from %s to %s", from, to),
				script+fmt.Sprintf("send [CNY/2 1] (\n  source = %s allowing unbounded overdraft\n  destination = %s\n)\n", from, to))
		}
	}
	accounts := slices.Sorted(maps.Keys(in.accounts))
	for i, a := range accounts { // the names of two accounts change places
		for _, b := range accounts[i+1:] {
			add("$"+a+" and $"+b+" swapped", swapAfterVars(script, "$"+a, "$"+b))
		}
	}
	return out
}

func each(re *regexp.Regexp, script string, fn func(at int, word string, put func(string) string)) {
	body := strings.Index(script, "}\nsend") + 1
	for _, m := range re.FindAllStringIndex(script, -1) {
		if m[0] >= body {
			fn(m[0], script[m[0]:m[1]], func(s string) string { return script[:m[0]] + s + script[m[1]:] })
		}
	}
}

func swapAfterVars(script, a, b string) string {
	head, body, _ := strings.Cut(script, "}\nsend")
	return head + "}\nsend" + strings.NewReplacer(a, b, b, a).Replace(body)
}

// raw runs a script with none of the checks of a run: as if they had been
// cheated too, so that only the guard stands between it and the ledger.
func raw(script string, in input) ([]ledger.Line, error) {
	vars := numscript.VariablesMap{}
	for n, p := range in.accounts {
		vars[n] = accountOf(p)
	}
	for n, f := range in.amounts {
		vars[n] = fmt.Sprintf("%s %d", asset, int64(f))
	}
	balances := numscript.Balances{}
	for p, f := range in.held {
		balances[accountOf(p)] = numscript.AccountBalance{asset: big.NewInt(int64(f))}
	}
	prog, err := parse(script) // once for all cases: parsing takes most of the time
	if err != nil {
		return nil, err
	}
	res, err := safely(context.Background(), prog, vars, numscript.StaticStore{Balances: balances})
	if err != nil {
		return nil, err
	}
	sums := map[string]money.Fen{}
	for _, p := range res.Postings {
		if p.Asset != asset { // the ledger knows one money: nobody could even say it
			return nil, fmt.Errorf("money of another kind")
		}
		sums[pathOf(p.Source)] += money.Fen(p.Amount.Int64())
		sums[pathOf(p.Destination)] -= money.Fen(p.Amount.Int64())
	}
	var out []ledger.Line
	for _, p := range slices.Sorted(maps.Keys(sums)) {
		if sums[p] != 0 {
			out = append(out, at(p, sums[p]))
		}
	}
	return out, nil
}

// trial is one event a script is run for, with what guards it.
type trial struct {
	in    input
	guard func(ledger.Txn) error
}

func trials(scope Scope) []trial {
	var out []trial
	want := func(in input, no, key string, want map[string]money.Fen) {
		out = append(out, trial{in, func(t ledger.Txn) error {
			if err := Guard(t); err != nil {
				return err
			}
			for p, f := range want {
				if sum(t, p) != f {
					return broken(key, no, "")
				}
			}
			return nil
		}})
	}
	switch scope {
	case ForLocal, ForOutside:
		for _, x := range examples(scope == ForLocal) {
			if x.Goods < 100 || x.Goods > 2000000 {
				continue // enough of both sorts remain
			}
			out = append(out, trial{saleInput(x), func(t ledger.Txn) error {
				if err := Guard(t); err != nil {
					return err
				}
				return guardSale(Sale{Order: "o", Shares: []Share{x}}, wasPaid, []ledger.Txn{t})
			}})
		}
	case ForGift:
		want(input{accounts: map[string]string{"channel": "channel/w/clearing"}, amounts: map[string]money.Fen{"gift": 1000}}, "P2", "promise.gifts_to_charity",
			map[string]money.Fen{"channel/w/clearing": 1000, "charity/fund": -1000, "gift/received": -1000})
	case ForProfit:
		want(input{amounts: map[string]money.Fen{"profit": 1000}}, "P3", "promise.profit_to_growth", map[string]money.Fen{"growth/fund": -1000})
	case ForHost:
		want(input{accounts: map[string]string{"cost": "costs/wages", "host": "host/h/owed", "agency": "agency/a/owed"},
			amounts: map[string]money.Fen{"pay": 1000, "part": 200}}, "P4", "promise.official_host",
			map[string]money.Fen{"costs/wages": 1000, "host/h/owed": -800, "agency/a/owed": -200})
	}
	return out
}

// TestEveryCheatInAScriptIsRefused alters each script in each way. Each must be
// refused before it can be signed, and by the guard alone too, as if nothing
// else stood in the way. What is not refused must book, to the fen and account,
// just what the script of today does.
func TestEveryCheatInAScriptIsRefused(t *testing.T) {
	d := dbtest.SQLite(t)
	rules, err := Load(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, v := range rules.all {
		cases := trials(v.Scope)
		if err := Try(t.Context(), v.Scope, v.Script); err != nil {
			t.Fatalf("%s: %v", v.No, err)
		}
		honest := make([][]ledger.Line, len(cases))
		for i, c := range cases {
			if honest[i], err = raw(v.Script, c.in); err != nil {
				t.Fatal(err)
			}
			if err := c.guard(ledger.Txn{Ref: "r", Kind: "k", Lines: honest[i]}); err != nil {
				t.Fatalf("%s: %v", v.No, err)
			}
		}
		mutants := mutate(v.Script, cases[0].in)
		same := 0
		for i, name := range slices.Sorted(maps.Keys(mutants)) {
			if testing.Short() && i%10 != 0 {
				continue
			}
			script := mutants[name]
			refused, differs := false, false
			for i, c := range cases {
				lines, err := raw(script, c.in)
				if err == nil && slices.Equal(lines, honest[i]) {
					continue
				}
				differs = true
				if err != nil || c.guard(ledger.Txn{Ref: "r", Kind: "k", Lines: lines}) != nil {
					refused = true
				} else {
					t.Errorf("%s: %s: the guard let it pass: %v instead of %v", v.No, name, lines, honest[i])
				}
			}
			if !differs {
				same++
				continue
			}
			if err := Try(context.Background(), v.Scope, script); !refused || err == nil {
				t.Errorf("%s: %s could be signed (%v)\n%s", v.No, name, err, script)
			}
		}
		total += len(mutants)
		t.Logf("%s: %d alterations, %d of them book the same", v.No, len(mutants), same)
		if len(mutants) < 500 || same*4 > len(mutants) {
			t.Errorf("%s: %d alterations, %d of them book the same: too few real ones", v.No, len(mutants), same)
		}
	}
	t.Logf("%d alterations", total)
}
