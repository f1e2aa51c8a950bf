package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/db/dbtest"
	"lindu.example/lindu/internal/ledger"
	"lindu.example/lindu/internal/money"
)

func two(ref, from, to string, fen money.Fen) ledger.Txn {
	return ledger.Txn{Ref: ref, Kind: "k", Lines: []ledger.Line{line(to, fen), line(from, -fen)}}
}

func TestARefWithOtherLinesIsAMistake(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a := two("r", "x", "y", 10)
		if _, err := post(t.Context(), d, a); err != nil {
			t.Fatal(err)
		}
		turned := a
		turned.Lines = []ledger.Line{a.Lines[1], a.Lines[0]}
		if w, err := post(t.Context(), d, turned); err != nil || w[0] {
			t.Errorf("the same in another order: %v %v", w, err)
		}
		kind := a
		kind.Kind = "other"
		for name, b := range map[string]ledger.Txn{"amount": two("r", "x", "y", 11), "account": two("r", "x", "z", 10), "way": two("r", "y", "x", 10), "kind": kind} {
			if _, err := post(t.Context(), d, b); !errors.Is(err, ledger.ErrRef) {
				t.Errorf("another %s: %v", name, err)
			}
		}
		if _, err := post(t.Context(), d, two("n", "x", "y", 1), two("n", "x", "y", 2)); !errors.Is(err, ledger.ErrRef) {
			t.Errorf("in one call: %v", err)
		}
		if b, _ := ledger.Balance(t.Context(), d, "y"); b != 10 {
			t.Errorf("y = %s", b)
		}
	})
}

func hold(d *db.DB, what func(context.Context, *db.Tx) (bool, error)) (did bool, err error) {
	err = d.Update(context.Background(), func(tx *db.Tx) error {
		did, err = what(context.Background(), tx)
		return err
	})
	return did, err
}

func TestHeldThenSettledOrVoided(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		zero := money.Fen(0)
		if err := d.Update(ctx, func(tx *db.Tx) error { return ledger.Limit(ctx, tx, "fund", ledger.Asset, nil, &zero) }); err != nil {
			t.Fatal(err)
		}
		if _, err := post(ctx, d, two("in", "fund", "bank", 100)); err != nil { // the fund holds 100
			t.Fatal(err)
		}
		a, b := two("a", "bank", "fund", 60), two("b", "bank", "fund", 41)
		if ok, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Hold(ctx, tx, a) }); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if ok, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Hold(ctx, tx, a) }); ok || err != nil {
			t.Error("held twice:", ok, err)
		}
		acc, ok, err := ledger.Read(ctx, d, "fund")
		if err != nil || !ok || acc.Balance != -100 || acc.HeldDebit != 60 || acc.HeldCredit != 0 || *acc.Greatest != 0 {
			t.Errorf("%+v %v", acc, err)
		}
		// What is pending counts: neither another hold nor a posting may take it.
		if _, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Hold(ctx, tx, b) }); !errors.Is(err, ledger.ErrLimit) {
			t.Errorf("held past the limit: %v", err)
		}
		if _, err := post(ctx, d, b); !errors.Is(err, ledger.ErrLimit) {
			t.Errorf("posted what is held for another: %v", err)
		}
		other := two("a", "bank", "fund", 59)
		if _, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Settle(ctx, tx, other) }); !errors.Is(err, ledger.ErrRef) {
			t.Errorf("settled with other lines: %v", err)
		}
		for i := range 2 {
			if ok, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Settle(ctx, tx, a) }); ok != (i == 0) || err != nil {
				t.Error("settle", i, ok, err)
			}
		}
		if _, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Void(ctx, tx, "a") }); !errors.Is(err, ledger.ErrNoHold) {
			t.Errorf("voided what was settled: %v", err)
		}
		c := two("c", "bank", "fund", 40)
		if _, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Hold(ctx, tx, c) }); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			if ok, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Void(ctx, tx, "c") }); ok != (i == 0) || err != nil {
				t.Error("void", i, ok, err)
			}
		}
		if _, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Settle(ctx, tx, c) }); !errors.Is(err, ledger.ErrNoHold) {
			t.Errorf("settled what was voided: %v", err)
		}
		if _, err := hold(d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Void(ctx, tx, "never") }); !errors.Is(err, ledger.ErrNoHold) {
			t.Errorf("voided nothing: %v", err)
		}
		acc, _, _ = ledger.Read(ctx, d, "fund")
		if acc.Balance != -40 || acc.HeldDebit != 0 {
			t.Errorf("%+v", acc)
		}
		for _, q := range []string{`UPDATE ledger_hold_line SET fen = 1`, `DELETE FROM ledger_hold_end`, `UPDATE ledger_hold SET memo = 'x'`} {
			if _, err := d.Exec(ctx, q); !db.IsRefused(err) {
				t.Errorf("%s: %v", q, err)
			}
		}
	})
}

