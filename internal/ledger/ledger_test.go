package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

func line(path string, fen money.Fen) ledger.Line {
	return ledger.Line{Path: path, Kind: ledger.Asset, Fen: fen}
}

func post(ctx context.Context, d *db.DB, txns ...ledger.Txn) (wrote []bool, err error) {
	err = d.Update(ctx, func(tx *db.Tx) error {
		wrote, err = ledger.Post(ctx, tx, txns...)
		return err
	})
	return wrote, err
}

func TestPostTwiceBooksOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		one := ledger.Txn{Ref: "a/1", Kind: "test", Memo: "m", Lines: []ledger.Line{line("x", 100), line("y/z", -100)}}
		two := ledger.Txn{Ref: "a/2", Kind: "test", Lines: []ledger.Line{line("x", 5), line("y/z", -2), line("x", -3)}}
		if w, err := post(ctx, d, one, two, one); err != nil || fmt.Sprint(w) != "[true true false]" {
			t.Fatal(w, err)
		}
		if w, err := post(ctx, d, two); err != nil || w[0] {
			t.Fatal(w, err)
		}
		bal, err := ledger.Balances(ctx, d, "")
		if err != nil || bal["x"] != 102 || bal["y/z"] != -102 {
			t.Fatal(bal, err)
		}
		if bal, _ = ledger.Balances(ctx, d, "y/"); len(bal) != 1 {
			t.Error("prefix:", bal)
		}
		if b, err := ledger.Balance(ctx, d, "never"); b != 0 || err != nil {
			t.Error(b, err)
		}
		es, err := ledger.Entries(ctx, d, "x", 2)
		if err != nil || len(es) != 2 || es[0].Fen != -3 || es[0].Ref != "a/2" {
			t.Error(es, err)
		}
		es, err = ledger.Find(ctx, d, "a/1")
		if err != nil || len(es) != 2 || es[0].Memo != "m" || es[0].Day == 0 {
			t.Error(es, err)
		}
	})
}

func TestPostRefusesWhatIsNoTransaction(t *testing.T) {
	long := strings.Repeat("a", 300)
	for name, c := range map[string]struct {
		txn  ledger.Txn
		want error
	}{
		"no ref":        {ledger.Txn{Kind: "k", Lines: []ledger.Line{line("x", 1), line("y", -1)}}, ledger.ErrTxn},
		"no kind":       {ledger.Txn{Ref: "r", Lines: []ledger.Line{line("x", 1), line("y", -1)}}, ledger.ErrTxn},
		"one line":      {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("x", 1)}}, ledger.ErrTxn},
		"zero line":     {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("x", 0), line("y", 0)}}, ledger.ErrTxn},
		"long ref":      {ledger.Txn{Ref: long, Kind: "k", Lines: []ledger.Line{line("x", 1), line("y", -1)}}, ledger.ErrTxn},
		"huge line":     {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("x", 1<<62), line("y", -1<<62)}}, ledger.ErrTxn},
		"unbalanced":    {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("x", 2), line("y", -1)}}, ledger.ErrUnbalanced},
		"upper case":    {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("X", 1), line("y", -1)}}, ledger.ErrPath},
		"empty part":    {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("x//y", 1), line("y", -1)}}, ledger.ErrPath},
		"leading slash": {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("/x", 1), line("y", -1)}}, ledger.ErrPath},
		"wildcard":      {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{line("x%", 1), line("y", -1)}}, ledger.ErrPath},
		"no kind of account": {ledger.Txn{Ref: "r", Kind: "k", Lines: []ledger.Line{
			{Path: "x", Kind: "", Fen: 1}, line("y", -1)}}, ledger.ErrKind},
	} {
		if err := c.txn.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestAccountKeepsItsKindAndLimits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := post(ctx, d, ledger.Txn{Ref: "1", Kind: "k", Lines: []ledger.Line{line("x", 1), line("y", -1)}}); err != nil {
			t.Fatal(err)
		}
		other := ledger.Line{Path: "x", Kind: ledger.Income, Fen: 1}
		if _, err := post(ctx, d, ledger.Txn{Ref: "2", Kind: "k", Lines: []ledger.Line{other, line("y", -1)}}); !errors.Is(err, ledger.ErrKind) {
			t.Errorf("other kind: %v", err)
		}
		if _, err := post(ctx, d, ledger.Txn{Ref: "2", Kind: "k", Lines: []ledger.Line{other, line("x", -1)}}); !errors.Is(err, ledger.ErrKind) {
			t.Errorf("two kinds at once: %v", err)
		}
		zero := money.Fen(0)
		limit := func(path string, least, greatest *money.Fen) error {
			return d.Update(ctx, func(tx *db.Tx) error { return ledger.Limit(ctx, tx, path, ledger.Asset, least, greatest) })
		}
		if err := limit("x", &zero, nil); err != nil {
			t.Fatal(err)
		}
		if err := limit("y", &zero, nil); !errors.Is(err, ledger.ErrLimit) {
			t.Errorf("limit past the balance: %v", err)
		}
		if err := limit("fund", nil, &zero); err != nil {
			t.Fatal(err)
		}
		over := ledger.Txn{Ref: "3", Kind: "k", Lines: []ledger.Line{line("x", -2), line("y", 2)}}
		if _, err := post(ctx, d, over); !errors.Is(err, ledger.ErrLimit) {
			t.Errorf("overdrawn: %v", err)
		}
		// Refused whole: nothing of it stands, and the ref is still free.
		over.Lines[0].Fen, over.Lines[1].Fen = -1, 1
		if w, err := post(ctx, d, over); err != nil || !w[0] {
			t.Errorf("to the limit: %v %v", w, err)
		}
		if b, _ := ledger.Balance(ctx, d, "x"); b != 0 {
			t.Errorf("x = %s", b)
		}
	})
}

