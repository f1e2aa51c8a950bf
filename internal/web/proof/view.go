package proof

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
	"lindu.example/lindu/internal/tlog"
	"lindu.example/lindu/internal/tlog/entry"
	"lindu.example/lindu/internal/web/page"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// entryView is an entry in plain words, with its bytes for who wants them.
type entryView struct {
	Index   int64
	What    string // "Order paid"
	Day     string
	Hidden  bool
	Sums    []sumView
	Facts   []factView // what else an opening says
	Entry   string
	Opening string
	Salt    string
}

// sumView is money on one class of accounts; more than zero came in.
type sumView struct {
	Name string
	Fen  money.Fen
}

type factView struct{ Name, Value string }

// publicOf is an entry as everybody sees it.
func publicOf(b page.Base, l tlog.Row) entryView {
	v := entryView{Index: l.Seq, What: named(b, "proof.kind_", l.Kind), Entry: l.Body}
	e, err := entry.Parse([]byte(l.Body))
	if err != nil {
		return v
	}
	v.Day = e.Day
	if s, err := e.Sums(); err == nil {
		v.Hidden = s.Hidden
		v.Sums = sums(b, s.Fen)
	}
	return v
}

// openedOf is an entry as its owner sees it.
func openedOf(b page.Base, l tlog.Row) entryView {
	v := publicOf(b, l)
	v.Opening, v.Salt = l.Opening, l.Salt
	var t tlog.Txn
	if json.Unmarshal([]byte(l.Opening), &t) == nil && len(t.Lines) > 0 {
		by := map[string]int64{}
		for _, x := range t.Lines {
			by[classOf(x.Path)] += x.Fen
		}
		v.Sums = sums(b, by)
		return v
	}
	v.Facts = facts(b, l.Opening)
	return v
}

// classOf is an account without ids.
func classOf(path string) string {
	parts := slices.DeleteFunc(strings.Split(path, "/"), func(s string) bool { return id.Valid(s) })
	if len(parts) == 3 && parts[0] == "channel" {
		parts = []string{"channel", "clearing"}
	}
	return strings.Join(parts, "/")
}

// sums names classes and leaves out what only waited: a sale that is paid moves
// from pending to owed, and only where it went to is of interest.
func sums(b page.Base, fen map[string]int64) []sumView {
	var out []sumView
	for class, f := range fen {
		if f == 0 || strings.HasSuffix(class, "/pending") || strings.Contains(class, "pending/") {
			continue
		}
		out = append(out, sumView{named(b, "proof.class_", class), money.Fen(-f)})
	}
	slices.SortFunc(out, func(x, y sumView) int { return cmp.Or(cmp.Compare(y.Fen, x.Fen), cmp.Compare(x.Name, y.Name)) })
	return out
}

// facts are the fields of another opening; those in fen are money.
func facts(b page.Base, opening string) []factView {
	var m map[string]any
	if json.Unmarshal([]byte(opening), &m) != nil {
		return nil
	}
	var out []factView
	for _, k := range slices.Sorted(maps.Keys(m)) {
		switch x := m[k].(type) {
		case string:
			if !id.Valid(x) {
				out = append(out, factView{named(b, "proof.fact_", k), x})
			}
		case float64:
			name, isMoney := strings.CutSuffix(k, "_fen")
			switch {
			case isMoney:
				out = append(out, factView{named(b, "proof.fact_", name), b.Yuan(money.Fen(x))})
			case k == "from" || k == "to":
				out = append(out, factView{named(b, "proof.fact_", k), dayText(int64(x))})
			default:
				out = append(out, factView{named(b, "proof.fact_", k), b.P.T("proof.number", "N", int64(x))})
			}
		}
	}
	return out
}

// named is the words of a machine's name, or the name where there are none.
func named(b page.Base, prefix, name string) string {
	key := prefix + strings.NewReplacer("/", "_", ".", "_", "-", "_", "*", "x").Replace(name)
	if t := b.T(key); t != key {
		return t
	}
	return name
}

func dayText(d int64) string { return clock.Day(d).String() }

// Check is what the button needs to know.
type Check struct {
	Key     string // verifier key of the log
	Receipt string // address of a receipt's file; "" checks the log alone
	Items   int    // entries of the receipt that are published
}

// words are the sentences the script says, with {name} for what it fills in.
func (Check) words(b page.Base) string {
	out := map[string]string{}
	for _, k := range []string{"working", "fetched", "signed", "not_signed", "no_ed25519", "no_crypto", "cosigned", "tree_ok", "tree_bad", "seen_ok", "seen_first", "forked", "shrunk",
		"read", "altered", "local_ok", "local_bad", "balanced_bad", "opens", "not_opens", "stands", "not_stands", "receipt_key", "all_ok", "bad", "offline", "none", "data"} {
		out[k] = b.T("proof.js_" + k)
	}
	j, _ := json.Marshal(out) // strings always marshal
	return string(j)
}