func TestDryRunTakesTheSamePathAndLeavesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		zero := money.Fen(0)
		if err := d.Update(ctx, func(tx *db.Tx) error { return ledger.Limit(ctx, tx, "x", ledger.Asset, &zero, nil) }); err != nil {
			t.Fatal(err)
		}
		if _, err := post(ctx, d, two("0", "y", "x", 50)); err != nil {
			t.Fatal(err)
		}
		bad := two("4", "y", "x", 5)
		bad.Lines[0].Kind = ledger.Income
		txns := []ledger.Txn{two("1", "x", "y", 30), two("2", "x", "y", 30), two("3", "x", "y", 20), bad, two("0", "y", "x", 50), two("0", "y", "x", 51)}
		trial, err := ledger.DryRun(ctx, d, txns...)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(trial.Wrote) != "[true false true false false false]" || trial.Balances["x"] != 0 || trial.Balances["y"] != 0 {
			t.Errorf("%+v", trial)
		}
		for i, want := range []error{nil, ledger.ErrLimit, nil, ledger.ErrKind, nil, ledger.ErrRef} {
			if !errors.Is(trial.Refused[i], want) {
				t.Errorf("%d: %v, want %v", i, trial.Refused[i], want)
			}
			// The real thing says the same.
			if _, err := post(ctx, d, txns[i]); !errors.Is(err, want) {
				t.Errorf("%d, really: %v, want %v", i, err, want)
			}
		}
		trial, err = ledger.DryRun(ctx, d, two("9", "x", "z", 0))
		if err != nil || !errors.Is(trial.Refused[0], ledger.ErrTxn) {
			t.Error(trial, err)
		}
		var n int64
		if err := d.QueryRow(ctx, `SELECT count(*) FROM ledger_txn`).Scan(&n); err != nil || n != 3 {
			t.Errorf("%d transactions, %v", n, err)
		}
	})
}

// TestEngineFollowsTheModel posts, holds, settles and voids at random over
// several days and compares every balance of every day, of accounts and of
// subtrees, and every pending amount, with a model in maps; while the days are
// kept up to random points.
func TestEngineFollowsTheModel(t *testing.T) {
	start := time.Date(2026, 3, 30, 10, 0, 0, 0, clock.Shanghai)
	dbtest.EachAt(t, func() clock.Clock { return clock.NewFake(start) }, func(t *testing.T, d *db.DB) {
		run, clk := 0, d.Clock.(*clock.Fake)
		rapid.Check(t, func(rt *rapid.T) {
			run++
			e := &engine{d: d, clk: clk, top: fmt.Sprintf("t%d", run), days: map[clock.Day]map[string]money.Fen{}, now: map[string]money.Fen{}, held: map[string]ledger.Txn{}}
			rt.Repeat(map[string]func(*rapid.T){"post": e.post, "hold": e.hold, "settle": e.settle, "void": e.void, "tomorrow": e.tomorrow, "keep": e.keep, "": e.check})
		})
	})
}

type engine struct {
	d    *db.DB
	clk  *clock.Fake
	top  string // accounts and refs of this run
	n    int
	days map[clock.Day]map[string]money.Fen // closing balances of days gone
	now  map[string]money.Fen
	held map[string]ledger.Txn // open holds by ref
}

func (e *engine) draw(t *rapid.T) ledger.Txn {
	path := rapid.SampledFrom([]string{"a", "a/b", "a/b/c", "a/b-c", "ab", "d/e", "d/f"})
	from, to := path.Draw(t, "from"), path.Draw(t, "to")
	if from == to {
		to = "rest"
	}
	e.n++
	return two(fmt.Sprintf("%s/%d", e.top, e.n), e.top+"/"+from, e.top+"/"+to, money.Fen(rapid.Int64Range(1, 1000).Draw(t, "fen")))
}

func (e *engine) move(txn ledger.Txn) {
	for _, l := range txn.Lines {
		e.now[l.Path] += l.Fen
	}
}

func (e *engine) post(t *rapid.T) {
	txn := e.draw(t)
	if _, err := post(context.Background(), e.d, txn); err != nil {
		t.Fatal(err)
	}
	e.move(txn)
}