func TestParallelWritersKeepTheBalances(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 10 {
					a, b := "x", "y"
					if (w+i%7)%2 == 0 {
						a, b = b, a // the other way round: would deadlock unsorted
					}
					_, err := post(context.Background(), d, ledger.Txn{Ref: fmt.Sprintf("t/%d/%d", w, i%7), Kind: "k", Lines: []ledger.Line{line(a, 3), line(b, -3)}})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var txns, sum int64
		if err := d.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM ledger_txn), (SELECT CAST(sum(fen) AS BIGINT) FROM ledger_posting WHERE path = 'x')`).Scan(&txns, &sum); err != nil {
			t.Fatal(err)
		}
		if b, _ := ledger.Balance(t.Context(), d, "x"); txns != 56 || int64(b) != sum {
			t.Errorf("%d transactions, balance %d, postings %d", txns, b, sum)
		}
	})
}

// TestBooksFollowTheModel posts random groups and compares every balance with
// a map.
func TestBooksFollowTheModel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		model, seen, told := map[string]money.Fen{}, map[string]bool{}, map[string]ledger.Txn{}
		rapid.Check(t, func(rt *rapid.T) {
			var group []ledger.Txn
			for range rapid.IntRange(1, 4).Draw(rt, "txns") {
				txn := ledger.Txn{Ref: fmt.Sprintf("r/%d", rapid.IntRange(0, 60).Draw(rt, "ref")), Kind: "k"}
				var sum money.Fen
				for range rapid.IntRange(1, 5).Draw(rt, "lines") {
					f := money.Fen(rapid.Int64Range(1, 1e6).Draw(rt, "fen")) * money.Fen(rapid.SampledFrom([]int64{-1, 1}).Draw(rt, "sign"))
					txn.Lines = append(txn.Lines, line(fmt.Sprintf("a/%d", rapid.IntRange(0, 5).Draw(rt, "account")), f))
					sum += f
				}
				if sum != 0 {
					txn.Lines = append(txn.Lines, line("rest", -sum))
				}
				if first, ok := told[txn.Ref]; ok {
					txn = first // told again
				}
				if len(txn.Lines) >= 2 {
					told[txn.Ref] = txn
					group = append(group, txn)
				}
			}
			wrote, err := post(ctx, d, group...)
			if err != nil {
				rt.Fatal(err)
			}
			for i, txn := range group {
				if wrote[i] == seen[txn.Ref] {
					rt.Fatalf("%s: written %v, stood %v", txn.Ref, wrote[i], seen[txn.Ref])
				}
				if seen[txn.Ref] {
					continue
				}
				seen[txn.Ref] = true
				for _, l := range txn.Lines {
					model[l.Path] += l.Fen
				}
			}
			got, err := ledger.Balances(ctx, d, "")
			if err != nil {
				rt.Fatal(err)
			}
			for p, f := range got {
				if model[p] != f {
					rt.Fatalf("%s: %s, model %s", p, f, model[p])
				}
			}
		})
	})
}