func (e *engine) hold(t *rapid.T) {
	txn := e.draw(t)
	if ok, err := hold(e.d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Hold(ctx, tx, txn) }); !ok || err != nil {
		t.Fatal(ok, err)
	}
	e.held[txn.Ref] = txn
}

func (e *engine) one(t *rapid.T) ledger.Txn {
	if len(e.held) == 0 {
		t.Skip("nothing is held")
	}
	return e.held[rapid.SampledFrom(slices.Sorted(maps.Keys(e.held))).Draw(t, "held")]
}

func (e *engine) settle(t *rapid.T) {
	txn := e.one(t)
	if ok, err := hold(e.d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Settle(ctx, tx, txn) }); !ok || err != nil {
		t.Fatal(ok, err)
	}
	delete(e.held, txn.Ref)
	e.move(txn)
}

func (e *engine) void(t *rapid.T) {
	txn := e.one(t)
	if ok, err := hold(e.d, func(ctx context.Context, tx *db.Tx) (bool, error) { return ledger.Void(ctx, tx, txn.Ref) }); !ok || err != nil {
		t.Fatal(ok, err)
	}
	delete(e.held, txn.Ref)
}

func (e *engine) tomorrow(t *rapid.T) {
	e.days[clock.DayOf(e.clk.Now())] = maps.Clone(e.now)
	e.clk.Add(24 * time.Hour)
}

// keep takes everything up to a transaction into the days.
func (e *engine) keep(t *rapid.T) {
	var upTo string
	if err := e.d.QueryRow(context.Background(), `SELECT coalesce(max(id), '') FROM ledger_txn`).Scan(&upTo); err != nil {
		t.Fatal(err)
	}
	if err := ledger.KeepDaysBefore(context.Background(), e.d, upTo+"~"); err != nil {
		t.Fatal(err)
	}
}

func (e *engine) check(t *rapid.T) {
	ctx := context.Background()
	if len(e.now) == 0 {
		return
	}
	days := maps.Clone(e.days)
	days[ledger.Today] = e.now
	days[clock.DayOf(e.clk.Now())] = e.now
	day := rapid.SampledFrom(slices.Sorted(maps.Keys(days))).Draw(t, "day")
	got, err := ledger.BalancesAt(ctx, e.d, e.top, day)
	if err != nil {
		t.Fatal(err)
	}
	sub, pending := map[string]money.Fen{}, map[string]money.Fen{}
	for p, f := range days[day] {
		if got[p] != f {
			t.Fatalf("%s at %v: %s, model %s", p, day, got[p], f)
		}
		for x := p; strings.HasPrefix(x, e.top+"/"); x = x[:strings.LastIndexByte(x, '/')] {
			sub[x] += f
		}
	}
	tree, err := ledger.Tree(ctx, e.d, e.top, day)
	if err != nil || len(tree) == 0 || tree[0].Path != e.top || tree[0].Sum != 0 {
		t.Fatal(tree, err)
	}
	for _, n := range tree[1:] {
		one, err := ledger.SubtreeAt(ctx, e.d, n.Path, day)
		if n.Sum != sub[n.Path] || one != n.Sum || n.Own != days[day][n.Path] || err != nil {
			t.Fatalf("%+v at %v: subtree %s (%v), model %s", n, day, one, err, sub[n.Path])
		}
		if b, err := ledger.BalanceAt(ctx, e.d, n.Path, day); b != n.Own || err != nil {
			t.Fatalf("%s: %s, %v", n.Path, b, err)
		}
	}
	for _, h := range e.held {
		for _, l := range h.Lines {
			if l.Fen > 0 {
				pending[l.Path] += l.Fen
			}
		}
	}
	for p, f := range pending {
		if a, _, err := ledger.Read(ctx, e.d, p); a.HeldDebit != f || a.Balance != e.now[p] || err != nil {
			t.Fatalf("%+v (%v), model %s pending", a, err, f)
		}
	}
}

func TestRemadeDaysAreTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		if _, err := post(ctx, d, two("1", "x", "y", 5), two("2", "y", "z", 3)); err != nil {
			t.Fatal(err)
		}
		if err := ledger.KeepDaysBefore(ctx, d, "~"); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Exec(ctx, `UPDATE ledger_day SET fen = fen + 1`); err != nil {
			t.Fatal(err)
		}
		if err := ledger.RemakeDays(ctx, d); err != nil {
			t.Fatal(err)
		}
		if f, err := ledger.BalanceAt(ctx, d, "y", clock.DayOf(d.Clock.Now())); f != 2 || err != nil {
			t.Error(f, err)
		}
	})
}
